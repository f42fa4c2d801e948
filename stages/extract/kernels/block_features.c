/* Describe the blocks of a page by what the page itself says; `stages/extract/block_features.py` names the columns.
 *
 * The weights of the judges depend on what each column means. Numbers that a column holds are `float`; sums over many
 * blocks are kept as `double`.
 */
#include <math.h>
#include <string.h>

#include "stages/native/memory.h"
#include "stages/native/native.h"

/* Classes of characters, in the order of block_features.CHARACTERS. */
enum class { NONE, UPPER, LOWER, DIGIT, LETTER, SPACE, STOP, COMMA, QUOTE, DASH, MARK, WIDE, COLON, N_CLASSES };

/* Evidence that decides what a box is worth as that of the story, in the order of block_features._SCORED. */
enum scored { PARAGRAPH, LISTING, STORY, FURNITURE, N_SCORED };

enum { BMP = 0x10000, SIGNS = 6, TAGS = 11, GIVEN = 7, LEVELS = 4 };

typedef struct { /* what is known of a page's blocks and boxes before */
    const uint8_t *text;
    const int64_t *text_end, *box, *linked, *links, *bold, *inline_evidence; /* of each block */
    const int64_t *tag;                                                     /* of each block, as the judges number them */
    const int64_t *parent, *depth, *first, *last, *evidence, *tag_hash, *class_hash; /* of each box */
    const uint8_t *classes, *signs; /* of each character of the first plane */
    const float *given;             /* columns that were made elsewhere */
    const int64_t *kinds, *inline_kinds, *outer_kinds; /* bits of evidence that have columns */
    const int64_t *scored;                             /* bits of evidence that weigh a box, by enum scored */
    int64_t n_kinds, n_inline, n_outer;
    int64_t blocks, boxes;
} known;

typedef struct { /* the first numbers of each block, which the others are made of */
    float (*counts)[N_CLASSES];
    float *chars, *words, *ends, *linked, *prose, *good, *log_chars;
    int64_t *first, *last, *signs, *lines;
    float *share;  /* of each box: its share of the page's prose */
    double *total; /* sums up to each block */
    double prose_of_page;
} measures;

typedef struct {
    float *rows;
    int64_t blocks, columns, column;
} sheet;

/* Begin the next column; its values are a row apart. */
static float *add(sheet *to) { return to->rows + to->column++; }

#define EACH(at, n) for (int64_t at = 0; at < (n); at++)
#define PUT(column, at, value) ((column)[(at) * to->columns] = (float)(value))
#define COLUMN(value)                                                                                                  \
    do {                                                                                                               \
        float *here = add(to);                                                                                         \
        EACH(at, to->blocks) PUT(here, at, value);                                                                     \
    } while (0)

static float least(float value, float most) { return value < most ? value : most; }
static float at_least_one(float value) { return value > 1 ? value : 1; }
static double clipped(double value, double low, double high) { return value < low ? low : value > high ? high : value; }
static float log_of(float value) { return (float)log1p((double)value); }

/* Read one character of valid UTF-8. */
static uint32_t next_code(const uint8_t *text, int64_t *at, int64_t end) {
    uint8_t first = text[(*at)++];
    int64_t more = first < 0xC0 ? 0 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
    uint32_t code = more ? first & (0x3Fu >> more) : first;
    for (; more && *at < end; more--)
        code = code << 6 | (text[(*at)++] & 0x3Fu);
    return code < BMP ? code : BMP - 1;
}

/* Count the characters of one block by their class, and its sentence ends. */
static void count_characters(const known *page, measures *of, int64_t block) {
    int64_t at = block ? page->text_end[block - 1] : 0, end = page->text_end[block], chars = 0;
    uint8_t last = SPACE, before = SPACE;
    of->first[block] = SPACE;
    while (at < end) {
        uint32_t code = next_code(page->text, &at, end);
        uint8_t class = page->classes[code];
        if (!chars)
            of->first[block] = class;
        of->ends[block] += chars && last == STOP && (class == SPACE || class == QUOTE || class == WIDE);
        of->counts[block][class] += 1;
        of->signs[block] |= page->signs[code];
        of->lines[block] += code == '\n';
        before = last;
        last = class;
        chars++;
    }
    of->ends[block] += last == STOP;
    of->chars[block] = (float)chars;
    of->last[block] = (last == QUOTE || last == MARK) && chars > 1 ? before : last;
}

