"""The numbers that the charts of a page are drawn from, as plain JSON types."""

from __future__ import annotations

from typing import Any

from pipeline.console import pictured
from pipeline.reports.page.clusters import Cluster
from pipeline.reports.page.collected import Collected

#: Names of outlets in charts are cut to this length; tables have them whole.
NAME = 28


def data(collected: Collected) -> dict[str, Any]:
    """Return the data of all charts: flows between outlets, runs, and printings of each cluster."""
    return {
        "flows": [[_name(f.from_outlet), _name(f.to_outlet), f.n_words, f.n_passages] for f in collected.copies.links],
        "runs": [
            {"run": _name(row.run)} | {name: [trend.value, trend.earlier] for name, trend in row.figures.items()}
            for row in collected.history.rows
        ],
        "clusters": [_printings(cluster) for cluster in collected.clusters.shown],
    }


def _printings(cluster: Cluster) -> list[list[Any]]:
    return [
        [_name(each.outlet), each.published.timestamp() * 1000, each.is_canonical]
        for each in cluster.printings
        if each.published
    ]


def _name(text: str) -> str:
    return pictured(text if len(text) <= NAME else f"{text[: NAME - 1]}…")
