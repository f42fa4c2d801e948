/* Upper bounds of a Smith–Waterman score: they spare most pairs and most cells of the others. */

#include <string.h>

#include "alignment.h"
#include "word_table.h"

/* First bits of a word, and of its stem, that a sketch takes. */
enum { WORD_BITS = 8, STEM_BITS = 48 };

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
        w.gain[2][flags] = w.gain[3][flags] = most[flags];
        if (!(flags & PLAIN))
            w.tear = smaller_score(w.tear, most[flags] - half);
    }
    return w;
}

/* Return the place where a sketch marks a word, or its stem. */
INLINE int64_t place_of(int64_t word, int first_bit) { return word >> first_bit & (SKETCH_BITS - 1); }

/*
 * Mark a paragraph's words, stems and pairs of neighbours in three tables.
 *
 * Collisions are not resolved: what is not marked is not in it, what is marked may be.
 */
void sketch_words(const Paragraph *a, Sketch *sketch) {
    memset(sketch, 0, sizeof *sketch);
    for (int64_t i = 0; i < a->count; i++) {
        if (i > 0)
            mark(sketch->neighbours, a->marks[i]);
        const int64_t word = a->words[i];
        mark(sketch->words, place_of(word, WORD_BITS));
        if (!(word & PLAIN))
            mark(sketch->stems, place_of(word, STEM_BITS));
    }
}

/* Bound the score of a local alignment of b with the sketched paragraph (see `remaining_bound_b`). */
int32_t sketch_bound(const Paragraph *b, const Sketch *sketch, const Weights *weights) {
    int32_t best = 0, run = 0;
    for (int64_t j = 0; j < b->count; j++) {
        const int64_t word = b->words[j];
        const int same = is_marked(sketch->words, place_of(word, WORD_BITS));
        const int hit = same << 1 | (is_marked(sketch->stems, place_of(word, STEM_BITS)) & !(word & PLAIN));
        run = larger_score(run + weights->gain[hit][word & FLAGS], 0);
        best = larger_score(best, run);
    }
    return best;
}

/* Return the first of the words of b that are linked by a slot, BEYOND if there is none. */
INLINE int32_t first_of(int32_t slot, const Room *room) {
    const Slot *found = &room->slots[slot];
    const int32_t first = found->first; /* read in any case, so that nothing need be guessed */
    return found->pair == room->pair ? first : BEYOND;
}

/* Note of every word of b that a lacks it, and list those that it may have, or has words of their stem; return how many.
   Nothing need be guessed. */
static int64_t list_hits(const Paragraph *b, const Weights *weights, Room *room) {
    int64_t n = 0;
    for (int64_t j = 0; j < b->count; j++) {
        const int64_t word = b->words[j];
        room->b[j] = (WordOfB){.slot = NOWHERE, .stem = NOWHERE, .gap = weights->gap[word & FLAGS]};
        room->hits[n] = (int32_t)j;
        n += is_marked(room->sketch.words, place_of(word, WORD_BITS))
             | (is_marked(room->sketch.stems, place_of(word, STEM_BITS)) & !(word & PLAIN));
    }
    return n;
}

/* Look up a word of b and its stem among those of a: note slots and `hit`. */
INLINE void look_up(int64_t word, WordOfB *noted, const Room *room) {
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

/* Return 2 if b has a word of a, 1 if it has its stem, as far as the first that it may be aligned with tells. */
INLINE int hit_of(const WordOfA *word, const Room *room) {
    const WordOfB *first = &room->b[word->first == BEYOND ? 0 : word->first]; /* read in any case */
    const int hit = 1 + ((first->slot == word->slot) | (first->next != BEYOND));
    return word->first == BEYOND ? 0 : hit;
}

/*
 * Look up the words of b among those of a, and link them; return the most that a local alignment can score.
 *
 * Notes what the words of b after each can add to an alignment: a word that a lacks is swapped or left out, and between
 * two that are no neighbours in a, something is (see `weights_by_flags`).
 */
int32_t link_and_bound(const Paragraph *b, const Weights *weights, Room *room) {
    int32_t best = 0, met = 0, passed = 0, later = 0;
    bool together = true; /* the word and the one after it are neighbours in a, too */
    room->pair++;
    for (int64_t n = list_hits(b, weights, room) - 1; n >= 0; n--) {
        const int64_t j = room->hits[n];
        look_up(b->words[j], &room->b[j], room);
        if (room->b[j].hit)
            link_word(j, room);
    }
    for (int64_t j = b->count - 1; j >= 0; j--) {
        const int64_t flags = b->words[j] & FLAGS;
        WordOfB *noted = &room->b[j];
        noted->after = larger_score(met, passed);
        const bool torn = (noted->hit == 2) & (later == 2) & !together;
        const int32_t on = larger_score(torn ? met - weights->tear : met, passed);
        passed = larger_score(noted->after + weights->gain[0][flags], 0);
        met = noted->hit ? on + weights->gain[noted->hit][flags] : 0;
        best = larger_score(best, met);
        later = noted->hit;
        together = is_marked(room->sketch.neighbours, b->marks[j]);
    }
    return best;
}

/* A bound of the score of an alignment with the words of a from one on, and the greatest so far. */
typedef struct {
    int32_t run, best;
} Bound;

/* Bound the score with one word of a more, the one before the others; list the word if b has one for it. */
INLINE Bound bound_with(Bound bound, const Paragraph *a, int64_t i, const Weights *weights, Room *room) {
    WordOfA *noted = &room->a[i];
    noted->after = bound.run;
    room->starts[room->first_start - 1] = (int32_t)i;
    room->first_start -= noted->first != BEYOND;
    bound.run = larger_score(bound.run + weights->gain[hit_of(noted, room)][a->words[i] & FLAGS], 0);
    bound.best = larger_score(bound.best, bound.run);
    return bound;
}

/*
 * Mark all words of a as free, and note the first of b that each may be aligned with; bound the score of an alignment
 * with them and note it for those after each, as `remaining_bound_a` does.
 */
int32_t link_back(const Paragraph *a, const Weights *weights, Room *room) {
    Bound bound = {0, 0};
    room->first_start = a->count;
    for (int64_t i = a->count - 1; i >= 0; i--) {
        WordOfA *noted = &room->a[i];
        noted->slot = noted->all_slot;
        noted->stem = noted->all_stem;
        noted->first = first_of(noted->stem >= 0 ? noted->stem : noted->slot, room);
        bound = bound_with(bound, a, i, weights, room);
    }
    return bound.best;
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

/* Do the same for the words of a that are in no passage yet, and advance the first of b that each may be aligned with to one that is free. */
int32_t remaining_bound_a(const Paragraph *a, const Weights *weights, Room *room) {
    Bound bound = {0, 0};
    room->first_start = a->count;
    for (int64_t i = a->count - 1; i >= 0; i--) {
        room->a[i].first = first_free(room->a[i].first, room);
        bound = bound_with(bound, a, i, weights, room);
    }
    return bound.best;
}

/*
 * Score the best alignment without gaps that begins where a word of a meets its first of b.
 *
 * The best alignment of all scores no less.
 */
int32_t gapless_score(const Paragraph *a, const Paragraph *b, const Weights *weights, const Room *room) {
    int32_t best = 0;
    int64_t behind = 0;
    for (int64_t start = room->first_start; start < a->count; start++) {
        const int64_t i = room->starts[start];
        if (i < behind)
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
