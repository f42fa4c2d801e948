"""Feather, Arrow IPC (files and streams) and ORC. `source_uri` of a document is `file#row`.

As in Parquet, a few bytes can stand for gigabytes. So what the buffers of a batch unpack to is read from their headers
before any is unpacked, and a batch is converted in parts that fit into memory.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from typing import IO

import pyarrow as pa
import pyarrow.dataset as pads

from pipeline.sources.addresses import Input
from pipeline.sources.documents import Problem, failed
from pipeline.sources.first_bytes import ARROW_FILE, ARROW_STREAM, OLD_FEATHER
from pipeline.sources.records import Columns, Record
from pipeline.sources.settings import Settings
from pipeline.sources.streams import Proportion
from pipeline.sources.tables.arrow_messages import Message
from pipeline.sources.tables.arrow_rows import MAX_REPEATED_BYTES, MAX_ROWS, is_within, plain, rows_of, weight
from pipeline.sources.values import clean

#: Bytes of a message's metadata: more than any schema or list of buffers of news has.
MAX_METADATA = 64_000_000
OLD = (
    "Feather of version 1, which is no longer read; with pandas before 3: "
    "pandas.read_feather(FILE).to_parquet('news.parquet')"
)


def records(
    source: Input, stored: IO[bytes], settings: Settings, columns: Columns = None
) -> Iterator[Record | Problem]:
    """Read the records of an Arrow or Feather file in small batches. Raises `ArrowException` if it is broken."""
    magic = stored.read(len(ARROW_FILE))
    size = stored.seek(0, os.SEEK_END)
    if magic.startswith(OLD_FEATHER):
        yield failed(clean(source.uri), "unreadable", OLD)
        return
    is_file = magic == ARROW_FILE
    Proportion(settings).take_in(_promised(stored, 8 if is_file else 0, size), size)
    stored.seek(0)
    if is_file:
        try:
            file = pa.ipc.open_file(stored)
        except pa.ArrowException as error:
            yield failed(clean(source.uri), "unreadable", f"cut off or damaged ({error}); read as far as it goes")
            stored.seek(8)
        else:
            batches = (file.get_batch(each) for each in range(file.num_record_batches))
            yield from _records(source, batches, size, settings, columns)
            return
    yield from _records(source, iter(pa.ipc.open_stream(stored)), size, settings, columns)


def orc_records(
    source: Input, stored: IO[bytes], settings: Settings, columns: Columns = None
) -> Iterator[Record | Problem]:
    """Read the records of an ORC file in small batches. Raises `ArrowException` if it is broken."""
    size = stored.seek(0, os.SEEK_END)
    fragment = pads.OrcFileFormat().make_fragment(stored)
    try:
        names = fragment.physical_schema.names
    except UnicodeError as error:
        yield failed(clean(source.uri), "unreadable", clean(f"the name of a column is no text ({error})"))
        return
    wanted = names if columns is None else [name for name in names if any(is_within(each, name) for each in columns)]
    batches = fragment.to_batches(columns=wanted, batch_size=MAX_ROWS, use_threads=False, batch_readahead=0)
    yield from _records(source, batches, size, settings, None)


def _records(
    source: Input, batches: Iterator[pa.RecordBatch], size: int, settings: Settings, columns: Columns
) -> Iterator[Record | Problem]:
    """Yield the records of batches, up to one that pyarrow cannot hold or name."""
    try:
        yield from _in_batches(source, batches, size, settings, columns)
    except (MemoryError, UnicodeError, LookupError) as error:
        yield failed(clean(source.uri), "unreadable", clean(f"{type(error).__name__}: {error}"))


def _in_batches(
    source: Input, batches: Iterator[pa.RecordBatch], size: int, settings: Settings, columns: Columns
) -> Iterator[Record | Problem]:
    given, number = Proportion(settings), 0
    for whole in batches:
        whole.validate(full=True)  # a place beyond the end of a buffer is otherwise believed, and read
        names = whole.schema.names
        wanted = [name for name in names if columns is None or any(is_within(each, name) for each in columns)]
        for batch in _parts(whole.select(wanted)):
            given.take_in(weight(batch), size)
            for record in rows_of(plain(batch)):
                number += 1
                yield Record(f"{clean(source.uri)}#{number}", record)


def _parts(batch: pa.RecordBatch, at_once: int = MAX_ROWS) -> Iterator[pa.RecordBatch]:
    """Cut a batch into parts of few rows that fit into memory."""
    for start in range(0, batch.num_rows, at_once):
        part = batch.slice(start, at_once)
        if part.num_rows > 1 and weight(part) > MAX_REPEATED_BYTES:
            yield from _parts(part, max(1, part.num_rows // 4))
        else:
            yield part


# ---------------------------------------------------------------- what a file promises


def _promised(stored: IO[bytes], at: int, end: int) -> int:
    """Add up what the compressed buffers of a file unpack to, by the numbers in front of them."""
    promised = 0
    while at + 8 <= end:
        stored.seek(at)
        mark, length = struct.unpack("<4si", stored.read(8))
        if mark != ARROW_STREAM or not 0 < length <= MAX_METADATA:
            break
        try:
            message = Message(stored.read(length))
            for place, size in message.buffers():
                stored.seek(at + 8 + length + place)
                promised += max(0, *struct.unpack("<q", stored.read(8)), size) if size > 8 else 0
        except (struct.error, OSError, ValueError):
            break  # the reader will say what is broken
        at += 8 + length + max(0, message.body)
    return promised
