"""Copied passages of one bucket: those gained and lost, those that others had first, and their clusters."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pyarrow as pa

from pipeline.reports.diff.buckets import Half
from pipeline.reports.diff.counts import Comparison, PassageCounts
from pipeline.reports.diff.cuts import outlets_of
from pipeline.reports.diff.signed import differing
from pipeline.storage.ids import Ids, as_text


class PassageChange(NamedTuple):
    """A passage that only one side finds, or that is canonical on one side only."""

    key: str
    outlet: str
    text: str
    turn: str  # gained, lost, first elsewhere


def compare_passages(found: Comparison, before: Half, after: Half) -> None:
    """Add the passages of a bucket; a passage is known by its document and its words."""
    counts, outlets = found.passages, outlets_of(before, after)
    counts.old += len(before.passages)
    counts.new += len(after.passages)
    for gone, come in differing(before.passages, after.passages, ("key", "text"), ("is_canonical",)):
        row: dict[str, Any] = come or gone or {}
        turn = "gained" if gone is None else "lost" if come is None else "first elsewhere"
        setattr(counts, turn.replace(" ", "_"), getattr(counts, turn.replace(" ", "_")) + 1)
        change = PassageChange(row["key"], outlets.get(row["key"], ""), row["text"], turn)
        found.passage_samples.offer(turn, f"{row['key']}\n{row['text']}", change)


@dataclass
class Clusters:
    """The clusters that each side has passages of, 16 bytes each."""

    old: Ids = field(default_factory=Ids)
    new: Ids = field(default_factory=Ids)

    def note(self, old: pa.Table, new: pa.Table) -> None:
        """Add the clusters of a bucket."""
        for ids, passages in ((self.old, old), (self.new, new)):
            met = passages["cluster_id"].unique().to_pylist()
            ids.add([each for each, known in zip(met, ids.has(met), strict=True) if not known])

    def count(self, counts: PassageCounts) -> None:
        """Write down how many there are."""
        counts.old_clusters, counts.new_clusters = len(self.old), len(self.new)
        counts.same_clusters = sum(int(self.new.has(as_text(level)).sum()) for level in self.old.levels)
