"""CSV reader. `source_uri` of a document is `file:line`, where its row begins."""

from __future__ import annotations

import codecs
import csv
import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pipeline.sources.addresses import Input
from pipeline.sources.csv_files.dialect import SURE, Dialect, find_dialect, is_header, is_known, sample_rows
from pipeline.sources.csv_files.formulas import DEFUSED, armed, link_in
from pipeline.sources.csv_files.layout import RowLayout, layout_of
from pipeline.sources.csv_files.segments import Row, Segments
from pipeline.sources.documents import Problem, failed, skipped, too_large
from pipeline.sources.fields import rank_of
from pipeline.sources.records import BEFORE_CHARACTERS, Columns, Record, reading_note
from pipeline.sources.settings import Csv, Settings
from pipeline.sources.streams import InputLine, Stream
from pipeline.sources.values import clean, in_charset
from stages.decode import Settings as DecodeSettings
from stages.decode.decoding import decode

#: Bytes and lines that the dialect and the layout are found out from.
SAMPLE_BYTES, SAMPLE_LINES = 1 << 20, 3000
#: Names of columns are no longer than this.
LONGEST_COLUMN = 200
_SEP = re.compile(rb"\A(?:\xef\xbb\xbf)?\"?sep=(.)\"?\r?\n", re.IGNORECASE)
_BLANK = b" \t\r\n\0,;\xef\xbb\xbf"
_LONE_RETURN = re.compile(rb"\r(?!\n)")


class CsvTable(NamedTuple):
    """How a file is read: its layout, the names of its columns, and the lines in front of them that are no rows."""

    layout: RowLayout
    names: list[str]
    has_header: bool
    before: int
    codec: str = ""  # of the file, where it is not UTF-8


def records(source: Input, stream: Stream, settings: Settings, _columns: Columns = None) -> Iterator[Record | Problem]:
    """Read the records of a CSV file: of any dialect, with names of columns in its first row or without."""
    csv.field_size_limit(max(csv.field_size_limit(), settings.max_row_bytes))
    stream = stream.as_utf_8()
    head = stream.peek(SAMPLE_BYTES)
    if len(head) < SAMPLE_BYTES and not head.strip(_BLANK):
        stream.read_up_to(SAMPLE_BYTES)  # raises what broke off the look
        yield skipped(clean(source.uri), "empty", "the file is empty")
        return
    table = table_of(head, settings.csv)
    if codec := charset_of(head):
        table = table._replace(codec=codec, names=[in_charset(name, codec) for name in table.names])
    if note := _in_words(table):
        yield reading_note(source, "dialect", note)
    lines = _lines(stream, settings.max_row_bytes)
    lines = itertools.islice(lines, table.before, None)
    rows = Segments(lines, table.layout, settings.max_row_bytes, has_header=table.has_header).rows()
    mended: list[int] = []
    number = -1
    for number, row in enumerate(rows):
        if number or not table.has_header:
            mended += [row.line] if row.mended else []
            yield from _from_row(source, row, table, settings)
    if number < 1 and table.has_header:
        yield skipped(clean(source.uri), "empty", "names of columns and no rows")
    if mended:
        where = ", ".join(map(str, mended[:10]))
        rows_are = "1 row is" if len(mended) == 1 else f"{len(mended)} rows are"
        note = f"{rows_are} mended, which had quotes or separators in wrong places, from line {where}"
        yield reading_note(source, "mended", note)


def _lines(stream: Stream, max_bytes: int) -> Iterator[InputLine]:
    """Yield the lines of a file, whatever they end with; without a byte order mark and without zeros."""
    lines = _Returns(stream).lines(max_bytes)
    for line in itertools.islice(lines, 1):
        yield line._replace(content=line.content.removeprefix(b"\xef\xbb\xbf"))
    yield from lines


class _Returns(Stream):
    """A stream without zeros, in which carriage returns that stand alone are line breaks."""

    def __init__(self, stream: Stream) -> None:
        self.inner, self.position, self.held = stream, 0, b""

    def read(self, size: int = -1, /) -> bytes:
        """Read the next bytes; a return at their end is held back until what follows it is known."""
        piece = self.inner.read(size)
        if b"\0" in piece:
            piece = piece.replace(b"\0", b"") or self.read(size)
        if b"\r" not in piece and not self.held:
            return piece
        whole = self.held + piece
        self.held = b"\r" if piece and whole.endswith(b"\r") else b""
        whole = whole[: len(whole) - len(self.held)]
        return _LONE_RETURN.sub(b"\n", whole) or (self.read(size) if piece else b"")


# ---------------------------------------------------------------- the table


def table_of(head: bytes, settings: Csv) -> CsvTable:
    """Find out how a file is read, from its beginning."""
    lines, given = _sample_lines(head)
    delimiter = settings.delimiter or given
    found = Csv(delimiter, settings.quote, settings.escape, settings.header)
    before = 1 if given else 0
    dialect = find_dialect(lines[before:], found)
    rows = [row for row in sample_rows(dialect, lines[before:]) if row]
    width = _width(rows)
    before += _lines_before(dialect, lines[before:], width)
    whole = _whole_rows(rows, width)
    others = whole[1:51]
    has_header = is_header(whole[0], others) if settings.header is None and whole else settings.header is not False
    names = _distinct(whole[0]) if has_header and whole else [str(number) for number in range(1, width + 1)]
    records = whole[has_header:] or [[""] * width]
    return CsvTable(layout_of(dialect, records, lines[before + has_header :]), names, has_header, before)


