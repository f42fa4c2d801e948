/* Counts of the line model: signs, words, shapes and word classes, by one pass over a paragraph's characters. */
#include <string.h>

#include "line_counts.h"

typedef struct { /* an open-addressing table of the listed words, and their classes as bits */
    const uint64_t *keys;
    const int64_t *values;
    int64_t size;
} word_table;

/* Return the classes of the word with this hash, as bits; 0 for a word that is in no list. */
static int64_t look_up(const word_table *table, uint64_t wanted) {
    int64_t at = (int64_t)(wanted & (uint64_t)(table->size - 1));
    for (; table->keys[at] != 0; at = (at + 1) & (table->size - 1))
        if (table->keys[at] == wanted)
            return table->values[at];
    return 0;
}

/* Tell if a word ends as an English participle does. */
static bool ends_in_ing(const uint32_t *codes, int64_t end) {
    return codes[end - 3] == 'i' && codes[end - 2] == 'n' && codes[end - 1] == 'g';
}

/* Tell if a number with these first digits is a year of the last century or of this one. */
static bool is_century(uint32_t first, uint32_t second) {
    return (first == '1' && second == '9') || (first == '2' && second == '0');
}

/* Count one more capitalised word at the paragraph's beginning, where all words before it are. */
static void count_lead(uint8_t first, int64_t upper, int64_t digits, int64_t length, int32_t *row) {
    if (row[COUNT_WORDS] == row[COUNT_LEAD_CAPS] && upper == length && length > 1)
        row[COUNT_LEAD_CAPS]++;
    if (row[COUNT_WORDS] == row[COUNT_LEAD_CAPITALISED] && (first == UPPER || digits))
        row[COUNT_LEAD_CAPITALISED]++;
}

/* Count the shape of one word: capitals, digits, length, an English participle's ending, a year. */
static void count_word(const uint32_t *codes, const uint8_t *classes, int64_t start, int64_t end, int32_t *row) {
    int64_t upper = 0, digits = 0, length = end - start;
    for (int64_t at = start; at < end; at++) {
        upper += classes[at] == UPPER;
        digits += classes[at] == DIGIT;
    }
    row[COUNT_LETTERS] += (int32_t)(length - digits);
    row[COUNT_LONGEST_WORD] = (int32_t)larger(row[COUNT_LONGEST_WORD], length);
    row[COUNT_NUMBERS] += digits == length;
    row[COUNT_CAPITALISED] += classes[start] == UPPER;
    row[COUNT_ALL_CAPS] += upper == length && length > 1;
    row[COUNT_JOINED] += (digits > 0 && digits < length) || (upper > 1 && upper < length);
    if (length > 4 && digits == 0) {
        row[COUNT_ING] += ends_in_ing(codes, end);
        row[COUNT_ED] += codes[end - 2] == 'e' && codes[end - 1] == 'd';
    }
    if (digits == 4 && length == 4)
        row[COUNT_YEARS] += is_century(codes[start], codes[start + 1]);
    count_lead(classes[start], upper, digits, length, row);
}

/* Count the classes of one word, in the paragraph and in the bracket that it ends with. */
static void count_classes(int64_t mask, int32_t *row) {
    for (int number = 0; mask; number++, mask >>= 1) {
        row[COUNT_HAS + number] += mask & 1;
        row[COUNT_TAIL + number] += mask & 1;
    }
}

/* Write the classes of the first or the last word, each in its column. */
static void spread(int64_t mask, int32_t *columns) {
    for (int number = 0; number < N_CLASSES; number++)
        columns[number] = (mask >> number) & 1;
}

/* Count one character that is in no word: sentence ends, labels, brackets, times and dates. */
static void count_sign(const uint8_t *classes, int64_t at, int64_t start, int64_t end, int32_t *row) {
    uint8_t kind = classes[at];
    uint8_t before = at > start ? classes[at - 1] : SPACE, after = at + 1 < end ? classes[at + 1] : SPACE;
    bool between_digits = before == DIGIT && after == DIGIT;
    if (kind == STOP) {
        row[COUNT_SENTENCES] += before != STOP && after != LOWER && after != UPPER && after != DIGIT && after != STOP;
        row[COUNT_HOSTS] += before == LOWER && after == LOWER;
    }
    if (kind == COLON) {
        if (row[COUNT_WORDS_BEFORE_COLON] < 0 && after == SPACE)
            row[COUNT_WORDS_BEFORE_COLON] = row[COUNT_WORDS];
        row[COUNT_TIMES] += between_digits;
        row[COUNT_COLONS_IN_WORDS] += after != SPACE;
    }
    if (kind == OPENING) {
        row[COUNT_TAIL_BRACKET_WORDS] = 0;
        memset(row + COUNT_TAIL, 0, N_CLASSES * sizeof *row);
    }
    if (kind == STOP || kind == SLASH || kind == DASH)
        row[COUNT_DATES] += between_digits;
}

/* Note the classes of the first and the last character, and of the last one inside quotes and brackets. */
static void count_ends(const uint8_t *classes, int64_t start, int64_t end, int32_t *row) {
    row[COUNT_FIRST] = end > start ? classes[start] : SPACE;
    row[COUNT_LAST] = end > start ? classes[end - 1] : SPACE;
    row[COUNT_TAIL_BRACKET] =
        end > start && (classes[end - 1] == CLOSING || (end - start > 1 && classes[end - 2] == CLOSING));
    row[COUNT_LAST_INSIDE] = last_inside(classes, start, end);
}

/* Fill one row of counts, and the hashes and classes of the paragraph's words; return their number. */
static int64_t count_paragraph(const uint32_t *codes, const uint8_t *classes, int64_t start, int64_t end,
                               const word_table *table, int32_t *row, uint64_t *hashes, int64_t *masks) {
    int64_t used = 0, at = start;
    row[COUNT_WORDS_BEFORE_COLON] = -1;
    while (at < end) {
        row[classes[at]]++;
        if (!is_word(classes[at])) {
            count_sign(classes, at, start, end, row);
            at++;
            continue;
        }
        int64_t begin = at++;
        while (at < end && is_word(classes[at]))
            row[classes[at++]]++;
        hashes[used] = hash_word(codes, begin, at);
        masks[used] = look_up(table, hashes[used]);
        count_word(codes, classes, begin, at, row);
        count_classes(masks[used], row);
        row[COUNT_WORDS]++;
        row[COUNT_TAIL_BRACKET_WORDS]++;
        used++;
    }
    if (used) {
        spread(masks[0], row + COUNT_STARTS);
        spread(masks[used - 1], row + COUNT_ENDS);
    }
    count_ends(classes, start, end, row);
    return used;
}

/* Count every paragraph: a row of `counts`, which begin at 0, for each.
 *
 * `hashes` and `masks` have room for a word at every second character of each paragraph, rounded up; `offsets` become
 * where each paragraph's words begin, and the end. */
EXPORT int64_t line_count(const uint32_t *codes, const uint8_t *classes, const int64_t *starts, const int64_t *ends,
                          int64_t paragraphs, const uint64_t *keys, const int64_t *values, int64_t table_size,
                          int32_t *counts, uint64_t *hashes, int64_t *masks, int64_t *offsets) {
    word_table table = {keys, values, table_size};
    offsets[0] = 0;
    for (int64_t number = 0; number < paragraphs; number++)
        offsets[number + 1] = offsets[number]
            + count_paragraph(codes, classes, starts[number], ends[number], &table, counts + number * N_COUNTS,
                              hashes + offsets[number], masks + offsets[number]);
    return 0;
}
