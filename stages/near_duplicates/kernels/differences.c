/* Differences between two aligned spans: figures, names, negations. */

#include <stdlib.h>

#include "alignment.h"

/* Return true if a word stands in a span. */
static bool stands_in(int64_t word, const Paragraph *p, int64_t begin, int64_t end) {
    for (int64_t at = begin; at < end; at++)
        if (alike(word, p->words[at]))
            return true;
    return false;
}

/* Return true if a span spells a figure in a word of the language that is spoken. */
static bool spells(int64_t figure, const Paragraph *p, Span span, int64_t spoken, const FactWords *listed) {
    const int64_t key = compared_key(figure, spoken, listed);
    for (int64_t at = span.begin; at < span.end; at++)
        if (compared_key(p->words[at], spoken, listed) == key)
            return true;
    return false;
}

/* Return true if a span of a holds a figure that the span of b does not. */
bool numbers_apart(
    const Paragraph *a, const Paragraph *b, Span of_a, Span of_b, int64_t spoken, const FactWords *listed) {
    for (int64_t i = of_a.begin; i < of_a.end; i++)
        if (a->words[i] & NUMBER && !stands_in(a->words[i], b, of_b.begin, of_b.end)
            && !spells(a->words[i], b, of_b, spoken, listed))
            return true;
    return false;
}

/* Count how many more unmatched negations one span has than the other. */
int64_t contradictions(const Paragraph *a, const Paragraph *b, Span of_a, Span of_b, const Room *room) {
    int64_t surplus = 0;
    for (int64_t i = of_a.begin; i < of_a.end; i++)
        surplus += room->a[i].partner < 0 && a->words[i] & NEGATION;
    for (int64_t j = of_b.begin; j < of_b.end; j++)
        surplus -= room->passage_b[j] < 0 && b->words[j] & NEGATION;
    return llabs(surplus);
}

/* Return true if a word from `begin` to `end` is a name. */
static bool has_name(const Paragraph *p, int64_t begin, int64_t end) {
    for (int64_t at = begin; at < end; at++)
        if (p->words[at] & NAME)
            return true;
    return false;
}

/* Return true if, between two aligned words, each side has a name where the other has another. */
bool names_apart(const Paragraph *a, const Paragraph *b, Span of_a, const Room *room) {
    int64_t previous = -1;
    for (int64_t i = of_a.begin; i < of_a.end; i++) {
        if (room->a[i].partner < 0)
            continue;
        if (previous >= 0 && has_name(a, previous + 1, i)
            && has_name(b, room->a[previous].partner + 1, room->a[i].partner))
            return true;
        previous = i;
    }
    return false;
}

/* Return true if a word of each text, just outside a passage, is a figure, and not the same. */
bool other_figures(const Paragraph *a, const Paragraph *b, int64_t i, int64_t j) {
    if (i < 0 || j < 0 || i >= a->count || j >= b->count)
        return false;
    return a->words[i] & NUMBER && b->words[j] & NUMBER && !alike(a->words[i], b->words[j]);
}
