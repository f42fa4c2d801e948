"""bzip2, unpacked by several threads: a file is cut where its blocks begin, and a kernel unpacks each by itself.

A block begins with a mark of 48 bits, at any bit of a byte. The same bits may stand inside a block, and files may be
damaged: from a block on that the kernel does not unpack with the right checksum, a stream is unpacked by `bz2` as a
whole. So what is read of a file, and how it breaks off, is what `bz2` makes of it.
"""

from __future__ import annotations

import bz2
import itertools
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from pipeline.sources.compression import (
    BZIP2_MAGIC,
    CHUNK,
    NOT_BEHIND,
    TOO_EARLY,
    BrokenCompressionError,
    Readable,
    decompressed,
)
from stages.native.kernel import Kernel

BLOCK, END, MARK_BITS, CRC_BITS = 0x314159265359, 0x177245385090, 48, 32
#: Blocks that the kernel unpacks at once, and the most that it says it can. One takes 72 to 88 ms alone and 40 ms among
#: four (two busy cores, 900 KB of text a block; 90 ms by `bz2`): see bzip2_blocks.c. Each needs 4.5 MB meanwhile.
AT_ONCE = 4
#: Bytes of a block that is unpacked by itself. Blocks of text have up to 900 KB; one of a bomb has up to 45 MB.
MAX_BLOCK = 1 << 21
#: Bytes in which a packed block ends: 900,000 symbols of at most 20 bits, and the tables in front of them.
MAX_PACKED = 2_400_000
#: Bytes that `bz2` is asked for at once: where it finds damage, it gives nothing of what it was asked for.
PIECE = 1 << 14
#: Bytes that are held of a file whose blocks wait to be asked for. Those of text need 2 MB.
MAX_WINDOW = 4 * MAX_PACKED


class PackedBlock(NamedTuple):
    """A block: the digit of its stream, its bits in the file, the checksum of the blocks before it in its stream.

    `end` is None where the mark behind it was not found, `crc_before` for the first block of a stream.
    """

    level: bytes
    begin: int
    end: int | None
    crc_before: int | None


def unbzip2(stream: Readable) -> Iterator[bytes]:
    """Unpack the bzip2 streams of a stream piece by piece, a few blocks ahead of what was asked for."""
    pool = ThreadPoolExecutor(1, "bzip2")
    cutter = Cutter(stream)
    ahead: deque[tuple[list[PackedBlock], Future[list[bytes]]]] = deque()
    try:
        while ahead or not cutter.is_over:
            cutter.forget_before(ahead[0][0][0].begin if ahead else cutter.at)
            while len(ahead) < 2 and (blocks := cutter.next_blocks()):
                ahead.append((blocks, pool.submit(unpacked, cutter.bits_of(blocks))))
            if ahead:
                blocks, contents = ahead.popleft()
                for block, content in zip(blocks, contents.result(), strict=True):
                    if not content:
                        ahead.clear()
                        yield from cutter.one_by_one(block)
                        break
                    yield from (content[at : at + CHUNK] for at in range(0, len(content), CHUNK))
        if cutter.broken:
            raise cutter.broken
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


class Bits(NamedTuple):
    """Bytes of a file, and the blocks in them: from which bit to which, and how many bytes each has before its runs
    are lengthened.
    """

    packed: bytes
    begins: list[int]
    ends: list[int]
    largest: list[int]


_UNPACK = Kernel("bzip2_blocks", np.uint8, int, np.int64, np.int64, np.int64, int, np.uint8, int, np.int64)


def unpacked(bits: Bits) -> list[bytes]:
    """Unpack blocks; nothing comes of one that is broken, or larger than blocks of text are."""
    number = len(bits.begins)
    out, sizes = np.empty((number, MAX_BLOCK), np.uint8), np.empty(number, np.int64)
    places = (np.array(each, np.int64) for each in bits[1:])
    _UNPACK(np.frombuffer(bits.packed, np.uint8), len(bits.packed), *places, number, out, MAX_BLOCK, sizes)
    return [row[: max(0, size)].tobytes() for row, size in zip(out, sizes.tolist(), strict=True)]


