"""Avro container files. `source_uri` of a document is `file#record`.

The format is a page long, and the library for it (fastavro, 13 MB) unpacks a block of any size at once.
"""

from __future__ import annotations

import bz2
import lzma
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pyarrow as pa
import zstandard

from pipeline.sources.addresses import Input
from pipeline.sources.compression import BombError
from pipeline.sources.documents import Problem, failed
from pipeline.sources.first_bytes import AVRO_MAGIC
from pipeline.sources.records import Columns, Record
from pipeline.sources.settings import Settings
from pipeline.sources.streams import Proportion, Stream
from pipeline.sources.values import clean

#: Bytes that a block may have, packed and unpacked. Writers make blocks of 16 KB to 1 MB.
MAX_BLOCK = 256_000_000
#: Levels of a schema. Python itself allows 1,000 calls.
MAX_DEPTH = 60
_LONG, _FLOAT, _DOUBLE = "long", struct.Struct("<f"), struct.Struct("<d")
Reader = Callable[["_Block"], Any]


class BrokenAvroError(ValueError):
    """The file is not as its schema says."""


def records(source: Input, stream: Stream, settings: Settings, _columns: Columns = None) -> Iterator[Record | Problem]:
    """Read the records of a file, block by block."""
    uri, number = clean(source.uri), 0
    try:
        for values in _records(stream, settings):
            number += 1
            yield Record(f"{uri}#{number}", values)
    except (BrokenAvroError, struct.error, LookupError, TypeError, RecursionError, OverflowError) as error:
        told = f"{type(error).__name__}: {error}; what follows record {number:,} is not read"
        yield failed(uri, "unreadable", clean(told))


def _records(stream: Stream, settings: Settings) -> Iterator[Mapping[str, Any]]:
    size = _Counted(stream)
    meta = _metadata(size)
    mark = size.take(16)
    try:
        read = _Schema().reader(orjson.loads(meta["avro.schema"]))
    except (orjson.JSONDecodeError, KeyError):
        raise BrokenAvroError("it has no schema that can be read") from None
    codec = meta.get("avro.codec", b"null").decode("utf-8", "replace")
    if codec not in CODECS:
        raise BrokenAvroError(f"compressed by {codec!r}, which is not read; known: {', '.join(CODECS)}")
    given = Proportion(settings)
    while (count := size.long(at_end=-1)) != -1:
        if count < 1:
            raise BrokenAvroError(f"a block of {count:,} records")
        packed = size.take(size.long())
        raw = CODECS[codec](packed)
        given.take_in(max(len(raw), count), size.count)
        if size.take(16) != mark:
            raise BrokenAvroError("a block does not end where it should")
        block = _Block(raw)
        for _ in range(count):
            values = read(block)
            yield values if isinstance(values, Mapping) else {"value": values}


def _metadata(size: _Counted) -> dict[str, bytes]:
    """Read what stands in front of the blocks: the schema and the method of compression."""
    if size.take(len(AVRO_MAGIC)) != AVRO_MAGIC:
        raise BrokenAvroError("no Avro file: its first bytes are not `Obj`")
    found = {}
    while count := size.long():
        if count < 0:
            size.long()
        for _ in range(abs(count)):
            key = size.take(size.long()).decode("utf-8", "replace")
            found[key] = size.take(size.long())
    return found


class _Counted:
    """A stream that is read by the numbers in it."""

    def __init__(self, stream: Stream) -> None:
        self.stream, self.count = stream, 0

    def take(self, size: int) -> bytes:
        if not 0 <= size <= MAX_BLOCK:
            raise BrokenAvroError(f"a part of {size:,} bytes")
        raw = self.stream.read_up_to(size)
        self.count += len(raw)
        if len(raw) < size:
            raise BrokenAvroError("the file ends too early")
        return raw

    def long(self, at_end: int | None = None) -> int:
        value = shift = 0
        while True:
            raw = self.stream.read_up_to(1)
            if not raw and at_end is not None and not shift:
                return at_end
            byte = raw[0] if raw else self.take(1)[0]
            self.count += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return (value >> 1) ^ -(value & 1)
            if shift > 63:
                raise BrokenAvroError("a number that does not end")


class _Block:
    """The unpacked bytes of a block."""

    def __init__(self, raw: bytes) -> None:
        self.raw, self.at = raw, 0

    def long(self) -> int:
        value = shift = 0
        while True:
            byte = self.raw[self.at]
            self.at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return (value >> 1) ^ -(value & 1)
            shift += 7
            if shift > 63:
                raise BrokenAvroError("a number that does not end")

    def take(self, size: int) -> bytes:
        if size < 0 or self.at + size > len(self.raw):
            raise BrokenAvroError("a value that ends behind its block")
        self.at += size
        return self.raw[self.at - size : self.at]

    def items(self) -> Iterator[None]:
        """Yield once for each item of a list or map. One of no bytes each would never end."""
        while count := self.long():
            if count < 0:
                self.long()
            if abs(count) > len(self.raw) - self.at:
                raise BrokenAvroError(f"a list of {abs(count):,} values in {len(self.raw) - self.at:,} bytes")
            for _ in range(abs(count)):
                yield


