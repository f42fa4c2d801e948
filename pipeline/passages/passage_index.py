"""The index of history: what the corpus stage remembers of published runs, in files under `out/index/near_duplicates/`.

    <first>-<last>/segment.json     which runs it is about, by their numbers; how the rest is to be read
                   <column>.bin     a column of stages.near_duplicates.history.COLUMNS, nothing but its values

It is derived from the tables and can be thrown away: what is missing, damaged, of another format or about other runs is
built anew from them. A run's segment is staged with the run and renamed into place before `documents` is, so a segment
of a run that was not committed is a leftover. Segments are merged as a log-structured store does it: where four of one
size stand side by side they become one, which appears by one rename and is then preferred to those it was made of. So
there are O(log n) of them. Columns are read in slices, never mapped: memory does not grow with history.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import xxhash
from numpy.typing import NDArray

from pipeline.engines.checkpoints import identity
from pipeline.storage.durable import flush
from stages.near_duplicates import Settings, normal_form_digest
from stages.near_duplicates.history import BLOCK, COLUMNS, DOCUMENT, PART, Column, Segment, after, blocks

FOLDER = Path("index") / "near_duplicates"
FORMAT = 2
#: Segments of one size that are merged into one, and how sizes are told apart.
MERGED = 4
#: Values between two that are wanted up to which both are read at once.
GAP = 2048
#: Columns that follow those of the segment before, and what is added to their values.
FOLLOWING: dict[str, int | None] = {
    "doc_id": None, "published": None, "wire": None, "article": None, "document": DOCUMENT, "paragraph": None,
    "offset": None, "words": None, "start": None, "begin": None, "end": None, "part": PART, "later": None,
    "canonical": None, "from": None, "to": None, "similarity": None, "differs": None, "role": None,
}  # fmt: skip
#: Rising columns, the column beside each, and what is added to its values.
RISING: dict[str, tuple[str, int] | None] = {
    "digest": ("digest_part", PART), "id": ("id_document", DOCUMENT), "version": ("version_document", DOCUMENT),
    "begun": None,
}  # fmt: skip


class InFile(NamedTuple):
    """A column in a file."""

    path: Path
    dtype: str
    length: int

    def __len__(self) -> int:
        return self.length

    def read(self, begin: int, end: int) -> NDArray[Any]:
        """The values from one place to another."""
        with self.path.open("rb", buffering=0) as file:
            return self._read(file.fileno(), begin, end)

    def take(self, places: NDArray[np.int64]) -> NDArray[Any]:
        """The values at some places: those near each other are read at once."""
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
class Stored:
    """A segment on disk: the numbers of its first and last run, the ids of its runs, its columns."""

    folder: Path
    span: tuple[int, int]
    runs: tuple[str, ...]
    segment: Segment


def fingerprint(settings: Settings) -> str:
    """What an index must agree in with those who read it: format, normal form, the plan of bands."""
    plan = [settings.shingle_words, settings.bands, settings.rows, settings.seed, settings.bucket_cap]
    return hashlib.sha256(json.dumps([FORMAT, normal_form_digest(), plan]).encode()).hexdigest()[:16]


def load(folder: Path, settings: Settings) -> Stored | None:
    """The segment in a folder; None if it is damaged or of another make."""
    try:
        told = json.loads((folder / "segment.json").read_text(encoding="utf-8"))
        if told["fingerprint"] != fingerprint(settings):
            return None
        columns: dict[str, Column] = {}
        for name, dtype in COLUMNS.items():
            path, length = folder / f"{name}.bin", told["lengths"][name]
            if path.stat().st_size != length * np.dtype(dtype).itemsize:
                return None
            columns[name] = InFile(path, dtype, length)
        segment = Segment(tuple(told["first"]), tuple(told["bands"]), tuple(told["outlets"]), columns)
        return Stored(folder, tuple(told["span"]), tuple(told["runs"]), segment)
    except (OSError, ValueError, KeyError, TypeError):
        return None


class Writer:
    """A segment on its way to a folder, column by column."""

    def __init__(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.folder = folder
        self.lengths = dict.fromkeys(COLUMNS, 0)
        self.digests = {name: xxhash.xxh3_64() for name in COLUMNS}

    def add(self, name: str, values: NDArray[Any]) -> None:
        """Put values behind those that a column has."""
        content = np.ascontiguousarray(values, COLUMNS[name])
        with (self.folder / f"{name}.bin").open("ab") as file:
            content.tofile(file)
        self.lengths[name] += len(values)
        self.digests[name].update(content.data)

    def close(self, like: Segment, span: tuple[int, int], runs: Sequence[str], settings: Settings) -> Stored:
        """Write what the columns do not say, and have the disk hold it all."""
        told = {
            "fingerprint": fingerprint(settings), "span": span, "runs": list(runs), "first": like.first,
            "bands": like.bands, "outlets": like.outlets, "lengths": self.lengths,
            "digests": {name: digest.hexdigest() for name, digest in self.digests.items()},
        }  # fmt: skip
        (self.folder / "segment.json").write_text(json.dumps(told), encoding="utf-8")
        for name in COLUMNS:
            self.add(name, np.zeros(0, COLUMNS[name]))  # so that every column has a file
        for path in [*self.folder.iterdir(), self.folder]:
            flush(path)
        stored = load(self.folder, settings)
        if stored is None:
            raise OSError(f"{self.folder} cannot be read back")
        return stored


def write(segment: Segment, folder: Path, span: tuple[int, int], runs: Sequence[str], settings: Settings) -> Stored:
    """Put a segment into files."""
    writer = Writer(folder)
    for name, column in segment.columns.items():
        for _, values in blocks(column):
            writer.add(name, values)
    return writer.close(segment, span, runs, settings)


def replace(stored: Stored, name: str, values: NDArray[Any]) -> None:
    """Other values for a column of a segment that is not in place yet."""
    told = json.loads((stored.folder / "segment.json").read_text(encoding="utf-8"))
    content = np.ascontiguousarray(values, COLUMNS[name])
    content.tofile(stored.folder / f"{name}.bin")
    told["lengths"][name], told["digests"][name] = len(values), xxhash.xxh3_64_hexdigest(content.data)
    (stored.folder / "segment.json").write_text(json.dumps(told), encoding="utf-8")
    for changed in (f"{name}.bin", "segment.json"):
        flush(stored.folder / changed)


# ---------------------------------------------------------------- merging


def merge(stored: Sequence[Stored], folder: Path, settings: Settings) -> Stored:
    """Segments that follow each other as one, in a folder of its own. A block of each is in memory at a time."""
    segments = [each.segment for each in stored]
    writer, first = Writer(folder), segments[0].first
    outlets = tuple(dict.fromkeys(outlet for segment in segments for outlet in segment.outlets))
    number = {outlet: at for at, outlet in enumerate(outlets)}
    for segment in segments:
        numbers = np.array([number[outlet] for outlet in segment.outlets], np.int32)
        for _, values in blocks(segment.columns["outlet"]):
            writer.add("outlet", numbers[values])
    for name, kind in FOLLOWING.items():
        for segment in segments:
            moved = 0 if kind is None else segment.first[kind] - first[kind]
            for _, values in blocks(segment.columns[name]):
                writer.add(name, values if kind is None else values + np.int32(moved))
    for name in ("first", "sentence_first"):
        _merge_firsts(writer, segments, name)
    for rising, beside in RISING.items():
        _merge_rising(writer, segments, rising, beside)
    bands = _merge_bands(writer, segments, settings.bucket_cap)
    span = (stored[0].span[0], stored[-1].span[1])
    runs = [run for each in stored for run in each.runs]
    return writer.close(Segment(first, bands, outlets, {}), span, list(dict.fromkeys(runs)), settings)


def _merge_firsts(writer: Writer, segments: Sequence[Segment], name: str) -> None:
    """Columns of places: each segment's go on where those before it end."""
    end = 0
    for at, segment in enumerate(segments):
        column = segment.columns[name]
        for _, values in blocks(column, 1 if at else 0):
            writer.add(name, values + end)
        end += int(column.read(len(column) - 1, len(column))[0])


