"""Copied passages among texts, without files: the corpus stage of a run on what a program holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate, groupby
from operator import attrgetter
from typing import Any, NamedTuple, Protocol, runtime_checkable

import pyarrow as pa

from pipeline.api.configuration import GivenSettings, settings_of
from pipeline.errors import UserError
from pipeline.sources.values import clean as without_lone_surrogates
from pipeline.storage.rows import Passage, rows_of
from stages import near_duplicates, segment
from stages.contract import DOCUMENT, PARAGRAPH_BREAK
from stages.ledger import Edit, apply_edits

#: What names a text: its place among the texts, or the caller's own id.
TextId = Any

#: Texts whose evidence is made at once; a run takes as many documents in a batch.
SHARD = 256
#: What is known of a text besides its passages.
RELATED = ["doc_id", "duplicate_share", "duplicate_of"]
#: Texts that have no time are canonical in the order in which they are given, after those that have one: each gets the
#: next microsecond after this, or after the latest.
FIRST_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)


@runtime_checkable
class ArrowStream(Protocol):
    """A table of any library that speaks Arrow's C stream interface: pyarrow, polars, pandas, a stream of a corpus."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...


#: Texts in any of the forms that are taken.
GivenTexts = Iterable[str] | Mapping[TextId, str] | ArrowStream


@dataclass(frozen=True, slots=True)
class CopiedSpan:
    """A span of a text that stands in other texts too: `start` and `end` are code points of the text as given.

    `similarity` is that to the canonical span, verified on the words.
    """

    cluster: int
    id: TextId
    start: int
    end: int
    text: str
    is_canonical: bool
    similarity: float
    numbers_differ: bool
    contradicts: bool


@dataclass(frozen=True, slots=True)
class Copies:
    """The copied passages among some texts: spans by cluster, the canonical one first, and by text its share of copies.

    `duplicate_share` is the share of a text's words whose canonical copy stands in an earlier text, `duplicate_of` the
    text that a whole text is a copy of. Texts without copies have a share of 0.
    """

    spans: tuple[CopiedSpan, ...]
    duplicate_share: Mapping[TextId, float]
    duplicate_of: Mapping[TextId, TextId]

    def clusters(self) -> Iterator[tuple[CopiedSpan, ...]]:
        """Yield the spans of each cluster: the canonical one, then its copies in the order of the texts."""
        for _, found in groupby(self.spans, attrgetter("cluster")):
            yield tuple(found)

    def __len__(self) -> int:
        """Count the clusters."""
        return sum(1 for _ in self.clusters())

    def to_table(self) -> pa.Table:
        """Return the spans as an Arrow table, with the columns of `CopiedSpan`; ids of several types as text."""
        names = CopiedSpan.__dataclass_fields__
        columns: dict[str, Any] = {name: [getattr(span, name) for span in self.spans] for name in names}
        if len({type(each) for each in columns["id"]}) > 1:
            columns["id"] = list(map(str, columns["id"]))
        return pa.table(columns)


class GivenText(NamedTuple):
    """One text of a caller, with what is known of it."""

    id: TextId
    text: str
    outlet: str
    published: datetime | None


def find_copies(texts: GivenTexts, *, settings: GivenSettings = None) -> Copies:
    """Find the passages that texts share, lightly edited ones too, and cluster them around a canonical one.

    `texts` are strings, whose ids are their places; a mapping of ids to strings; or a table that speaks Arrow (pyarrow,
    polars, pandas, a stream of a corpus) with a column `text` and, if you have them, `id` or `doc_id`, `outlet` and
    `published`. Canonical is what was published first, and where no time is given what stands first. The unit is the
    sentence and the quotation: what counts as a copy is set by [near_duplicates], as in a run.

        copies = copydesk.find_copies({"a": article, "b": other})
        for canonical, *others in copies.clusters():
            print(canonical.text, [span.id for span in others])

    All texts and the evidence on them are held in memory; for more than some ten thousand articles, `run` works on
    disk. The first call in a process compiles what it needs or loads it from the cache.

    Raises TypeError for what is no text, UserError for a table without `text` or ids that are there twice.
    """
    chosen, given = settings_of(settings), list(_given(texts))
    if len({each.id for each in given}) < len(given):
        raise UserError("two texts have the same id: give each its own, or none.")
    edits = [segment.segment_edits(each.text, chosen.segment) for each in given]
    undated = max((each.published for each in given if each.published), default=FIRST_MOMENT)
    shards = [
        _documents(given[at : at + SHARD], edits[at : at + SHARD], at, undated) for at in range(0, len(given), SHARD)
    ]
    options = chosen.near_duplicates
    evidence = [near_duplicates.evidence(shard) for shard in shards]
    if not evidence:
        return Copies((), {}, {})
    resolution = near_duplicates.resolve(evidence, options)
    removals = [near_duplicates.remove(shard, resolution, options) for shard in shards]
    return _copies(given, edits, removals)


def _given(texts: GivenTexts) -> Iterator[GivenText]:
    """Yield the texts of a caller in one form. Raises TypeError for what is no text."""
    if isinstance(texts, str | bytes):
        raise TypeError(f"texts must be several: a list, a mapping or a table, not one {type(texts).__name__}")
    if isinstance(texts, ArrowStream):
        yield from _given_in_table(pa.table(texts))
        return
    pairs = texts.items() if isinstance(texts, Mapping) else enumerate(texts)
    for name, text in pairs:
        yield _one(name, text)


