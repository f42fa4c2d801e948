/* Place features of the line model: where in its document a paragraph stands, and what the document looks like. */
#include <stdlib.h>
#include <string.h>

#include "lines.h"

enum place { /* columns, those of `line_place.PLACE`; a test compares them */
    PLACE_PARAGRAPHS, PLACE_INDEX, PLACE_FROM_END, PLACE_PLACE, PLACE_WORDS_TO_MEDIAN, PLACE_MEDIAN_WORDS,
    PLACE_SHARE_UNSTOPPED, PLACE_SHARE_LABELS, PLACE_SHARE_BRACKETS, PLACE_SHARE_PROSE, PLACE_WORDS_BEFORE,
    PLACE_SINCE_PROSE, PLACE_UNTIL_PROSE, PLACE_BEFORE_PROSE, PLACE_AFTER_PROSE, PLACE_RUN_LENGTH, PLACE_RUN_WORDS,
    PLACE_SAME_FIRST_WORD, PLACE_FIRST_WORD_BEFORE, PLACE_WINDOW_WORDS,
    N_PLACE
};

enum { FAR = 50 };       /* paragraphs to prose, where a document has none on that side */
enum { NEAR = 40 };      /* paragraphs on either side whose first words are compared; keeps the work linear in length */
enum { LABEL_WORDS = 6 }; /* "Label: text" has a label of so many words at most */

typedef struct { /* what is known of each paragraph, and the rows to fill */
    const double *words, *stops, *prose, *before_colon, *tail_bracket;
    const uint64_t *first_hash;
    double (*rows)[N_PLACE];
} paragraphs;

static int by_size(const void *one, const void *other) {
    double a = *(const double *)one, b = *(const double *)other;
    return (a > b) - (a < b);
}

/* Return the median, the upper one of two; `room` holds as many values. */
static double median(const double *values, int64_t n, double *room) {
    memcpy(room, values, (size_t)n * sizeof *room);
    qsort(room, (size_t)n, sizeof *room, by_size);
    return room[n / 2];
}

/* Write what is alike for all paragraphs of the document, and where each stands. */
static void place_in_document(const paragraphs *all, int64_t begin, int64_t end, double *room) {
    double n = (double)(end - begin), stops = 0, labels = 0, brackets = 0, prose = 0;
    double middle = median(all->words + begin, end - begin, room);
    middle = middle > 1.0 ? middle : 1.0;
    for (int64_t at = begin; at < end; at++) {
        stops += all->stops[at];
        labels += all->before_colon[at] > 0 && all->before_colon[at] <= LABEL_WORDS;
        brackets += all->tail_bracket[at];
        prose += all->prose[at];
    }
    for (int64_t at = begin; at < end; at++) {
        double *row = all->rows[at];
        row[PLACE_PARAGRAPHS] = n;
        row[PLACE_INDEX] = (double)(at - begin);
        row[PLACE_FROM_END] = (double)(end - 1 - at);
        row[PLACE_PLACE] = (double)(at - begin) / n;
        row[PLACE_WORDS_TO_MEDIAN] = all->words[at] / middle;
        row[PLACE_MEDIAN_WORDS] = middle;
        row[PLACE_SHARE_UNSTOPPED] = 1.0 - stops / n;
        row[PLACE_SHARE_LABELS] = labels / n;
        row[PLACE_SHARE_BRACKETS] = brackets / n;
        row[PLACE_SHARE_PROSE] = prose / n;
    }
}

/* Write the words so far, the paragraphs since the last prose and until the next, and if one side has none. */
static void prose_distances(const paragraphs *all, int64_t begin, int64_t end) {
    int64_t last = begin - FAR, following = end + FAR;
    double so_far = 0.0;
    for (int64_t at = begin; at < end; at++) {
        all->rows[at][PLACE_WORDS_BEFORE] = so_far;
        all->rows[at][PLACE_SINCE_PROSE] = (double)(at - last);
        all->rows[at][PLACE_BEFORE_PROSE] = last < begin;
        so_far += all->words[at];
        if (all->prose[at] != 0)
            last = at;
    }
    for (int64_t at = end - 1; at >= begin; at--) {
        all->rows[at][PLACE_UNTIL_PROSE] = (double)(following - at);
        all->rows[at][PLACE_AFTER_PROSE] = following >= end;
        if (all->prose[at] != 0)
            following = at;
    }
}

/* Write the length of the run without prose and its words; the mean words of the five paragraphs around. */
static void runs(const paragraphs *all, int64_t begin, int64_t end) {
    for (int64_t at = begin, stop; at < end; at = stop) {
        double total = 0.0;
        for (stop = at; stop < end && all->prose[stop] == all->prose[at]; stop++)
            total += all->words[stop];
        bool prose = all->prose[at] != 0;
        for (int64_t inside = at; inside < stop; inside++) {
            all->rows[inside][PLACE_RUN_LENGTH] = prose ? 0.0 : (double)(stop - at);
            all->rows[inside][PLACE_RUN_WORDS] = prose ? 0.0 : total;
        }
    }
    for (int64_t at = begin; at < end; at++) {
        int64_t first = larger(begin, at - 2), last = smaller(end, at + 3);
        double total = 0.0;
        for (int64_t around = first; around < last; around++)
            total += all->words[around];
        all->rows[at][PLACE_WINDOW_WORDS] = total / (double)(last - first);
    }
}

/* Count the nearby paragraphs that start with the same word, and those of them that come before. */
static void first_words(const paragraphs *all, int64_t begin, int64_t end) {
    for (int64_t at = begin; at < end; at++) {
        int64_t before = 0, after = 0;
        if (all->words[at] > 0) {
            for (int64_t other = larger(begin, at - NEAR); other < at; other++)
                before += all->words[other] > 0 && all->first_hash[other] == all->first_hash[at];
            for (int64_t other = at + 1; other < smaller(end, at + NEAR + 1); other++)
                after += all->words[other] > 0 && all->first_hash[other] == all->first_hash[at];
        }
        all->rows[at][PLACE_SAME_FIRST_WORD] = (double)(before + after);
        all->rows[at][PLACE_FIRST_WORD_BEFORE] = (double)before;
    }
}

/* Compute the place features of every paragraph, document by document. */
EXPORT int64_t line_place(const int64_t *begins, int64_t documents, const double *words, const double *stops,
                          const double *prose, const double *before_colon, const double *tail_bracket,
                          const uint64_t *first_hash, double *rows) {
    paragraphs all = {words, stops, prose, before_colon, tail_bracket, first_hash, (double (*)[N_PLACE])rows};
    pool memory = {0};
    double *room = take(&memory, longest_of(begins, documents), sizeof *room);
    for (int64_t number = 0; number < documents && !memory.failed; number++) {
        int64_t begin = begins[number], end = begins[number + 1];
        if (begin == end)
            continue;
        place_in_document(&all, begin, end, room);
        prose_distances(&all, begin, end);
        runs(&all, begin, end);
        first_words(&all, begin, end);
    }
    return released(&memory, 0);
}
