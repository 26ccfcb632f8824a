// The twin of sorting.cot: the sort of std/sort (insertion sort of runs of eight, then merging bottom up), once a type.
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { NUMBERS = 500000, TEXTS = 80000, ROUNDS = 5, RUN = 8 };

typedef struct {
    const uint8_t *at;
    int64_t len;
} String;

typedef struct {
    int64_t key;
    double weight;
    String name;
} Record;

static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

#define DEFINE_SORT(T, sortBy)                                                                                  \
    static void insert_##sortBy(T *items, int64_t len, bool (*before)(T, T)) {                                  \
        for (int64_t i = 1; i < len; i++) {                                                                     \
            T value = items[i];                                                                                 \
            int64_t at = i;                                                                                     \
            for (; at > 0 && before(value, items[at - 1]); at--) items[at] = items[at - 1];                     \
            items[at] = value;                                                                                  \
        }                                                                                                       \
    }                                                                                                           \
                                                                                                                \
    static void merge_##sortBy(const T *from, T *to, int64_t len, int64_t start, int64_t width, bool (*before)(T, T)) { \
        int64_t middle = least(start + width, len), end = least(start + 2 * width, len), a = start, b = middle; \
        for (int64_t k = start; k < end; k++) {                                                                 \
            if (a < middle && (b >= end || !before(from[b], from[a]))) {                                        \
                to[k] = from[a];                                                                                \
                a += 1;                                                                                         \
            } else {                                                                                            \
                to[k] = from[b];                                                                                \
                b += 1;                                                                                         \
            }                                                                                                   \
        }                                                                                                       \
    }                                                                                                           \
                                                                                                                \
    static void sortBy(T *items, int64_t len, bool (*before)(T, T)) {                                           \
        for (int64_t start = 0; start < len; start += RUN) insert_##sortBy(items + start, least(RUN, len - start), before); \
        if (len <= RUN) return;                                                                                 \
        T *from = items, *to = calloc(len, sizeof(T));                                                          \
        for (int64_t width = RUN; width < len; width *= 2) {                                                    \
            for (int64_t start = 0; start < len; start += 2 * width) merge_##sortBy(from, to, len, start, width, before); \
            T *other = from;                                                                                    \
            from = to;                                                                                          \
            to = other;                                                                                         \
        }                                                                                                       \
        if (from != items) {                                                                                    \
            for (int64_t i = 0; i < len; i++) items[i] = from[i];                                               \
            to = from;                                                                                          \
        }                                                                                                       \
        free(to);                                                                                               \
    }

DEFINE_SORT(int64_t, sortInts)
DEFINE_SORT(String, sortStrings)
DEFINE_SORT(Record, sortRecordsBy)

static bool intBefore(int64_t a, int64_t b) { return a < b; }

static int64_t compare(String a, String b) {
    int64_t n = least(a.len, b.len);
    for (int64_t i = 0; i < n; i++) {
        if (a.at[i] != b.at[i]) return a.at[i] < b.at[i] ? -1 : 1;
    }
    if (a.len == b.len) return 0;
    return a.len < b.len ? -1 : 1;
}

static bool stringBefore(String a, String b) { return compare(a, b) < 0; }
static bool heavier(Record a, Record b) { return a.weight > b.weight; }
static bool lowerKey(Record a, Record b) { return a.key < b.key; }

static int64_t nextRandom(uint64_t *state) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (int64_t)(*state >> 33);
}

static int64_t sortNumbers(uint64_t *state) {
    int64_t *numbers = calloc(NUMBERS, sizeof(int64_t));
    for (int64_t i = 0; i < NUMBERS; i++) numbers[i] = nextRandom(state);
    sortInts(numbers, NUMBERS, intBefore);
    int64_t sum = 0;
    for (int64_t i = 0; i < NUMBERS; i++) sum += numbers[i] ^ i;
    free(numbers);
    return sum;
}

static String *makeTexts(uint64_t *state) {
    String *texts = calloc(TEXTS, sizeof(String));
    for (int64_t i = 0; i < TEXTS; i++) {
        int64_t len = 3 + nextRandom(state) % 8;
        uint8_t *text = calloc(len, 1);
        for (int64_t k = 0; k < len; k++) text[k] = (uint8_t)(97 + nextRandom(state) % 6);
        texts[i] = (String){text, len};
    }
    return texts;
}

static int64_t sortTexts(String *texts) {
    sortStrings(texts, TEXTS, stringBefore);
    int64_t sum = 0;
    for (int64_t i = 0; i < TEXTS; i++) sum += (int64_t)texts[i].at[0] * i + texts[i].len;
    return sum;
}

static int64_t sortRecords(uint64_t *state, const String *texts) {
    Record *records = calloc(TEXTS, sizeof(Record));
    for (int64_t i = 0; i < TEXTS; i++) {
        int64_t key = nextRandom(state) % 1000;
        records[i] = (Record){key, (double)(nextRandom(state) % 100), texts[i]};
    }
    sortRecordsBy(records, TEXTS, heavier);
    sortRecordsBy(records, TEXTS, lowerKey);
    int64_t sum = 0;
    for (int64_t i = 0; i < TEXTS; i++) {
        sum += (records[i].key ^ i) + records[i].name.len * i + (int64_t)records[i].weight * (i % 7);
    }
    free(records);
    return sum;
}

int main(void) {
    uint64_t state = 42;
    for (int64_t round = 0; round < ROUNDS; round++) {
        printf("numbers %" PRId64 "\n", sortNumbers(&state));
        String *texts = makeTexts(&state);
        printf("texts %" PRId64 "\n", sortTexts(texts));
        printf("records %" PRId64 "\n", sortRecords(&state, texts));
        for (int64_t i = 0; i < TEXTS; i++) free((void *)texts[i].at);
        free(texts);
    }
    return 0;
}