def charset_of(head: bytes) -> str:
    """Return the charset of a file by its beginning; empty if it is UTF-8, be it with a few stray bytes.

    >>> charset_of("Titel;Text\\nFähre;Die Fähre für Hölm fährt spät.\\n".encode("cp1252")), charset_of(b"title,text")
    ('cp1252', '')
    """
    if _is_utf_8(head) or len(head.translate(None, _ASCII)) < MIN_EVIDENCE:
        return ""
    codec = decode(head, None, False, DecodeSettings().declared_evidence).codec
    return "" if codec == "utf-8" else codec


_ASCII = bytes(range(128))
#: Bytes outside ASCII by which the charset of a file is told. Chosen by hand: two or three fit nearly any.
MIN_EVIDENCE = 6


def _is_utf_8(head: bytes) -> bool:
    """Return True if bytes are UTF-8, the last character of which may be cut."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True


def _whole_rows(rows: Sequence[list[str]], width: int) -> list[list[str]]:
    """Return the rows with as many fields as there are columns; if they are few, the beginnings of longer ones too."""
    whole = [row for row in rows if len(row) == width]
    if len(whole) < 3 and len(rows) > 2 * len(
        whole
    ):  # the others are broken; their first fields stand where they should
        whole = [*whole[:1], *(row[:width] for row in rows if row not in whole[:1] and len(row) > width)]
    return whole


def _sample_lines(head: bytes) -> tuple[list[str], str | None]:
    """Return the first lines, without the last one, which may be cut, and the separator that Excel's first line has."""
    named = _SEP.match(head)
    content = _LONE_RETURN.sub(b"\n", head.removeprefix(b"\xef\xbb\xbf")).replace(b"\0", b"")
    lines = content.decode("utf-8", "surrogateescape").split("\n", SAMPLE_LINES)
    if len(lines) > 1 and (len(lines) > SAMPLE_LINES or len(head) >= SAMPLE_BYTES or not lines[-1]):
        lines.pop()
    return lines, named[1].decode("latin-1") if named else None


def _width(rows: Sequence[Sequence[str]]) -> int:
    """Return the number of fields of most rows; of the names of columns, where rows differ."""
    counts = Counter(map(len, rows))
    named = [row for row in rows[:5] if len(row) > 1 and sum(map(is_known, row)) >= 2 and all(map(str.strip, row))]
    if named and max(counts.values()) < SURE * len(rows):
        return len(named[0])
    return max(counts, key=lambda width: (counts[width], width), default=1)


def _lines_before(dialect: Dialect, lines: Sequence[str], width: int) -> int:
    """Count the lines in front of the first whole row: titles, comments and blank lines."""
    if width < 2:
        return next((at for at, line in enumerate(lines) if line.strip() and not line.startswith("#")), 0)
    for at, line in enumerate(lines[:100]):
        fields = line.count(dialect.delimiter) + 1
        if fields >= width and not line.startswith("#") and line.replace(dialect.delimiter, "").strip():
            return at
    return 0


def _distinct(values: Sequence[str]) -> list[str]:
    """Return the names of columns, each only once.

    >>> _distinct([" title", "text", "text"])
    ['title', 'text', 'text 2']
    """
    names: list[str] = []
    seen: Counter[str] = Counter()
    for value in values:
        name = value.strip().removeprefix("\ufeff")[:LONGEST_COLUMN] or f"Unnamed: {len(names)}"
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} {seen[name]}")
    return names


def _in_words(table: CsvTable) -> str:
    """Say how a file is read, where it is not plain; empty if it is."""
    parts = [table.layout.dialect.in_words(), "" if table.has_header else "no names of columns: they are 1, 2, 3 …"]
    parts += [f"the first {table.before} lines are left out"] if table.before > 1 else []
    parts += [f"its short fields in {table.codec}"] if table.codec else []
    told = "; ".join(part for part in parts if part)
    return f"reading CSV: {told}" if told else ""


# ---------------------------------------------------------------- rows


def _from_row(source: Input, row: Row, table: CsvTable, settings: Settings) -> Iterator[Record | Problem]:
    uri = f"{clean(source.uri)}:{row.line}"
    values = [in_charset(value, table.codec) for value in row.values] if table.codec else row.values
    if row.problem == "too large":
        yield too_large(uri, row.size, settings.max_row_bytes)
    elif row.problem:
        yield failed(uri, "malformed", row.problem, before=_beginning(row.values))
    elif table.has_header and values[0].strip() == table.names[0] and _distinct(values) == table.names:
        yield skipped(uri, "empty", "the names of the columns once more")
    else:
        yield Record(uri, _with_links(_as_exported(dict(zip(table.names, values, strict=False)))))


def _as_exported(values: dict[str, str]) -> dict[str, str]:
    """Return the values of a row; in an export of ours without the apostrophes that defused them."""
    if values.get(DEFUSED) == "true" and "doc_id" in values:
        return {name: armed(value) for name, value in values.items()}
    return values


def _with_links(values: dict[str, str]) -> dict[str, str]:
    """Write formulas that are links as their words, in columns of addresses as the address.

    Where no column holds addresses, the first link gives the record its own.
    """
    links = {name: link for name, value in values.items() if value[:1] == "=" and (link := link_in(value))}
    if not links:
        return values
    of_addresses = {name for name in values if rank_of(name, "url") is not None}
    shown = {name: address if name in of_addresses else words or address for name, (address, words) in links.items()}
    own = {} if of_addresses else {LINK: next(iter(links.values()))[0]}
    return {**values, **shown, **own}


#: The column of an address that a record has by a link in a cell.
LINK = "link"


def _beginning(values: list[str]) -> str:
    return clean(" | ".join(value[:BEFORE_CHARACTERS] for value in values)[:BEFORE_CHARACTERS])
