"""Matches: documents that a query fits, kept by their rank, and how they are named to a person."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal, NamedTuple

from pipeline.console import aligned, in_one_line

By = Literal["id", "address", "file", "title"]

#: Digits of an id that a person is shown: of a million documents no two are likely to share 12.
SHORT_ID = 12
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class FoundDocument:
    """A document of a corpus, as a list of matches names it. One that failed has an id and a place only."""

    doc_id: str
    run: str
    source_uri: str
    outlet: str = ""
    published: datetime | None = None
    title: str | None = None
    url: str | None = None

    @property
    def short_id(self) -> str:
        """The beginning of the id that a person types."""
        return self.doc_id[:SHORT_ID]


@dataclass(frozen=True, slots=True)
class LookupResult:
    """Documents that a query fits, the best first: at most as many as were asked for, of `total` in the corpus."""

    query: str
    by: By
    documents: tuple[FoundDocument, ...] = ()
    total: int = 0


class Ranked(NamedTuple):
    """A document with its place in the order of matches: smaller is better, then the newest, then the first id."""

    rank: float
    age: float
    doc_id: str
    document: FoundDocument


@dataclass(slots=True)
class BestMatches:
    """Keeps the best documents of those offered, and counts how many there are of the best rank."""

    limit: int
    heap: list[Ranked] = field(default_factory=list)
    best: float = float("inf")
    total: int = 0

    def offer(self, rank: float, document: FoundDocument) -> None:
        """Take a document in if it is among the best so far."""
        if rank < self.best:
            self.best, self.total, self.heap = rank, 0, []
        if rank > self.best:
            return
        self.total += 1
        age = -(document.published or _NEVER).timestamp()
        self.heap.append(Ranked(rank, age, document.doc_id, document))
        if len(self.heap) > 2 * self.limit:
            self.heap = heapq.nsmallest(self.limit, self.heap)

    def documents(self) -> tuple[FoundDocument, ...]:
        """Return the best documents in their order."""
        return tuple(each.document for each in heapq.nsmallest(self.limit, self.heap))


def described(document: FoundDocument) -> str:
    """Describe a document in a few words, its id first.

    >>> described(FoundDocument("b2eeed7b82bb" + "0" * 20, "sample", "news/a.txt", "daily-plume", None, "Ferry late"))
    'b2eeed7b82bb "Ferry late" (daily-plume)'
    """
    name = f'"{document.title}"' if document.title else document.source_uri
    return f"{document.short_id} {name}" + (f" ({document.outlet})" if document.outlet else "")


def match_list(matches: LookupResult) -> list[str]:
    """Write a numbered list of matches: what to type, outlet, day and title."""
    rows = []
    for number, each in enumerate(matches.documents, start=1):
        day = f"{each.published:%Y-%m-%d}" if each.published else ""
        name = in_one_line(each.title or each.source_uri)
        rows.append((f"{number:>2}", each.short_id, in_one_line(each.outlet), day, name))
    return aligned(rows)
