"""Streams of decompressed bytes, protected against broken compression and decompression bombs.

Reads may be short: bytes before a break are returned before the break is raised.
"""

from __future__ import annotations

import bz2
import codecs
import itertools
import lzma
import re
import zlib
from collections import deque
from collections.abc import Callable, Generator, Iterator
from typing import NamedTuple, Protocol

import zstandard

from pipeline.sources.settings import Settings

CHUNK = 1 << 18
#: 1 KB of zstd can stand for 32 MB (256 run-length blocks of 128 KB), and the library returns all of it at once.
ZSTD_CHUNK = 1 << 10
GZIP_MAGIC = b"\x1f\x8b\x08"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
#: Frames that are no content; https://iipc.github.io/warc-specifications/specifications/warc-zstd/ gives one a meaning.
SKIPPABLE = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18")
DICTIONARY_MAGIC = b"\x5d\x2a\x4d\x18"
MAGIC = re.compile(re.escape(GZIP_MAGIC) + b"|" + re.escape(ZSTD_MAGIC))


class Readable(Protocol):
    """An object with `read`."""

    def read(self, size: int = -1, /) -> bytes:
        """Read at most `size` bytes; none at the end."""


class BrokenCompressionError(OSError):
    """The compressed bytes end too early or are damaged."""


class CutCompressionError(BrokenCompressionError):
    """The compressed bytes are sound as far as they go."""


class BombError(OSError):
    """The input unpacks to far more than news does (see `Settings.max_compression_ratio`)."""


class InputLine(NamedTuple):
    """A line without its line break; of a line over the limit, only the first bytes are in `content`."""

    number: int
    content: bytes
    size: int


class Unpacker:
    """Unpacks gzip members or zstd frames piece by piece; maps positions of the output to offsets in the file."""

    chunk_size = CHUNK

    def __init__(self, stream: Readable) -> None:
        self.stream = stream
        self.members: deque[tuple[int, int]] = deque(maxlen=4096)  # (start in the output, start in the file)
        self.read_in = self.given_out = 0
        self.pending = b""  # what was read and is to be unpacked first
        self.chunk = b""  # what was read last

    def member(self, pending: bytes) -> Generator[bytes, None, bytes]:
        """Unpack one member; return what was read and lies behind it."""
        raise NotImplementedError

    def is_beginning(self, content: bytes) -> bool:
        """Return True if a member may begin with these bytes; true too of a beginning that is still too short."""
        raise NotImplementedError

    def head(self, member: bytes) -> bytes:
        """Unpack the beginning of a member; nothing if it is none."""
        raise NotImplementedError

    def __iter__(self) -> Iterator[bytes]:
        pending = self.pending or self.more()
        while pending and self.is_beginning(pending):
            self.members.append((self.given_out, self.read_in - len(pending)))
            pending = yield from self.member(pending)
            while not (pending := pending.lstrip(b"\0")) and (pending := self.more()):
                pass  # tape padding after the last member is allowed
        if pending:
            raise BrokenCompressionError(f"what follows byte {self.read_in - len(pending)} is not compressed")

    def more(self) -> bytes:
        """Read on."""
        self.chunk = self.stream.read(self.chunk_size)
        self.read_in += len(self.chunk)
        return self.chunk

    def piece(self, content: bytes) -> bytes:
        """Count a piece of the output."""
        self.given_out += len(content)
        return content

    def skip_to(self, begins: Callable[[bytes], bool]) -> bool:
        """After a break, move to the next member whose content begins so; False if there is none.

        Looks at every byte once, starting with the chunk that holds the break.
        """
        last_member = self.offset_of(self.given_out)
        window = self.chunk[max(0, last_member + 1 - (self.read_in - len(self.chunk))) :]
        while window:
            more = self.more()
            window += more
            settled = len(window) - MEMBER_HEAD if more else len(window)
            for magic in MAGIC.finditer(window):
                if magic.start() < settled and begins(self.head(window[magic.start() :][:MEMBER_HEAD])):
                    self.pending = self.chunk = window[magic.start() :]
                    return True
            window = window[max(settled, 0) :]
        return False

    def offset_of(self, position: int) -> int:
        """Return the offset in the compressed file of the member that holds `position` of the output."""
        return next((at[1] for at in reversed(self.members) if at[0] <= position), 0)


#: Bytes of a gzip member that show how its content begins.
MEMBER_HEAD = 4096


