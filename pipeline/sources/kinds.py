"""The kinds of input that are read, each with its suffixes, a check of its first bytes and its reader.

To add a kind: write its reader in a module of this folder, add one `Kind` at the end of `KINDS`, and test it in
tests/sources. Folders, globs, URLs, compression, detection by content and the hint for unknown files follow from the
list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from pipeline.sources import csv_rows, files, json_look, json_records, parquet, warc
from pipeline.sources.addresses import Input
from pipeline.sources.documents import Problem, RawDocument
from pipeline.sources.members import Member
from pipeline.sources.records import Columns, Record
from pipeline.sources.settings import Settings

COMPRESSED = (".gz", ".zst", ".zstd")
#: How many of the first bytes `recognise` is given.
LOOK_AHEAD = 1 << 16
HTML = re.compile(rb"<\s*(?:!doctype\s+html|html|head|body|title|meta|article|div|p|h1)\b", re.IGNORECASE)
CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


@dataclass(frozen=True)
class Kind:
    """A kind of input, with one of three readers.

    `read` yields documents, and a `Problem` for everything that is none. `records` yields records whose columns are
    found out (see pipeline.sources.records); it is told which columns are wanted, None for all. `members` yields the
    files of an archive. Each is given a `Stream` of decompressed bytes, or an opened file if `seeks` is set.
    """

    name: str
    suffixes: tuple[str, ...]  # lower case; the first one is recommended to users
    recognise: Callable[[bytes], bool]  # by the first bytes, decompressed
    read: Callable[[Input, Any, Settings], Iterator[RawDocument | Problem]] | None = None
    records: Callable[[Input, Any, Settings, Columns], Iterator[Record | Problem]] | None = None
    members: Callable[[Input, Any, Settings], Iterator[Member | Problem]] | None = None
    seeks: bool = False  # reads bytes in any order
    narrow: bool = False  # reading fewer columns is faster
    guess: bool = False  # a match is weak: not trusted where the name has a suffix that we do not know
    certain: bool = False  # a match is beyond doubt, whatever the suffix says


def _beginning(head: bytes) -> bytes:
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()


def _is_text(head: bytes) -> bool:
    beginning = _beginning(head)
    return bool(beginning) and not beginning.startswith((b"{", b"[", b"<?xml")) and not CONTROLS.search(head[:4096])


def _is_html(head: bytes) -> bool:
    beginning = _beginning(head)
    return not json_look.is_json(head) and HTML.search(beginning[:4096]) is not None


def _is_warc(head: bytes) -> bool:
    return _beginning(head).startswith(b"WARC/")


def _is_csv(_head: bytes) -> bool:
    return False  # by its suffix only: any text with commas in it could be CSV


def _is_parquet(head: bytes) -> bool:
    return head.startswith(b"PAR1")


#: The most general kind first: content is compared with the last kind first.
KINDS: tuple[Kind, ...] = (
    Kind("text", (".txt", ".text"), _is_text, read=files.read_text, guess=True),
    Kind("html", (".html", ".htm", ".xhtml"), _is_html, read=files.read_html),
    Kind("csv", (".csv", ".tsv"), _is_csv, records=csv_rows.records),
    Kind("json", (".json", ".geojson"), json_look.is_json, records=json_records.records, certain=True),
    Kind(
        "json_lines", (".jsonl", ".ndjson", ".jl"), json_look.is_json_lines, records=json_records.records, certain=True
    ),
    Kind("warc", (".warc", ".wet"), _is_warc, read=warc.read, certain=True),
    Kind("parquet", (".parquet",), _is_parquet, records=parquet.records, seeks=True, narrow=True, certain=True),
)


def kind_called(name: str) -> Kind:
    """Return the kind of this name; a `KeyError` if there is none."""
    return {kind.name: kind for kind in KINDS}[name]


def kind_of_name(name: str) -> str | None:
    """Return the kind that a file's suffix stands for.

    >>> kind_of_name("news.jsonl.gz"), kind_of_name("PAGE.HTM"), kind_of_name("notes")
    ('json_lines', 'html', None)
    """
    path = PurePosixPath(name.lower())
    if path.suffix in COMPRESSED:
        path = path.with_suffix("")
    return next((kind.name for kind in KINDS if path.suffix in kind.suffixes), None)


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
    if kind.recognise(head):
        return kind
    return next((other for other in reversed(KINDS) if other.certain and other.recognise(head)), kind)


def known_suffixes() -> str:
    """Return the recommended suffix of each kind.

    >>> known_suffixes()
    '.txt .html .csv .json .jsonl .warc .parquet'
    """
    return " ".join(kind.suffixes[0] for kind in KINDS)
