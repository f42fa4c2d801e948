"""Parquet reader. `source_uri` of a document is `file#row`.

A few bytes of Parquet can stand for gigabytes: a value that a dictionary holds once, a list of the same value. So the
sizes in the file's metadata are checked before anything is read, and the bytes read are counted.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.sources.addresses import Input
from pipeline.sources.documents import Problem
from pipeline.sources.records import Columns, Record
from pipeline.sources.settings import Settings
from pipeline.sources.streams import Proportion
from pipeline.sources.values import clean

MAX_ROWS = 64  # a batch of pages of the largest size has to fit into memory
#: Bytes of a batch if every row is the largest value of a dictionary. Writers limit dictionaries to about 1 MB.
MAX_REPEATED_BYTES = 256_000_000
BYTES_A_VALUE = 8
#: Exceptions of pyarrow for a value that Python cannot represent.
NO_VALUES = (ValueError, OverflowError, LookupError)


def records(
    source: Input, stored: IO[bytes], settings: Settings, columns: Columns = None
) -> Iterator[Record | Problem]:
    """Read the records of a Parquet file in small batches. Raises `ArrowException` if it is broken."""
    size = stored.seek(0, os.SEEK_END)
    file = pq.ParquetFile(stored, pre_buffer=False)
    names = file.schema_arrow.names
    wanted = names if columns is None else [name for name in names if any(_is_within(each, name) for each in columns)]
    chunks = _chunks(file.metadata, set(wanted))
    promised = sum(max(chunk.total_uncompressed_size, BYTES_A_VALUE * chunk.num_values) for chunk in chunks)
    Proportion(settings).take_in(promised, size)
    given, number = Proportion(settings), 0
    for batch in file.iter_batches(batch_size=_rows_at_a_time(stored, chunks), columns=wanted, use_threads=False):
        plain = _plain(batch)
        given.take_in(plain.nbytes, size)
        for record in _as_python(plain):
            number += 1
            yield Record(f"{clean(source.uri)}#{number}", record)


def _is_within(field: str, column: str) -> bool:
    return field == column or field.startswith(f"{column}.")


def _chunks(metadata: pq.FileMetaData, columns: set[str]) -> list[Any]:
    """List the metadata of the column chunks of these columns, in all row groups."""
    groups = [metadata.row_group(each) for each in range(metadata.num_row_groups)]
    chunks = [group.column(each) for group in groups for each in range(group.num_columns)]
    return [chunk for chunk in chunks if chunk.path_in_schema.partition(".")[0] in columns]


def _rows_at_a_time(stored: IO[bytes], chunks: Sequence[Any]) -> int:
    """Compute a number of rows that fits into memory even if each holds the largest value of a dictionary."""
    heads = []
    for place in [chunk.dictionary_page_offset for chunk in chunks if chunk.has_dictionary_page]:
        stored.seek(place)
        heads.append(stored.read(12))
    largest = max((dictionary_size(head) for head in heads), default=1)
    return max(1, min(MAX_ROWS, MAX_REPEATED_BYTES // max(1, largest)))


def dictionary_size(head: bytes) -> int:
    """Read the size from the header of a dictionary page; a huge size if the header is not understood.

    In Thrift's compact protocol: the kind of page (2), then its size as a zigzag varint.

    >>> dictionary_size(b"\\x15\\x04\\x15\\x80\\x89\\x7a\\x15"), dictionary_size(b"?") > 2**31
    (1000000, True)
    """
    size = 0
    for at, byte in enumerate(head[3:] if head.startswith(b"\x15\x04\x15") else b""):
        size |= (byte & 0x7F) << 7 * at
        if byte < 0x80:
            return size >> 1
    return 1 << 62


def _plain(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Decode dictionaries, and cast timestamps to what Python supports: microseconds, and UTC for any zone."""
    for at, field in enumerate(batch.schema):
        if pa.types.is_dictionary(field.type):
            column = batch.column(at).dictionary_decode()
            batch = batch.set_column(at, pa.field(field.name, column.type), column)
        if pa.types.is_timestamp(field.type):
            unit = "us" if field.type.unit == "ns" else field.type.unit
            column = batch.column(at).cast(pa.timestamp(unit, field.type.tz and "UTC"), safe=False)
            batch = batch.set_column(at, pa.field(field.name, column.type), column)
    return batch


def _as_python(batch: pa.RecordBatch) -> list[dict[str, Any]]:
    """Convert to rows; a value that Python cannot represent (the year 300,000) is written out as text."""
    try:
        rows: list[dict[str, Any]] = batch.to_pylist()
    except NO_VALUES:
        columns = [[_value(each) for each in column] for column in batch.columns]
        rows = [dict(zip(batch.schema.names, values, strict=True)) for values in zip(*columns, strict=True)]
    return rows


def _value(scalar: pa.Scalar) -> Any:
    """Convert a value to Python, else to its type and number; invalid UTF-8 becomes surrogates.

    >>> day, name = pa.array([2**31 - 1], pa.int32()).view(pa.date32())[0], pa.array([b"caf\\xe9"]).view(pa.string())[0]
    >>> _value(day), _value(name)
    ('date32[day] 2147483647', 'caf\\udce9')
    """
    try:
        return scalar.as_py()
    except NO_VALUES:
        if isinstance(scalar, pa.StringScalar | pa.LargeStringScalar | pa.StringViewScalar):
            return scalar.as_buffer().to_pybytes().decode("utf-8", "surrogateescape")
        if isinstance(scalar, pa.StructScalar):
            return {name: _value(each) for name, each in scalar.items()}
        if isinstance(scalar, pa.ListScalar):  # and its subclasses
            return [_value(each) for each in scalar]
        inner = scalar.value
        return _value(inner) if isinstance(inner, pa.Scalar) else f"{scalar.type} {inner}"
