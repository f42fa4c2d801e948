"""The ledger: one row for every change to a text, as edits that can be applied and undone.

Every stage that changes a text reports its changes as `Edit`s: spans of the stage's input text, in code points, sorted
and not overlapping. `apply_edits` and `undo_edits` are each other's inverse; that is the conservation law in two
functions.

>>> edits = [Edit(0, 7, ""), Edit(12, 13, "!")]
>>> apply_edits("Share: peace.", edits)
'peace!'
>>> undo_edits("peace!", [(e.start, e.end, "Share: peace."[e.start:e.end], e.after) for e in edits])
'Share: peace.'
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import pyarrow as pa

Action = Literal["cut", "moved", "edited", "marked", "skipped", "failed"]

#: The closed list of reasons that a ledger row can give, by stage. docs/tables.md explains each.
REASONS: dict[str, tuple[str, ...]] = {
    "source": (
        "unreadable",  # the input, or a part of it, cannot be read (I/O error, broken compression or container)
        "malformed",  # one record of the input does not parse
        "bad_field",  # a field has a value of the wrong kind (a date that is no date)
        "no_text",  # the record has neither text nor page
        "too_large",  # the record is larger than the limit
        "not_a_page",  # a WARC record that is no page (request, metadata, image, redirect, error page)
        "unknown_kind",  # neither the suffix nor the content of a file tells its kind
        "outside_window",  # the document's time lies outside --since and --until
        "same_document",  # the same document was already read in this run
        "already_published",  # an earlier run published this document
        "forgotten",  # `clean forget` removed this article, and later runs leave it out
    ),
    "decode": ("undecodable_bytes", "not_text"),
    "extract": (
        *("no_text", "too_large", "too_deep", "timed_out", "worker_died", "out_of_memory", "not_html"),
        "extractor_error",
        "fallback",
        *("consent_notice", "cut_short", "paywall", "several_articles"),
    ),
    "repair": ("mojibake", "entities", "control_characters", "line_breaks", "characters", "normalization"),
    "segment": ("white_space", "unwrapped", "no_text"),
    "noise": (
        *("title", "deck", "byline", "date", "dateline", "wire", "caption", "credit", "nav", "related", "social"),
        *("signup", "legal", "ad", "embed", "comment", "placeholder", "duplicate", "junk", "speaker", "template"),
        "no_text_left",
    ),
    "near_duplicates": ("near_duplicate", "duplicate_document"),
}

LEDGER = pa.schema(
    [
        pa.field("doc_id", pa.string()),  # null where an input could not even be read
        pa.field("source_id", pa.string()),
        pa.field("source_uri", pa.string(), nullable=False),
        pa.field("stage", pa.string(), nullable=False),
        pa.field("action", pa.string(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("rule", pa.string()),
        pa.field("paragraph", pa.int32()),
        pa.field("start", pa.int32()),
        pa.field("end", pa.int32()),
        pa.field("before", pa.large_string()),
        pa.field("after", pa.large_string()),
        pa.field("measured", pa.float64()),
        pa.field("limit", pa.float64()),
        pa.field("canonical_doc", pa.string()),
        pa.field("canonical_paragraph", pa.int32()),
        pa.field("cluster_id", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True)
class Edit:
    """One change to a text: replace the code points `start` to `end` by `after`.

    `paragraph` is the number of the paragraph that the span begins in, for texts that have paragraphs.
    """

    start: int
    end: int
    after: str = ""
    action: Action = "cut"
    reason: str = ""
    rule: str | None = None
    paragraph: int | None = None
    measured: float | None = None
    limit: float | None = None


class Subject(NamedTuple):
    """The document, or the input, that a ledger row is about."""

    doc_id: str | None
    source_id: str | None
    source_uri: str


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """Return `text` with every edit applied. Raise ValueError if they overlap, are not sorted or leave the text."""
    parts, at = [], 0
    for edit in edits:
        if not at <= edit.start <= edit.end <= len(text):
            raise ValueError(f"edit {edit.start}..{edit.end} overlaps another or leaves the text ({len(text)} long)")
        parts += [text[at : edit.start], edit.after]
        at = edit.end
    parts.append(text[at:])
    return "".join(parts)


def undo_edits(text: str, changes: Iterable[tuple[int, int, str, str]]) -> str:
    """Return the text before some changes: sorted (start, end, before, after), in code points of the text before.

    Raise ValueError if `text` does not have `after` where the changes put it.
    """
    parts, at, at_before = [], 0, 0  # positions in `text` and in the text before
    for start, end, before, after in changes:
        kept = start - at_before
        parts += [text[at : at + kept], before]
        if text[at + kept : at + kept + len(after)] != after:
            raise ValueError(f"the text does not hold {after!r} where the ledger says it does (at {at + kept})")
        at += kept + len(after)
        at_before = end
    parts.append(text[at:])
    return "".join(parts)


class LedgerRows:
    """Collects the ledger rows of one stage and makes one table of them."""

    def __init__(self, stage: str) -> None:
        self.stage = stage
        self.reasons = frozenset(REASONS[stage])
        self.rows: list[dict[str, Any]] = []

    def add(self, subject: Subject, action: Action, reason: str, **columns: Any) -> None:
        """Add a row; `columns` are further columns of LEDGER by name. Raise ValueError for an unlisted reason."""
        if reason not in self.reasons:
            raise ValueError(f"{reason!r} is no reason of stage {self.stage!r}")
        self.rows.append({**subject._asdict(), "stage": self.stage, "action": action, "reason": reason, **columns})

    def add_edits(self, subject: Subject, text: str, edits: Sequence[Edit]) -> None:
        """Add a row for every edit of `text`, with the words before and after."""
        for e in edits:
            self.add(
                subject, e.action, e.reason, rule=e.rule, paragraph=e.paragraph, start=e.start, end=e.end,
                before=text[e.start : e.end], after=e.after, measured=e.measured, limit=e.limit,
            )  # fmt: skip

    def table(self) -> pa.Table:
        """Return the rows as a table with the schema LEDGER."""
        columns = [pa.array([row.get(f.name) for row in self.rows], type=f.type) for f in LEDGER]
        return pa.Table.from_arrays(columns, schema=LEDGER)


def subjects(documents: pa.Table) -> list[Subject]:
    """Return the subject of every row of a table of documents, in its order."""
    columns = (documents[name].to_pylist() for name in Subject._fields)
    return [Subject(*row) for row in zip(*columns, strict=True)]
