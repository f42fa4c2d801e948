"""Descriptions: what a table says of a file beside it, such as its title, its day and its outlet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from pipeline.sources.addresses import Input
from pipeline.sources.documents import Description, Problem, RawDocument, completed
from pipeline.sources.outlets import registered_domain
from pipeline.sources.records import Content, raw_document, reading_note
from pipeline.sources.settings import Settings
from pipeline.sources.values import clean


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
        yield from replaced_values(source, before, after)
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


def replaced_values(source: Input, before: RawDocument, after: RawDocument) -> Iterator[Problem]:
    """Yield a ledger row for each value of a file in whose place its table has another one.

    The name of its folder or of itself is no value: it stands in for an outlet that nobody names.
    """
    stand_in = clean(source.outlet or source.folder)
    for name, own in before.facts._asdict().items():
        new = getattr(after, name)
        if own and own != new and not (name == "outlet" and own == stand_in):
            yield Problem(after.subject, "edited", "described", name, _in_words(own), _in_words(new))


def _in_words(value: str | datetime | tuple[str, ...]) -> str:
    """Write a value for the ledger.

    >>> _in_words(("Ana Lind", "Per Aas")), _in_words("Holm Post"), _in_words(datetime(2031, 1, 4))
    ('Ana Lind; Per Aas', 'Holm Post', '2031-01-04T00:00:00')
    """
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, str) else "; ".join(value)
