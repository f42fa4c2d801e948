/* What the text model's scores say of the paragraphs around one. */
#include "lines.h"

enum { N_OFFSETS = 4, NEAR = 5 /* paragraphs on either side that count as near */ };
static const int64_t OFFSETS[N_OFFSETS] = {-2, -1, 1, 2};

enum text_feature { /* columns, those of `line_text.TEXT_FEATURES`; a test compares them. Sides are above, then below */
    TEXT_SCORE,
    TEXT_OFFSETS,
    TEXT_ABOVE = TEXT_OFFSETS + N_OFFSETS,
    TEXT_NEAR_ABOVE = TEXT_ABOVE + 2,
    TEXT_LOWEST_ABOVE = TEXT_NEAR_ABOVE + 2,
    TEXT_LOWEST_NEAR_ABOVE = TEXT_LOWEST_ABOVE + 2,
    TEXT_STORY_ABOVE = TEXT_LOWEST_NEAR_ABOVE + 2,
    N_TEXT_FEATURES = TEXT_STORY_ABOVE + 2
};

static const double NOWHERE = -9.0; /* where the document has no such paragraph */
static const double HIGHEST = 9.0;  /* the lowest of no paragraphs */
static const double STORY = -1.0;   /* a paragraph's score from which down it reads as story */

typedef struct { /* one document: the scores of its paragraphs, their sizes, and the rows to fill */
    const double *scores, *sizes;
    float (*rows)[N_TEXT_FEATURES];
    int64_t n;
} document;

/* Write the mean and the lowest score of the few paragraphs that a walk passed last. */
static void near_before(const document *of, int64_t at, int64_t step, int side) {
    double near = 0.0, weight = 0.0, lowest = HIGHEST;
    for (int64_t back = 1, other = at - step; back <= NEAR && other >= 0 && other < of->n; back++, other -= step) {
        near += of->scores[other] * of->sizes[other];
        weight += of->sizes[other];
        lowest = of->scores[other] < lowest ? of->scores[other] : lowest;
    }
    of->rows[at][TEXT_NEAR_ABOVE + side] = (float)(weight > 0 ? near / weight : NOWHERE);
    of->rows[at][TEXT_LOWEST_NEAR_ABOVE + side] = (float)lowest;
}

/* Write what is known of the paragraphs passed on a walk down (side 0) or up (side 1): their mean score, the lowest,
 * and how many read as story. */
static void walk(const document *of, int side) {
    double total = 0.0, weight = 0.0, lowest = HIGHEST;
    int64_t story = 0, step = side ? -1 : 1;
    for (int64_t at = side ? of->n - 1 : 0; at >= 0 && at < of->n; at += step) {
        of->rows[at][TEXT_ABOVE + side] = (float)(weight > 0 ? total / weight : NOWHERE);
        of->rows[at][TEXT_LOWEST_ABOVE + side] = (float)lowest;
        of->rows[at][TEXT_STORY_ABOVE + side] = (float)story;
        near_before(of, at, step, side);
        total += of->scores[at] * of->sizes[at];
        weight += of->sizes[at];
        lowest = of->scores[at] < lowest ? of->scores[at] : lowest;
        story += of->scores[at] < STORY;
    }
}

/* Fill a row for every paragraph: its score, those beside it, and what its document says above and below it. */
EXPORT int64_t line_text_features(const double *scores, const double *sizes, const int64_t *begins, int64_t documents,
                        float *rows) {
    float(*all)[N_TEXT_FEATURES] = (float(*)[N_TEXT_FEATURES])rows;
    for (int64_t number = 0; number < documents; number++) {
        int64_t begin = begins[number];
        document of = {scores + begin, sizes + begin, all + begin, begins[number + 1] - begin};
        for (int64_t at = 0; at < of.n; at++) {
            of.rows[at][TEXT_SCORE] = (float)of.scores[at];
            for (int offset = 0; offset < N_OFFSETS; offset++) {
                int64_t other = at + OFFSETS[offset];
                of.rows[at][TEXT_OFFSETS + offset] = (float)(other >= 0 && other < of.n ? of.scores[other] : NOWHERE);
            }
        }
        walk(&of, 0);
        walk(&of, 1);
    }
    return 0;
}
