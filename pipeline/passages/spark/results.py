"""The tables FOUND and RELATIONS of a run, made piece by piece and written by the parts of the published tables."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import feather

from pipeline.passages.matching import Homes, Matched, by_part, result_path
from pipeline.storage.ids import as_bytes
from stages.near_duplicates.clusters import between_documents, clustered, with_copies, without_repeats
from stages.near_duplicates.found import found_table
from stages.near_duplicates.history import COLUMNS, ROWS, SENTENCE, have_begun
from stages.near_duplicates.relations import relations
from stages.near_duplicates.tokenization import Integers

from .exchange import ShuffleRow, answers, by_key, integers, split, table_bytes, table_of, tasks
from .work import (
    Pieces,
    Work,
    copies_in,
    corpus_of,
    load,
    rows_in,
    save,
    segment_before,
    segment_of,
    written,
)

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

FOLDERS = ("found", "relations")
FOUND = 0
#: Tables of a piece: canonical passages, and those of FOLDERS.
TABLES = 3


def write_tables(spark: SparkSession, work: Work, pieces: Pieces, members: Sequence[int], partitions: int) -> Matched:
    """Write what was found for each part of the tables; return how many passages, and clusters that began.

    `members` says how many passages of its documents each piece has in the columns of the segment.
    """
    for name in FOLDERS:
        shutil.rmtree(work.folder / name, ignore_errors=True)
        (work.folder / name).mkdir()
    before = np.cumsum([0, *members]).tolist()
    joined = tasks(spark, pieces.number, lambda piece: join_clusters(work, pieces, piece, before[piece]))
    begun = by_key(joined, pieces.number, lambda piece, rows: begin_clusters(work, pieces, piece, rows, before[-1]))
    counts = [
        integers(each) for each in answers(by_key(begun, partitions, lambda part, rows: put(work, part, rows))).values()
    ]
    return Matched(*np.sum([np.zeros(2, np.int64), *counts], axis=0).tolist())


def join_clusters(work: Work, pieces: Pieces, piece: int, members: int) -> Iterator[ShuffleRow]:
    """Write which clusters the sentences of a piece join, and its relations; yield the canonical sentences by piece.

    A sentence of an earlier run is of a piece below 0. A row without content is for the piece itself.
    """
    arrays, rows = load(work.file("pieces", piece)), rows_in(work, piece)
    corpus, copy_of = corpus_of(arrays), copies_in(work, piece, len(arrays["document"]))
    in_clusters = clustered(rows)
    own = segment_of(work, pieces, piece, arrays, in_clusters)
    known = (*work.history, segment_before(work, pieces, piece, members), own)
    joined = between_documents(with_copies(in_clusters, copy_of, known), known)
    found = found_table(joined, np.zeros(0, np.int64), known)
    related = relations(corpus, without_repeats(rows), joined, known, work.settings)
    for folder, table in zip(FOLDERS, (found, related), strict=True):
        with written(work.aside / "tables" / f"{piece:08d}.{folder}.arrow") as aside:
            feather.write_feather(table, aside, compression="lz4")
    yield ShuffleRow(piece, -1)
    sentences = np.unique(joined["canonical"])
    for key, some in split(sentences, slice_of(work, pieces, sentences)):
        yield ShuffleRow(key, piece, some.tobytes())


def slice_of(work: Work, pieces: Pieces, sentences: Integers) -> Integers:
    """Return the pieces of sentences; those of earlier runs are dealt to as many slices, which are numbered below 0."""
    base = work.base[SENTENCE]
    earlier = sentences * pieces.number // max(base, 1) - pieces.number
    slices: Integers = np.where(sentences < base, earlier, work.piece_of(pieces, SENTENCE, sentences))
    return slices


def begin_clusters(
    work: Work, pieces: Pieces, piece: int, rows: Iterator[ShuffleRow], members: int
) -> Iterator[ShuffleRow]:
    """Note which clusters around sentences of a piece begin; yield its tables, canonical passages too, by parts."""
    canonical = [integers(row.values) for row in rows]
    fresh = np.unique(np.concatenate([np.zeros(0, np.int64), *canonical]))
    fresh = fresh[~have_begun(work.history, fresh)]
    save(work.file("sorted/begun", piece + pieces.number), {"begun": fresh})
    known = (*work.history, segment_before(work, pieces, pieces.number, members))
    nothing = {name: np.zeros(0, COLUMNS[name]) for name in ROWS}
    tables = [(FOUND, found_table(nothing, fresh, known))]
    homes = Homes(as_bytes([]), np.zeros(0, np.int32))
    if piece >= 0:
        arrays = load(work.file("pieces", piece), "id", "id_document", "home")
        homes = Homes(as_bytes(arrays["id"].astype(str).tolist()), arrays["home"][arrays["id_document"]])
        for kind, folder in enumerate(FOLDERS):
            tables.append((kind, feather.read_table(work.aside / "tables" / f"{piece:08d}.{folder}.arrow")))
    for number, (kind, table) in enumerate(tables):
        for part, chosen in by_part(table, homes):
            yield ShuffleRow(part, TABLES * piece + number, table_bytes(chosen), bytes([kind]))


def put(work: Work, part: int, rows: Iterator[ShuffleRow]) -> Iterator[ShuffleRow]:
    """Write the tables of a part; yield how many passages it has, and clusters that began."""
    tables: list[list[pa.Table]] = [[], []]
    for row in rows:
        tables[row.beside[0]].append(table_of(row.values))
    for folder, some in zip(FOLDERS, tables, strict=True):
        if some:
            with written(result_path(work.folder / folder, part, 0)) as aside:
                feather.write_feather(pa.concat_tables(some), aside, compression="lz4")
    counts = [(len(each), pc.sum(each["is_canonical"]).as_py() or 0) for each in tables[FOUND]]
    yield ShuffleRow(part, 0, np.sum([(0, 0), *counts], axis=0, dtype=np.int64).tobytes())
