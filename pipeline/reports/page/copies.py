"""Copies between outlets for a page: the outlets that exchange the most words, as a matrix and as flows."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import pyarrow as pa

from pipeline.passages.flows import flows
from pipeline.reports.page.scope import Scope
from pipeline.storage.tables import dataset

#: Outlets of the heat map, links of the flow chart, and pairs of the table. Chosen by hand: more cannot be read.
MATRIX, LINKS, PAIRS = 16, 28, 100


class PairFlow(NamedTuple):
    """Copies of one outlet's words by another."""

    n_words: int
    from_outlet: str
    to_outlet: str
    n_passages: int
    n_documents: int
    median_delay_hours: float | None


@dataclass
class CopiedWords:
    """Words copied between outlets."""

    n_words: int = 0
    n_passages: int = 0
    n_pairs: int = 0
    given: Counter[str] = field(default_factory=Counter)  # words that others took from an outlet
    taken: Counter[str] = field(default_factory=Counter)  # words that an outlet took from others
    pairs: list[PairFlow] = field(default_factory=list)  # the largest, largest first
    outlets: list[str] = field(default_factory=list)  # of the matrix
    matrix: dict[tuple[str, str], PairFlow] = field(default_factory=dict)

    @property
    def n_outlets(self) -> int:
        """Return how many outlets gave or took words."""
        return len(self.given.keys() | self.taken.keys())

    @property
    def links(self) -> list[PairFlow]:
        """Return the flows of the chart."""
        return self.pairs[:LINKS]


def copies_of(scope: Scope) -> CopiedWords:
    """Add up the copies that the reported runs found; of the pairs of outlets only the largest are kept."""
    found, table = CopiedWords(), _flow_table(scope)
    for flow in _flows(table):
        found.n_pairs += 1
        found.n_words += flow.n_words
        found.n_passages += flow.n_passages
        found.given[flow.from_outlet] += flow.n_words
        found.taken[flow.to_outlet] += flow.n_words
    both = found.given + found.taken
    found.outlets = sorted(both, key=lambda outlet: (-both[outlet], outlet))[:MATRIX]
    found.pairs = heapq.nsmallest(PAIRS, _flows(table), key=lambda flow: (-flow.n_words, flow[1:3]))
    shown = set(found.outlets)
    found.matrix = {flow[1:3]: flow for flow in _flows(table) if shown.issuperset(flow[1:3])}
    return found


def _flow_table(scope: Scope) -> pa.Table:
    """Return the published flows of one run; those of several are counted anew."""
    if len(scope.runs) > 1:
        return flows(scope.corpus)
    return dataset(scope.corpus.out, "flows", scope.last).to_table()


def _flows(table: pa.Table) -> Iterator[PairFlow]:
    for batch in table.to_batches(max_chunksize=4096):
        yield from (PairFlow(**row) for row in batch.to_pylist())
