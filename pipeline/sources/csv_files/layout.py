"""The layout of a CSV file's records, learned from its first rows: how many fields they have, and how those look.

It tells if a line looks like a record of its own. Where a quote is missing, that is the evidence for where the next
record begins.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from pipeline.sources.csv_files.dialect import Dialect
from pipeline.sources.values import is_nothing

#: Forms of values that prose does not have, the narrowest first; an empty value fits where the sample has some.
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        r"\d+", r"[-+]?\d[\d.,]*", r"[-+\d][\d\-/:. TZ+,]{3,34}", r"(?:https?://|www\.)\S+", r"[0-9a-f-]{16,40}",
        r"[A-Za-z]{0,12}[-_#]?\d[\w-]{0,20}", r"\w{3,12},? \d{1,2},? .{0,40}\d{2}.{0,12}",
    )
)  # fmt: skip
#: The share of a column's values that have the form of the column.
MOST = 0.9
#: Values of a column are no shorter than a quarter of the shortest of the sample, if a line is to look like a record.
#: Chosen by hand; wide, because the sample is small.
SLACK = 4
#: Code points of a value that may have a form, and of a line in which the columns in front of the text are looked for.
LONGEST_FORM, MAX_BEGINNING = 500, 2000
#: What may stand between a separator and the quote of a field.
_IN_FRONT = frozenset(" \f\v\ufeff\xa0")


class SplitRow(NamedTuple):
    """The fields of a line, split with patience, and True if the last one has a quote that is not closed."""

    values: list[str]
    is_open: bool


@dataclass(frozen=True)
class CsvColumn:
    """How the values of a column look."""

    form: re.Pattern[str] | None
    shortest: int
    longest: int
    spaced: bool  # a value begins with a space

    def nearly_fits(self, value: str) -> bool:
        """Return True if a value has the form of the column, but for a few marks around it."""
        found = self.form.search(value[:LONGEST_FORM]) if self.form else None
        return found is not None and len(found[0]) + 4 >= len(value.strip())

    def fits(self, value: str) -> bool:
        """Return True if a value looks like those of the sample, or is missing."""
        if is_nothing(value):
            return True
        if self.form:
            return self.form.fullmatch(value.strip()) is not None
        return len(value) * SLACK >= self.shortest and (self.spaced or not value.startswith(" "))


def column_of(values: Sequence[str]) -> CsvColumn:
    """Describe a column by its values.

    >>> column_of(["1", "2", "35"]).form.pattern, column_of(["Ferry late", "Storm over"]).form
    ('\\\\d+', None)
    """
    filled = [value for value in values if value.strip()]
    form = next((form for form in _FORMS if _share(form, filled) >= MOST), None) if filled else None
    lengths = sorted(map(len, filled)) or [0]
    return CsvColumn(
        form,
        lengths[len(lengths) // 20],
        lengths[-1],
        any(value.startswith(" ") for value in filled),
    )


def _share(form: re.Pattern[str], values: Sequence[str]) -> float:
    return sum(form.fullmatch(value.strip()) is not None for value in values) / len(values)


@dataclass(frozen=True)
class RowLayout:
    """How the records of a file look in its dialect."""

    dialect: Dialect
    columns: tuple[CsvColumn, ...]
    of_single_lines: bool = False  # no record of the sample has several lines
    begins_quoted: bool = False  # all records of the sample begin with a quote

    @property
    def width(self) -> int:
        """The number of fields of a record."""
        return len(self.columns)

    @cached_property
    def has_forms(self) -> bool:
        """True if a column has a form that prose does not have."""
        return any(column.form for column in self.columns)

    @cached_property
    def text_at(self) -> int:
        """The place of the longest column."""
        return max(range(self.width), key=lambda at: self.columns[at].longest)

    @cached_property
    def ends_in_lines(self) -> bool:
        """True if the last column holds texts of several lines."""
        return not self.of_single_lines and self.width > 1 and self.text_at == self.width - 1 and self.has_forms

    @cached_property
    def _closed(self) -> re.Pattern[str]:
        quote, mark = re.escape(self.dialect.quote or "\0"), re.escape(self.dialect.mark)
        return re.compile(
            rf"[ \f\v\ufeff\xa0]?{quote}([^{quote}]*+(?:{quote}{quote}[^{quote}]*+)*+){quote}[ \t\r]*(?={mark}|\Z)"
        )

    @cached_property
    def _opening(self) -> re.Pattern[str]:
        """The quote that opens a record: no mark or line end follows it, as would one that closes a field."""
        quote, mark = re.escape(self.dialect.quote or "\0"), re.escape(self.dialect.mark)
        return re.compile(rf"{quote}(?!{quote}(?!{mark})|{mark}|\s*\Z)")

    @cached_property
    def _end(self) -> re.Pattern[str]:
        quote, mark = re.escape(self.dialect.quote or "\0"), re.escape(self.dialect.mark)
        return re.compile(rf"{quote}[ \t\r]*(?={mark}|\Z)")

    def opens(self, line: str) -> bool:
        """Return True if a line begins with a quote that opens a field."""
        return self.dialect.quote is not None and self._opening.match(line) is not None

    def split(self, text: str) -> SplitRow:
        """Split the text of a record; a quote inside a field that does not end it is a letter.

        >>> layout = RowLayout(Dialect(), (column_of(["1"]), column_of(["The ferry."])))
        >>> layout.split('1,"He said "no" and left"').values, layout.split('1,"The ferry').is_open
        (['1', 'He said "no" and left'], True)
        """
        mark, quote = self.dialect.mark, self.dialect.quote
        if not quote or quote not in text:
            return SplitRow([self.dialect.restored(value) for value in text.split(mark)], is_open=False)
        values, at = [], 0
        while True:
            value, at, is_open = self._next(text, at)
            values.append(self.dialect.restored(value))
            if at < 0:
                return SplitRow(values, is_open)

    def _next(self, text: str, at: int) -> tuple[str, int, bool]:
        """Return the field that begins at a place, where the next one begins (-1: none), and if it is left open."""
        mark, quote = self.dialect.mark, self.dialect.quote or "\0"
        begins = at + 1 if text[at : at + 1] in _IN_FRONT else at
        if text[begins : begins + 1] == quote:
            if whole := self._closed.match(text, at):
                value, end = whole[1].replace(quote * 2, quote), whole.end()
            elif ends := self._end.search(text, begins + 1):
                value, end = text[begins + 1 : ends.start()], ends.end()
            else:
                return text[begins + 1 :], -1, True
        else:
            found = text.find(mark, at)
            end = found if found >= 0 else len(text)
            value = text[at:end]
        return value, (end + 1 if end < len(text) else -1), False

    def literal(self, text: str) -> list[str]:
        """Split the text of a record at every separator; quotes around a whole field are dropped, and one in front."""
        quote = self.dialect.quote or "\0"
        return [self.dialect.restored(_unquoted(value, quote)) for value in text.split(self.dialect.mark)]

    def fits(self, values: Sequence[str]) -> bool:
        """Return True if values look like a whole record."""
        return len(values) == self.width and all(map(CsvColumn.fits, self.columns, values))

    def is_record(self, line: str, *, loosely: bool = False) -> bool:
        """Return True if a line looks like a record of its own, or like the first line of one.

        Loosely: so does a line with too many or too few fields, if the first of them look right.
        """
        if self.begins_quoted and self._opening.match(line):
            return True
        if line.count(self.dialect.mark) < min(self.width - 1, 1):
            return False
        values, is_open = self.split(line)
        if is_open:
            return self._is_beginning(values[:-1]) or (loosely and self._has_beginning(line))
        if self.fits(values) or self.fits(self.literal(line)):
            return self._has_form(values) if self.has_forms else self.width > 1
        return loosely and (
            self._is_beginning(values[: self.width]) or self._has_beginning(line) or self._has_a_form_in_place(values)
        )

    def _has_a_form_in_place(self, values: Sequence[str]) -> bool:
        """Return True if there are as many values as columns, and one has the form of its column."""
        pairs = zip(self.columns, values, strict=False)
        return len(values) == self.width and any(
            column.form is not None and value.strip() and column.fits(value) for column, value in pairs
        )

    def _has_beginning(self, line: str) -> bool:
        """Return True if two columns in front of the text have values of their forms in a line, in whatever place."""
        forms = [column.form for column in self.columns[: self.text_at] if column.form]
        values = self.literal(line[:MAX_BEGINNING])
        return len(forms) > 1 and sum(any(form.fullmatch(value.strip()) for value in values) for form in forms) > 1

    def is_end(self, line: str) -> bool:
        """Return True if a line ends like a record: with the columns behind the text, which have forms of their own."""
        behind = self.columns[self.text_at + 1 :]
        if self.of_single_lines or not behind or not any(column.form for column in behind):
            return False
        _, *values = line.rstrip("\r").rsplit(self.dialect.mark, len(behind))
        quote = self.dialect.quote or "\0"
        return (
            len(values) == len(behind)
            and all(
                column.fits(_unquoted(value, quote)) or column.nearly_fits(value)
                for column, value in zip(behind, values, strict=True)
            )
            and any(column.form and value.strip() for column, value in zip(behind, values, strict=True))
        )

    def _is_beginning(self, values: Sequence[str]) -> bool:
        """Return True if values look like the first ones of a record, and not like prose."""
        fitting = sum(column.fits(value) for column, value in zip(self.columns, values, strict=False))
        return bool(values) and len(values) <= self.width and fitting == len(values) and self._has_form(values)

    def _has_form(self, values: Sequence[str]) -> bool:
        return any(column.form and value.strip() for column, value in zip(self.columns, values, strict=False))


def _unquoted(value: str, quote: str) -> str:
    """Drop the quotes around a value, and one that is never closed.

    >>> _unquoted('"Late"', '"'), _unquoted('"Late', '"'), _unquoted('a "b"', '"')
    ('Late', 'Late', 'a "b"')
    """
    if len(value) > 1 and value[0] == quote == value[-1]:
        return value[1:-1].replace(quote * 2, quote)
    return value[1:] if value[:1] == quote and value.count(quote) == 1 else value


def layout_of(dialect: Dialect, rows: Sequence[Sequence[str]], lines: Sequence[str]) -> RowLayout:
    """Learn the layout from the first rows, which are of the same width, and the lines that they stand in."""
    single = not any("\n" in value for row in rows for value in row)
    layout = RowLayout(dialect, tuple(column_of(values) for values in zip(*rows, strict=True)), single)
    opened = sum(layout.opens(line) for line in lines)
    return replace(layout, begins_quoted=len(rows) > 2 and abs(opened - len(rows)) <= len(rows) / 5)
