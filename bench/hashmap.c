// The twin of hashmap.cot: the table of std/map (entries in order of insertion, slots with linear probing) in C, once for
// integers and once for strings.
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS = 400000, ROUNDS = 4, WORDS = 3000000, VOCABULARY = 30000 };

typedef struct {
    const uint8_t *at;
    int64_t len;
} String;

static int64_t mixBits(uint64_t h) { return (int64_t)((h ^ (h >> 31)) & INT64_MAX); }

static int64_t hashInt(int64_t value) {
    uint64_t h = (uint64_t)value + 11400714819323198485u;
    h = (h ^ (h >> 30)) * 13787848793156543929u;
    h = (h ^ (h >> 27)) * 10723151780598845931u;
    return mixBits(h);
}

static int64_t hashString(String text) {
    uint64_t h = 14695981039346656037u;
    for (int64_t i = 0; i < text.len; i++) h = (h ^ text.at[i]) * 1099511628211u;
    return mixBits(h);
}

static bool sameInt(int64_t a, int64_t b) { return a == b; }
static bool sameString(String a, String b) { return a.len == b.len && memcmp(a.at, b.at, a.len) == 0; }

static void placeEntry(int32_t *slots, int64_t len, int64_t h, int64_t number) {
    int64_t mask = len - 1, slot = h & mask;
    while (slots[slot] != 0) slot = (slot + 1) & mask;
    slots[slot] = (int32_t)number;
}

#define DEFINE_MAP(Map, K, hashKey, sameKey)                                                  \
    typedef struct {                                                                          \
        K *keys;                                                                              \
        int64_t *values, *hashes;                                                             \
        int64_t room, used, count;                                                            \
        int32_t *slots;                                                                       \
        int64_t slotCount;                                                                    \
    } Map;                                                                                    \
                                                                                              \
    static int64_t find##Map(const Map *map, K key, int64_t h) {                              \
        if (map->slotCount == 0) return -1;                                                   \
        int64_t mask = map->slotCount - 1, slot = h & mask;                                   \
        while (true) {                                                                        \
            int64_t entry = (int64_t)map->slots[slot] - 1;                                    \
            if (entry < 0) return -1;                                                         \
            if (map->hashes[entry] == h && sameKey(map->keys[entry], key)) return entry;      \
            slot = (slot + 1) & mask;                                                         \
        }                                                                                     \
    }                                                                                         \
                                                                                              \
    static void free##Map(Map *map) {                                                         \
        free(map->keys);                                                                      \
        free(map->values);                                                                    \
        free(map->hashes);                                                                    \
        free(map->slots);                                                                     \
    }                                                                                         \
                                                                                              \
    static void grow##Map(Map *map) {                                                         \
        int64_t cap = 8;                                                                      \
        while (cap < map->count * 2) cap *= 2;                                                \
        K *keys = calloc(cap, sizeof(K));                                                     \
        int64_t *values = calloc(cap, sizeof(int64_t)), *hashes = calloc(cap, sizeof(int64_t)); \
        int32_t *slots = calloc(cap * 2, sizeof(int32_t));                                    \
        int64_t at = 0;                                                                       \
        for (int64_t i = 0; i < map->used; i++) {                                             \
            if (map->hashes[i] < 0) continue;                                                 \
            keys[at] = map->keys[i];                                                          \
            values[at] = map->values[i];                                                      \
            hashes[at] = map->hashes[i];                                                      \
            at += 1;                                                                          \
            placeEntry(slots, cap * 2, map->hashes[i], at);                                   \
        }                                                                                     \
        free##Map(map);                                                                       \
        *map = (Map){keys, values, hashes, cap, at, map->count, slots, cap * 2};              \
    }                                                                                         \
                                                                                              \
    static void set##Map(Map *map, K key, int64_t value) {                                    \
        int64_t h = hashKey(key), entry = find##Map(map, key, h);                             \
        if (entry >= 0) {                                                                     \
            map->values[entry] = value;                                                       \
            return;                                                                           \
        }                                                                                     \
        if (map->used == map->room) grow##Map(map);                                           \
        map->keys[map->used] = key;                                                           \
        map->values[map->used] = value;                                                       \
        map->hashes[map->used] = h;                                                           \
        map->used += 1;                                                                       \
        map->count += 1;                                                                      \
        placeEntry(map->slots, map->slotCount, h, map->used);                                 \
    }                                                                                         \
                                                                                              \
    static int64_t get##Map##Or(const Map *map, K key, int64_t other) {                       \
        int64_t entry = find##Map(map, key, hashKey(key));                                    \
        return entry < 0 ? other : map->values[entry];                                        \
    }

