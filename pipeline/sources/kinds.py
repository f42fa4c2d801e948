"""The kinds of input that are read, each with its suffixes, a check of its first bytes and its reader.

To add a kind: write its reader in a module of this folder, add one `Kind` at the end of `KINDS`, and test it in
tests/sources. Folders, globs, URLs, compression, detection by content and the hint for unknown files follow from the
list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any

from pipeline.sources import first_bytes
from pipeline.sources.addresses import Input
from pipeline.sources.columns import MAX_COLUMNS
from pipeline.sources.documents import Problem, RawDocument
from pipeline.sources.fields import ROLES, rank_of
from pipeline.sources.json_files import look as json_look
from pipeline.sources.markup.recognition import recognise as is_markup
from pipeline.sources.office import mail_headers
from pipeline.sources.records import Columns, Record
from pipeline.sources.settings import Settings
from pipeline.sources.tables.sql_dump import is_sql
from pipeline.sources.web.http_bodies import LOOKS_LIKE_HTML

if TYPE_CHECKING:
    from pipeline.sources.archives.members import Member

XML = (".xml", ".rss", ".atom", ".rdf", ".tei", ".nitf", ".newsml", ".sgml", ".sgm")
COMPRESSED = (".gz", ".zst", ".zstd", ".bz2", ".xz")
#: How many of the first bytes `recognise` is given.
LOOK_AHEAD = 1 << 16
PAGE = re.compile(
    rb"(?:<\?xml[^>]*>\s*|<!--.{0,2000}?-->\s*)*+<(?:!doctype\s+html|html)[\s>]", re.IGNORECASE | re.DOTALL
)
#: Bytes of a line that is looked at for names of columns; headers of news have up to 1,000.
LONGEST_HEADER = 4000
MARKDOWN = "markdown"
_JSON_FRONT_MATTER = re.compile(rb"\s*\{.{0,4000}?\n\}\s*\n\s*[^\s{\[,]", re.DOTALL)
_WARC_LINE = re.compile(rb"^WARC/\d\.\d\r?\n[A-Za-z-]+:", re.MULTILINE)
CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def later(module: str, name: str) -> Callable[..., Iterator[Any]]:
    """Return a reader of this folder whose module is imported when the first file of its kind is read."""

    def read(*arguments: Any) -> Iterator[Any]:
        reader: Callable[..., Iterator[Any]] = getattr(import_module(f"pipeline.sources.{module}"), name)
        return reader(*arguments)

    return read


@dataclass(frozen=True)
class Kind:
    """A kind of input, with one of three readers.

    `read` yields documents, and a `Problem` for everything that is none. `records` yields records whose columns are
    found out (see pipeline.sources.records); it is told which columns are wanted, None for all. `members` yields the
    files of an archive. `first_sheet` stands beside `read`: it yields the rows of a workbook's first sheet. Each is
    given a `Stream` of decompressed bytes, or an opened file if `seeks` is set.
    """

    name: str
    suffixes: tuple[str, ...]  # lower case; the first one is recommended to users
    recognise: Callable[[bytes], bool]  # by the first bytes, decompressed
    read: Callable[[Input, Any, Settings], Iterator[RawDocument | Problem]] | None = None
    records: Callable[[Input, Any, Settings, Columns], Iterator[Record | Problem]] | None = None
    members: Callable[[Input, Any, Settings], Iterator[Member | Problem]] | None = None
    first_sheet: Callable[[Input, Any, Settings, Columns], Iterator[Record | Problem]] | None = None
    seeks: bool = False  # reads bytes in any order
    narrow: bool = False  # reading fewer columns is faster
    guess: bool = False  # a match is weak: not trusted where the name has a suffix that we do not know
    certain: bool = False  # a match is beyond doubt, whatever the suffix says
    surely: Callable[[bytes], bool] | None = None  # a narrower check, a match of which is beyond doubt

    @property
    def holds_records(self) -> bool:
        """True if rows can be read of it one by one."""
        return bool(self.records or self.first_sheet)

    @cached_property
    def beyond_doubt(self) -> Callable[[bytes], bool] | None:
        """The check that tells a file of this kind, whatever its suffix says; None if there is none."""
        return self.recognise if self.certain else self.surely


def _beginning(head: bytes) -> bytes:
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()


def _is_text(head: bytes) -> bool:
    beginning = _beginning(head)
    if not beginning or beginning.startswith((b"{", b"[", b"<?xml")) or CONTROLS.search(head[:4096]):
        return False
    return not mail_headers.is_message(head) and not mail_headers.is_mailbox(head)


def _is_html(head: bytes) -> bool:
    beginning = _beginning(head)
    if CONTROLS.search(beginning[:4096]):  # names of parts of archives look like tags
        return False
    return not json_look.is_json(head) and LOOKS_LIKE_HTML.search(beginning[:4096]) is not None


def _is_whole_page(head: bytes) -> bool:
    return PAGE.match(_beginning(head)) is not None


def _is_warc(head: bytes) -> bool:
    """Tell a web archive, also one with something else in front of its first record."""
    return b"WARC/" in head and (_beginning(head).startswith(b"WARC/") or _WARC_LINE.search(head) is not None)


def _is_never(_head: bytes) -> bool:
    return False  # by its suffix or by the settings only


def _has_front_matter(head: bytes) -> bool:
    """Tell front matter in JSON, which a file of JSON begins with as well: text follows it."""
    return _JSON_FRONT_MATTER.match(head) is not None


def _is_csv(head: bytes) -> bool:
    """Tell a table by its first line: two and more names of fields with one mark between them, a text's among them."""
    line = _beginning(head).partition(b"\n")[0][:LONGEST_HEADER].decode("utf-8", "replace")
    return any(_is_header([name.strip(" \r\"'") for name in line.split(mark)]) for mark in ",;\t|" if mark in line)


