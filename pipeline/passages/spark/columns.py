"""Columns of the run's segment, written from its pieces: a task for each column."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xxhash
from numpy.typing import NDArray

from pipeline.passages.merging import FOLLOWING
from pipeline.passages.segments import ENTRIES, WRITTEN
from stages.near_duplicates.history import ROWS

from .exchange import ShuffleRow, answers, tasks
from .work import LOOK_UPS, OFFSETS, Pieces, Work, clustered_in, copies_in, load, written

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def write_columns(spark: SparkSession, work: Work, pieces: Pieces, names: Sequence[str]) -> dict[str, Any]:
    """Write columns of the run's segment; return the length and digest of each, by name."""
    found = answers(tasks(spark, len(names), lambda at: write_column(work, pieces, at, names[at])))
    return {names[at]: json.loads(answer) for at, answer in found.items()}


def write_column(work: Work, pieces: Pieces, number: int, name: str) -> Iterator[ShuffleRow]:
    """Write a column, some of it in memory at a time."""
    length, digest = 0, xxhash.xxh3_64()
    with written(work.aside / "segment" / f"{name}.bin") as aside, aside.open("wb") as file:
        for values in column_slices(work, pieces, name):
            content = np.ascontiguousarray(values, WRITTEN[name])
            file.write(content.data)
            digest.update(content.data)
            length += len(content)
    yield ShuffleRow(number, 0, json.dumps({"length": length, "digest": digest.hexdigest()}).encode())


def column_slices(work: Work, pieces: Pieces, name: str) -> Iterator[NDArray[Any]]:
    """Yield the values of a column, piece after piece or slice after slice."""
    if name in LOOK_UPS:
        kind = name.removesuffix("_part").removesuffix("_document")
        return (load(path, name)[name] for path in slices_in(work, kind))
    if name in {ENTRIES, "begun"}:
        kind = "entries" if name == ENTRIES else name
        return (load(path, kind)[kind] for path in slices_in(work, kind))
    return (piece_column(work, pieces, piece, name) for piece in range(pieces.number))


def slices_in(work: Work, kind: str) -> list[Path]:
    """Return the files of a sorted column, in their order."""
    return sorted((work.aside / "sorted" / kind).glob("[0-9]*.npz"))


def piece_column(work: Work, pieces: Pieces, piece: int, name: str) -> NDArray[Any]:
    """Return what a piece adds to a column of the run's segment."""
    if name in ROWS:
        return clustered_in(work, piece)[name]
    if name == "copy_of":
        return copies_in(work, piece, int(pieces.parts[piece + 1] - pieces.parts[piece]))
    values = load(work.file("pieces", piece), name)[name]
    if name in OFFSETS:
        begin = int((pieces.words if name == "first" else pieces.sentences)[piece])
        moved: NDArray[Any] = (values if piece == 0 else values[1:]) + begin
        return moved
    if name == "outlet":
        number = {outlet: at for at, outlet in enumerate(pieces.outlets)}
        own = load(work.file("pieces", piece), "outlets")["outlets"].tolist()
        values = np.array([number[outlet] for outlet in own], np.int32)[values]
    kind = FOLLOWING.get(name)
    shifted: NDArray[Any] = values if kind is None else values + np.int32(pieces[kind][piece])
    return shifted


def band_bounds(work: Work, bands: int, slices: int) -> tuple[int, ...]:
    """Return where the entries of each band begin, given how many slices each band has."""
    lengths = np.zeros(bands, np.int64)
    for path in slices_in(work, "entries"):
        lengths[int(path.stem) // slices] += int(load(path, "count")["count"])
    return tuple(np.append(0, np.cumsum(lengths)).tolist())