def _merge_rising(writer: Writer, segments: Sequence[Segment], name: str, beside: tuple[str, int] | None) -> None:
    columns = [segment.columns[name] for segment in segments]
    for slices in _side_by_side(columns, [(0, len(column)) for column in columns]):
        values = np.concatenate([column.read(*each) for column, each in zip(columns, slices, strict=True)])
        order = np.argsort(values, kind="stable")
        writer.add(name, values[order])
        if beside:
            other, kind = beside
            moved = [segment.first[kind] - segments[0].first[kind] for segment in segments]
            read = [s.columns[other].read(*at) + np.int32(m) for s, at, m in zip(segments, slices, moved, strict=True)]
            writer.add(other, np.concatenate(read)[order])


def _merge_bands(writer: Writer, segments: Sequence[Segment], cap: int) -> tuple[int, ...]:
    """The buckets of all bands; a bucket keeps as many members as anybody is compared with. Where each band begins."""
    bands = [0]
    columns = [segment.columns["entries"] for segment in segments]
    moved = [segment.first[PART] - segments[0].first[PART] for segment in segments]
    for band in range(len(segments[0].bands) - 1):
        spans = [(segment.bands[band], segment.bands[band + 1]) for segment in segments]
        for slices in _side_by_side(columns, spans, np.int64(-1 << 32)):
            read = [c.read(*at) + np.int64(m) for c, at, m in zip(columns, slices, moved, strict=True)]
            merged = np.sort(np.concatenate(read), kind="stable")  # finds what rises already: five times as fast
            writer.add("entries", within_cap(merged, cap))
        bands.append(writer.lengths["entries"])
    return tuple(bands)


