/* Upper bounds of a Smith–Waterman score: they spare most pairs and most cells of the others. */

#include <string.h>

#include "alignment.h"
#include "word_table.h"

/* First bits of a word, of the word after it, and of its stem, that a sketch takes. */
enum { WORD_BITS = 8, NEXT_BITS = 16, STEM_BITS = 48 };

/*
 * Tabulate for every combination of flags the cost of leaving such a word out and the most that one gains.
 *
 * `tear` is the least that an alignment loses where it has two words that are neighbours in one text only: it leaves
 * out the words between them, or aligns one with another of its stem.
 */
Weights weights_by_flags(const int32_t *match, const int32_t *most, const Costs *costs) {
    const int32_t swap = (int32_t)costs->swap, gap = (int32_t)costs->gap, function_gap = (int32_t)costs->function_gap;
    Weights w = {.swap = swap, .tear = smaller_score(gap, function_gap)};
    for (int flags = 0; flags <= FLAGS; flags++) {
        const int32_t half = most[flags] >> 1;
        w.match[flags] = match[flags];
        w.gap[flags] = flags & FUNCTION ? function_gap : gap;
        w.gain[0][flags] = -smaller_score(swap, w.gap[flags]);
        w.gain[1][flags] = half;
        w.gain[2][flags] = most[flags];
        if (!(flags & PLAIN))
            w.tear = smaller_score(w.tear, most[flags] - half);
    }
    return w;
}

/* Return the place where a sketch marks a word, or its stem. */
INLINE int64_t place_of(int64_t word, int first_bit) { return word >> first_bit & (SKETCH_BITS - 1); }

/* Return the place where a sketch marks two neighbouring words. */
INLINE int64_t neighbours(int64_t one, int64_t other) {
    return (one >> WORD_BITS ^ other >> NEXT_BITS) & (SKETCH_BITS - 1);
}

/* Return 1 if a place is marked, else 0: both of two are looked at, as a jump would cost more. */
INLINE int is_marked(const uint64_t *bits, int64_t place) { return (int)(bits[place >> 6] >> (place & 63) & 1); }

INLINE void mark(uint64_t *bits, int64_t place) { bits[place >> 6] |= UINT64_C(1) << (place & 63); }

/*
 * Mark a paragraph's words, stems and pairs of neighbours in three small tables.
 *
 * Collisions are not resolved: what is not marked is not in it, what is marked may be.
 */
void sketch_words(const Paragraph *a, Sketch *sketch) {
    memset(sketch, 0, sizeof *sketch);
    for (int64_t i = 0; i < a->count; i++) {
        const int64_t word = a->words[i];
        mark(sketch->words, place_of(word, WORD_BITS));
        if (!(word & PLAIN))
            mark(sketch->stems, place_of(word, STEM_BITS));
        if (i > 0)
            mark(sketch->neighbours, neighbours(a->words[i - 1], word));
    }
}

/* Count the pairs of neighbouring words that b may share with the sketched paragraph: never too few. */
static int64_t shared_neighbours(const Paragraph *b, const Sketch *sketch) {
    int64_t shared = 0;
    for (int64_t j = 1; j < b->count; j++)
        shared += is_marked(sketch->words, place_of(b->words[j], WORD_BITS))
                  & is_marked(sketch->neighbours, neighbours(b->words[j - 1], b->words[j]));
    return shared;
}

/* Bound the score of a local alignment of b with the sketched paragraph (see `remaining_bound_b`). */
static int32_t sketch_bound(const Paragraph *b, const Sketch *sketch, const Weights *weights) {
    int32_t best = 0, run = 0;
    for (int64_t j = 0; j < b->count; j++) {
        const int64_t word = b->words[j];
        const bool stem = is_marked(sketch->stems, place_of(word, STEM_BITS)) & !(word & PLAIN);
        const int hit = is_marked(sketch->words, place_of(word, WORD_BITS)) ? 2 : stem;
        run = larger_score(run + weights->gain[hit][word & FLAGS], 0);
        best = larger_score(best, run);
    }
    return best;
}

/*
 * Return false only if no alignment with the sketched paragraph can score enough and share enough pairs of words, and
 * the two have no sentence in common that is long enough for a copy.
 */
bool may_match(const Paragraph *a, const Paragraph *b, const Sketch *sketch, const Scoring *scoring) {
    const int64_t shared = shared_neighbours(b, sketch);
    if (shared < scoring->costs.fewest_word_pairs)
        return false;
    return shared + 1 >= scoring->costs.minimum_words
           || sketch_bound(b, sketch, &scoring->weights) >= least_score(a, b, scoring);
}

/* Return the first of the words of b that are linked by a slot, BEYOND if there is none. */
INLINE int32_t first_of(int32_t slot, const Room *room) {
    const Slot *found = &room->slots[slot];
    const int32_t first = found->first; /* read in any case, so that nothing need be guessed */
    return found->pair == room->pair ? first : BEYOND;
}

