"""Rows that Spark moves between executors: a few large ones, each with whole arrays as bytes.

Buckets, pairs and matches are numbers by the hundred for every paragraph. One row for each would cost more than all
that is computed from it, so a row holds all numbers that one task has for another: arrays travel as they are.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

#: Bytes of rows that pass between Spark and Python at once. Chosen by hand; not tuned.
BYTES_AT_ONCE = 16 << 20
#: Settings of Spark by which it hands rows to Python: rows of several megabytes must not come by the thousand.
CONFIGURATION = {"spark.sql.execution.arrow.maxBytesPerBatch": str(BYTES_AT_ONCE)}

COLUMNS = "key long, at long, values binary, beside binary"
SCHEMA = pa.schema([("key", pa.int64()), ("at", pa.int64()), ("values", pa.binary()), ("beside", pa.binary())])


class ShuffleRow(NamedTuple):
    """Content that one task has for another: its key, a number by which rows of a key are ordered, and content."""

    key: int
    at: int
    values: bytes = b""
    beside: bytes = b""


Task = Callable[[int], Iterator[ShuffleRow]]
Reducer = Callable[[int, Iterator[ShuffleRow]], Iterator[ShuffleRow]]


def tasks(spark: SparkSession, count: int, function: Task) -> DataFrame:
    """Carry out a function for each number up to `count`, and return its rows."""

    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for number in batch["id"].to_pylist():
                yield from packed(function(number))

    return spark.range(0, count, 1, max(1, count)).mapInArrow(run, COLUMNS)


def by_key(frame: DataFrame, partitions: int, function: Reducer) -> DataFrame:
    """Carry out a function for each key, with its rows in the order of `at`, and return its rows."""

    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for key, group in itertools.groupby(unpacked(batches), lambda row: row.key):
            yield from packed(function(key, group))

    return frame.repartition(partitions, "key").sortWithinPartitions("key", "at").mapInArrow(run, COLUMNS)


def packed(rows: Iterable[ShuffleRow]) -> Iterator[pa.RecordBatch]:
    """Put rows into batches of at most BYTES_AT_ONCE, or one row."""
    held: list[ShuffleRow] = []
    size = 0
    for row in rows:
        length = len(row.values) + len(row.beside)
        if held and size + length > BYTES_AT_ONCE:
            yield batch_of(held)
            held, size = [], 0
        held.append(row)
        size += length
    if held:
        yield batch_of(held)


def batch_of(rows: list[ShuffleRow]) -> pa.RecordBatch:
    """Make a batch of rows."""
    columns = [pa.array(column, field.type) for column, field in zip(zip(*rows, strict=True), SCHEMA, strict=True)]
    return pa.record_batch(columns, schema=SCHEMA)


def unpacked(batches: Iterator[pa.RecordBatch]) -> Iterator[ShuffleRow]:
    """Yield the rows of batches one by one."""
    for batch in batches:
        for at in range(len(batch)):
            yield ShuffleRow(*(column[at].as_py() for column in batch.columns))


def answers(frame: DataFrame) -> dict[int, bytes]:
    """Carry out what a table of rows stands for; return the content of each by its key: few and small ones only."""
    return {row.key: bytes(row["values"]) for row in frame.collect()}


def integers(content: bytes) -> NDArray[np.int64]:
    """Read whole numbers from bytes."""
    return np.frombuffer(content, np.int64)


def split(values: NDArray[Any], places: NDArray[np.int64]) -> Iterator[tuple[int, NDArray[Any]]]:
    """Split values by a number that each has.

    >>> [(key, part.tolist()) for key, part in split(np.array([5, 6, 7]), np.array([1, 0, 1]))]
    [(0, [6]), (1, [5, 7])]
    """
    order = np.argsort(places, kind="stable")
    keys, begins = np.unique(places[order], return_index=True)
    yield from zip(keys.tolist(), np.split(values[order], begins[1:]), strict=len(keys) > 0)


def table_bytes(table: pa.Table) -> bytes:
    """Write a table to bytes."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()  # type: ignore[no-any-return]


def table_of(content: bytes) -> pa.Table:
    """Read a table from bytes."""
    return pa.ipc.open_stream(content).read_all()
