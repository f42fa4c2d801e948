"""Leader clustering, compiled by numba: sentences in canonical order join an earlier leader or become one."""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="assignment,no-any-return"

from __future__ import annotations

import numpy as np

from .compilation import inner, kernel
from .hashing import ZERO


@inner
def share_one(a, a_begin, a_end, b, b_begin, b_end):
    """Return True if two rising lists have a value in common."""
    while a_begin < a_end and b_begin < b_end:
        if a[a_begin] == b[b_begin]:
            return True
        if a[a_begin] < b[b_begin]:
            a_begin += 1
        else:
            b_begin += 1
    return False


@kernel
def lead(sentence, later, base, sentences, known, known_first, known_leaders):
    """Return the role of every match: 1 its earlier sentence leads, 2 no leader matches both sentences, 0 one does.

    Rows are in rising order of `later` and `sentence`; there are so many sentences from `base` on. Of sentences before
    those, `known` ones have leaders from `known_first` on. A sentence leads unless an earlier leader matches it.
    """
    first, leaders = np.zeros(sentences + 1, np.int64), np.empty(len(sentence), np.int64)
    role, n, row = np.zeros(len(sentence), np.int8), ZERO, ZERO
    for v in range(sentences):
        begin, first[v] = row, n
        while row < len(later) and later[row] == base + v:
            u = sentence[row]
            if u < base:
                at = np.searchsorted(known, u)
                leads = known_first[at] == known_first[at + 1]
            else:
                leads = first[u - base] == first[u - base + 1]
            if leads:
                role[row], leaders[n] = 1, u
                n += 1
            row += 1
        first[v + 1] = n
        for at in range(begin, row):
            if role[at] == 1:
                continue
            u = sentence[at]
            if u < base:
                place = np.searchsorted(known, u)
                both = share_one(known_leaders, known_first[place], known_first[place + 1], leaders, first[v], n)
            else:
                both = share_one(leaders, first[u - base], first[u - base + 1], leaders, first[v], n)
            role[at] = 0 if both else 2
    return role