/* Look up a word of b and its stem among those of a: note slots and `hit`. */
INLINE void look_up(int64_t word, WordOfB *noted, const Room *room) {
    noted->slot = noted->stem = NOWHERE;
    noted->hit = 0;
    if (is_marked(room->sketch.words, place_of(word, WORD_BITS)))
        noted->slot = find(word_key(word), room);
    if (noted->slot >= 0) {
        noted->stem = room->slots[noted->slot].stem;
        noted->hit = 2;
    } else if (!(word & PLAIN) && is_marked(room->sketch.stems, place_of(word, STEM_BITS))) {
        noted->stem = find(stem_key(word), room);
        noted->hit = noted->stem >= 0;
    }
}

/* Link word j with the words of b after it that one word of a may be aligned with: all of its stem, or all like it. */
INLINE void link_word(int64_t j, Room *room) {
    WordOfB *noted = &room->b[j];
    const int32_t slot = noted->stem >= 0 ? noted->stem : noted->slot;
    noted->next = first_of(slot, room);
    room->slots[slot].pair = room->pair;
    room->slots[slot].first = (int32_t)j;
}

/*
 * Look up the words of b among those of a, and link them; return the most that a local alignment can score.
 *
 * Notes what the words of b after each can add to an alignment: a word that a lacks is swapped or left out, and between
 * two that are no neighbours in a, something is (see `weights_by_flags`).
 */
int32_t link_and_bound(const Paragraph *b, const Weights *weights, Room *room) {
    int32_t best = 0, met = 0, passed = 0;
    int32_t later = 0;
    room->pair++;
    for (int64_t j = b->count - 1; j >= 0; j--) {
        const int64_t word = b->words[j], flags = word & FLAGS;
        WordOfB *noted = &room->b[j];
        look_up(word, noted, room);
        if (noted->hit)
            link_word(j, room);
        noted->gap = weights->gap[flags];
        noted->after = larger_score(met, passed);
        const bool torn = noted->hit == 2 && later == 2
                         && !is_marked(room->sketch.neighbours, neighbours(word, b->words[j + 1]));
        const int32_t on = larger_score(torn ? met - weights->tear : met, passed);
        passed = larger_score(noted->after + weights->gain[0][flags], 0);
        met = noted->hit ? on + weights->gain[noted->hit][flags] : 0;
        best = larger_score(best, met);
        later = noted->hit;
    }
    return best;
}

/* Mark all words of a as free, and note the first of b that each may be aligned with. */
void link_back(const Paragraph *a, Room *room) {
    for (int64_t i = 0; i < a->count; i++) {
        WordOfA *noted = &room->a[i];
        noted->slot = noted->all_slot;
        noted->stem = noted->all_stem;
        noted->first = first_of(noted->stem >= 0 ? noted->stem : noted->slot, room);
    }
}

/* Bound the score of an alignment with the words of b that are in no passage yet; note it for those after each. */
int32_t remaining_bound_b(const Paragraph *b, const Weights *weights, Room *room) {
    int32_t best = 0, run = 0;
    for (int64_t j = b->count - 1; j >= 0; j--) {
        WordOfB *noted = &room->b[j];
        noted->after = run;
        run = larger_score(run + weights->gain[noted->hit][b->words[j] & FLAGS], 0);
        best = larger_score(best, run);
    }
    return best;
}

/* Return the first word of b from `first` on that is free, of those that are linked. */
INLINE int32_t first_free(int32_t first, const Room *room) {
    while (first != BEYOND && room->b[first].slot < 0 && room->b[first].stem < 0)
        first = room->b[first].next;
    return first;
}

/* Do the same for the words of a, and advance the first of b that each may be aligned with to one that is free. */
int32_t remaining_bound_a(const Paragraph *a, const Weights *weights, Room *room) {
    int32_t best = 0, run = 0;
    for (int64_t i = a->count - 1; i >= 0; i--) {
        WordOfA *noted = &room->a[i];
        int hit = 0;
        noted->first = first_free(noted->first, room);
        if (noted->first != BEYOND) {
            const WordOfB *other = &room->b[noted->first];
            hit = other->slot == noted->slot || other->next != BEYOND ? 2 : 1;
        }
        noted->after = run;
        run = larger_score(run + weights->gain[hit][a->words[i] & FLAGS], 0);
        best = larger_score(best, run);
    }
    return best;
}

/*
 * Score the best alignment without gaps that begins where a word of a meets its first of b.
 *
 * The best alignment of all scores no less.
 */
int32_t gapless_score(const Paragraph *a, const Paragraph *b, const Weights *weights, const Room *room) {
    int32_t best = 0;
    int64_t behind = 0;
    for (int64_t i = 0; i < a->count; i++) {
        if (i < behind || room->a[i].first == BEYOND)
            continue;
        int64_t at = i;
        int32_t run = 0, most = 0;
        for (int64_t j = room->a[i].first; j < b->count && at < a->count; j++, at++) {
            const bool same = room->a[at].slot == room->b[j].slot;
            run += same ? weights->match[a->words[at] & FLAGS] : -weights->swap;
            if (run > most) {
                most = run;
                behind = at + 1;
            }
            if (run <= 0)
                break;
        }
        best = larger_score(best, most);
    }
    return best;
}
