/* Context features of the line model's second pass: what the first pass and the rules say of the lines around. */
#include <math.h>

#include "lines.h"

enum { N_OFFSETS = 6, N_WINDOWS = 2, N_RULE_WINDOWS = 3, N_KINDS = 4, NO_RULE = -1, N_CHAINS = 2 };
static const int64_t OFFSETS[N_OFFSETS] = {-3, -2, -1, 1, 2, 3};
static const int64_t WINDOWS[N_WINDOWS] = {3, 8}; /* lines on either side whose scores are averaged */
/* Lines on either side among which those that a strong rule cuts are counted. */
static const int64_t RULE_WINDOWS[N_RULE_WINDOWS] = {2, 5, 12};

enum context { /* columns, those of `line_context.CONTEXT`; a test compares them. Sides are above, then below */
    CONTEXT_SCORE,
    CONTEXT_OFFSETS,
    CONTEXT_MEANS = CONTEXT_OFFSETS + N_OFFSETS,
    CONTEXT_MEAN_ABOVE = CONTEXT_MEANS + N_WINDOWS,
    CONTEXT_LOWEST_ABOVE = CONTEXT_MEAN_ABOVE + 2,
    CONTEXT_STORY_ABOVE = CONTEXT_LOWEST_ABOVE + 2,
    CONTEXT_STORY_SHARE = CONTEXT_STORY_ABOVE + 2,
    CONTEXT_STRONG,
    CONTEXT_STRONG_ABOVE = CONTEXT_STRONG + N_RULE_WINDOWS,
    CONTEXT_STRONG_BELOW,
    CONTEXT_SINCE_STRONG,
    CONTEXT_KIND_ABOVE = CONTEXT_SINCE_STRONG + 2,
    CONTEXT_WORDS = CONTEXT_KIND_ABOVE + 2 * N_KINDS,
    CONTEXT_INDEX,
    CONTEXT_FROM_END,
    CONTEXT_PARAGRAPHS,
    CONTEXT_PLACE,
    CONTEXT_MEAN,
    CONTEXT_OUTSIDE,
    N_CONTEXT = CONTEXT_OUTSIDE + N_CHAINS
};

static const double CERTAIN = 6.0;  /* logarithm of odds beyond which more certainty tells no more */
static const double NOWHERE = -9.0; /* score of a line beyond the document's ends */
static const double LONG = 25.0;    /* words from which on a line weighs no more in a mean */
static const double STORY = -2.0, STORY_WORDS = 15.0; /* a line of so low a score and so many words is story */
static const double FAR = 50.0;     /* lines to the next that a rule cuts, where there is none */
static const double MOST = 3.0;     /* lines of one kind that are counted */

/* Chains: weight of a line's score, share of noise in a story, chance that the story ends after a line, and how far one
 * line can pull. Tried by hand on out-of-fold scores: the second is slow to leave the story. */
typedef struct {
    double weight, share, ends, pull;
} chain;
static const chain CHAINS[N_CHAINS] = {{0.5, 0.25, 0.03, 1.5}, {0.3, 0.3, 0.02, 1.0}};
/* Chances: the story begins after a line, later than at the top, or again. */
static const double BEGINS = 0.2, HEAD = 0.3, RETURNS = 1e-3;
static const double KNOWN = 3.0;    /* score in the chains of a line that a strong rule cuts */
static const double LEAST = 1e-4;   /* of a chance whose odds are taken */

enum { N_STATES = 3 }; /* above the story, in it, below it */
typedef double states[N_STATES];

typedef struct { /* one document: its lines' scores and words, the kinds of rules that cut them, the rows to fill */
    const double *scores, *words;
    const int64_t *kinds;
    double (*rows)[N_CONTEXT];
    int64_t n;
} document;

typedef struct { /* room for the longest document */
    double *clipped, *known, *total;
    states *seen, *forward;
} workspace;

static double lower_of(double a, double b) { return b < a ? b : a; }
static double higher_of(double a, double b) { return b > a ? b : a; }

