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

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import pyarrow as pa

Action = Literal["cut", "moved", "edited", "marked", "skipped", "failed"]

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

    def __init__(self, stage: str, reasons: Sequence[str]) -> None:
        """Collect rows of `stage`, whose closed list of reasons is `reasons`."""
        self.stage = stage
        self.reasons = frozenset(reasons)
        self.about: list[Subject] = []
        self.rows: list[dict[str, Any]] = []

    def add(self, subject: Subject, action: Action, reason: str, **columns: Any) -> None:
        """Add a row; `columns` are further columns of LEDGER by name. Raise ValueError for an unlisted reason."""
        self._refuse_unlisted(reason)
        self.about.append(subject)
        self.rows.append({"action": action, "reason": reason, **columns})

    def add_edits(self, subject: Subject, text: str, edits: Sequence[Edit]) -> None:
        """Add a row for every edit of `text`, with the words before and after."""
        for e in edits:
            self.add(
                subject, e.action, e.reason, rule=e.rule, paragraph=e.paragraph, start=e.start, end=e.end,
                before=text[e.start : e.end], after=e.after, measured=e.measured, limit=e.limit,
            )  # fmt: skip

    def table(self) -> pa.Table:
        """Return the rows as a table with the schema LEDGER."""
        names = set().union(*self.rows)
        columns: dict[str, Any] = {name: [row.get(name) for row in self.rows] for name in names}
        about = zip(Subject._fields, zip(*self.about, strict=True), strict=False)  # no rows: of nobody
        return self._table(len(self.rows), columns | {name: list(values) for name, values in about})

    def alike(self, about: pa.Table, action: Action, reason: str, **columns: Any) -> pa.Table:
        """Return a row for each of `about`, a table of documents; these are not among those collected.

        `columns` are further columns of LEDGER by name: one value for all rows, or a column of them.
        """
        self._refuse_unlisted(reason)
        of_documents = {name: about[name] for name in Subject._fields}
        return self._table(len(about), of_documents | {"action": action, "reason": reason} | columns)

    def _table(self, rows: int, columns: Mapping[str, Any]) -> pa.Table:
        given = {"stage": self.stage, **columns}
        return pa.Table.from_arrays([_column(given.get(field.name), field, rows) for field in LEDGER], schema=LEDGER)

    def _refuse_unlisted(self, reason: str) -> None:
        if reason not in self.reasons:
            raise ValueError(f"{reason!r} is no reason of stage {self.stage!r}")


def _column(values: Any, field: pa.Field, rows: int) -> pa.Array | pa.ChunkedArray:
    """Return a column of so many rows, given as a list, as a column, or as the one value of them all."""
    if isinstance(values, list):
        return pa.array(values, field.type)
    if isinstance(values, pa.Array | pa.ChunkedArray):
        return values.cast(field.type)
    return pa.nulls(rows, field.type) if values is None else pa.repeat(pa.scalar(values, field.type), rows)


def subjects(documents: pa.Table) -> list[Subject]:
    """Return the subject of every row of a table of documents, in its order."""
    columns = (documents[name].to_pylist() for name in Subject._fields)
    return [Subject(*row) for row in zip(*columns, strict=True)]
