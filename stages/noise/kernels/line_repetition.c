/* Repetition features of the line model: how much of a paragraph's words stands elsewhere in its document. */
#include <string.h>

#include "lines.h"

enum repetition { /* columns, those of `line_repetition.REPETITIONS`; a test compares them */
    REPETITION_CONTENT_WORDS, REPETITION_ECHOED, REPETITION_ECHOED_BEFORE, REPETITION_ECHOED_AFTER,
    REPETITION_ECHO_BEST, REPETITION_ECHO_BEST_GAP, REPETITION_ECHO_NEXT, REPETITION_ECHO_PREVIOUS,
    REPETITION_ECHO_FIRST, REPETITION_PAIRS_ECHOED, REPETITION_REPEATS_BEFORE, REPETITION_REPEATS_AFTER,
    N_REPETITIONS
};

enum { NEAR = 12 }; /* paragraphs on either side that are compared one by one; keeps the work linear in length */

/* The first and the last paragraph of its document that hold a word, and the word's first place; all -1 for a word that
 * is not looked for. */
typedef struct {
    int32_t first_paragraph, last_paragraph, first_place;
} span;

typedef struct { /* an open-addressing table of the words of one document; 0 marks an empty place */
    uint64_t *keys;
    span *seen;
    int64_t size;
} span_table;

typedef struct { /* where each paragraph's words begin, and each document's paragraphs, with the ends */
    const int64_t *words, *paragraphs;
    int64_t documents;
} layout;

/* Find the place of a hash: where it is, or where it belongs. */
static int64_t place_of(const span_table *table, uint64_t wanted) {
    int64_t at = (int64_t)((wanted ^ (wanted >> 29)) & (uint64_t)(table->size - 1));
    while (table->keys[at] != 0 && table->keys[at] != wanted)
        at = (at + 1) & (table->size - 1);
    return at;
}

/* Return the size of a table for so many words: at most half of it fills. */
static int64_t size_for(int64_t words) {
    int64_t size = 16;
    while (size < 2 * words + 2)
        size *= 2;
    return size;
}

/* Fill the spans of the paragraphs `begin` to `end`, one document. */
static void document_spans(span_table *table, const uint64_t *hashes, const bool *marks, const int64_t *offsets,
                           int64_t begin, int64_t end, span *spans) {
    table->size = size_for(offsets[end] - offsets[begin]);
    memset(table->keys, 0, (size_t)table->size * sizeof *table->keys);
    for (int64_t paragraph = begin; paragraph < end; paragraph++)
        for (int64_t word = offsets[paragraph]; word < offsets[paragraph + 1]; word++) {
            if (!marks[word])
                continue;
            int64_t at = place_of(table, hashes[word]);
            if (table->keys[at] == 0) {
                table->keys[at] = hashes[word];
                table->seen[at] = (span){(int32_t)paragraph, (int32_t)paragraph, (int32_t)word};
            }
            table->seen[at].last_paragraph = (int32_t)paragraph;
            spans[word].first_place = (int32_t)at; /* until the document's last word is seen */
        }
    for (int64_t word = offsets[begin]; word < offsets[end]; word++)
        spans[word] = marks[word] ? table->seen[spans[word].first_place] : (span){-1, -1, -1};
}

/* Find the span of each marked word in its document. */
static void find_spans(span_table *table, const uint64_t *hashes, const bool *marks, const int64_t *offsets,
                       const layout *of, span *spans) {
    for (int64_t number = 0; number < of->documents; number++)
        document_spans(table, hashes, marks, offsets, of->paragraphs[number], of->paragraphs[number + 1], spans);
}

typedef struct { /* of each paragraph: the different words that it shares with those near it, and with the first */
    int32_t (*near)[2 * NEAR + 1];
    int32_t *first;
} shared_words;

typedef struct { /* of each word: where it stood last, by its first place; where before; the paragraph that holds it */
    int32_t *latest, *previous, *holder;
} chains;

/* Count the words that one paragraph shares with those before it. */
static void count_shared(const span *spans, const layout *of, int64_t here, int64_t top, chains *by,
                         shared_words *out) {
    for (int64_t word = of->words[here]; word < of->words[here + 1]; word++) {
        if (spans[word].first_paragraph == spans[word].last_paragraph)
            continue;
        int32_t earlier = by->latest[spans[word].first_place];
        if (earlier >= 0 && by->holder[earlier] == here)
            continue;
        by->latest[spans[word].first_place] = (int32_t)word;
        by->previous[word] = earlier;
        by->holder[word] = (int32_t)here;
        out->first[here] += spans[word].first_paragraph == top && here != top;
        for (; earlier >= 0 && here - by->holder[earlier] <= NEAR; earlier = by->previous[earlier]) {
            int64_t there = by->holder[earlier];
            out->near[here][NEAR + there - here]++;
            out->near[there][NEAR + here - there]++;
        }
    }
}

