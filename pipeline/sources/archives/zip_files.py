"""ZIP archives, read member by member with flat memory, whether their directory is whole or not.

The directory is read entry by entry, and not as a whole as `zipfile` does (700 bytes a member). Where it is missing or
broken, the members are found by the headers in front of them.
"""

from __future__ import annotations

import bz2
import contextlib
import itertools
import lzma
import os
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Any, NamedTuple

import zstandard

from pipeline.sources.addresses import Input
from pipeline.sources.archives.members import Member, tame_name, uri_of
from pipeline.sources.compression import CHUNK, XZ_MEMORY, ZSTD_CHUNK, BombError, BrokenCompressionError, decompressed
from pipeline.sources.documents import Problem, failed, skipped
from pipeline.sources.file_names import LOOKED_AT, naming_in
from pipeline.sources.settings import Settings
from pipeline.sources.streams import Proportion
from pipeline.sources.values import clean
from stages.decode import Settings as DecodeSettings
from stages.decode.decoding import decode

LOCAL, CENTRAL, END, END_64, LOCATOR_64 = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END, _END_64, _LOCATOR_64 = struct.Struct("<4s4H2IH"), struct.Struct("<4sQ2H2I4Q"), struct.Struct("<4sIQI")
ENCRYPTED, SIZES_FOLLOW, UTF_8 = 0x1, 0x8, 0x800
UNKNOWN_SIZE = 0xFFFFFFFF
#: Names looked at to find the charset of those that are not in UTF-8.
SAMPLE_NAMES = 2000
METHODS = {
    0: "nothing, and its size is not known",
    1: "shrink", 6: "implode", 9: "deflate64", 10: "PKWARE DCL", 94: "MP3", 96: "JPEG", 97: "WavPack", 98: "PPMd",
    99: "AES",
}  # fmt: skip


class Entry(NamedTuple):
    """A member as its header describes it. `at` is where its local header stands; sizes are None if they follow it."""

    name: bytes
    flags: int
    method: int
    crc: int
    stored: int | None
    size: int | None
    at: int
    mode: int = 0


class BrokenDirectoryError(Exception):
    """The directory of an archive is missing or broken."""


def members(source: Input, opened: IO[bytes], settings: Settings) -> Iterator[Member | Problem]:
    """Yield the files of an archive, and a problem for every other member that is no folder."""
    archive = Archive(opened, settings)
    read_to = 0  # where the members that the directory told of end
    try:
        for entry in entries(opened):
            yield from archive.member(source, entry)
            read_to = max(read_to, entry.at + _LOCAL.size + len(entry.name) + (entry.stored or 0))
    except BrokenDirectoryError as error:
        yield failed(clean(source.uri), "unreadable", f"{error}; its members are found by their own headers")
        yield from _salvaged(source, archive, read_to)


# ---------------------------------------------------------------- the directory


def entries(opened: IO[bytes]) -> Iterator[Entry]:
    """Read the directory piece by piece. Raises `BrokenDirectoryError` where it is no directory."""
    at, end, shift = _directory(opened)
    pending, number = b"", 0
    while at < end or pending:
        opened.seek(at)
        piece = opened.read(min(CHUNK, end - at))
        at += len(piece)
        pending += piece
        found, used = [], 0
        while (entry := _entry_at(pending, used, shift)) is not None:
            found.append(entry[0])
            used = entry[1]
        yield from found
        number += len(found)
        pending = pending[used:]
        if pending and (not piece or not pending.startswith(CENTRAL[: len(pending)])):
            raise BrokenDirectoryError(f"the archive's directory is broken behind entry {number:,}")


def _entry_at(directory: bytes, at: int, shift: int) -> tuple[Entry, int] | None:
    """Read an entry of the directory; return it and where the next one begins. None if it is not whole."""
    if len(directory) < at + _CENTRAL.size or not directory.startswith(CENTRAL, at):
        return None
    parts = _CENTRAL.unpack_from(directory, at)
    name_at = at + _CENTRAL.size
    extra_at = name_at + parts[10]
    end = extra_at + parts[11] + parts[12]
    if len(directory) < end:
        return None
    return _entry(parts, directory[name_at:extra_at], directory[extra_at : extra_at + parts[11]], shift), end


