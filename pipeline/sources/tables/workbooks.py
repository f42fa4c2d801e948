"""Workbooks: .xlsx and .xlsm, .ods, and .xls by an extra. They are read row by row, with the texts on disk.

`openpyxl` and `calamine` hold all texts of a workbook in memory, and `calamine` every cell between the first and the
last one: two cells far apart are enough to fill any memory.
"""

from __future__ import annotations

import os
import re
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import PurePosixPath
from tempfile import TemporaryFile
from typing import IO, Any, TypeVar

from lxml import etree

from pipeline.extras import how_to_install
from pipeline.sources.addresses import Input
from pipeline.sources.archives.zip_files import Archive, BrokenDirectoryError, Entry, ZipContent, entries
from pipeline.sources.compression import BrokenCompressionError
from pipeline.sources.documents import Problem, RawDocument, failed
from pipeline.sources.first_bytes import OLE_MAGIC
from pipeline.sources.records import Columns, Record
from pipeline.sources.settings import Settings
from pipeline.sources.tables.sheets import Row, Sheet, documents_of_sheets, records_of_first
from pipeline.sources.values import clean, is_nothing

Found = TypeVar("Found")

LOCKED = "protected by a password: open it, save it without the password, and give that file"
WITHOUT_XLRD = f"an old workbook; save it as .xlsx, or: {how_to_install('xls')}"
NO_WORKBOOK = "no workbook inside: a table or page that is only called so? Name it .csv or .html, or set [sources] kind"
MAX_PARTS = 10_000  # files of an archive that are listed; a workbook has some tens
#: Columns of a workbook; a cell further right makes no sense.
MAX_COLUMNS = 16_384


def read_xlsx(source: Input, opened: IO[bytes], settings: Settings) -> Iterator[RawDocument | Problem]:
    """Read the articles in the sheets of an Excel workbook."""
    yield from _in_archive(source, opened, settings, _sheets_of_xlsx, partial(documents_of_sheets, source, settings))


def xlsx_records(
    source: Input, opened: IO[bytes], settings: Settings, _columns: Columns = None
) -> Iterator[Record | Problem]:
    """Read the rows of the first sheet of an Excel workbook."""
    yield from _in_archive(source, opened, settings, _sheets_of_xlsx, partial(records_of_first, source))


def read_ods(source: Input, opened: IO[bytes], settings: Settings) -> Iterator[RawDocument | Problem]:
    """Read the articles in the sheets of an OpenDocument spreadsheet."""
    yield from _in_archive(source, opened, settings, _sheets_of_ods, partial(documents_of_sheets, source, settings))


def ods_records(
    source: Input, opened: IO[bytes], settings: Settings, _columns: Columns = None
) -> Iterator[Record | Problem]:
    """Read the rows of the first sheet of an OpenDocument spreadsheet."""
    yield from _in_archive(source, opened, settings, _sheets_of_ods, partial(records_of_first, source))


@contextmanager
def _sheets_of_xlsx(parts: Parts) -> Iterator[Sequence[Sheet]]:
    with TemporaryFile(prefix="copydesk-") as disk:
        yield _Xlsx(parts, disk).sheets()


def _in_archive(
    source: Input,
    opened: IO[bytes],
    settings: Settings,
    sheets_of: Callable[[Parts], AbstractContextManager[Sequence[Sheet]]],
    read: Callable[[Sequence[Sheet]], Iterator[Found]],
) -> Iterator[Found | Problem]:
    """Read the sheets of a workbook whose parts lie in an archive."""
    with _parts(source, opened, settings) as (parts, problem):
        if parts is None:
            yield problem
            return
        with sheets_of(parts) as sheets:
            yield from _told(source, read(sheets))


def _told(source: Input, reading: Iterator[Found]) -> Iterator[Found | Problem]:
    """Yield what is read, up to where the XML of a workbook is broken."""
    try:
        yield from reading
    except (KeyError, ValueError) as error:
        yield failed(clean(source.uri), "unreadable", clean(f"the workbook is broken: {error}"))


