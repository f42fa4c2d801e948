"""Drift for a page: the figures of the reported run beside those of the runs before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from pipeline.drift import Drift
from pipeline.reports.page.scope import Scope
from pipeline.reports.run_history import COMPARED, Trend, trends


class RunRow(NamedTuple):
    """One run of the history: its figures, and what changed in settings or versions since the run before it."""

    run: str
    started: str
    figures: dict[str, Trend]
    changed: list[str]


@dataclass(frozen=True)
class RunHistory:
    """The last runs up to the reported one, oldest first, and the figures of that one that departed from them."""

    rows: list[RunRow]
    departures: list[str]
    n_runs: int  # of the corpus up to the reported one


def history_of(scope: Scope) -> RunHistory:
    """Read the figures of the last runs. Of each manifest only what is compared is kept."""
    runs = scope.corpus.runs[: scope.corpus.runs.index(scope.last) + 1]
    kept = [_compared(scope.corpus.store.manifest(run)) for run in runs[-2 * COMPARED :]]
    shown = list(zip(runs[-2 * COMPARED :], kept, trends(kept), strict=True))
    rows = [
        RunRow(run, manifest["started"], figures, _changes(kept[at - 1], manifest) if at else [])
        for at, (run, manifest, figures) in enumerate(shown)
    ][-COMPARED:]
    return RunHistory(rows, [str(Drift(**each)) for each in kept[-1]["drift"]], len(runs))


def _compared(manifest: dict[str, Any]) -> dict[str, Any]:
    return {
        "started": manifest.get("started", ""),
        "counts": manifest["counts"],
        "seconds": manifest["seconds"],
        "fingerprint": manifest.get("fingerprint", ""),
        "versions": manifest.get("versions", {}),
        "drift": manifest.get("drift", []),
    }


def _changes(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Name what changed between two runs.

    >>> _changes({"fingerprint": "a", "versions": {"ftfy": "6.2"}}, {"fingerprint": "b", "versions": {"ftfy": "6.3"}})
    ['settings', 'ftfy 6.3']
    """
    changed = ["settings"] if before["fingerprint"] != after["fingerprint"] else []
    versions = after["versions"].items() - before["versions"].items()
    return changed + [f"{name} {version}" for name, version in sorted(versions)]
