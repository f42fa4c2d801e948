"""Text and HTML files: an article each, or many in a form that shows where each begins."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from pipeline.sources.addresses import Input
from pipeline.sources.documents import Facts, Problem, RawDocument, failed, skipped, too_large
from pipeline.sources.fields import rank_of
from pipeline.sources.records import (
    FETCH,
    Content,
    Record,
    Records,
    documents_of_records,
    raw_document,
    reading_note,
)
from pipeline.sources.settings import Fields, Settings
from pipeline.sources.streams import Stream
from pipeline.sources.texts import html_exports, html_tables
from pipeline.sources.texts.evidence import are_addresses, are_words
from pipeline.sources.texts.forms import ASK, Form, doubt_of, form_of
from pipeline.sources.texts.front_matters import front_matters_in_markdown
from pipeline.sources.texts.header import MAX_LINES, ROLES, front_matter, header_of, role_of
from pipeline.sources.texts.headings import articles_under_headings, form_at, repeated_level
from pipeline.sources.texts.lines import HEAD_BYTES, Head, TextLine, head_of, head_of_bytes, lines_of, lines_of_text
from pipeline.sources.texts.link_lists import is_link_list
from pipeline.sources.texts.lists import ListForm, table_in
from pipeline.sources.texts.markdown import text_of_markdown, title_and_rest
from pipeline.sources.texts.subtitles import is_subtitles, spoken_text
from pipeline.sources.values import clean

Found = Iterator[RawDocument | Problem]


def read_html(source: Input, stream: Stream, settings: Settings) -> Found:
    """Read an HTML file: one page, or the articles of an export or a table."""
    if not settings.one_document and is_link_list(stream.peek(HEAD_BYTES)):
        refuse = failed if source.named else skipped
        yield refuse(clean(source.uri), "no_text", f"a list of addresses; {FETCH}")
        return
    for is_so, told, records in _MANY_IN_HTML:
        if not settings.one_document and is_so(stream.peek(HEAD_BYTES)):
            yield reading_note(source, "form", f"reading {told}; [sources] one_document = true reads it as one")
            raw = stream.read_up_to(settings.max_row_bytes + 1)
            if len(raw) > settings.max_row_bytes:
                yield too_large(clean(source.uri), len(raw), settings.max_row_bytes)
            else:
                yield from read_records(source, records(clean(source.uri), raw), settings)
            return
    raw = stream.read_up_to(settings.max_document_bytes + 1)
    yield from _one(source, raw, "html", settings)


_MANY_IN_HTML = (
    (html_exports.is_export, "an export of a news database, an article each", html_exports.records_of),
    (html_exports.is_telegram, "messages of Telegram, a document each", html_exports.messages_of),
    (html_tables.is_table, "the rows of a table, an article each", html_tables.rows_of),
)


def read_lines(source: Input, stream: Stream, settings: Settings) -> Found:
    """Read a file whose lines are articles, because the settings say so."""
    head = head_of(stream)
    form = ListForm("", ("text",), False, "one article a line")
    yield from read_form(source, form, lines_of(stream, head.codec, settings.max_document_bytes), settings)


#: Forms of many articles that are told in Markdown.
IN_MARKDOWN: tuple[Callable[[Head], Form | None], ...] = (
    front_matters_in_markdown,
    table_in,
    articles_under_headings,
)


def read_headings(source: Input, stream: Stream, settings: Settings) -> Found:
    """Read a file with an article under each heading, because the settings say so."""
    head = head_of(stream)
    form = form_at(head, repeated_level(head))
    yield from read_form(source, form, lines_of(stream, head.codec, settings.max_document_bytes), settings)


def read_markdown(source: Input, stream: Stream, settings: Settings) -> Found:
    """Read a Markdown file: its front matter as fields, its first heading as the title, its text without marks."""
    raw = stream.read_up_to(settings.max_document_bytes + 1)
    if len(raw) > settings.max_document_bytes or not raw.strip():
        yield from _one(source, raw, "text", settings)
        return
    head = head_of_bytes(raw)
    if not settings.one_document and (form := form_of(head, IN_MARKDOWN)):
        yield from read_form(source, form, lines_of_text(head.text), settings)
        return
    if not settings.one_document and (doubt := doubt_of(head)):
        yield failed(clean(source.uri), "several_documents", ASK.format(doubt))
        return
    values, text = front_matter(head.text) or _header(head) or ({}, head.text)
    title, rest = title_and_rest(text)
    if title and not any(key.casefold() in ("title", "headline") for key in values):
        below = None if values else _below_heading(title, rest)
        values, text = below or ({**values, "title": title}, rest)
    yield from _one_record(source, {**_day_in_name(source), **values, "text": text_of_markdown(text)}, settings)


def _below_heading(title: str, rest: str) -> tuple[dict[str, Any], str] | None:
    """Return the fields and the text of what begins with a header below its heading, as Notion exports pages.

    Names and a headline are not enough: a dialogue has them as well.
    """
    found = _header(Head(f"title: {title}\n{rest.lstrip()}", "utf-8", is_whole=True))
    return found if found and not {"published", "url"}.isdisjoint(found[0]) else None


def _day_in_name(source: Input) -> dict[str, str]:
    """Return the day that the name of a post begins with, as Jekyll has it, for a post that does not say its own."""
    day = _POST.match(clean(source.name).rpartition("/")[2])
    return {"day": day[1]} if day else {}


_POST = re.compile(r"(\d{4}-\d{2}-\d{2})-[^/\s]+\.\w+$")


def read_text(source: Input, stream: Stream, settings: Settings) -> Found:
    """Read a text file: one article, with or without a header, or many in a form that is known."""
    head = head_of(stream)
    if not settings.one_document and (form := form_of(head)):
        yield from read_form(source, form, lines_of(stream, head.codec, settings.max_document_bytes), settings)
        return
    if not settings.one_document and (why := _no_article(head, source)):
        yield failed(clean(source.uri), "no_text", why) if source.named else skipped(clean(source.uri), "no_text", why)
        return
    raw = stream.read_up_to(settings.max_document_bytes + 1)
    if is_subtitles(head.lines) and len(raw) <= settings.max_document_bytes:
        yield reading_note(source, "form", "reading subtitles as one text, without their times")
        yield from _one_record(source, {"text": spoken_text(head_of_bytes(raw).lines)}, settings)
    elif not settings.one_document and (doubt := _doubt(head, len(raw))):
        yield failed(clean(source.uri), "several_documents", ASK.format(doubt))
    elif len(raw) <= settings.max_document_bytes and (found := _with_fields(head, raw)):
        values, text = found
        yield from _one_record(source, {**values, "text": text}, settings)
    else:
        yield from _one(source, raw, "text", settings)


def _no_article(head: Head, source: Input) -> str:
    """Say what a list is that holds no article; empty for a text. A list of words that somebody names is read."""
    if are_addresses(head.filled):
        return f"a list of addresses; {FETCH}"
    return "a list of words, no article" if not source.named and are_words(head.filled) else ""


def read_extracted(source: Input, text: str, values: dict[str, Any], settings: Settings) -> Found:
    """Read the text of an office document or a PDF: one article, or an export of many."""
    head = Head(text, "utf-8", is_whole=True)
    if not settings.one_document and (form := form_of(head)):
        yield from read_form(source, form, lines_of_text(text), settings)
    else:
        yield from _one_record(source, {**values, "text": text}, settings)


def read_form(source: Input, form: Form, lines: Iterator[TextLine], settings: Settings) -> Found:
    """Read the articles of a text in a form that is known."""
    yield reading_note(source, "form", f"reading {form.told}")
    yield from read_records(source, form.records(clean(source.uri), lines, settings), settings)


def read_records(source: Input, records: Iterator[Record | Problem], settings: Settings) -> Found:
    """Read records whose columns we have named ourselves: names that are set for a user's records do not count."""
    own = replace(settings, fields=Fields())
    yield from documents_of_records(source, own, Records(lambda _columns: records, again=False))


