"""Exact copies, and look-ups of digests, ids and versions, each sorted by Spark in slices."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stages.near_duplicates.candidates import span_of, times_of
from stages.near_duplicates.history import PART, UNDATED, texts_like
from stages.near_duplicates.kernels.exact_copies import earliest
from stages.near_duplicates.tokenization import Integers

from .exchange import COLUMNS as ROW_COLUMNS
from .exchange import ShuffleRow, answers, by_key, integers, packed, split, tasks
from .work import Pieces, Work, load, save

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

DIGESTS = "key long, digest long, part long, published long"
#: Slices of sorted look-ups: so many of the highest bits of a digest.
SLICE_BITS = 8
DIGEST_SHIFT = 63 - SLICE_BITS


def find_copies(spark: SparkSession, work: Work, pieces: Pieces, partitions: int) -> None:
    """Find for each part the earliest part that is its exact copy, and write it by pieces; sort the digests of others.

    Parts are streamed by rising digest, so a text that is printed a million times needs no more memory than others.
    """

    def read(numbers: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for each in numbers:
            for piece in each["id"].to_pylist():
                yield digests_in(work, pieces, piece)

    def find(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        return packed(copies_by_piece(work, pieces, batches))

    digests = spark.range(0, pieces.number, 1, pieces.number).mapInArrow(read, DIGESTS)
    ordered = digests.repartition(partitions, "key").sortWithinPartitions("digest", "part")
    found = ordered.mapInArrow(find, ROW_COLUMNS)
    answers(by_key(found, pieces.number, lambda piece, rows: put_copies(work, pieces, piece, rows)))


def digests_in(work: Work, pieces: Pieces, piece: int) -> pa.RecordBatch:
    """Return the digests of the parts of a piece, those of too few words left out."""
    arrays = load(work.file("pieces", piece), "digest", "published", "document")
    parts = np.flatnonzero(arrays["digest"])
    digest = arrays["digest"][parts]
    columns = {
        "key": digest >> DIGEST_SHIFT, "digest": digest, "part": parts + pieces.parts[piece] + work.base[PART],
        "published": arrays["published"][arrays["document"][parts]],
    }  # fmt: skip
    return pa.RecordBatch.from_pydict({name: pa.array(column, pa.int64()) for name, column in columns.items()})


class Digests(NamedTuple):
    """Parts by rising digest, and those of one digest in their order."""

    digest: Integers
    part: Integers
    published: Integers


class First(NamedTuple):
    """The part that others with its digest are copies of, so far."""

    digest: int
    part: int
    published: int


NOBODY = First(-1, -1, 0)


def copies_by_piece(work: Work, pieces: Pieces, batches: Iterator[pa.RecordBatch]) -> Iterator[ShuffleRow]:
    """Stream parts by rising digest; yield by pieces which are copies of which, and write the digests of the others."""
    first, begun = NOBODY, NOBODY.digest
    kept: list[tuple[Integers, Integers]] = []  # digests and parts of a slice
    for batch in batches:
        digests = Digests(*(batch[name].to_numpy() for name in Digests._fields))
        copy_of, first = copies_among(work, digests, first)
        copies = copy_of >= 0
        pairs = np.column_stack([digests.part, copy_of])[copies]
        for piece, part in split(pairs, work.piece_of(pieces, PART, pairs[:, 0])):
            yield ShuffleRow(piece, 0, part.tobytes())
        own = np.column_stack([digests.digest, digests.part])[~copies]
        for key, part in split(own, own[:, 0] >> DIGEST_SHIFT):
            if key != begun:
                put_digests(work, begun, kept)
                kept, begun = [], key
            kept.append((part[:, 0], part[:, 1]))
    put_digests(work, begun, kept)


def copies_among(work: Work, digests: Digests, first: First) -> tuple[Integers, First]:
    """Find the copies among some parts, given the first part of the last digest before them; return the last first."""
    values, place = np.unique(digests.digest, return_inverse=True)
    known = texts_like(work.history, values)
    times = np.full(len(known), UNDATED)
    times[known >= 0] = times_of(known[known >= 0], work.history)
    if first.digest == values[0]:
        known[0], times[0] = first.part, first.published
    found = earliest(*digests[::2], known[place], times[place], span_of(work.settings))
    copy_of = np.maximum(found, -1)
    here = found <= -3
    copy_of[here] = digests.part[-3 - found[here]]
    last, digest = int(found[-1]), int(digests.digest[-1])
    if last >= 0:
        return copy_of, First(digest, last, int(times[-1]))
    at = -1 if last == -1 else -3 - last
    return copy_of, First(digest, int(digests.part[at]), int(digests.published[at]))


def put_digests(work: Work, key: int, kept: list[tuple[Integers, Integers]]) -> None:
    """Write a slice of the digests of parts that are no copies."""
    if kept:
        digest, part = (np.concatenate(column) for column in zip(*kept, strict=True))
        save(work.file("sorted/digest", key), {"digest": digest, "digest_part": part - work.base[PART]})


def put_copies(work: Work, pieces: Pieces, piece: int, rows: Iterator[ShuffleRow]) -> Iterator[ShuffleRow]:
    """Write the copies in a piece."""
    part, copy_of = np.concatenate([integers(row.values).reshape(-1, 2) for row in rows]).T
    here = part - pieces.parts[piece] - work.base[PART]
    save(work.file("copies", piece), {"part": here, "copy_of": copy_of})
    yield ShuffleRow(piece, len(part))


# ---------------------------------------------------------------- ids and versions


def sort_documents(spark: SparkSession, work: Work, pieces: Pieces, partitions: int) -> None:
    """Sort ids and versions of documents, in slices on disk."""
    found = tasks(spark, pieces.number, lambda piece: documents_by_slice(work, pieces, piece))
    answers(by_key(found, partitions, lambda key, rows: put_documents(work, key, rows)))


#: Slices of versions are numbered from here on, those of ids below.
VERSIONS = 1 << 16


def documents_by_slice(work: Work, pieces: Pieces, piece: int) -> Iterator[ShuffleRow]:
    """Yield the ids of a piece's documents by their first two bytes, and the versions by their first."""
    arrays = load(work.file("pieces", piece), "id", "id_document", "version", "version_document")
    number = int(pieces.documents[piece])
    pairs = (
        ("id", arrays["id"].view(">u2")[::16].astype(np.int64)),
        ("version", (arrays["version"] >> 56) + VERSIONS + 128),
    )
    for name, keys in pairs:
        documents = arrays[f"{name}_document"].astype(np.int64) + number
        for (key, values), (_, part) in zip(split(arrays[name], keys), split(documents, keys), strict=True):
            yield ShuffleRow(key, piece, values.tobytes(), part.tobytes())


def put_documents(work: Work, key: int, rows: Iterator[ShuffleRow]) -> Iterator[ShuffleRow]:
    """Write a slice of ids or versions."""
    name, dtype = ("id", "S32") if key < VERSIONS else ("version", "i8")
    some = list(rows)
    values: NDArray[Any] = np.concatenate([np.frombuffer(row.values, dtype) for row in some])
    documents = np.concatenate([integers(row.beside) for row in some])
    order = np.lexsort((documents, values))
    save(work.file(f"sorted/{name}", key), {name: values[order], f"{name}_document": documents[order]})
    yield ShuffleRow(key, len(values))
