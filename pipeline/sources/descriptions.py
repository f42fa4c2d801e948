"""Descriptions: what a table says of a file beside it, such as its title, its day and its outlet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pipeline.sources.addresses import Input
from pipeline.sources.documents import Description, Problem, RawDocument, completed
from pipeline.sources.outlets import registered_domain
from pipeline.sources.records import Content, raw_document, reading_note
from pipeline.sources.settings import Settings


def with_description(
    source: Input, settings: Settings, reading: Iterator[RawDocument | Problem], described: Description
) -> Iterator[RawDocument | Problem]:
    """Add a description to the one document of a file. Of a file that holds several it cannot say which it means."""
    head: list[RawDocument | Problem] = []
    documents: list[RawDocument] = []
    for each in reading:
        head.append(each)
        documents += [each] if isinstance(each, RawDocument) else []
        if len(documents) > 1:
            told = f"{described.table} has one row about this file, which holds several articles; the row is not used"
            yield reading_note(source, "files", told)
            yield from head
            yield from reading
            return
    if documents:
        before = documents[0]
        after = described_document(source, settings, before, described)
        yield from (replace(each, subject=after.subject) for each in described.problems)
        head = [_about(each, before, after) for each in head]
    yield from head


def _about(found: RawDocument | Problem, before: RawDocument, after: RawDocument) -> RawDocument | Problem:
    """Put a document in the place of another one, and its subject in that of problems with it."""
    if isinstance(found, RawDocument):
        return after
    return replace(found, subject=after.subject) if found.subject == before.subject else found


def described_document(source: Input, settings: Settings, document: RawDocument, described: Description) -> RawDocument:
    """Return a document with what its row says, which goes before what the file says itself."""
    said = described.facts._replace(outlet=described.facts.outlet or registered_domain(described.facts.url))
    own = document.facts
    content = Content(document.kind, document.raw, document.charset)
    return raw_document(source, settings, content, document.source_uri, completed(said, own))