/* Measure one block by itself. Words are counted by white space, and two characters a word in scripts without. */
static void measure(const known *page, measures *of, int64_t block) {
    count_characters(page, of, block);
    float chars = of->chars[block], wide = of->counts[block][WIDE], ends = of->ends[block];
    float spaced = wide < 0.5f * chars ? of->counts[block][SPACE] + 1 : 0;
    float words = at_least_one(spaced + wide / 2);
    float linked = least((float)page->linked[block] / at_least_one(chars), 1);
    of->words[block] = words;
    of->linked[block] = linked;
    of->prose[block] = linked < 0.4f && words >= 12 && ends >= 1 ? chars * (1 - linked) : 0;
    of->good[block] = ends >= 1 && words >= 6 && linked < 0.5f;
    of->log_chars[block] = log_of(chars);
}

/* Sum a value of the blocks up to each. */
#define SUM_UP(value)                                                                                                  \
    do {                                                                                                               \
        of->total[0] = 0;                                                                                              \
        EACH(at, page->blocks) of->total[at + 1] = of->total[at] + (double)(value);                                    \
    } while (0)

static float sum_in(const known *page, const measures *of, int64_t box) {
    return (float)(of->total[page->last[box]] - of->total[page->first[box]]);
}

static int64_t up(const known *page, int64_t box) { return larger(page->parent[box], 0); }

static void text_columns(const measures *of, sheet *to) {
    float(*counts)[N_CLASSES] = of->counts;
    const float *chars = of->chars, *words = of->words, *ends = of->ends;
    COLUMN(of->log_chars[at]);
    COLUMN(log_of(words[at]));
    COLUMN(log_of(ends[at]));
    COLUMN(words[at] / at_least_one(ends[at]));
    COLUMN((counts[at][UPPER] + counts[at][LOWER] + counts[at][LETTER] + counts[at][WIDE]) / at_least_one(words[at]));
    COLUMN(counts[at][UPPER] / chars[at]);
    COLUMN(counts[at][DIGIT] / chars[at]);
    COLUMN(counts[at][COMMA] / chars[at]);
    COLUMN(counts[at][QUOTE] / chars[at]);
    COLUMN(counts[at][MARK] / chars[at]);
    COLUMN(log_of(counts[at][COMMA]));
    COLUMN(counts[at][UPPER] / at_least_one(words[at]));
    COLUMN(least(counts[at][COLON], 3));
    COLUMN(least(counts[at][DASH], 3));
    COLUMN(counts[at][WIDE] / chars[at]);
    COLUMN(counts[at][LETTER] / chars[at]);
    static const int64_t firsts[] = {UPPER, LOWER, DIGIT, QUOTE, MARK}, lasts[] = {STOP, COLON, DIGIT, MARK};
    for (size_t number = 0; number < sizeof firsts / sizeof *firsts; number++)
        COLUMN(of->first[at] == firsts[number]);
    for (size_t number = 0; number < sizeof lasts / sizeof *lasts; number++)
        COLUMN(of->last[at] == lasts[number]);
}

static void link_columns(const known *page, const measures *of, sheet *to) {
    COLUMN(of->linked[at]);
    COLUMN(smaller(page->links[at], 10));
    COLUMN(page->links[at] ? of->words[at] / at_least_one((float)page->links[at]) : 0);
    COLUMN(least((float)page->bold[at] / of->chars[at], 1));
    COLUMN(smaller(of->lines[at], 10));
    for (int64_t tag = 0; tag < TAGS; tag++)
        COLUMN(page->tag[at] == tag);
}