def _directory(opened: IO[bytes]) -> tuple[int, int, int]:
    """Return where the directory begins and ends, and the number of bytes in front of the archive."""
    end_of_file = opened.seek(0, os.SEEK_END)
    opened.seek(max(0, end_of_file - _END.size - 0xFFFF))
    before = opened.tell()
    tail = opened.read()
    found = tail.rfind(END)
    if found < 0 or len(tail) < found + _END.size:
        raise BrokenDirectoryError("the archive has no directory at its end: it was cut off or is damaged")
    _, disk, _, _, count, size, start, _ = _END.unpack_from(tail, found)
    end = before + found
    if UNKNOWN_SIZE in (size, start) or count == 0xFFFF:
        size, start, end = _directory_64(opened, end, (size, start))
    if disk not in (0, 0xFFFF):
        raise BrokenDirectoryError("the archive is one part of several; join them first (`zip -s 0 IN --out OUT`)")
    shift = end - size - start
    if shift < 0:
        raise BrokenDirectoryError("the archive's directory lies outside of it: it was cut off or is damaged")
    return start + shift, end, shift


def _directory_64(opened: IO[bytes], end: int, short: tuple[int, int]) -> tuple[int, int, int]:
    """Return size, start and end of a Zip64 directory; the `short` ones if it is none after all."""
    opened.seek(max(0, end - _LOCATOR_64.size))
    locator = opened.read(_LOCATOR_64.size)
    if not locator.startswith(LOCATOR_64):
        return (*short, end)
    place = _LOCATOR_64.unpack(locator)[2]
    # As for the directory itself, the archive may have something in front of it.
    for at in (place, end - _LOCATOR_64.size - _END_64.size):
        opened.seek(max(0, at))
        record = opened.read(_END_64.size)
        if len(record) == _END_64.size and record.startswith(END_64):
            parts = _END_64.unpack(record)
            return parts[8], parts[9], at
    raise BrokenDirectoryError("the archive's Zip64 directory is not where it should be")


