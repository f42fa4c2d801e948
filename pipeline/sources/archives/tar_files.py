"""TAR archives, read from beginning to end with flat memory; what is broken is stepped over and told."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from typing import IO, cast

from pipeline.sources.addresses import Input
from pipeline.sources.archives.members import Member, tame_name, uri_of
from pipeline.sources.compression import CHUNK, BrokenCompressionError
from pipeline.sources.documents import Problem, failed, skipped
from pipeline.sources.first_bytes import TAR_BLOCK, is_tar
from pipeline.sources.settings import Settings
from pipeline.sources.streams import Proportion, Stream
from pipeline.sources.values import clean

MAGIC, MAGIC_AT = b"ustar", 257
#: Bytes that are read at once for a name or another attribute. A header can promise one of 8 GB.
MAX_ATTRIBUTE = 1 << 24


class Forward:
    """A stream with the methods that `tarfile` needs. It moves forward, and back only by two blocks."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.at, self.buffer, self.used = 0, b"", 0

    def read(self, size: int = -1, /) -> bytes:
        """Read `size` bytes, fewer only at the end."""
        if not 0 <= size <= MAX_ATTRIBUTE:
            raise tarfile.ReadError(f"a header promises {size:,} bytes")
        parts, have = [], 0
        while have < size and (piece := self._piece(size - have)):
            parts.append(piece)
            have += len(piece)
        return b"".join(parts)

    def _piece(self, size: int) -> bytes:
        if self.used == len(self.buffer):
            kept = self.buffer[-2 * TAR_BLOCK :]
            self.buffer, self.used = kept + self.stream.read(CHUNK), len(kept)
        piece = self.buffer[self.used : self.used + size]
        self.used += len(piece)
        self.at += len(piece)
        return piece

    def tell(self) -> int:
        """Return the position of the next byte."""
        return self.at

    def seek(self, place: int, _whence: int = 0, /) -> int:
        """Move to a position. Raises `ReadError` if it lies too far back."""
        if place < self.at - self.used:
            raise tarfile.ReadError("the archive leads back to what was read")
        if place < self.at:
            self.at, self.used = place, self.used - (self.at - place)
        while self.at < place and self._piece(min(CHUNK, place - self.at)):
            pass
        return self.at


class TarContent:
    """The bytes of a member. Raises `BrokenCompressionError` where the archive is cut."""

    def __init__(self, forward: Forward, unpacked: Proportion) -> None:
        self.forward, self.unpacked = forward, unpacked
        self.opened: IO[bytes] | Rest | None = None

    def read(self, size: int = -1, /) -> bytes:
        """Read at most `size` bytes; none at the end."""
        try:
            piece = self.opened.read(size) if self.opened else b""
        except tarfile.TarError as error:
            raise BrokenCompressionError(f"the archive ends before its member does: {error}") from None
        self.unpacked.take_in(len(piece), self.forward.at)
        return piece


class Rest:
    """The bytes of a member that lie in one piece, read as `tarfile` reads them in a fifth of the time it takes."""

    def __init__(self, forward: Forward, size: int) -> None:
        self.forward, self.size = forward, size

    def read(self, size: int, /) -> bytes:
        """Read so many bytes, fewer only at the end. Raises `ReadError` where the archive is cut."""
        wanted = min(size, self.size)
        piece = self.forward.read(wanted)
        if len(piece) < wanted:
            raise tarfile.ReadError("unexpected end of data")
        self.size -= wanted
        return piece


def members(source: Input, stream: Stream, settings: Settings) -> Iterator[Member | Problem]:
    """Yield the files of an archive, and a problem for every other member that is no folder."""
    forward, unpacked, uri = Forward(stream), Proportion(settings), clean(source.uri)
    found = True
    while found:
        begin = forward.at
        found, broken = _to_next_header(forward)
        if broken:
            told = f"{broken:,} bytes at byte {begin:,} are no part of a tar archive; they were stepped over"
            yield failed(uri, "unreadable", told)
        try:
            for info, archive in _infos(forward) if found else ():
                yield from _member(source, info, archive, TarContent(forward, unpacked))
                unpacked.take_in(0, forward.at)
        except BAD_HEADERS as error:
            yield failed(uri, "unreadable", clean(f"broken near byte {forward.at:,}: {error}"))


#: Exceptions of `tarfile` for headers that make no sense.
BAD_HEADERS = (tarfile.TarError, ValueError, OverflowError, LookupError, EOFError)


def _to_next_header(forward: Forward) -> tuple[bool, int]:
    """Move to the next header, over zeros and what is broken. Return True if there is one, and the broken bytes."""
    broken, before = 0, b""
    while block := forward.read(TAR_BLOCK):
        if is_tar(block):
            forward.seek(forward.at - len(block))
            return True, broken
        window = before + block
        mark = window.find(MAGIC, MAGIC_AT) - MAGIC_AT  # what was lost or put in before it need not be whole blocks
        if broken and 0 <= mark <= len(before) and is_tar(window[mark:]):
            forward.seek(forward.at - len(window) + mark)
            return True, broken + mark - len(before)
        broken += len(block) if block.strip(b"\0") else 0
        before = block
    return False, broken


def _infos(forward: Forward) -> Iterator[tuple[tarfile.TarInfo, tarfile.TarFile]]:
    """Read the headers from a place on, up to the end of the archive or to one that is broken."""
    begin = forward.at
    archive = tarfile.TarFile(fileobj=cast(IO[bytes], forward), encoding="utf-8", errors="surrogateescape")
    while (info := archive.next()) is not None:
        if info.size < 0:
            raise tarfile.ReadError("a member of less than no bytes")
        yield info, archive
        archive.members.clear()  # type: ignore[attr-defined]  # `tarfile` keeps all that it has read
    # What ended the archive is a block of zeros, or one that has to be told of.
    forward.seek(max(archive.offset, begin + TAR_BLOCK))


def _member(
    source: Input, info: tarfile.TarInfo, archive: tarfile.TarFile, content: TarContent
) -> Iterator[Member | Problem]:
    name = tame_name(info.name)
    if info.isdir() or not name:
        return
    if info.isreg() or info.type not in tarfile.SUPPORTED_TYPES:
        content.opened = archive.extractfile(info) if info.issparse() else Rest(content.forward, info.size)
        yield Member(name, content)
    else:
        yield skipped(uri_of(source, name), "unknown_kind", "a link, pipe or device, not a file")
