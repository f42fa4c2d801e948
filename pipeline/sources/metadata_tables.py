"""Tables of metadata: a CSV file or another table without texts, each row of which names a file beside it.

Corpora are often handed on as a folder of texts and one table, `metadata.csv`, that says title, day and outlet of each.
"""

from __future__ import annotations

import os.path
import re
import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, NamedTuple

import pyarrow as pa

from pipeline.sources.addresses import Input
from pipeline.sources.columns import SampleColumn, columns_of
from pipeline.sources.documents import Description
from pipeline.sources.fields import Choice, choose
from pipeline.sources.inputs import StoreReadError, is_regular, not_given
from pipeline.sources.kinds import KINDS
from pipeline.sources.reading import table_in
from pipeline.sources.records import Layout, Record, Records, facts_of, lookup, order_of_dates, sample_of
from pipeline.sources.settings import Settings
from pipeline.sources.values import as_field, clean

#: Tables of a plan that are looked at. A corpus has one, or one a year; a folder of a thousand tables has articles.
MOST_TABLES = 20
#: Of a table's rows or of the files beside it, those that must fit: of the fewer ones where names tell a file, such as
#: `a1.txt` (somebody tries ten files of a thousand), else of both, because `7` and `ferry` stand in many tables.
LEAST_SHARE = 0.5
#: Rows a file, on average: with more, a table says something of parts of the files.
MOST_ROWS_A_FILE = 1.1
#: A column of texts is of the files' own texts if it is at least so long, beside the size of a file; else of abstracts.
LEAST_TEXT = 0.5
FILES_LOOKED_AT, NAMES_A_FILE = 20, 4
#: Names of files and hardly of anything else: with a suffix or a folder, letters with figures, long numbers.
_TELLING = re.compile(r"[./]|[^\W\d_].*\d|\d.*[^\W\d_]|\d{7}")
_SUFFIX = re.compile(r"\.\w{1,5}(?:\.(?:gz|bz2|xz|zst))?$")


def with_descriptions(inputs: Sequence[Input], settings: Settings) -> list[Input]:
    """Give inputs what the tables among them say of them, and such tables what there is to tell of them."""
    tables = [each for each in inputs if _may_describe(each)]
    if settings.kind or not 0 < len(tables) <= MOST_TABLES or len(tables) == len(inputs):
        return list(inputs)
    others = [each for each in inputs if each not in tables]
    descriptions: dict[str, Description] = {}
    notes: dict[str, tuple[str, ...]] = {}
    for table in tables:
        if found := _read(table, others, settings):
            notes[table.uri] = found.notes
            for uri, one in found.descriptions.items():
                _add(descriptions, uri, one)
    return [
        replace(each, described=descriptions.get(each.uri), notes=notes.get(each.uri, ())) for each in inputs
    ] if notes else list(inputs)  # fmt: skip


def _add(descriptions: dict[str, Description], uri: str, one: Description) -> None:
    """Add a description of a file; where there is one already, only what that does not say."""
    descriptions[uri] = descriptions[uri].beside(one) if uri in descriptions else one


#: Kinds of tables. XML is many things, and holds its texts.
_TABLES = frozenset(kind.name for kind in KINDS if kind.holds_records and kind.name != "xml")


def _may_describe(source: Input) -> bool:
    """Return True for a table that can be read twice."""
    return source.kind in _TABLES and is_regular(source)


class _Table(NamedTuple):
    """Descriptions of files by their addresses, and notes about the table that holds them."""

    descriptions: dict[str, Description]
    notes: tuple[str, ...]


def _read(table: Input, others: Sequence[Input], settings: Settings) -> _Table | None:
    """Read a table, if it names files below its folder, or else below the one around that."""
    folder = os.path.dirname(table.uri)  # noqa: PTH120 - of URLs too
    try:
        with table_in(table, settings) as records:
            for around in dict.fromkeys((folder, os.path.dirname(folder))):  # noqa: PTH120
                files = names_of_files(around, others)
                if records and files and (found := _described(table, records, files, settings)):
                    return found
    except StoreReadError as error:
        raise not_given(table, error) from None
    except (OSError, EOFError, pa.ArrowException):
        return None  # whoever reads the table as an input says what is wrong with it
    return None


def names_of_files(folder: str, inputs: Iterable[Input]) -> dict[str, Input]:
    """Return the files below a folder by the names that a table may call them: with and without folders and suffixes.

    A name that several files have is none.

    >>> files = [Input("news/texts/a1.txt", "text"), Input("news/texts/a2.txt", "text"), Input("else/b.txt", "text")]
    >>> list(names_of_files("news", files))
    ['texts/a1.txt', 'texts/a1', 'a1.txt', 'a1', 'texts/a2.txt', 'texts/a2', 'a2.txt', 'a2']
    """
    above = os.path.join(folder, "") if folder else ""  # noqa: PTH118 - of URLs too
    found: dict[str, Input] = {}
    several: set[str] = set()
    for each in (each for each in inputs if each.uri.startswith(above)):
        path = clean(each.uri.removeprefix(above)).casefold()
        name = path.rpartition("/")[2]
        for key in dict.fromkeys((path, _SUFFIX.sub("", path), name, _SUFFIX.sub("", name))):
            if found.setdefault(key, each) is not each:
                several.add(key)
    return {key: each for key, each in found.items() if key not in several}


