"""SQLite databases: the table, or view, that looks most like articles. `source_uri` of a document is `file#table:row`.

The database is opened read-only and never written to. Its views and its schema are somebody else's code: they get no
functions with effects, a bounded number of steps, and values of a bounded length.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any
from urllib.parse import quote

from pipeline.sources.addresses import Input
from pipeline.sources.archives.members import local_path
from pipeline.sources.documents import Problem, failed, skipped
from pipeline.sources.first_bytes import SQLITE_MAGIC
from pipeline.sources.json_columns import rating
from pipeline.sources.records import Columns, Record, reading_note
from pipeline.sources.settings import Settings
from pipeline.sources.streams import Proportion
from pipeline.sources.tables.arrow_rows import BYTES_A_RECORD
from pipeline.sources.values import clean

#: Steps of SQLite's machine for one row; a million take about 10 ms. Sorting a million rows takes 20 million.
STEPS_A_ROW, STEPS_A_SAMPLE = 2_000_000_000, 50_000_000
STEPS_AT_A_TIME = 1_000_000
#: Rows and tables that are looked at to find the one with the articles.
SAMPLE_ROWS, MAX_TABLES = 30, 500


@dataclass(frozen=True)
class Table:
    """A table or view: its name, its columns, how many fields of articles it has, and how large it is."""

    name: str
    columns: tuple[str, ...] = ()
    fields: int = 0
    rows: int = 0
    length: float = 0.0


def records(
    source: Input, stored: IO[bytes], settings: Settings, columns: Columns = None
) -> Iterator[Record | Problem]:
    """Read the rows of the table that holds the articles."""
    uri = clean(source.uri)
    if not stored.read(len(SQLITE_MAGIC)).startswith(SQLITE_MAGIC):
        why = "no SQLite database, or an encrypted one: its first bytes are not `SQLite format 3`"
        yield failed(uri, "unreadable", why) if source.named else skipped(uri, "unknown_kind", why)
        return
    size = stored.seek(0, os.SEEK_END)
    with local_path(source, stored) as path, _opened(path, settings) as database:
        try:
            tables = _tables(database, settings)
            table = _chosen(tables, settings)
            yield from _told(source, tables, table, settings)
            if table:
                yield from _rows(source, database, table, columns, RowLimit(settings, size))
        except sqlite3.Error as error:
            yield failed(uri, "unreadable", clean(f"{type(error).__name__}: {error}"))


@contextmanager
def _opened(path: str, settings: Settings) -> Iterator[Database]:
    """Open a database that is never written to; a copy of it if changes lie beside it that it does not hold yet."""
    beside = [f"{path}{end}" for end in ("-wal", "-journal") if _is_filled(f"{path}{end}")]
    with TemporaryDirectory(prefix="copydesk-") as folder:
        if beside:
            for each in (path, *beside):
                shutil.copyfile(each, Path(folder) / f"db{each[len(path) :]}")
        uri = f"file:{quote(str(Path(folder) / 'db'))}" if beside else f"file:{quote(str(Path(path).absolute()))}"
        options = "mode=rw" if beside else "mode=ro&immutable=1"
        with closing(sqlite3.connect(f"{uri}?{options}", uri=True, isolation_level=None)) as connection:
            yield Database(connection, settings)


def _is_filled(path: str) -> bool:
    try:
        return Path(path).stat().st_size > 0
    except OSError:
        return False


class Database:
    """An opened database that does what it is asked for in a bounded number of steps."""

    def __init__(self, connection: sqlite3.Connection, settings: Settings) -> None:
        self.connection = connection
        connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, min(settings.max_row_bytes, 2**31 - 1))
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        connection.set_authorizer(_allowed)
        connection.set_progress_handler(self._step, STEPS_AT_A_TIME)
        self.steps, self.limit = 0, STEPS_A_SAMPLE

    def _step(self) -> bool:
        self.steps += STEPS_AT_A_TIME
        return self.steps > self.limit

    def rows(self, query: str, limit: int) -> Iterator[tuple[Any, ...]]:
        """Run a query, with so many steps for each row at most. Raises `sqlite3.Error`, also for bytes in names."""
        self.steps, self.limit = 0, limit
        try:
            for row in self.connection.execute(query):
                yield row
                self.steps = 0
        except UnicodeError as error:  # of a damaged schema: values are decoded whatever they hold
            raise sqlite3.DataError(f"a name of the database is no text ({error})") from None


_READING = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
_EXPLAINING = ("table_info", "table_xinfo")


def _allowed(action: int, what: str | None, _detail: str | None, _database: str | None, _by: str | None) -> int:
    """Allow a statement to read, and to do nothing else."""
    explains = action == sqlite3.SQLITE_PRAGMA and what in _EXPLAINING
    return sqlite3.SQLITE_OK if action in _READING or explains else sqlite3.SQLITE_DENY


class RowLimit:
    """Refuses a database that gives far more than it holds."""

    def __init__(self, settings: Settings, size: int) -> None:
        self.given, self.size = Proportion(settings), size

    def row(self, values: tuple[Any, ...]) -> None:
        """Count a row. Raises `BombError` beyond the allowed ratio."""
        self.given.take_in(max(BYTES_A_RECORD, sum(map(_size, values))), self.size)


def _size(value: Any) -> int:
    return len(value) if isinstance(value, (str, bytes)) else 0


# ---------------------------------------------------------------- which table


def quoted(name: str) -> str:
    """Quote a name for SQL.

    >>> quoted('news "2031"')
    '"news ""2031\"""'
    """
    return '"' + name.replace('"', '""') + '"'


def _tables(database: Database, settings: Settings) -> list[Table]:
    """List the tables and views that can be read, those that look most like articles first."""
    listed = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    names = [name for (name,) in database.rows(f"{listed} ORDER BY type, name LIMIT {MAX_TABLES}", STEPS_A_SAMPLE)]
    found = [_looked_at(database, str(name), settings) for name in names]
    return sorted(found, key=lambda table: (-table.fields, -table.rows, -table.length))


def _looked_at(database: Database, name: str, settings: Settings) -> Table:
    try:
        head = list(database.rows(f"SELECT * FROM {quoted(name)} LIMIT {SAMPLE_ROWS}", STEPS_A_SAMPLE))
        info = database.rows(f"PRAGMA table_xinfo({quoted(name)})", STEPS_A_SAMPLE)
        columns = tuple(str(row[1]) for row in info if row[6] != 1)
    except sqlite3.Error:
        return Table(name)
    columns = tuple(each for each in columns if each)
    number, length = rating([dict(zip(columns, row, strict=False)) for row in head], settings.fields)
    if not number:
        return Table(name, columns)
    return Table(name, columns, number, _number_of_rows(database, name, len(head)), length)


def _number_of_rows(database: Database, name: str, seen: int) -> int:
    """Return about how many rows a table has; of a view only how many were seen."""
    try:
        rows = list(database.rows(f"SELECT max(_rowid_) FROM {quoted(name)}", STEPS_A_SAMPLE))
    except sqlite3.Error:
        return seen
    return rows[0][0] if rows and isinstance(rows[0][0], int) else seen


def _chosen(tables: list[Table], settings: Settings) -> Table | None:
    """Return the table that is set, else the first one that looks like articles."""
    if settings.table:
        return next((table for table in tables if table.name == settings.table and table.columns), None)
    return tables[0] if tables and tables[0].fields else None


def _told(source: Input, tables: list[Table], chosen: Table | None, settings: Settings) -> Iterator[Problem]:
    """Say which table is read where there are several, or why none is."""
    names = ", ".join(f"`{table.name}`" for table in tables[:20] if table is not chosen)
    others = f"; the others: {names}" if names else ""
    if chosen is None and settings.table:
        yield failed(
            clean(source.uri), "no_text", clean(f"no table that can be read is called `{settings.table}`{others}")
        )
    elif chosen is None:
        yield failed(
            clean(source.uri), "no_text", clean(f"no table has a column of texts{others}; [sources] table names one")
        )
    elif others and not settings.table:
        rivals = [table for table in tables if table.fields and table is not chosen]
        hint = "; to read another: [sources] table" if rivals else ""
        yield reading_note(source, "table", f"reading the table `{chosen.name}`{others}{hint}")


# ---------------------------------------------------------------- its rows


def _rows(
    source: Input, database: Database, table: Table, columns: Columns, limit: RowLimit
) -> Iterator[Record | Problem]:
    wanted = [name for name in table.columns if columns is None or name in columns] or list(table.columns[:1])
    query = f"SELECT {', '.join(map(quoted, wanted))} FROM {quoted(table.name)}"
    place = f"{clean(source.uri)}#{clean(table.name)}"
    number = 0
    try:
        for number, row in enumerate(database.rows(query, STEPS_A_ROW), start=1):
            limit.row(row)
            yield Record(f"{place}:{number}", dict(zip(wanted, row, strict=True)))
    except sqlite3.Error as error:
        yield failed(f"{place}:{number + 1}", "unreadable", clean(_in_words(error)))


def _in_words(error: sqlite3.Error) -> str:
    if "interrupted" in str(error):
        return "stopped: the view takes too many steps for one row"
    return f"broken from this row on ({error}); try: sqlite3 FILE .recover | sqlite3 RECOVERED"
