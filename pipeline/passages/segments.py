"""Segments of the passage index on disk: columns read in slices, and the writer that builds a segment.

    <segment>/segment.json     the runs it covers, the lengths and digests of its columns, how to read them
              <column>.bin     a column of stages.near_duplicates.history.COLUMNS, nothing but its values
              entries_<n>.bin  bucket entries, in one sorted column or several

Columns are read in slices, never mapped: memory does not grow with history.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import xxhash
from numpy.typing import NDArray

from pipeline.durable import flush
from stages.near_duplicates import Settings, normal_form_digest
from stages.near_duplicates.history import BLOCK, COLUMNS, ENTRY, Column, Entries, Segment, blocks

#: Part of the fingerprint: raise it when columns or segment.json change, and old indexes are rebuilt from the tables.
FORMAT = 4


def entries_name(number: int) -> str:
    """Name one of the sorted columns of bucket entries of a segment.

    >>> entries_name(0)
    'entries_0'
    """
    return f"entries_{number}"


#: The column of bucket entries of a segment that has one, by far the largest: it goes to disk while a segment is made.
ENTRIES = entries_name(0)
#: What a segment is written as, and the types of values.
WRITTEN = COLUMNS | {ENTRIES: ENTRY}
#: Values between two wanted ones up to which both are read at once: 16 KB of int64. Chosen by hand; not tuned.
GAP = 2048


class FileColumn(NamedTuple):
    """A column in a file, read on demand."""

    path: Path
    dtype: str
    length: int

    def __len__(self) -> int:
        return self.length

    def read(self, begin: int, end: int) -> NDArray[Any]:
        """Return the values from one place to another."""
        with self.path.open("rb", buffering=0) as file:
            return self._read(file.fileno(), begin, end)

    def take(self, places: NDArray[np.int64]) -> NDArray[Any]:
        """Return the values at some places; those near each other are read at once."""
        values = np.empty(len(places), self.dtype)
        if not len(places):
            return values
        order = np.argsort(places, kind="stable")
        rising = places[order]
        apart = (np.diff(rising) > GAP) | (np.diff(rising // BLOCK) > 0)
        begins = np.append(0, np.flatnonzero(apart) + 1)
        with self.path.open("rb", buffering=0) as file:
            for begin, end in zip(begins.tolist(), [*begins[1:].tolist(), len(rising)], strict=True):
                first = int(rising[begin])
                read = self._read(file.fileno(), first, int(rising[end - 1]) + 1)
                values[order[begin:end]] = read[rising[begin:end] - first]
        return values

    def _read(self, descriptor: int, begin: int, end: int) -> NDArray[Any]:
        size = np.dtype(self.dtype).itemsize
        return np.frombuffer(os.pread(descriptor, (end - begin) * size, begin * size), self.dtype)


@dataclass(frozen=True)
class StoredSegment:
    """A segment on disk: the numbers of its first and last run, the ids of its runs, its columns."""

    folder: Path
    span: tuple[int, int]
    runs: tuple[str, ...]
    segment: Segment


def fingerprint(settings: Settings) -> str:
    """Return a digest of what an index and its readers must agree in: format, normal form, bands."""
    plan = [settings.shingle_words, settings.bands, settings.rows, settings.seed, settings.bucket_cap]
    return hashlib.sha256(json.dumps([FORMAT, normal_form_digest(), plan]).encode()).hexdigest()[:16]


def load(folder: Path, settings: Settings) -> StoredSegment | None:
    """Open the segment in a folder; return None if it is damaged or has another fingerprint."""
    try:
        fields = json.loads((folder / "segment.json").read_text(encoding="utf-8"))
        if fields["fingerprint"] != fingerprint(settings):
            return None
        lengths = fields["lengths"]
        columns: dict[str, Column] = {
            name: _opened(folder, name, dtype, lengths[name]) for name, dtype in COLUMNS.items()
        }
        entries = tuple(
            Entries(first, tuple(bands), _opened(folder, name, ENTRY, lengths[name]))
            for name, first, bands in ((entries_name(n), *each) for n, each in enumerate(fields["entries"]))
        )
        segment = Segment(tuple(fields["first"]), entries, tuple(fields["outlets"]), columns)
        return StoredSegment(folder, tuple(fields["span"]), tuple(fields["runs"]), segment)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _opened(folder: Path, name: str, dtype: str, length: int) -> FileColumn:
    """Open a column. Raises ValueError where its file has another length."""
    path = folder / f"{name}.bin"
    if path.stat().st_size != length * np.dtype(dtype).itemsize:
        raise ValueError(f"{path} does not hold {length} values")
    return FileColumn(path, dtype, length)


class Written(NamedTuple):
    """The lengths and digests of the columns of a segment."""

    lengths: Mapping[str, int]
    digests: Mapping[str, str]


class SegmentWriter:
    """A writer of one segment, column by column. Empties the folder first."""

    def __init__(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.folder = folder
        self.lengths = dict.fromkeys(WRITTEN, 0)
        self.digests = {name: xxhash.xxh3_64() for name in WRITTEN}

    def add(self, name: str, values: NDArray[Any]) -> None:
        """Append values to a column."""
        content = np.ascontiguousarray(values, WRITTEN[name])
        with (self.folder / f"{name}.bin").open("ab") as file:
            file.write(content.data)  # unlike numpy's own `tofile` it says why it cannot
        self.lengths[name] += len(values)
        self.digests[name].update(content.data)

    def close(self, like: Segment, span: tuple[int, int], runs: Sequence[str], settings: Settings) -> StoredSegment:
        """Write segment.json, fsync everything, and open the segment. Raises OSError if it cannot be read back."""
        return seal(self.folder, self.written(WRITTEN), like, Covered(span, tuple(runs)), settings)

    def written(self, names: Iterable[str]) -> Written:
        """Return what was written of some columns; every one of them has a file."""
        for name in names:
            self.add(name, np.zeros(0, WRITTEN[name]))
        digests = {name: self.digests[name].hexdigest() for name in names}
        return Written({name: self.lengths[name] for name in names}, digests)


class Covered(NamedTuple):
    """The runs that a segment is about: numbers of the first and the last, and the ids of all."""

    span: tuple[int, int]
    runs: tuple[str, ...]


def seal(folder: Path, written: Written, like: Segment, covered: Covered, settings: Settings) -> StoredSegment:
    """Write segment.json beside the columns, fsync everything, and open the segment.

    Raises OSError if it cannot be read back.
    """
    fields = {
        "fingerprint": fingerprint(settings), "span": covered.span, "runs": covered.runs, "first": like.first,
        "entries": [each[:2] for each in like.entries], "outlets": like.outlets, "lengths": written.lengths,
        "digests": written.digests,
    }  # fmt: skip
    (folder / "segment.json").write_text(json.dumps(fields), encoding="utf-8")
    for path in [*folder.iterdir(), folder]:
        flush(path)
    stored = load(folder, settings)
    if stored is None:
        raise OSError(f"{folder} cannot be read back")
    return stored


def digests_of(folder: Path) -> dict[str, str]:
    """Return the digests of the columns of a segment that `load` opened, by name."""
    digests: dict[str, str] = json.loads((folder / "segment.json").read_text(encoding="utf-8"))["digests"]
    return digests


class EntriesFile:
    """The bucket entries of a segment that is not written yet, by far its largest column: a file that grows."""

    def __init__(self, writer: SegmentWriter) -> None:
        self.writer = writer

    def add(self, values: NDArray[np.int64]) -> None:
        """Append entries."""
        self.writer.add(ENTRIES, values)

    def column(self) -> Column:
        """Return the column as it is."""
        return FileColumn(self.writer.folder / f"{ENTRIES}.bin", ENTRY, self.writer.lengths[ENTRIES])


def write(
    segment: Segment, writer: SegmentWriter, span: tuple[int, int], runs: Sequence[str], settings: Settings
) -> StoredSegment:
    """Write the columns of a segment that are in memory, beside its bucket entries."""
    for name, column in segment.columns.items():
        for _, values in blocks(column):
            writer.add(name, values)
    return writer.close(segment, span, runs, settings)


def replace(stored: StoredSegment, name: str, values: NDArray[Any]) -> None:
    """Replace a column of a staged segment."""
    fields = json.loads((stored.folder / "segment.json").read_text(encoding="utf-8"))
    content = np.ascontiguousarray(values, COLUMNS[name])
    (stored.folder / f"{name}.bin").write_bytes(content.data)
    fields["lengths"][name], fields["digests"][name] = len(values), xxhash.xxh3_64_hexdigest(content.data)
    (stored.folder / "segment.json").write_text(json.dumps(fields), encoding="utf-8")
    for changed in (f"{name}.bin", "segment.json"):
        flush(stored.folder / changed)
