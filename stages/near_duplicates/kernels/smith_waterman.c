/*
 * Smith–Waterman on words: the best local alignments of two paragraphs.
 *
 * Scores are whole hundredths: integer loops are fast, and their sums do not depend on the order of adding.
 */

#include <string.h>

#include "alignment.h"

/* The end of the best alignment that was found: its score, and its last cell (-1 if there is none). */
typedef struct {
    int64_t score, cell;
} Alignment;

/* Score two aligned words: `weight` if they are equal, half of it for one stem, else the cost of a swap. */
INLINE int32_t step_score(const WordOfA *a, const WordOfB *b, int32_t weight, int32_t swap) {
    if (a->slot == b->slot)
        return weight;
    return a->stem == b->stem ? weight >> 1 : -swap;
}

/* Return the next row from i on that may have cells: i itself if the one before it has, else one where a word of b may be
   aligned, the end if there is none. `start` goes along the list of those. */
INLINE int64_t next_row(int64_t i, bool below_cells, int64_t *start, const Paragraph *a, const Room *room) {
    if (below_cells)
        return i;
    while (*start < a->count && room->starts[*start] < i)
        ++*start;
    return *start < a->count ? room->starts[*start] : a->count;
}

/*
 * Find the best local alignment of two word sequences, if it scores `least`.
 *
 * Equal words score `match` by their flags, words with the same stem half of it. Only cells from which the best score
 * can be reached are kept. Each row, a word of a, begins where `rows` says. One cell in thirty is kept, and hardly more
 * are looked at.
 */
static Alignment align(const Paragraph *a, const Paragraph *b, const Weights *weights, int64_t least, Room *room) {
    const int32_t words = (int32_t)b->count, swap = weights->swap;
    const Cell *above, *end = room->cells;
    Cell *cell = room->cells, *last = NULL;
    int64_t start = room->first_start, done = 0; /* rows whose first cell is noted */
    for (int64_t i = next_row(0, false, &start, a, room); i < a->count; i = next_row(i + 1, cell > end, &start, a, room)) {
        const WordOfA *mine = &room->a[i];
        const int32_t weight = weights->match[a->words[i] & FLAGS];
        Cell before = {NOWHERE, 0};
        int32_t hit = mine->first, run = 0;
        above = end;
        end = cell;
        int32_t next = above < end ? above->word : BEYOND;
        int32_t j = smaller_score(hit, next);
        while (done <= i)
            room->rows[done++] = cell - room->cells;
        while (j < words) {
            const WordOfB *other = &room->b[j];
            const int32_t diagonal = before.word == j - 1 ? before.score : 0;
            int32_t over = 0, step = -swap;
            if (next == j) {
                before = *above++;
                over = before.score;
                next = above < end ? above->word : BEYOND;
            }
            if (hit == j) {
                hit = other->next;
                step = step_score(mine, other, weight, swap);
            }
            int32_t score = larger_score(diagonal + step, run - other->gap);
            score = larger_score(score, over - mine->gap);
            run = 0;
            if (score > 0 && (int64_t)score + smaller_score(mine->after, other->after) >= least) {
                *cell = (Cell){j, score};
                run = score;
                if (score >= least) {
                    least = (int64_t)score + 1;
                    last = cell;
                }
                cell++;
            }
            j = run > 0 || over > 0 ? j + 1 : smaller_score(hit, next);
        }
    }
    while (done <= a->count)
        room->rows[done++] = cell - room->cells;
    return (Alignment){least - 1, last ? last - room->cells : -1};
}

/* Return the word of a to which a cell belongs. */
static int64_t row_of(int64_t cell, const int64_t *rows) {
    int64_t i = 0;
    while (rows[i + 1] <= cell)
        i++;
    return i;
}

/* Return the last cell of a row that is not behind word j, the one before `first` if there is none. */
static int64_t last_cell(const Cell *cells, int64_t first, int64_t last, int64_t j) {
    while (last >= first && cells[last].word > j)
        last--;
    return last;
}

/* Return the score of a cell if it is of the row that begins with `first`, and of word j; else 0. */
static int32_t score_at(const Cell *cells, int64_t cell, int64_t first, int64_t j) {
    return cell >= first && cells[cell].word == j ? cells[cell].score : 0;
}