/* Write the scores of the nearest lines, the means of those around, and the line's place. */
static void own(const document *of, double *total) {
    total[0] = 0.0;
    for (int64_t at = 0; at < of->n; at++)
        total[at + 1] = total[at] + of->scores[at];
    for (int64_t at = 0; at < of->n; at++) {
        double *row = of->rows[at];
        row[CONTEXT_SCORE] = of->scores[at];
        for (int number = 0; number < N_OFFSETS; number++) {
            int64_t other = at + OFFSETS[number];
            row[CONTEXT_OFFSETS + number] = other >= 0 && other < of->n ? of->scores[other] : NOWHERE;
        }
        for (int number = 0; number < N_WINDOWS; number++) {
            int64_t first = larger(0, at - WINDOWS[number]), last = smaller(of->n, at + WINDOWS[number] + 1);
            row[CONTEXT_MEANS + number] =
                (total[last] - total[first] - of->scores[at]) / (double)larger(last - first - 1, 1);
        }
        row[CONTEXT_WORDS] = of->words[at];
        row[CONTEXT_INDEX] = (double)at;
        row[CONTEXT_FROM_END] = (double)(of->n - 1 - at);
        row[CONTEXT_PARAGRAPHS] = (double)of->n;
        row[CONTEXT_PLACE] = (double)at / (double)of->n;
        row[CONTEXT_MEAN] = total[of->n] / (double)of->n;
    }
}

/* Write the mean score above and below by words, the lowest, and the words of the story on either side. */
static void scores_around(const document *of) {
    double story = 0.0;
    for (int side = 0; side < 2; side++) {
        double total = 0.0, weight = 0.0, lowest = -NOWHERE;
        story = 0.0;
        for (int64_t step = 0; step < of->n; step++) {
            int64_t at = side == 0 ? step : of->n - 1 - step;
            double score = of->scores[at], words = of->words[at], counted = lower_of(words, LONG);
            of->rows[at][CONTEXT_MEAN_ABOVE + side] = step > 0 ? total / higher_of(weight, 1.0) : NOWHERE;
            of->rows[at][CONTEXT_LOWEST_ABOVE + side] = lowest;
            of->rows[at][CONTEXT_STORY_ABOVE + side] = story;
            lowest = lower_of(lowest, score);
            total += score * counted;
            weight += counted;
            story += score < STORY && words >= STORY_WORDS ? words : 0.0;
        }
    }
    for (int64_t at = 0; at < of->n; at++)
        of->rows[at][CONTEXT_STORY_SHARE] = of->rows[at][CONTEXT_STORY_ABOVE] / higher_of(story, 1.0);
}

/* Write how many lines around, above and below strong rules cut, and how far the nearest are. */
static void rules_around(const document *of, double *total) {
    total[0] = 0.0;
    for (int64_t at = 0; at < of->n; at++)
        total[at + 1] = total[at] + (of->kinds[at] != NO_RULE);
    for (int64_t at = 0; at < of->n; at++) {
        double *row = of->rows[at], this_line = total[at + 1] - total[at];
        for (int number = 0; number < N_RULE_WINDOWS; number++) {
            int64_t first = larger(0, at - RULE_WINDOWS[number]), last = smaller(of->n, at + RULE_WINDOWS[number] + 1);
            row[CONTEXT_STRONG + number] =
                (total[last] - total[first] - this_line) / (double)larger(last - first - 1, 1);
        }
        row[CONTEXT_STRONG_ABOVE] = total[at];
        row[CONTEXT_STRONG_BELOW] = total[of->n] - total[at + 1];
    }
    for (int side = 0; side < 2; side++) {
        double away = FAR;
        for (int64_t step = 0; step < of->n; step++) {
            int64_t at = side == 0 ? step : of->n - 1 - step;
            of->rows[at][CONTEXT_SINCE_STRONG + side] = away;
            away = of->kinds[at] != NO_RULE ? 1.0 : lower_of(FAR, away + 1.0);
        }
    }
}

/* Write how many lines of each kind of furniture are above and below. */
static void kinds_around(const document *of) {
    for (int64_t kind = 0; kind < N_KINDS; kind++)
        for (int side = 0; side < 2; side++) {
            double count = 0.0;
            for (int64_t step = 0; step < of->n; step++) {
                int64_t at = side == 0 ? step : of->n - 1 - step;
                of->rows[at][CONTEXT_KIND_ABOVE + 2 * kind + side] = count;
                count = lower_of(MOST, count + (of->kinds[at] == kind));
            }
        }
}