def _given_in_table(table: pa.Table) -> Iterator[GivenText]:
    names = table.schema.names
    if "text" not in names:
        raise UserError(f"the table has no column `text`. It has: {', '.join(names)}.")
    key = next((name for name in ("id", "doc_id") if name in names), None)
    rows = table.select([name for name in (key, "text", "outlet", "published") if name in names]).to_pylist()
    for number, row in enumerate(rows):
        yield _one(row[key] if key else number, row["text"], row.get("outlet"), row.get("published"))


def _one(name: TextId, text: Any, outlet: str | None = None, published: datetime | None = None) -> GivenText:
    if not isinstance(text, str):
        raise TypeError(f"text {name!r} must be str, not {type(text).__name__}")
    return GivenText(name, without_lone_surrogates(text), outlet or "", _moment(published))


def _moment(published: Any) -> datetime | None:
    """Return a time of publication in UTC; one without a zone is taken to be in it.

    >>> _moment(datetime(2026, 3, 1, 6)).isoformat()
    '2026-03-01T06:00:00+00:00'
    """
    if published is not None and not isinstance(published, datetime):
        raise TypeError(f"published must be a column of timestamps, not of {type(published).__name__}")
    return published.replace(tzinfo=UTC) if published and published.tzinfo is None else published


def _documents(given: Sequence[GivenText], edits: Sequence[Sequence[Edit]], first: int, undated: datetime) -> pa.Table:
    """Make documents in paragraphs of texts; their ids are their places. Texts without a time follow each other."""
    numbers = range(first, first + len(given))
    columns: dict[str, Any] = {
        "doc_id": [f"{number:032x}" for number in numbers],
        "source_uri": [""] * len(given),
        "outlet": [each.outlet for each in given],
        "published": [
            each.published or undated + timedelta(microseconds=number + 1)
            for number, each in zip(numbers, given, strict=True)
        ],
        "kind": ["text"] * len(given),
        "text": [apply_edits(each.text, changes) for each, changes in zip(given, edits, strict=True)],
        "raw_sha256": [""] * len(given),
    }
    arrays = [pa.array(columns.get(field.name, [None] * len(given)), field.type) for field in DOCUMENT]
    return pa.Table.from_arrays(arrays, schema=DOCUMENT)


def _copies(
    given: Sequence[GivenText], edits: Sequence[Sequence[Edit]], removals: Sequence[near_duplicates.Removal]
) -> Copies:
    """Translate what the corpus stage found into spans of the texts as given, and their ids."""
    found = [row for each in removals for row in rows_of(Passage, each.passages.to_batches())]
    order = sorted(found, key=lambda row: (row.cluster_id, not row.is_canonical, row.doc_id, row.paragraph, row.start))
    clusters: dict[str, list[Passage]] = {}
    for row in order:
        clusters.setdefault(row.cluster_id, []).append(row)
    by_place = sorted(clusters.values(), key=lambda rows: (rows[0].doc_id, rows[0].paragraph, rows[0].start))
    begins: dict[int, list[int]] = {}  # of the paragraphs of each text that has copies
    for row in found:
        number = int(row.doc_id, 16)
        if number not in begins:
            begins[number] = paragraph_begins(apply_edits(given[number].text, edits[number]))
    spans = [_span(number, row, given, edits, begins) for number, rows in enumerate(by_place) for row in rows]
    documents = [row for each in removals for row in each.documents.select(RELATED).to_pylist()]
    shares = {given[int(row["doc_id"], 16)].id: row["duplicate_share"] for row in documents}
    homes = {row["doc_id"]: row["duplicate_of"] for row in documents if row["duplicate_of"]}
    same = {given[int(copy, 16)].id: given[int(home, 16)].id for copy, home in homes.items()}
    return Copies(tuple(spans), shares, same)


def _span(
    cluster: int,
    row: Passage,
    given: Sequence[GivenText],
    edits: Sequence[Sequence[Edit]],
    begins: Mapping[int, Sequence[int]],
) -> CopiedSpan:
    number = int(row.doc_id, 16)
    text, changes, at = given[number].text, edits[number], begins[number][row.paragraph]
    start, end = place_before(at + row.start, changes), place_before(at + row.end - 1, changes) + 1
    return CopiedSpan(
        cluster, given[number].id, start, end, text[start:end], row.is_canonical, row.similarity, row.numbers_differ,
        row.contradicts,
    )  # fmt: skip


def paragraph_begins(text: str) -> list[int]:
    """Return where the paragraphs of a text begin.

    >>> paragraph_begins("One." + PARAGRAPH_BREAK + "Two.")
    [0, 6]
    """
    lengths = (len(each) + len(PARAGRAPH_BREAK) for each in text.split(PARAGRAPH_BREAK))
    return [0, *accumulate(lengths)][:-1]


def place_before(place: int, edits: Sequence[Edit]) -> int:
    """Return where a character of an edited text stood before the edits; one that was put in, where they put it.

    >>> place_before(9, [Edit(0, 1, ""), Edit(5, 6, PARAGRAPH_BREAK)]), place_before(2, [])
    (9, 2)
    """
    shift = 0  # of the text after the edits so far, against the text before
    for edit in edits:
        begins = edit.start + shift
        if place < begins:
            break
        if place < begins + len(edit.after):
            return edit.start
        shift += len(edit.after) - (edit.end - edit.start)
    return place - shift
