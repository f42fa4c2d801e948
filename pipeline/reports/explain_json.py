"""An explanation as values that `json_line` writes: the shape that docs/how-to/explain.md describes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pipeline.reports.explain import ExplainedParagraph, Explanation
from pipeline.reports.explain_copies import CopiedPassage
from pipeline.reports.explain_words import Row, happened, moved_to
from pipeline.reports.matches import FoundDocument, LookupResult

#: Columns of a ledger row that a span or a change carries.
LEDGER_COLUMNS = ("stage", "action", "reason", "rule", "measured", "limit")
#: Columns of the document that are left out: they are the text itself.
TEXTS = ("text", "canonical_text")


def as_json(explanation: Explanation) -> dict[str, Any]:
    """Return an explanation as values that `json_line` writes."""
    document = explanation.document
    kept = None if document is None else {name: document[name] for name in document if name not in TEXTS}
    return {
        "doc_id": explanation.doc_id,
        "run": explanation.run,
        "document": kept,
        "paragraphs": [_paragraph(each, explanation) for each in explanation.paragraphs()],
        "other_changes": _other_changes(explanation.ledger),
    }


def matches_as_json(found: LookupResult) -> dict[str, Any]:
    """Return the documents that a query fits, where there are several."""
    return {
        "query": found.query,
        "total": found.total,
        "matches": [_found(each) for each in found.documents],
    }


def _found(document: FoundDocument) -> dict[str, Any]:
    names = ("doc_id", "run", "outlet", "published", "title", "url", "source_uri")
    return {name: getattr(document, name) for name in names}


def _paragraph(paragraph: ExplainedParagraph, explanation: Explanation) -> dict[str, Any]:
    spans = [
        {"start": span.start, "end": span.end}
        | {name: span.row[name] for name in LEDGER_COLUMNS}
        | {
            "moved_to": list(moved_to(span.row, explanation.document)),
            "in_words": happened(span.row, explanation.document, explanation.strengths),
        }
        for span in paragraph.spans
    ]
    copies = [_copy(each) for each in paragraph.copies]
    return {
        "number": paragraph.number,
        "text": paragraph.text,
        "spans": spans,
        "copies": copies,
    }


def _copy(copy: CopiedPassage) -> dict[str, Any]:
    return {
        "cluster_id": copy.cluster_id,
        "start": copy.start,
        "end": copy.end,
        "text": copy.text,
        "is_canonical": copy.is_canonical,
        "similarity": round(copy.similarity, 4),
        "notes": list(copy.notes),
        "elsewhere": [{name: getattr(each, name) for name in each.__slots__} for each in copy.places],
        "elsewhere_total": copy.total,
        "differences": [{"here": each.here, "first": each.there} for each in copy.differences],
    }


def _other_changes(ledger: Iterable[Row]) -> list[Row]:
    """Return the ledger rows of other stages, and those of noise that are about no span."""
    names = (*LEDGER_COLUMNS, "before", "after", "canonical_doc")
    return [{name: row[name] for name in names} for row in ledger if row["stage"] != "noise" or row["start"] is None]
