"""Explanations: a document as noise received it, what was done to each paragraph, and where its copies stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pipeline import sources
from pipeline.cleaning import CleanedAlone, clean_alone
from pipeline.reports.explain_copies import CopiedPassage, copied_passages
from pipeline.reports.explain_words import Row, done_elsewhere
from pipeline.reports.rule_strengths import strengths_in, strengths_of
from pipeline.settings import Settings
from pipeline.storage.reader import Corpus
from pipeline.storage.replay import changes_by_document, text_before
from stages.contract import PARAGRAPH_BREAK

#: Columns shown above the text.
HEADER = (
    *("title", "deck", "authors", "published", "updated", "dateline", "wire", "outlet", "url", "language", "page_kind"),
    *("duplicate_of", "revision_of", "superseded_by", "source_uri"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ExplainedSpan:
    """A span of a paragraph that noise took, in code points of the paragraph, and its ledger row."""

    start: int
    end: int
    row: Row


@dataclass(frozen=True, slots=True)
class ExplainedParagraph:
    """A paragraph as noise received it. `number` is that in the cleaned text; None where all of it is gone."""

    number: int | None
    text: str
    spans: tuple[ExplainedSpan, ...]
    copies: tuple[CopiedPassage, ...]

    @property
    def changed(self) -> bool:
        """True if something was taken of it, or stands elsewhere."""
        return bool(self.spans or self.copies)

    def pieces(self) -> Iterator[tuple[str, Row | None]]:
        """Yield its text in pieces, each with the ledger row that took it (None: it was kept)."""
        at = 0
        for span in self.spans:
            if span.start > at:
                yield self.text[at : span.start], None
            if span.end > max(at, span.start):
                yield self.text[max(at, span.start) : span.end], span.row
            at = max(at, span.end)
        if at < len(self.text):
            yield self.text[at:], None


@dataclass(frozen=True)
class Explanation:
    """A document as the noise stage received it, and every ledger row about it."""

    doc_id: str | None  # None: an input that is not a document
    document: Row | None  # None: removed by a stage
    text: str  # input of the noise stage
    ledger: list[Row]
    passages: Mapping[int, tuple[CopiedPassage, ...]] = field(default_factory=dict)  # by paragraph of the cleaned text
    strengths: Mapping[str, str] = field(default_factory=dict)  # of the rules in use
    run: str | None = None  # None: cleaned by itself, just now

    @property
    def subject(self) -> str:
        """Name what is explained."""
        if self.doc_id:
            return f"document {self.doc_id}"
        row = self.ledger[0]
        return f"{'how it is read' if row['reason'] == 'read_as' else 'no document'}: {row['source_uri']}"

    def header(self) -> dict[str, str]:
        """Return the columns that are shown above the text, as words."""
        values = {name: (self.document or {}).get(name) for name in HEADER}
        return {name: _shown(value) for name, value in values.items() if value}

    def other_changes(self) -> list[str]:
        """Describe changes before the noise stage or to metadata."""
        return done_elsewhere(
            row
            for row in self.ledger
            if (row["stage"] != "noise" or row["start"] is None) and row["stage"] not in ("segment", "near_duplicates")
        )

    def taken(self) -> list[Row]:
        """List the ledger rows of spans that noise took, in the order of the text."""
        rows = (row for row in self.ledger if row["stage"] == "noise" and row["start"] is not None)
        return sorted(rows, key=lambda row: (row["start"], row["end"]))

    def paragraphs(self) -> Iterator[ExplainedParagraph]:
        """Yield the paragraphs with what was taken of each, and the copied passages in what was kept."""
        kept = 0
        for paragraph, spans in _with_spans(self.text, self.taken()):
            gone = any(span.start == 0 and span.end == len(paragraph) for span in spans)
            number = None if gone else kept
            yield ExplainedParagraph(number, paragraph, spans, () if gone else self.passages.get(kept, ()))
            kept += not gone


def _with_spans(text: str, rows: list[Row]) -> Iterator[tuple[str, tuple[ExplainedSpan, ...]]]:
    """Yield each paragraph with the spans of it that were taken, in one walk over the text and the ordered rows."""
    at = coming = 0
    here: list[Row] = []  # rows that reach into the paragraph
    for paragraph in text.split(PARAGRAPH_BREAK) if text else ():
        end = at + len(paragraph)
        while coming < len(rows) and rows[coming]["start"] < end:
            here.append(rows[coming])
            coming += 1
        here = [row for row in here if row["end"] > at]
        yield (
            paragraph,
            tuple(ExplainedSpan(max(0, row["start"] - at), min(len(paragraph), row["end"] - at), row) for row in here),
        )
        at = end + len(PARAGRAPH_BREAK)


def explain_document(corpus: Corpus, doc_id: str, settings: Settings | None = None) -> Explanation:
    """Explain a document of a corpus by its id, or the beginning of it. `settings` know how strong rules are."""
    run, whole = corpus.find(doc_id)
    documents = corpus.rows("documents", run, whole).to_pylist()
    ledger = corpus.rows("ledger", run, whole)
    changes = changes_by_document(ledger).get(whole, [])
    document = documents[0] if documents else None
    text = text_before(document["text"] if document else "", changes, "noise")
    passages = copied_passages(corpus, run, whole) if document else {}
    return Explanation(
        whole,
        document,
        text,
        ledger.to_pylist(),
        passages,
        strengths_of(corpus, [run], settings),
        run,
    )


def explain_file(path: str, settings: Settings) -> Iterator[Explanation]:
    """Explain each document of a file, cleaned by itself, batch by batch.

    Near-duplicates and templates that nobody accepted need a corpus, so they do not show here.
    """
    run, strengths = settings.run, strengths_in(settings)
    batches = sources.batches(
        sources.plan([path]), settings.sources, max_documents=run.batch_documents, max_bytes=run.batch_bytes
    )
    for batch in batches:
        yield from explanations_of(clean_alone(batch, settings), strengths)


def explanations_of(alone: CleanedAlone, strengths: Mapping[str, str] | None = None) -> Iterator[Explanation]:
    """Explain each document of a batch that was cleaned by itself, and each input that became none."""
    known = strengths_in(Settings()) if strengths is None else strengths
    texts = dict(zip(alone.prepared["doc_id"].to_pylist(), alone.prepared["text"].to_pylist(), strict=True))
    carried = {row["doc_id"]: row for row in alone.cleaned.to_pylist()}
    about: dict[str | None, list[Row]] = {doc_id: [] for doc_id in texts}
    for row in alone.ledger.to_pylist():
        about.setdefault(row["doc_id"] or None, []).append(row)
    nobody = about.pop(None, [])
    for doc_id, rows in about.items():
        yield Explanation(doc_id, carried.get(doc_id), texts.get(doc_id, ""), rows, strengths=known)
    for row in nobody:
        yield Explanation(None, None, "", [row], strengths=known)


def _shown(value: object) -> str:
    """Write a column's value for a person.

    >>> from datetime import UTC
    >>> _shown(["Ada Wren", "Ben Holm"]), _shown(datetime(2031, 3, 7, 19, 45, tzinfo=UTC))
    ('Ada Wren, Ben Holm', '2031-03-07 19:45 UTC')
    """
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    return ", ".join(value) if isinstance(value, list) else f"{value}"
