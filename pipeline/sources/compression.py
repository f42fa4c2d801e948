"""Compression: what unpacks gzip, zstd, bzip2 and xz piece by piece, and finds the next member behind a break.

Reads may be short: bytes before a break are returned before the break is raised.
"""

from __future__ import annotations

import bz2
import lzma
import re
import zlib
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import zstandard

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
#: Pieces of bzip2, half a megabyte, that are unpacked while as many are used: 30 ms of work, which a thread is worth.
PIECES_AHEAD = 32
#: Bytes that `bz2` is asked for at once: where it finds damage, it gives nothing of what it was asked for.
BZIP2_PIECE = 1 << 14
XZ_MAGIC = b"\xfd7zXZ\x00"
#: Bytes that an xz decompressor may hold. `xz -9` needs 65 MB; a header can ask for 4 GB.
XZ_MEMORY = 512_000_000


def unbzip2(stream: Readable) -> Iterator[bytes]:
    """Unpack the bzip2 streams of a stream piece by piece, a little ahead of what was asked for."""
    return ahead(_unpacked(stream, bz2.BZ2Decompressor, BZIP2_MAGIC, "bzip2", BZIP2_PIECE))


def unxz(stream: Readable) -> Iterator[bytes]:
    """Unpack the xz streams of a stream piece by piece."""
    return _unpacked(stream, lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, XZ_MEMORY), XZ_MAGIC, "xz")


def ahead(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield pieces that a thread makes while those before are used; what they break off with comes behind them all."""

    def some() -> tuple[list[bytes], OSError | None]:
        found: list[bytes] = []
        try:
            for piece in pieces:
                found.append(piece)
                if len(found) == PIECES_AHEAD:
                    break
        except OSError as error:
            return found, error
        return found, None

    with ThreadPoolExecutor(1, "unpacking") as thread:
        waiting = thread.submit(some)
        while (result := waiting.result()) != ([], None):
            found, broken = result
            if not broken:
                waiting = thread.submit(some)
            yield from found
            if broken:
                raise broken


def decompressed(
    unpack: bz2.BZ2Decompressor | lzma.LZMADecompressor,
    pending: bytes,
    more: Callable[[], bytes],
    where: Callable[[], str],
    size: int = CHUNK,
) -> Iterator[bytes]:
    """Unpack one compressed stream in pieces of a size, from what is pending and then from what `more` reads.

    `more` raises where there is nothing left; `where` says in an error what is broken.
    """
    while not unpack.eof:
        if not pending and unpack.needs_input:
            pending = more()
        try:
            piece = unpack.decompress(pending, size)
        except (OSError, ValueError, lzma.LZMAError) as error:
            raise BrokenCompressionError(f"broken {where()}: {error}") from None
        pending = b""
        if piece:
            yield piece


def _unpacked(
    stream: Readable,
    decompressor: Callable[[], bz2.BZ2Decompressor | lzma.LZMADecompressor],
    magic: bytes,
    name: str,
    size: int = CHUNK,
) -> Iterator[bytes]:
    """Unpack one compressed stream after the other, with zeros between them as padding."""

    def more() -> bytes:
        if chunk := stream.read(CHUNK):
            return chunk
        raise BrokenCompressionError("the compressed data ends too early")

    pending = stream.read(CHUNK)
    while pending:
        unpack = decompressor()
        yield from decompressed(unpack, pending, more, lambda: name, size)
        pending = _after_padding(unpack.unused_data, stream)
        if not magic.startswith(pending[: len(magic)]):
            raise BrokenCompressionError(f"what follows the compressed data is not {name}")


def _after_padding(chunk: bytes, stream: Readable) -> bytes:
    """Return what follows the zeros in a chunk, and in the stream after it."""
    while not (rest := chunk.lstrip(b"\0")):
        if not (chunk := stream.read(CHUNK)):
            return b""
    return rest
