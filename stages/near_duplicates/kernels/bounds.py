"""Upper bounds of a Smith–Waterman score, compiled by numba: they spare most pairs and most cells of the others."""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="assignment,no-any-return"

from __future__ import annotations

import numpy as np

from stages.near_duplicates import alphabet

from .compilation import borrowing, inner
from .hashing import ANYWHERE
from .layout import (
    AFTER_A,
    AFTER_B,
    ALL_A,
    ALL_STEMS,
    BEYOND,
    FIRST,
    FOLLOWING,
    NOWHERE,
    PLAIN,
    SAME_A,
    SAME_B,
    STEM_A,
    STEM_B,
    Weights,
)  # fmt: skip
from .word_table import STEM, STEM_TAG, find

FUNCTION, WORD_FLAGS = alphabet.FUNCTION, alphabet.FLAGS
#: Bits of a word, of the word after it, and of its stem, from which a sketch takes as many as SKETCH has.
WORD_BITS, NEXT_BITS, STEM_BITS, SKETCH = 8, 16, 48, 8191
#: Rows of a sketch.
WORDS, STEMS, NEIGHBOURS = range(3)


@borrowing
def larger(one, other):
    """Return the larger of two: the compiler can make this choice for many cells at once, as it cannot for `max`."""
    return one if one > other else other


@borrowing
def smaller(one, other):
    """Return the smaller of two."""
    return one if one < other else other


@inner
def weights_by_flags(scoring):
    """Tabulate for every combination of flags the cost of leaving such a word out and the most that one gains.

    `gain` is for lacking the word, having a word of its stem, having it. `tear` is the least that an alignment loses
    where it has two words that are neighbours in one text only: it leaves out the words between them, or aligns one
    with another of its stem.
    """
    gaps, gain = np.empty(WORD_FLAGS + 1, np.int32), np.empty((3, WORD_FLAGS + 1), np.int32)
    most, gap, function_gap, swap = scoring.most, scoring.gap, scoring.function_gap, scoring.swap
    tear = min(gap, function_gap)
    for flags in range(WORD_FLAGS + 1):
        gaps[flags] = function_gap if flags & FUNCTION else gap
        gain[0, flags], gain[1, flags], gain[2, flags] = -min(swap, gaps[flags]), most[flags] >> 1, most[flags]
        if flags & PLAIN == 0:
            tear = min(tear, np.int32(most[flags] - (most[flags] >> 1)))
    return Weights(scoring.match, gaps, gain, tear, swap, scoring.contradiction)


@borrowing
def sketch(a, marks, stamp):
    """Mark a paragraph's words, stems and pairs of neighbours in three small tables.

    Collisions are not resolved: what is not marked is not in it, what is marked may be.
    """
    for i in range(len(a)):
        marks[WORDS, a[i] >> WORD_BITS & SKETCH] = stamp
        if a[i] & PLAIN == 0:
            marks[STEMS, a[i] >> STEM_BITS & SKETCH] = stamp
        if i > 0:
            marks[NEIGHBOURS, neighbours(a[i - 1], a[i])] = stamp


@borrowing
def neighbours(one, other):
    """Return the place where a sketch marks two neighbouring words."""
    return (one >> WORD_BITS ^ other >> NEXT_BITS) & SKETCH


@borrowing
def shared_neighbours(b, marks, stamp):
    """Count the pairs of neighbouring words that b may share with the sketched paragraph: never too few."""
    shared = 0
    for j in range(1, len(b)):
        here = marks[WORDS, b[j] >> WORD_BITS & SKETCH] == stamp
        shared += here & (marks[NEIGHBOURS, neighbours(b[j - 1], b[j])] == stamp)
    return shared


@borrowing
def sketch_bound(b, marks, stamp, gain):
    """Bound the score of a local alignment of b with the sketched paragraph (see `remaining_bound_b`)."""
    best, run = np.int32(0), np.int32(0)
    for j in range(len(b)):
        word = marks[WORDS, b[j] >> WORD_BITS & SKETCH] == stamp
        stem = (marks[STEMS, b[j] >> STEM_BITS & SKETCH] == stamp) & (b[j] & PLAIN == 0)
        hit = 2 if word else (1 if stem else 0)
        run = larger(np.int32(run + gain[hit, b[j] & np.int64(WORD_FLAGS)]), np.int32(0))
        best = larger(best, run)
    return best


@borrowing
def may_match(b, marks, stamp, gain, least, fewest):
    """Return False only if no alignment with the sketched paragraph can score so much and share so many word pairs."""
    return shared_neighbours(b, marks, stamp) >= fewest and sketch_bound(b, marks, stamp, gain) >= least


@borrowing
def first_of(slot, heads, pair):
    """Return the first of the words that are linked by a slot, BEYOND if there is none."""
    if slot < 0 or heads[slot] >> 32 != pair:
        return BEYOND
    return np.int32(heads[slot] & 0xFFFFFFFF)


