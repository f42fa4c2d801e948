"""Cut a file of markup into its articles while it is read, and go on at the next one after whatever is broken."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

#: Bytes of a start tag that are waited for, and of what stands between two articles that are given at once.
MAX_TAG, MAX_GAP = 1 << 22, 1 << 20
_TAG_END = re.compile(rb"""(?:[^>"'<]++|"[^"<]*+"|'[^'<]*+')*+>""")
_ENDS = {b"<!--": b"-->", b"<![CDATA[": b"]]>"}


@dataclass(frozen=True)
class Unit:
    """The element that is an article.

    `names` are its names as bytes without prefixes, `having` what its start tag must hold, `nests` is True if it may
    hold elements of its own name, and `fold` ignores the case of names.
    """

    names: tuple[bytes, ...]
    having: re.Pattern[bytes] | None = None
    nests: bool = False
    fold: bool = True

    @property
    def any_name(self) -> bytes:
        """The pattern of its name, with any prefix."""
        return rb"(?:[\w.\-]+:)?(?:" + b"|".join(map(re.escape, self.names)) + rb")"

    def compile(self, pattern: bytes) -> re.Pattern[bytes]:
        """Compile a pattern in which NAME stands for the name."""
        return re.compile(pattern.replace(b"NAME", self.any_name), re.IGNORECASE if self.fold else 0)


class Piece(NamedTuple):
    """A part of a file: an article or what stands before one, its size, and what is wrong with it."""

    content: bytes
    is_article: bool
    size: int
    broken: str = ""


CUT = "the file ends within it"
NOT_CLOSED = "it is not closed before the next one begins"
TOO_LARGE = "too large"


class _Marks:
    """Finds marks in a buffer, each once, however often it is asked for."""

    def __init__(self, buffer: bytearray, unit: Unit) -> None:
        self.buffer = buffer
        self.begins = unit.compile(rb"</NAME\s*>\s*<NAME[\s/>]")
        self.places: dict[bytes, int] = {}

    def find(self, closing: bytes, at: int) -> int:
        """Return where the next end of a comment or of CDATA stands, -1 if it is not read yet."""
        if self.places.get(closing, -1) < at:
            self.places[closing] = self.buffer.find(closing, at)
        return self.places[closing]

    def next_one(self, at: int) -> int:
        """Return where the next article begins after the end of one; -1 if it is not read yet."""
        if self.places.get(b"", -1) < at:
            found = self.begins.search(self.buffer, at)
            self.places[b""] = found.start() if found else len(self.buffer)
        place = self.places[b""]
        return place if place < len(self.buffer) else -1


class Splitter:
    """Cuts pieces of a file into articles. Memory is bounded by `limit`, the size of the largest article."""

    def __init__(self, pieces: Iterator[bytes], unit: Unit, limit: int) -> None:
        self.pieces, self.unit, self.limit = pieces, unit, limit
        self.token = unit.compile(rb"<(?:!--|!\[CDATA\[|(/?)NAME(?=[\s/>]))")
        self.buffer = bytearray()
        self.marks = _Marks(self.buffer, unit)
        self.scan = 0  # what stands before it is settled
        self.looked = 0  # where to look on for the end of a comment or of CDATA
        self.begin = 0  # of the article, or of what stands before the next one
        self.depth = 0  # 0: between articles
        self.dropped = 0  # bytes of an article over the limit
        self.ended = False
        self.absent: set[bytes] = set()
        self.error: OSError | None = None

    def __iter__(self) -> Iterator[Piece]:
        """Yield articles and what stands between them. An error of reading is raised after what came before it."""
        while True:
            found = self.token.search(self.buffer, self.scan)
            if found is None:
                self.scan = self._unsettled()
                if self.ended:
                    break
                yield from self._fill()
            elif found[0].startswith(b"<!"):
                yield from self._section(found[0], found.start(), found.end())
            else:
                yield from self._tag(found)
        yield from self._rest()
        if self.error:
            raise self.error

    def _unsettled(self) -> int:
        """Return where a token may begin that is not read to its end yet."""
        last = self.buffer.rfind(b"<", max(self.scan, len(self.buffer) - 300))
        return last if last >= 0 else len(self.buffer)

    def _fill(self) -> Iterator[Piece]:
        """Read on; first give away what is not needed any more."""
        if not self.depth and self.scan - self.begin > MAX_GAP:
            yield self._piece(self.scan)
            self.begin = self.scan
        if self.depth and len(self.buffer) - self.begin > self.limit:
            self.dropped += self.scan - self.begin
            self.begin = self.scan
        settled = self.begin
        del self.buffer[:settled]
        self.marks.places = {}
        self.scan, self.looked, self.begin = self.scan - settled, max(0, self.looked - settled), 0
        try:
            piece = next(self.pieces, b"")
        except OSError as error:
            piece, self.error = b"", error
        self.ended = not piece
        self.buffer += piece

    def _section(self, begin: bytes, start: int, at: int) -> Iterator[Piece]:
        """Step over a comment or CDATA, which may hold tags; one that never ends is not one."""
        closing = _ENDS[bytes(begin)]
        if closing in self.absent:
            self.scan = at
            return
        look = max(at, self.looked)
        end = self.marks.find(closing, look)
        another = self.marks.next_one(max(at, look - 300))
        if another >= 0 and (end < 0 or another < end):
            self.looked, self.scan = 0, at
        elif end >= 0:
            self.looked, self.scan = 0, end + len(closing)
        elif self.ended or len(self.buffer) - start > self.limit:
            if self.ended:
                self.absent.add(closing)
            self.looked, self.scan = 0, at
        else:
            self.looked = max(at, len(self.buffer) - 3)
            self.scan = start
            yield from self._fill()

    def _tag(self, found: re.Match[bytes]) -> Iterator[Piece]:
        start, closing = found.start(), bool(found[1])
        end = self._tag_end(start, found.end())
        if end < 0:
            self.scan = start
            yield from self._fill()
            return
        self.scan = end
        if closing:
            yield from self._end(end)
            return
        wanted = not self.unit.having or self.unit.having.search(self.buffer, start, end) is not None
        empty = self.buffer[end - 2 : end] == b"/>"
        if self.depth and (self.unit.nests or not wanted):
            self.depth += self.unit.nests and not empty
        elif wanted:
            yield from self._start(start)
            if empty:
                yield from self._end(end)

    def _tag_end(self, start: int, at: int) -> int:
        """Return where a tag ends; -1 to read on."""
        if ended := _TAG_END.match(self.buffer, at):
            return ended.end()
        if not self.ended and len(self.buffer) - start < MAX_TAG and not self._is_broken_tag(at):
            return -1
        return self.buffer.find(b">", at) + 1 or len(self.buffer)

    def _is_broken_tag(self, at: int) -> bool:
        """Return True if another tag begins in a tag."""
        return self.buffer.find(b"<", at) >= 0

    def _start(self, start: int) -> Iterator[Piece]:
        if self.depth:
            yield self._piece(start, NOT_CLOSED)
        elif start > self.begin:
            yield self._piece(start)
        self.begin, self.depth = start, 1

    def _end(self, end: int) -> Iterator[Piece]:
        if self.depth:
            self.depth -= 1
            if not self.depth:
                yield self._piece(end, article=True)
                self.begin = end

    def _rest(self) -> Iterator[Piece]:
        if len(self.buffer) > self.begin:
            yield self._piece(len(self.buffer), CUT if self.depth else "")

    def _piece(self, end: int, broken: str = "", *, article: bool = False) -> Piece:
        """Return what was read since the last piece; of an article over the limit, its size only."""
        is_article = article or self.depth > 0
        size = end - self.begin + self.dropped
        if is_article and (self.dropped or size > self.limit):
            self.dropped = 0
            return Piece(b"", True, size, TOO_LARGE)
        return Piece(bytes(self.buffer[self.begin : end]), is_article, size, broken)
