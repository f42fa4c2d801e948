/* What the compiled loops of the line model share: classes of characters and words, and hashes.
 *
 * The numbers are those of `line_characters.CHARACTERS` and `line_words.CLASS_NAMES`; a test compares them. The weights
 * depend on their order.
 */
#ifndef COPYDESK_LINES_H
#define COPYDESK_LINES_H

#include <stdlib.h>

#include "stages/native/memory.h"
#include "stages/native/native.h"

enum character_class {
    OTHER, SPACE, LOWER, UPPER, CASELESS, DIGIT, MARK, STOP, COMMA, COLON, QUOTE, APOSTROPHE, DASH, BAR, OPENING,
    CLOSING, AT, HASH, SLASH, ELLIPSIS, UNDERSCORE,
    N_CHARACTERS
};

enum { N_CLASSES = 17 };    /* classes of words */
enum { FUNCTION_WORDS = 1 }; /* the bit of the first class */

/* FNV-1a with 64 bits. */
static const uint64_t FNV_OFFSET = 0xCBF29CE484222325u;
static const uint64_t FNV_PRIME = 0x100000001B3u;

/* Tell if characters of this class make words. */
static inline bool is_word(uint8_t kind) {
    return kind >= LOWER && kind <= MARK;
}

/* Return the class of the last character inside quotes and brackets. */
static inline uint8_t last_inside(const uint8_t *classes, int64_t start, int64_t end) {
    int64_t at = end - 1;
    while (at > start && (classes[at] == QUOTE || classes[at] == APOSTROPHE || classes[at] == CLOSING
                          || classes[at] == SPACE))
        at--;
    return at >= start ? classes[at] : SPACE;
}

/* Hash the code points of a word. 0 marks an empty place in the tables, so no word has it. */
static inline uint64_t hash_word(const uint32_t *codes, int64_t start, int64_t end) {
    uint64_t value = FNV_OFFSET;
    for (int64_t at = start; at < end; at++)
        value = (value ^ codes[at]) * FNV_PRIME;
    return value ? value : 1;
}

/* Return the length of the longest of some stretches; `begins` are where each begins, and the end. */
static inline int64_t longest_of(const int64_t *begins, int64_t stretches) {
    int64_t longest = 0;
    for (int64_t number = 0; number < stretches; number++)
        longest = larger(longest, begins[number + 1] - begins[number]);
    return longest;
}

#endif