def within_cap(entries: NDArray[np.int64], cap: int) -> NDArray[np.int64]:
    """The first so many members of every bucket.

    >>> within_cap(np.array([1 << 32, 1 << 32 | 4, 1 << 32 | 5, 2 << 32 | 4]), 2).tolist() == [
    ...     1 << 32, 1 << 32 | 4, 2 << 32 | 4]
    True
    """
    buckets = entries >> 32
    begins = np.flatnonzero(np.diff(buckets, prepend=buckets[:1] - 1))
    rank = np.arange(len(entries)) - np.repeat(begins, np.diff(np.append(begins, len(entries))))
    return entries[rank < cap]


def _side_by_side(
    columns: Sequence[Column], spans: Sequence[tuple[int, int]], mask: np.int64 | None = None
) -> Iterator[list[tuple[int, int]]]:
    """Rising columns cut at the same values, so that a slice of each may be merged with the others'; values that are
    equal, after the mask, lie in one slice."""
    longest = max(range(len(columns)), key=lambda at: spans[at][1] - spans[at][0])
    begin, end = spans[longest]
    cuts = columns[longest].take(np.arange(begin + BLOCK, end, BLOCK))
    cuts = np.unique(cuts if mask is None else cuts & mask)
    places = [_places(column, span, cuts) for column, span in zip(columns, spans, strict=True)]
    for at in range(len(cuts) + 1):
        yield [(each[at], each[at + 1]) for each in places]


def _places(column: Column, span: tuple[int, int], cuts: NDArray[Any]) -> list[int]:
    """Where a part of a rising column is cut."""
    begin, end = span
    found = []
    for cut in cuts:
        low, high = begin, end
        while low < high:
            middle = (low + high) // 2
            if column.read(middle, middle + 1)[0] < cut:
                low = middle + 1
            else:
                high = middle
        found.append(low)
    return [begin, *found, end]


# ---------------------------------------------------------------- the index of an output folder


