"""Tables of columns of fixed width: a header whose names stand above their columns, and a row on each line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.sources.documents import Problem, too_large
from pipeline.sources.records import Record
from pipeline.sources.settings import Settings
from pipeline.sources.texts.html_tables import names_fields
from pipeline.sources.texts.lines import Head, TextLine

#: A name in the header: two blanks end it.
_NAME = re.compile(r"\S+(?: \S+)*")
MIN_COLUMNS, MIN_FITTING = 3, 0.95  # columns of a table, and the share of its rows that keep to them


@dataclass(frozen=True)
class FixedWidthForm:
    """The names of the columns, and where each begins."""

    names: tuple[str, ...]
    starts: tuple[int, ...]

    @property
    def told(self) -> str:
        """The form in words."""
        return f"a table of columns of fixed width, {len(self.names)} on each line"

    def records(self, uri: str, lines: Iterator[TextLine], settings: Settings) -> Iterator[Record | Problem]:
        """Read a record from each line below the header."""
        is_below = False
        for line in lines:
            where = f"{uri}:{line.number}"
            if is_below and line.size > settings.max_document_bytes:
                yield too_large(where, line.size, settings.max_document_bytes)
            elif is_below and line.text.strip():
                ends = (*self.starts[1:], len(line.text))
                cells = [line.text[start:end].strip() for start, end in zip(self.starts, ends, strict=True)]
                yield Record(where, dict(zip(self.names, cells, strict=True)))
            is_below = is_below or bool(line.text.strip())


def fixed_widths_in(head: Head) -> FixedWidthForm | None:
    """Find a table of fixed widths: names of fields on the first line, and rows that have a blank before each column.

    >>> lines = ["TITLE       DATE       TEXT", "Ferry late  2031-01-04 The ferry was late again."]
    >>> fixed_widths_in(Head("\\n".join(lines), "utf-8", True)).starts
    (0, 12, 23)
    >>> fixed_widths_in(Head(lines[0] + "\\nThe ferry to Holm was late again on Monday.", "utf-8", True)) is None
    True
    """
    lines = [line for line in head.lines if line.strip()]
    found = list(_NAME.finditer(lines[0])) if len(lines) > 1 and "\t" not in lines[0] else []
    names, starts = tuple(each[0] for each in found), tuple(each.start() for each in found)
    if len(names) < MIN_COLUMNS or len(set(names)) < len(names) or not names_fields(names):
        return None
    fitting = sum(_fits(line, starts) for line in lines[1:])
    return FixedWidthForm(names, starts) if fitting >= MIN_FITTING * (len(lines) - 1) else None


def _fits(line: str, starts: Sequence[int]) -> bool:
    """Return True for a row that reaches the last column and has a blank before each, and something in the first."""
    return len(line) > starts[-1] and all(line[start - 1] == " " for start in starts[1:]) and line[starts[-1]] != " "
