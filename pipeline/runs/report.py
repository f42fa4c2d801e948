"""The report of a run, and the functions through which a caller follows one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # so that progress is shown before pyarrow is loaded
    from pipeline.drift import Drift
    from pipeline.runs.unused import UnusedInput
    from pipeline.storage.protocol import OutputLocation
    from pipeline.tally import Tally

#: Called with a phase, how much of it is done (mostly documents) and the total if it is known: when the phase begins
#: and after every task.
Progress = Callable[[str, int, int | None], None]


def silence(phase: str, done: int, total: int | None) -> None:
    """Show no progress."""


def ignore(run_id: str) -> None:
    """Ignore the run's id."""


@dataclass(frozen=True)
class RunReport:
    """Counts and notes of a run. `run_id` is None if it published nothing."""

    run_id: str | None
    out: OutputLocation
    tally: Tally
    n_passages: int = 0
    n_clusters: int = 0
    wall_seconds: float = 0.0
    notes: tuple[str, ...] = ()
    drift: tuple[Drift, ...] = ()
    unused: tuple[UnusedInput, ...] = ()
