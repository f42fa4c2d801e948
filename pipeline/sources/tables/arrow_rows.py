"""Rows of Arrow batches: what Parquet, Feather and ORC files have in common."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

MAX_ROWS = 64  # a batch of pages of the largest size has to fit into memory
#: Bytes of a batch if every row is the largest value of a dictionary. Writers limit dictionaries to about 1 MB.
MAX_REPEATED_BYTES = 256_000_000
BYTES_A_VALUE = 8
#: What a record counts for at least: a few bytes can promise a billion empty ones. A guess at the memory of a row.
BYTES_A_RECORD = 1000
#: Exceptions of pyarrow for a value that Python cannot represent.
NO_VALUES = (ValueError, OverflowError, LookupError)


def is_within(field: str, column: str) -> bool:
    """Return True if a dotted name is a column, or a part of one."""
    return field == column or field.startswith(f"{column}.")


def weight(batch: pa.RecordBatch) -> int:
    """Return the bytes of a batch once its dictionaries and views are written out."""
    written_out = sum(max(_weight(column), BYTES_A_VALUE * len(column)) for column in batch.columns)
    return max(written_out, BYTES_A_RECORD * int(batch.num_rows))


def _weight(column: pa.Array) -> int:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return int(_lengths(column.dictionary)[column.indices.fill_null(0).to_numpy(zero_copy_only=False)].sum())
    if pa.types.is_run_end_encoded(kind):
        return len(column) * int(_lengths(column.values).max(initial=0))
    if _is_view(kind):
        return int(_lengths(column).sum())
    if pa.types.is_list_view(kind) or pa.types.is_large_list_view(kind):
        return int(pc.sum(pc.list_value_length(column)).as_py() or 0) * max(BYTES_A_VALUE, int(column.values.nbytes))
    return int(column.nbytes)


def _is_view(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string_view(kind) or pa.types.is_binary_view(kind))


def _lengths(column: pa.Array) -> np.ndarray[Any, Any]:
    """Return the bytes of each value of a column; of types that have no length, what a value counts for."""
    if len(column) == 0:
        return np.full(1, BYTES_A_VALUE)
    if _is_view(column.type):  # pyarrow cannot say it: the first four bytes of each view of 16
        views = np.frombuffer(column.buffers()[1], dtype=np.int32)
        return views[4 * column.offset : 4 * (column.offset + len(column)) : 4].astype(np.int64)
    try:
        return np.asarray(pc.binary_length(column).fill_null(0).to_numpy(zero_copy_only=False), dtype=np.int64)
    except pa.ArrowNotImplementedError:
        return np.full(len(column), max(BYTES_A_VALUE, column.nbytes // len(column)))


def plain(batch: pa.RecordBatch) -> pa.RecordBatch:
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


def rows_of(batch: pa.RecordBatch) -> list[dict[str, Any]]:
    """Convert to rows; a value that Python cannot represent (the year 300,000) is written out as text."""
    try:
        rows: list[dict[str, Any]] = batch.to_pylist()
    except NO_VALUES:
        columns = [[value_of(each) for each in column] for column in batch.columns]
        rows = [dict(zip(batch.schema.names, values, strict=True)) for values in zip(*columns, strict=True)]
    return rows


def value_of(scalar: pa.Scalar) -> Any:
    """Convert a value to Python, else to its type and number; invalid UTF-8 becomes surrogates.

    >>> day, name = pa.array([2**31 - 1], pa.int32()).view(pa.date32())[0], pa.array([b"caf\\xe9"]).view(pa.string())[0]
    >>> value_of(day), value_of(name)
    ('date32[day] 2147483647', 'caf\\udce9')
    """
    try:
        return scalar.as_py()
    except NO_VALUES:
        if isinstance(scalar, pa.StringScalar | pa.LargeStringScalar | pa.StringViewScalar):
            return scalar.as_buffer().to_pybytes().decode("utf-8", "surrogateescape")
        if isinstance(scalar, pa.StructScalar):
            return {name: value_of(each) for name, each in scalar.items()}
        if isinstance(scalar, pa.ListScalar):  # and its subclasses
            return [value_of(each) for each in scalar]
        inner = scalar.value
        return value_of(inner) if isinstance(inner, pa.Scalar) else f"{scalar.type} {inner}"