/* Note that a word of a is in a passage. */
static void mark_used(WordOfA *word) {
    word->slot = word->stem = USED;
    word->first = BEYOND;
}

/* Note that two words are aligned in a passage, if they are alike. */
static void mark_aligned(int64_t i, int64_t j, int passage, Room *room) {
    WordOfA *mine = &room->a[i];
    WordOfB *other = &room->b[j];
    if (mine->slot != other->slot && mine->stem != other->stem)
        return;
    mine->partner = (int32_t)j;
    room->passage_a[i] = room->passage_b[j] = (int8_t)passage;
    other->slot = other->stem = NOWHERE;
    other->hit = 0;
}

/* Walk back one alignment from its last cell and mark its words as used; return where it begins and ends. */
static Passage trace_back(const Paragraph *a, const Weights *weights, int64_t cell, int passage, Room *room) {
    const Cell *cells = room->cells;
    const int64_t *rows = room->rows;
    int64_t i = row_of(cell, rows), j = cells[cell].word;
    Passage found = {.a.end = i + 1, .b.end = j + 1};
    int32_t score = cells[cell].score;
    while (score > 0 && i >= 0 && j >= 0) {
        WordOfA *mine = &room->a[i];
        const int32_t step = step_score(mine, &room->b[j], weights->match[a->words[i] & FLAGS], weights->swap);
        const int64_t first = i > 0 ? rows[i - 1] : 0;
        const int64_t above = last_cell(cells, first, rows[i] - 1, j);
        const int32_t over = score_at(cells, above, first, j);
        const int64_t before = over > 0 ? above - 1 : above;
        const int32_t diagonal = score_at(cells, before, first, j - 1);
        if (score == diagonal + step) {
            mark_aligned(i, j, passage, room);
            mark_used(mine);
            i--, j--, cell = before, score = diagonal;
        } else if (score == over - mine->gap) {
            mark_used(mine);
            i--, cell = above, score = over;
        } else {
            j--, cell--, score = cell >= 0 ? cells[cell].score : 0;
        }
    }
    found.a.begin = i + 1;
    found.b.begin = j + 1;
    return found;
}

/* Note that no word is in a passage yet. */
void clear_passages(const Paragraph *a, const Paragraph *b, Room *room) {
    for (int64_t i = 0; i < a->count; i++)
        room->a[i].partner = -1;
    memset(room->passage_a, -1, (size_t)a->count);
    memset(room->passage_b, -1, (size_t)b->count);
}

/*
 * Find up to four shared passages of two paragraphs, best first; return their number.
 *
 * Each is aligned on the words that those before it left.
 */
int align_all(const Paragraph *a, const Paragraph *b, const Scoring *scoring, Room *room) {
    const Weights *weights = &scoring->weights;
    int found = 0;
    int64_t floor = least_score(a, b, scoring);
    for (int32_t most = link_back(a, weights, room); most >= floor; most = remaining_bound_a(a, weights, room)) {
        const int64_t least = larger(floor, gapless_score(a, b, weights, room));
        const Alignment best = align(a, b, weights, least, room);
        if (best.cell < 0)
            break;
        if (found == 0)
            clear_passages(a, b, room);
        Passage *passage = &room->passages[found];
        *passage = trace_back(a, weights, best.cell, found, room);
        room->aligned = found == 0 ? passage->a : joined(room->aligned, passage->a);
        /* With the word before: "denied that …" is trimmed off the span where its subject is short. Not the word
           after, which is often that of the next sentence. */
        const Span in_a = {larger(0, passage->a.begin - 1), passage->a.end};
        const Span in_b = {larger(0, passage->b.begin - 1), passage->b.end};
        if (found == 0 && best.score < scoring->costs.best_floor && !is_quotation(a, b, passage))
            break;
        passage->score = best.score - scoring->costs.contradiction * contradictions(a, b, in_a, in_b, room);
        found++;
        floor = scoring->costs.further_floor;
        if (found == MOST_PASSAGES || remaining_bound_b(b, weights, room) < floor)
            break;
    }
    return found;
}
