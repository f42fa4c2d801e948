"""Raw documents and problems that sources yield, and the tables made of them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import pyarrow as pa

from stages.contract import RAW_DOCUMENT, Outcome
from stages.ledger import Action, LedgerRows, Subject

#: Reasons of ledger rows about inputs and records; docs/reference/tables.md explains each.
REASONS = (
    "unreadable",  # the input, or a part of it, cannot be read (I/O error, broken compression or container)
    "malformed",  # one record of the input does not parse
    "bad_field",  # a field has a value of the wrong kind (a date that is no date)
    "tracking",  # the address without parameters that tell where a reader came from
    "wrapped_address",  # the address within that of an archive, or of a link that leads on
    "outlet_in_title",  # the title without the name of the outlet at its end
    "described",  # a value of the file, in whose place the table beside it has another one
    "no_text",  # the record has neither text nor page
    "page",  # a page where only copies are looked for, in texts that are clean
    "empty",  # the record's text, or the file, is empty
    "several_documents",  # a file that would be one document seems to hold many articles
    "read_as",  # how an input was read: which column holds what, and what could not be found out
    "too_large",  # the record is larger than the limit
    "cut_short",  # a page of a web archive breaks off, or a service gave the beginning of a text; it is kept
    "not_a_page",  # a WARC record that is no page (request, metadata, image, redirect, error page)
    "unknown_kind",  # neither the suffix nor the content of a file tells its kind
    "future_date",  # the document says that it was published after the run; the date is kept
    "outside_window",  # the document's time lies outside --since and --until
    "same_document",  # the same document was already read in this run
    "already_published",  # an earlier run published this document
    "forgotten",  # `clean forget` removed this article, and later runs leave it out
)


class Facts(NamedTuple):
    """Metadata that a source gives besides the content."""

    source_id: str | None = None
    url: str | None = None
    outlet: str | None = None
    title: str | None = None
    deck: str | None = None
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    crawled: datetime | None = None
    dateline: str | None = None
    wire: tuple[str, ...] = ()


def completed(facts: Facts, others: Facts) -> Facts:
    """Return facts with those of others in the place of the ones that are missing."""
    return facts._replace(**{name: getattr(others, name) for name, own in facts._asdict().items() if not own})


@dataclass(frozen=True, slots=True)
class RawDocument:
    """One row of RAW_DOCUMENT."""

    doc_id: str
    source_id: str | None
    source_uri: str
    outlet: str
    url: str | None
    title: str | None
    deck: str | None
    authors: tuple[str, ...]
    published: datetime | None
    crawled: datetime | None
    dateline: str | None
    wire: tuple[str, ...]
    kind: str
    charset: str | None
    raw: bytes
    raw_sha256: str

    @property
    def subject(self) -> Subject:
        """The subject of ledger rows about this document."""
        return Subject(self.doc_id, self.source_id, self.source_uri)

    @property
    def facts(self) -> Facts:
        """The metadata of the document."""
        return Facts(**{name: getattr(self, name) for name in Facts._fields})


@dataclass(frozen=True, slots=True)
class Problem:
    """One ledger row of stage "source": an input that was not read, or a value that could not be used."""

    subject: Subject
    action: Action
    reason: str
    rule: str | None = None
    before: str | None = None
    after: str | None = None
    measured: float | None = None
    limit: float | None = None


class Description(NamedTuple):
    """A row about a file: the address of its table, what it says, and what was wrong with that."""

    table: str
    facts: Facts
    problems: tuple[Problem, ...] = ()

    def beside(self, other: Description) -> Description:
        """Return this description with what only another one says.

        >>> day, title = Facts(dateline="Holm"), Facts(dateline="Vale", title="Ferry late")
        >>> Description("a.csv", day).beside(Description("b.csv", title)).facts._asdict()["title"]
        'Ferry late'
        """
        return self._replace(facts=completed(self.facts, other.facts), problems=self.problems + other.problems)


def failed(
    uri: str,
    reason: str,
    why: str | None = None,
    *,
    before: str | None = None,
    source_id: str | None = None,
    measured: float | None = None,
) -> Problem:
    """Build the problem of an input, or a part of one, that could not be read; `why` is for a person."""
    return Problem(Subject(None, source_id, uri), "failed", reason, before=before, after=why, measured=measured)


def too_large(uri: str, measured: float, limit: float, source_id: str | None = None) -> Problem:
    """Build the problem of a document, or a row, larger than the settings allow."""
    return Problem(Subject(None, source_id, uri), "failed", "too_large", measured=measured, limit=limit)


def skipped(uri: str, reason: str, why: str, source_id: str | None = None) -> Problem:
    """Build the problem of a part of an input that is no document and need not be one."""
    return Problem(Subject(None, source_id, uri), "skipped", reason, after=why)


def document_id(outlet: str, place: str, raw: bytes) -> str:
    """Compute a document's id, the same on every machine. `place` is its URL, or its file name and source id.

    >>> document_id("The Harbour Post", "https://harbourpost.example/ferry", b"The ferry is late.")
    '4b80da6f49f996e63219553833cdeab0'
    """
    parts = (outlet.encode(), place.encode(), raw)
    outlet_size, place_size, size = (len(part).to_bytes(8, "big") for part in parts)
    # Lengths keep ("ab", "c") and ("a", "bc") apart.
    digest = hashlib.sha256(b"".join((outlet_size, parts[0], place_size, parts[1], size)))
    digest.update(raw)
    return digest.hexdigest()[:32]


def outcome(documents: Sequence[RawDocument], problems: Sequence[Problem]) -> Outcome:
    """Build the tables of documents and ledger rows."""
    columns = [pa.array([getattr(d, f.name) for d in documents], type=f.type) for f in RAW_DOCUMENT]
    rows = LedgerRows("source", REASONS)
    for p in problems:
        columns_of = {name: getattr(p, name) for name in ("rule", "before", "after", "measured", "limit")}
        rows.add(p.subject, p.action, p.reason, **columns_of)
    return Outcome(pa.Table.from_arrays(columns, schema=RAW_DOCUMENT), rows.table())
