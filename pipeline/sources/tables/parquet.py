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
from pipeline.sources.tables.arrow_rows import BYTES_A_VALUE, MAX_REPEATED_BYTES, MAX_ROWS, is_within, plain, rows_of
from pipeline.sources.values import clean


def records(
    source: Input, stored: IO[bytes], settings: Settings, columns: Columns = None
) -> Iterator[Record | Problem]:
    """Read the records of a Parquet file in small batches. Raises `ArrowException` if it is broken."""
    try:
        yield from _records(source, stored, settings, columns)
    except UnicodeError as error:  # from pyarrow, for names in a damaged footer
        raise pa.ArrowInvalid(f"a name in it is no text ({error})") from None


def _records(source: Input, stored: IO[bytes], settings: Settings, columns: Columns) -> Iterator[Record | Problem]:
    size = stored.seek(0, os.SEEK_END)
    file = pq.ParquetFile(stored, pre_buffer=False)
    names = file.schema_arrow.names
    wanted = names if columns is None else [name for name in names if any(is_within(each, name) for each in columns)]
    chunks = _chunks(file.metadata, set(wanted))
    promised = sum(max(chunk.total_uncompressed_size, BYTES_A_VALUE * chunk.num_values) for chunk in chunks)
    Proportion(settings).take_in(promised, size)
    given, number = Proportion(settings), 0
    for batch in file.iter_batches(batch_size=_rows_at_a_time(stored, chunks), columns=wanted, use_threads=False):
        decoded = plain(batch)
        given.take_in(decoded.nbytes, size)
        for record in rows_of(decoded):
            number += 1
            yield Record(f"{clean(source.uri)}#{number}", record)


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
