"""Documents of one bucket: which side carries them on, and what became of their columns and words."""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.reports.diff.buckets import COMPARED, NO_DOCUMENT, Half
from pipeline.reports.diff.counts import Comparison

CARRIED_ON, ABSENT = "carried on", "not there"
#: Reasons of the ledger that speak of other runs, and not of what was done to a document.
READ_BEFORE = pa.array(["already_published", "same_document"])


class ColumnChange(NamedTuple):
    """A value of a document that differs."""

    key: str
    outlet: str
    column: str
    old: str | None
    new: str | None


class FateChange(NamedTuple):
    """A document with another outcome: carried on, failed, skipped, or not there at all."""

    key: str
    outlet: str
    old: str
    new: str


def compare_documents(found: Comparison, before: Half, after: Half) -> None:
    """Add the documents of a bucket: those that both sides carry on, and the fates of the others."""
    old, new = before.documents, after.documents
    places = pc.index_in(old["key"], new["key"].combine_chunks())
    both = pc.is_valid(places)
    _count_documents(found, old, new)
    _compare_texts(found, old.filter(both), new.take(places.filter(both)))
    _compare_columns(found, old.filter(both), new.take(places.filter(both)))
    _compare_fates(found, before, after)


def _count_documents(found: Comparison, old: pa.Table, new: pa.Table) -> None:
    counts = found.documents
    counts.old += len(old)
    counts.new += len(new)
    counts.old_words += _sum(old["n_words"])
    counts.new_words += _sum(new["n_words"])
    counts.old_canonical_words += _sum(old["canonical_words"])
    counts.new_canonical_words += _sum(new["canonical_words"])


def _compare_texts(found: Comparison, old: pa.Table, new: pa.Table) -> None:
    """Compare the texts of the same documents, by outlet."""
    differ = pc.not_equal(old["digest"], new["digest"])
    counts = found.documents
    counts.both += len(old)
    counts.texts_differ += _sum(differ)
    counts.more_words += _sum(pc.greater(new["n_words"], old["n_words"]))
    counts.fewer_words += _sum(pc.less(new["n_words"], old["n_words"]))
    table = pa.table({"outlet": old["outlet"], "differ": differ.cast(pa.int64()), "old": old["n_words"],
                      "new": new["n_words"]})  # fmt: skip
    sums = [("differ", "count"), ("differ", "sum"), ("old", "sum"), ("new", "sum")]
    for row in table.group_by("outlet").aggregate(sums).to_pylist():
        outlet = found.outlet_words[row["outlet"]]
        outlet.documents += row["differ_count"]
        outlet.texts_differ += row["differ_sum"]
        outlet.old_words += row["old_sum"]
        outlet.new_words += row["new_sum"]


def _compare_columns(found: Comparison, old: pa.Table, new: pa.Table) -> None:
    for name in COMPARED:
        a, b = old[name], new[name]
        differ = pc.not_equal(pc.fill_null(a, ""), pc.fill_null(b, ""))
        rows = (part.filter(differ).to_pylist() for part in (old["key"], old["outlet"], a, b))
        for key, outlet, was, now in zip(*rows, strict=True):
            counts = found.columns[name]
            counts.filled += not was
            counts.emptied += not now
            counts.changed += bool(was and now)
            found.column_samples.offer(name, key, ColumnChange(key, outlet, name, was, now))


def _compare_fates(found: Comparison, before: Half, after: Half) -> None:
    """Count the documents that one side alone carries on, or that both leave out for other reasons."""
    fates = [_fates(half) for half in (before, after)]
    outlets = [dict(zip(*(half.documents[name].to_pylist() for name in ("key", "outlet")), strict=True))
               for half in (before, after)]  # fmt: skip
    for key in sorted({*fates[0], *fates[1]}):
        old, new = (each.get(key, ABSENT) for each in fates)
        if old != new:
            found.fates[old, new] += 1
            outlet = outlets[0].get(key) or outlets[1].get(key) or ""
            found.fate_samples.offer((old, new), key, FateChange(key, outlet, old, new))


def _fates(half: Half) -> dict[str, str]:
    """Map the documents of one side to what became of them."""
    ledger = half.ledger
    left = pc.and_(pc.is_in(ledger["action"], pa.array(["failed", "skipped"])),
                   pc.not_equal(ledger["key"], NO_DOCUMENT))  # fmt: skip
    rows = ledger.filter(pc.and_not(left, pc.is_in(ledger["reason"], READ_BEFORE))).select(
        ["key", "stage", "action", "reason"]
    )
    fates = {row["key"]: f"{row['action']}: {row['stage']} {row['reason']}" for row in rows.to_pylist()}
    return fates | dict.fromkeys(half.documents["key"].to_pylist(), CARRIED_ON)


def count_inputs(found: Comparison, old: pa.Table, new: pa.Table) -> None:
    """Count the inputs that became no document, by action and reason."""
    for side, ledger in enumerate((old, new)):
        rows = ledger.filter(pc.and_(pc.equal(ledger["key"], NO_DOCUMENT),
                                     pc.is_in(ledger["action"], pa.array(["failed", "skipped"]))))  # fmt: skip
        names = zip(rows["action"].to_pylist(), rows["reason"].to_pylist(), strict=True)
        for (action, reason), n in Counter(names).items():
            found.inputs.setdefault(f"{action}: {reason}", [0, 0])[side] += n


def _sum(values: Any) -> int:
    return int(pc.sum(values).as_py() or 0)
