"""Matches of two paragraphs, compiled by numba: passages cut at sentence borders, a row for each pair of sentences."""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="assignment,no-any-return"

from __future__ import annotations

import numpy as np

from stages.near_duplicates.match_columns import (
    ALIGNED,
    DIFFERS,
    END_A,
    END_B,
    NAMES_DIFFER,
    NEGATIONS_DIFFER,
    NUMBERS_DIFFER,
    PAIR,
    SENTENCE_A,
    SENTENCE_B,
    START_A,
    START_B,
)  # fmt: skip

from .compilation import borrowing, inner
from .differences import contradictions, names_apart, numbers_apart, other_figures
from .facts import facts_apart, language_of
from .strength import sentence_at


@borrowing
def describe(row, pair, spoken, tools):
    """Complete a match whose spans are known: note what differs in them, and in the whole sentences."""
    buffers = tools.buffers
    a, b, partner = pair.a, pair.b, buffers.partner
    start_a, end_a, start_b, end_b = row[START_A], row[END_A], row[START_B], row[END_B]
    apart = numbers_apart(a, b, start_a, end_a, start_b, end_b) or numbers_apart(b, a, start_b, end_b, start_a, end_a)
    apart = apart or other_figures(a, b, start_a - 1, start_b - 1) or other_figures(a, b, end_a, end_b)
    flips = contradictions(a, b, partner, buffers.passage_b, start_a, end_a, start_b, end_b) > 0
    other_names = names_apart(a, b, partner, start_a, end_a)
    row[DIFFERS] = NUMBERS_DIFFER * apart + NAMES_DIFFER * other_names + NEGATIONS_DIFFER * flips
    row[DIFFERS] |= facts_apart(pair, row[SENTENCE_A], row[SENTENCE_B], spoken, tools)


@borrowing
def sentence_matches(matches, n, passage, pair, buffers, least):
    """Cut one aligned passage at sentence borders: rows of `matches` from n on; return the row after the last.

    Sentence pairs with fewer than `least` aligned words are dropped unless they are the passage's best.
    """
    partner, passage_a, end, best = buffers.partner, buffers.passage_a, n, n
    for i in range(len(pair.a)):
        if passage_a[i] != passage or partner[i] < 0:
            continue
        u, v = sentence_at(pair.sentences_a, i), sentence_at(pair.sentences_b, partner[i])
        if end == n or matches[end - 1, SENTENCE_A] != u or matches[end - 1, SENTENCE_B] != v:
            matches[end, SENTENCE_A], matches[end, SENTENCE_B] = u, v
            matches[end, START_A], matches[end, START_B], matches[end, ALIGNED] = i, partner[i], 0
            end += 1
        matches[end - 1, END_A], matches[end - 1, END_B] = i + 1, partner[i] + 1
        matches[end - 1, ALIGNED] += 1
    for row in range(n, end):
        if matches[row, ALIGNED] > matches[best, ALIGNED]:
            best = row
    return keep_rows(matches, n, end, best, least)


@borrowing
def keep_rows(matches, n, end, best, least):
    """Move the rows with `least` aligned words, and the best, to the front; return the row after the last."""
    kept = n
    for row in range(n, end):
        if matches[row, ALIGNED] >= least or row == best:
            for column in range(matches.shape[1]):
                matches[kept, column] = matches[row, column]
            kept += 1
    return kept


@borrowing
def add_matches(matches, n, found, number, pair, tools, least):
    """Add the matches of two paragraphs, the candidate pair of this number; return how many matches there are."""
    spoken = language_of(pair.b, tools.listed, tools.sentences.votes)
    for passage in range(found):
        end = sentence_matches(matches, n, passage, pair, tools.buffers, least)
        for row in range(n, end):
            describe(matches[row], pair, spoken, tools)
            matches[row, PAIR] = number
            matches[row, SENTENCE_A] += pair.before_a
            matches[row, SENTENCE_B] += pair.before_b
        n = end
    return n


@inner
def grown(rows, n):
    """Copy the first n rows into a larger array."""
    larger_rows = np.empty((2 * len(rows), rows.shape[1]), np.int64)
    for row in range(n):
        for column in range(rows.shape[1]):
            larger_rows[row, column] = rows[row, column]
    return larger_rows
