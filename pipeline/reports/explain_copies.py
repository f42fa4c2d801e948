"""Copied passages of one document: where else each stands, who was first, and in which words a copy differs."""

from __future__ import annotations

import heapq
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import SequenceMatcher
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.console import counted
from pipeline.reports.passage_words import remarks_on, titles_of
from pipeline.storage.reader import Corpus
from pipeline.storage.tables import dataset

#: Other places of a passage that are named; news agencies' sentences stand in hundreds.
PLACES = 6
#: A copy's differences are shown up to so many, and where at least this share of the words is the same.
DIFFERENCES, ALIKE = 6, 0.5
_LATEST = datetime.max.replace(tzinfo=UTC)
_WORD = re.compile(r"\w+(?:['’.,-]\w+)*")

Row = dict[str, Any]


class Difference(NamedTuple):
    """Words of a copy and the canonical passage's in their place; "" where one of the two has none."""

    here: str
    there: str

    def in_words(self) -> str:
        """Say how the copy differs.

        >>> Difference("nine", "ten").in_words(), Difference("", "old").in_words(), Difference("so", "").in_words()
        ('“nine” for “ten”', 'without “old”', 'with “so”')
        """
        if not self.there:
            return f"with “{self.here}”"
        return f"“{self.here}” for “{self.there}”" if self.here else f"without “{self.there}”"


@dataclass(frozen=True, slots=True)
class PassagePlace:
    """Another place where a passage stands."""

    doc_id: str
    outlet: str
    published: datetime | None
    title: str | None
    paragraph: int
    is_canonical: bool


@dataclass(frozen=True, slots=True)
class CopiedPassage:
    """A passage of a document that others have too: its span in the cleaned paragraph, and the other places.

    `places` begins with the canonical passage where that is elsewhere; `total` counts all other places.
    """

    cluster_id: str
    start: int
    end: int
    text: str
    is_canonical: bool
    similarity: float
    notes: tuple[str, ...]
    places: tuple[PassagePlace, ...]
    total: int
    differences: tuple[Difference, ...] = ()

    def in_words(self) -> str:
        """Say if it is the first of its cluster, or how much of it is the same as the first."""
        said = f"{self.similarity:.0%} the same as the first"
        said = f"here first; copied {counted(self.total, 'time')}" if self.is_canonical else said
        return "; ".join((said, *self.notes))

    def differences_in_words(self) -> str:
        """List the words that are not those of the first; nothing where there are none, or too many."""
        changes = ", ".join(each.in_words() for each in self.differences)
        return f"differs from the first: {changes}" if changes else ""


def copied_passages(corpus: Corpus, run: str, doc_id: str) -> Mapping[int, tuple[CopiedPassage, ...]]:
    """Return the copied passages of a document by the number of their paragraph, in the order of the text."""
    rows = corpus.rows("passages", run, doc_id).sort_by([("paragraph", "ascending"), ("start", "ascending")])
    own = rows.to_pylist()
    if not own:
        return {}
    places, totals = _other_places(corpus, {row["cluster_id"] for row in own}, doc_id)
    titles = titles_of(corpus, {each["doc_id"] for some in places.values() for each in some})
    paragraphs = corpus.rows("paragraphs", run, doc_id)
    texts = dict(
        zip(
            paragraphs["paragraph"].to_pylist(),
            paragraphs["text"].to_pylist(),
            strict=True,
        )
    )
    canonical = {some[0]["cluster_id"]: some[0] for some in places.values() if some and some[0]["is_canonical"]}
    originals = _texts_of(corpus, canonical.values())
    found: dict[int, list[CopiedPassage]] = defaultdict(list)
    for row in own:
        cluster = row["cluster_id"]
        text = texts.get(row["paragraph"], "")[row["start"] : row["end"]]
        others = tuple(_place(each, titles) for each in places.get(cluster, ()))
        differences = word_differences(text, originals.get(cluster, ""))
        notes = remarks_on(row)
        found[row["paragraph"]].append(
            CopiedPassage(
                cluster,
                row["start"],
                row["end"],
                text,
                row["is_canonical"],
                row["similarity"],
                notes,
                others,
                totals.get(cluster, 0),
                differences,
            )
        )
    return {paragraph: tuple(some) for paragraph, some in found.items()}


