// The twin of strings.cot: the functions of std/string that it uses, in C; a string is an address and a length, and a piece
// that was cut out is a view.
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RECORDS = 60000, ROUNDS = 16 };

typedef struct {
    const uint8_t *at;
    int64_t len;
} String;

typedef struct {
    String *items;
    int64_t room, count;
} List;

typedef struct {
    uint8_t *storage;
    int64_t room, count;
} Builder;

#define TEXT(literal) ((String){(const uint8_t *)(literal), sizeof(literal) - 1})

static String view(String text, int64_t from, int64_t to) { return (String){text.at + from, to - from}; }

static bool equal(String a, String b) { return a.len == b.len && memcmp(a.at, b.at, a.len) == 0; }

static void addItem(List *list, String value) {
    if (list->count == list->room) {
        list->room = list->room < 2 ? 4 : list->room * 2;
        list->items = realloc(list->items, list->room * sizeof(String));
    }
    list->items[list->count] = value;
    list->count += 1;
}

static void reserve(Builder *b, int64_t n) {
    if (b->count + n <= b->room) return;
    b->room = b->count + n > b->room * 2 ? b->count + n : b->room * 2;
    b->storage = realloc(b->storage, b->room);
}

static void addText(Builder *b, String text) {
    if (b->count + text.len > b->room) reserve(b, text.len > 16 ? text.len : 16);
    memcpy(b->storage + b->count, text.at, text.len);
    b->count += text.len;
}

static void addByte(Builder *b, uint8_t c) {
    if (b->count == b->room) reserve(b, 16);
    b->storage[b->count] = c;
    b->count += 1;
}

static void addInt(Builder *b, int64_t value) {
    if (value < 0) addByte(b, '-');
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value, power = 10;
    int64_t digits = 1;
    while (digits < 20 && rest >= power) {
        digits += 1;
        power *= 10;
    }
    if (b->count + digits > b->room) reserve(b, digits);
    for (int64_t at = b->count + digits; at > b->count; rest /= 10) b->storage[--at] = (uint8_t)(rest % 10 + 48);
    b->count += digits;
}

static bool indexOfByte(String text, uint8_t byte, int64_t start, int64_t *found) {
    for (int64_t i = start; i < text.len; i++) {
        if (text.at[i] == byte) {
            *found = i;
            return true;
        }
    }
    return false;
}

static bool indexOfFrom(String text, String part, int64_t start, int64_t *place) {
    int64_t n = part.len;
    if (start < 0 || start + n > text.len) return false;
    if (n == 1) return indexOfByte(text, part.at[0], start, place);
    uint64_t wanted = 0, found = 0, top = 1;
    for (int64_t i = 0; i < n; i++) {
        wanted = wanted * 16777619 + part.at[i];
        found = found * 16777619 + text.at[start + i];
        top *= 16777619;
    }
    for (int64_t at = start;; at++) {
        if (found == wanted && equal(view(text, at, at + n), part)) {
            *place = at;
            return true;
        }
        if (at + n >= text.len) return false;
        found = found * 16777619 + text.at[at + n] - top * text.at[at];
    }
}

static List split(String text, String separator) {
    List pieces = {0};
    int64_t at = 0, i;
    while (indexOfFrom(text, separator, at, &i)) {
        addItem(&pieces, view(text, at, i));
        at = i + separator.len;
    }
    addItem(&pieces, view(text, at, text.len));
    return pieces;
}

static bool cut(String text, String separator, String *name, String *value) {
    int64_t i;
    if (!indexOfFrom(text, separator, 0, &i)) return false;
    *name = view(text, 0, i);
    *value = view(text, i + separator.len, text.len);
    return true;
}

static String repeat(String text, int64_t times) {
    uint8_t *made = malloc(text.len * times + 1);
    for (int64_t i = 0; i < times; i++) memcpy(made + i * text.len, text.at, text.len);
    return (String){made, text.len * times};
}

static String reversed(String text) {
    uint8_t *made = malloc(text.len);
    for (int64_t i = 0; i < text.len; i++) made[text.len - 1 - i] = text.at[i];
    return (String){made, text.len};
}

static String toUpper(String text) {
    uint8_t *made = malloc(text.len);
    for (int64_t i = 0; i < text.len; i++) made[i] = text.at[i] >= 'a' && text.at[i] <= 'z' ? text.at[i] - 32 : text.at[i];
    return (String){made, text.len};
}