def _is_header(names: Sequence[str]) -> bool:
    if len(set(names)) < len(names):
        return False
    named = names[:MAX_COLUMNS]
    if not any(rank_of(name, role) is not None for name in named for role in ("text", "html")):
        return False
    return sum(any(rank_of(name, role) is not None for role in ROLES) for name in named) > 1


def _is_parquet(head: bytes) -> bool:
    return head.startswith(b"PAR1")


#: The most general kind first: content is compared with the last kind first.
KINDS: tuple[Kind, ...] = (
    Kind("text", (".txt", ".text", ".srt", ".vtt"), _is_text, read=later("texts.files", "read_text"), guess=True),
    Kind("lines", (), _is_never, read=later("texts.files", "read_lines")),
    Kind("headings", (), _is_never, read=later("texts.files", "read_headings")),
    Kind(
        MARKDOWN, (".md", ".markdown", ".mdown", ".mkd"), _has_front_matter, read=later("texts.files", "read_markdown")
    ),
    Kind(
        "mail",
        (".eml", ".mht", ".mhtml", ".emlx"),
        mail_headers.is_message,
        read=later("office.mail", "read_message"),
        certain=True,
    ),
    Kind(
        "mailbox", (".mbox", ".mbx"), mail_headers.is_mailbox, read=later("office.mail", "read_mailbox"), certain=True
    ),
    Kind("html", (".html", ".htm", ".xhtml"), _is_html, read=later("texts.files", "read_html"), surely=_is_whole_page),
    Kind("csv", (".csv", ".tsv"), _is_csv, records=later("csv_files.rows", "records"), surely=_is_csv),
    Kind(
        "json", (".json", ".geojson"), json_look.is_json, records=later("json_files.records", "records"), certain=True
    ),
    Kind(
        "json_lines",
        (".jsonl", ".ndjson", ".jl"),
        json_look.is_json_lines,
        records=later("json_files.records", "records"),
        certain=True,
    ),
    Kind("sql", (".sql",), is_sql, records=later("tables.sql_dump", "records"), seeks=True, surely=is_sql),
    Kind(
        "zip", (".zip",), first_bytes.is_zip, members=later("archives.zip_files", "members"), seeks=True, certain=True
    ),
    Kind(
        "tar",
        (".tar", ".tgz", ".tbz", ".tbz2", ".txz", ".tzst"),
        first_bytes.is_tar,
        members=later("archives.tar_files", "members"),
        certain=True,
    ),
    Kind("warc", (".warc", ".wet"), _is_warc, read=later("web.warc", "read"), certain=True),
    Kind("arc", (".arc",), first_bytes.is_arc, read=later("web.arc", "read"), certain=True),
    Kind("xml", XML, is_markup, records=later("markup.reader", "records"), certain=True),
    Kind("rtf", (".rtf",), first_bytes.is_rtf, read=later("office.word_processors", "read_rtf"), certain=True),
    Kind("doc", (".doc", ".dot"), first_bytes.is_doc, read=later("office.word_processors", "read_doc"), certain=True),
    Kind(
        "docx",
        (".docx", ".docm"),
        first_bytes.is_docx,
        read=later("office.word_processors", "read_docx"),
        seeks=True,
        certain=True,
    ),
    Kind(
        "odt",
        (".odt", ".ott"),
        first_bytes.is_odt,
        read=later("office.word_processors", "read_odt"),
        seeks=True,
        certain=True,
    ),
    Kind(
        "epub",
        (".epub",),
        first_bytes.is_epub,
        read=later("office.word_processors", "read_epub"),
        seeks=True,
        certain=True,
    ),
    Kind("pdf", (".pdf",), first_bytes.is_pdf, read=later("office.pdf", "read_pdf"), seeks=True, certain=True),
    Kind(
        "parquet",
        (".parquet",),
        _is_parquet,
        records=later("tables.parquet", "records"),
        seeks=True,
        narrow=True,
        certain=True,
    ),
    Kind(
        "arrow",
        (".feather", ".arrow", ".ipc", ".arrows"),
        first_bytes.is_arrow,
        records=later("tables.arrow_files", "records"),
        seeks=True,
        certain=True,
    ),
    Kind("avro", (".avro",), first_bytes.is_avro, records=later("tables.avro", "records"), certain=True),
    Kind(
        "orc",
        (".orc",),
        first_bytes.is_orc,
        records=later("tables.arrow_files", "orc_records"),
        seeks=True,
        narrow=True,
        certain=True,
    ),
    Kind(
        "sqlite",
        (".sqlite", ".sqlite3", ".db", ".db3"),
        first_bytes.is_sqlite,
        records=later("tables.sqlite_files", "records"),
        seeks=True,
        narrow=True,
        certain=True,
    ),
    Kind(
        "xlsx",
        (".xlsx", ".xlsm"),
        first_bytes.is_xlsx,
        read=later("tables.workbooks", "read_xlsx"),
        first_sheet=later("tables.workbooks", "xlsx_records"),
        seeks=True,
        certain=True,
    ),
    Kind(
        "ods",
        (".ods",),
        first_bytes.is_ods,
        read=later("tables.workbooks", "read_ods"),
        first_sheet=later("tables.workbooks", "ods_records"),
        seeks=True,
        certain=True,
    ),
    Kind(
        "xls",
        (".xls",),
        first_bytes.is_xls,
        read=later("tables.workbooks", "read_xls"),
        first_sheet=later("tables.workbooks", "xls_records"),
        seeks=True,
        certain=True,
    ),
)


