/* Features of a paragraph by itself, from its counts and repetition features, and those of its neighbours. */
#include <string.h>

#include "line_counts.h"

enum { N_REPETITIONS = 12 };
enum { PROSE_WORDS = 20 }; /* a paragraph of so many words that ends like a sentence is prose, as a rule */

enum measure { /* what features are made of: the counts, these, then the repetition features */
    MEASURE_CHARS = N_COUNTS, MEASURE_TAIL_BRACKET_WORDS, MEASURE_STOPS, MEASURE_PROSE,
    MEASURE_REPETITIONS,
    N_MEASURES = MEASURE_REPETITIONS + N_REPETITIONS
};

/* How a feature is made of one or two measures; ratios are one division. */
enum recipe { RECIPE_AS_IT_IS, RECIPE_RATIO, RECIPE_PRODUCT };
typedef struct {
    int32_t recipe, one, other;
} feature;

/* Write all measures of one paragraph. */
static void measure(const int32_t *counts, const double *repetitions, double *measures) {
    double chars = 0.0;
    for (int column = 0; column < N_COUNTS; column++)
        measures[column] = counts[column];
    for (int kind = 0; kind < N_CHARACTERS; kind++)
        chars += measures[kind];
    bool stops = counts[COUNT_LAST_INSIDE] == STOP || counts[COUNT_LAST_INSIDE] == ELLIPSIS;
    measures[MEASURE_CHARS] = chars;
    measures[MEASURE_TAIL_BRACKET_WORDS] = counts[COUNT_TAIL_BRACKET] > 0 ? counts[COUNT_TAIL_BRACKET_WORDS] : -1.0;
    measures[MEASURE_STOPS] = stops;
    measures[MEASURE_PROSE] = stops && counts[COUNT_WORDS] >= PROSE_WORDS;
    memcpy(measures + MEASURE_REPETITIONS, repetitions, N_REPETITIONS * sizeof *measures);
}

static double made(feature by, const double *measures) {
    double one = measures[by.one], other = measures[by.other];
    if (by.recipe == RECIPE_RATIO)
        return one / (other > 1.0 ? other : 1.0);
    return by.recipe == RECIPE_PRODUCT ? one * other : one;
}

/* Fill the first columns of each paragraph's row, of `width` columns; and `told`, of which each row holds one measure
 * of all paragraphs that place features are told by. */
EXPORT int64_t line_own(const int32_t *counts, const double *repetitions, int64_t paragraphs, const int32_t *recipes,
                        int64_t features, float *rows, int64_t width, double *told) {
    static const int TOLD[] = {COUNT_WORDS, MEASURE_STOPS, MEASURE_PROSE, COUNT_WORDS_BEFORE_COLON, COUNT_TAIL_BRACKET};
    const feature *by = (const feature *)recipes;
    double measures[N_MEASURES];
    for (int64_t at = 0; at < paragraphs; at++) {
        measure(counts + at * N_COUNTS, repetitions + at * N_REPETITIONS, measures);
        for (int64_t number = 0; number < features; number++)
            rows[at * width + number] = (float)made(by[number], measures);
        for (size_t number = 0; number < sizeof TOLD / sizeof *TOLD; number++)
            told[(int64_t)number * paragraphs + at] = measures[TOLD[number]];
    }
    return 0;
}

/* Fill, from column `first` on, some columns of the paragraphs around: -2, -1, 1 and 2 on; -1 where the document has
 * none there. */
EXPORT int64_t line_neighbours(const int64_t *begins, int64_t documents, const int64_t *columns, int64_t n_columns,
                               float *rows, int64_t width, int64_t first) {
    static const int64_t OFFSETS[] = {-2, -1, 1, 2};
    for (int64_t number = 0; number < documents; number++)
        for (int64_t at = begins[number]; at < begins[number + 1]; at++) {
            float *to = rows + at * width + first;
            for (size_t offset = 0; offset < sizeof OFFSETS / sizeof *OFFSETS; offset++, to += n_columns) {
                int64_t other = at + OFFSETS[offset];
                bool inside = other >= begins[number] && other < begins[number + 1];
                for (int64_t column = 0; column < n_columns; column++)
                    to[column] = inside ? rows[other * width + columns[column]] : -1.0f;
            }
        }
    return 0;
}
