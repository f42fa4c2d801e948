"""Cuts, and edits and marks, of one bucket: counted on both sides, and those that differ."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.reports.diff.buckets import Half
from pipeline.reports.diff.counts import Comparison, CutChange, CutCounts, Cutting
from pipeline.reports.diff.signed import differing
from stages.shared.words import count_words, count_words_of

#: Columns of the ledger that say what a cut is made for.
MADE_FOR = ("stage", "action", "reason", "rule")
#: Tells of a reason and a rule if its cuts are asked for.
HasRule: TypeAlias = Callable[[str, str | None], bool]
#: Near-duplicates are compared as passages.
NOT_COUNTED = pa.array(["near_duplicates"])


def compare_cuts(found: Comparison, before: Half, after: Half, has_rule: HasRule) -> None:
    """Add the cuts and moved spans of a bucket.

    A cut is known by its document and its words, not by its place: places shift when another cut is made before them.
    """
    outlets = outlets_of(before, after)
    old, new = (_with_actions(half.ledger, ("cut", "moved")) for half in (before, after))
    for name, rows in (("old", old), ("new", new)):
        _count(found, name, rows, outlets, has_rule)
    for gone, come in differing(old, new, ("key", "before"), MADE_FOR):
        row = come or gone or {}
        made = [None if each is None else Cutting(*(each[name] for name in MADE_FOR)) for each in (gone, come)]
        if any(each and has_rule(each.reason, each.rule) for each in made):
            outlet = outlets.get(row["key"], "")
            _add(found, CutChange(row["key"], outlet, row["before"], count_words(row["before"]), *made), has_rule)


def _add(found: Comparison, change: CutChange, has_rule: HasRule) -> None:
    """Count one change on the sides that are asked for, and offer it as a sample of its rule."""
    for made in (change.old, change.new):
        if made is not None and has_rule(made.reason, made.rule):
            for counts in (found.cuts, found.outlet_cuts[change.outlet], found.rules[made.name]):
                _add_turn(counts, change, made)
    found.cut_samples.offer((change.turn, change.made.name), f"{change.key}\n{change.text}", change)


def _add_turn(counts: CutCounts, change: CutChange, made: Cutting) -> None:
    if change.turn == "appeared":
        counts.appeared += 1
        counts.appeared_words += change.n_words
    elif change.turn == "vanished":
        counts.vanished += 1
        counts.vanished_words += change.n_words
    elif made is change.new:
        counts.taken_over += 1
    else:
        counts.given_up += 1


def _count(
    found: Comparison,
    name: str,
    rows: pa.Table,
    outlets: dict[str, str],
    has_rule: HasRule,
) -> None:
    """Count the cuts of one side, `name`, by rule and by outlet, and all together."""
    words = count_words_of(rows["before"])
    rows = rows.select(["key", *MADE_FOR]).append_column("words", words)
    sums = rows.group_by(["key", *MADE_FOR]).aggregate([("words", "count"), ("words", "sum")]).to_pylist()
    for row in sums:
        made = Cutting(*(row[each] for each in MADE_FOR))
        if has_rule(made.reason, made.rule):
            for counts in (found.cuts, found.rules[made.name], found.outlet_cuts[outlets.get(row["key"], "")]):
                setattr(counts, name, getattr(counts, name) + row["words_count"])
                setattr(counts, f"{name}_words", getattr(counts, f"{name}_words") + (row["words_sum"] or 0))


def compare_edits(found: Comparison, before: Half, after: Half) -> None:
    """Add the edits and marks of a bucket: what was mended, unwrapped, marked."""
    old, new = (_with_actions(half.ledger, ("edited", "marked")) for half in (before, after))
    for side, rows in enumerate((old, new)):
        for row in rows.group_by(["stage", "action", "reason"]).aggregate([("key", "count")]).to_pylist():
            _edit(found, row)[side] += row["key_count"]
    for gone, come in differing(old, new, ("key", "before"), MADE_FOR):
        for turn, row in ((2, come), (3, gone)):
            if row is not None:
                _edit(found, row)[turn] += 1


def _edit(found: Comparison, row: dict[str, Any]) -> list[int]:
    return found.edits.setdefault((row["stage"], row["action"], row["reason"]), [0, 0, 0, 0])


def _with_actions(ledger: pa.Table, actions: tuple[str, ...]) -> pa.Table:
    wanted = pc.is_in(ledger["action"], pa.array(actions))
    return ledger.filter(pc.and_not(wanted, pc.is_in(ledger["stage"], NOT_COUNTED)))


def outlets_of(before: Half, after: Half) -> dict[str, str]:
    """Map the documents of a bucket to their outlets."""
    return {
        key: outlet
        for half in (before, after)
        for key, outlet in zip(half.documents["key"].to_pylist(), half.documents["outlet"].to_pylist(), strict=True)
    }
