"""Verification of candidate pairs, compiled by numba: paragraphs aligned word by word, and scored."""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="assignment,no-any-return"
# ruff: noqa: SIM110

from __future__ import annotations

import numpy as np

from stages.near_duplicates import alphabet
from stages.near_duplicates.fact_words import LANGUAGES, FactWords
from stages.near_duplicates.history import Texts
from stages.near_duplicates.match_columns import COLUMNS
from stages.near_duplicates.scoring import Scoring

from .bounds import SKETCH, link_and_bound, link_back, may_match, sketch, weights_by_flags
from .compilation import borrowing, inner, kernel
from .hashing import ANYWHERE, FALSE, ZERO
from .layout import (
    A_BEGIN,
    A_END,
    AFTER_B,
    ALL_A,
    ALL_STEMS,
    B_BEGIN,
    B_END,
    MOST_PASSAGES,
    Buffers,
    Pair,
    Stamps,
    VerificationTools,
    WholeSentences,
)
from .matches import add_matches, grown
from .smith_waterman import align_all
from .strength import strength_of, suffices
from .word_table import empty_table, mask_for, note_words

WORD_FLAGS = alphabet.FLAGS


@borrowing
def equal(a, b):
    """Return True if two word sequences are the same but for capitals."""
    if len(a) != len(b):
        return False
    for i in range(len(a)):
        if (a[i] ^ b[i]) & ANYWHERE:
            return False
    return True


@borrowing
def look_up_all(words, by_flag, values):
    """Look up each word in a table by flags."""
    for i in range(len(words)):
        values[i] = by_flag[words[i] & np.int64(WORD_FLAGS)]


@borrowing
def pair_equal(a, buffers, scoring):
    """Make the one passage of two equal paragraphs, every word with itself; return a strength that is enough, or 0."""
    span = buffers.spans[0]
    span[A_BEGIN], span[A_END], span[B_BEGIN], span[B_END] = 0, len(a), 0, len(a)
    for i in range(len(a)):
        buffers.partner[i], buffers.passage_a[i], buffers.passage_b[i] = i, 0, 0
    return scoring.match_strength if suffices(a, a, 1, buffers, scoring) else 0.0


@borrowing
def sentence_begins(sentences, begin, end, first, room):
    """Put the first words of a paragraph's sentences, counted from its own first, into `room`; return their number."""
    for at in range(begin, end):
        room[at - begin] = sentences[at] - first
    return end - begin


@borrowing
def pair_of(texts, pa, pb, begins):
    """Return the words of two paragraphs, and their sentences counted from the first word of each."""
    first, before_a, before_b = texts.first, texts.sentence_first[pa], texts.sentence_first[pb]
    count_a = sentence_begins(texts.sentences, before_a, texts.sentence_first[pa + 1], first[pa], begins[0])
    count_b = sentence_begins(texts.sentences, before_b, texts.sentence_first[pb + 1], first[pb], begins[1])
    a, b = texts.words[first[pa] : first[pa + 1]], texts.words[first[pb] : first[pb + 1]]
    return Pair(a, b, begins[0, :count_a], begins[1, :count_b], before_a, before_b)


@inner
def empty_buffers(longest):
    """Make the arrays that one pair of paragraphs of at most `longest` words is aligned in."""
    return Buffers(
        np.empty((2, longest * longest), np.int32), np.empty(longest + 1, np.int64),
        np.empty((MOST_PASSAGES, B_END + 1), np.int64), np.empty((AFTER_B + 1, longest), np.int32),
        np.empty((2, longest), np.int32), np.empty(longest, np.int8), np.empty(longest, np.int64),
        np.empty(longest, np.int8), np.empty(longest, np.int8), np.empty((2, longest), np.int64),
    )  # fmt: skip


@inner
def empty_sentences(longest):
    """Make the arrays that a sentence of a paragraph of at most `longest` words is compared in."""
    return WholeSentences(
        np.empty((2, longest), np.int64), np.empty((2, longest), np.int8), np.empty((2, longest), np.int32),
        np.empty((2, longest), np.int8), np.empty(longest, np.int32), np.empty(longest + 1, np.int32),
        np.empty(len(LANGUAGES), np.int32),
    )  # fmt: skip


@borrowing
def compare(pair, at, noted, scoring, tools):
    """Find the passages of two paragraphs that are not equal; return their number and the strength of the match."""
    a, b, buffers, weights = pair.a, pair.b, tools.buffers, tools.weights
    if not noted:
        note_words(a, tools.table, at, buffers.slots[ALL_A], buffers.slots[ALL_STEMS])
        look_up_all(a, weights.gap, buffers.gaps[0])
    if link_and_bound(b, tools.marks, tools.table, at, weights, buffers) < scoring.best_floor:
        return 0, 0.0
    link_back(a, buffers.slots, tools.table.heads, at.pair)
    found = align_all(a, b, buffers, weights, scoring)
    if found == 0:
        return 0, 0.0
    return found, strength_of(pair, found, buffers, scoring)


@borrowing
def verify_some(pairs, at, texts, scoring, tools, matches, n, strengths):
    """Verify pairs from `at` on while there is room for their matches.

    Returns the pair after the last one, and how many matches there are.
    """
    marks, buffers, weights, words, first = tools.marks, tools.buffers, tools.weights, texts.words, texts.first
    stamp, noted = np.int64(-1), FALSE
    while at < len(pairs):
        pa, pb = pairs[at] >> 32, pairs[at] & 0xFFFFFFFF
        a, b = words[first[pa] : first[pa + 1]], words[first[pb] : first[pb + 1]]
        if n + len(a) + 8 > len(matches):
            break
        if pa != stamp:
            stamp, noted = pa, FALSE
            sketch(a, marks, stamp)
        same = len(a) >= scoring.fewest_aligned and equal(a, b)
        if same or may_match(b, marks, stamp, weights.gain, scoring.best_floor, scoring.fewest_word_pairs):
            pair = pair_of(texts, pa, pb, buffers.begins)
            if same:
                found, strength = 1, pair_equal(a, buffers, scoring)
            else:
                found, strength = compare(pair, Stamps(stamp, mask_for(len(a)), at), noted, scoring, tools)
                noted = True
            strengths[at] = strength
            if strength >= scoring.match_strength:
                n = add_matches(matches, n, found, at, pair, tools, scoring.fewest_aligned)
        at += 1
    return at, n


@kernel
def verify(pairs, words, longest, weights, listed):
    """Align every candidate pair of paragraphs (of at most `longest` words) and keep the verified matches.

    `words` are the fields of `Texts`, `weights` those of `Scoring`, `listed` those of `FactWords`.

    Returns one row for each match of a sentence with a sentence (columns: `match_columns`), and the strength of every
    pair.
    """
    scoring, texts = Scoring(*weights), Texts(*words)
    tools = VerificationTools(
        np.full((3, SKETCH + 1), -1, np.int32),
        empty_table(longest),
        empty_buffers(longest),
        weights_by_flags(scoring),
        empty_sentences(longest),
        FactWords(*listed),
    )
    matches, strengths = np.empty((1024 + longest, COLUMNS), np.int64), np.zeros(len(pairs), np.float32)
    at, n = ZERO, ZERO
    while at < len(pairs):
        at, n = verify_some(pairs, at, texts, scoring, tools, matches, n, strengths)
        if at < len(pairs):
            matches = grown(matches, n)
    return matches[:n].copy(), strengths
