/* Text model: which buckets of hashed features a paragraph is in, and the sum of their weights.
 *
 * Features are words, pairs of words, three shapes in a row, and both ends of the paragraph.
 */
#include <string.h>

#include "lines.h"

enum { HASHED = 1 << 16, ENDS = 3 /* tokens at either end that are features by their place */ };

/* Shapes of tokens, beyond Unicode; a sign is its own shape. */
enum shape { CAPITALS = 0x110001, CAPITALISED, NUMBER, PLAIN, END };

/* Kinds of features; the last two also stand for the next two tokens. */
enum kind { WORD = 1, PAIR, SHAPES, FIRST_SHAPES, LAST_SHAPES, FIRST_PAIR, LAST_PAIR, FIRST_TOKEN, LAST_TOKEN = 11 };

typedef struct { /* room for the longest paragraph: its tokens, their shapes, and the buckets that it is in */
    uint64_t *tokens, *shapes;
    int32_t *stamps; /* of each bucket: the last paragraph that was in it; 32 bits, for they are looked up everywhere */
    int64_t *found;
    int64_t count, used;
    int32_t stamp;
} workspace;

/* Hash a feature to its bucket: its kind, and up to three tokens or shapes (0 for none). */
static int64_t bucket_of(uint64_t kind, uint64_t first, uint64_t second, uint64_t third) {
    uint64_t value = (kind ^ FNV_OFFSET) * FNV_PRIME;
    value = (value ^ first) * FNV_PRIME;
    value = (value ^ (value >> 29) ^ second) * FNV_PRIME;
    value = (value ^ (value >> 29) ^ third) * FNV_PRIME;
    return (int64_t)((value ^ (value >> 31) ^ (value >> 47)) & (HASHED - 1));
}

/* Return the shape of a token with so many capitals. */
static uint64_t shape_of(const uint32_t *codes, const uint8_t *classes, int64_t begin, int64_t end, int64_t upper) {
    if (!is_word(classes[begin]))
        return codes[begin];
    if (upper == end - begin && upper > 1)
        return CAPITALS;
    if (classes[begin] == UPPER)
        return CAPITALISED;
    return classes[begin] == DIGIT ? NUMBER : PLAIN;
}

/* Find the words and signs of one paragraph. All digits are one. */
static void tokenize(const uint32_t *codes, const uint8_t *classes, int64_t start, int64_t end, workspace *room) {
    room->count = 0;
    for (int64_t at = start; at < end;) {
        if (classes[at] == SPACE) {
            at++;
            continue;
        }
        int64_t begin = at, upper = 0;
        uint64_t value = FNV_OFFSET;
        bool word = is_word(classes[begin]);
        do {
            value = (value ^ (classes[at] == DIGIT ? '0' : codes[at])) * FNV_PRIME;
            upper += classes[at] == UPPER;
            at++;
        } while (word && at < end && is_word(classes[at]));
        room->tokens[room->count] = value;
        room->shapes[room->count++] = shape_of(codes, classes, begin, at, upper);
    }
}

/* Note a feature's bucket if this paragraph has not been in it yet. */
static void add(workspace *room, uint64_t kind, uint64_t first, uint64_t second, uint64_t third) {
    int64_t bucket = bucket_of(kind, first, second, third);
    if (room->stamps[bucket] == room->stamp)
        return;
    room->stamps[bucket] = room->stamp;
    room->found[room->used++] = bucket;
}

/* Add the buckets of the first and the last tokens and shapes. */
static void add_ends(workspace *room) {
    const uint64_t *tokens = room->tokens, *shapes = room->shapes;
    int64_t count = room->count, last = count - 1;
    for (int64_t at = 0; at < smaller(ENDS, count); at++) {
        add(room, (uint64_t)(FIRST_TOKEN + at), tokens[at], 0, 0);
        add(room, (uint64_t)(LAST_TOKEN + at), tokens[last - at], 0, 0);
    }
    if (count > 1) {
        add(room, FIRST_PAIR, tokens[0], tokens[1], 0);
        add(room, LAST_PAIR, tokens[last - 1], tokens[last], 0);
    }
    if (count > 0) {
        add(room, FIRST_SHAPES, shapes[0], count > 1 ? shapes[1] : END, count > 2 ? shapes[2] : END);
        add(room, LAST_SHAPES, shapes[last], count > 1 ? shapes[last - 1] : END, count > 2 ? shapes[last - 2] : END);
    }
}