def _entry(parts: tuple[Any, ...], name: bytes, extra: bytes, shift: int) -> Entry:
    _, made_by, _, flags, method, _, _, crc, stored, size, *_, outer, at = parts
    if UNKNOWN_SIZE in (size, stored, at):
        wide = _fields(extra).get(1, b"")
        values = iter(struct.unpack(f"<{len(wide) // 8}Q", wide[: len(wide) // 8 * 8]))
        size, stored, at = (next(values, each) if each == UNKNOWN_SIZE else each for each in (size, stored, at))
    mode = outer >> 16 if made_by >> 8 in (3, 19) else 0  # made on Unix or macOS
    return Entry(_unicode_name(name, extra), flags, method, crc, stored, size, at + shift, mode)


def _fields(extra: bytes) -> dict[int, bytes]:
    """Split the extra field of a header into its parts by their number."""
    found: dict[int, bytes] = {}
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<2H", extra, at)
        found.setdefault(kind, extra[at + 4 : at + 4 + size])
        at += 4 + size
    return found


def _unicode_name(name: bytes, extra: bytes) -> bytes:
    """Return the name in UTF-8 that Info-ZIP adds, if it was added to this one."""
    added = _fields(extra).get(0x7075, b"") if extra else b""
    return added[5:] if len(added) > 5 and added[1:5] == zlib.crc32(name).to_bytes(4, "little") else name


def first_entries(opened: IO[bytes], number: int) -> list[Entry]:
    """Return the first entries of the directory that are no folders, those in front of a break if it is broken."""
    found: list[Entry] = []
    with contextlib.suppress(BrokenDirectoryError):
        found.extend(itertools.islice((each for each in entries(opened) if not each.name.endswith(b"/")), number))
    return found


def name_charset(opened: IO[bytes]) -> str:
    """Find the charset of the names that are not in UTF-8, by all of them together; cp437 if it cannot be told."""
    listed = first_entries(opened, SAMPLE_NAMES)
    strange = [each.name for each in listed if not each.flags & UTF_8 and not each.name.isascii()]
    if not strange:
        return "cp437"
    charset = decode(b"\n".join(strange), None, False, DecodeSettings().declared_evidence).codec
    try:
        b"\n".join(strange).decode(charset)
    except (UnicodeDecodeError, LookupError):
        return "cp437"
    return charset


# ---------------------------------------------------------------- members


@dataclass
class Archive:
    """An opened archive: the charset of its names, and what was unpacked of it so far."""

    opened: IO[bytes]
    settings: Settings

    def __post_init__(self) -> None:
        self.size = self.opened.seek(0, os.SEEK_END)
        self.charset = name_charset(self.opened)
        self.naming = naming_in(map(self.name_of, first_entries(self.opened, LOOKED_AT)))
        self.unpacked = Proportion(self.settings)

    def member(self, source: Input, entry: Entry) -> Iterator[Member | Problem]:
        """Yield a member that is a file, or why it cannot be read; nothing for a folder."""
        name = self.name_of(entry)
        uri, kind = uri_of(source, name), entry.mode & 0o170000
        if not name or entry.name.endswith((b"/", b"\\")) or kind == 0o040000:
            return
        self.unpacked.take_in(0, self.size)  # raises again what a member of this archive raised
        if kind not in (0, 0o100000):
            yield skipped(uri, "unknown_kind", "a link, pipe or device, not a file")
        elif entry.flags & ENCRYPTED or entry.method == 99:
            yield failed(uri, "unreadable", "encrypted: unpack the archive with its password and give the folder")
        elif entry.method not in DECOMPRESSORS or (entry.method == 0 and entry.stored is None):
            told = METHODS.get(entry.method, f"method {entry.method}")
            yield failed(uri, "unreadable", f"compressed by {told}: unpack the archive and give the folder")
        else:
            yield Member(name, ZipContent(self, entry), self.naming)

    def name_of(self, entry: Entry) -> str:
        """Return a member's name, decoded and without a way out of the archive."""
        try:
            return tame_name(entry.name.decode())
        except UnicodeDecodeError:
            return tame_name(entry.name.decode(self.charset, "replace"))

    def bytes_at(self, entry: Entry) -> int:
        """Return where the content of a member begins. Raises `BrokenCompressionError` if there is no header."""
        self.opened.seek(entry.at)
        head = self.opened.read(_LOCAL.size)
        if len(head) < _LOCAL.size or not head.startswith(LOCAL):
            raise BrokenCompressionError(f"there is no member at byte {entry.at:,}, where the archive's directory says")
        parts = _LOCAL.unpack(head)
        return entry.at + _LOCAL.size + int(parts[9]) + int(parts[10])


class ZipContent:
    """The unpacked bytes of a member. Raises `BrokenCompressionError` where they are cut or damaged."""

    def __init__(self, archive: Archive, entry: Entry) -> None:
        self.archive, self.entry = archive, entry
        self.start = self.at = self.end = 0  # of the compressed bytes, once they are read
        self.pieces = self._checked()

    def read(self, _size: int = -1, /) -> bytes:
        """Read the next piece, of any size; nothing at the end."""
        return next(self.pieces, b"")

    def _checked(self) -> Iterator[bytes]:
        if self.entry.method not in DECOMPRESSORS:  # parts of documents and workbooks come here unasked
            told = METHODS.get(self.entry.method, f"method {self.entry.method}")
            raise BrokenCompressionError(f"compressed by {told}, which is not known here")
        self.start = self.at = self.archive.bytes_at(self.entry)
        self.end = self.archive.size if self.entry.stored is None else self.at + self.entry.stored
        own, crc, given = Proportion(self.archive.settings), 0, 0
        for piece in DECOMPRESSORS[self.entry.method](self):
            crc, given = zlib.crc32(piece, crc), given + len(piece)
            own.take_in(len(piece), self.at - self.start)
            self.archive.unpacked.take_in(len(piece), self.archive.size)
            yield piece
        if self.entry.size is not None and (given, crc) != (self.entry.size, self.entry.crc):
            raise BrokenCompressionError(f"{given:,} bytes were unpacked that are not the {self.entry.size:,} archived")

    def take(self, size: int = CHUNK) -> bytes:
        """Read compressed bytes; nothing at their end."""
        self.archive.opened.seek(self.at)
        piece = self.archive.opened.read(max(0, min(size, self.end - self.at)))
        self.at += len(piece)
        if not piece and self.at < self.end:
            raise BrokenCompressionError(f"the archive ends {self.end - self.at:,} bytes before its member does")
        return piece

    def take_more(self, size: int = CHUNK) -> bytes:
        """Read compressed bytes. Raises `BrokenCompressionError` at their end."""
        if not (piece := self.take(size)):
            raise BrokenCompressionError("the compressed data ends too early")
        return piece


def _stored(content: ZipContent) -> Iterator[bytes]:
    while piece := content.take():
        yield piece


def _deflated(content: ZipContent) -> Iterator[bytes]:
    inflate, pending = zlib.decompressobj(-15), b""
    while not inflate.eof:
        pending = pending or content.take_more()
        try:
            piece = inflate.decompress(pending, CHUNK)
        except zlib.error as error:
            raise BrokenCompressionError(f"broken near byte {content.at:,}: {error}") from None
        pending = inflate.unconsumed_tail
        if piece:
            yield piece
    content.at -= len(inflate.unused_data)


def _bzip2(content: ZipContent) -> Iterator[bytes]:
    return _through(content, bz2.BZ2Decompressor())


def _lzma(content: ZipContent) -> Iterator[bytes]:
    """Unpack LZMA: the header in front of it is not that of .lzma files, which the decompressor knows."""
    head = b""
    while len(head) < 9:
        head += content.take_more(9 - len(head))
    size = -1 if content.entry.flags & 2 or content.entry.size is None else content.entry.size
    unpack = lzma.LZMADecompressor(lzma.FORMAT_ALONE, XZ_MEMORY)
    return _through(content, unpack, head[4:] + size.to_bytes(8, "little", signed=True))


def _xz(content: ZipContent) -> Iterator[bytes]:
    return _through(content, lzma.LZMADecompressor(lzma.FORMAT_XZ, XZ_MEMORY))


def _through(
    content: ZipContent, unpack: bz2.BZ2Decompressor | lzma.LZMADecompressor, pending: bytes = b""
) -> Iterator[bytes]:
    yield from decompressed(unpack, pending, content.take_more, lambda: f"near byte {content.at:,}")
    content.at -= len(unpack.unused_data)


def _zstd(content: ZipContent) -> Iterator[bytes]:
    frame = zstandard.ZstdDecompressor().decompressobj()
    while not frame.eof:
        try:
            piece = frame.decompress(content.take_more(ZSTD_CHUNK))
        except zstandard.ZstdError as error:
            raise BrokenCompressionError(f"broken near byte {content.at:,}: {error}") from None
        if piece:
            yield piece
    content.at -= len(frame.unused_data)


DECOMPRESSORS: dict[int, Callable[[ZipContent], Iterator[bytes]]] = {
    0: _stored, 8: _deflated, 12: _bzip2, 14: _lzma, 93: _zstd, 95: _xz,
}  # fmt: skip


# ---------------------------------------------------------------- without a directory


def _salvaged(source: Input, archive: Archive, at: int) -> Iterator[Member | Problem]:
    """Yield the members whose own headers stand behind a place."""
    while (found := _find(archive.opened, LOCAL, at)) is not None:
        entry, at = _local_entry(archive.opened, found)
        if entry is None:
            continue
        for each in archive.member(source, entry):
            yield each
            if entry.stored is None and isinstance(each, Member):
                at = _end_of(each.content, at)
        at += entry.stored or 0


def _local_entry(opened: IO[bytes], at: int) -> tuple[Entry | None, int]:
    """Read the header in front of a member; return it and where its content begins."""
    opened.seek(at)
    head = opened.read(_LOCAL.size)
    if len(head) < _LOCAL.size:
        return None, at + len(LOCAL)
    _, _, flags, method, _, _, crc, stored, size, name_size, extra_size = _LOCAL.unpack(head)
    name, extra = opened.read(name_size), opened.read(extra_size)
    if len(name) < name_size or not name:
        return None, at + len(LOCAL)
    wide = _fields(extra).get(1, b"")
    if UNKNOWN_SIZE in (stored, size) and len(wide) >= 16:
        size, stored = struct.unpack_from("<2Q", wide)
    follows = flags & SIZES_FOLLOW and not stored
    entry = Entry(_unicode_name(name, extra), flags, method, crc, stored, size, at)
    return entry._replace(stored=None, size=None) if follows else entry, at + _LOCAL.size + name_size + extra_size


def _end_of(content: Any, begin: int) -> int:
    """Return where a member ends whose size is unknown, by unpacking the rest of it."""
    try:
        while content.read():
            pass
    except (BrokenCompressionError, BombError):
        return begin
    return max(begin, int(content.at))


def _find(opened: IO[bytes], mark: bytes, at: int) -> int | None:
    """Return the next place of a mark at or behind a place; None if there is none."""
    window = b""
    while True:
        opened.seek(at + len(window))
        piece = opened.read(CHUNK)
        window += piece
        if (found := window.find(mark)) >= 0:
            return at + found
        if not piece:
            return None
        cut = max(0, len(window) - len(mark) + 1)
        window, at = window[cut:], at + cut
