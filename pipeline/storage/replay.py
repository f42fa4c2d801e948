"""Replay of the ledger: from a cleaned text back to the text each stage was handed (the conservation law)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from stages.catalog import TEXT_STAGES
from stages.ledger import undo_edits
from stages.segment import digest

_CHANGE = ("start", "end", "before", "after")


class Change(NamedTuple):
    """One replayable ledger row: a span of the text handed to `stage`, and its replacement."""

    stage: str
    start: int
    end: int
    before: str
    after: str


def changes_by_document(ledger: pa.Table) -> dict[str, list[Change]]:
    """Group the replayable rows of a ledger by document, in the order of the text."""
    replayable = pc.and_(pc.is_in(ledger["stage"], pa.array(TEXT_STAGES)), pc.is_valid(ledger["start"]))
    rows = ledger.filter(replayable).sort_by([("doc_id", "ascending"), ("start", "ascending"), ("end", "ascending")])
    columns = [rows[name].to_pylist() for name in ("doc_id", "stage", *_CHANGE)]
    found: dict[str, list[Change]] = defaultdict(list)
    for doc_id, stage, start, end, before, after in zip(*columns, strict=True):
        found[doc_id].append(Change(stage, start, end, before, after or ""))
    return found


def text_before(text: str, changes: Iterable[Change], stage: str) -> str:
    """Return the text that `stage` was handed, from the cleaned text and all changes of the document.

    Raises ValueError if the changes do not fit the text.
    """
    changes = list(changes)
    for undone in TEXT_STAGES[: TEXT_STAGES.index(stage) + 1]:
        text = undo_edits(text, [(c.start, c.end, c.before, c.after) for c in changes if c.stage == undone])
    return text


def broken_law(documents: Iterable[dict[str, Any]], changes: dict[str, list[Change]]) -> list[str]:
    """Describe each document whose ledger does not lead back to the text that segmentation was handed."""
    wrong = []
    for row in documents:
        try:
            restored = text_before(row["text"], changes.get(row["doc_id"], ()), "segment")
        except ValueError as error:
            wrong.append(f"document {row['doc_id']}: {error}")
            continue
        if digest(restored) != row["segmented_sha256"]:
            wrong.append(f"document {row['doc_id']}: the ledger leads back to another text than segmentation saw")
    return wrong
