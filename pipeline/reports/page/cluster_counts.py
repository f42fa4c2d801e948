"""Count the occurrences of every cluster of passages, in memory that holds 24 bytes a cluster."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline.reports.page.scope import Scope
from pipeline.storage.ids import as_bytes, as_text

#: Clusters that wait to be added: merging costs as much as there are, so it is put off. Chosen by hand.
WAITING = 200_000


class ClusterCounts:
    """Occurrences by cluster id.

    >>> counts = ClusterCounts()
    >>> counts.add([f"{1:032x}", f"{2:032x}", f"{1:032x}"])
    >>> counts.add([f"{1:032x}"])
    >>> len(counts), [(id[-1], n) for id, n in counts.largest(1)]
    (2, [('1', 3)])
    """

    def __init__(self) -> None:
        self.ids: NDArray[Any] = as_bytes([])
        self.counts = np.zeros(0, np.int64)
        self._waiting: list[tuple[NDArray[Any], NDArray[np.int64]]] = []

    def __len__(self) -> int:
        self._merge()
        return len(self.ids)

    def add(self, cluster_ids: list[str]) -> None:
        """Count one occurrence for each id."""
        ids, counts = np.unique(as_bytes(cluster_ids), return_counts=True)
        self._waiting.append((ids, counts.astype(np.int64)))
        if sum(len(each) for each, _ in self._waiting) > max(WAITING, len(self.ids)):
            self._merge()

    def largest(self, n: int) -> Iterable[tuple[str, int]]:
        """Return the ids and counts of the largest clusters, the largest first, equal ones by id."""
        self._merge()
        order = np.lexsort((self.ids, -self.counts))[:n]
        return list(zip(as_text(self.ids[order]), self.counts[order].tolist(), strict=True))

    def _merge(self) -> None:
        if not self._waiting:
            return
        ids = np.concatenate([self.ids, *(each for each, _ in self._waiting)])
        counts = np.concatenate([self.counts, *(each for _, each in self._waiting)])
        self.ids, places = np.unique(ids, return_inverse=True)
        self.counts = np.zeros(len(self.ids), np.int64)
        np.add.at(self.counts, places, counts)
        self._waiting.clear()


def cluster_counts(scope: Scope) -> ClusterCounts:
    """Count the passages of the reported runs; earlier versions of the same article are no copies."""
    found = ClusterCounts()
    for part in scope.parts():
        passages = part.table("passages", ["cluster_id", "revision"])
        found.add(passages["cluster_id"].filter(pc.invert(pc.fill_null(passages["revision"], False))).to_pylist())
    return found