class Parts:
    """The parts of a workbook by name, each opened as a stream of bytes."""

    def __init__(self, archive: Archive, found: dict[str, Entry]) -> None:
        self.archive, self.found = archive, found

    def elements(self, name: str, *tags: str) -> Iterator[Any]:
        """Parse a part; yield its elements of these tags, whatever their namespace, and forget each afterwards."""
        content = ZipContent(self.archive, self.found[name])
        wanted = [f"{{*}}{tag}" for tag in tags]
        parsing = etree.iterparse(content, tag=wanted, huge_tree=True, resolve_entities=False, no_network=True)
        try:
            for _, element in parsing:
                yield element
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
        except etree.LxmlError as error:
            raise BrokenCompressionError(f"the workbook is broken: {error}") from None

    def __contains__(self, name: str) -> bool:
        return name in self.found


@contextmanager
def _parts(source: Input, opened: IO[bytes], settings: Settings) -> Iterator[tuple[Parts | None, Any]]:
    uri = clean(source.uri)
    magic = opened.read(8)
    if magic == OLE_MAGIC:
        yield None, failed(uri, "unreadable", LOCKED)
    elif not magic.startswith(b"PK"):
        yield None, failed(uri, "unreadable", NO_WORKBOOK)
    else:
        try:
            archive = Archive(opened, settings)
            found = {archive.name_of(entry): entry for entry, _ in zip(entries(opened), range(MAX_PARTS), strict=False)}
        except BrokenDirectoryError as error:
            yield None, failed(uri, "unreadable", f"{error}; open it with a spreadsheet program, which may mend it")
        else:
            yield Parts(archive, found), None


# ---------------------------------------------------------------- Excel


class _Xlsx:
    """An Excel workbook: its shared texts, which lie on disk, and the formats of its numbers."""

    def __init__(self, parts: Parts, disk: IO[bytes]) -> None:
        self.parts, self.disk = parts, disk
        self.ends = array("Q")
        self.base = datetime(1899, 12, 30)
        self.book = "xl/workbook.xml"
        self._read_texts()
        self.dates = self._date_formats()

    def sheets(self) -> list[Sheet]:
        """List the sheets in their order."""
        targets = {
            each.get("Id"): each.get("Target") or ""
            for each in self._list("xl/_rels/workbook.xml.rels", "Relationship")
        }
        found = []
        for each in self._list(self.book, "sheet", "workbookPr"):
            if each.get("date1904") in ("1", "true"):
                self.base = datetime(1904, 1, 1)
            link = next((value for key, value in each.attrib.items() if etree.QName(key).localname == "id"), None)
            part = self._place(targets.get(link, ""))
            if part in self.parts:
                found.append(Sheet(each.get("name") or part, lambda part=part: self._rows(part)))  # type: ignore[misc]
        return found

    def _list(self, part: str, *tags: str) -> Iterator[Any]:
        return self.parts.elements(part, *tags) if part in self.parts else iter(())

    @staticmethod
    def _place(target: str) -> str:
        return target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target)

    def _read_texts(self) -> None:
        """Write the shared texts to disk, one behind the other."""
        end = 0
        for element in self._list("xl/sharedStrings.xml", "si"):
            raw = _text_of(element).encode("utf-8", "surrogatepass")
            end += self.disk.write(raw)
            self.ends.append(end)
        self.disk.flush()

    def _shared(self, number: int) -> str | None:
        if not 0 <= number < len(self.ends):
            return None
        begin = self.ends[number - 1] if number else 0
        return os.pread(self.disk.fileno(), self.ends[number] - begin, begin).decode("utf-8", "surrogatepass")

    def _date_formats(self) -> set[int]:
        """Return the numbers of the cell styles that show a number as a date."""
        own: dict[str, bool] = {}
        styles: list[str] = []
        for each in self._list("xl/styles.xml", "numFmt", "cellXfs"):
            if etree.QName(each).localname == "numFmt":
                own[each.get("numFmtId") or ""] = is_date_format(each.get("formatCode") or "")
            else:
                styles = [style.get("numFmtId") or "0" for style in each]
        return {at for at, name in enumerate(styles) if own.get(name, name in DATE_FORMATS)}

    def _rows(self, part: str) -> Iterator[Row]:
        number = 0
        for row in self.parts.elements(part, "row"):
            given = row.get("r") or ""
            number = int(given) if given.isdecimal() else number + 1
            cells, column = {}, -1
            for cell in row:
                column = _column_of(cell.get("r"), column + 1)
                value = self._value(cell)
                if column < MAX_COLUMNS and not is_nothing(value):
                    cells[column] = value
            yield number, cells

    def _value(self, cell: Any) -> Any:
        kind, value = cell.get("t", "n"), None
        for part in cell:
            name = part.tag.rpartition("}")[2] if isinstance(part.tag, str) else ""
            if name == "is":
                return _text_of(part)
            value = part.text if name == "v" else value
        if value is None or kind == "e":
            return None
        if kind == "s":
            return self._shared(int(value)) if value.strip().isdecimal() else None
        if kind in ("str", "d", "inlineStr"):
            return _unescaped(value)
        if kind == "b":
            return value == "1"
        return self._number(value, int(cell.get("s") or 0))

    def _number(self, value: str, style: int) -> Any:
        try:
            number = float(value)
        except ValueError:
            return value
        if style in self.dates:
            return date_of(number, self.base)
        return int(number) if number.is_integer() else number


