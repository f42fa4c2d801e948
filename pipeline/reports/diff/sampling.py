"""Honest samples: of each group a few members, chosen by a seed and by nothing else."""

from __future__ import annotations

import hashlib
import heapq
from collections import Counter, defaultdict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Sampled:
    """The sampled members of some groups, and how many members each group has.

    Members are chosen by the smallest digest of seed and name, so that the sample is the same whatever the order in
    which they are offered, and memory holds no more than are asked for.

    >>> sampled = Sampled(limit=1)
    >>> for name in ("ferry", "quay", "holm"):
    ...     sampled.offer("caption", name, name.upper())
    >>> len(sampled.of("caption")), sampled.totals["caption"]
    (1, 3)
    """

    limit: int = 3
    seed: int = 0
    totals: Counter[Hashable] = field(default_factory=Counter)
    _heaps: defaultdict[Hashable, list[tuple[int, str, Any]]] = field(default_factory=lambda: defaultdict(list))

    def offer(self, group: Hashable, name: str, member: Any) -> None:
        """Offer a member; `name` tells members of a group apart."""
        self.totals[group] += 1
        if not self.limit:
            return
        heap, rank = self._heaps[group], -_digest(f"{self.seed}\n{name}")
        if len(heap) < self.limit:
            heapq.heappush(heap, (rank, f"{name}\n{self.totals[group]}", member))
        elif rank > heap[0][0]:
            heapq.heapreplace(heap, (rank, f"{name}\n{self.totals[group]}", member))

    def of(self, group: Hashable) -> list[Any]:
        """Return the sampled members of a group."""
        return [member for _, _, member in sorted(self._heaps.get(group, ()), key=lambda each: (-each[0], each[1]))]

    def members(self) -> list[Any]:
        """Return the sampled members of all groups."""
        return [member for group in self.totals for member in self.of(group)]


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "big")
