/* The walk over a text that py3langid does byte by byte in Python (`visit_counts`), and the rows of its table. */
#include <stdlib.h>
#include <string.h>

#include "stages/native/native.h"

enum { FREE = -1 };

/* A state of the automaton: where its row of `next` begins, and its feature, below 0 for none. One look into memory. */
typedef struct {
    int32_t row, feature;
} state;

/* Texts that are walked side by side: each step waits for memory, so they wait together. Measured on excerpts of 350
 * bytes, rows and scores included: one by one 90 µs each, 4 at once 37, 8 and 16 34. */
enum { LANES = 8 };

/* The automaton goes on from a state with `next[row + byte]`. */
typedef struct {
    const uint32_t *next;
    const state *states;
} automaton;

/* Write the feature that each byte of a few texts leads to, below 0 for none; `starts` has one more than the texts. */
static void walk(const uint8_t *bytes, const int64_t *starts, int64_t texts, automaton model, int64_t *met) {
    state here[LANES];
    int64_t longest = 0;
    for (int64_t text = 0; text < texts; text++) {
        here[text] = model.states[0];
        const int64_t length = starts[text + 1] - starts[text];
        longest = length > longest ? length : longest;
    }
    for (int64_t step = 0; step < longest; step++)
        for (int64_t text = 0; text < texts; text++) {
            const int64_t at = starts[text] + step;
            if (at < starts[text + 1]) {
                here[text] = model.states[model.next[here[text].row + bytes[at]]];
                met[at] = here[text].feature;
            }
        }
}

/* Put the distinct ones among so many features at the beginning, in the order in which each is met first, and count
 * them; returns how many there are. `places` says where a feature is, by its hash. */
static int64_t count_distinct(int64_t *met, float *counts, int64_t length, int32_t *places) {
    int64_t slots = 64, distinct = 0;
    while (slots < 2 * length)
        slots *= 2;
    for (int64_t slot = 0; slot < slots; slot++)
        places[slot] = FREE;
    for (int64_t at = 0; at < length; at++) {
        const int64_t feature = met[at];
        if (feature < 0)
            continue;
        int64_t slot = (int64_t)((uint32_t)feature * UINT32_C(2654435769) >> 8) & (slots - 1);
        while (places[slot] != FREE && met[places[slot]] != feature)
            slot = (slot + 1) & (slots - 1);
        if (places[slot] == FREE) {
            places[slot] = (int32_t)distinct;
            met[distinct] = feature; /* what is there was read: no more are distinct than were met */
            counts[distinct++] = 0;
        }
        counts[places[slot]]++;
    }
    return distinct;
}

/*
 * Find the features of some texts, laid end to end, in the order in which each is met first, and count them.
 *
 * `found` and `counts` have room for one feature a byte; those of a text begin at its own start, and `distinct` says
 * how many they are. `starts` has one more than the texts.
 */
EXPORT int64_t language_features(
    const uint8_t *bytes, const int64_t *starts, int64_t texts, const uint32_t *next, const state *states,
    int64_t *found, float *counts, int64_t *distinct) {
    int64_t longest = 0;
    for (int64_t text = 0; text < texts; text++)
        longest = starts[text + 1] - starts[text] > longest ? starts[text + 1] - starts[text] : longest;
    int32_t *places = malloc((size_t)(4 * longest + 64) * sizeof *places);
    if (places == NULL)
        return NO_MEMORY;
    const automaton model = {next, states};
    for (int64_t first = 0; first < texts; first += LANES) {
        const int64_t some = texts - first < LANES ? texts - first : LANES;
        walk(bytes, starts + first, some, model, found);
        for (int64_t text = first; text < first + some; text++) {
            const int64_t start = starts[text];
            distinct[text] = count_distinct(found + start, counts + start, starts[text + 1] - start, places);
        }
    }
    free(places);
    return 0;
}

/* Ask the processor for memory that is read soon. */
#if defined(__GNUC__)
#define SOON(address) __builtin_prefetch(address)
#else
#define SOON(address) ((void)(address))
#endif
/* Rows that are asked for ahead of the one that is copied, and the bytes that memory comes in. */
enum { AHEAD = 6, LINE = 64 };

/* Return the number that 16 bits stand for (IEEE 754 binary16, finite): exact, small numbers too. */
INLINE float widened(uint16_t half) {
    uint32_t bits = (uint32_t)(half & 0x7FFF) << 13, sign = (uint32_t)(half & 0x8000) << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    value *= 0x1p112f; /* the exponent's bias is 15 there and 127 here */
    memcpy(&bits, &value, sizeof value);
    bits |= sign;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Copy the rows of a table of so many columns that belong to some features. */
EXPORT int64_t language_rows(
    const uint16_t *table, int64_t columns, const int64_t *features, int64_t count, float *rows) {
    for (int64_t at = 0; at < count; at++) {
        const char *later = (const char *)(table + features[at + AHEAD < count ? at + AHEAD : at] * columns);
        for (int64_t byte = 0; byte < columns * (int64_t)sizeof *table; byte += LINE)
            SOON(later + byte);
        const uint16_t *from = table + features[at] * columns;
        for (int64_t column = 0; column < columns; column++)
            rows[at * columns + column] = widened(from[column]);
    }
    return 0;
}
