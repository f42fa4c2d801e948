"""Sightings: every place of a corpus where a sentence stands, or stood before it was cut or moved."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.reports.why.sought import Sought
from pipeline.storage.protocol import OutputLocation
from pipeline.storage.reader import Corpus
from pipeline.storage.tables import folder_of, part_files, read_file
from stages.contract import PARAGRAPH_BREAK

#: Where a sentence can be: in the text, cut or moved out of it, put between quotation marks, or in a column alone.
Kind = Literal["kept", "cut", "moved", "edited", "column"]
ACTIONS = pa.array(["cut", "moved", "edited"])
#: Stages whose cuts take words out of a text; others edit white space and characters.
CUTTING = pa.array(["extract", "noise"])
#: Columns that a record may hold a sentence in without its text having it.
COLUMNS = ("title", "deck")
#: What is read of a document that has the sentence.
ABOUT = ["doc_id", "outlet", "published", "updated", "title", "deck", "authors", "dateline", "wire", "canonical_text"]
_LATEST = datetime.max.replace(tzinfo=UTC)
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sighting:
    """One place: a kept paragraph (`paragraph` is its number), a row of the ledger, or a column of the document."""

    kind: Kind
    run: str
    document: Row  # ABOUT, or the id alone where no text was left
    text: str
    start: int  # of the sentence in `text`
    end: int
    paragraph: int | None = None
    row: Row | None = None  # of the ledger
    column: str | None = None
    passages: tuple[Row, ...] = ()  # copied passages that the sentence touches
    in_canonical_text: bool = True

    @property
    def doc_id(self) -> str:
        """The document's id."""
        return str(self.document["doc_id"])

    @property
    def order(self) -> tuple[datetime, str, bool, int]:
        """The order of sightings: the earliest document first, in it what was kept, then by place."""
        place = self.paragraph if self.paragraph is not None else (self.row or {}).get("start") or 0
        return self.document.get("published") or _LATEST, self.doc_id, self.kind != "kept", place


class Fate(NamedTuple):
    """A line of the summary: a kind of place, and for cuts the reason and the rule."""

    kind: Kind
    reason: str
    rule: str


@dataclass
class Sightings:
    """The earliest places, at most `limit`, with the number of all by what became of the sentence."""

    limit: int
    documents: int = 0
    fates: Counter[Fate] = field(default_factory=Counter)
    _earliest: list[Sighting] = field(default_factory=list)

    def offer(self, sighting: Sighting) -> None:
        """Count a place, and keep it if it is among the earliest."""
        row = sighting.row or {}
        self.fates[Fate(sighting.kind, row.get("reason") or sighting.column or "", row.get("rule") or "")] += 1
        self._earliest.append(sighting)
        if len(self._earliest) > 2 * self.limit:
            self._earliest = heapq.nsmallest(self.limit, self._earliest, key=lambda each: each.order)

    def earliest(self) -> list[Sighting]:
        """Return the earliest places in their order."""
        return heapq.nsmallest(self.limit, self._earliest, key=lambda each: each.order)


def sightings(corpus: Corpus, sought: Sought, limit: int) -> Sightings:
    """Find all places of a sentence, part by part of the tables of all runs."""
    found = Sightings(limit)
    for run in corpus.runs:
        for path in part_files(folder_of(corpus.out, "documents", run)):
            ids: set[str] = set()
            for sighting in _in_part(corpus.out, run, path.name, sought):
                ids.add(sighting.doc_id)
                found.offer(sighting)
            found.documents += len(ids)
    return found


def _in_part(out: OutputLocation, run: str, part: str, sought: Sought) -> Iterator[Sighting]:
    """Yield the places in one part, which holds all rows of its documents."""

    def table(name: str, columns: list[str]) -> pa.Table:
        return read_file(folder_of(out, name, run) / part, name, columns)

    kept = list(_matching(table("paragraphs", ["doc_id", "paragraph", "text"]), "text", sought))
    taken = list(_matching(_cutting_rows(read_file(folder_of(out, "ledger", run) / part, "ledger")), "before", sought))
    names = table("documents", ["doc_id", *COLUMNS])
    columns = [(name, *each) for name in COLUMNS for each in _matching(names.select(["doc_id", name]), name, sought)]
    ids = pa.array(sorted({row["doc_id"] for row, _ in (*kept, *taken, *(each[1:] for each in columns))}), pa.string())
    if not len(ids):
        return
    documents = {row["doc_id"]: row for row in _of(table("documents", ABOUT), ids)}
    passages: dict[tuple[str, int], list[Row]] = defaultdict(list)
    for row in _of(read_file(folder_of(out, "passages", run) / part, "passages"), ids):
        passages[row["doc_id"], row["paragraph"]].append(row)
    for row, span in kept:
        document = documents[row["doc_id"]]
        touched = [each for each in passages[row["doc_id"], row["paragraph"]] if _touch(each, span)]
        canonical = row["text"] in document["canonical_text"].split(PARAGRAPH_BREAK)
        yield Sighting("kept", run, document, row["text"], *span, paragraph=row["paragraph"],
                       passages=tuple(touched), in_canonical_text=canonical)  # fmt: skip
    for row, span in taken:
        document = documents.get(row["doc_id"], {"doc_id": row["doc_id"]})
        yield Sighting(row["action"], run, document, row["before"], *span, row=row)
    elsewhere = {row["doc_id"] for row, _ in (*kept, *taken)}
    for name, row, span in columns:
        if row["doc_id"] not in elsewhere:
            yield Sighting("column", run, documents[row["doc_id"]], row[name], *span, column=name)


def _cutting_rows(ledger: pa.Table) -> pa.Table:
    cutting = pc.and_(pc.is_in(ledger["action"], ACTIONS), pc.is_in(ledger["stage"], CUTTING))
    return ledger.filter(pc.and_(cutting, pc.is_valid(ledger["doc_id"])))


def _matching(rows: pa.Table, column: str, sought: Sought) -> Iterator[tuple[Row, tuple[int, int]]]:
    """Yield the rows whose text has the sentence, with its span in it."""
    for row in rows.filter(sought.candidates(rows[column])).to_pylist():
        match = sought.pattern.search(row[column])
        if match:
            yield row, match.span()


def _of(rows: pa.Table, ids: pa.Array) -> list[Row]:
    wanted: list[Row] = rows.filter(pc.is_in(rows["doc_id"], ids)).to_pylist()
    return wanted


def _touch(passage: Row, span: tuple[int, int]) -> bool:
    return bool(passage["start"] < span[1] and passage["end"] > span[0])
