"""Text and HTML files: each is one document. `source_uri` of a document is the file."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.sources.addresses import Input
from pipeline.sources.documents import Problem, RawDocument, skipped, too_large
from pipeline.sources.records import Content, Facts, raw_document
from pipeline.sources.settings import Settings
from pipeline.sources.streams import Stream
from pipeline.sources.values import clean


def read_text(source: Input, stream: Stream, settings: Settings) -> Iterator[RawDocument | Problem]:
    """Read the one document of a text file."""
    return _read(source, stream, "text", settings)


def read_html(source: Input, stream: Stream, settings: Settings) -> Iterator[RawDocument | Problem]:
    """Read the one document of an HTML file."""
    return _read(source, stream, "html", settings)


def _read(source: Input, stream: Stream, kind: str, settings: Settings) -> Iterator[RawDocument | Problem]:
    uri = clean(source.uri)
    raw = stream.read_up_to(settings.max_document_bytes + 1)
    if len(raw) > settings.max_document_bytes:
        yield too_large(uri, len(raw), settings.max_document_bytes)
    elif not raw.strip():
        yield skipped(uri, "empty", "the file is empty")
    else:
        facts = Facts(url=uri if source.is_web else None)
        yield raw_document(source, settings, Content(kind, raw, None), uri, facts)
