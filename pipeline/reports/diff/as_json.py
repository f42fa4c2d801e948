"""The comparison as JSON (`clean diff --json`); docs/how-to/compare-runs.md explains every key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipeline.reports.diff.context import ShownCut
from pipeline.reports.diff.counts import Comparison, Cutting, plain


def as_dict(found: Comparison, samples: Sequence[ShownCut]) -> dict[str, Any]:
    """Return a comparison as plain JSON types. Tables are whole; samples are those that were drawn."""
    return {
        "equal": found.is_equal,
        "old": found.old.as_dict(),
        "new": found.new.as_dict(),
        "notes": list(found.notes),
        "seed": found.seed,
        "settings": [each._asdict() for each in found.settings],
        "versions": [each._asdict() for each in found.versions],
        "documents": plain(found.documents),
        "fates": [{"old": old, "new": new, "documents": n} for (old, new), n in found.commonest_fates()],
        "inputs": [{"what": name, "old": old, "new": new} for name, (old, new) in sorted(found.inputs.items())],
        "cuts": plain(found.cuts),
        "cuts_by_rule": [
            {"reason": name.reason, "rule": name.rule or None, **plain(counts)}
            for name, counts in found.differing_rules()
        ],
        "cuts_by_outlet": [{"outlet": name, **plain(counts)} for name, counts in found.differing_outlets()],
        "words_by_outlet": [{"outlet": name, **plain(each)} for name, each in sorted(found.outlet_words.items())],
        "columns": [{"column": name, **plain(counts)} for name, counts in sorted(found.columns.items())],
        "edits": [
            dict(zip(("stage", "action", "reason", "old", "new", "appeared", "vanished"), (*name, *row), strict=True))
            for name, row in sorted(found.edits.items())
        ],
        "passages": plain(found.passages),
        "samples": {
            "cuts": [_cut(each) for each in samples],
            "columns": [each._asdict() for each in found.column_samples.values()],
            "fates": [each._asdict() for each in found.fate_samples.values()],
            "passages": [each._asdict() for each in found.passage_samples.values()],
        },
    }


def _cut(shown: ShownCut) -> dict[str, Any]:
    change = shown.change
    return {
        "turn": change.turn,
        "doc_id": shown.doc_id,
        "outlet": change.outlet,
        "title": shown.title,
        "published": shown.published,
        "words_before": shown.before,
        "text": change.text,
        "words_after": shown.after,
        "n_words": change.n_words,
        "old": _made(change.old, shown.old_row),
        "new": _made(change.new, shown.new_row),
    }


def _made(cutting: Cutting | None, row: dict[str, Any] | None) -> dict[str, Any] | None:
    if cutting is None:
        return None
    return {**cutting._asdict(), **{name: row[name] if row else None for name in ("measured", "limit")}}