class _Schema:
    """Builds the functions that read the values of a schema."""

    def __init__(self) -> None:
        self.named: dict[str, Reader] = {}
        self.depth = 0

    def reader(self, schema: Any) -> Reader:
        """Return the function that reads a value of a schema."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise BrokenAvroError("a schema that is nested too deep")
        found = self._reader(schema)
        self.depth -= 1
        return found

    def _reader(self, schema: Any) -> Reader:
        if isinstance(schema, list):
            options = [self.reader(each) for each in schema]
            return lambda block: options[_index(block.long(), options)](block)
        if isinstance(schema, str):
            return self._named(schema)
        kind = schema["type"]
        if kind in ("record", "error"):
            return self._record(schema)
        if kind == "array":
            item = self.reader(schema["items"])
            return lambda block: [item(block) for _ in block.items()]
        if kind == "map":
            value = self.reader(schema["values"])
            return lambda block: {_string(block): value(block) for _ in block.items()}
        return self._simple(kind, schema)

    def _simple(self, kind: Any, schema: Mapping[str, Any]) -> Reader:
        read: Reader
        if kind == "enum":
            symbols = schema["symbols"]
            read = lambda block: symbols[_index(block.long(), symbols)]  # noqa: E731
        elif kind == "fixed":
            size = schema["size"]
            read = lambda block: block.take(size)  # noqa: E731
        else:
            return _logical(self.reader(kind), schema.get("logicalType"))
        self._name(schema, read)
        return read

    def _record(self, schema: Mapping[str, Any]) -> Reader:
        fields: list[tuple[str, Reader]] = []

        def read(block: _Block) -> dict[str, Any]:
            return {name: value(block) for name, value in fields}

        self._name(schema, read)  # a record may hold itself
        fields += [(str(each["name"]), self.reader(each["type"])) for each in schema["fields"]]
        return read

    def _name(self, schema: Mapping[str, Any], read: Reader) -> None:
        name = str(schema.get("name"))
        self.named[name] = self.named[name.rpartition(".")[2]] = read
        if schema.get("namespace"):
            self.named[f"{schema['namespace']}.{name}"] = read

    def _named(self, name: str) -> Reader:
        if name in PRIMITIVES:
            return PRIMITIVES[name]
        if name not in self.named:
            raise BrokenAvroError(f"a type {name!r} that the schema does not explain")
        return self.named[name]


def _index(number: int, options: list[Any]) -> int:
    if not 0 <= number < len(options):
        raise BrokenAvroError(f"choice {number} of {len(options)}")
    return number


def _string(block: _Block) -> str:
    return block.take(block.long()).decode("utf-8", "surrogateescape")


_UNITS = {"timestamp-millis": 1000, "local-timestamp-millis": 1000, "timestamp-micros": 1, "local-timestamp-micros": 1}
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)


def _logical(read: Reader, kind: Any) -> Reader:
    """Return what reads dates as dates; a number that is no date stays one."""

    def moment(block: _Block) -> Any:
        value = read(block)
        try:
            return _FIRST + (timedelta(days=value) if kind == "date" else timedelta(microseconds=_UNITS[kind] * value))
        except (OverflowError, TypeError):
            return value

    return moment if kind == "date" or kind in _UNITS else read


PRIMITIVES: dict[str, Reader] = {
    "null": lambda _block: None,
    "boolean": lambda block: block.take(1) != b"\0",
    "int": _Block.long,
    "long": _Block.long,
    "float": lambda block: _FLOAT.unpack(block.take(4))[0],
    "double": lambda block: _DOUBLE.unpack(block.take(8))[0],
    "bytes": lambda block: block.take(block.long()),
    "string": _string,
}


def _limited(unpack: Any, packed: bytes) -> bytes:
    """Unpack a block. Raises `BombError` for one beyond the limit."""
    try:
        raw: bytes = unpack.decompress(packed, MAX_BLOCK)
    except (OSError, zlib.error, lzma.LZMAError) as error:
        raise BrokenAvroError(f"a broken block: {error}") from None
    if len(raw) >= MAX_BLOCK:
        raise BombError(f"a block of {len(packed):,} bytes unpacks to more than {MAX_BLOCK:,}: a decompression bomb")
    return raw


def _snappy(packed: bytes) -> bytes:
    block = _Block(packed)
    value = shift = 0
    while True:
        byte = block.take(1)[0]
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80 or shift > 28:
            break
    if value > MAX_BLOCK:
        raise BombError(f"a block of {len(packed):,} bytes unpacks to more than {MAX_BLOCK:,}: a decompression bomb")
    try:
        return bytes(pa.Codec("snappy").decompress(packed[:-4], value, asbytes=True))  # a sum of 4 bytes follows
    except (OSError, pa.ArrowException) as error:
        raise BrokenAvroError(f"a broken block: {error}") from None


def _zstd(packed: bytes) -> bytes:
    try:
        with zstandard.ZstdDecompressor().stream_reader(packed) as opened:
            raw = opened.read(MAX_BLOCK)
    except zstandard.ZstdError as error:
        raise BrokenAvroError(f"a broken block: {error}") from None
    if len(raw) >= MAX_BLOCK:
        raise BombError(f"a block of {len(packed):,} bytes unpacks to more than {MAX_BLOCK:,}: a decompression bomb")
    return bytes(raw)


CODECS: dict[str, Callable[[bytes], bytes]] = {
    "null": lambda packed: packed,
    "deflate": lambda packed: _limited(zlib.decompressobj(-15), packed),
    "bzip2": lambda packed: _limited(bz2.BZ2Decompressor(), packed),
    "xz": lambda packed: _limited(lzma.LZMADecompressor(), packed),
    "snappy": _snappy,
    "zstandard": _zstd,
}