def _key(value: Any) -> str:
    """Return the name of a file as `names_of_files` writes it.

    >>> _key(r"Texts\\A1.txt"), _key("./a1.txt"), _key(17), _key(None)
    ('texts/a1.txt', 'a1.txt', '17', '')
    """
    return (as_field(value) or "").replace("\\", "/").removeprefix("./").strip().casefold()


def _described(table: Input, records: Records, files: Mapping[str, Input], settings: Settings) -> _Table | None:
    head = columns_of(each.values for each in sample_of(records) if isinstance(each, Record))
    if _holds_their_texts(choose(head, settings.fields), head, files):  # before a table of articles is read to its end
        return None
    n_files = len({each.uri for each in files.values()})
    column = _column_of_files(records, files, n_files)
    if column is None:
        return None
    columns = {name: each for name, each in head.items() if name != column.name}
    about = _without_texts(choose(columns, settings.fields))
    order, found_order = order_of_dates(columns, about, settings, records)
    descriptions: dict[str, Description] = {}
    for each in _rows(records):
        source = files.get(_key(lookup(each.values, column.name)))
        if source is not None:
            facts, problems = facts_of(each.values, about, order)
            _add(descriptions, source.uri, Description(clean(table.uri), facts, tuple(problems)))
    told = Layout(about, order, found_order).in_words()
    return _Table(descriptions, tuple(_notes(column, n_files, told)))


def _notes(column: _FileColumn, n_files: int, told: str) -> Iterator[str]:
    """Say what a table says of which files, and what does not fit."""
    rest = f": {told}" if told else ""
    yield f"describing {len(column.files):,} of {n_files:,} files, which `{column.name}` names{rest}"
    if column.unknown:
        yield f"{column.unknown:,} of {column.rows:,} rows name no file that is read here, such as {column.example!r}"


@dataclass
class _FileColumn:
    """A column, and how well it names files."""

    name: str
    rows: int = 0
    fitting: int = 0
    telling: int = 0  # of the fitting ones
    unknown: int = 0
    example: str = ""
    files: dict[str, Input] = field(default_factory=dict)

    def look_at(self, key: str, files: Mapping[str, Input]) -> None:
        self.rows += 1
        if source := files.get(key):
            self.fitting += 1
            self.telling += _TELLING.search(key) is not None
            self.files[source.uri] = source
        else:
            self.unknown += 1
            self.example = self.example or key

    def names_files(self, n_files: int) -> bool:
        """Return True if it names enough files, and each once."""
        of_them = (min if 2 * self.telling >= self.fitting else max)(self.rows, n_files)
        enough = len(self.files) >= LEAST_SHARE * of_them
        return bool(self.files) and enough and self.fitting <= MOST_ROWS_A_FILE * len(self.files)


def _column_of_files(records: Records, files: Mapping[str, Input], n_files: int) -> _FileColumn | None:
    """Return the column that names most files; None if none does."""
    columns: dict[str, _FileColumn] = {}
    for each in _rows(records):
        for name, value in each.values.items():
            if key := _key(value) if isinstance(value, (str, int)) else "":
                columns.setdefault(name, _FileColumn(name)).look_at(key, files)
    fitting = [each for each in columns.values() if each.names_files(n_files)]
    return max(fitting, key=lambda each: len(each.files), default=None)


def _rows(records: Records) -> Iterator[Record]:
    return (each for each in records.read(None) if isinstance(each, Record))


def _without_texts(choice: Choice) -> Choice:
    """Return a choice of columns without those of texts, which are abstracts here."""
    return replace(choice, columns={role: of for role, of in choice.columns.items() if role not in ("text", "html")})


def _holds_their_texts(choice: Choice, columns: Mapping[str, SampleColumn], files: Mapping[str, Input]) -> bool:
    """Return True if a table holds the texts themselves, and not abstracts of them.

    How long the text of a page is shows only when it is read: beside pages every column of texts is believed.
    """
    names = [name for name in (*choice.of("html"), *choice.columns_of_text()) if name in columns]
    longest = max((columns[name].length for name in names), default=0)
    some = {each.uri: each for each in islice(files.values(), FILES_LOOKED_AT * NAMES_A_FILE)}.values()
    sizes = [size for each in some if (size := _size(each)) is not None]
    pages = any(each.kind == "html" for each in some)
    return longest > 0 and (pages or not sizes or longest >= LEAST_TEXT * statistics.median(sizes))


def _size(source: Input) -> int | None:
    """Return the bytes of a file of this machine."""
    try:
        return os.path.getsize(source.uri)  # noqa: PTH202
    except OSError:
        return None
