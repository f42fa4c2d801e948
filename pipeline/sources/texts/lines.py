"""Lines of a text file, decoded; and the head of a file, by which its form is found out."""

from __future__ import annotations

import codecs
import io
import itertools
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from pipeline.sources.compression import CHUNK
from pipeline.sources.streams import Stream
from stages.decode import Settings as DecodeSettings
from stages.decode.decoding import decode

#: Bytes of a text file that are looked at before its form is settled: some hundred articles.
HEAD_BYTES = 1 << 20
_DEFAULT = DecodeSettings()


#: Code points of a short line: no line that is looked for among them may have more.
LONGEST_SHORT = 220
_OF_PROSE = bytes(range(0x80, 0x100)) + b" \n.,:!?'\"()-" + string.ascii_letters.encode() + string.digits.encode()


class TextLine(NamedTuple):
    """A line without its line break; of one over the limit, only the beginning is in `text`."""

    number: int
    text: str
    size: int


@dataclass(frozen=True)
class Head:
    """The beginning of a text file; `is_whole` if nothing follows it."""

    text: str
    codec: str
    is_whole: bool

    @cached_property
    def lines(self) -> list[str]:
        """The lines that are certainly complete."""
        lines = self.text.split("\n")
        return lines if self.is_whole else lines[:-1]

    @cached_property
    def filled(self) -> list[str]:
        """The lines that are not blank, without blanks around them."""
        return [stripped for line in self.lines if (stripped := line.strip())]

    @cached_property
    def short(self) -> list[str]:
        """The lines that are short enough for a mark between articles, and not empty."""
        return [line for line in self.lines if 0 < len(line) <= LONGEST_SHORT]

    @cached_property
    def marks(self) -> frozenset[str]:
        """The characters of ASCII in the text that prose mostly does without: most forms of many articles need one."""
        return frozenset(self.text.encode("utf-8", "surrogatepass").translate(None, _OF_PROSE).decode("ascii"))


def head_of(stream: Stream) -> Head:
    """Look at the beginning of a text file and decode it."""
    raw = stream.peek(HEAD_BYTES + 1)
    return head_of_bytes(raw[:HEAD_BYTES], is_whole=len(raw) <= HEAD_BYTES)


def head_of_bytes(raw: bytes, *, is_whole: bool = True) -> Head:
    r"""Decode the beginning of a text.

    >>> head_of_bytes(b"\xef\xbb\xbfFerry\r\nlate").lines, head_of_bytes("Fähre".encode("utf-16")).text
    (['Ferry', 'late'], 'Fähre')
    """
    codec = codec_of(raw)
    errors = "surrogateescape" if codec == "utf-8" else "replace"
    text = codecs.getincrementaldecoder(codec)(errors).decode(raw, final=is_whole)
    return Head(_LINE_BREAK.sub("\n", text.removeprefix("\ufeff")), codec, is_whole)


_LINE_BREAK = re.compile(r"\r\n?")


def codec_of(raw: bytes) -> str:
    r"""Return the codec of a text; UTF-8 also where a few bytes are not, which the decode stage mends.

    >>> [codec_of("Die Fähre fährt spät.".encode(codec)) for codec in ("utf-8", "utf-16", "cp1252")]
    ['utf-8', 'utf-16', 'cp1252']
    """
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(raw)
        return "utf-8"
    except UnicodeDecodeError:
        codec = decode(raw, None, False, _DEFAULT.declared_evidence).codec
        return codec if _is_known(codec) else "utf-8"


def _is_known(codec: str) -> bool:
    try:
        codecs.getincrementaldecoder(codec)
    except LookupError:
        return False
    return True


def lines_of(stream: Stream, codec: str, max_size: int) -> Iterator[TextLine]:
    """Yield the lines of a stream, numbered from 1, whatever ends them. Memory is bounded by `max_size`."""
    errors = "surrogateescape" if codec == "utf-8" else "replace"
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(codec)(errors), translate=True)
    pieces = (decoder.decode(chunk) for chunk in iter(lambda: stream.read(CHUNK), b""))
    rest = (decoder.decode(b"", final=True) for _ in range(1))
    number, parts, size = 1, [""], 0
    for piece in itertools.chain(pieces, rest):
        *ended, begun = (piece if number > 1 or size else piece.removeprefix("\ufeff")).split("\n")
        for end in ended:
            yield _line(number, [*parts, end], size + len(end), max_size)
            number, parts, size = number + 1, [""], 0
        size += len(begun)
        parts = [_line(number, [*parts, begun], size, max_size).text] if size > max_size else [*parts, begun]
    if size:
        yield _line(number, parts, size, max_size)


def _line(number: int, parts: list[str], size: int, max_size: int) -> TextLine:
    joined = "".join(parts)
    return TextLine(number, joined if size <= max_size else joined[:1000], size)


def lines_of_text(text: str) -> Iterator[TextLine]:
    """Yield the lines of a text that is in memory."""
    for number, line in enumerate(text.split("\n"), start=1):
        yield TextLine(number, line, len(line))