@borrowing
def link_and_bound(b, marks, table, at, weights, buffers):
    """Look up the words of b and their stems among those of a; return the most that a local alignment can score.

    Notes slots and `hits` (2 for a word that a has, 1 for a stem), and links the words of b that one word of a may be
    aligned with: all of its stem, or all like it. Notes what the words of b after each can add to an alignment: a word
    that a lacks is swapped or left out, and between two that are no neighbours in a, something is (see
    `weights_by_flags`).
    """
    keys, stamps, stem_of, heads = table.keys, table.stamps, table.stem_of, table.heads
    slots, hits, gaps, gap, gain, tear = (
        buffers.slots, buffers.hits, buffers.gaps, weights.gap, weights.gain, weights.tear,
    )  # fmt: skip
    stamp, mask, pair = at.stamp, at.mask, at.pair
    best, met, passed, later = np.int32(0), np.int32(0), np.int32(0), 0
    for j in range(len(b) - 1, -1, -1):
        flags = b[j] & np.int64(WORD_FLAGS)
        slot, stem, hit = NOWHERE, NOWHERE, 0
        if marks[WORDS, b[j] >> WORD_BITS & SKETCH] == stamp:
            slot = find(b[j] & ANYWHERE, keys, stamps, stamp, mask)
        if slot >= 0:
            stem, hit = stem_of[slot], 2
        elif b[j] & PLAIN == 0 and marks[STEMS, b[j] >> STEM_BITS & SKETCH] == stamp:
            stem = find((b[j] & STEM) | STEM_TAG, keys, stamps, stamp, mask)
            hit = 1 if stem >= 0 else 0
        if hit > 0:
            link = stem if stem >= 0 else slot
            slots[FOLLOWING, j] = first_of(link, heads, pair)
            heads[link] = pair << 32 | j
        slots[SAME_B, j], slots[STEM_B, j], hits[j], gaps[1, j] = slot, stem, hit, gap[flags]
        slots[AFTER_B, j] = larger(met, passed)
        torn = hit & later == 2 and marks[NEIGHBOURS, neighbours(b[j], b[j + 1])] != stamp
        on = larger(np.int32(met - tear) if torn else met, passed)
        passed = larger(np.int32(larger(met, passed) + gain[0, flags]), np.int32(0))
        met = np.int32(on + gain[hit, flags]) if hit > 0 else np.int32(0)
        best, later = larger(best, met), hit
    return best


@borrowing
def link_back(a, slots, heads, pair):
    """Mark all words of a as free, and note the first of b that each may be aligned with."""
    for i in range(len(a)):
        slots[SAME_A, i], slots[STEM_A, i] = slots[ALL_A, i], slots[ALL_STEMS, i]
        slots[FIRST, i] = first_of(slots[STEM_A, i] if slots[STEM_A, i] >= 0 else slots[SAME_A, i], heads, pair)


@borrowing
def remaining_bound_b(b, slots, hits, gain):
    """Bound the score of an alignment with the words of b that are in no passage yet; note it for those after each."""
    best, run = np.int32(0), np.int32(0)
    for j in range(len(b) - 1, -1, -1):
        slots[AFTER_B, j] = run
        run = larger(np.int32(run + gain[hits[j], b[j] & np.int64(WORD_FLAGS)]), np.int32(0))
        best = larger(best, run)
    return best


@borrowing
def remaining_bound_a(a, slots, gain):
    """Do the same for the words of a, and advance the first of b that each may be aligned with to one that is free."""
    best, run = np.int32(0), np.int32(0)
    for i in range(len(a) - 1, -1, -1):
        first, hit = slots[FIRST, i], 0
        while first != BEYOND and slots[SAME_B, first] < 0 and slots[STEM_B, first] < 0:
            first = slots[FOLLOWING, first]
        if first != BEYOND:
            alike = slots[SAME_B, first] == slots[SAME_A, i]
            hit = 2 if alike or slots[FOLLOWING, first] != BEYOND else 1
        slots[FIRST, i], slots[AFTER_A, i] = first, run
        run = larger(np.int32(run + gain[hit, a[i] & np.int64(WORD_FLAGS)]), np.int32(0))
        best = larger(best, run)
    return best


@borrowing
def gapless_score(a, b, slots, match, swap):
    """Score the best alignment without gaps that begins where a word of a meets its first of b.

    The best alignment of all scores no less.
    """
    best, behind = np.int32(0), 0
    for i in range(len(a)):
        if i < behind or slots[FIRST, i] == BEYOND:
            continue
        at, run, most = i, np.int32(0), np.int32(0)
        for j in range(slots[FIRST, i], len(b)):
            run += match[a[at] & np.int64(WORD_FLAGS)] if slots[SAME_A, at] == slots[SAME_B, j] else -swap
            at += 1
            if run > most:
                most, behind = run, at
            if run <= 0 or at == len(a):
                break
        best = larger(best, most)
    return best
