"""Smith–Waterman on words, compiled by numba: the best local alignments of two paragraphs.

Scores are whole hundredths: integer loops are fast, and their sums do not depend on the order of adding.
"""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="assignment,no-any-return"

from __future__ import annotations

import numpy as np

from stages.near_duplicates import alphabet

from .bounds import gapless_score, larger, remaining_bound_a, remaining_bound_b, smaller
from .compilation import borrowing
from .differences import contradictions
from .hashing import ZERO
from .layout import (
    A_BEGIN,
    A_END,
    AFTER_A,
    AFTER_B,
    B_BEGIN,
    B_END,
    BEYOND,
    FIRST,
    FOLLOWING,
    MOST_PASSAGES,
    NOWHERE,
    SAME_A,
    SAME_B,
    SCORE,
    SPAN_SCORE,
    STEM_A,
    STEM_B,
    USED,
    WORD,
)  # fmt: skip

WORD_FLAGS = alphabet.FLAGS


@borrowing
def step_score(slots, i, j, weight, swap):
    """Score two aligned words: `weight` if they are equal, half of it for one stem, else the cost of a swap."""
    if slots[SAME_B, j] == slots[SAME_A, i]:
        return np.int32(weight)
    return np.int32(weight >> 1) if slots[STEM_B, j] == slots[STEM_A, i] else np.int32(-swap)


@borrowing
def align(a, b, buffers, weights, least):
    """Find the best local alignment of two word sequences, if it scores `least`.

    Returns its score, and the place of its last cell (-1 if there is none). Equal words score `match` by their flags,
    words with the same stem half of it. Only cells from which the best score can be reached are kept, in `cells`: the
    word of b and the score. Each row, a word of a, begins where `rows` says. One cell in thirty is kept, and hardly
    more are looked at.
    """
    slots, gaps, cells, rows = buffers.slots, buffers.gaps, buffers.cells, buffers.rows
    match, swap = weights.match, weights.swap
    last, n, begin = np.int64(-1), ZERO, ZERO
    for i in range(len(a)):
        rows[i], end = n, n
        hit, above = slots[FIRST, i], begin
        j = smaller(hit, cells[WORD, above] if above < end else BEYOND)
        weight, run = match[a[i] & np.int64(WORD_FLAGS)], np.int32(0)
        while j < len(b):
            diagonal, over, step = np.int32(0), np.int32(0), np.int32(-swap)
            if above > begin and cells[WORD, above - 1] == j - 1:
                diagonal = cells[SCORE, above - 1]
            if above < end and cells[WORD, above] == j:
                over = cells[SCORE, above]
                above += 1
            if j == hit:
                hit, step = slots[FOLLOWING, j], step_score(slots, i, j, weight, swap)
            score = larger(np.int32(diagonal + step), np.int32(run - gaps[1, j]))
            score, run = larger(score, np.int32(over - gaps[0, i])), np.int32(0)
            if score > 0 and score + smaller(slots[AFTER_A, i], slots[AFTER_B, j]) >= least:
                cells[WORD, n], cells[SCORE, n], run = j, score, score
                if score >= least:
                    least, last = score + 1, n
                n += 1
            following = smaller(hit, cells[WORD, above] if above < end else BEYOND)
            j = np.int32(j + 1) if (run > 0) | (over > 0) else following
        begin = end
    rows[len(a)] = n
    return least - 1, last


@borrowing
def row_of(cell, rows):
    """Return the word of a to which a cell belongs."""
    i = ZERO
    while rows[i + 1] <= cell:
        i += 1
    return i


@borrowing
def last_cell(cells, first, last, j):
    """Return the last cell of a row that is not behind word j, the one before `first` if there is none."""
    while last >= first and cells[WORD, last] > j:
        last -= 1
    return last


@borrowing
def mark_used(i, slots):
    """Note that a word of a is in a passage."""
    slots[SAME_A, i], slots[STEM_A, i], slots[FIRST, i] = USED, USED, BEYOND


@borrowing
def trace_back(a, buffers, weights, cell, passage):
    """Walk back one alignment from its last cell and mark its words as used; return where it begins and ends.

    `partner[i]` becomes the word of b that word i of a is aligned with; `passage_a` and `passage_b` get the number of
    the passage.
    """
    slots, hits, gaps, cells, rows = buffers.slots, buffers.hits, buffers.gaps, buffers.cells, buffers.rows
    partner, passage_a, passage_b = buffers.partner, buffers.passage_a, buffers.passage_b
    match, swap = weights.match, weights.swap
    i, j = row_of(cell, rows), np.int64(cells[WORD, cell])
    end_i, end_j, score = i + 1, j + 1, cells[SCORE, cell]
    while score > 0:
        alike, near = slots[SAME_A, i] == slots[SAME_B, j], slots[STEM_A, i] == slots[STEM_B, j]
        step = step_score(slots, i, j, match[a[i] & np.int64(WORD_FLAGS)], swap)
        first = rows[i - 1] if i > 0 else ZERO
        above = last_cell(cells, first, rows[i] - 1, j)
        over = cells[SCORE, above] if above >= first and cells[WORD, above] == j else np.int32(0)
        before = above - 1 if over > 0 else above
        diagonal = cells[SCORE, before] if before >= first and cells[WORD, before] == j - 1 else np.int32(0)
        if score == diagonal + step:
            if alike or near:
                partner[i], passage_a[i], passage_b[j] = j, passage, passage
                slots[SAME_B, j], slots[STEM_B, j], hits[j] = NOWHERE, NOWHERE, 0
            mark_used(i, slots)
            i, j, cell, score = i - 1, j - 1, before, diagonal
        elif score == over - gaps[0, i]:
            mark_used(i, slots)
            i, cell, score = i - 1, above, over
        else:
            j, cell, score = j - 1, cell - 1, cells[SCORE, cell - 1]
    return i + 1, end_i, j + 1, end_j


@borrowing
def align_all(a, b, buffers, weights, scoring):
    """Find up to four shared passages of two paragraphs, best first; fill `spans` and return the number of passages.

    Each is aligned on the words that those before it left.
    """
    slots, hits, spans, partner = buffers.slots, buffers.hits, buffers.spans, buffers.partner
    passage_a, passage_b, found, floor = buffers.passage_a, buffers.passage_b, ZERO, scoring.best_floor
    while remaining_bound_a(a, slots, weights.gain) >= floor:
        least = larger(floor, gapless_score(a, b, slots, weights.match, weights.swap))
        score, last = align(a, b, buffers, weights, least)
        if last < 0:
            break
        if found == 0:
            partner[: len(a)], passage_a[: len(a)], passage_b[: len(b)] = -1, -1, -1
        start_a, end_a, start_b, end_b = trace_back(a, buffers, weights, last, found)
        # With the word before: "denied that …" is trimmed off the span where its subject is short. Not the word
        # after, which is often that of the next sentence.
        flips = contradictions(a, b, partner, passage_b, max(0, start_a - 1), end_a, max(0, start_b - 1), end_b)
        span = spans[found]
        span[SPAN_SCORE] = score - weights.contradiction * flips
        span[A_BEGIN], span[A_END], span[B_BEGIN], span[B_END] = start_a, end_a, start_b, end_b
        found, floor = found + 1, scoring.further_floor
        if found == MOST_PASSAGES or remaining_bound_b(b, slots, hits, weights.gain) < floor:
            break
    return found