def kind_called(name: str) -> Kind:
    """Return the kind of this name; a `KeyError` if there is none."""
    for kind in KINDS:
        if kind.name == name:
            return kind
    raise KeyError(name)


def kind_of_name(name: str) -> str | None:
    """Return the kind that a file's suffix stands for.

    >>> kind_of_name("news.jsonl.gz"), kind_of_name("PAGE.HTM"), kind_of_name("notes")
    ('json_lines', 'html', None)
    """
    stem, suffix = _without_suffix(name.lower().rpartition("/")[2])
    if suffix in COMPRESSED:
        stem, suffix = _without_suffix(stem)
    return next((kind.name for kind in KINDS if suffix in kind.suffixes), None)


def _without_suffix(name: str) -> tuple[str, str]:
    """Split a base name before its last dot, unless it begins or ends with that."""
    at = name.rfind(".")
    return (name[:at], name[at:]) if 0 < at < len(name) - 1 else (name, "")


def kind_of_content(head: bytes, *, plain_text: bool = True) -> str | None:
    """Return the kind of a file by its first bytes. `plain_text` allows the guess that any text is an article.

    >>> kind_of_content(b"PAR1..."), kind_of_content(b'{"text": "Late."}'), kind_of_content(b"<!doctype html>")
    ('parquet', 'json_lines', 'html')
    >>> kind_of_content(b"The ferry is late."), kind_of_content(b"\\x7fELF\\x02\\x01\\x01\\x00")
    ('text', None)
    """
    return next((k.name for k in reversed(KINDS) if (plain_text or not k.guess) and k.recognise(head)), None)


def kind_against_name(head: bytes, kind: Kind) -> Kind:
    """Return the kind that a file's first bytes show beyond doubt, where they are not of the kind of its name.

    >>> kind_against_name(b"PAR1...", kind_called("csv")).name, kind_against_name(b"a,b", kind_called("csv")).name
    ('parquet', 'csv')
    """
    if (kind.certain or kind.name == MARKDOWN) and kind.recognise(head):
        return kind
    for other in reversed(KINDS):
        if other.beyond_doubt is not None and other.beyond_doubt(head):
            return other
    return kind


def known_suffixes() -> str:
    """Return the recommended suffix of each kind.

    >>> ".txt" in known_suffixes().split()
    True
    """
    return " ".join(kind.suffixes[0] for kind in KINDS if kind.suffixes)