class Gunzip(Unpacker):
    """Unpacks gzip members."""

    def is_beginning(self, content: bytes) -> bool:
        """Return True if the bytes are the magic number of gzip, or the beginning of it."""
        return content.startswith(GZIP_MAGIC[: len(content)])

    def member(self, pending: bytes) -> Generator[bytes, None, bytes]:
        """Unpack one member; return what was read and lies behind it."""
        inflate = zlib.decompressobj(wbits=31)
        while not inflate.eof:
            if not pending and not (pending := self.more()):
                raise CutCompressionError(f"the compressed data ends too early, at byte {self.read_in}")
            try:
                content = inflate.decompress(pending, CHUNK)
            except zlib.error as error:
                raise BrokenCompressionError(f"broken gzip near byte {self.read_in - len(pending)}: {error}") from None
            pending = inflate.unconsumed_tail
            if content:
                yield self.piece(content)
        return bytes(inflate.unused_data)

    def head(self, member: bytes) -> bytes:
        """Unpack the beginning of a member; nothing if it is none.

        >>> import io
        >>> Gunzip(io.BytesIO()).head(zlib.compress(b"WARC/1.0", wbits=31)), Gunzip(io.BytesIO()).head(b"?")
        (b'WARC/1.0', b'')
        """
        try:
            return zlib.decompressobj(wbits=31).decompress(member, MEMBER_HEAD)
        except zlib.error:
            return b""


class Unzstd(Unpacker):
    """Unpacks zstd frames, with the dictionary at the beginning of the file if there is one, as in `.warc.zst`."""

    chunk_size = ZSTD_CHUNK

    def __init__(self, stream: Readable) -> None:
        super().__init__(stream)
        self.dictionary: zstandard.ZstdCompressionDict | None = None

    def is_beginning(self, content: bytes) -> bool:
        """Return True if the bytes are a magic number of zstd, or the beginning of one."""
        return is_zstd(content) or len(content) < len(ZSTD_MAGIC)

    def member(self, pending: bytes) -> Generator[bytes, None, bytes]:
        """Unpack one frame; return what was read and lies behind it."""
        pending = self._at_least(18, pending)  # the longest head of a frame
        if SKIPPABLE.match(pending):
            return self._pass_by(pending)
        frame = self._decompressor(pending).decompressobj()
        while not frame.eof:
            if not pending and not (pending := self.more()):
                raise CutCompressionError(f"the compressed data ends too early, at byte {self.read_in}")
            try:
                content = frame.decompress(pending[:ZSTD_CHUNK])
            except zstandard.ZstdError as error:
                raise BrokenCompressionError(f"broken zstd near byte {self.read_in - len(pending)}: {error}") from None
            pending = pending[ZSTD_CHUNK:]
            if content:
                yield self.piece(content)
        return bytes(frame.unused_data) + pending

    def head(self, member: bytes) -> bytes:
        """Unpack the beginning of a frame; nothing if it is none."""
        try:
            return self._decompressor(member).decompressobj().decompress(member[:ZSTD_CHUNK])
        except (zstandard.ZstdError, BrokenCompressionError):
            return b""

    def _decompressor(self, frame: bytes) -> zstandard.ZstdDecompressor:
        try:
            number = zstandard.get_frame_parameters(frame).dict_id
        except zstandard.ZstdError as error:
            raise BrokenCompressionError(f"broken zstd near byte {self.read_in - len(frame)}: {error}") from None
        if number and (self.dictionary is None or self.dictionary.dict_id() != number):
            raise BrokenCompressionError(
                f"the zstd dictionary {number}, with which it was compressed, is not in the file; unpack it with "
                "`zstd -d -D DICTIONARY` first"
            )
        return zstandard.ZstdDecompressor(dict_data=self.dictionary)

    def _pass_by(self, pending: bytes) -> bytes:
        """Step over a skippable frame, whose content is a dictionary if its number says so."""
        is_dictionary = pending.startswith(DICTIONARY_MAGIC)
        size, pending = int.from_bytes(pending[4:8], "little"), pending[8:]
        if is_dictionary and size <= MAX_DICTIONARY:
            pending = self._at_least(size, pending)
            self.dictionary = dictionary_of(pending[:size])
        while len(pending) < size:
            size -= len(pending)
            if not (pending := self.more()):
                raise CutCompressionError(f"the compressed data ends too early, at byte {self.read_in}")
        return pending[size:]

    def _at_least(self, size: int, pending: bytes) -> bytes:
        parts, have = [pending], len(pending)
        while have < size and (more := self.more()):
            parts.append(more)
            have += len(more)
        return b"".join(parts)


