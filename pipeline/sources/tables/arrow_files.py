"""Feather, Arrow IPC (files and streams) and ORC. `source_uri` of a document is `file#row`.

As in Parquet, a few bytes can stand for gigabytes. So what the buffers of a batch unpack to is read from their headers
before any is unpacked, and a batch is converted in parts that fit into memory.
"""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pyarrow as pa

from pipeline.sources.addresses import Input
from pipeline.sources.archives.members import local_path
from pipeline.sources.documents import Problem, failed
from pipeline.sources.first_bytes import ARROW_FILE, ARROW_STREAM, OLD_FEATHER
from pipeline.sources.records import Columns, Record
from pipeline.sources.settings import Settings
from pipeline.sources.streams import Proportion
from pipeline.sources.tables.arrow_messages import Message
from pipeline.sources.tables.arrow_rows import MAX_REPEATED_BYTES, MAX_ROWS, is_within, plain, rows_of, weight
from pipeline.sources.values import clean

#: Run by its path: importing it from its package would load all that the sources import, which takes a second.
_CHILD = Path(__file__).with_name("orc_child.py")
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
    """Read the records of an ORC file in small batches. Raises `ArrowException` if it is broken.

    In a process of its own: the library that reads ORC can crash on a damaged file, which must not end the run.
    """
    size = stored.seek(0, os.SEEK_END)
    with local_path(source, stored) as path, _orc_child(path, columns) as batches:
        yield from _records(source, batches, size, settings, None)


@contextmanager
def _orc_child(path: str, columns: Columns) -> Iterator[Iterator[pa.RecordBatch]]:
    """Give the batches that the child process reads."""
    command = [sys.executable, "-I", str(_CHILD), path, str(MAX_ROWS), *(columns or ())]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        try:
            yield _batches_of(child)
        finally:
            child.kill()  # who looked at the first records only leaves early


def _batches_of(child: subprocess.Popen[bytes]) -> Iterator[pa.RecordBatch]:
    """Yield the batches of a child process. Raises `ArrowInvalid` with what it said if it did not end well."""
    trouble: Exception | None = None
    try:
        yield from pa.ipc.open_stream(child.stdout)
    except (pa.ArrowInvalid, EOFError, OSError) as error:
        trouble = error  # the child tells better what is wrong, if it can
    said = child.stderr.read().decode("utf-8", "replace") if child.stderr else ""
    if child.wait() != 0:
        crashed = f"the library that reads ORC crashed on it, with code {child.returncode}"
        raise pa.ArrowInvalid(said.strip().rpartition("\n")[2] if child.returncode == 1 else crashed)
    if trouble:
        raise trouble


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
