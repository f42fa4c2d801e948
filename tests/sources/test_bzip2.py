"""bzip2: what is read of a file, and how it breaks off, is what Python's own module makes of it."""

import bz2
import io
import random
import threading
import time
from collections.abc import Iterator

import pytest

from pipeline.sources.compression import BZIP2_PIECE, BrokenCompressionError, ahead, unbzip2

_NUMBERS = random.Random(13)
DAMAGED, TOO_EARLY = "broken bzip2: Invalid data stream", "the compressed data ends too early"
TEXT = " ".join(f"ferry {number} of {number % 97}" for number in range(30_000)).encode()
#: Files of one stream each: of no block, one, several of any size.
STREAMS = [bz2.compress(b""), bz2.compress(TEXT[:100]), bz2.compress(TEXT, 1), bz2.compress(TEXT + bytes(3_000_000), 9)]


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


@pytest.mark.parametrize("stream", [io.BytesIO, InSmallPieces])
def test_streams_one_behind_the_other_are_read_with_zeros_between_them(stream: type[io.BytesIO]) -> None:
    packed = b"".join(each + bytes(7) for each in STREAMS)
    assert unpacked(packed, stream) == (b"".join(map(bz2.decompress, STREAMS)), "")


def damaged() -> Iterator[tuple[bytes, str]]:
    """Yield a file of two streams damaged in the second, and what it breaks off with."""
    first, second = STREAMS[2], STREAMS[3]
    for place in _NUMBERS.sample(range(40, len(second) - 40), 5):
        yield first + second[:place], TOO_EARLY
        yield first + second[:place] + bytes([second[place] ^ 0x55]) + second[place + 1 :], DAMAGED
    yield first + b"x", "what follows the compressed data is not bzip2"


def test_of_a_damaged_file_all_is_read_that_lies_before_the_damage() -> None:
    for packed, why in damaged():
        found, told = unpacked(packed)
        assert (found[: len(TEXT)], told) == (TEXT, why)


def test_blocks_before_a_damaged_one_are_read_but_for_one_piece() -> None:
    packed = bz2.compress(TEXT, 1)  # five blocks of 100 KB
    place = len(packed) // 2
    found, told = unpacked(packed[:place] + b"damage" + packed[place + 6 :])
    sound = 200_000 - BZIP2_PIECE  # what follows may be of the damaged block: its checksum stands at its end
    assert (found[:sound], told) == (TEXT[:sound], DAMAGED)


def test_a_reader_that_stops_early_leaves_no_thread() -> None:
    pieces = unbzip2(io.BytesIO(STREAMS[3]))
    assert next(pieces)
    pieces.close()  # type: ignore[attr-defined]
    assert not [each for each in threading.enumerate() if each.name.startswith("unpacking")]


def test_no_more_is_made_ahead_than_a_few_pieces() -> None:
    made: list[int] = []

    def pieces() -> Iterator[bytes]:
        for number in range(10_000):
            made.append(number)
            yield bytes([number % 256])

    found = ahead(pieces())
    assert next(found) == b"\0"
    time.sleep(0.2)
    assert 1 < len(made) <= 64
    assert sum(map(len, found)) == 9_999