/* Find the different buckets of one paragraph. */
static void find_buckets(workspace *room) {
    const uint64_t *tokens = room->tokens, *shapes = room->shapes;
    room->used = 0;
    for (int64_t at = 0; at < room->count; at++) {
        add(room, WORD, tokens[at], 0, 0);
        add(room, PAIR, tokens[at], at + 1 < room->count ? tokens[at + 1] : END, 0);
        if (at + 2 < room->count)
            add(room, SHAPES, shapes[at], shapes[at + 1], shapes[at + 2]);
    }
    add_ends(room);
}

/* Tell if a paragraph does not end as sentences do. */
static bool ends_openly(const uint8_t *classes, int64_t start, int64_t end) {
    uint8_t last = last_inside(classes, start, end);
    return last != STOP && last != ELLIPSIS;
}

/* Take room for the longest paragraph. A token gives three buckets at most, and its ends ten more. */
static workspace room_for(pool *memory, const int64_t *starts, const int64_t *ends, int64_t paragraphs) {
    int64_t longest = 0;
    for (int64_t number = 0; number < paragraphs; number++)
        longest = larger(longest, ends[number] - starts[number]);
    workspace room = {take(memory, longest, sizeof(uint64_t)), take(memory, longest, sizeof(uint64_t)),
                      take(memory, HASHED, sizeof(int32_t)), take(memory, 3 * longest + 12, sizeof(int64_t)), 0, 0, 0};
    if (!memory->failed)
        memset(room.stamps, 0xFF, HASHED * sizeof *room.stamps); /* -1: no paragraph */
    return room;
}

/* Find per paragraph the number of its different buckets, and the sum of their weights.
 *
 * `weights` are those of the buckets in a paragraph that ends as sentences do, then in one that does not. */
EXPORT int64_t line_sum_weights(const uint32_t *codes, const uint8_t *classes, const int64_t *starts,
                                const int64_t *ends, int64_t paragraphs, const int16_t *weights, int64_t *counts,
                                int64_t *totals) {
    pool memory = {0};
    workspace room = room_for(&memory, starts, ends, paragraphs);
    for (int64_t number = 0; number < paragraphs && !memory.failed; number++) {
        room.stamp = (int32_t)number;
        tokenize(codes, classes, starts[number], ends[number], &room);
        find_buckets(&room);
        bool openly = ends_openly(classes, starts[number], ends[number]);
        const int16_t *chosen = weights + (openly ? HASHED : 0);
        int64_t total = 0;
        for (int64_t at = 0; at < room.used; at++)
            total += chosen[room.found[at]];
        totals[number] = total;
        counts[number] = room.used * (1 + openly);
    }
    return released(&memory, 0);
}

/* List per paragraph the number of its different buckets, and in `kept` all those in a row; return how many they are.
 *
 * `kept` has room for 6 buckets of each character and 24 of each paragraph. */
EXPORT int64_t line_list_buckets(const uint32_t *codes, const uint8_t *classes, const int64_t *starts,
                                 const int64_t *ends, int64_t paragraphs, int64_t *counts, int32_t *kept) {
    pool memory = {0};
    workspace room = room_for(&memory, starts, ends, paragraphs);
    int64_t n_kept = 0;
    for (int64_t number = 0; number < paragraphs && !memory.failed; number++) {
        room.stamp = (int32_t)number;
        tokenize(codes, classes, starts[number], ends[number], &room);
        find_buckets(&room);
        int64_t times = 1 + ends_openly(classes, starts[number], ends[number]);
        for (int64_t one = 0; one < times; one++)
            for (int64_t at = 0; at < room.used; at++)
                kept[n_kept++] = (int32_t)(room.found[at] + one * HASHED);
        counts[number] = room.used * times;
    }
    return released(&memory, n_kept);
}