def _one_record(source: Input, values: dict[str, Any], settings: Settings) -> Found:
    own = replace(settings, fields=replace(settings.fields, text="text", html=None))
    values = {**values, **named_fields(values)}
    record = Record(clean(source.uri), {"url": clean(source.uri), **values} if source.is_web else values)
    yield from documents_of_records(source, own, Records(lambda _columns: iter([record])))


def named_fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of the fields by our names for them: a line about them for every file would be too much.

    >>> named_fields({"Datum": "25.12.2016", "layout": "post"})
    {'published': '25.12.2016'}
    """
    found: dict[str, tuple[int, Any]] = {}
    for name, value in values.items():
        role = role_of(name, value) if isinstance(value, str) else _role_by_name(name)
        rank = rank_of(name, role) if role else None
        if role and rank is not None and rank < found.get(role, (rank + 1, None))[0]:
            found[role] = (rank, value)
    return {role: value for role, (_, value) in found.items()}


def _role_by_name(name: str) -> str | None:
    ranks = {role: rank for role in ROLES if (rank := rank_of(name, role)) is not None}
    return min(ranks, key=lambda role: ranks[role], default=None)


def _doubt(head: Head, size: int) -> str:
    if size > TOO_LONG and not head.is_whole:
        return f"a text of {size:,} bytes and more"
    return doubt_of(head)


#: Bytes of a text that is no article any more, but a book or a collection. The longest article known has 27,579.
TOO_LONG = 2_000_000


def _with_fields(head: Head, raw: bytes) -> tuple[dict[str, Any], str] | None:
    """Return the fields and the text of a file that has front matter or a header; None if it has neither."""
    has_points = POINT in head.text
    if not has_points and not front_matter(head.text) and not header_of(head.lines[: 2 * MAX_LINES]):
        return None
    whole = head if head.is_whole else head_of_bytes(raw)
    found = front_matter(whole.text)
    if has_points and not found:
        return _points(whole.text)
    return (dict(found[0]), found[1]) if found else _header(whole)


#: The mark before each point of a summary, as the CNN/DailyMail corpus writes them behind the text.
POINT = "\n@highlight\n"


def _points(text: str) -> tuple[dict[str, Any], str]:
    """Return the points of a summary as the standfirst, and the text in front of them."""
    body, *points = text.split(POINT)
    return {"deck": ". ".join(filter(None, map(str.strip, points)))}, body.strip()


def _header(head: Head) -> tuple[dict[str, Any], str] | None:
    header = header_of(head.lines[: 2 * MAX_LINES])
    if header is None:
        return None
    kept = itertools.chain(header.kept, [""] if header.kept else [], head.lines[header.size :])
    return header.values, "\n".join(kept).strip("\n")


def _one(source: Input, raw: bytes, kind: str, settings: Settings) -> Found:
    uri = clean(source.uri)
    if len(raw) > settings.max_document_bytes:
        yield too_large(uri, len(raw), settings.max_document_bytes)
    elif not raw.strip():
        yield skipped(uri, "empty", "the file is empty")
    else:
        facts = Facts(url=uri if source.is_web else None)
        yield raw_document(source, settings, Content(kind, raw, None), uri, facts)