static String join(List parts, String separator) {
    int64_t len = 0;
    for (int64_t i = 0; i < parts.count; i++) len += parts.items[i].len + separator.len;
    Builder out = {0};
    reserve(&out, len);
    for (int64_t i = 0; i < parts.count; i++) {
        if (i > 0) addText(&out, separator);
        addText(&out, parts.items[i]);
    }
    return (String){out.storage, out.count};
}

static int64_t digitValue(uint8_t c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'Z') return c - 'A' + 10;
    if (c >= 'a' && c <= 'z') return c - 'a' + 10;
    return 99;
}

static int64_t parseIntOr(String text, int64_t other) {
    bool negative = text.len >= 1 && text.at[0] == '-';
    int64_t start = negative || (text.len >= 1 && text.at[0] == '+') ? 1 : 0;
    if (start == text.len) return other;
    int64_t least = INT64_MIN / 10, value = 0;
    for (int64_t i = start; i < text.len; i++) {
        int64_t digit = digitValue(text.at[i]);
        if (digit >= 10 || value < least || (value == least && digit > least * 10 - INT64_MIN)) return other;
        value = value * 10 - digit;
    }
    if (negative) return value;
    return value == INT64_MIN ? other : 0 - value;
}

/// What "name${a}=${b};check=${c}\n" is: formatted in one buffer that stays, then copied to a text of its own.
static String format(Builder *buffer, int64_t a, int64_t b, int64_t c) {
    buffer->count = 0;
    addText(buffer, TEXT("name"));
    addInt(buffer, a);
    addText(buffer, TEXT("="));
    addInt(buffer, b);
    addText(buffer, TEXT(";check="));
    addInt(buffer, c);
    addText(buffer, TEXT("\n"));
    uint8_t *made = malloc(buffer->count);
    memcpy(made, buffer->storage, buffer->count);
    return (String){made, buffer->count};
}

static String writeRecords(Builder *buffer, int64_t round) {
    Builder out = {0};
    for (int64_t i = 0; i < RECORDS; i++) {
        int64_t value = (i * 7919 + round) % 100003;
        String record = format(buffer, i % 1000, value, value * i);
        addText(&out, record);
        free((void *)record.at);
        if (i % 16 == 0) {
            addByte(&out, '#');
            String mark = repeat(TEXT("ab"), i % 9);
            addText(&out, mark);
            free((void *)mark.at);
            addByte(&out, '\n');
        }
    }
    return (String){out.storage, out.count};
}

/// `made` gathers the texts that are no views, to be freed.
static List changeFields(String text, List *made) {
    List fields = {0};
    List lines = split(text, TEXT("\n"));
    for (int64_t i = 0; i < lines.count; i++) {
        String line = lines.items[i], name, value;
        if (line.len == 0 || line.at[0] == '#') continue;
        List parts = split(line, TEXT(";"));
        for (int64_t k = 0; k < parts.count; k++) {
            if (!cut(parts.items[k], TEXT("="), &name, &value)) continue;
            String upper = toUpper(name);
            addItem(made, upper);
            addItem(&fields, upper);
            if (fields.count % 3 == 0) {
                value = reversed(value);
                addItem(made, value);
            }
            addItem(&fields, value);
        }
        free(parts.items);
    }
    free(lines.items);
    return fields;
}

static int64_t check(String text, List fields) {
    uint64_t h = 5381;
    for (int64_t i = 0; i < text.len; i++) h = h * 33 + text.at[i];
    int64_t sum = 0;
    for (int64_t i = 0; i < fields.count; i++) sum += parseIntOr(fields.items[i], 1);
    return (int64_t)(h >> 8) ^ sum;
}

int main(void) {
    Builder buffer = {0};
    for (int64_t round = 0; round < ROUNDS; round++) {
        List made = {0};
        String text = writeRecords(&buffer, round);
        List fields = changeFields(text, &made);
        String joined = join(fields, TEXT(", "));
        printf("%" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 "\n", text.len, fields.count, joined.len, check(joined, fields));
        for (int64_t i = 0; i < made.count; i++) free((void *)made.items[i].at);
        free(made.items);
        free(fields.items);
        free((void *)text.at);
        free((void *)joined.at);
    }
    return 0;
}