class PassageIndex:
    """The segments under an output folder that are about its published runs, in their order."""

    def __init__(self, out: Path, runs: Sequence[str], settings: Settings) -> None:
        self.folder, self.runs, self.settings = out / FOLDER, list(runs), settings
        self.stored = self._chosen()

    def _chosen(self) -> list[Stored]:
        """Of the segments on disk those that cover the runs from the first on, wide ones first."""
        every = [load(path, self.settings) for path in sorted(self.folder.glob("[0-9]*-[0-9]*"))]
        chosen: list[Stored] = []
        at = 0
        while at < len(self.runs):
            fitting = [
                each for each in every if each and each.span[0] == at
                and list(each.runs) == self.runs[at : each.span[1] + 1] and each.segment.first == self._next(chosen)
            ]  # fmt: skip
            if not fitting:
                break
            chosen.append(max(fitting, key=lambda each: each.span[1]))
            at = chosen[-1].span[1] + 1
        return chosen

    def _next(self, chosen: list[Stored]) -> tuple[int, int, int]:
        return after([each.segment for each in chosen])

    @property
    def history(self) -> list[Segment]:
        """What the corpus stage is handed."""
        return [each.segment for each in self.stored]

    @property
    def covered(self) -> int:
        """How many runs, from the first on, the index knows."""
        return self.stored[-1].span[1] + 1 if self.stored else 0

    def missing(self) -> list[str]:
        """The runs that the index does not know."""
        return self.runs[self.covered :]

    def tidy(self) -> None:
        """Remove what is neither whole nor about published runs. To be called with the lock held."""
        kept = {each.folder for each in self.stored}
        for path in self.folder.glob("*"):
            if path not in kept:
                shutil.rmtree(path)

    def refresh(self) -> None:
        """Look again at what is there."""
        self.stored = self._chosen()

    def publish(self, staged: Path, number: int) -> None:
        """Rename the staged segment of a run, given by its number, into place; where that was done before, nothing."""
        name = f"{number:06d}-{number:06d}"
        if staged.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            shutil.rmtree(self.folder / name, ignore_errors=True)
            staged.rename(self.folder / name)
            flush(self.folder)

    def merge(self) -> None:
        """Merge segments of one size that stand side by side until there are few. To be called with the lock held."""
        while chosen := mergeable([len(each.segment.columns["entries"]) for each in self.stored]):
            merged, folder = self.stored[chosen], self.folder / ".merging"
            try:
                aside = merge(merged, folder, self.settings)
            except OSError:  # most often no room: what there is goes on to serve
                shutil.rmtree(folder, ignore_errors=True)
                raise
            target = self.folder / f"{aside.span[0]:06d}-{aside.span[1]:06d}"
            aside.folder.rename(target)
            flush(self.folder)
            for each in merged:
                shutil.rmtree(each.folder)
            found = load(target, self.settings)
            if found is None:
                raise OSError(f"{target} cannot be read back")
            self.stored[chosen] = [found]


def damage(out: Path) -> list[str]:
    """The columns whose content is not what was written, in all segments of an output folder. Reads them whole."""
    found = []
    for told in sorted((out / FOLDER).glob("[0-9]*/segment.json")):
        try:
            digests = json.loads(told.read_text(encoding="utf-8"))["digests"]
        except (ValueError, KeyError, TypeError):
            continue  # of another make: the next run builds it anew
        paths = {told.with_name(f"{name}.bin"): digest for name, digest in digests.items()}
        found += [str(path) for path, digest in paths.items() if not path.exists() or identity(path)[1] != digest]
    return found


def known_ids(out: Path, ids: NDArray[np.bytes_]) -> int:
    """How many of some document ids stand in segments of an output folder, whatever settings these were made with."""
    known = 0
    for path in sorted((out / FOLDER).rglob("id.bin")):
        column = InFile(path, COLUMNS["id"], path.stat().st_size // np.dtype(COLUMNS["id"]).itemsize)
        known += sum(int(np.isin(values, ids).sum()) for _, values in blocks(column))
    return known


def mergeable(sizes: Sequence[int]) -> slice | None:
    """The last segments that are to be merged: as soon as MERGED of them are of one size or smaller.

    >>> mergeable([900, 40, 30, 20]), mergeable([900, 40, 30, 20, 5]), mergeable([900, 1, 1, 1, 1])
    (None, slice(1, 5, None), slice(1, 5, None))
    """
    for begin in range(len(sizes) - MERGED + 1):
        if sizes[begin] < MERGED * max(1, sum(sizes[begin + 1 :])):
            return slice(begin, len(sizes))
    return None
