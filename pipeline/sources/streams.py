"""Streams of decompressed bytes, protected against broken compression and decompression bombs.

Reads may be short: bytes before a break are returned before the break is raised.
"""

from __future__ import annotations

import codecs
import itertools
from collections.abc import Callable, Iterator
from typing import NamedTuple

from pipeline.sources.compression import CHUNK, BombError, Readable, unpacker, whole_unpacker
from pipeline.sources.settings import Settings


class InputLine(NamedTuple):
    """A line without its line break; of a line over the limit, only the first bytes are in `content`."""

    number: int
    content: bytes
    size: int


def plain(stream: Readable) -> Iterator[bytes]:
    """Yield a stream in pieces, unchanged."""
    while chunk := stream.read(CHUNK):
        yield chunk


class Counted:
    """A stream that counts the bytes read from it."""

    def __init__(self, stream: Readable) -> None:
        self.stream = stream
        self.count = 0

    def read(self, size: int = -1, /) -> bytes:
        """Read at most `size` bytes; none at the end."""
        chunk = self.stream.read(size)
        self.count += len(chunk)
        return chunk


class Proportion:
    """The size an input was unpacked to so far, checked against its stored size."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.given_out = 0

    def take_in(self, size: int, stored: int) -> None:
        """Count `size` unpacked bytes of `stored` bytes read. Raises `BombError` beyond the allowed ratio."""
        self.given_out += size
        allowed = max(self.settings.min_bomb_bytes, self.settings.max_compression_ratio * stored)
        if self.given_out > allowed:
            raise BombError(f"{stored:,} compressed bytes unpack to more than {allowed:,.0f}: a decompression bomb")


def guarded(pieces: Iterator[bytes], source: Counted, settings: Settings) -> Iterator[bytes]:
    """Yield the pieces. Raises `BombError` once they exceed the allowed ratio to the bytes read from `source`."""
    proportion = Proportion(settings)
    for piece in pieces:
        proportion.take_in(len(piece), source.count)
        yield piece


#: Bytes by which compression is told.
MAGIC_BYTES = 10


class Stream:
    """Decompressed bytes of an opened input, with look-ahead."""

    def __init__(self, opened: Readable, settings: Settings) -> None:
        self.settings = settings
        self.counted = Counted(opened)
        magic = _read_fully(self.counted, MAGIC_BYTES)
        joined = _Joined(magic, self.counted)
        self.unpacker = unpacker(magic, joined)
        pieces = iter(self.unpacker) if self.unpacker else whole_unpacker(magic, joined)
        self.is_compressed = pieces is not None
        self.pieces = plain(joined) if pieces is None else guarded(pieces, self.counted, settings)
        self.buffer = b""
        self.position = 0
        if self.is_compressed:
            self._unpack_again()

    def _unpack_again(self) -> None:
        """Unpack what was compressed twice, as servers and scripts do that compress whatever they are given."""
        magic = self.peek(MAGIC_BYTES)[:MAGIC_BYTES]
        whole = _Joined(self.buffer, _Pieces(self.pieces))
        inner = unpacker(magic, whole)
        pieces = iter(inner) if inner else whole_unpacker(magic, whole)
        if pieces is not None:
            self.unpacker, self.buffer = None, b""
            self.pieces = guarded(pieces, self.counted, self.settings)

    def as_utf_8(self) -> Stream:
        """Convert the rest to UTF-8 if it is UTF-16, with a byte order mark or seen by its zeros; return the stream."""
        if charset := _utf_16(self.peek(400)):
            self.pieces, self.buffer = _transcoded(itertools.chain([self.buffer], self.pieces), charset), b""
        return self

    def tell(self) -> int:
        """Return how many bytes were read."""
        return self.position

    def peek(self, size: int) -> bytes:
        """Return the next `size` bytes, or all that remain, without consuming them; a later read raises a break."""
        parts, have = [self.buffer], len(self.buffer)
        try:
            while have < size and (piece := self._piece()):
                parts.append(piece)
                have += len(piece)
        except OSError:
            pass  # raised again by whoever reads on
        self.buffer = b"".join(parts)
        return self.buffer[:size]

    def read(self, size: int = -1, /) -> bytes:
        """Read at most `size` bytes, often fewer; none at the end."""
        if size is None or size < 0:
            return b"".join(iter(lambda: self.read(CHUNK), b""))
        if not self.buffer:
            self.buffer = self._piece()
        given, self.buffer = self.buffer[:size], self.buffer[size:]
        self.position += len(given)
        return given

    def _piece(self) -> bytes:
        """Return the next piece. A break is raised again by every later call: not every reader passes it on."""
        try:
            return next(self.pieces, b"")
        except OSError as error:
            self.pieces = _raising(error)
            raise

    def read_up_to(self, size: int) -> bytes:
        """Read `size` bytes, fewer only at the end."""
        return _read_fully(self, size)

    def offset_of(self, position: int) -> int:
        """Return the offset in the compressed file of the member that holds this position of the output."""
        return self.unpacker.offset_of(position) if self.unpacker else position

    def members(self, begin: int, end: int) -> list[tuple[int, int]]:
        """List the compressed members that began between two positions of the output: where there, where in the file.

        Only of what was read last: older ones are forgotten.
        """
        members = reversed(self.unpacker.members) if self.unpacker else iter(())
        return [each for each in itertools.takewhile(lambda at: at[0] >= begin, members) if each[0] < end][::-1]

    @property
    def next_offset(self) -> int:
        """The offset in the compressed file of the next byte to unpack."""
        return self.unpacker.read_in - len(self.unpacker.pending) if self.unpacker else self.position

    def skip_to(self, begins: Callable[[bytes], bool]) -> bool:
        """After a break, continue at the next member whose content begins so; False if there is none."""
        if self.unpacker is None or not self.unpacker.skip_to(begins):
            return False
        self.pieces, self.buffer = guarded(iter(self.unpacker), self.counted, self.settings), b""
        return True

    def lines(self, max_bytes: int) -> Iterator[InputLine]:
        """Yield the lines, numbered from 1. Memory is bounded by `max_bytes`, not by the longest line."""
        number, parts, size = 1, [b""], 0
        while piece := self.read(CHUNK):
            *ended, rest = piece.split(b"\n")
            for end in ended:
                size += len(end)
                yield InputLine(number, _line([*parts, end], size, max_bytes), size)
                number, parts, size = number + 1, [b""], 0
            size += len(rest)
            parts = [_line([*parts, rest], size, max_bytes)] if size > max_bytes else [*parts, rest]
        if size:
            yield InputLine(number, _line(parts, size, max_bytes), size)


def _line(parts: list[bytes], size: int, max_bytes: int) -> bytes:
    joined = b"".join(parts)
    return joined if size <= max_bytes else joined[:1000]


def _read_fully(stream: Readable, size: int) -> bytes:
    parts, have = [], 0
    while have < size and (piece := stream.read(size - have)):
        parts.append(piece)
        have += len(piece)
    return b"".join(parts)


def _utf_16(head: bytes) -> str:
    """Return the form of UTF-16 that bytes begin in; empty if they do not.

    >>> _utf_16("id,text".encode("utf-16")), _utf_16("id,text".encode("utf-16-be")), _utf_16(b"id,text\\0\\0")
    ('utf-16', 'utf-16-be', '')
    """
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    first, second = head[:-1:2], head[1::2]
    if len(second) < 4:
        return ""
    zeros = first.count(0) / len(first), second.count(0) / len(second)
    # Names of fields and marks are ASCII: every other byte is zero. The limits leave room for titles of other scripts.
    return "utf-16-le" if zeros[1] > 0.5 > 10 * zeros[0] else "utf-16-be" if zeros[0] > 0.5 > 10 * zeros[1] else ""


def _transcoded(pieces: Iterator[bytes], charset: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(charset)("replace")
    for piece in itertools.chain(pieces, [b""]):
        if text := decoder.decode(piece, final=not piece):  # a piece of nothing would look like the end
            yield text.encode()


def _raising(error: OSError) -> Iterator[bytes]:
    raise error
    yield b""


class _Pieces:
    """Pieces as a stream."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self.pieces = pieces

    def read(self, _size: int = -1, /) -> bytes:
        return next(self.pieces, b"")


class _Joined:
    """A stream with the few bytes already read from it put back."""

    def __init__(self, head: bytes, stream: Readable) -> None:
        self.head, self.stream = head, stream

    def read(self, size: int = -1, /) -> bytes:
        if self.head:
            given, self.head = self.head, b""
            return given
        return self.stream.read(size)
