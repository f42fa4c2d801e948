"""Framing of web archives: cut a stream into records, and go on behind damage.

A record is a head that gives a length, a block of that length, and line breaks. A length that leads to no end of a
record is wrong, and the record then ends where the next one begins; what lies between records is a `Gap`. Memory is
bounded by the largest document, and every byte is looked at a fixed number of times.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pipeline.sources.compression import CHUNK, CutCompressionError
from pipeline.sources.streams import Stream

#: Longer heads are none: the longest addresses are pictures spelled out in them, of some 100 KB.
MAX_HEAD = 1_000_000
#: How much of a gap its row shows.
SAMPLE = 200
#: How far behind a block the next record is looked for before its length is called wrong.
TAIL = 8_192
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
BLANKS = re.compile(rb"[\0 \t\r\n]*")
LINE_BREAKS = re.compile(rb"[\r\n]*")
ANSWER_HEAD = re.compile(rb"HTTP/.{1,100000}?\n\r?\n", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Grammar:
    """The form of records of one kind of archive."""

    start: re.Pattern[bytes]  # the beginning of a head, as group 1
    sure: re.Pattern[bytes]  # the same, where it cannot be a part of another head, as group 1
    inner: re.Pattern[bytes]  # and where it is behind the end of another record, as group 1
    head_end: re.Pattern[bytes]  # what ends a head, searched from its second byte on; the next head as group 1
    length: Callable[[bytes], int | None]  # of the block, by the head; None if the head does not say
    separators: tuple[bytes, ...]  # what follows a block
    overlap: int  # no match of `start` is longer


@dataclass(frozen=True, slots=True)
class Frame:
    """One record."""

    offset: int  # in the stored file, or that of the compressed member which holds it
    head: bytes
    block: bytes  # of a large record only its first bytes
    size: int  # of the whole block
    declared: int | None  # the length in the head
    whole: bool  # False if the file ends inside the block

    @property
    def is_misdeclared(self) -> bool:
        """True if the record ends elsewhere than its length says."""
        return self.whole and self.declared != self.size


@dataclass(frozen=True, slots=True)
class Gap:
    """Bytes that belong to no record."""

    offset: int
    size: int
    beginning: bytes  # none if they are zeros and blanks

    def __str__(self) -> str:
        """Word the gap for a ledger row."""
        return f"{self.size:,} bytes that belong to no record"


class LookAhead:
    """The bytes of a stream that are next, as many as are asked for.

    A break of the stream is kept until everything before it has been taken.
    """

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.buffer = bytearray()
        self.position = stream.position  # in the output
        self.broken: OSError | None = None
        self.members: deque[tuple[int, int]] = deque()  # (start in the output, start in the file)

    def fill(self, size: int) -> bool:
        """Read until the buffer holds at least `size` bytes; return False if the stream ends before."""
        while len(self.buffer) < size and self.broken is None:
            begin = self.stream.position
            try:
                piece = self.stream.read(CHUNK)
            except OSError as error:
                self.broken = error
                break
            if not piece:
                break
            self.buffer += piece
            self.members.extend(self.stream.members(begin, begin + len(piece)))
        return len(self.buffer) >= size

    def take(self, size: int, keep: int) -> bytes:
        """Move on by `size` bytes, or to the end; return the first `keep` of them."""
        kept = bytearray()
        while size and self.fill(1):
            step = min(size, len(self.buffer))
            kept += self.buffer[: min(step, max(0, keep - len(kept)))]
            del self.buffer[:step]
            self.position += step
            size -= step
        return bytes(kept)

    @property
    def offset(self) -> int:
        """The offset in the stored file of what is next, or of the compressed member that holds it."""
        if self.stream.unpacker is None:
            return self.position
        while len(self.members) > 1 and self.members[1][0] <= self.position:
            self.members.popleft()
        return self.members[0][1] if self.members else self.stream.next_offset

    @property
    def is_cut(self) -> bool:
        """True if what has come so far is sound, even if more should have come."""
        return self.broken is None or isinstance(self.broken, CutCompressionError)


class Boundaries:
    """Judges where the block that is next ends, by what it holds and what follows it."""

    def __init__(self, ahead: LookAhead, grammar: Grammar) -> None:
        self.ahead = ahead
        self.grammar = grammar

    def ends_at(self, end: int) -> bool:
        """Return True if a record may end there: the next one, the end of the file or line breaks follow."""
        buffer = self.ahead.buffer
        if len(buffer) < end:
            return False
        breaks = LINE_BREAKS.match(buffer, end)
        behind = breaks.end() if breaks else end
        if behind == len(buffer) or self.grammar.sure.match(buffer, behind):
            return True
        if not buffer[end : end + 4].startswith(self.grammar.separators) or _is_unfinished(buffer[:end]):
            return False
        return self.is_nested() or self.grammar.start.search(buffer, 0, end) is None

    def is_nested(self) -> bool:
        """Return True if the block is itself an archive, or an answer that holds one."""
        self.ahead.fill(16 * TAIL)
        head = ANSWER_HEAD.match(self.ahead.buffer, 0, 16 * TAIL)
        return any(self.grammar.start.match(self.ahead.buffer, at) for at in (0, head.end() if head else 0))

    def swallowed(self, end: int) -> int | None:
        """Return where records begin that a wrong length takes for a part of this one: they fill it to its end."""
        buffer, found = self.ahead.buffer, self.grammar.inner.search(self.ahead.buffer, 0, end)
        if found is None or self.is_nested():
            return None
        at = found.start(1)
        while at < end and self.grammar.start.match(buffer, at):
            head = self.grammar.head_end.search(buffer, at + 1, end)
            length = self.grammar.length(bytes(buffer[at : head.end()])) if head else None
            if head is None or length is None or head.end() + length > end:
                return None
            breaks = LINE_BREAKS.match(buffer, head.end() + length)
            at = breaks.end() if breaks else end
        return found.start(1) if at >= end else None

    def is_whole(self, size: int) -> bool:
        """Return True if a length that leads to no end of a record is right, and what follows belongs to none.

        A page that is closed ends there; of anything else what follows is part, unless it is lost to zeros.
        """
        buffer = self.ahead.buffer
        if len(buffer) < size or self.grammar.start.search(buffer, 0, size):
            return False
        last = buffer[max(0, size - 200) : size].lower().rstrip()
        return last.endswith((b"</html>", b"</body>")) or buffer.startswith(bytes(4), size)


class Framer:
    """Yields the records of a stream, and the gaps between them. Raises a break of the stream when it comes to it."""

    def __init__(self, stream: Stream, grammar: Grammar, limit: int) -> None:
        self.ahead = LookAhead(stream)
        self.grammar = grammar
        self.ends = Boundaries(self.ahead, grammar)
        self.keep = limit + MAX_HEAD  # the head of an HTTP answer is no part of its page

    def __iter__(self) -> Iterator[Frame | Gap]:
        if self.ahead.fill(len(BYTE_ORDER_MARK)) and self.ahead.buffer.startswith(BYTE_ORDER_MARK):
            self.ahead.take(len(BYTE_ORDER_MARK), 0)
        while self.ahead.fill(1):
            each = self._blanks() or self._next()
            if each is not None:
                yield each
        if self.ahead.broken:
            raise self.ahead.broken

    def _blanks(self) -> Gap | None:
        """Take the line breaks behind a record, and return zeros and blanks as a gap."""
        self._take_all(LINE_BREAKS)
        offset, size = self.ahead.offset, self._take_all(BLANKS)
        return Gap(offset, size, b"") if size else None

    def _take_all(self, pattern: re.Pattern[bytes]) -> int:
        begin = self.ahead.position
        while self.ahead.fill(1) and (found := pattern.match(self.ahead.buffer)) and found.end():
            self.ahead.take(found.end(), 0)
        return self.ahead.position - begin

    def _next(self) -> Frame | Gap | None:
        if not self.ahead.fill(self.grammar.overlap) and not self.ahead.buffer:
            return None
        return self._frame() if self.grammar.start.match(self.ahead.buffer) else self._gap()

    def _gap(self, begin: int = 0) -> Gap:
        offset = self.ahead.offset
        beginning, size = self._take_until(self.grammar.start, SAMPLE, begin=begin)
        return Gap(offset, size, beginning)

    def _frame(self) -> Frame | Gap | None:
        """Read the record that begins here; None where a break leaves nothing sound of it."""
        offset, head_size = self.ahead.offset, self._head_size()
        if head_size is None:
            return self._gap(begin=1)
        head = bytes(self.ahead.buffer[:head_size])
        declared = self.grammar.length(head)
        self.ahead.take(head_size, 0)
        block, size = self._block(declared)
        whole = self.ahead.fill(1) or (self.ahead.broken is None if declared is None else size >= declared)
        if not whole and not self.ahead.is_cut:
            return None
        return Frame(offset, head, block, size, declared, whole)

    def _head_size(self) -> int | None:
        """Return the length of the head, or None if it has no end."""
        for size in (TAIL, 16 * TAIL, MAX_HEAD):
            more = self.ahead.fill(size)
            if found := self.grammar.head_end.search(self.ahead.buffer, 1, size):
                return found.end() if found.lastindex is None else found.start(1)
            if not more:
                break
        return None

    def _block(self, declared: int | None) -> tuple[bytes, int]:
        """Take the block that is next; return its first bytes and its size."""
        if declared is None:
            return self._until_the_next()
        if declared > self.keep:
            if self.ends.is_nested():
                return self._take(declared)
            return self._without_breaks(*self._take_until(self.grammar.sure, self.keep, most=declared))
        self.ahead.fill(declared + TAIL)
        if self.ends.ends_at(declared):
            swallowed = self.ends.swallowed(declared)
            return self._take(declared) if swallowed is None else self._until_the_next(begin=swallowed)
        if self.ends.is_whole(declared):
            return self._take(declared)
        return self._until_the_next()

    def _until_the_next(self, begin: int = 0) -> tuple[bytes, int]:
        """Take what comes before the next record, but for the line breaks between the two."""
        return self._without_breaks(*self._take_until(self.grammar.start, self.keep, begin=begin))

    def _without_breaks(self, block: bytes, size: int) -> tuple[bytes, int]:
        breaks = next((len(each) for each in self.grammar.separators if block.endswith(each)), 0)
        return (block[: len(block) - breaks], size - breaks) if len(block) == size else (block, size)

    def _take(self, size: int) -> tuple[bytes, int]:
        before = self.ahead.position
        block = self.ahead.take(size, self.keep)
        return block, self.ahead.position - before

    def _take_until(
        self, start: re.Pattern[bytes], keep: int, *, begin: int = 0, most: int | None = None
    ) -> tuple[bytes, int]:
        """Take what comes before the next match, at most `most` bytes; return its first bytes and its size."""
        kept, size, found = bytearray(), 0, None
        while found is None and (most is None or size < most):
            more = self.ahead.fill(CHUNK + self.grammar.overlap)
            found = start.search(self.ahead.buffer, begin)
            settled = len(self.ahead.buffer) - (self.grammar.overlap if more else 0)
            step = found.start(1) if found else settled
            step = step if most is None else min(step, most - size)
            kept += self.ahead.take(step, max(0, keep - size))
            size += step
            if not more and found is None and not self.ahead.buffer:
                break
            begin = 1  # what begins at 0 was seen
        return bytes(kept), size


def _is_unfinished(block: bytearray) -> bool:
    """Return True if the head of an answer, or a page, was opened and not closed."""
    if block.startswith(b"HTTP/") and not ANSWER_HEAD.match(block):
        return True
    last = block[-2 * TAIL :].lower()
    opened = re.search(rb"<(?:html|body)\b", block[: 2 * TAIL].lower())
    return opened is not None and b"</html" not in last and b"</body" not in last
