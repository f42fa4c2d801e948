"""Sheets of workbooks: find the header row, and which sheets hold articles. `source_uri` is `file#sheet:row`."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pipeline.sources.addresses import Input
from pipeline.sources.columns import columns_of
from pipeline.sources.documents import Problem, RawDocument, failed
from pipeline.sources.fields import ROLES, choose, rank_of
from pipeline.sources.records import Columns, Record, Records, documents_of_records, reading_note
from pipeline.sources.settings import Settings
from pipeline.sources.values import clean, is_nothing

#: A row of a sheet: its number, and its cells by column, from 0.
Row = tuple[int, dict[int, Any]]
#: Rows that are looked at for the header and for articles.
SAMPLE_ROWS = 60
#: Code points of a column's name, and the share of a table's columns that its header fills. Chosen by hand.
LONGEST_NAME, SHARE_OF_NAMES = 60, 0.6


@dataclass(frozen=True)
class Sheet:
    """A sheet: its name, and what reads its rows that are not empty, from the first one."""

    name: str
    rows: Callable[[], Iterator[Row]]


def letters(column: int) -> str:
    """Return the name that spreadsheets give to a column.

    >>> letters(0), letters(25), letters(26), letters(701), letters(702)
    ('A', 'Z', 'AA', 'ZZ', 'AAA')
    """
    name = ""
    while column >= 0:
        name, column = chr(65 + column % 26) + name, column // 26 - 1
    return name


def header_of(rows: Sequence[Mapping[int, Any]]) -> int | None:
    """Return which row names the columns; None if none does. Lines above a table fill fewer cells than its header.

    >>> header_of([{0: "Press review"}, {0: "Title", 1: "Text"}, {0: "Late", 1: "The ferry is late."}])
    1
    >>> header_of([{0: "Late", 1: "The ferry is late, says the harbour office, and the next one is later. " * 2}])
    """
    width = statistics.median_high([len(row) for row in rows]) if rows else 0
    for at, row in enumerate(rows):
        if len(row) >= SHARE_OF_NAMES * width:
            return at if _is_header(row, rows[at + 1 :]) else None
    return None


def _is_header(row: Mapping[int, Any], rest: Sequence[Mapping[int, Any]]) -> bool:
    names = list(row.values())
    if not all(isinstance(name, str) and len(name) <= LONGEST_NAME for name in names) or len({*names}) < len(names):
        return False
    if any(rank_of(name, role) is not None for name in names for role in ROLES):
        return True
    return any(_median_length(column, rest) > 3 * len(name) for column, name in row.items())


def _median_length(column: int, rows: Sequence[Mapping[int, Any]]) -> float:
    lengths = [len(str(row[column])) for row in rows if column in row]
    return statistics.median(lengths) if lengths else 0.0


def documents_of_sheets(source: Input, settings: Settings, sheets: Sequence[Sheet]) -> Iterator[RawDocument | Problem]:
    """Read every sheet that holds articles, or the one that is set."""
    names = ", ".join(f"`{sheet.name}`" for sheet in sheets[:20])
    uri = clean(source.uri)
    if settings.table:
        sheets = [sheet for sheet in sheets if sheet.name == settings.table]
        if not sheets:
            yield failed(uri, "no_text", clean(f"no sheet is called `{settings.table}`; its sheets: {names}"))
    else:
        sheets = [sheet for sheet in sheets if _holds_articles(sheet, settings)]
        read = ", ".join(f"`{sheet.name}`" for sheet in sheets[:20])
        if not sheets:
            yield failed(uri, "no_text", clean(f"no sheet has a column of texts; its sheets: {names}"))
        elif read != names:
            yield reading_note(
                source, "sheets", f"reading the sheets {read} of {names}; one is named by [sources] table"
            )
    for sheet in sheets:
        yield from _documents_of(source, settings, sheet, alone=len(sheets) == 1)


def records_of_first(source: Input, sheets: Sequence[Sheet]) -> Iterator[Record]:
    """Yield the rows of the first sheet as records."""
    for sheet in sheets[:1]:
        yield from _records(clean(source.uri), sheet)


def _holds_articles(sheet: Sheet, settings: Settings) -> bool:
    head = list(itertools.islice(_records("", sheet), SAMPLE_ROWS))
    choice = choose(columns_of(each.values for each in head), settings.fields)
    return bool(choice.of("text") or choice.of("html"))


def _documents_of(source: Input, settings: Settings, sheet: Sheet, *, alone: bool) -> Iterator[RawDocument | Problem]:
    def read(_columns: Columns) -> Iterator[Record]:
        return _records(clean(source.uri), sheet)

    for each in documents_of_records(source, settings, Records(read)):
        if isinstance(each, Problem) and each.reason == "read_as" and not alone:
            yield replace(each, after=clean(f"sheet `{sheet.name}`: {each.after}"))
        else:
            yield each


def _records(uri: str, sheet: Sheet) -> Iterator[Record]:
    """Yield the rows below the header as records."""
    rows = (row for row in sheet.rows() if row[1])
    head = list(itertools.islice(rows, SAMPLE_ROWS))
    at = header_of([cells for _, cells in head])
    names = _names(head[at][1]) if at is not None else {}
    for number, cells in itertools.chain(head[0 if at is None else at + 1 :], rows):
        values = {names.get(column) or letters(column): value for column, value in cells.items()}
        yield Record(f"{uri}#{clean(sheet.name)}:{number}", {**dict.fromkeys(names.values()), **values})


def _names(header: Mapping[int, str]) -> dict[int, str]:
    return {column: name.strip() for column, name in header.items() if not is_nothing(name)}
