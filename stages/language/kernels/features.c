/* The walk over a text that py3langid does byte by byte in Python (`visit_counts`), and the rows of its table. */
#include <stdlib.h>
#include <string.h>

#include "stages/native/native.h"

enum { FREE = -1 };

/* A state of the automaton: where its row of `next` begins, and its feature, below 0 for none. One look into memory. */
typedef struct {
    int32_t row, feature;
} state;

/*
 * Find the features of a text in the order in which each is met first, and count them; returns how many there are.
 *
 * The automaton goes on from a state with `next[row + byte]`. `found` and `counts` have room for one feature a byte.
 */
EXPORT int64_t language_features(
    const uint8_t *bytes, int64_t length, const uint32_t *next, const state *states, int64_t *found, float *counts) {
    int64_t slots = 64, distinct = 0;
    while (slots < 2 * length)
        slots *= 2;
    int32_t *places = malloc((size_t)slots * sizeof *places); /* where in `found` a feature is, by its hash */
    if (places == NULL)
        return NO_MEMORY;
    for (int64_t slot = 0; slot < slots; slot++)
        places[slot] = FREE;
    state here = states[0];
    for (int64_t at = 0; at < length; at++) {
        here = states[next[here.row + bytes[at]]];
        const int32_t feature = here.feature;
        if (feature < 0)
            continue;
        int64_t slot = (int64_t)((uint32_t)feature * UINT32_C(2654435769) >> 8) & (slots - 1);
        while (places[slot] != FREE && found[places[slot]] != feature)
            slot = (slot + 1) & (slots - 1);
        if (places[slot] == FREE) {
            places[slot] = (int32_t)distinct;
            found[distinct] = feature;
            counts[distinct++] = 0;
        }
        counts[places[slot]]++;
    }
    free(places);
    return distinct;
}

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
        const uint16_t *from = table + features[at] * columns;
        for (int64_t column = 0; column < columns; column++)
            rows[at * columns + column] = widened(from[column]);
    }
    return 0;
}
