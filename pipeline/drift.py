"""The drift check: compares a run's figures with those of earlier runs.

The figures are the share of words cut, for each outlet, and the number of documents carried on. `find` returns those
that depart from their history; `refusals` those so far off that the input, or a rule, must be broken: they stop the run
before it publishes. The usual value is the median of earlier runs and a departure is measured in their spreads, so that
one bad night neither trips the next nor hides it. First runs and small outlets have no history to depart from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from pipeline.tally import OutletTally

#: Scales the median absolute deviation to the standard deviation of a normal distribution (1 / 0.6745).
TO_DEVIATION = 1.4826


@dataclass(frozen=True)
class Settings:
    """Limits beyond which a figure is reported, or stops the run. Chosen by hand; not tuned."""

    min_runs: int = 5  # earlier runs that must hold a figure before it is checked
    recent_runs: int = 30  # the latest runs that are compared
    min_documents: int = 20  # of an outlet in a run, this or an earlier one, for its share to count
    drift_spreads: float = 4.0  # a share of cut words this many spreads from the usual is reported ...
    min_drift: float = 0.05  # ... if it is this far from it as well
    max_cut_times: float = 3.0  # cut this many times as much as usual, or kept this many times less: the run stops
    min_stop: float = 0.15  # ... if the share is this far above the usual one as well
    min_documents_share: float = 0.3  # fewer documents than this share of a low run's (lower quartile) stop the run

    def __post_init__(self) -> None:
        if self.min_runs < 2 or self.recent_runs < self.min_runs:
            raise ValueError("drift.min_runs must be at least 2, and drift.recent_runs not less")
        if self.min_documents < 1 or self.max_cut_times <= 1:
            raise ValueError("drift.min_documents must be at least 1, and drift.max_cut_times more than 1")
        if self.drift_spreads <= 0:
            raise ValueError(f"drift.drift_spreads must be more than 0, not {self.drift_spreads}")
        for name in ("min_drift", "min_stop", "min_documents_share"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"drift.{name} is a share between 0 and 1, not {getattr(self, name)}")


@dataclass(frozen=True)
class Drift:
    """A figure that departs from its history. `outlet` is None for a figure of the whole run."""

    outlet: str | None
    figure: str  # "cut_share" or "documents"
    measured: float
    usual: float
    refused: bool  # too far for the run to be published

    def __str__(self) -> str:
        """Describe the figure for a person.

        >>> str(Drift("plume", "cut_share", 0.62, 0.11, True))
        'plume: 62% of its words cut, usually 11%'
        >>> str(Drift(None, "documents", 12, 480, True))
        '12 documents, usually 480'
        """
        where = "" if self.outlet is None else f"{self.outlet}: "
        if self.figure == "documents":
            return f"{where}{self.measured:,.0f} documents, usually {self.usual:,.0f}"
        return f"{where}{self.measured:.0%} of its words cut, usually {self.usual:.0%}"

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON types, for the manifest."""
        return {
            "outlet": self.outlet,
            "figure": self.figure,
            "measured": round(self.measured, 4),
            "usual": round(self.usual, 4),
            "refused": self.refused,
        }


def find(
    outlets: Mapping[str, OutletTally], documents: int, manifests: Sequence[Mapping[str, Any]], settings: Settings
) -> list[Drift]:
    """Find figures that depart from those of earlier runs (`manifests`, oldest first); refused ones come first."""
    recent = manifests[-settings.recent_runs :]
    found = _documents(documents, None, [int(one["counts"]["documents_out"]) for one in recent], settings)
    for outlet in sorted({*outlets, *(name for one in recent for name in one.get("outlets", {}))}):
        history = [one["outlets"][outlet] for one in recent if outlet in one.get("outlets", {})]
        tonight = outlets.get(outlet, OutletTally())
        shares = [_share(one) for one in history if one["documents"] >= settings.min_documents]
        if tonight.documents >= settings.min_documents:
            found += _cut_share(tonight.cut_share(), outlet, shares, settings)
        if 2 * len(history) > len(recent):
            found += _documents(tonight.documents, outlet, [one["documents"] for one in history], settings)
    return sorted(found, key=lambda one: (not one.refused, one.outlet is not None))


def refusals(drift: Sequence[Drift]) -> list[Drift]:
    """Return the figures that stop the run."""
    return [one for one in drift if one.refused]


def _share(counted: Mapping[str, int]) -> float:
    return OutletTally(**counted).cut_share()


def _cut_share(share: float, outlet: str, history: Sequence[float], settings: Settings) -> list[Drift]:
    """Report a share of cut words that is far from the usual one."""
    if len(history) < settings.min_runs:
        return []
    usual, spread = median_and_spread(history)
    far = abs(share - usual)
    if far < settings.min_drift or far < settings.drift_spreads * spread:
        return []
    several_times = share > settings.max_cut_times * usual or 1 - share < (1 - usual) / settings.max_cut_times
    return [Drift(outlet, "cut_share", share, usual, several_times and share > usual + settings.min_stop)]


def _documents(number: int, outlet: str | None, history: Sequence[int], settings: Settings) -> list[Drift]:
    """Report far fewer documents than usual. Weekends are low every week, so the lower quartile decides.

    A missing outlet is reported; only a whole run that yields too little is stopped.
    """
    if len(history) < settings.min_runs:
        return []
    usual, low = median(history), sorted(history)[len(history) // 4]
    if low < settings.min_documents or number >= settings.min_documents_share * low:
        return []
    return [Drift(outlet, "documents", number, usual, outlet is None)]


def median_and_spread(figures: Sequence[float]) -> tuple[float, float]:
    """Return the median and the scaled median absolute deviation, which one outlier does not move.

    >>> median_and_spread([0.1, 0.12, 0.11, 0.1, 0.9])[0]
    0.11
    """
    middle = median(figures)
    return middle, TO_DEVIATION * median(abs(one - middle) for one in figures)
