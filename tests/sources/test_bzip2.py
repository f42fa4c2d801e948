"""bzip2 in blocks: what is read, and how it breaks off, is what Python's own module makes of a file."""

import bz2
import io
import random
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.sources.bzip2 import BLOCK, CRC_BITS, END, MARK_BITS, beginning_before, marks_in, unbzip2
from pipeline.sources.compression import TOO_EARLY, BrokenCompressionError
from tests.helpers.sanitizers import python_with_sanitizers

_NUMBERS = random.Random(13)
_WORDS = ["".join(_NUMBERS.choices("abcdefghijklmnop", k=_NUMBERS.randint(2, 9))) for _ in range(2000)]
DAMAGED = "broken bzip2: Invalid data stream"


def words(size: int) -> bytes:
    return " ".join(_NUMBERS.choices(_WORDS, k=size // 6)).encode()


#: Files of one stream each: of no block, one, several of any size; with runs that unpack to more than a block of text.
STREAMS = [
    bz2.compress(b""), bz2.compress(words(100)), bz2.compress(words(350_000), 1), bz2.compress(words(950_000), 9),
    bz2.compress(bytes(1_000_000) + words(150_000) + bytes(3_000_000) + words(50_000), 1),
    bz2.compress(_NUMBERS.randbytes(150_000), 1),
]  # fmt: skip


class InSmallPieces(io.BytesIO):
    """A file whose reads are short, as those of a network."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(1 + self.tell() % 7000, size) if size and size > 0 else size)


def unpacked(packed: bytes, stream: type[io.BytesIO] = io.BytesIO) -> tuple[bytes, str]:
    """Return what is read of a file, and what it breaks off with."""
    found: list[bytes] = []
    try:
        found.extend(unbzip2(stream(packed)))
    except BrokenCompressionError as error:
        return b"".join(found), str(error)
    return b"".join(found), ""


def by_bz2(packed: bytes) -> tuple[bytes, str]:
    """Return what Python's own module makes of a file."""
    found: list[bytes] = []
    while packed:
        unpack = bz2.BZ2Decompressor()
        try:
            found.append(unpack.decompress(packed, 0))
            while not unpack.eof and (piece := unpack.decompress(b"", 1 << 14)):
                found.append(piece)
        except OSError:
            return b"".join(found), DAMAGED
        if not unpack.eof:
            return b"".join(found), TOO_EARLY
        packed = unpack.unused_data.lstrip(b"\0")
        if not b"BZh".startswith(packed[:3]):
            return b"".join(found), "what follows the compressed data is not bzip2"
    return b"".join(found), ""


def files() -> Iterator[bytes]:
    """Yield files of several streams, whole and damaged in all ways that accidents find."""
    marks = [BLOCK.to_bytes(6), END.to_bytes(6)]
    for at in range(24):
        raw = b"".join(_NUMBERS.choice(STREAMS) + bytes(_NUMBERS.choice((0, 0, 7, 300_000))) for _ in range(2))
        place = _NUMBERS.randrange(4, len(raw))
        yield [
            raw,
            raw[:place],
            raw[: -_NUMBERS.randint(1, 12)],
            raw[:place] + bytes([raw[place] ^ 1 << place % 8]) + raw[place + 1 :],
            raw[:place] + raw[place + _NUMBERS.choice((1, 6, 5000)) :],
            raw[:place] + _NUMBERS.choice([*marks, b"BZh9", bytes(300_000)]) + raw[place:],
            raw[:place] + _NUMBERS.choice(marks) + raw[place + 6 :],
            raw + _NUMBERS.choice((b"x", b"B", b"BZ", b"BZh", b"BZh9", b"BZx9", b"\0x", b"BZhA1AY&SY")),
        ][at % 8]


def test_files_are_read_and_break_off_as_python_reads_them() -> None:
    for packed in files():
        expected, why = by_bz2(packed)
        for stream in (io.BytesIO, InSmallPieces):
            found, told = unpacked(packed, stream)
            assert told == why
            assert found == expected if not why else found.startswith(expected) or expected.startswith(found)
            assert len(found) >= len(expected) - (1 << 14)


def test_all_blocks_before_a_damaged_one_are_read() -> None:
    text = words(400_000)
    packed = bz2.compress(text, 1)
    third = marks_in(packed, 0)[2] // 8
    found, told = unpacked(packed[: third + 100] + b"damage" + packed[third + 106 :])
    assert (found[:199_000], told) == (text[:199_000], DAMAGED)


def with_a_mark_inside(packed: bytes) -> bytes:
    """Return a stream with the mark of a block among the numbers of its Huffman tables, behind those that count."""
    bits = "".join(f"{byte:08b}" for byte in packed)
    at = 32 + MARK_BITS + CRC_BITS + 1 + 24
    at += 16 + 16 * bits[at : at + 16].count("1")
    tables, number = int(bits[at : at + 3], 2), int(bits[at + 3 : at + 18], 2)
    assert tables >= 3, "two tables have no number that the mark could be"
    end = at + 18
    for _ in range(number):
        end = bits.index("0", end) + 1
    extra = f"{BLOCK:048b}" + "0"
    changed = f"{bits[:at]}{tables:03b}{number + extra.count('0'):015b}{bits[at + 18 : end]}{extra}{bits[end:]}"
    return int(changed + "0" * (-len(changed) % 8), 2).to_bytes(-(-len(changed) // 8))


def test_a_mark_inside_of_a_block_is_read_over() -> None:
    text = words(250_000)
    packed = with_a_mark_inside(bz2.compress(text, 1))
    assert bz2.decompress(packed) == text
    assert len(marks_in(packed, 0)) == 5  # three blocks, the end, and what was put in
    assert unpacked(packed + bytes(5) + STREAMS[2]) == (text + bz2.decompress(STREAMS[2]), "")


@pytest.mark.parametrize("bit", range(8))
def test_a_stream_can_be_entered_at_any_bit(bit: int) -> None:
    begin = 8 * 1000 + bit
    in_front, size = beginning_before(b"9", begin, 0x20310104)
    behind = f"{END:048b}{0x20310104:032b}"
    bits = "".join(f"{byte:08b}" for byte in in_front)
    whole = (bits[: len(bits) - (8 - bit) % 8] if bit else bits) + behind
    unpack = bz2.BZ2Decompressor()
    assert len(unpack.decompress(int(whole + "0" * (-len(whole) % 8), 2).to_bytes(-(-len(whole) // 8)))) == size
    assert unpack.eof


def test_long_padding_takes_no_more_memory_than_a_few_blocks() -> None:
    class Padded(io.RawIOBase):
        """Two streams with 50 MB of zeros between them."""

        def __init__(self) -> None:
            self.parts = iter([STREAMS[2], *[bytes(1 << 18)] * 200, STREAMS[2]])

        def read(self, size: int = -1, /) -> bytes:
            return next(self.parts, b"")

    tracemalloc.start()
    try:
        size = sum(map(len, unbzip2(Padded())))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert size == 2 * len(bz2.decompress(STREAMS[2]))
    assert peak < 30_000_000


@pytest.mark.long
def test_no_file_however_broken_is_read_beyond_its_end(tmp_path: Path) -> None:
    code = f"import {__name__} as here; print(sum(1 for packed in here.files() if here.unpacked(packed)))"
    assert python_with_sanitizers(tmp_path, code).strip() == "24"
