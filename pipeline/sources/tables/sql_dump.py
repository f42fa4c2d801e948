"""Dumps of databases in SQL: the rows of the table that looks most like articles.

`source_uri` of a document is `file#table:row`. MySQL, PostgreSQL, SQLite and SQL Server write such dumps.
Nothing is executed: the statements that insert rows are found by how they begin, and their values are read.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Any, NamedTuple

from pipeline.sources.addresses import Input
from pipeline.sources.documents import Problem, failed, skipped
from pipeline.sources.json_columns import rating
from pipeline.sources.records import BEFORE_CHARACTERS, Columns, Record, reading_note
from pipeline.sources.settings import Settings
from pipeline.sources.tables.sql_values import UTF_16, BrokenSqlError, Rereadable, SqlText, as_utf_8, unescaped
from pipeline.sources.values import clean

#: Rows of each table that are looked at, and tables that are told apart.
SAMPLE_ROWS, MAX_TABLES = 30, 500
#: Broken rows of one statement after which it is given up: after a lone quote each look may go to the largest row.
MAX_BROKEN = 50
_NAME = rb"(?:[`\"\[]?[\w$ .-]+[`\"\]]?\.)?[`\"\[]?(?P<name>[\w$ .-]{1,128}?)[`\"\]]?"
_STATEMENT = re.compile(
    rb"^[ \t]*(?:(?P<insert>(?:INSERT|REPLACE)\s+(?:IGNORE\s+)?(?:INTO\s+)?)|(?P<copy>COPY\s+)"
    rb"|(?P<create>CREATE\s+(?:TEMPORARY\s+|UNLOGGED\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?))"
    + _NAME
    + rb"\s*(?=\(|VALUES|SELECT|FROM)",
    re.IGNORECASE | re.MULTILINE,
)
_BEGINNING = re.compile(rb"\s*(?:--|/\*|#|PRAGMA\b|BEGIN\b|SET\b|USE\b|CREATE\b|DROP\b|INSERT\b|COPY\b)", re.IGNORECASE)
_COLUMN = re.compile(r"\s*(?:`(?P<a>[^`]+)`|\"(?P<b>[^\"]+)\"|\[(?P<c>[^\]]+)\]|(?P<d>[^\W\d]\w*))")
_NO_COLUMNS = frozenset(
    ("primary", "key", "unique", "constraint", "foreign", "index", "check", "fulltext", "spatial", "exclude", "like")
)


def is_sql(head: bytes) -> bool:
    """Return True for the beginning of a dump: it begins as SQL does and makes or fills a table.

    >>> is_sql(b"-- MySQL dump\\nCREATE TABLE `news` (\\n"), is_sql(b"Create table talk: the ferry is late.")
    (True, False)
    """
    if head[:2] in UTF_16:
        head = head[: len(head) // 2 * 2].decode("utf-16", "replace").encode()
    return _BEGINNING.match(head.removeprefix(b"\xef\xbb\xbf")) is not None and _STATEMENT.search(head) is not None


class DumpRow(NamedTuple):
    """A row of a table: its number there, its values, or what is wrong with it."""

    number: int
    values: dict[str, Any]
    problem: str = ""
    before: str = ""


@dataclass
class DumpTable:
    """A table of a dump: its columns, and its first rows."""

    name: str
    columns: tuple[str, ...] = ()
    rows: list[dict[str, Any]] = field(default_factory=list)

    def rating(self, settings: Settings) -> tuple[int, float]:
        """Rate how much the rows look like articles: by the fields that they have, and by the length of the texts."""
        return rating(self.rows, settings.fields)


def records(
    source: Input, opened: IO[bytes], settings: Settings, _columns: Columns = None
) -> Iterator[Record | Problem]:
    """Read the rows of the table that holds the articles."""
    stored = as_utf_8(opened)
    rated = sorted(
        ((each.rating(settings), each) for each in _tables(stored, settings).values()), key=lambda each: -each[0][0]
    )
    chosen = _chosen(rated, settings)
    others = ", ".join(f"`{each.name}`" for _, each in rated[:20] if each is not chosen)
    told = f"; the others: {others}" if others else ""
    if chosen is None:
        yield _none(source, rated, settings, told)
        return
    yield reading_note(source, "table", f"reading a dump of a database, its table `{chosen.name}`{told}")
    place = f"{clean(source.uri)}#{clean(chosen.name)}"
    for row in _rows_of(stored, chosen, settings):
        if row.problem:
            yield failed(f"{place}:{row.number}", "malformed", row.problem, before=clean(row.before))
        else:
            yield Record(f"{place}:{row.number}", row.values)


Rated = Sequence[tuple[tuple[int, float], DumpTable]]


def _chosen(rated: Rated, settings: Settings) -> DumpTable | None:
    """Return the table that is set, else the one that looks most like articles."""
    if settings.table:
        return next((each for _, each in rated if each.name == settings.table), None)
    rating, table = max(rated, key=lambda each: each[0], default=((0, 0.0), None))
    return table if rating[0] else None


def _none(source: Input, rated: Rated, settings: Settings, told: str) -> Problem:
    """Say why no table is read."""
    uri = clean(source.uri)
    if not rated:
        return skipped(uri, "empty", "SQL, and no table in it")
    if settings.table:
        return failed(uri, "no_text", clean(f"no table is called `{settings.table}`{told}"))
    return failed(uri, "no_text", clean(f"no table with rows has a column of texts{told}; [sources] table names one"))


def _tables(stored: Rereadable, settings: Settings) -> dict[str, DumpTable]:
    """List the tables of a dump with their first rows."""
    found: dict[str, DumpTable] = {}
    for text, match, name in _statements(stored, settings):
        if name not in found and len(found) >= MAX_TABLES:
            continue
        table = found.setdefault(name, DumpTable(name))
        if match["create"]:
            table.columns = table.columns or _columns_in(text.parenthesis())
        elif len(table.rows) < SAMPLE_ROWS:
            wanted = itertools.islice(_rows_in(text, match, table), SAMPLE_ROWS - len(table.rows))
            table.rows += [row.values for row in wanted if not row.problem]
    return found


def _rows_of(stored: Rereadable, table: DumpTable, settings: Settings) -> Iterator[DumpRow]:
    numbers = itertools.count(1)
    for text, match, name in _statements(stored, settings):
        if name == table.name and not match["create"]:
            for row in _rows_in(text, match, table):
                yield row._replace(number=next(numbers))


def _statements(stored: Rereadable, settings: Settings) -> Iterator[tuple[SqlText, re.Match[bytes], str]]:
    """Yield the statements that make or fill a table: the text at a place behind its name, its beginning, the name."""
    stored.seek(0)
    text = SqlText(stored, settings.max_row_bytes)
    while (match := text.find(_STATEMENT)) is not None:
        yield text, match, clean(match["name"].decode("utf-8", "surrogateescape"))


def _rows_in(text: SqlText, match: re.Match[bytes], table: DumpTable) -> Iterator[DumpRow]:
    return _copied(text, table) if match["copy"] else _inserted(text, table)


def _columns_in(definition: str) -> tuple[str, ...]:
    """Return the names of columns in what stands between the parentheses of a statement.

    >>> _columns_in("`id` int(11) NOT NULL, \\"body\\" text DEFAULT 'a, b', PRIMARY KEY (`id`)")
    ('id', 'body')
    """
    names = []
    for part in _split_at_commas(definition):
        match = _COLUMN.match(part)
        if match and not (match["d"] and match["d"].casefold() in _NO_COLUMNS):
            names.append(next(filter(None, match.groups())))
    return tuple(names)


_AT_COMMAS = re.compile(r"'(?:[^'\\]|\\.|'')*+'|\"[^\"]*+\"|`[^`]*+`|[(),]", re.DOTALL)


def _split_at_commas(text: str) -> list[str]:
    depth, begin, parts = 0, 0, []
    for match in _AT_COMMAS.finditer(text):
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        if match[0] == "," and not depth:
            parts.append(text[begin : match.start()])
            begin = match.end()
    return [*parts, text[begin:]]


def _named(columns: Sequence[str], values: Sequence[Any]) -> dict[str, Any]:
    if len(columns) != len(values):
        columns = [str(number) for number in range(1, len(values) + 1)]
    return dict(zip(columns, values, strict=True))


def _inserted(text: SqlText, table: DumpTable) -> Iterator[DumpRow]:
    """Yield the rows of a statement that inserts some."""
    columns = table.columns
    try:
        if text.next_byte() == b"(":
            columns = _columns_in(text.parenthesis()) or columns
        if not text.word(b"VALUES"):
            return
        while text.next_byte() == b"(":
            yield DumpRow(0, _named(columns, text.tuple_of_values()))
            if not text.word(b","):
                return
    except BrokenSqlError as error:
        yield DumpRow(0, {}, str(error), text.beginning(BEFORE_CHARACTERS))
        yield from _behind(text, columns)


def _behind(text: SqlText, columns: Sequence[str]) -> Iterator[DumpRow]:
    """Yield the rows of a statement behind a broken one: each begins where another ends."""
    for broken in itertools.count(1):
        if not text.to_next_row():
            return
        try:
            yield DumpRow(0, _named(columns, text.tuple_of_values()))
            while text.word(b","):
                yield DumpRow(0, _named(columns, text.tuple_of_values()))
            return
        except BrokenSqlError as error:
            last = broken >= MAX_BROKEN
            why = f"{error}; the rest of its statement is left out" if last else str(error)
            yield DumpRow(0, {}, why, text.beginning(BEFORE_CHARACTERS))
            if last:
                return


def _copied(text: SqlText, table: DumpTable) -> Iterator[DumpRow]:
    """Yield the rows behind PostgreSQL's COPY, a line each."""
    columns = table.columns
    if text.next_byte() == b"(":
        columns = _columns_in(text.parenthesis()) or columns
    text.line()
    while (line := text.line()) and line.rstrip("\r\n") != "\\.":
        values = [unescaped(each) for each in line.rstrip("\r\n").split("\t")]
        if columns and len(values) != len(columns):
            yield DumpRow(0, {}, f"{len(values)} values for {len(columns)} columns", line[:BEFORE_CHARACTERS])
        else:
            yield DumpRow(0, _named(columns, values))