DEFINE_MAP(IntMap, int64_t, hashInt, sameInt)
DEFINE_MAP(StringMap, String, hashString, sameString)

static bool getInt(const IntMap *map, int64_t key, int64_t *value) {
    int64_t entry = findIntMap(map, key, hashInt(key));
    if (entry >= 0) *value = map->values[entry];
    return entry >= 0;
}

static bool deleteInt(IntMap *map, int64_t key) {
    int64_t entry = findIntMap(map, key, hashInt(key));
    if (entry < 0) return false;
    map->keys[entry] = 0;
    map->values[entry] = 0;
    map->hashes[entry] = -1;
    map->count -= 1;
    return true;
}

static int64_t nextRandom(uint64_t *state) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (int64_t)(*state >> 33);
}

static int64_t integers(uint64_t seed) {
    IntMap map = {0};
    uint64_t state = seed;
    for (int64_t i = 0; i < KEYS; i++) setIntMap(&map, nextRandom(&state), i);
    int64_t sum = 0;
    state = seed;
    for (int64_t i = 0; i < 2 * KEYS; i++) {
        int64_t value;
        if (getInt(&map, nextRandom(&state), &value)) sum += value;
    }
    state = seed;
    for (int64_t i = 0; i < KEYS; i++) {
        int64_t key = nextRandom(&state);
        if (i % 3 != 0 && deleteInt(&map, key)) sum += 1;
    }
    for (int64_t i = 0; i < KEYS; i++) setIntMap(&map, i * 3, getIntMapOr(&map, i * 3, 7) + i);
    sum += map.count;
    freeIntMap(&map);
    return sum;
}

static int64_t writeWord(uint8_t *text, int64_t number) {
    int64_t rest = number * 7919;
    int64_t len = 0;
    while (rest > 0 || len < 3) {
        text[len] = (uint8_t)(rest % 26 + 97);
        rest /= 26;
        len += 1;
    }
    return len;
}

static int64_t countWords(void) {
    uint8_t *text = calloc(WORDS * 8, 1);
    int64_t *starts = calloc(WORDS + 1, sizeof(int64_t));
    uint64_t state = 11;
    int64_t at = 0;
    for (int64_t i = 0; i < WORDS; i++) {
        starts[i] = at;
        int64_t span = nextRandom(&state) % VOCABULARY + 1;
        at += writeWord(text + at, nextRandom(&state) % span);
    }
    starts[WORDS] = at;
    StringMap counts = {0};
    for (int64_t i = 0; i < WORDS; i++) {
        String word = {text + starts[i], starts[i + 1] - starts[i]};
        setStringMap(&counts, word, getStringMapOr(&counts, word, 0) + 1);
    }
    int64_t sum = 0;
    for (int64_t i = 0; i < counts.used; i++) {
        if (counts.hashes[i] >= 0) sum += counts.keys[i].len * counts.values[i] * counts.values[i];
    }
    sum += counts.count;
    freeStringMap(&counts);
    free(text);
    free(starts);
    return sum;
}

int main(void) {
    for (int64_t round = 0; round < ROUNDS; round++) printf("integers %" PRId64 "\n", integers((uint64_t)round + 1));
    printf("words %" PRId64 "\n", countWords());
    return 0;
}