/* Count the different words that each paragraph shares with each of those near it, and with its document's first.
 *
 * Each word is chained to where it stood last, so only paragraphs that hold it are met: most hold few that others do.
 */
static void count_all_shared(const span *spans, const layout *of, chains *by, shared_words *out) {
    int64_t n_words = of->words[of->paragraphs[of->documents]];
    memset(by->latest, 0xFF, (size_t)n_words * sizeof *by->latest); /* -1 */
    for (int64_t number = 0; number < of->documents; number++)
        for (int64_t here = of->paragraphs[number]; here < of->paragraphs[number + 1]; here++)
            count_shared(spans, of, here, of->paragraphs[number], by, out);
}

/* Write the shares of words that one other paragraph holds: the best nearby, the next, the previous, the first. */
static void share_nearby(const int32_t *near, int32_t first, int64_t here, int64_t begin, int64_t end, double *row) {
    double total = row[REPETITION_CONTENT_WORDS] > 1 ? row[REPETITION_CONTENT_WORDS] : 1;
    int32_t best = 0;
    row[REPETITION_ECHO_BEST_GAP] = 0.0;
    for (int64_t there = larger(begin, here - NEAR); there < smaller(end, here + NEAR + 1); there++)
        if (near[NEAR + there - here] > best) {
            best = near[NEAR + there - here];
            row[REPETITION_ECHO_BEST_GAP] = (double)(there - here);
        }
    row[REPETITION_ECHO_BEST] = best / total;
    row[REPETITION_ECHO_FIRST] = first / total;
    row[REPETITION_ECHO_NEXT] = here + 1 < end ? near[NEAR + 1] / total : 0.0;
    row[REPETITION_ECHO_PREVIOUS] = here > begin ? near[NEAR - 1] / total : 0.0;
}

/* Write the share of a paragraph's words (and pairs of words) that stand anywhere else in the document. */
static void repeat_paragraph(int64_t here, const span *spans, const span *pairs, const int64_t *offsets, double *row) {
    int64_t start = offsets[here], end = offsets[here + 1];
    int64_t n_content = 0, before = 0, after = 0, either = 0, n_pairs = 0;
    for (int64_t word = start; word < end; word++) {
        if (spans[word].first_place >= 0) {
            n_content++;
            before += spans[word].first_paragraph < here;
            after += spans[word].last_paragraph > here;
            either += spans[word].first_paragraph != spans[word].last_paragraph;
        }
        if (word + 1 < end)
            n_pairs += pairs[word].first_paragraph != pairs[word].last_paragraph;
    }
    double total = (double)larger(n_content, 1);
    row[REPETITION_CONTENT_WORDS] = (double)n_content;
    row[REPETITION_ECHOED] = (double)either / total;
    row[REPETITION_ECHOED_BEFORE] = (double)before / total;
    row[REPETITION_ECHOED_AFTER] = (double)after / total;
    row[REPETITION_PAIRS_ECHOED] = (double)n_pairs / (double)larger(end - start - 1, 1);
}

/* Hash each word with the one after it, and mark the words that have one in the same paragraph. */
static void hash_pairs(const uint64_t *words, const int64_t *offsets, int64_t paragraphs, uint64_t *pairs,
                       bool *marks) {
    memset(marks, 0, (size_t)offsets[paragraphs] * sizeof *marks);
    for (int64_t paragraph = 0; paragraph < paragraphs; paragraph++)
        for (int64_t word = offsets[paragraph]; word < offsets[paragraph + 1] - 1; word++) {
            pairs[word] = (words[word] * FNV_PRIME) ^ words[word + 1];
            marks[word] = true;
        }
}

