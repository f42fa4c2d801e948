"""The documents of an export: chosen, of one split, with the columns that the user wants."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
from numpy.typing import NDArray

from pipeline.errors import UserError
from pipeline.storage.ids import as_bytes, places_in
from pipeline.storage.reader import Corpus
from pipeline.storage.selection import Selection
from pipeline.storage.tables import DOCUMENTS

Row = dict[str, Any]
#: Columns of an export that names none: `text` stands for both texts.
COLUMNS = tuple(name for name in DOCUMENTS.names if name != "canonical_text")


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """Options that every format is told: the columns, which text, the name of the format. `counts` are for the end."""

    format: str
    columns: tuple[str, ...] = COLUMNS
    canonical: bool = False
    raw: bool = False
    suffix: str = ""  # of the output, without that of compression
    counted: str = "documents"  # or "flows"
    counts: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class ChosenDocuments:
    """Chosen documents of a corpus, read batch by batch as often as a format asks for them."""

    corpus: Corpus
    selection: Selection
    options: ExportOptions
    only: NDArray[Any] | None = None  # sorted ids as bytes: those of a split or a sample

    def batches(self, also: Sequence[str] = ()) -> Iterator[pa.RecordBatch]:
        """Yield the documents with the columns of the export, and those that the format needs `also`."""
        wanted = list(dict.fromkeys([*self.options.columns, *also]))
        for batch in self.selection.documents(self.corpus, self._stored(wanted)):
            chosen = self._of_split(batch)
            if len(chosen):
                yield self._named(chosen, wanted)

    def rows(self, also: Sequence[str] = ()) -> Iterator[Row]:
        """Yield the documents as dictionaries."""
        for batch in self.batches(also):
            yield from batch.to_pylist()

    def rows_of(self, table: str) -> Iterator[pa.RecordBatch]:
        """Yield the rows that these documents have in another table."""
        yield from (self._of_split(batch) for batch in self.selection.rows(self.corpus, table))

    def _stored(self, wanted: list[str]) -> list[str]:
        """Return the columns to be read."""
        names = ["canonical_text" if name == "text" and self.options.canonical else name for name in wanted]
        return list(dict.fromkeys([*names, "doc_id"]))

    def _named(self, batch: pa.RecordBatch, wanted: list[str]) -> pa.RecordBatch:
        names = self._stored(wanted)
        source = {name: "canonical_text" if name == "text" and self.options.canonical else name for name in wanted}
        columns = [batch.column(names.index(source[name])) for name in wanted]
        return pa.RecordBatch.from_arrays(columns, names=wanted)

    def _of_split(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        if self.only is None or not len(batch):
            return batch
        _, inside = places_in(self.only, as_bytes(batch["doc_id"].to_pylist()))
        return batch.filter(pa.array(inside))


def columns_named(names: Sequence[str]) -> tuple[str, ...]:
    """Return the columns that a user chose, in their order; all if none was. Raises UserError for an unknown one."""
    for name in names:
        if name not in DOCUMENTS.names:
            raise UserError(
                f"--columns {name}: documents have no such column. There are: {', '.join(DOCUMENTS.names)}."
            )
    return tuple(names) or COLUMNS


def plain(value: Any) -> Any:
    """Return a value as JSON has it: times in ISO 8601.

    >>> from datetime import UTC, datetime
    >>> plain(datetime(2031, 5, 4, tzinfo=UTC)), plain(["Ada Wren"]), plain(None)
    ('2031-05-04T00:00:00+00:00', ['Ada Wren'], None)
    """
    return value.isoformat() if hasattr(value, "isoformat") else value
