/* How words count towards the minimum that a copy has. */
#ifndef CONTENT_H
#define CONTENT_H

#include "alphabet.h"
#include "stages/native/native.h"

/* Count a word twice; a character of a script without spaces is half a word. */
INLINE int64_t halves_of(int64_t word) { return word & SINGLE ? 1 : 2; }

/*
 * Return true if a word is content where two texts are equal: no name, figure, function word or word of formulas.
 *
 * There a capital makes no name of a common word: a headline that others quote has one on all words, and "University" is
 * half a description.
 */
INLINE bool is_content(int64_t word) {
    return !(word & (word & COMMON ? NO_CONTENT & ~NAME : NO_CONTENT));
}

#endif
