"""Merging of passage-index segments: adjacent segments become one, block by block, in memory that does not grow.

`merge` leaves one sorted column of bucket entries; `join` moves the files of entries as they are, which are nine tenths
of a segment, and is for segments that nobody else reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.passages.segments import (
    ENTRIES,
    WRITTEN,
    Covered,
    EntriesFile,
    SegmentWriter,
    StoredSegment,
    Written,
    digests_of,
    entries_name,
    seal,
)
from stages.near_duplicates import Settings
from stages.near_duplicates.history import COLUMNS, DOCUMENT, PART, Column, Entries, Segment, blocks, first_from
from stages.near_duplicates.kernels import buckets

#: Values of the longest column that are merged at once: 2 MB of int64, so that those of some segments stay in a
#: processor's cache, and memory is taken again that the last ones let go of.
SLICE = 1 << 18
#: Columns that are concatenated, and the kind of number by whose first one their values are shifted.
FOLLOWING: dict[str, int | None] = {
    "doc_id": None, "published": None, "wire": None, "article": None, "document": DOCUMENT, "paragraph": None,
    "offset": None, "copy_of": None, "words": None, "start": None, "begin": None, "end": None, "part": PART,
    "later": None, "canonical": None, "from": None, "to": None, "there_from": None, "there_to": None,
    "copied_from": None, "copied_to": None, "similarity": None, "differs": None, "role": None,
}  # fmt: skip
#: Sorted columns that are merged, the column in the same order, and the kind of number that shifts its values.
RISING: dict[str, tuple[str, int] | None] = {
    "digest": ("digest_part", PART), "id": ("id_document", DOCUMENT), "version": ("version_document", DOCUMENT),
    "begun": None,
}  # fmt: skip


def merge(stored: Sequence[StoredSegment], folder: Path, settings: Settings) -> StoredSegment:
    """Merge adjacent segments into one in a folder of its own. A slice of each is in memory at a time.

    Raises OSError where the folder cannot be written or read back.
    """
    segments = [each.segment for each in stored]
    writer = SegmentWriter(folder)
    outlets = _merge_columns(writer, segments)
    merged = _merge_entries(writer, segments, settings)
    return seal(
        folder, writer.written(WRITTEN), Segment(segments[0].first, (merged,), outlets, {}), _covered(stored), settings
    )


def join(stored: Sequence[StoredSegment], folder: Path, settings: Settings) -> StoredSegment:
    """Do the same, but move the bucket entries of the segments, which cannot be read any more."""
    segments = [each.segment for each in stored]
    writer = SegmentWriter(folder)
    outlets = _merge_columns(writer, segments)
    written = writer.written(COLUMNS)
    lengths, digests = dict(written.lengths), dict(written.digests)
    entries: list[Entries] = []
    for each in stored:
        known = digests_of(each.folder)
        for number, some in enumerate(each.segment.entries):
            name, moved = entries_name(len(entries)), each.segment.first[PART] - segments[0].first[PART]
            (each.folder / f"{entries_name(number)}.bin").rename(folder / f"{name}.bin")
            lengths[name], digests[name] = len(some.column), known[entries_name(number)]
            entries.append(some._replace(first=some.first + moved))
    like = Segment(segments[0].first, tuple(entries), outlets, {})
    return seal(folder, Written(lengths, digests), like, _covered(stored), settings)


def _covered(stored: Sequence[StoredSegment]) -> Covered:
    """Return the runs that some adjacent segments are about."""
    runs = dict.fromkeys(run for each in stored for run in each.runs)
    return Covered((stored[0].span[0], stored[-1].span[1]), tuple(runs))


def _merge_columns(writer: SegmentWriter, segments: Sequence[Segment]) -> tuple[str, ...]:
    """Write all columns but bucket entries; return the outlets."""
    outlets = _merge_outlets(writer, segments)
    _concatenate(writer, segments)
    for name in ("first", "sentence_first"):
        _merge_firsts(writer, segments, name)
    for name, beside in RISING.items():
        _merge_rising(writer, segments, name, beside)
    return outlets


def _merge_outlets(writer: SegmentWriter, segments: Sequence[Segment]) -> tuple[str, ...]:
    """Number the outlets of all segments together; write the column and return the outlets."""
    outlets = tuple(dict.fromkeys(outlet for segment in segments for outlet in segment.outlets))
    number = {outlet: at for at, outlet in enumerate(outlets)}
    for segment in segments:
        numbers = np.array([number[outlet] for outlet in segment.outlets], np.int32)
        for _, values in blocks(segment.columns["outlet"]):
            writer.add("outlet", numbers[values])
    return outlets


def _concatenate(writer: SegmentWriter, segments: Sequence[Segment]) -> None:
    """Write the columns of FOLLOWING, segment after segment."""
    for name, kind in FOLLOWING.items():
        for segment in segments:
            shift = 0 if kind is None else segment.first[kind] - segments[0].first[kind]
            for _, values in blocks(segment.columns[name]):
                writer.add(name, values if kind is None else values + np.int32(shift))


def _merge_firsts(writer: SegmentWriter, segments: Sequence[Segment], name: str) -> None:
    """Write a column of offsets: those of each segment continue where the segments before it end."""
    end = 0
    for at, segment in enumerate(segments):
        column = segment.columns[name]
        for _, values in blocks(column, 1 if at else 0):
            writer.add(name, values + end)
        end += int(column.read(len(column) - 1, len(column))[0])


def _merge_rising(
    writer: SegmentWriter, segments: Sequence[Segment], name: str, beside: tuple[str, int] | None
) -> None:
    """Merge a sorted column, and the column `beside` it in the same order."""
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


def _merge_entries(writer: SegmentWriter, segments: Sequence[Segment], settings: Settings) -> Entries:
    """Merge the LSH buckets of all bands, each cut to `bucket_cap` members; return where each band begins."""
    bands = [0]
    every = [(segment.first[PART] + each.first, each) for segment in segments for each in segment.entries]
    columns, moved = [each.column for _, each in every], [first - segments[0].first[PART] for first, _ in every]
    for band in range(settings.bands):
        spans = [(each.bands[band], each.bands[band + 1]) for _, each in every]
        for slices in _side_by_side(columns, spans, np.int64(-1 << 32)):
            runs = [c.read(*at) + np.int64(m) for c, at, m in zip(columns, slices, moved, strict=True)]
            writer.add(ENTRIES, buckets.merged(runs, settings.bucket_cap))
        bands.append(writer.lengths[ENTRIES])
    return Entries(0, tuple(bands), EntriesFile(writer).column())


def within_cap(entries: NDArray[np.int64], cap: int) -> NDArray[np.int64]:
    """Cut every bucket to its first `cap` members.

    >>> within_cap(np.array([1 << 32, 1 << 32 | 4, 1 << 32 | 5, 2 << 32 | 4]), 2).tolist() == [
    ...     1 << 32, 1 << 32 | 4, 2 << 32 | 4]
    True
    """
    return entries[ranks(entries) < cap]


def ranks(entries: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count for each of some rising entries how many of its bucket are before it.

    >>> ranks(np.array([1 << 32, 1 << 32 | 4, 2 << 32 | 4])).tolist()
    [0, 1, 0]
    """
    buckets = entries >> 32
    begins = np.flatnonzero(np.diff(buckets, prepend=buckets[:1] - 1))
    before: NDArray[np.int64] = np.arange(len(entries)) - np.repeat(begins, np.diff(np.append(begins, len(entries))))
    return before


def _side_by_side(
    columns: Sequence[Column], spans: Sequence[tuple[int, int]], mask: np.int64 | None = None
) -> Iterator[list[tuple[int, int]]]:
    """Cut sorted columns at the same values, so that a slice of each can be merged with those of the others.

    Values that are equal after the mask are in one slice. A slice of the longest column has about SLICE values.
    """
    longest = max(range(len(columns)), key=lambda at: spans[at][1] - spans[at][0])
    begin, end = spans[longest]
    cuts = columns[longest].take(np.arange(begin + SLICE, end, SLICE))
    cuts = np.unique(cuts if mask is None else cuts & mask)
    places = [_places(column, span, cuts) for column, span in zip(columns, spans, strict=True)]
    for at in range(len(cuts) + 1):
        yield [(each[at], each[at + 1]) for each in places]


def _places(column: Column, span: tuple[int, int], cuts: NDArray[Any]) -> list[int]:
    """Return the places at which a span of a sorted column is cut."""
    begin, end = span
    return [begin, *(first_from(column, begin, end, cut) for cut in cuts), end]
