"""Differences between two aligned spans, compiled by numba: figures, names, negations."""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="assignment,no-any-return"

from __future__ import annotations

from stages.near_duplicates import alphabet

from .compilation import borrowing
from .hashing import ANYWHERE

NUMBER, NAME, NEGATION = alphabet.NUMBER, alphabet.NAME, alphabet.NEGATION


@borrowing
def numbers_apart(a, b, start_a, end_a, start_b, end_b):
    """Return True if one span holds a figure that the other does not."""
    for i in range(start_a, end_a):
        if a[i] & NUMBER:
            there = False
            for j in range(start_b, end_b):
                there = there or (a[i] ^ b[j]) & ANYWHERE == 0
            if not there:
                return True
    return False


@borrowing
def contradictions(a, b, partner, passage_b, start_a, end_a, start_b, end_b):
    """Count how many more unmatched negations one span has than the other."""
    surplus = 0
    for i in range(start_a, end_a):
        surplus += partner[i] < 0 and a[i] & NEGATION != 0
    for j in range(start_b, end_b):
        surplus -= passage_b[j] < 0 and b[j] & NEGATION != 0
    return abs(surplus)


@borrowing
def names_apart(a, b, partner, start, end):
    """Return True if, between two aligned words, each side has a name where the other has another."""
    previous = -1
    for i in range(start, end):
        if partner[i] < 0:
            continue
        if previous >= 0:
            name_a, name_b = False, False
            for k in range(previous + 1, i):
                name_a = name_a or a[k] & NAME != 0
            for k in range(partner[previous] + 1, partner[i]):
                name_b = name_b or b[k] & NAME != 0
            if name_a and name_b:
                return True
        previous = i
    return False


@borrowing
def other_figures(a, b, i, j):
    """Return True if a word of each text, just outside a passage, is a figure, and not the same."""
    if i < 0 or j < 0 or i >= len(a) or j >= len(b):
        return False
    return a[i] & NUMBER != 0 and b[j] & NUMBER != 0 and (a[i] ^ b[j]) & ANYWHERE != 0
