/* Matches of two paragraphs: passages cut at sentence borders, a row for each pair of sentences. */

#include "alignment.h"

/* Complete a match whose spans are known: note what differs in them, and in the whole sentences. */
static void describe(
    Match *match, const Paragraph *a, const Paragraph *b, int64_t spoken, const FactWords *listed, Room *room) {
    const Span in_a = match->a, in_b = match->b;
    const bool figures = numbers_apart(a, b, in_a, in_b, spoken, listed)
                        || numbers_apart(b, a, in_b, in_a, spoken, listed)
                        || other_figures(a, b, in_a.begin - 1, in_b.begin - 1)
                        || other_figures(a, b, in_a.end, in_b.end);
    match->differs = (figures ? NUMBERS_DIFFER : 0) | (names_apart(a, b, in_a, room) ? NAMES_DIFFER : 0)
                     | (contradictions(a, b, in_a, in_b, room) > 0 ? NEGATIONS_DIFFER : 0)
                     | facts_apart(a, b, match, spoken, listed, room);
}

/* Move the matches with `least` aligned words, and the best, to the front; return their number. */
static int64_t keep_matches(Match *matches, int64_t count, int64_t least) {
    int64_t best = 0, kept = 0;
    for (int64_t row = 0; row < count; row++)
        if (matches[row].aligned > matches[best].aligned)
            best = row;
    for (int64_t row = 0; row < count; row++)
        if (matches[row].aligned >= least || row == best)
            matches[kept++] = matches[row];
    return kept;
}

/*
 * Cut one aligned passage at sentence borders: put a match for each pair of sentences into `matches`; return how many.
 *
 * Sentence pairs with fewer than `least` aligned words are dropped unless they are the passage's best.
 */
static int64_t cut_passage(
    Match *matches, int passage, const Paragraph *a, const Paragraph *b, int64_t least, const Room *room) {
    int64_t count = 0;
    const Span words = room->passages[passage].a;
    for (int64_t i = words.begin; i < words.end; i++) {
        const int64_t j = room->a[i].partner;
        if (room->passage_a[i] != passage || j < 0)
            continue;
        const int64_t u = sentence_at(a, i), v = sentence_at(b, j);
        if (count == 0 || matches[count - 1].sentence_a != u || matches[count - 1].sentence_b != v)
            matches[count++] = (Match){.sentence_a = u, .sentence_b = v, .a.begin = i, .b.begin = j};
        matches[count - 1].a.end = i + 1;
        matches[count - 1].b.end = j + 1;
        matches[count - 1].aligned++;
    }
    return keep_matches(matches, count, least);
}

/*
 * Put the matches of two paragraphs, at most as many as words of a, into `matches`; return their number.
 *
 * `spoken` is the language of b.
 */
int64_t add_matches(
    Match *matches, int found, const Paragraph *a, const Paragraph *b, int64_t spoken, const FactWords *listed,
    int64_t fewest_aligned, Room *room) {
    int64_t count = 0;
    for (int passage = 0; passage < found; passage++) {
        const int64_t end = count + cut_passage(&matches[count], passage, a, b, fewest_aligned, room);
        for (; count < end; count++) {
            describe(&matches[count], a, b, spoken, listed, room);
            matches[count].sentence_a += a->before;
            matches[count].sentence_b += b->before;
        }
    }
    return count;
}