/* Describe the box that each block stands in, and the four around it. `sums` has room for five numbers of each box. */
static void box_columns(const known *page, measures *of, sheet *to, float *sums, int64_t *box) {
    float *chars = sums, *linked = sums + page->boxes, *ends = linked + page->boxes, *short_ones = ends + page->boxes;
    SUM_UP(of->chars[at]);
    EACH(number, page->boxes) chars[number] = sum_in(page, of, number);
    SUM_UP(of->linked[at] * of->chars[at]);
    EACH(number, page->boxes) linked[number] = sum_in(page, of, number);
    SUM_UP(of->ends[at]);
    EACH(number, page->boxes) ends[number] = sum_in(page, of, number);
    SUM_UP(of->words[at] < 6);
    EACH(number, page->boxes) short_ones[number] = sum_in(page, of, number);
    memcpy(box, page->box, (size_t)page->blocks * sizeof *box);
#define IN(at) ((double)larger(page->last[box[at]] - page->first[box[at]], 1))
    for (int level = 0; level < 5; level++) {
        COLUMN(log_of(chars[box[at]]));
        COLUMN(log1p(IN(at)));
        COLUMN(linked[box[at]] / at_least_one(chars[box[at]]));
        COLUMN(of->share[box[at]]);
        COLUMN(ends[box[at]] / at_least_one(chars[box[at]]) * 100);
        COLUMN((double)short_ones[box[at]] / IN(at));
        if (level >= 1 && level <= 3)
            COLUMN((double)(at - page->first[box[at]]) / IN(at));
        EACH(at, page->blocks) box[at] = up(page, box[at]);
    }
#undef IN
}

/* Find the innermost box that holds at least so much of the page's prose. */
static int64_t smallest_with(const known *page, const measures *of, float least_share) {
    int64_t found = -1;
    EACH(box, page->boxes)
    if (of->share[box] >= least_share && (found < 0 || page->depth[box] > page->depth[found]))
        found = box;
    return larger(found, 0);
}

/* Add where a block stands to the boxes that hold half, four fifths and nearly all of the page's prose. */
static void main_columns(const known *page, const measures *of, sheet *to) {
    static const float shares[] = {0.4f, 0.6f, 0.8f, 0.95f};
    for (size_t number = 0; number < sizeof shares / sizeof *shares; number++) {
        int64_t box = smallest_with(page, of, shares[number]), first = page->first[box], last = page->last[box];
        int64_t begin = -1, end = page->blocks;
        for (int64_t at = first; at < last; at++)
            if (of->prose[at] > 0) {
                begin = begin < 0 ? at : begin;
                end = at;
            }
        COLUMN(at >= first && at < last);
        COLUMN(clipped((double)(page->depth[page->box[at]] - page->depth[box]), -5, 12));
        COLUMN(clipped((double)(at - first) / (double)larger(last - first, 1), -1, 2));
        COLUMN(clipped((double)(at - larger(begin, 0)), -30, 30));
        COLUMN(clipped((double)(end - at), -30, 30));
    }
}

static void distance_columns(const measures *of, sheet *to) {
    int64_t n = to->blocks, before = -1000, after = n + 1000;
    float *here = add(to);
    EACH(at, n) {
        PUT(here, at, smaller(at - before, 30));
        before = of->good[at] ? at : before;
    }
    here = add(to);
    for (int64_t at = n - 1; at >= 0; at--) {
        PUT(here, at, smaller(after - at, 30));
        after = of->good[at] ? at : after;
    }
    COLUMN((double)at / (double)n);
    float chars = 0, prose = 0, chars_so_far = 0, prose_so_far = 0;
    EACH(at, n) chars += of->chars[at], prose += of->prose[at];
    here = add(to);
    EACH(at, n) PUT(here, at, (chars_so_far += of->chars[at]) / at_least_one(chars));
    here = add(to);
    EACH(at, n) PUT(here, at, (prose_so_far += of->prose[at]) / at_least_one(prose));
}

/* Average over the blocks up to `reach` places before and after. */
static void window(const known *page, measures *of, sheet *to, const float *values, int64_t reach) {
    SUM_UP(values[at]);
    float *here = add(to);
    EACH(at, to->blocks) {
        int64_t low = larger(at - reach, 0), high = smaller(at + reach + 1, to->blocks);
        PUT(here, at, (of->total[high] - of->total[low]) / (double)(high - low));
    }
}

