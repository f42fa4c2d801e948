"""Streams of decompressed bytes, protected against broken compression and decompression bombs.

Reads may be short: bytes before a break are returned before the break is raised.
"""

from __future__ import annotations

import codecs
import itertools
import re
import zlib
from collections.abc import Generator, Iterator
from typing import NamedTuple, Protocol

import zstandard

from pipeline.sources.settings import Settings

CHUNK = 1 << 18
#: 1 KB of zstd can stand for 32 MB (256 run-length blocks of 128 KB), and the library returns all of it at once.
ZSTD_CHUNK = 1 << 10
GZIP_MAGIC = b"\x1f\x8b\x08"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"


class Readable(Protocol):
    """An object with `read`."""

    def read(self, size: int = -1, /) -> bytes:
        """Read at most `size` bytes; none at the end."""


class BrokenCompressionError(OSError):
    """The compressed bytes end too early or are damaged."""


class BombError(OSError):
    """The input unpacks to far more than news does (see `Settings.max_compression_ratio`)."""


class InputLine(NamedTuple):
    """A line without its line break; of a line over the limit, only the first bytes are in `content`."""

    number: int
    content: bytes
    size: int


class Gunzip:
    """Unpacks gzip members piece by piece; maps positions of the output to offsets in the compressed file."""

    def __init__(self, stream: Readable) -> None:
        self.stream = stream
        self.members: list[tuple[int, int]] = []  # (start in the output, start in the file), the last few
        self.read_in = self.given_out = 0
        self.pending = b""  # what was read and is to be unpacked first
        self.chunk = b""  # what was read last

    def __iter__(self) -> Iterator[bytes]:
        pending = self.pending or self._more()
        while pending.startswith(GZIP_MAGIC[: len(pending)]) and pending:
            self.members = [*self.members[-4096:], (self.given_out, self.read_in - len(pending))]
            pending = yield from self._member(pending)
            pending = pending.lstrip(b"\0") or self._more()  # tape padding after the last member is allowed
        if pending.strip(b"\0"):
            raise BrokenCompressionError(f"what follows byte {self.read_in - len(pending)} is not gzip")

    def _more(self) -> bytes:
        self.chunk = self.stream.read(CHUNK)
        self.read_in += len(self.chunk)
        return self.chunk

    def skip_to(self, beginning: bytes) -> bool:
        """After a break, move to the next member whose content has this beginning; False if there is none.

        Looks at every byte once, starting with the chunk that holds the break.
        """
        last_member = self.offset_of(self.given_out)
        window = self.chunk[max(0, last_member + 1 - (self.read_in - len(self.chunk))) :]
        while window:
            more = self._more()
            window += more
            settled = len(window) - MEMBER_HEAD if more else len(window)
            for magic in re.finditer(re.escape(GZIP_MAGIC), window):
                if magic.start() < settled and unpacks_to(window[magic.start() :][:MEMBER_HEAD], beginning):
                    self.pending = self.chunk = window[magic.start() :]
                    return True
            window = window[max(settled, 0) :]
        return False

    def _member(self, pending: bytes) -> Generator[bytes, None, bytes]:
        inflate = zlib.decompressobj(wbits=31)
        while not inflate.eof:
            if not pending and not (pending := self._more()):
                raise BrokenCompressionError(f"the compressed data ends too early, at byte {self.read_in}")
            try:
                piece = inflate.decompress(pending, CHUNK)
            except zlib.error as error:
                raise BrokenCompressionError(f"broken gzip near byte {self.read_in - len(pending)}: {error}") from None
            pending = inflate.unconsumed_tail
            self.given_out += len(piece)
            if piece:
                yield piece
        return bytes(inflate.unused_data)

    def offset_of(self, position: int) -> int:
        """Return the offset in the compressed file of the member that holds `position` of the output."""
        return max((at for at in self.members if at[0] <= position), default=(0, 0))[1]


#: Bytes of a gzip member that show how its content begins.
MEMBER_HEAD = 4096


def unpacks_to(member: bytes, beginning: bytes) -> bool:
    """Return True if the content of a gzip member has this beginning.

    >>> unpacks_to(zlib.compress(b"WARC/1.0", wbits=31), b"WARC/"), unpacks_to(GZIP_MAGIC + b"?", b"WARC/")
    (True, False)
    """
    try:
        return zlib.decompressobj(wbits=31).decompress(member, len(beginning)) == beginning
    except zlib.error:
        return False


def unzstd(stream: Readable) -> Iterator[bytes]:
    """Unpack the zstd frames of a stream piece by piece."""
    pending = stream.read(ZSTD_CHUNK)
    while pending:
        frame = zstandard.ZstdDecompressor().decompressobj()
        while not frame.eof:
            if not pending and not (pending := stream.read(ZSTD_CHUNK)):
                raise BrokenCompressionError("the compressed data ends too early")
            try:
                piece = frame.decompress(pending)
            except zstandard.ZstdError as error:
                raise BrokenCompressionError(f"broken zstd: {error}") from None
            pending = b""
            if piece:
                yield piece
        pending = frame.unused_data or stream.read(ZSTD_CHUNK)


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


class Stream:
    """Decompressed bytes of an opened input, with look-ahead."""

    def __init__(self, opened: Readable, settings: Settings) -> None:
        self.settings = settings
        self.counted = Counted(opened)
        magic = _read_fully(self.counted, 4)
        joined = _Joined(magic, self.counted)
        self.gunzip = Gunzip(joined) if magic.startswith(GZIP_MAGIC) else None
        if self.gunzip:
            self.pieces = guarded(iter(self.gunzip), self.counted, settings)
        elif magic == ZSTD_MAGIC:
            self.pieces = guarded(unzstd(joined), self.counted, settings)
        else:
            self.pieces = plain(joined)
        self.is_compressed = self.gunzip is not None or magic == ZSTD_MAGIC
        self.buffer = b""
        self.position = 0

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
        """Return the offset in the compressed file of the gzip member that holds this position of the output."""
        return self.gunzip.offset_of(position) if self.gunzip else position

    @property
    def next_offset(self) -> int:
        """The offset in the compressed file of the next byte to unpack."""
        return self.gunzip.read_in - len(self.gunzip.pending) if self.gunzip else self.position

    def skip_to(self, beginning: bytes) -> bool:
        """After a break, continue at the next gzip member whose content has this beginning; False if there is none."""
        if self.gunzip is None or not self.gunzip.skip_to(beginning):
            return False
        self.pieces, self.buffer = guarded(iter(self.gunzip), self.counted, self.settings), b""
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


class _Joined:
    """A stream with the few bytes already read from it put back."""

    def __init__(self, head: bytes, stream: Readable) -> None:
        self.head, self.stream = head, stream

    def read(self, size: int = -1, /) -> bytes:
        if self.head:
            given, self.head = self.head, b""
            return given
        return self.stream.read(size)