class Cutter:
    """Cuts the bzip2 streams of a stream into blocks."""

    def __init__(self, stream: Readable) -> None:
        self.stream = stream
        self._begin_at(b"")

    def _begin_at(self, window: bytes) -> None:
        """Begin between two streams, with bytes that were read and lie ahead."""
        self.window, self.base = window, 0  # ... and the number of the first of them
        self.marks = deque(marks_in(window, 0))  # their places, in bits
        self.level = b""  # the digit of the stream; none between two streams
        self.at, self.crc = 0, 0  # where the next block begins, and the checksum of those before it
        self.is_inside = self.is_over = False  # behind the first block of a stream; at the end
        self.broken: OSError | None = None  # what the file breaks off with, behind all blocks

    def next_blocks(self) -> list[PackedBlock]:
        """Cut off the next blocks; fewer than the kernel unpacks at once where the file ends, or much is held of it."""
        found: list[PackedBlock] = []
        try:
            while not self.is_over and len(found) < AT_ONCE and len(self.window) < MAX_WINDOW:
                found.extend(self._cut())
        except OSError as error:
            self.is_over, self.broken = True, error
        return found

    def bits_of(self, blocks: Sequence[PackedBlock]) -> Bits:
        """Return what the kernel is to unpack. Of what is no block it finds no end."""
        first = blocks[0].begin // 8
        shift = 8 * first - MARK_BITS
        are_whole = (each.end is not None and self._bits(each.begin, MARK_BITS) == BLOCK for each in blocks)
        ends = [
            (each.end or 0) - 8 * first if is_whole else -1 for each, is_whole in zip(blocks, are_whole, strict=True)
        ]
        packed = self.window[first - self.base : _bytes_of(self.at) - self.base]
        levels = [int(each.level) if each.level in b"123456789" else 1 for each in blocks]
        return Bits(packed, [each.begin - shift for each in blocks], ends, [100_000 * level for level in levels])

    def one_by_one(self, block: PackedBlock) -> Iterator[bytes]:
        """Unpack a stream from a block on as `bz2` does, and go on behind it."""
        in_front, extra = beginning_before(block.level, block.begin, block.crc_before)
        at, shared = block.begin // 8 - self.base, block.begin % 8
        if shared:  # bits of a byte that belong to what is in front
            joined = in_front[-1] | self.window[at] & (0xFF >> shared)
            in_front, at = in_front[:-1] + bytes([joined]), at + 1
        unpack = bz2.BZ2Decompressor()
        for piece in decompressed(unpack, in_front + self.window[at:], self._chunk, lambda: "bzip2", PIECE):
            if wanted := piece[extra:]:
                yield wanted
            extra = max(0, extra - len(piece))
        self._begin_at(unpack.unused_data)

    def _cut(self) -> Iterator[PackedBlock]:
        """Cut off a block, or pass the beginning or the end of a stream."""
        if not self.level:
            self._begin_stream()
        elif self._is_end():
            self._end_stream()
        else:
            end = self._next_mark()
            yield PackedBlock(self.level, self.at, end, self.crc if self.is_inside else None)
            self.is_over = end is None  # what follows can only be unpacked with this block
            if end is not None:
                self.crc = _joined(self.crc, self._bits(self.at + MARK_BITS, CRC_BITS))
                self.at, self.is_inside = end, True

    def _begin_stream(self) -> None:
        begin = self.at // 8 - self.base
        behind = self.window[begin:].lstrip(b"\0")
        self.at += 8 * (len(self.window) - begin - len(behind))
        if len(behind) <= len(BZIP2_MAGIC) and self._more():
            return
        self.is_over = not behind
        if not BZIP2_MAGIC.startswith(behind[: len(BZIP2_MAGIC)]):
            raise BrokenCompressionError(NOT_BEHIND.format("bzip2"))
        if behind and len(behind) <= len(BZIP2_MAGIC):
            raise BrokenCompressionError(TOO_EARLY)
        self.level = behind[len(BZIP2_MAGIC) :][:1]
        self.at += 8 * (len(BZIP2_MAGIC) + 1) if behind else 0
        self.crc, self.is_inside = 0, False

    def _is_end(self) -> bool:
        while 8 * (self.base + len(self.window)) < self.at + MARK_BITS + CRC_BITS:
            if not self._more():
                return False
        return self._bits(self.at, MARK_BITS) == END

    def _end_stream(self) -> None:
        if self._bits(self.at + MARK_BITS, CRC_BITS) != self.crc:
            raise BrokenCompressionError("broken bzip2: Invalid data stream")
        self.at, self.level = 8 * _bytes_of(self.at + MARK_BITS + CRC_BITS), b""

    def _next_mark(self) -> int | None:
        """Return the place of the next mark; None if there is none where the block has to end."""
        while True:
            while self.marks and self.marks[0] <= self.at:
                self.marks.popleft()
            if self.marks:
                return self.marks[0]
            if self.base + len(self.window) - self.at // 8 > MAX_PACKED or not self._more():
                return None

    def _bits(self, begin: int, size: int) -> int:
        """Return bits of what was read as a number."""
        end = begin + size
        held = self.window[begin // 8 - self.base : _bytes_of(end) - self.base]
        return int.from_bytes(held) >> -end % 8 & (1 << size) - 1

    def _more(self) -> bool:
        """Read on; False at the end."""
        chunk = self.stream.read(CHUNK)
        settled = max(0, len(self.window) - LONGEST_MARK + 1)
        self.window += chunk
        self.marks.extend(8 * self.base + at for at in marks_in(self.window, settled))
        return bool(chunk)

    def _chunk(self) -> bytes:
        if chunk := self.stream.read(CHUNK):
            return chunk
        raise BrokenCompressionError(TOO_EARLY)

    def forget_before(self, place: int) -> None:
        """Drop bytes that are not needed any more."""
        unused = place // 8 - self.base
        if unused >= CHUNK:
            self.window, self.base = self.window[unused:], self.base + unused


def _bytes_of(bits: int) -> int:
    return -(-bits // 8)


def _joined(crc: int, behind: int) -> int:
    """Return the checksum of a stream with one more block behind it."""
    return ((crc << 1 | crc >> CRC_BITS - 1) & (1 << CRC_BITS) - 1) ^ behind


# ---------------------------------------------------------------- marks

#: Bytes in which a mark lies, wherever in a byte it begins.
LONGEST_MARK = MARK_BITS // 8 + 1
#: For each mark and each bit of a byte that it may begin at: the bytes that are all of the mark.
_INNER = [
    (mark, shift, (mark << 8 - shift).to_bytes(LONGEST_MARK)[shift > 0 : LONGEST_MARK - 1])
    for mark in (BLOCK, END)
    for shift in range(8)
]


def marks_in(window: bytes, begin: int) -> list[int]:
    """List the places of the marks that begin at a byte or behind it, in bits.

    >>> marks_in(b"--" + BLOCK.to_bytes(6) + b"-" + (END << 5).to_bytes(7) + b"-", 0)
    [16, 75]
    """
    found = []
    for mark, shift, inner in _INNER:
        at = window.find(inner, begin + (shift > 0))
        while at >= 0:
            first = at - (shift > 0)
            whole = int.from_bytes(window[first : first + LONGEST_MARK])
            if len(window) >= first + LONGEST_MARK and whole >> 8 - shift & (1 << MARK_BITS) - 1 == mark:
                found.append(8 * first + shift)
            at = window.find(inner, at + 1)
    return sorted(found)


# ---------------------------------------------------------------- entering a stream at a block


def beginning_before(level: bytes, begin: int, crc_before: int | None) -> tuple[bytes, int]:
    """Return a beginning of a stream for the blocks from one on, and how many bytes it unpacks to.

    `bz2` compares the checksum of all blocks with the one at the end of the stream. So one block is put in front, of a
    few bytes that have the checksum of all blocks before this one, and that ends at the same bit of a byte as they do.
    """
    header = BZIP2_MAGIC + level
    if crc_before is None:
        return header, 0
    for zeros in itertools.count():
        content = bytes(zeros) + _bytes_for(crc_before, _crc_state(bytes(zeros)))
        packed = bz2.compress(content, 1)[len(header) :]
        end = next(at for at in reversed(marks_in(packed + bytes(LONGEST_MARK), 0)))
        if end % 8 == begin % 8:
            bits = int.from_bytes(packed[: _bytes_of(end)]) >> -end % 8 << -end % 8
            return header + bits.to_bytes(_bytes_of(end)), len(content)
    raise AssertionError  # for all counts of zeros


_POLYNOMIAL, _ONES, _TOP = 0x04C11DB7, (1 << CRC_BITS) - 1, 1 << CRC_BITS - 1


def _crc_state(content: bytes) -> int:
    """Return the state of bzip2's checksum behind a few bytes."""
    state = _ONES
    for byte in content:
        state ^= byte << CRC_BITS - 8
        for _ in range(8):
            state = (state << 1 & _ONES) ^ (_POLYNOMIAL if state & _TOP else 0)
    return state


def _bytes_for(crc: int, state: int) -> bytes:
    """Return the four bytes that lead from a state to a checksum.

    >>> _crc_state(b"Holm" + _bytes_for(0x2031, _crc_state(b"Holm"))) ^ 0xFFFFFFFF == 0x2031
    True
    """
    back = crc ^ _ONES
    for _ in range(CRC_BITS):
        back = (back ^ _POLYNOMIAL) >> 1 | _TOP if back & 1 else back >> 1
    return (back ^ state).to_bytes(CRC_BITS // 8)