enum { FIRST_HEADING = 2, LAST_HEADING = 4 }; /* tags of a block that are headings */
enum { LEAST_CHARS = 25, OUTER_BOXES = 5 };   /* of a block that gives points, and to how many boxes */

/* Give each box the points of the blocks in it, as Readability does: for commas and length, less to boxes further out;
 * more where it is called a story, less where it is a list or furniture; and none of the share that is links. */
static void score_boxes(const known *page, const measures *of, const float *chars, const float *linked, double *score) {
    static const double shares[OUTER_BOXES] = {1, 2, 6, 9, 12};
    EACH(at, page->blocks) {
        if (of->chars[at] < LEAST_CHARS || (page->tag[at] >= FIRST_HEADING && page->tag[at] <= LAST_HEADING))
            continue;
        double points = 1 + (double)of->counts[at][COMMA] + clipped((double)of->chars[at] / 100, 0, 3);
        int64_t box = page->box[at];
        if (page->evidence[box] & page->scored[PARAGRAPH] && page->parent[box] >= 0)
            box = page->parent[box];
        for (int level = 0; box >= 0 && level < OUTER_BOXES; level++, box = page->parent[box])
            score[box] += points / shares[level];
    }
    EACH(box, page->boxes) {
        int64_t evidence = page->evidence[box];
        double begin = evidence & page->scored[LISTING] ? -3 : 5;
        begin += evidence & page->scored[STORY] ? 25 : 0;
        begin -= evidence & page->scored[FURNITURE] ? 25 : 0;
        if (score[box] > 0)
            score[box] = (begin + score[box]) * (1 - (double)(linked[box] / at_least_one(chars[box])));
    }
}

/* Tell if a box beside the one elected holds story as well: it has a good part of its points, or is a paragraph of few
 * links. `sums` are the characters, the linked ones and the sentence ends of each box. */
static bool goes_with(const known *page, const float *sums, const double *score, int64_t box, int64_t elected) {
    static const uint64_t no_class = 0xCBF29CE484222325u * 0x100000001B3u;
    bool is_alike = page->class_hash[box] == page->class_hash[elected] && (uint64_t)page->class_hash[box] != no_class;
    double most = score[elected] > 1 ? score[elected] : 1, fifth = most / 5;
    if (box == elected || (score[box] != 0 && score[box] + (is_alike ? fifth : 0) >= (fifth > 10 ? fifth : 10)))
        return true;
    float chars = sums[box], linked = sums[page->boxes + box], ends = sums[2 * page->boxes + box];
    if (!(page->evidence[box] & page->scored[PARAGRAPH]) || chars <= 0)
        return false;
    return chars > 80 ? linked / chars < 0.25f : linked <= 0 && ends > 0;
}

/* Add where a block stands to the box that Readability would take for the story's, and to those that go with it. Boxes
 * come behind the ones they stand in. `scores` has room for two numbers of each box, `with` for one of each block. */
static void elected_columns(const known *page, measures *of, sheet *to, const float *sums, double *scores, int64_t *box,
                            float *with) {
    double *score = scores, *around = scores + page->boxes;
    score_boxes(page, of, sums, sums + page->boxes, score);
    int64_t elected = 0, begin = -1, end = page->blocks;
    EACH(number, page->boxes) elected = score[number] > score[elected] ? number : elected;
    double most = score[elected] > 1 ? score[elected] : 1;
    int64_t first = page->first[elected], last = page->last[elected];
    COLUMN(at >= first && at < last);
    COLUMN(of->share[elected]);
    COLUMN(clipped((double)(page->depth[page->box[at]] - page->depth[elected]), -5, 12));
    COLUMN(clipped((double)(at - first), -30, 30));
    COLUMN(clipped((double)(last - at), -30, 30));
    memcpy(box, page->box, (size_t)page->blocks * sizeof *box);
    for (int level = 0; level < 3; level++) {
        COLUMN(clipped(score[box[at]] / most, -1, 1));
        EACH(at, page->blocks) box[at] = up(page, box[at]);
    }
    EACH(number, page->boxes) {
        int64_t outer = page->parent[number];
        double own = clipped(score[number] / most, -1, 1);
        around[number] = outer >= 0 && around[outer] > own ? around[outer] : own;
    }
    COLUMN(around[page->box[at]]);
    double *goes = around; /* from here on: does the box go with the elected one? */
    EACH(number, page->boxes) {
        int64_t outer = page->parent[number];
        goes[number] = outer == page->parent[elected] ? goes_with(page, sums, score, number, elected)
                                                      : outer >= 0 && goes[outer] > 0;
    }
    EACH(at, page->blocks) {
        with[at] = goes[page->box[at]] > 0;
        begin = with[at] > 0 && begin < 0 ? at : begin;
        end = with[at] > 0 ? at : end;
    }
    COLUMN(with[at]);
    COLUMN(clipped((double)(at - larger(begin, 0)), -30, 30));
    COLUMN(clipped((double)(end - at), -30, 30));
    window(page, of, to, with, 3);
}

