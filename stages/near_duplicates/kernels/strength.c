/* Strength of a match: its passages, their borders, and the sentences that they cover. */

#include "alignment.h"

/* Words of a sentence or quotation so far, and how many of them lie in passages. */
typedef struct {
    int64_t words, inside;
} Covered;

/* Return true if a passage is one of some (a bit each). */
static bool is_one_of(int8_t passage, int passages) { return passage >= 0 && (passages >> passage & 1); }

/* Return the larger of a share and that of a sentence or quotation that ends, if it has `least` words; begin anew. */
static double end_part(double best, Covered *part, int64_t least) {
    const double share = part->words >= least ? (double)part->inside / (double)part->words : 0.0;
    *part = (Covered){0, 0};
    return share > best ? share : best;
}

/* Return the greatest share of a sentence or quotation of at least `least` words that lies in some passages. */
static double coverage(const Paragraph *p, const int8_t *passage_of, int passages, int64_t least) {
    double best = 0.0;
    int64_t sentence = 0;
    Covered in_sentence = {0, 0}, in_quotation = {0, 0};
    for (int64_t i = 0; i < p->count; i++) {
        const bool hit = is_one_of(passage_of[i], passages);
        in_sentence.words++;
        in_sentence.inside += hit;
        if (p->words[i] & QUOTED) {
            in_quotation.words++;
            in_quotation.inside += hit;
        }
        if (i + 1 == sentence_end(p, sentence)) {
            best = end_part(best, &in_sentence, least);
            sentence++;
        }
        if (i + 1 == p->count || !(p->words[i + 1] & QUOTED))
            best = end_part(best, &in_quotation, least);
    }
    return best;
}

/* Count the words between two spans (0 where they touch or overlap). */
static int64_t distance(Span one, Span other) {
    return larger(0, larger(one.begin, other.begin) - smaller(one.end, other.end));
}

/* Return true if a word stands in a quotation; there is none before the first word and behind the last. */
static bool quoted(const Paragraph *p, int64_t at) { return at >= 0 && at < p->count && (p->words[at] & QUOTED); }

/* Return true if a sentence begins with a word. */
static bool begins_sentence(const Paragraph *p, int64_t at) { return sentence_begin(p, sentence_at(p, at)) == at; }

/* Return true if a sentence or a quotation begins with a word. */
static bool begins_at(const Paragraph *p, int64_t at) {
    return (at > 0 && quoted(p, at) && !quoted(p, at - 1)) || begins_sentence(p, at);
}

/* Return true if a sentence or a quotation ends before a word. */
static bool ends_at(const Paragraph *p, int64_t at) {
    return at == p->count || (!quoted(p, at) && quoted(p, at - 1)) || begins_sentence(p, at);
}

/* Count at which of its two ends a passage begins or ends together with a sentence or quotation of both. */
static int common_borders(const Paragraph *a, const Paragraph *b, const Passage *passage) {
    return (begins_at(a, passage->a.begin) && begins_at(b, passage->b.begin))
           + (ends_at(a, passage->a.end) && ends_at(b, passage->b.end));
}

/* Count the ends of quotations in some passages (a bit each) that stand at the same word in both texts. */
static int64_t common_marks(const Paragraph *a, const Paragraph *b, int passages, const Room *room) {
    int64_t marks = 0;
    for (int64_t i = room->aligned.begin; i < room->aligned.end; i++) {
        const int64_t j = room->a[i].partner;
        if (is_one_of(room->passage_a[i], passages) && quoted(a, i) && quoted(b, j)) {
            marks += !quoted(a, i - 1) && !quoted(b, j - 1);
            marks += !quoted(a, i + 1) && !quoted(b, j + 1);
        }
    }
    return marks;
}

/* Count the words of a span, twice. */
int64_t halves_in(const Paragraph *p, Span span) {
    int64_t halves = 0;
    for (int64_t i = span.begin; i < span.end; i++)
        halves += halves_of(p->words[i]);
    return halves;
}

/*
 * Return true if some passages (a bit each) are long enough for a copy, and have enough words of content.
 *
 * The longer side counts, with what it puts in; all but an eighth of that must be equal. Names, figures, function
 * words and those of formulas are no content: two reporters share them without having copied. A word with a capital on
 * one side only is no name: a headline has them everywhere.
 */
