"""Stored batches: what executors read of the inputs, in files of the run's folder, cut into batches by number.

Inputs are read group by group. The files of a group, under `read/`:

    <group>.documents.arrow   raw documents, a record batch a chunk
    <group>.ledger.arrow      ledger rows, likewise
    <group>.items.arrow       of each document and ledger row in the order of reading: size, chunk, which of the two
    <group>.ids.arrow         of each document: its id, and if it was forgotten
    <group>.known.arrow       places of the documents that are not new, with the reason; missing if all are new

The cuts are those of `sources.batches`, so that both engines have the same batches under the same names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import feather

from pipeline.engines.reading import without_known
from stages.contract import RAW_DOCUMENT, Outcome
from stages.ledger import LEDGER, Subject, subjects

NAMING = ("doc_id", "source_id", "source_uri")
ITEMS = pa.schema([("size", pa.int64()), ("chunk", pa.int32()), ("is_document", pa.bool_())])
IDS = pa.schema([("doc_id", pa.binary(16)), ("forgotten", pa.bool_())])
KNOWN = pa.schema([("at", pa.int64()), ("reason", pa.string())])


def path_of(folder: Path, group: int, kind: str) -> Path:
    """Return the path of one kind of file of a group.

    >>> path_of(Path("staged"), 3, "ids").as_posix()
    'staged/read/000003.ids.arrow'
    """
    return folder / "read" / f"{group:06d}.{kind}.arrow"


class StoredRange(NamedTuple):
    """A part of a chunk: ranges of its documents and of its ledger rows."""

    group: int
    chunk: int
    documents: tuple[int, int]
    rows: tuple[int, int]
    first: int  # place in the group of the first of these documents


class Group(NamedTuple):
    """A group of inputs that were read: its number, those that gave documents, and a few rows about the others."""

    number: int
    used: tuple[str, ...]
    ledger: pa.Table


@dataclass(frozen=True)
class StoredBatch:
    """A batch whose documents lie in files; see `pipeline.engines.reading.Batch`."""

    folder: Path
    pieces: tuple[StoredRange, ...]
    groups: tuple[Group, ...] = ()  # that begin in this batch
    chosen: slice = field(default_factory=lambda: slice(None))  # of the new documents
    with_rows: bool = True

    @property
    def about_inputs(self) -> Outcome:
        """The inputs of the groups that begin here, and rows about them."""
        used = pa.table({"source_uri": pa.array([uri for each in self.groups for uri in each.used], pa.string())})
        return Outcome(used, pa.concat_tables([LEDGER.empty_table(), *(each.ledger for each in self.groups)]))

    def __len__(self) -> int:
        return sum(int(self._new(piece)[0].sum()) for piece in self.pieces)

    def holds_pages(self) -> bool:
        """Return True: it is not looked at."""
        return True

    def read(self) -> Outcome:
        """Read the documents and their ledger rows."""
        documents, ledger = without_known(self._raw(RAW_DOCUMENT.names), *self._all_new())
        return Outcome(documents[self.chosen], ledger if self.with_rows else ledger.slice(0, 0))

    def subject(self, at: int) -> Subject:
        """Return the subject of ledger rows about a document, without reading its text."""
        naming = self._raw(NAMING).documents.filter(pa.array(self._all_new()[0]))
        return subjects(naming.slice(at, 1))[0]

    def only(self, at: int) -> StoredBatch:
        """Return a batch of one of the documents, without ledger rows."""
        return replace(self, chosen=slice(at, at + 1), with_rows=False)

    def without_documents(self) -> StoredBatch:
        """Return a batch of the ledger rows only."""
        return replace(self, chosen=slice(0, 0))

    def _raw(self, columns: Sequence[str]) -> Outcome:
        """Read the documents, known or new, and the rows of reading them."""
        documents = [_slice(self.folder, each, "documents", each.documents, columns) for each in self.pieces]
        rows = [_slice(self.folder, each, "ledger", each.rows, LEDGER.names) for each in self.pieces]
        empty = pa.schema([RAW_DOCUMENT.field(name) for name in columns]).empty_table()
        return Outcome(pa.concat_tables([empty, *documents]), pa.concat_tables([LEDGER.empty_table(), *rows]))

    def _all_new(self) -> tuple[NDArray[np.bool_], NDArray[np.str_]]:
        found = [self._new(piece) for piece in self.pieces]
        none = np.zeros(0, np.bool_), np.zeros(0, np.str_)
        new, reasons = (np.concatenate(columns) for columns in zip(none, *found, strict=True))
        return new, reasons

    def _new(self, piece: StoredRange) -> tuple[NDArray[np.bool_], NDArray[np.str_]]:
        """Tell for each document of a piece if it is new, and why it is not."""
        begin, end = piece.documents
        new, reasons = np.ones(end - begin, np.bool_), np.full(end - begin, "", "U32")
        path = path_of(self.folder, piece.group, "known")
        if path.exists():
            known = feather.read_table(path)
            at = known["at"].to_numpy() - piece.first
            here = (at >= 0) & (at < end - begin)
            new[at[here]] = False
            reasons[at[here]] = known["reason"].to_numpy()[here]
        return new, reasons


def _slice(folder: Path, piece: StoredRange, kind: str, rows: tuple[int, int], columns: Sequence[str]) -> pa.Table:
    """Read a range of rows of a chunk, and some columns of these."""
    schema = RAW_DOCUMENT if kind == "documents" else LEDGER
    chosen = pa.ipc.IpcReadOptions(included_fields=[schema.get_field_index(name) for name in columns])
    with (
        pa.memory_map(str(path_of(folder, piece.group, kind))) as source,
        pa.ipc.open_file(source, options=chosen) as file,
    ):
        begin, end = rows
        return pa.Table.from_batches([file.get_batch(piece.chunk)]).select(columns).slice(begin, end - begin)


# ---------------------------------------------------------------- cutting


class _Items:
    """Running totals over what was read of a group, in the order of reading: documents and bytes before each item."""

    def __init__(self, group: int, items: pa.Table) -> None:
        self.group, self.length = group, len(items)
        self.chunk = items["chunk"].to_numpy()
        self.documents = np.concatenate([[0], np.cumsum(items["is_document"].to_numpy())])
        self.size = np.concatenate([[0], np.cumsum(items["size"].to_numpy())])
        self.begins = np.searchsorted(self.chunk, np.arange(self.chunk[-1] + 1 if self.length else 0))

    def end_of(self, begin: int, documents: int, size: int) -> int:
        """Return the end of the shortest range of so many documents or bytes; beyond the last if there is none."""
        by_documents = int(np.searchsorted(self.documents, self.documents[begin] + documents))
        by_size = int(np.searchsorted(self.size, self.size[begin] + size))
        return max(begin + 1, min(by_documents, by_size))

    def pieces(self, begin: int, end: int) -> Iterator[StoredRange]:
        """Yield a range of items as pieces of chunks."""
        for chunk in range(int(self.chunk[begin]), int(self.chunk[end - 1]) + 1):
            start = int(self.begins[chunk])
            stop = int(self.begins[chunk + 1]) if chunk + 1 < len(self.begins) else self.length
            low, high = max(begin, start), min(end, stop)
            first, a, b = (int(self.documents[at]) for at in (start, low, high))
            yield StoredRange(
                self.group, chunk, (a - first, b - first), (low - start - a + first, high - start - b + first), a
            )


def cut(folder: Path, groups: Iterable[Group], max_documents: int, max_bytes: int) -> Iterator[StoredBatch]:
    """Cut what was read into batches, as `sources.batches` does: a batch ends with the item that fills it."""
    pieces: list[StoredRange] = []
    begun: list[Group] = []
    documents = size = 0
    for group in groups:
        items = _Items(group.number, feather.read_table(path_of(folder, group.number, "items")))
        begun.append(group)
        begin = 0
        while begin < items.length:
            end = items.end_of(begin, max_documents - documents, max_bytes - size)
            stop = min(end, items.length)
            pieces += items.pieces(begin, stop)
            documents += int(items.documents[stop] - items.documents[begin])
            size += int(items.size[stop] - items.size[begin])
            if documents >= max_documents or size >= max_bytes:
                yield StoredBatch(folder, tuple(pieces), tuple(begun))
                pieces, begun, documents, size = [], [], 0, 0
            begin = stop
    if pieces:
        yield StoredBatch(folder, tuple(pieces), tuple(begun))