/* Tell if there is a block so many places further on (negative: before). */
static bool is_inside(const sheet *to, int64_t at, int64_t by) { return at + by >= 0 && at + by < to->blocks; }

static void around(sheet *to, const float *values) {
    static const int64_t near[] = {-3, -2, -1, 1, 2, 3};
    for (size_t number = 0; number < sizeof near / sizeof *near; number++)
        COLUMN(is_inside(to, at, near[number]) ? values[at + near[number]] : -1);
}

static void neighbour_columns(const known *page, measures *of, sheet *to) {
    around(to, of->log_chars);
    around(to, of->linked);
    around(to, of->good);
    for (int64_t by = -1; by <= 1; by += 2)
        COLUMN(is_inside(to, at, by) ? of->last[at + by] == STOP : -1);
    for (int64_t by = -1; by <= 1; by += 2)
        COLUMN(is_inside(to, at, by) ? page->tag[at + by] : -1);
    for (int64_t by = -1; by <= 1; by += 2) {
        COLUMN(is_inside(to, at, by) && page->box[at + by] == page->box[at]);
        COLUMN(clipped((double)((is_inside(to, at, by) ? page->depth[page->box[at + by]] : 0)
                                - page->depth[page->box[at]]), -8, 8));
    }
    static const int64_t reaches[] = {2, 5, 12};
    for (size_t number = 0; number < sizeof reaches / sizeof *reaches; number++) {
        window(page, of, to, of->good, reaches[number]);
        window(page, of, to, of->linked, reaches[number]);
        window(page, of, to, of->log_chars, reaches[number]);
    }
}

typedef struct { /* what stands in one pattern of elements */
    double blocks, prose, chars, linked, good;
} pattern;

static uint64_t mixed(uint64_t hash, int64_t part) { return ((hash ^ (uint64_t)part) + 1) * 0x9E3779B97F4A7C15u; }

/* Name the kind of place that a box is: by its element and three around it, or by two with their classes. */
static uint64_t place_of(const known *page, int64_t box, bool with_classes) {
    uint64_t hash = 1;
    for (int level = 0; box >= 0 && level < (with_classes ? 2 : LEVELS); level++, box = page->parent[box]) {
        hash = mixed(hash, page->tag_hash[box]);
        hash = with_classes ? mixed(hash, page->class_hash[box]) : hash;
        hash ^= hash >> 29;
    }
    return hash ? hash : 1;
}

/* Number the places of the blocks. `table` and `numbers` have `room` places, a power of two. */
static void number_places(const known *page, bool with_classes, uint64_t *table, int64_t *numbers, int64_t room,
                          int64_t *of_block) {
    int64_t found = 0;
    memset(table, 0, (size_t)room * sizeof *table);
    EACH(at, page->blocks) {
        if (at && page->box[at] == page->box[at - 1]) {
            of_block[at] = of_block[at - 1];
            continue;
        }
        uint64_t hash = place_of(page, page->box[at], with_classes), slot = hash & (uint64_t)(room - 1);
        while (table[slot] && table[slot] != hash)
            slot = (slot + 1) & (uint64_t)(room - 1);
        if (!table[slot]) {
            table[slot] = hash;
            numbers[slot] = found++;
        }
        of_block[at] = numbers[slot];
    }
}

