"""Sampled cuts in their context: the document, the words around, and the evidence of the ledger."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.reports.diff.counts import Comparison, CutChange, Cutting
from pipeline.reports.diff.sides import Side
from pipeline.storage.replay import changes_by_document, text_before
from pipeline.storage.tables import dataset
from stages.catalog import TEXT_STAGES
from stages.contract import PARAGRAPH_BREAK

#: Words of the text that are shown before and after a cut.
WORDS_AROUND = 12
#: Characters that so many words take at most; a longer stretch is cut off.
MAX_AROUND = 160
Row = dict[str, Any]


class ShownCut(NamedTuple):
    """A sampled cut with what stands around it, on the side that makes it (on the new one if both do)."""

    change: CutChange
    doc_id: str
    title: str | None
    published: datetime | None
    before: str
    after: str
    old_row: Row | None  # of the ledger
    new_row: Row | None


class _Source(NamedTuple):
    """A document of one side: its row, and its ledger."""

    document: Row
    ledger: list[Row]
    changes: list[Any]


def shown_cuts(found: Comparison, changes: Iterable[CutChange]) -> list[ShownCut]:
    """Add the context to sampled cuts. Reads the tables of both sides once, and holds the sampled documents only."""
    changes = list(changes)
    old_ids = {change.key for change in changes if change.old}
    new_ids = {found.new_ids.get(change.key, change.key) for change in changes if change.new}
    old, new = _sources(found.old, old_ids), _sources(found.new, new_ids)
    shown = []
    for change in changes:
        new_id = found.new_ids.get(change.key, change.key)
        old_row = _row(old.get(change.key), change.old, change.text)
        new_row = _row(new.get(new_id), change.new, change.text)
        doc_id, source, row = (
            (new_id, new.get(new_id), new_row) if change.new else (change.key, old.get(change.key), old_row)
        )
        document = source.document if source else {}
        around = _around(source, row)
        shown.append(
            ShownCut(change, doc_id, document.get("title"), document.get("published"), *around, old_row, new_row)
        )
    return shown


def _sources(side: Side, ids: set[str]) -> dict[str, _Source]:
    """Read some documents of a side with their ledgers."""
    found: dict[str, _Source] = {}
    wanted = pc.is_in(pc.field("doc_id"), pa.array(sorted(ids), pa.string()))
    for run in side.runs if ids else ():
        columns = ["doc_id", "title", "published", "text"]
        rows = dataset(side.corpus.out, "documents", run).to_table(columns, filter=wanted).to_pylist()
        documents = {row["doc_id"]: row for row in rows}
        ledger = dataset(side.corpus.out, "ledger", run).to_table(filter=wanted)
        changes = changes_by_document(ledger)
        by_document: dict[str, list[Row]] = {}
        for row in ledger.to_pylist():
            by_document.setdefault(row["doc_id"], []).append(row)
        for doc_id, about in by_document.items():
            found.setdefault(doc_id, _Source(documents.get(doc_id, {}), about, changes.get(doc_id, [])))
    return found


def _row(source: _Source | None, made: Cutting | None, text: str) -> Row | None:
    """Return the row of the ledger that makes a cut of these words."""
    if source is None or made is None:
        return None
    rows = (row for row in source.ledger if (row["before"] or "").strip() == text)
    return next((row for row in rows if all(row[name] == value for name, value in made._asdict().items())), None)


def _around(source: _Source | None, row: Row | None) -> tuple[str, str]:
    """Return the words before and after a span, of the text that its stage was handed; none where it has no place."""
    if source is None or row is None or row["start"] is None or row["stage"] not in TEXT_STAGES:
        return "", ""
    try:
        text = text_before(source.document.get("text", ""), source.changes, row["stage"])
    except ValueError:  # a damaged ledger: `clean verify` says so
        return "", ""
    return last_words(text[: row["start"]]), first_words(text[row["end"] :])


def first_words(text: str) -> str:
    """Return the beginning of a text in one line, its paragraphs marked.

    >>> first_words("one\\n\\ntwo " + "x " * 20)
    'one ¶ two x x x x x x x x x …'
    """
    words = text[: 4 * MAX_AROUND].replace(PARAGRAPH_BREAK, " ¶ ").split()
    short = " ".join(words[:WORDS_AROUND])[:MAX_AROUND]
    return short + (" …" if len(words) > WORDS_AROUND or len(" ".join(words)) > len(short) else "")


def last_words(text: str) -> str:
    """Return the end of a text in one line, its paragraphs marked.

    >>> last_words("x " * 20 + "one\\n\\ntwo")
    '… x x x x x x x x x one ¶ two'
    """
    words = text[-4 * MAX_AROUND :].replace(PARAGRAPH_BREAK, " ¶ ").split()
    short = " ".join(words[-WORDS_AROUND:])[-MAX_AROUND:]
    return ("… " if len(words) > WORDS_AROUND or len(" ".join(words)) > len(short) else "") + short
