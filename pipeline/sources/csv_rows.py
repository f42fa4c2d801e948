"""CSV reader. `source_uri` of a document is `file:line`, where its row begins."""

from __future__ import annotations

import codecs
import csv
import itertools
from collections.abc import Iterator
from typing import NamedTuple

from pipeline.sources.addresses import Input
from pipeline.sources.documents import Problem, failed, too_large
from pipeline.sources.records import BEFORE_CHARACTERS, Columns, Record
from pipeline.sources.settings import Settings
from pipeline.sources.streams import CHUNK, InputLine, Stream
from pipeline.sources.values import clean

DELIMITERS = ",;\t|"
MAX_RESTARTS = 1000  # each costs at most `max_row_bytes`; a file with more is no CSV. Not tuned


def choose_delimiter(header: str) -> str:
    """Choose the delimiter that splits the header most often; a comma wins a tie.

    >>> choose_delimiter("url;title;text")
    ';'
    """
    return max(DELIMITERS, key=header.count)


class _Lines:
    """Lines for `csv.reader`, which may take several for one row; keeps those of the current row."""

    def __init__(self, lines: Iterator[InputLine], max_bytes: int) -> None:
        self.lines, self.max_bytes = lines, max_bytes
        self.held: list[InputLine] = []
        self.size = 0
        self.broke_off = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self.lines, None)
        if line is not None:
            self.held.append(line)
            self.size += line.size + 1
        if line is None or self.size > self.max_bytes:
            self.broke_off = True
            raise StopIteration
        return line.content.decode("utf-8", "surrogateescape") + "\n"

    def begin_row(self) -> None:
        """Start a new row with the next line."""
        self.held, self.size, self.broke_off = [], 0, False

    def begin_again_after_first(self) -> None:
        """Drop the first line of the current row, which is broken, and read its other lines again."""
        self.lines = itertools.chain(self.held[1:], self.lines)


class Row(NamedTuple):
    """A row of CSV with the number of its first line; `problem` says why `values` cannot be used."""

    line: int
    values: list[str]
    problem: str = ""
    size: int = 0


def csv_rows(lines: Iterator[InputLine], delimiter: str, max_bytes: int) -> Iterator[Row]:
    """Yield the rows of a CSV file. A quote that is never closed costs its line, not the rest of the file."""
    csv.field_size_limit(max(csv.field_size_limit(), max_bytes))
    feed, restarts = _Lines(lines, max_bytes), 0
    reader = csv.reader(feed, delimiter=delimiter)
    while True:
        feed.begin_row()
        problem, values = "", []
        try:
            values = next(reader)
        except csv.Error as error:
            problem = str(error)
        except StopIteration:
            if not feed.held:
                return
        if feed.broke_off:
            problem = "a quote is opened and not closed" if feed.held[0].size <= max_bytes else "too large"
            restarts += 1
            if restarts <= MAX_RESTARTS:
                feed.begin_again_after_first()
        if problem:
            reader = csv.reader(feed, delimiter=delimiter)
        yield Row(feed.held[0].number, values, problem, feed.held[0].size)


def records(source: Input, stream: Stream, settings: Settings, _columns: Columns = None) -> Iterator[Record | Problem]:
    """Read the records of a CSV file whose first row names the columns."""
    stream = stream.as_utf_8()
    head = stream.peek(CHUNK).removeprefix(codecs.BOM_UTF8)
    delimiter = choose_delimiter(head.partition(b"\n")[0].decode("utf-8", "replace"))
    rows = csv_rows(stream.lines(settings.max_row_bytes), delimiter, settings.max_row_bytes)
    names = [name.strip().removeprefix("\ufeff") for name in next(rows, Row(1, [])).values]
    for row in rows:
        yield from _from_row(source, row, names, settings)


def _from_row(source: Input, row: Row, names: list[str], settings: Settings) -> Iterator[Record | Problem]:
    uri = f"{clean(source.uri)}:{row.line}"
    if row.problem == "too large":
        yield too_large(uri, row.size, settings.max_row_bytes)
    elif row.problem:
        yield failed(uri, "malformed", row.problem, before=_beginning(row.values))
    elif len(row.values) > len(names):
        why = f"{len(row.values)} values for {len(names)} columns"
        yield failed(uri, "malformed", why, before=_beginning(row.values))
    elif row.values:  # a blank line has no values
        yield Record(uri, dict(zip(names, row.values, strict=False)))


def _beginning(values: list[str]) -> str:
    return clean(" | ".join(value[:BEFORE_CHARACTERS] for value in values)[:BEFORE_CHARACTERS])
