"""Strings of a program as sources: one text or page, that is in no file."""

from __future__ import annotations

from pipeline.sources.addresses import Input
from pipeline.sources.documents import Facts, Problem, RawDocument, outcome, skipped, too_large
from pipeline.sources.kinds import LOOK_AHEAD, kind_of_content
from pipeline.sources.records import Content, content_as, encoded, raw_document
from pipeline.sources.settings import Settings
from pipeline.sources.surrogates import in_percent
from pipeline.sources.values import as_field, is_nothing
from stages.contract import Outcome

#: The outlet of a string of which nobody says whose it is.
UNKNOWN_OUTLET = "unknown"
_SOURCE = Input(f"string://{UNKNOWN_OUTLET}", None)


def batch_of_string(
    text: str | bytes,
    settings: Settings,
    *,
    outlet: str | None = None,
    url: str | None = None,
    html: bool | None = None,
) -> Outcome:
    """Read one string as a batch: its document, or the ledger row that says why it is none.

    `html` tells if it is a page; None: its content does, as in a run.
    """
    found = _read(text, settings, Facts(url=as_field(in_percent(url or "")), outlet=as_field(outlet)), html)
    return outcome([found], []) if isinstance(found, RawDocument) else outcome([], [found])


def _read(text: str | bytes, settings: Settings, facts: Facts, html: bool | None) -> RawDocument | Problem:
    if is_nothing(text):
        return skipped(_SOURCE.uri, "empty", "there is no text in it")
    content = _content_of(text, html)
    if len(content.raw) > settings.max_document_bytes:
        return too_large(_SOURCE.uri, len(content.raw), settings.max_document_bytes)
    return raw_document(_SOURCE, settings, content, _SOURCE.uri, facts)


def _content_of(text: str | bytes, html: bool | None) -> Content:
    """Return the content of a string as a page, as a text, or as what it shows to be.

    >>> [_content_of(text, None).kind for text in ("<!doctype html><p>Late.", b"<html><p>Late.", "The ferry is late.")]
    ['html', 'html', 'text']
    >>> _content_of("<p>The ferry</p><p>is late.</p>", None).raw, _content_of("<p>The ferry</p>", False).raw
    (b'The ferry\\n\\nis late.', b'<p>The ferry</p>')
    """
    if isinstance(text, bytes):
        is_page = kind_of_content(text[:LOOK_AHEAD]) == "html" if html is None else html
        return Content("html" if is_page else "text", text, None)
    if html is None:
        return content_as("text", text)
    return encoded("html" if html else "text", text)