#: A dictionary of `zstd --train` has 110 KB, those of the Internet Archive about 1 MB.
MAX_DICTIONARY = 32_000_000


def is_zstd(content: bytes) -> bool:
    """Return True if a zstd frame, or one to be skipped, begins here."""
    return content.startswith(ZSTD_MAGIC) or SKIPPABLE.match(content) is not None


def dictionary_of(content: bytes) -> zstandard.ZstdCompressionDict:
    """Read a dictionary, which may itself be compressed."""
    try:
        if content.startswith(ZSTD_MAGIC):
            content = zstandard.ZstdDecompressor().decompressobj().decompress(content)
        return zstandard.ZstdCompressionDict(content)
    except zstandard.ZstdError as error:
        raise BrokenCompressionError(f"the zstd dictionary at the beginning of the file is broken: {error}") from None


def unpacker(magic: bytes, stream: Readable) -> Unpacker | None:
    """Return what unpacks a stream that begins with these bytes; None if it is not compressed."""
    if magic.startswith(GZIP_MAGIC):
        return Gunzip(stream)
    return Unzstd(stream) if is_zstd(magic) else None


def whole_unpacker(magic: bytes, stream: Readable) -> Iterator[bytes] | None:
    """Return the pieces of a stream in bzip2 or xz, which cannot be entered in the middle; None if it is in neither."""
    if magic.startswith(XZ_MAGIC):
        return unxz(stream)
    return unbzip2(stream) if magic.startswith(BZIP2_MAGIC) and magic[4:10] in BZIP2_BLOCKS else None


BZIP2_MAGIC = b"BZh"
BZIP2_BLOCKS = (b"1AY&SY", b"\x17\x72\x45\x38\x50\x90")  # what follows the magic and a digit: a block, or the end
XZ_MAGIC = b"\xfd7zXZ\x00"
#: Bytes that an xz decompressor may hold. `xz -9` needs 65 MB; a header can ask for 4 GB.
XZ_MEMORY = 512_000_000


def unbzip2(stream: Readable) -> Iterator[bytes]:
    """Unpack the bzip2 streams of a stream piece by piece."""
    return _unpacked(stream, bz2.BZ2Decompressor, BZIP2_MAGIC, "bzip2")


def unxz(stream: Readable) -> Iterator[bytes]:
    """Unpack the xz streams of a stream piece by piece."""
    return _unpacked(stream, lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, XZ_MEMORY), XZ_MAGIC, "xz")


def _unpacked(
    stream: Readable, decompressor: Callable[[], bz2.BZ2Decompressor | lzma.LZMADecompressor], magic: bytes, name: str
) -> Iterator[bytes]:
    """Unpack one compressed stream after the other, with zeros between them as padding."""
    pending = stream.read(CHUNK)
    while pending:
        unpack = decompressor()
        while not unpack.eof:
            if not pending and unpack.needs_input and not (pending := stream.read(CHUNK)):
                raise BrokenCompressionError("the compressed data ends too early")
            try:
                piece = unpack.decompress(pending, CHUNK)
            except (OSError, ValueError, lzma.LZMAError) as error:
                raise BrokenCompressionError(f"broken {name}: {error}") from None
            pending = b""
            if piece:
                yield piece
        pending = _after_padding(unpack.unused_data, stream)
        if not magic.startswith(pending[: len(magic)]):
            raise BrokenCompressionError(f"what follows the compressed data is not {name}")


def _after_padding(chunk: bytes, stream: Readable) -> bytes:
    """Return what follows the zeros in a chunk, and in the stream after it."""
    while not (rest := chunk.lstrip(b"\0")):
        if not (chunk := stream.read(CHUNK)):
            return b""
    return rest


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
        magic = _read_fully(self.counted, 10)
        joined = _Joined(magic, self.counted)
        self.unpacker = unpacker(magic, joined)
        pieces = iter(self.unpacker) if self.unpacker else whole_unpacker(magic, joined)
        self.is_compressed = pieces is not None
        self.pieces = plain(joined) if pieces is None else guarded(pieces, self.counted, settings)
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


class _Joined:
    """A stream with the few bytes already read from it put back."""

    def __init__(self, head: bytes, stream: Readable) -> None:
        self.head, self.stream = head, stream

    def read(self, size: int = -1, /) -> bytes:
        if self.head:
            given, self.head = self.head, b""
            return given
        return self.stream.read(size)