bool suffices(const Paragraph *a, const Paragraph *b, int passages, const Scoring *scoring, const Room *room) {
    const int64_t least = 2 * scoring->costs.minimum_words;
    int64_t halves = 0, content = 0, length = 0;
    for (int k = 0; k < MOST_PASSAGES; k++)
        if (passages >> k & 1)
            length += larger(halves_in(a, room->passages[k].a), halves_in(b, room->passages[k].b));
    for (int64_t i = room->aligned.begin; i < room->aligned.end; i++) {
        if (room->a[i].partner >= 0 && is_one_of(room->passage_a[i], passages)) {
            halves += halves_of(a->words[i]);
            content += a->words[i] & b->words[room->a[i].partner] & NO_CONTENT ? 0 : halves_of(a->words[i]);
        }
    }
    return length >= least && 8 * halves >= 7 * least && content >= 2 * scoring->costs.minimum_content;
}

/* Count the words of a that are aligned in a passage, twice. */
static int64_t aligned_halves(const Paragraph *a, int passage, const Room *room) {
    int64_t halves = 0;
    const Span words = room->passages[passage].a;
    for (int64_t i = words.begin; i < words.end; i++)
        if (room->passage_a[i] == passage && room->a[i].partner >= 0)
            halves += halves_of(a->words[i]);
    return halves;
}

/* Note that the words of a passage are in none. */
static void drop(int passage, Room *room) {
    const Span words = room->passages[passage].a;
    for (int64_t i = words.begin; i < words.end; i++) {
        if (room->passage_a[i] != passage)
            continue;
        if (room->a[i].partner >= 0)
            room->passage_b[room->a[i].partner] = -1;
        room->passage_a[i] = -1;
        room->a[i].partner = -1;
    }
}

/* Drop passages that are too short: for one of their own, or, beside the best one (`near`, a bit each), for any. */
static void drop_short(const Paragraph *a, int found, int near, const Scoring *scoring, Room *room) {
    for (int k = 0; k < found; k++) {
        const int64_t least = near >> k & 1 ? scoring->costs.fewest_aligned : scoring->costs.minimum_words;
        if (aligned_halves(a, k, room) < 2 * least)
            drop(k, room);
    }
}

/* Return true if a quotation has these words and no more. */
static bool quoted_alone(const Paragraph *p, Span words) {
    return quoted(p, words.begin) && !quoted(p, words.begin - 1) && quoted(p, words.end - 1) && !quoted(p, words.end);
}

/* Return true if a passage is a quotation of both texts, from the first word of each to the last. */
bool is_quotation(const Paragraph *a, const Paragraph *b, const Passage *passage) {
    return quoted_alone(a, passage->a) && quoted_alone(b, passage->b);
}

/* Return the score from which the best passage of two paragraphs is looked at. */
int64_t least_score(const Paragraph *a, const Paragraph *b, const Scoring *scoring) {
    return a->quotes && b->quotes ? scoring->costs.quotation_floor : scoring->costs.best_floor;
}

/* Score a match: its best passage and its borders, the passages near it, and how much of a sentence they are. */
double strength_of(const Paragraph *a, const Paragraph *b, int found, const Scoring *scoring, Room *room) {
    const Passage *best = &room->passages[0];
    double strength = (double)best->score;
    int near = 1;
    strength += scoring->bonuses.border_bonus * common_borders(a, b, best);
    for (int k = 1; k < found; k++) {
        const Passage *other = &room->passages[k];
        if (larger(distance(best->a, other->a), distance(best->b, other->b)) <= scoring->costs.nearby_words) {
            strength += scoring->bonuses.further_share * (double)other->score;
            near |= 1 << k;
        }
    }
    strength += scoring->bonuses.mark_bonus * (double)common_marks(a, b, near, room);
    drop_short(a, found, near, scoring, room);
    if (!suffices(a, b, near, scoring, room)) /* without what was dropped: it would be no part of what is reported */
        return 0.0;
    const double covered_a = coverage(a, room->passage_a, near, scoring->costs.minimum_words);
    const double covered_b = coverage(b, room->passage_b, near, scoring->costs.minimum_words);
    return strength + scoring->bonuses.whole_sentence_bonus * (covered_a > covered_b ? covered_a : covered_b);
}
