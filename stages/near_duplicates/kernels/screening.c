/* Screening of candidate pairs: those that share too few pairs of neighbouring words are not aligned. */
#include <stdlib.h>

#include "screening.h"

/* The result where pairs and paragraphs do not fit together. */
#define NO_FIT (-1)
/* First bits of a word, and of the word after it, that a mark takes: no flags. */
enum { FIRST_BITS = 8, SECOND_BITS = 20 };

/* Marks of some paragraphs; `first` is the first of each, and behind the last one the number of all. */
typedef struct {
    const uint16_t *marks;
    const int64_t *first;
    int64_t count, paragraphs;
} Marks;

/*
 * Mark every word with a hash of it and of the one before it, and fill `quotes` with 1 for each paragraph that has a
 * word in quotation marks.
 */
EXPORT int64_t screening_mark(
    const int64_t *words, const int64_t *first, int64_t paragraphs, uint16_t *marks, uint8_t *quotes) {
    for (int64_t p = 0; p < paragraphs; p++) {
        int64_t before = 0, flags = 0;
        for (int64_t i = first[p]; i < first[p + 1]; i++) {
            marks[i] = (uint16_t)(before >> FIRST_BITS ^ words[i] >> SECOND_BITS);
            before = words[i];
            flags |= before;
        }
        quotes[p] = (flags & QUOTED) != 0;
    }
    return 0;
}

/* Have the processor fetch what later pairs need: where a paragraph begins, then its first marks. */
INLINE void fetch_ahead(const Marks *all, const int64_t *pairs, int64_t count) {
    const int64_t soon = count > 4 ? pairs[4] & UINT32_MAX : 0, later = count > 8 ? pairs[8] & UINT32_MAX : 0;
    if (soon < all->paragraphs)
        for (int line = 0; line < 2; line++) /* the processor guesses those after them */
            __builtin_prefetch(all->marks + all->first[soon] + 32 * line);
    if (later < all->paragraphs)
        __builtin_prefetch(all->first + later);
}

/* Find the marks of the pairs of neighbours in a paragraph; return false if they do not lie among all. */
static bool find_marks(const Marks *all, int64_t number, Span *found) {
    if (number < 0 || number >= all->paragraphs)
        return false;
    *found = (Span){all->first[number], all->first[number + 1]};
    if (found->begin < 0 || found->end < found->begin || found->end > all->count)
        return false;
    found->begin += found->begin < found->end;
    return true;
}

/* Count the marks of a paragraph that a table has. */
INLINE int64_t count_marked(const Marks *all, Span span, const uint64_t *table) {
    int64_t shared = 0;
    for (int64_t i = span.begin; i < span.end; i++)
        shared += is_marked(table, all->marks[i]);
    return shared;
}

/* Note the marks of another paragraph in a table that has those of one before it, of which most is empty. */
static void turn_to(const Marks *all, Span before, Span span, uint64_t *table) {
    for (int64_t i = before.begin; i < before.end; i++)
        table[all->marks[i] >> 6] = 0;
    for (int64_t i = span.begin; i < span.end; i++)
        mark(table, all->marks[i]);
}

/*
 * Keep the pairs of paragraphs that may share at least `fewest` pairs of neighbouring words, or may be equal: move them
 * to the front, and note how many they may share. Never too few are counted, and hardly ever too many. Returns how many
 * pairs are kept, or NO_FIT.
 */
EXPORT int64_t screening_keep(
    int64_t *pairs, int64_t count, const uint16_t *marks, int64_t word_count, const int64_t *first, int64_t paragraphs,
    int64_t fewest, int64_t *shared) {
    uint64_t table[MARKS / 64] = {0};
    const Marks all = {marks, first, word_count, paragraphs};
    Span a = {0, 0}, b;
    int64_t number = -1, kept = 0;
    for (int64_t at = 0; at < count; at++) {
        const int64_t pair = pairs[at];
        const Span before = a;
        fetch_ahead(&all, pairs + at, count - at);
        if (!find_marks(&all, pair >> 32, &a) || !find_marks(&all, pair & UINT32_MAX, &b))
            return NO_FIT;
        if (pair >> 32 != number)
            turn_to(&all, before, a, table);
        number = pair >> 32;
        pairs[kept] = pair;
        shared[kept] = count_marked(&all, b, table);
        kept += shared[kept] >= smaller(fewest, length_of(a) == length_of(b) ? length_of(a) : fewest);
    }
    return kept;
}