/* Divide by the sum, so that the states' chances add up to one. */
static void normalise(states chances) {
    double sum = 0.0;
    for (int state = 0; state < N_STATES; state++)
        sum += chances[state];
    for (int state = 0; state < N_STATES; state++)
        chances[state] /= sum;
}

/* Write the log odds that a line is above or below the story, by the forward-backward algorithm.
 *
 * Above and below it all lines are noise; in it a share of them. */
static void outside(const document *of, const chain *by, workspace *room, int column) {
    const states moves[N_STATES] = {
        {1 - BEGINS, BEGINS, 0.0}, {0.0, 1 - by->ends, by->ends}, {0.0, RETURNS, 1 - RETURNS}
    };
    states *seen = room->seen, *forward = room->forward;
    double usual = log(by->share / (1 - by->share));
    states before = {HEAD, 1 - HEAD, 0.0}, backward = {1.0, 1.0, 1.0};
    for (int64_t at = 0; at < of->n; at++) {
        double pull = by->weight * (room->known[at] - usual);
        double ratio = exp(higher_of(-by->pull, lower_of(by->pull, pull)));
        seen[at][0] = seen[at][2] = ratio;
        seen[at][1] = 1 - by->share + by->share * ratio;
    }
    for (int64_t at = 0; at < of->n; at++) {
        for (int state = 0; state < N_STATES; state++)
            forward[at][state] = before[state] * seen[at][state];
        normalise(forward[at]);
        for (int state = 0; state < N_STATES; state++) {
            before[state] = 0.0;
            for (int other = 0; other < N_STATES; other++)
                before[state] += forward[at][other] * moves[other][state];
        }
    }
    for (int64_t at = of->n - 1; at >= 0; at--) {
        double in = forward[at][1] * backward[1], out = forward[at][0] * backward[0] + forward[at][2] * backward[2];
        double chance = lower_of(higher_of(out / (in + out), LEAST), 1 - LEAST);
        of->rows[at][column] = log(chance / (1 - chance));
        states following = {0.0, 0.0, 0.0};
        for (int state = 0; state < N_STATES; state++)
            for (int other = 0; other < N_STATES; other++)
                following[state] += moves[state][other] * seen[at][other] * backward[other];
        normalise(following);
        for (int state = 0; state < N_STATES; state++)
            backward[state] = following[state];
    }
}

/* Fill the rows of one document. */
static void fill(const document *all, workspace *room) {
    document of = *all;
    for (int64_t at = 0; at < of.n; at++) {
        room->clipped[at] = lower_of(higher_of(all->scores[at], -CERTAIN), CERTAIN);
        room->known[at] = of.kinds[at] != NO_RULE ? KNOWN : all->scores[at];
    }
    of.scores = room->clipped;
    own(&of, room->total);
    scores_around(&of);
    rules_around(&of, room->total);
    kinds_around(&of);
    for (int number = 0; number < N_CHAINS; number++)
        outside(&of, &CHAINS[number], room, CONTEXT_OUTSIDE + number);
}

/* Fill a row for every line of some documents; `begins` are where each document's lines begin, and the end. */
EXPORT int64_t line_context(const double *scores, const double *words, const int64_t *kinds, const int64_t *begins,
                            int64_t documents, double *rows) {
    int64_t longest = longest_of(begins, documents);
    pool memory = {0};
    workspace room = {take(&memory, longest, sizeof(double)), take(&memory, longest, sizeof(double)),
                      take(&memory, longest + 1, sizeof(double)), take(&memory, longest, sizeof(states)),
                      take(&memory, longest, sizeof(states))};
    double(*all)[N_CONTEXT] = (double(*)[N_CONTEXT])rows;
    for (int64_t number = 0; number < documents && !memory.failed; number++) {
        int64_t begin = begins[number];
        document of = {scores + begin, words + begin, kinds + begin, all + begin, begins[number + 1] - begin};
        if (of.n > 0)
            fill(&of, &room);
    }
    return released(&memory, 0);
}