#: Numbers of the formats for dates that are not written out in a workbook (ECMA-376, part 1, 18.8.30).
DATE_FORMATS = frozenset(map(str, (*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59))))
_NO_FORMAT = re.compile(r'"[^"]*"|\[(?!h|m|s)[^\]]*\]|\\.|_.|\*.', re.IGNORECASE)


def is_date_format(code: str) -> bool:
    """Return True if a format shows a number as a date.

    >>> [is_date_format(code) for code in ("dd/mm/yyyy", '0.0 "days"', "[Red]#,##0", "[h]:mm")]
    [True, False, False, True]
    """
    return re.search(r"[ymdhs]", _NO_FORMAT.sub("", code).replace("General", ""), re.IGNORECASE) is not None


def date_of(number: float, base: datetime = datetime(1899, 12, 30)) -> Any:
    """Return the moment that Excel stores as days since its first day; a time of day and nonsense as they are.

    >>> date_of(44197.5).isoformat(), date_of(0.5), date_of(1e9)
    ('2021-01-01T12:00:00', 0.5, 1000000000.0)
    """
    if number < 1:
        return number
    try:
        # Excel has a 29 February 1900, which was none
        early = 1 if number < 60 and base.year == 1899 else 0
        return base + timedelta(days=early, seconds=round(number * 86400))
    except OverflowError:
        return number


_CELL = re.compile(r"([A-Za-z]{1,3})\d*")


def _column_of(reference: str | None, following: int) -> int:
    """Return the column of a cell; the following one where the cell does not say.

    >>> _column_of("A1", 7), _column_of("BC12", 0), _column_of(None, 7)
    (0, 54, 7)
    """
    match = _CELL.fullmatch(reference or "")
    if not match:
        return following
    column = 0
    for letter in match[1].upper():
        column = 26 * column + ord(letter) - 64
    return column - 1


_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


def _unescaped(text: str) -> str:
    r"""Undo the escapes of characters that XML cannot hold.

    >>> _unescaped("Late_x000D_\nagain")
    'Late\r\nagain'
    """
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def _text_of(element: Any) -> str:
    """Join the runs of a rich text, without the reading aids of Japanese."""
    runs = [each for each in element.iter("{*}t") if not each.getparent().tag.endswith("}rPh")]
    return _unescaped("".join(run.text or "" for run in runs))


# ---------------------------------------------------------------- OpenDocument


@contextmanager
def _sheets_of_ods(parts: Parts) -> Iterator[Sequence[Sheet]]:
    yield _ods_sheets(parts)


