"""Records of CSV: which lines belong to one, also where quotes are missing or too many.

Rows are parsed strictly. Where that fails, or where a row has swallowed lines that look like records of their own, the
record ends in front of the next line that does. A lone quote costs at most its own record, every line belongs to a
row, and each line is looked at a bounded number of times.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pipeline.sources.csv_files.layout import RowLayout
from pipeline.sources.streams import InputLine

#: Lines that look like records inside one row, after which the row is not read on. More than one, because a text may
#: quote a table.
MAX_SUSPICIOUS = 3
#: Lines after a broken one in which the next record is looked for, and how often that may be in vain before each line
#: is taken by itself: together they bound the work for files in which nothing looks like a record.
MAX_BROKEN, MAX_VAIN = 400, 50
UNCLOSED = "a quote is opened and not closed"


class Row(NamedTuple):
    """A row of CSV with the number of its first line; `problem` says why `values` cannot be used."""

    line: int
    values: list[str]
    problem: str = ""
    size: int = 0
    mended: bool = False


class _Feed:
    """Lines for `csv.reader`, which may take several for one row; holds those of the current row."""

    def __init__(self, lines: Iterator[InputLine], layout: RowLayout, max_bytes: int) -> None:
        self.lines, self.layout, self.max_bytes = lines, layout, max_bytes
        self.given_back: deque[InputLine] = deque()
        self.held: list[InputLine] = []
        self.texts: list[str] = []
        self.records: list[int] = []  # which of the held lines look like records, but for the first
        self.size = 0
        self.broke_off = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if not self.take():
            raise StopIteration
        return self.texts[-1] + "\n"

    def take(self, *, loosely: bool = False) -> bool:
        """Hold one more line of the current row; False if there is none, or none that can belong to it."""
        line = self.given_back.popleft() if self.given_back else next(self.lines, None)
        if line is None:
            return False
        if self.held and (line.size > self.max_bytes or self.size + line.size > self.max_bytes):
            self.given_back.appendleft(line)
            self.broke_off = True
            return False
        text = self.layout.dialect.prepared(line.content.decode("utf-8", "surrogateescape"))
        if self.held and (self.layout.is_end(self.texts[-1]) or self.layout.is_record(text, loosely=loosely)):
            self.records.append(len(self.held))
        self.held.append(line)
        self.texts.append(text)
        self.size += line.size + 1
        return len(self.records) <= MAX_SUSPICIOUS

    def begin_row(self) -> None:
        """Start a new row with the next line."""
        self.held, self.texts, self.records, self.size, self.broke_off = [], [], [], 0, False

    def give_back(self, kept: int) -> None:
        """Keep the first lines of the current row, and read the others again."""
        if kept < len(self.held):
            self.given_back.extendleft(reversed(self.held[kept:]))
            del self.held[kept:], self.texts[kept:]
            self.size = sum(line.size + 1 for line in self.held)


class Segments:
    """Cuts the lines of a file into rows."""

    def __init__(
        self, lines: Iterator[InputLine], layout: RowLayout, max_bytes: int, *, has_header: bool = False
    ) -> None:
        self.layout, self.max_bytes = layout, max_bytes
        self.feed = _Feed(lines, layout, max_bytes)
        self.header_next = has_header  # it is unlike the rows
        self.vain = 0

    def rows(self) -> Iterator[Row]:
        """Yield the rows of the file; blank lines are none."""
        reader = self.layout.dialect.reader(self.feed)
        while True:
            self.feed.begin_row()
            try:
                values = next(reader)
            except csv.Error:
                values = None
            except StopIteration:
                if not self.feed.held:
                    return
                values = None
            row = self._row(values)
            if row.values or row.problem:
                yield row

    def _row(self, values: list[str] | None) -> Row:
        feed = self.feed
        first = feed.held[0]
        if first.size > self.max_bytes:
            feed.give_back(1)
            return Row(first.number, [], "too large", first.size)
        if values and self.header_next and len(values) == self.layout.width:
            self.header_next = False
            return Row(first.number, [self.layout.dialect.restored(value) for value in values], "", feed.size)
        if values is not None and (not feed.records or not self._swallowed(len(values))):
            if not values or (len(values) == self.layout.width and not self._may_go_on(values)):
                return Row(first.number, [self.layout.dialect.restored(value) for value in values], "", feed.size)
            return self._odd(values)
        return self._broken()

    def _swallowed(self, number: int) -> bool:
        """Return True if a row that parses has swallowed other records: it can be read without them, or is but them."""
        feed = self.feed
        if number != self.layout.width or len(feed.records) > MAX_SUSPICIOUS:
            return True
        alone = "\n".join(feed.texts[: feed.records[0]])
        fields = self.layout.split(alone)
        can_stand = self.layout.fits(self.layout.literal(alone)) or (
            not fields.is_open and self.layout.fits(fields.values)
        )
        return can_stand or feed.records == list(range(1, len(feed.held)))

    def _may_go_on(self, values: list[str]) -> bool:
        """Return True if a whole row may go on in the next line: its text comes last and is not quoted, or it is unlike
        the other rows.
        """
        feed, layout = self.feed, self.layout
        if len(feed.held) > 1 or layout.of_single_lines:
            return False
        is_open = layout.ends_in_lines and feed.texts[-1].rstrip()[-1:] != layout.dialect.quote
        return is_open or not layout.fits(values)

    # ---------------------------------------------------------------- rows that are broken

    def _broken(self, problem: str = UNCLOSED) -> Row:
        """Return the row of a record that is broken, up to the next line that looks like a record."""
        feed = self.feed
        feed.give_back(self._next_record())
        if not feed.records and feed.broke_off and not self.layout.of_single_lines:
            return Row(feed.held[0].number, [], "too large", feed.size)
        return self._mended(problem)

    def _next_record(self) -> int:
        """Read on to the next line that looks like a record; return how many lines stand before it."""
        feed = self.feed
        if self.layout.of_single_lines:
            return 1
        for at, text in enumerate(feed.texts[1:], start=1):
            if self.layout.is_end(feed.texts[at - 1]) or self.layout.is_record(text, loosely=True):
                return at
        while self.vain < MAX_VAIN and len(feed.held) < MAX_BROKEN:
            if not feed.take(loosely=True):
                return len(feed.held)
            if feed.records:
                return feed.records[0]
        self.vain += 1
        return 1 if not feed.broke_off else len(feed.held)

    def _mended(self, problem: str) -> Row:
        """Return the row of the held lines if it can be read in some way that gives a whole record."""
        feed, layout = self.feed, self.layout
        text = "\n".join(each.removesuffix("\r") for each in feed.texts)
        for values in self._readings(text):
            if layout.fits(values):
                return Row(feed.held[0].number, values, "", feed.size, mended=True)
        return Row(feed.held[0].number, layout.split(text[:1000]).values, problem, feed.size)

    def _readings(self, text: str) -> Iterator[list[str]]:
        """Yield the ways in which the text of a broken record can be read."""
        yield self.layout.split(text).values
        literal = self.layout.literal(text)
        yield literal
        for values in (self.layout.split(text).values, literal):
            yield from joined_fields(self.layout, values)

    # ---------------------------------------------------------------- rows with another number of fields

    def _odd(self, values: list[str]) -> Row:
        """Return a row with too many fields or too few, or a whole one that may go on: mended, together with the lines
        that it goes on in, or as it is.
        """
        feed, layout = self.feed, self.layout
        problem = f"{len(values)} values for {layout.width} columns"
        starts = len(values) >= layout.width or layout.is_record(feed.texts[0], loosely=True)
        if len(feed.held) == 1 and starts and not layout.of_single_lines and self._goes_on():
            return self._mended(f"{problem}, and lines that are no record follow")
        if len(values) > layout.width:
            for joined in joined_fields(layout, values):
                return Row(feed.held[0].number, joined, "", feed.size, mended=True)
            return self._broken(problem)
        is_row = starts or len(values) == layout.width or not layout.has_forms
        restored = [layout.dialect.restored(value) for value in values]
        return Row(feed.held[0].number, restored, "" if is_row else f"{problem}, and unlike the other rows", feed.size)

    def _goes_on(self) -> bool:
        """Read on while lines follow that are no records; True if there are any."""
        feed = self.feed
        while self.vain < MAX_VAIN and len(feed.held) < MAX_BROKEN and feed.take(loosely=True):
            if feed.records:
                break
        else:
            self.vain += len(feed.held) >= MAX_BROKEN
        feed.give_back(feed.records[0] if feed.records else len(feed.held))
        return any(text.strip() for text in feed.texts[1:])


def joined_fields(layout: RowLayout, values: Sequence[str]) -> Iterator[list[str]]:
    """Yield the one way to join fields so that as many are left as there are columns: separators in a text."""
    surplus = len(values) - layout.width
    if not 0 < surplus <= 1000 or layout.width > 100 or not layout.has_forms:
        return
    mark = layout.dialect.delimiter
    ways = []
    for at in range(layout.width):
        pieces = values[at : at + surplus + 1]
        if all(piece.startswith(" ") for piece in pieces[1:]):
            way = [*values[:at], mark.join(pieces), *values[at + surplus + 1 :]]
            ways += [way] if layout.fits(way) else []
    if len(ways) == 1:
        yield ways[0]
