/* Marks of words with the ones before them, and tables of bits. */
#ifndef SCREENING_H
#define SCREENING_H

#include "alphabet.h"
#include "spans.h"

/* Values of a mark. */
#define MARKS (UINT16_MAX + 1)

/* Return 1 if a place is marked, else 0: both of two are looked at, as a jump would cost more. */
INLINE int is_marked(const uint64_t *bits, int64_t place) { return (int)(bits[place >> 6] >> (place & 63) & 1); }

INLINE void mark(uint64_t *bits, int64_t place) { bits[place >> 6] |= UINT64_C(1) << (place & 63); }

#endif