/* Hash the words of each paragraph, in order, and mark the paragraphs that have any. */
static void hash_lines(const uint64_t *words, const int64_t *offsets, int64_t paragraphs, uint64_t *lines,
                       bool *marks) {
    for (int64_t paragraph = 0; paragraph < paragraphs; paragraph++) {
        uint64_t value = FNV_OFFSET;
        for (int64_t word = offsets[paragraph]; word < offsets[paragraph + 1]; word++)
            value = (value ^ words[word]) * FNV_PRIME;
        lines[paragraph] = value;
        marks[paragraph] = offsets[paragraph + 1] > offsets[paragraph];
    }
}

typedef struct { /* what is found of the words, the pairs of words and the whole paragraphs of a batch */
    span *words, *pairs, *lines;
} all_spans;

/* Fill the rows of all paragraphs. */
static void write_rows(const all_spans *found, const shared_words *shared, const layout *of,
                       double (*rows)[N_REPETITIONS]) {
    for (int64_t number = 0; number < of->documents; number++) {
        int64_t begin = of->paragraphs[number], end = of->paragraphs[number + 1];
        for (int64_t here = begin; here < end; here++) {
            repeat_paragraph(here, found->words, found->pairs, of->words, rows[here]);
            share_nearby(shared->near[here], shared->first[here], here, begin, end, rows[here]);
            span line = found->lines[here];
            rows[here][REPETITION_REPEATS_BEFORE] = line.first_place >= 0 && line.first_paragraph < here;
            rows[here][REPETITION_REPEATS_AFTER] = line.first_place >= 0 && line.last_paragraph > here;
        }
    }
}

/* Return the number of words, or of paragraphs if there are more, in the longest document. */
static int64_t longest_document(const layout *of) {
    int64_t longest = 0;
    for (int64_t number = 0; number < of->documents; number++) {
        int64_t begin = of->paragraphs[number], end = of->paragraphs[number + 1];
        longest = larger(longest, larger(end - begin, of->words[end] - of->words[begin]));
    }
    return longest;
}

/* Find all spans; `hashes` and `marks` have room for one of each word or paragraph, `steps` for a place of each
 * paragraph and the end. */
static void find_all_spans(const uint64_t *words, const int64_t *masks, const layout *of, span_table *table,
                           uint64_t *hashes, bool *marks, int64_t *steps, all_spans *found) {
    int64_t paragraphs = of->paragraphs[of->documents], n_words = of->words[paragraphs];
    for (int64_t word = 0; word < n_words; word++)
        marks[word] = !(masks[word] & FUNCTION_WORDS);
    find_spans(table, words, marks, of->words, of, found->words);
    hash_pairs(words, of->words, paragraphs, hashes, marks);
    find_spans(table, hashes, marks, of->words, of, found->pairs);
    for (int64_t paragraph = 0; paragraph <= paragraphs; paragraph++)
        steps[paragraph] = paragraph;
    hash_lines(words, of->words, paragraphs, hashes, marks);
    find_spans(table, hashes, marks, steps, of, found->lines);
}

/* Compute the repetition features of every paragraph.
 *
 * `offsets` are where each paragraph's words begin, `begins` each document's paragraphs, both with the end. */
EXPORT int64_t line_repetitions(const uint64_t *words, const int64_t *masks, const int64_t *offsets,
                                const int64_t *begins, int64_t documents, double *rows) {
    layout of = {offsets, begins, documents};
    int64_t paragraphs = begins[documents], n_words = offsets[paragraphs], most = larger(n_words, paragraphs);
    int64_t size = size_for(longest_document(&of));
    pool memory = {0};
    span_table table = {take(&memory, size, sizeof(uint64_t)), take(&memory, size, sizeof(span)), size};
    uint64_t *hashes = take(&memory, most, sizeof *hashes);
    int64_t *steps = take(&memory, paragraphs + 1, sizeof *steps);
    bool *marks = take(&memory, most, sizeof *marks);
    all_spans found = {take(&memory, n_words, sizeof(span)), take(&memory, n_words, sizeof(span)),
                       take(&memory, paragraphs, sizeof(span))};
    shared_words shared = {take(&memory, paragraphs, sizeof *shared.near),
                           take(&memory, paragraphs, sizeof *shared.first)};
    int32_t *latest = take(&memory, 3 * n_words, sizeof *latest);
    if (!memory.failed) {
        chains by = {latest, latest + n_words, latest + 2 * n_words};
        find_all_spans(words, masks, &of, &table, hashes, marks, steps, &found);
        count_all_shared(found.words, &of, &by, &shared);
        write_rows(&found, &shared, &of, (double (*)[N_REPETITIONS])rows);
    }
    return released(&memory, 0);
}
