"""Samples drawn by a seed: which rows are drawn depends on the rows alone, not on their order or on workers."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import xxhash

#: Chosen by hand; a page made again from the same tables shows the same samples.
SEED = 1

Group = TypeVar("Group", bound=Hashable)
Drawn = TypeVar("Drawn")


@dataclass
class Samples(Generic[Group, Drawn]):
    """Up to `size` values of each group, drawn at random, and how many there were.

    The values with the smallest digests are kept. So memory is bounded by groups, each value is as likely as any
    other, and parts may be read in any order.

    >>> few = Samples[str, int](size=2)
    >>> for value in range(1000):
    ...     few.offer("even" if value % 2 == 0 else "odd", f"row {value}", value)
    >>> few.seen["odd"], len(few.of("odd")), few.of("none")
    (500, 2, [])
    """

    size: int = 3
    seed: int = SEED
    seen: Counter[Group] = field(default_factory=Counter)
    _kept: dict[Group, list[tuple[int, str, int, Drawn]]] = field(default_factory=lambda: defaultdict(list))

    def offer(self, group: Group, key: str, value: Drawn) -> None:
        """Keep a value if its key's digest is among the smallest of its group."""
        self.seen[group] += 1
        if not self.size:
            return
        kept, rank = self._kept[group], -xxhash.xxh64_intdigest(key.encode(errors="replace"), self.seed)
        if len(kept) < self.size:
            heapq.heappush(kept, (rank, key, self.seen[group], value))
        elif rank > kept[0][0]:
            heapq.heapreplace(kept, (rank, key, self.seen[group], value))

    def of(self, group: Group) -> list[Drawn]:
        """Return the values that were kept of a group, in the order of their keys."""
        return [value for *_, value in sorted(self._kept.get(group, []), key=lambda kept: kept[1:3])]

    def values(self) -> list[Drawn]:
        """Return the values that were kept of all groups."""
        return [value for group in self.seen for value in self.of(group)]

    def groups(self) -> Iterator[Group]:
        """Yield the groups, those with the most values first."""
        yield from (group for group, _ in sorted(self.seen.items(), key=lambda item: (-item[1], str(item[0]))))
