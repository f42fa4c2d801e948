/* Boosted trees over rows of features, scored by QuickScorer (Lucchese et al., SIGIR 2015).
 *
 * All tests of one feature lie in a row, thresholds rising. A test that a row fails strikes out the leaves to its left;
 * the first remaining leaf is the tree's. No branch is mispredicted, and many rows take one test at once: eight times
 * as fast as walking the trees.
 */
#include <math.h>

#include "stages/native/memory.h"
#include "stages/native/native.h"

enum { MAX_LEAVES = 16 }; /* of a tree: its leaves are the bits of one short number */
enum { TOGETHER = 64 };   /* rows that are scored at once: 128 take as long, 16 twice as long for each */

typedef struct {
    const int64_t *starts;      /* of each feature's tests, and the end */
    const float *thresholds;
    const int64_t *tree;        /* that a test belongs to */
    const int32_t *leaves_left; /* what stays of the tree's leaves where a test fails, as bits */
    const double *values;       /* of each tree's leaves */
    int64_t features, trees;
} scorer;

typedef float column[TOGETHER];
typedef int32_t leaf_set[TOGETHER];

/* Strike out of one tree's leaves, for each row, those that one test excludes.
 *
 * It is a loop of its own, so that the compiler vectorizes it over rows. */
INLINE void strike_one(const float *values, float threshold, int32_t leaves_left, int32_t *leaves) {
    for (int at = 0; at < TOGETHER; at++)
        leaves[at] &= leaves_left | (values[at] > threshold ? 0 : -1);
}

/* Strike out of every tree's leaves those that the tests exclude for rows with these columns of features. */
INLINE void strike(const scorer *by, column *columns, leaf_set *leaves) {
    for (int64_t feature = 0; feature < by->features; feature++) {
        float highest = columns[feature][0];
        for (int at = 1; at < TOGETHER; at++)
            highest = columns[feature][at] > highest ? columns[feature][at] : highest;
        for (int64_t at = by->starts[feature]; at < by->starts[feature + 1] && by->thresholds[at] < highest; at++)
            strike_one(columns[feature], by->thresholds[at], by->leaves_left[at], leaves[by->tree[at]]);
    }
}

WITH_AVX2 static void strike_avx2(const scorer *by, column *columns, leaf_set *leaves) { strike(by, columns, leaves); }
static void strike_anywhere(const scorer *by, column *columns, leaf_set *leaves) { strike(by, columns, leaves); }

/* Add to each row's total the value of the first leaf left of each tree, in the order of the trees. */
static void add_leaves(const scorer *by, leaf_set *leaves, int64_t count, double *totals) {
    for (int64_t tree = 0; tree < by->trees; tree++)
        for (int64_t at = 0; at < count; at++)
            totals[at] += by->values[tree * MAX_LEAVES + __builtin_ctz((unsigned)leaves[tree][at])];
}

/* Lay the features of up to TOGETHER rows in columns. Those of a shorter block's end stay as they were. */
static void transpose(const float *rows, int64_t count, int64_t features, column *columns) {
    for (int64_t at = 0; at < count; at++)
        for (int64_t feature = 0; feature < features; feature++)
            columns[feature][at] = rows[at * features + feature];
}

/* Compute per row of features the sigmoid of `base` plus its leaf in each tree, added in the order of the trees. */
EXPORT int64_t boosted_trees(const float *matrix, int64_t count, const int64_t *starts, const float *thresholds,
                             const int64_t *tree, const int32_t *leaves_left, const double *values, int64_t features,
                             int64_t trees, double base, double *totals) {
    scorer by = {starts, thresholds, tree, leaves_left, values, features, trees};
    pool memory = {0};
    column *columns = take(&memory, features, sizeof(column));
    leaf_set *leaves = take(&memory, trees, sizeof(leaf_set));
    bool wide = has_avx2();
    for (int64_t begin = 0; begin < count && !memory.failed; begin += TOGETHER) {
        int64_t n = smaller(TOGETHER, count - begin);
        transpose(matrix + begin * features, n, features, columns);
        for (int64_t number = 0; number < trees; number++)
            for (int at = 0; at < TOGETHER; at++)
                leaves[number][at] = (1 << MAX_LEAVES) - 1;
        for (int64_t at = begin; at < begin + n; at++)
            totals[at] = base;
        (wide ? strike_avx2 : strike_anywhere)(&by, columns, leaves);
        add_leaves(&by, leaves, n, totals + begin);
        for (int64_t at = begin; at < begin + n; at++)
            totals[at] = 1.0 / (1.0 + exp(-totals[at]));
    }
    return released(&memory, 0);
}
