"""The largest clusters of copied passages for a page: each wording, who printed it and when, and what differs."""

from __future__ import annotations

import datetime
import heapq
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.reports.page.cluster_counts import cluster_counts
from pipeline.reports.page.differences import WordingPiece, word_differences
from pipeline.reports.page.scope import Scope
from pipeline.reports.passage_words import remarks_on

#: Clusters that are looked at and shown, and printings and wordings of one that are. Chosen by hand: 20 clusters fill
#: a tenth of a page of 10,000 articles.
LOOKED_AT, CLUSTERS, PRINTINGS, WORDINGS = 300, 20, 48, 16
PASSAGE = ["cluster_id", "doc_id", "paragraph", "start", "end", "is_canonical", "similarity", "numbers_differ",
           "contradicts", "late", "revision", "outlet", "published"]  # fmt: skip
#: Sorts behind every time that is known.
NEVER = datetime.datetime.max.replace(tzinfo=datetime.UTC)

Row = dict[str, Any]


class Printing(NamedTuple):
    """One occurrence of a passage."""

    outlet: str
    published: datetime.datetime | None
    doc_id: str
    title: str
    url: str
    text: str
    similarity: float
    is_canonical: bool
    flags: tuple[str, ...]


class Wording(NamedTuple):
    """A wording of a passage, who printed it, and how it differs from the canonical one."""

    printings: list[Printing]
    pieces: list[WordingPiece]

    @property
    def is_canonical(self) -> bool:
        """Tell if one of the printings is the canonical passage."""
        return any(each.is_canonical for each in self.printings)

    @property
    def is_dated(self) -> bool:
        """Tell if the time of one of the printings is known."""
        return any(each.published for each in self.printings)

    @property
    def similarity(self) -> str:
        """Write the similarity of its printings to the canonical one, as a range if they differ: also their words."""
        found = sorted({f"{each.similarity:.2f}" for each in self.printings if not each.is_canonical})
        return "–".join(dict.fromkeys([*found[:1], *found[-1:]]))


class Cluster(NamedTuple):
    """A cluster of passages: how often it was printed, and the earliest printings by wording."""

    cluster_id: str
    n_printings: int
    n_outlets: int
    canonical: Printing
    wordings: list[Wording]
    n_wordings: int  # among the printings that were looked up

    @property
    def printings(self) -> list[Printing]:
        """Return the printings that are shown, the earliest first."""
        shown = [printing for wording in self.wordings for printing in wording.printings]
        return sorted(shown, key=lambda each: (each.published or NEVER, not each.is_canonical, each.outlet))


class LargestClusters(NamedTuple):
    """The clusters that are shown, and how many there are."""

    shown: list[Cluster]
    n_clusters: int
    n_looked_at: int


@dataclass
class _Found:
    """One cluster as a pass over the passages finds it: the earliest rows, and counts of all."""

    n: int = 0
    outlets: Counter[str] = field(default_factory=Counter)
    earliest: list[tuple[Any, ...]] = field(default_factory=list)  # a heap, the latest first
    canonical: Row | None = None

    def add(self, row: Row) -> None:
        if row["is_canonical"]:
            self.canonical = row
        elif not row["revision"]:
            time = row["published"] or NEVER
            entry = (-time.timestamp(), row["doc_id"], row["paragraph"], row["start"], row)
            if len(self.earliest) < PRINTINGS - 1:
                heapq.heappush(self.earliest, entry)
            elif entry > self.earliest[0]:
                heapq.heapreplace(self.earliest, entry)
        if not row["revision"]:
            self.n += 1
            self.outlets[row["outlet"]] += 1

    def rows(self) -> list[Row]:
        return [*([self.canonical] if self.canonical else []), *(entry[-1] for entry in sorted(self.earliest)[::-1])]


def largest_clusters(scope: Scope) -> LargestClusters:
    """Find the clusters with the most printings, and of these show those that the most outlets printed.

    Copies and canonical passages of other runs belong to them: a night's copies are mostly of earlier articles.
    """
    counts = cluster_counts(scope)
    looked_at = [cluster_id for cluster_id, _ in counts.largest(LOOKED_AT)]
    found = {cluster_id: each for cluster_id, each in _passages(scope, looked_at).items() if each.canonical}
    order = sorted(found, key=lambda each: (-len(found[each].outlets), -found[each].n, each))[:CLUSTERS]
    texts = _texts(scope, [row for cluster_id in order for row in found[cluster_id].rows()])
    return LargestClusters([_cluster(each, found[each], texts) for each in order], len(counts), len(looked_at))


def _passages(scope: Scope, cluster_ids: list[str]) -> dict[str, _Found]:
    found: dict[str, _Found] = {}
    wanted = pc.is_in(pc.field("cluster_id"), pa.array(cluster_ids, pa.string()))
    for run in scope.corpus.runs if cluster_ids else []:
        for row in scope.rows("passages", run, PASSAGE, wanted):
            found.setdefault(row["cluster_id"], _Found()).add(row)
    return found


class _Texts(NamedTuple):
    paragraphs: dict[tuple[str, int], str]
    documents: dict[str, Row]


def _texts(scope: Scope, rows: list[Row]) -> _Texts:
    """Look up the paragraphs and titles of passages, in whatever run they are."""
    texts = _Texts({}, {})
    wanted = {(row["doc_id"], row["paragraph"]) for row in rows}
    ids = pc.is_in(pc.field("doc_id"), pa.array(sorted({doc_id for doc_id, _ in wanted}), pa.string()))
    for run in reversed(scope.corpus.runs):
        if wanted <= texts.paragraphs.keys():
            break
        for row in scope.rows("documents", run, ["doc_id", "title", "url"], ids):
            texts.documents[row["doc_id"]] = row
        for row in scope.rows("paragraphs", run, ["doc_id", "paragraph", "text"], ids):
            if (row["doc_id"], row["paragraph"]) in wanted:
                texts.paragraphs[row["doc_id"], row["paragraph"]] = row["text"]
    return texts


def _cluster(cluster_id: str, found: _Found, texts: _Texts) -> Cluster:
    printings = [_printing(row, texts) for row in found.rows()]
    canonical, wordings = printings[0], dict[str, list[Printing]]()
    for printing in printings:
        wordings.setdefault(" ".join(printing.text.split()), []).append(printing)
    shown = [
        Wording(same, word_differences(canonical.text, same[0].text)) for same in list(wordings.values())[:WORDINGS]
    ]
    return Cluster(cluster_id, found.n, len(found.outlets), canonical, shown, len(wordings))


def _printing(row: Row, texts: _Texts) -> Printing:
    text = texts.paragraphs.get((row["doc_id"], row["paragraph"]), "")[row["start"] : row["end"]]
    document = texts.documents.get(row["doc_id"], {})
    return Printing(
        outlet=row["outlet"],
        published=row["published"],
        doc_id=row["doc_id"],
        title=document.get("title") or "",
        url=document.get("url") or "",
        text=text,
        similarity=row["similarity"],
        is_canonical=row["is_canonical"],
        flags=remarks_on(row),
    )