def word_differences(copy: str, original: str) -> tuple[Difference, ...]:
    """Return the words in which a copy differs from the canonical passage; none where there are many.

    >>> word_differences("The quay opens at nine, she said.", "The old quay opens at ten, she said.")
    (Difference(here='', there='old'), Difference(here='nine', there='ten'))
    >>> word_differences("It rained.", "Nothing of this is alike at all.")
    ()
    """
    ours, theirs = _WORD.findall(copy), _WORD.findall(original)
    matcher = SequenceMatcher(
        None,
        [w.casefold() for w in ours],
        [w.casefold() for w in theirs],
        autojunk=False,
    )
    if not original or matcher.ratio() < ALIKE:
        return ()
    found = [
        Difference(" ".join(ours[a:b]), " ".join(theirs[c:d]))
        for kind, a, b, c, d in matcher.get_opcodes()
        if kind != "equal"
    ]
    return tuple(found) if len(found) <= DIFFERENCES else ()


def _other_places(corpus: Corpus, clusters: Iterable[str], doc_id: str) -> tuple[dict[str, list[Row]], dict[str, int]]:
    """Return the first other places of each cluster, the canonical one before all, and the number of all."""
    wanted = pc.is_in(pc.field("cluster_id"), pa.array(sorted(clusters), pa.string())) & (pc.field("doc_id") != doc_id)
    columns = [
        "cluster_id",
        "doc_id",
        "paragraph",
        "start",
        "end",
        "is_canonical",
        "outlet",
        "published",
    ]
    found: dict[str, list[Row]] = defaultdict(list)
    totals: dict[str, int] = defaultdict(int)
    for batch in _batches(corpus, "passages", columns, wanted):
        for row in batch:
            totals[row["cluster_id"]] += 1
            some = found[row["cluster_id"]]
            some.append(row)
            if len(some) > 2 * PLACES:
                found[row["cluster_id"]] = heapq.nsmallest(PLACES, some, _first)
    return {cluster: heapq.nsmallest(PLACES, some, _first) for cluster, some in found.items()}, totals


def _first(row: Row) -> tuple[bool, datetime, str, int]:
    return (
        not row["is_canonical"],
        row["published"] or _LATEST,
        row["doc_id"],
        row["paragraph"],
    )


def _batches(corpus: Corpus, name: str, columns: Sequence[str], wanted: Any) -> Iterator[list[Row]]:
    for run in corpus.runs:
        for batch in dataset(corpus.out, name, run).to_batches(columns=list(columns), filter=wanted):
            yield batch.to_pylist()


def _texts_of(corpus: Corpus, passages: Iterable[Row]) -> dict[str, str]:
    """Return the words of some passages by their cluster."""
    rows = list(passages)
    wanted = pc.is_in(
        pc.field("doc_id"),
        pa.array(sorted({row["doc_id"] for row in rows}), pa.string()),
    )
    places = defaultdict(list)
    for row in rows:
        places[row["doc_id"], row["paragraph"]].append(row)
    found = {}
    for batch in _batches(corpus, "paragraphs", ("doc_id", "paragraph", "text"), wanted):
        for paragraph in batch:
            for row in places.get((paragraph["doc_id"], paragraph["paragraph"]), ()):
                found[row["cluster_id"]] = paragraph["text"][row["start"] : row["end"]]
    return found


def _place(row: Row, titles: Mapping[str, str | None]) -> PassagePlace:
    doc_id = row["doc_id"]
    return PassagePlace(
        doc_id,
        row["outlet"],
        row["published"],
        titles.get(doc_id),
        row["paragraph"],
        row["is_canonical"],
    )
