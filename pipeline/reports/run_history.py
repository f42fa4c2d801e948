"""`clean runs`: the published runs of a corpus, each compared with earlier runs."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any, NamedTuple

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pipeline.storage.reader import Corpus

#: A run is compared with the median of up to 30 earlier runs, once there are 3. Chosen by hand; not tuned.
COMPARED, ENOUGH = 30, 3
#: Factor above or below the median that is worth an arrow: news does not come evenly. Chosen by hand; not tuned.
MUCH = 1.5
BARS = "▁▂▃▄▅▆▇█"

Manifest = dict[str, Any]


class Trend(NamedTuple):
    """A figure of a run, and the median of that figure over earlier runs, if there are enough."""

    value: float
    earlier: float | None

    @property
    def arrow(self) -> str:
        """The direction of the change.

        >>> Trend(10, 3).arrow, Trend(3, 10).arrow, Trend(10, 11).arrow, Trend(10, None).arrow, Trend(1, 0).arrow
        ('↑', '↓', '→', ' ', '↑')
        """
        if self.earlier is None:
            return " "
        if self.value > MUCH * self.earlier:
            return "↑"
        return "↓" if self.value * MUCH < self.earlier else "→"


def figures(manifest: Manifest) -> dict[str, float]:
    """Compute the figures of a run that are compared."""
    counts = manifest["counts"]
    failed = sum(row["rows"] for row in counts["ledger"] if row["action"] == "failed")
    tried = failed + counts["documents_out"]
    return {
        "documents": counts["documents_out"] - counts.get("forgotten", 0),
        "failed_share": failed / max(1, tried),
        "cut_share": cut_words(counts) / max(1, counts["words_in"]),
        "seconds": manifest["seconds"],
        "seconds_per_document": manifest["seconds"] / max(1, counts["documents_in"]),
    }


def cut_words(counts: dict[str, Any]) -> int:
    """Count the words that were cut (not those moved to columns)."""
    return sum(row["words"] for row in counts["ledger"] if row["action"] == "cut")


def trends(manifests: Sequence[Manifest]) -> list[dict[str, Trend]]:
    """Pair every figure of each run, oldest first, with the median of earlier runs.

    >>> counts = {"documents_in": 4, "documents_out": 4, "words_in": 100, "ledger": []}
    >>> nights = [{"counts": counts, "seconds": seconds} for seconds in (1.0, 2.0, 3.0, 8.0)]
    >>> [night["seconds"] for night in trends(nights)][2:]
    [Trend(value=3.0, earlier=None), Trend(value=8.0, earlier=2.0)]
    """
    found = [figures(manifest) for manifest in manifests]
    return [
        {name: Trend(value, _median([each[name] for each in found[:at]])) for name, value in run.items()}
        for at, run in enumerate(found)
    ]


def _median(values: list[float]) -> float | None:
    return median(values[-COMPARED:]) if len(values) >= ENOUGH else None


def sparkline(values: Sequence[float]) -> str:
    """Draw values as bars, the largest the highest.

    >>> sparkline([0, 1, 2, 4]), sparkline([0, 0]), sparkline([])
    ('▁▃▅█', '▁▁', '')
    """
    top = max(values, default=0) or 1
    return "".join(BARS[min(len(BARS) - 1, int(value / top * len(BARS)))] for value in values)


def as_dicts(corpus: Corpus) -> list[Manifest]:
    """Return the manifests, each with its trends, as plain JSON types."""
    manifests = corpus.manifests()
    trend_dicts = [{name: trend._asdict() for name, trend in run.items()} for run in trends(manifests)]
    return [manifest | {"trends": each} for manifest, each in zip(manifests, trend_dicts, strict=True)]


def history(corpus: Corpus) -> RenderableType:
    """Render a line for every run, oldest first, with arrows against earlier runs, and sparklines over all."""
    manifests = corpus.manifests()
    found = trends(manifests)
    table = Table(box=None, pad_edge=False)
    for heading in ("run", "documents", "failed", "words cut", "seconds", "settings"):
        name = heading in ("run", "settings")
        table.add_column(heading, justify="left" if name else "right", no_wrap=name, overflow="fold")
    for manifest, run in zip(manifests, found, strict=True):
        table.add_row(manifest["run_id"], *(_cell(name, trend) for name, trend in _shown(run)), _settings(manifest))
    if len(found) < 2:
        return table
    course = {name: sparkline([run[name].value for run in found[-COMPARED:]]) for name, _ in _shown(found[0])}
    words = " · ".join(f"{name.replace('_share', '').replace('_', ' ')} {bars}" for name, bars in course.items())
    return Group(table, Text(f"\n{words}", style="dim"))


def _shown(run: dict[str, Trend]) -> list[tuple[str, Trend]]:
    return [(name, run[name]) for name in ("documents", "failed_share", "cut_share", "seconds")]


def _cell(name: str, trend: Trend) -> str:
    """Write a figure with its arrow.

    >>> _cell("failed_share", Trend(0.123, 0.01)), _cell("documents", Trend(1200, None)), _cell("seconds", Trend(9, 9))
    ('12.3% ↑', '1,200  ', '9.0 →')
    """
    share = name.endswith("_share")
    value = f"{trend.value:.1%}" if share else f"{trend.value:,.1f}" if name == "seconds" else f"{trend.value:,.0f}"
    return f"{value} {trend.arrow}"


def _settings(manifest: Manifest) -> str:
    return str(manifest["fingerprint"][:8])
