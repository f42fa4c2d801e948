/* Shapes of paragraphs: their normal form, their words, how they begin and end. Characters beyond the basic plane, and
 * those of which the form depends on their neighbours, are left to Python. */
#include "stages/native/native.h"

enum { TABLE_SIZE = 0x10000 };

/* What is known of a character, above the 16 bits of its normal form (0: none, it parts words). Python has the same
 * numbers (paragraph_shapes.py). */
enum fact { FACT_SPACE = 1 << 16, FACT_HARD = 1 << 17, FACT_STOP = 1 << 18, FACT_ALNUM = 1 << 19, FACT_DIGIT = 1 << 20 };

/* What is found out about a paragraph; HARD: nothing, Python has to measure it. */
enum shape { SHAPE_HARD = 1, SHAPE_CLOSED = 2, SHAPE_END_UNSURE = 4, SHAPE_OPENS_WITH_DIGIT = 8 };

static uint32_t fact_of(const uint32_t *facts, uint32_t code) {
    return code < TABLE_SIZE ? facts[code] : FACT_HARD;
}

/* Write the normal form of a paragraph and count its words, which white space parts; return the form's length, or -1
 * where a character is hard. A form has no more characters than its paragraph. */
static int64_t write_form(const uint32_t *codes, int64_t length, const uint32_t *facts, uint32_t *form, int64_t *words) {
    int64_t used = 0, n_words = 0;
    bool in_word = false, parted = false;
    for (int64_t at = 0; at < length; at++) {
        const uint32_t fact = fact_of(facts, codes[at]), letter = fact & 0xFFFF;
        if (fact & FACT_HARD)
            return -1;
        const bool space = fact & FACT_SPACE;
        n_words += !space && !in_word;
        in_word = !space;
        if (letter == 0) {
            parted = used > 0;
            continue;
        }
        if (parted)
            form[used++] = ' ';
        parted = false;
        form[used++] = letter;
    }
    *words = n_words;
    return used;
}

/* Tell how a paragraph begins and ends, by its first and its last character. */
static uint8_t ends_of(const uint32_t *codes, int64_t length, const uint32_t *facts) {
    if (length == 0)
        return 0;
    const uint32_t first = fact_of(facts, codes[0]), last = fact_of(facts, codes[length - 1]);
    const uint8_t end = last & FACT_STOP ? SHAPE_CLOSED : last & FACT_ALNUM ? 0 : SHAPE_END_UNSURE;
    return end | (first & FACT_DIGIT ? SHAPE_OPENS_WITH_DIGIT : 0);
}

/*
 * Measure paragraphs, each followed by one character that belongs to none; `lengths` are theirs without it.
 *
 * `forms` becomes the normal form of each, followed by a line break; it has room for as many characters as `codes`.
 * Returns how many it holds. That of a hard paragraph is empty.
 */
EXPORT int64_t paragraph_shapes(const uint32_t *codes, const int64_t *lengths, int64_t paragraphs,
                                const uint32_t *facts, uint32_t *forms, int64_t *n_words, uint8_t *shapes) {
    int64_t used = 0;
    for (int64_t number = 0; number < paragraphs; number++) {
        n_words[number] = 0;
        const int64_t length = write_form(codes, lengths[number], facts, forms + used, n_words + number);
        shapes[number] = length < 0 ? SHAPE_HARD : ends_of(codes, lengths[number], facts);
        used += length < 0 ? 0 : length;
        forms[used++] = '\n';
        codes += lengths[number] + 1;
    }
    return used;
}