/* Add how often the page repeats the pattern of elements of each block, and what stands in it elsewhere. */
static void pattern_columns(const known *page, const measures *of, sheet *to, const int64_t *key, pattern *found) {
    memset(found, 0, (size_t)page->blocks * sizeof *found);
    EACH(at, page->blocks) {
        pattern *some = found + key[at];
        some->blocks += 1;
        some->prose += (double)of->prose[at];
        some->chars += (double)of->chars[at];
        some->linked += (double)(of->linked[at] * of->chars[at]);
        some->good += (double)of->good[at];
    }
    double prose = of->prose_of_page > 1 ? of->prose_of_page : 1;
    COLUMN(log1p(found[key[at]].blocks));
    COLUMN(found[key[at]].prose / prose);
    COLUMN(log1p(found[key[at]].chars / found[key[at]].blocks));
    COLUMN(found[key[at]].linked / (found[key[at]].chars > 1 ? found[key[at]].chars : 1));
    COLUMN(found[key[at]].good / found[key[at]].blocks);
    float *here = add(to);
    for (int64_t begin = 0, end; begin < page->blocks; begin = end) {
        for (end = begin + 1; end < page->blocks && key[end] == key[begin]; end++)
            ;
        for (int64_t at = begin; at < end; at++)
            PUT(here, at, log_of((float)(end - begin)));
    }
}

/* Add evidence of names: 3 from the block's own element or one in it, 2 from the two around it, 1 from above. A box
 * that holds most of the prose is the page or the story, whatever it is called. */
static void evidence_columns(const known *page, const measures *of, sheet *to, int64_t *far, int64_t *whole) {
#define SMALL(box) (of->share[box] > 0.5f ? 0 : page->evidence[box])
    EACH(box, page->boxes) {
        int64_t outer = page->parent[box];
        far[box] = SMALL(box) | (outer < 0 ? 0 : far[outer]);
        whole[box] = page->evidence[box] | (outer < 0 ? 0 : whole[outer]);
    }
    EACH(at, page->blocks) {
        int64_t box = page->box[at], outer = up(page, box);
        int64_t near = SMALL(outer) | SMALL(up(page, outer));
        float *row = to->rows + at * to->columns + to->column;
        EACH(kind, page->n_kinds) {
            int64_t bit = page->kinds[kind];
            row[kind] = page->evidence[box] & bit ? 3 : near & bit ? 2 : far[box] & bit ? 1 : 0;
        }
        row += page->n_kinds;
        EACH(kind, page->n_inline) row[kind] = (page->inline_evidence[at] & page->inline_kinds[kind]) != 0;
        row += page->n_inline;
        EACH(kind, page->n_outer) row[kind] = (whole[box] & page->outer_kinds[kind]) != 0;
    }
    to->column += page->n_kinds + page->n_inline + page->n_outer;
#undef SMALL
}

static void last_columns(const known *page, const measures *of, sheet *to) {
    for (int sign = 0; sign < SIGNS; sign++)
        COLUMN((of->signs[at] >> sign) & 1);
    for (int64_t number = 0; number < GIVEN; number++)
        COLUMN(page->given[number * page->blocks + at]);
    double chars = 0;
    EACH(at, page->blocks) chars += (double)of->chars[at];
    COLUMN(log1p((double)page->blocks));
    COLUMN(log1p(of->prose_of_page));
    COLUMN(of->prose_of_page / (chars > 1 ? chars : 1));
}

static void measure_all(const known *page, measures *of) {
    EACH(block, page->blocks) measure(page, of, block);
    SUM_UP(of->prose[at]);
    of->prose_of_page = (double)(float)of->total[page->blocks];
    float prose = at_least_one((float)of->prose_of_page);
    EACH(box, page->boxes) of->share[box] = sum_in(page, of, box) / prose;
}

/* Cut one block of memory of floats for each block of the page into the numbers of `measures`. */
static void lay_out(const known *page, measures *of, float *floats, int64_t *integers) {
    float **columns[] = {&of->chars, &of->words, &of->ends, &of->linked, &of->prose, &of->good, &of->log_chars};
    for (size_t number = 0; number < sizeof columns / sizeof *columns; number++)
        *columns[number] = floats + (int64_t)number * page->blocks;
    int64_t **others[] = {&of->first, &of->last, &of->signs, &of->lines};
    for (size_t number = 0; number < sizeof others / sizeof *others; number++)
        *others[number] = integers + (int64_t)number * page->blocks;
}

