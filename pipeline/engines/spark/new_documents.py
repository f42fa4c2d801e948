"""New documents among those that executors read: a shuffle of ids says which were read, published or forgotten before.

The answer is that of `pipeline.engines.reading.only_new`: the first of several in the order of the inputs is new.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyarrow import feather

from pipeline.durable import written_whole
from pipeline.engines.spark.stored_batches import KNOWN, path_of
from pipeline.storage.forgotten import KEPT_OUT
from pipeline.storage.output_folder import OutputFolder
from pipeline.storage.tables import folder_of, open_table, part_files

if TYPE_CHECKING:
    from pipeline.engines.spark.cluster import Executors

OCCURRENCES = pa.schema([("doc_id", pa.binary()), ("group", pa.int64()), ("at", pa.int64()), ("forgotten", pa.bool_())])
OCCURRENCES_DDL = "doc_id binary, group long, at long, forgotten boolean"
NOT_NEW = pa.schema([("group", pa.int64()), ("at", pa.int64()), ("reason", pa.string())])
NOT_NEW_DDL = "group long, at long, reason string"
#: The group of published documents: before all that is read.
PUBLISHED = -1
#: Rows handed to Spark at once. Chosen by hand; not tuned.
ROWS = 10_000


def find_known(cluster: Executors, folder: Path, output: OutputFolder, groups: int) -> None:
    """Write for each group which of its documents are not new, and why."""
    folders = [folder_of(output.out.absolute(), "documents", run) for run in output.runs()]
    published = [str(path) for each in folders for path in part_files(each)]
    found = cluster.rows(partial(occurrences, folder), OCCURRENCES_DDL, groups)
    if published:
        found = found.union(cluster.rows(partial(published_occurrences, published), OCCURRENCES_DDL, len(published)))
    partitions = cluster.partitions
    known = (
        found.repartition(partitions, "doc_id")
        .sortWithinPartitions("doc_id", "group", "at")
        .mapInArrow(not_new, NOT_NEW_DDL)
        .repartition(partitions, "group")
        .sortWithinPartitions("group", "at")
        .mapInArrow(partial(write_known, folder), "group long")
    )
    cluster.carry_out(known)


def occurrences(folder: Path, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield the ids of the groups whose numbers come in, with their places."""
    for batch in batches:
        for group in batch.column(0).to_pylist():
            ids = feather.read_table(path_of(folder, group, "ids"))
            columns = [ids["doc_id"].cast(pa.binary()), [group] * len(ids), range(len(ids)), ids["forgotten"]]
            yield from pa.table(columns, schema=OCCURRENCES).to_batches(ROWS)


def published_occurrences(files: Sequence[str], batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield the ids in the published files whose numbers come in."""
    for batch in batches:
        for number in batch.column(0).to_pylist():
            for rows in open_table(Path(files[number]), "documents").to_batches(columns=["doc_id"]):
                ids = [bytes.fromhex(each) for each in rows["doc_id"].to_pylist()]
                columns = [ids, [PUBLISHED] * len(ids), [0] * len(ids), [False] * len(ids)]
                yield from pa.table(columns, schema=OCCURRENCES).to_batches(ROWS)


def not_new(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield the documents that are not new, and why, from all occurrences in the order of ids and places."""
    last, reason = None, ""
    for batch in batches:
        rows = []
        for doc_id, group, at, forgotten in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            if doc_id != last:
                last, reason = doc_id, ""
            if group != PUBLISHED and (forgotten or reason):
                rows.append({"group": group, "at": at, "reason": KEPT_OUT if forgotten else reason})
            if not forgotten:
                reason = "already_published" if group == PUBLISHED else reason or "same_document"
        yield pa.RecordBatch.from_pylist(rows, NOT_NEW)


def write_known(folder: Path, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Write the file of known documents of each group that comes in, whole and in order; yield the groups."""
    for group, rows in groupby(_rows(batches), lambda row: row[0]):
        known = pa.Table.from_pylist([{"at": at, "reason": reason} for _, at, reason in rows], KNOWN)
        with written_whole(path_of(folder, group, "known")) as aside:
            feather.write_feather(known, aside)
        yield pa.RecordBatch.from_pydict({"group": [group]})


def _rows(batches: Iterable[pa.RecordBatch]) -> Iterator[tuple[Any, ...]]:
    for batch in batches:
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)
