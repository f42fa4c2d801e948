"""Rows of the published tables as frozen values, for callers who would rather have objects than columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, TypeVar

import pyarrow as pa

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Document:
    """A cleaned article: a row of `documents`; docs/reference/tables.md explains each column. Times are in UTC."""

    doc_id: str
    source_id: str | None
    source_uri: str
    outlet: str
    url: str | None
    title: str | None
    deck: str | None
    authors: tuple[str, ...]
    published: datetime | None
    updated: datetime | None
    dateline: str | None
    wire: tuple[str, ...]
    language: str | None
    language_confidence: float | None
    text: str
    canonical_text: str
    n_words: int
    duplicate_share: float
    duplicate_of: str | None
    revision_of: str | None
    superseded_by: str | None
    page_kind: str | None
    raw_sha256: str
    segmented_sha256: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of a cleaned article: a row of `paragraphs`."""

    doc_id: str
    paragraph: int
    text: str
    n_words: int
    is_canonical: bool
    duplicate_share: float
    duplicate_of_doc: str | None
    duplicate_of_paragraph: int | None
    origin: str


@dataclass(frozen=True, slots=True)
class Passage:
    """An occurrence of a copied passage: a row of `passages`. `start` and `end` are code points of its paragraph."""

    cluster_id: str
    doc_id: str
    paragraph: int
    start: int
    end: int
    is_canonical: bool
    similarity: float
    numbers_differ: bool
    contradicts: bool
    late: bool
    revision: bool
    outlet: str
    published: datetime | None


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One thing that was done to a text: a row of `ledger`.

    `start` and `end` are code points of the text that `stage` was handed.
    """

    doc_id: str | None
    source_id: str | None
    source_uri: str
    stage: str
    action: str
    reason: str
    rule: str | None = None
    paragraph: int | None = None
    start: int | None = None
    end: int | None = None
    before: str | None = None
    after: str | None = None
    measured: float | None = None
    limit: float | None = None
    canonical_doc: str | None = None
    canonical_paragraph: int | None = None
    cluster_id: str | None = None

    def __str__(self) -> str:
        """Say in a line what was done; the white space around what was cut is left out.

        >>> print(LedgerRow(None, None, "a.txt", "noise", "cut", "social", rule="en.share", before="\\n\\nShare"))
        noise cut: social (en.share) 'Share'
        >>> print(LedgerRow(None, None, "a.txt", "repair", "edited", "entities", before="&amp;", after="&"))
        repair edited: entities '&amp;' → '&'
        """
        rule = f" ({self.rule})" if self.rule else ""
        return f"{self.stage} {self.action}: {self.reason.replace('_', ' ')}{rule}{self._change()}"

    def _change(self) -> str:
        if self.before is None:
            return ""
        if self.action == "edited":
            return f" {self.before!r} → {self.after or ''!r}"
        return f" {self.before.strip()!r}"


def rows_of(kind: type[Row], batches: Iterable[pa.RecordBatch]) -> Iterator[Row]:
    """Yield each row of some batches as a value of `kind`, whose fields are columns. Lists become tuples."""
    names = [each.name for each in fields(kind)]  # type: ignore[arg-type]
    for batch in batches:
        columns = [_values(batch.column(name)) for name in names]
        yield from (kind(*row) for row in zip(*columns, strict=True))


def _values(column: pa.Array) -> list[Any]:
    values: list[Any] = column.to_pylist()
    return [tuple(value or ()) for value in values] if pa.types.is_list(column.type) else values
