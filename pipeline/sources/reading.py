"""From inputs to batches of documents: opens each, finds its kind, and turns whatever goes wrong into ledger rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import closing, nullcontext

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.sources import csv_rows, json_lines, parquet, warc
from pipeline.sources.documents import Problem, RawDocument, failed, outcome, skipped, too_large
from pipeline.sources.inputs import STDIN, Input, Kind, StoreReadError, is_regular, not_given, open_input
from pipeline.sources.records import Content, Facts, clean, raw_document
from pipeline.sources.settings import Settings
from pipeline.sources.streams import BombError, Readable, Stream
from pipeline.sources.window import Window
from stages.contract import Outcome

LOOK_AHEAD = 1 << 16
UNKNOWN = "neither name nor content says what it is; give it a suffix: .txt .html .warc .jsonl .csv .parquet"
JSON_ARRAY = "it looks like a JSON array; JSON Lines are read, an object a line: jq -c '.[]' makes them of it"
#: A guess for what a problem takes in memory, so that a flood of them is handed on in batches as well.
PROBLEM_BYTES = 1_000
HTML = re.compile(rb"<\s*(?:!doctype\s+html|html|head|body|title|meta|article|div|p|h1)\b", re.IGNORECASE)
ARRAY = re.compile(rb"\s*\[\s*\{")
CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def kind_of_content(head: bytes, *, plain_text: bool = True) -> Kind | None:
    """The kind of a file by its first bytes; whether a file of nothing but text is an article is for the caller to say.

    >>> kind_of_content(b"PAR1..."), kind_of_content(b'{"text": "Late."}'), kind_of_content(b"<!doctype html>")
    ('parquet', 'json_lines', 'html')
    >>> kind_of_content(b"The ferry is late."), kind_of_content(b"\\x7fELF\\x02\\x01\\x01\\x00")
    ('text', None)
    """
    beginning = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b"PAR1"):
        return "parquet"
    if beginning.startswith(b"WARC/"):
        return "warc"
    if beginning.startswith(b"{"):
        return "json_lines" if _begins_with_an_object(beginning) else None
    if HTML.search(beginning[:4096]):
        return "html"
    is_text = bool(beginning) and not beginning.startswith((b"[", b"<?xml")) and not CONTROLS.search(head[:4096])
    return "text" if plain_text and is_text else None


def _begins_with_an_object(head: bytes) -> bool:
    line, line_break, _ = head.partition(b"\n")
    try:
        return isinstance(orjson.loads(line), dict)
    except orjson.JSONDecodeError:
        return not line_break and len(head) > 1000  # a first line longer than the look ahead


def documents(source: Input, settings: Settings) -> Iterator[RawDocument | Problem]:
    """Everything in one input: documents, and a problem for each thing that is none."""
    try:
        if not source.named and not is_regular(source):
            yield skipped(clean(source.uri), "unknown_kind", "a pipe, socket or device, not a file")
            return
        opened = open_input(source)
        with nullcontext() if source.uri == STDIN else closing(opened):  # type: ignore[type-var]
            yield from _read(source, opened, settings)
    except BombError as error:
        yield failed(clean(source.uri), "too_large", str(error))
    except StoreReadError as error:
        raise not_given(source, error) from None
    except (OSError, EOFError, pa.ArrowException) as error:
        # What the system refuses it may give tomorrow; what a file holds stays broken, and has no number.
        number = error.errno if isinstance(error, OSError) else None
        yield failed(clean(source.uri), "unreadable", clean(f"{type(error).__name__}: {error}"), measured=number)


def _read(source: Input, opened: Readable, settings: Settings) -> Iterator[RawDocument | Problem]:
    if source.kind == "parquet":
        yield from parquet.read_parquet(source, opened, settings)
        return
    stream = Stream(opened, settings)
    # A name with no suffix says nothing; one with a suffix that we do not know says: probably no article.
    plain_text = source.named or "." not in source.name
    kind = source.kind or kind_of_content(stream.peek(LOOK_AHEAD), plain_text=plain_text)
    if kind == "json_lines":
        yield from json_lines.read(source, stream.as_utf_8(), settings)
    elif kind == "warc":
        yield from warc.read(source, stream, settings)
    elif kind == "csv":
        yield from csv_rows.read_csv(source, stream.as_utf_8(), settings)
    elif kind == "parquet":
        opened = open_input(source)
        with closing(opened):  # type: ignore[type-var]
            yield from parquet.read_parquet(source, opened, settings)
    elif kind is None:
        array = ARRAY.match(stream.peek(LOOK_AHEAD))
        yield skipped(clean(source.uri), "unknown_kind", JSON_ARRAY if array else UNKNOWN)
    else:
        yield from read_file(source, stream, kind, settings)


def refused(ledger: pa.Table) -> set[str]:
    """The files among these rows that the system did not give, so that another run is to try again."""
    not_read = pc.and_(pc.equal(ledger["reason"], "unreadable"), pc.is_valid(ledger["measured"]))
    return set(ledger["source_uri"].filter(not_read).to_pylist())


def read_file(source: Input, stream: Stream, kind: Kind, settings: Settings) -> Iterator[RawDocument | Problem]:
    """The one document of a text or HTML file."""
    uri = clean(source.uri)
    raw = stream.read_up_to(settings.max_document_bytes + 1)
    if len(raw) > settings.max_document_bytes:
        yield too_large(uri, len(raw), settings.max_document_bytes)
    elif not raw.strip():
        yield failed(uri, "no_text", "the file is empty")
    else:
        facts = Facts(url=uri if source.is_web else None)
        yield raw_document(source, settings, Content(kind, raw, None), uri, facts)


def batches(
    inputs: Sequence[Input],
    settings: Settings,
    max_documents: int = 256,
    max_bytes: int = 32_000_000,
    window: Window | None = None,
) -> Iterator[Outcome]:
    """Documents and ledger rows of all inputs, in their order, in tables of at most `max_documents` rows.

    A table is handed out once it holds `max_bytes` of content; so it holds at most one document more than that.
    """
    found: list[RawDocument] = []
    problems: list[Problem] = []
    size = 0
    window = window or Window()
    for each in (window.look_at(each) for source in inputs for each in documents(source, settings)):
        if isinstance(each, RawDocument):
            found.append(each)
            size += len(each.raw)
        else:
            problems.append(each)
            size += PROBLEM_BYTES
        if len(found) >= max_documents or size >= max_bytes:
            yield outcome(found, problems)
            found, problems, size = [], [], 0
    if found or problems:
        yield outcome(found, problems)
