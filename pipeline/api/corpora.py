"""A corpus from Python: its runs, and its tables as streams of Arrow batches or of frozen values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypedDict, TypeVar, Unpack

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.api.configuration import GivenSettings, settings_of
from pipeline.console import counted
from pipeline.errors import UserError
from pipeline.sources.window import moment_of
from pipeline.storage.location import output_location
from pipeline.storage.protocol import OutputLocation
from pipeline.storage.reader import Corpus
from pipeline.storage.rows import Document, LedgerRow, Paragraph, Passage, rows_of
from pipeline.storage.selection import Selection
from pipeline.storage.tables import TABLES, dataset

Row = TypeVar("Row")

#: One name, or several.
Names = str | Iterable[str]


class Filters(TypedDict, total=False):
    """Conditions on documents, as arguments; every one that is given must hold. They are those of `Selection`.

    `since` is inside the span and `until` is not; both are times with a zone, or written as `clean run --since` has
    them. An article in several versions is there in its latest; `latest_versions_only=False` gives all of them.
    """

    runs: Names
    outlets: Names
    languages: Names
    page_kinds: Names
    since: datetime | str
    until: datetime | str
    min_words: int
    without_duplicates: bool
    latest_versions_only: bool


@dataclass(frozen=True)
class RowStream(Generic[Row]):
    """Rows of a table that are read when they are asked for, from the beginning each time.

    Iterate for frozen values, `batches()` for Arrow. Neither holds more than a few batches in memory.
    """

    kind: type[Row]
    schema: pa.Schema
    read: Callable[[], Iterator[pa.RecordBatch]]

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows as Arrow batches."""
        return self.read()

    def __iter__(self) -> Iterator[Row]:
        if not set(self.kind.__dataclass_fields__) <= set(self.schema.names):  # type: ignore[attr-defined]
            raise UserError("values of rows need all columns: leave `columns` out, or take batches().")
        return rows_of(self.kind, self.read())

    def to_reader(self) -> pa.RecordBatchReader:
        """Return an Arrow reader, which DuckDB, polars, datasets and others take as it is."""
        return pa.RecordBatchReader.from_batches(self.schema, self.read())

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Hand the rows to whatever speaks Arrow's C stream interface, such as `polars.DataFrame(stream)`."""
        return self.to_reader().__arrow_c_stream__(requested_schema)

    def to_table(self) -> pa.Table:
        """Read all rows into an Arrow table, which has to fit into memory."""
        return self.to_reader().read_all()

    def to_pandas(self) -> Any:
        """Read all rows into a pandas data frame of Arrow columns: integers with gaps in them stay integers."""
        import pandas as pd  # noqa: PLC0415 - optional

        return self.to_table().to_pandas(types_mapper=pd.ArrowDtype)


class PublishedCorpus(Corpus):
    """The published runs of an output location, and their tables as streams. `runs` are their ids, oldest first."""

    def __repr__(self) -> str:
        """Name the location and the runs."""
        return f"<PublishedCorpus {self.out}: {counted(len(self.runs), 'run')}>"

    def documents(self, *, columns: Sequence[str] | None = None, **filters: Unpack[Filters]) -> RowStream[Document]:
        """Read cleaned articles, in the order of the tables, with some `columns` or all."""
        return self._stream(Document, "documents", columns, filters)

    def paragraphs(
        self, *, canonical_only: bool = False, columns: Sequence[str] | None = None, **filters: Unpack[Filters]
    ) -> RowStream[Paragraph]:
        """Read the paragraphs of articles; `canonical_only` leaves out those that stand elsewhere."""
        return self._stream(Paragraph, "paragraphs", columns, filters, canonical_only)

    def passages(
        self, *, canonical_only: bool = False, columns: Sequence[str] | None = None, **filters: Unpack[Filters]
    ) -> RowStream[Passage]:
        """Read the copied passages of articles; `canonical_only` leaves out those that stood elsewhere first."""
        return self._stream(Passage, "passages", columns, filters, canonical_only)

    def ledger(self, *, columns: Sequence[str] | None = None, **filters: Unpack[Filters]) -> RowStream[LedgerRow]:
        """Read the ledger of articles. Rows about inputs that became none are in `failures`."""
        return self._stream(LedgerRow, "ledger", columns, filters)

    def failures(self, run: str | None = None) -> RowStream[LedgerRow]:
        """Read the ledger rows of inputs that failed or were skipped, in one run or in all."""
        runs, lost = self.chosen(run), pc.field("action").isin(["failed", "skipped"])

        def read() -> Iterator[pa.RecordBatch]:
            for each in runs:
                yield from dataset(self.out, "ledger", each).to_batches(filter=lost)

        return RowStream(LedgerRow, TABLES["ledger"], read)

    def _stream(
        self,
        kind: type[Row],
        table: str,
        columns: Sequence[str] | None,
        filters: Filters,
        canonical_only: bool = False,
    ) -> RowStream[Row]:
        selection, names = selection_of(filters), columns_in(table, columns)
        selection.runs_in(self)

        def read() -> Iterator[pa.RecordBatch]:
            if table == "documents":
                return selection.documents(self, names)
            if not canonical_only:
                return selection.rows(self, table, names)
            found = selection.rows(self, table, list(dict.fromkeys([*names, "is_canonical"])))
            return (batch.filter(batch["is_canonical"]).select(names) for batch in found)

        return RowStream(kind, pa.schema([TABLES[table].field(name) for name in names]), read)


def open_corpus(out: str | OutputLocation = "out", *, settings: GivenSettings = None) -> PublishedCorpus:
    """Open the corpus in a folder or at `s3://bucket/prefix`.

        corpus = copydesk.open_corpus("out")
        for document in corpus.documents(outlets="harbour-post", since="2026-01-01"):
            print(document.published, document.title)

    Only manifests are read here. `settings` say how a store is reached ([store]). Raises UserError if no run was
    published there.
    """
    return PublishedCorpus(output_location(out, settings_of(settings).store))


def columns_in(table: str, wanted: Sequence[str] | None) -> list[str]:
    """Return the columns that are wanted of a table. Raises UserError for one that it does not have."""
    names = TABLES[table].names
    if unknown := [name for name in wanted or () if name not in names]:
        raise UserError(f"the table {table} has no column {unknown[0]!r}. It has: {', '.join(names)}.")
    return names if wanted is None else list(wanted)


def selection_of(filters: Filters) -> Selection:
    """Make a selection of filters. Raises UserError for a value that can match nothing, TypeError for a name of none.

    >>> selection_of({"outlets": "star", "min_words": 50}).in_words()
    'outlet star, at least 50 words'
    """
    if unknown := filters.keys() - Filters.__annotations__.keys():
        raise TypeError(f"unknown filter {min(unknown)!r}; there are {', '.join(Filters.__annotations__)}")
    values: dict[str, Any] = dict(filters)
    for name in ("runs", "outlets", "languages", "page_kinds"):
        if name in values:
            values[name] = (values[name],) if isinstance(values[name], str) else tuple(values[name])
            if not values[name]:  # to `Selection` it would mean all
                raise UserError(f"{name} is empty, so no document can match. Leave it out to have all.")
    for name in ("since", "until"):
        if isinstance(values.get(name), str):
            values[name] = moment_of(values[name], name)
    return Selection(**values)