enum { FLOATS = 7, INTEGERS = 4 };

/* Write the rows of a page's blocks; return how many columns they have, which is `columns` unless Python counts others.
 *
 * `boxes` and `blocks` hold what `page_blocks` found, a row each of so many numbers; `tables` the classes and the signs
 * of characters, BMP each; `kinds` the bits of evidence with a column, one after the other, then those that weigh a box. */
EXPORT int64_t block_features(const uint8_t *text, const int64_t *boxes, int64_t n_boxes, const int64_t *blocks,
                              int64_t n_blocks, const int64_t *tag, const uint8_t *tables, const float *given,
                              const int64_t *kinds, int64_t n_kinds, int64_t n_inline, int64_t n_outer, float *rows,
                              int64_t columns) {
    known page = {
        .text = text, .text_end = blocks, .box = blocks + n_blocks, .linked = blocks + 2 * n_blocks,
        .links = blocks + 3 * n_blocks, .bold = blocks + 4 * n_blocks, .inline_evidence = blocks + 5 * n_blocks,
        .tag = tag, .parent = boxes, .depth = boxes + n_boxes, .first = boxes + 2 * n_boxes,
        .last = boxes + 3 * n_boxes, .evidence = boxes + 4 * n_boxes, .tag_hash = boxes + 5 * n_boxes,
        .class_hash = boxes + 6 * n_boxes, .classes = tables, .signs = tables + BMP, .given = given, .kinds = kinds,
        .inline_kinds = kinds + n_kinds, .outer_kinds = kinds + n_kinds + n_inline,
        .scored = kinds + n_kinds + n_inline + n_outer, .n_kinds = n_kinds,
        .n_inline = n_inline, .n_outer = n_outer, .blocks = n_blocks, .boxes = n_boxes};
    sheet to = {rows, n_blocks, columns, 0};
    int64_t room = 4;
    while (room < 2 * n_blocks)
        room *= 2;
    pool memory = {0};
    measures of = {.counts = take(&memory, n_blocks, sizeof *of.counts), .share = take(&memory, n_boxes, sizeof(float)),
                   .total = take(&memory, n_blocks + 1, sizeof(double))};
    float *floats = take(&memory, FLOATS * n_blocks, sizeof(float));
    int64_t *integers = take(&memory, INTEGERS * n_blocks, sizeof(int64_t));
    float *sums = take(&memory, 4 * n_boxes, sizeof(float));
    int64_t *of_boxes = take(&memory, 2 * n_boxes, sizeof(int64_t)), *of_blocks = take(&memory, n_blocks, sizeof(int64_t));
    uint64_t *table = take(&memory, room, sizeof(uint64_t));
    int64_t *numbers = take(&memory, room, sizeof(int64_t));
    pattern *patterns = take(&memory, n_blocks, sizeof(pattern));
    double *scores = take(&memory, 2 * n_boxes, sizeof(double));
    float *with = take(&memory, n_blocks, sizeof(float));
    if (memory.failed)
        return released(&memory, 0);
    lay_out(&page, &of, floats, integers);
    measure_all(&page, &of);
    text_columns(&of, &to);
    link_columns(&page, &of, &to);
    box_columns(&page, &of, &to, sums, of_blocks);
    main_columns(&page, &of, &to);
    elected_columns(&page, &of, &to, sums, scores, of_blocks, with);
    distance_columns(&of, &to);
    neighbour_columns(&page, &of, &to);
    for (int with_classes = 0; with_classes <= 1; with_classes++) {
        number_places(&page, with_classes, table, numbers, room, of_blocks);
        pattern_columns(&page, &of, &to, of_blocks, patterns);
    }
    evidence_columns(&page, &of, &to, of_boxes, of_boxes + n_boxes);
    last_columns(&page, &of, &to);
    return released(&memory, to.column);
}
