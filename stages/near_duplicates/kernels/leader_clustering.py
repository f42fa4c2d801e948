"""Leader clustering of passages: every match lies in clusters that both of its sentences are in.

See leader_clustering.c.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stages.native.kernel import Kernel

Integers = NDArray[np.int64]

_lead = Kernel(
    "leader_clustering_lead",
    *(np.int64, int, np.int64, int, int),  # matches, sentences
    *(np.int64, int, np.int64, np.int64, int),  # known sentences and their clusters
    np.int64,  # roles
)
_own_spans = Kernel("leader_clustering_own_spans", np.int64, np.int64, int, np.int64, np.int64, int, np.int64)


def lead(
    matches: Integers, later: Integers, base: int, sentences: int, known: Integers, known_first: Integers,
    known_members: Integers,
) -> Integers:  # fmt: skip
    """Return for every match its role and the span of the later sentence's words that are copied by it.

    The roles are those of `match_columns`.

    `matches` (earlier sentence, its span, the later one's span, 1 where both are of one document, 1 where no fact
    differs) are in rising order of `later` and of the earlier sentence; there are so many sentences from `base` on. Of
    the sentences before those, `known` ones are in clusters: `known_members` from `known_first` on.
    """
    found = np.zeros((len(matches), 3), np.int64)
    known_members = np.ascontiguousarray(known_members)
    result = _lead(
        np.ascontiguousarray(matches), len(matches), later, base, sentences,
        known, len(known), known_first, known_members, len(known_members), found,
    )  # fmt: skip
    if result < 0:
        raise ValueError("matches of sentences that do not exist, or that are not in canonical order")
    return found


def own_spans(begin: Integers, end: Integers, first: Integers, members: Integers) -> Integers:
    """Return the span of each sentence's words, from its first to its last, that no faithful copy holds.

    The sentences lie from `begin` to `end`; the clusters of each are `members` from `first` on.
    """
    found, members = np.zeros((len(begin), 2), np.int64), np.ascontiguousarray(members)
    if _own_spans(begin, end, len(begin), first, members, len(members), found) < 0:
        raise ValueError("clusters of sentences that do not exist")
    return found