def _ods_sheets(parts: Parts) -> list[Sheet]:
    # Rows are asked for too, so that each is forgotten.
    tables = (each for each in parts.elements("content.xml", "table", "table-row") if each.tag.endswith("}table"))
    names = [_attribute(each, "name") or f"{number}" for number, each in enumerate(tables, 1)]
    return [Sheet(name, lambda at=at: _ods_rows(parts, at)) for at, name in enumerate(names)]  # type: ignore[misc]


def _ods_rows(parts: Parts, wanted: int) -> Iterator[Row]:
    table, number = 0, 0
    for element in parts.elements("content.xml", "table", "table-row"):
        if element.tag.endswith("}table"):
            table, number = table + 1, 0
            if table > wanted:
                return
        else:
            yield number + 1, _ods_cells(element) if table == wanted else {}
            number += _repeated(element, "rows")


def _ods_cells(row: Any) -> dict[int, Any]:
    cells, column = {}, 0
    for cell in row:
        times = _repeated(cell, "columns")
        value = _ods_value(cell)
        if not is_nothing(value):
            cells.update(dict.fromkeys(range(column, min(column + times, MAX_COLUMNS)), value))
        column += times
    return cells


def _repeated(element: Any, what: str) -> int:
    times = _attribute(element, f"number-{what}-repeated") or "1"
    return int(times) if times.isdecimal() and len(times) < 9 else 1


def _ods_value(cell: Any) -> Any:
    value = _attribute(cell, "date-value")
    if value is None:
        value = "\n\n".join("".join(each.itertext()) for each in cell if str(each.tag).endswith("}p"))
    return value


def _attribute(element: Any, name: str) -> str | None:
    return next((value for key, value in element.attrib.items() if key.endswith(f"}}{name}")), None)


# ---------------------------------------------------------------- old workbooks


def read_xls(source: Input, opened: IO[bytes], settings: Settings) -> Iterator[RawDocument | Problem]:
    """Read the articles in the sheets of an old workbook, which has at most 65,536 rows a sheet."""
    yield from _of_xls(source, opened, partial(documents_of_sheets, source, settings))


def xls_records(
    source: Input, opened: IO[bytes], _settings: Settings, _columns: Columns = None
) -> Iterator[Record | Problem]:
    """Read the rows of the first sheet of an old workbook."""
    yield from _of_xls(source, opened, partial(records_of_first, source))


def _of_xls(
    source: Input, opened: IO[bytes], read: Callable[[Sequence[Sheet]], Iterator[Found]]
) -> Iterator[Found | Problem]:
    uri = clean(source.uri)
    content = opened.read(1 << 30)
    if not content.startswith(OLE_MAGIC):
        yield failed(uri, "unreadable", NO_WORKBOOK)
        return
    try:
        import xlrd  # noqa: PLC0415 — an extra
    except ImportError:
        yield failed(uri, "unreadable", WITHOUT_XLRD)
        return
    try:
        with open(os.devnull, "w") as nowhere:  # noqa: PTH123
            book = xlrd.open_workbook(file_contents=content, ragged_rows=True, logfile=nowhere)
    except Exception as error:  # it raises anything for a broken file
        locked = "encrypted" in str(error).lower()
        yield failed(uri, "unreadable", LOCKED if locked else clean(f"the workbook is broken: {error}"))
        return
    sheets = [Sheet(sheet.name, lambda sheet=sheet: _xls_rows(sheet, book.datemode)) for sheet in book.sheets()]  # type: ignore[misc]
    yield from read(sheets)


def _xls_rows(sheet: Any, since_1904: int) -> Iterator[Row]:
    base = datetime(1904, 1, 1) if since_1904 else datetime(1899, 12, 30)
    for number in range(sheet.nrows):
        values = ((at, _xls_value(cell, base)) for at, cell in enumerate(sheet.row(number)))
        yield number + 1, {at: value for at, value in values if not is_nothing(value)}


def _xls_value(cell: Any, base: datetime) -> Any:
    if cell.ctype == 3:
        return date_of(cell.value, base)
    if cell.ctype == 2 and float(cell.value).is_integer():
        return int(cell.value)
    return cell.value if cell.ctype in (1, 2) else None
