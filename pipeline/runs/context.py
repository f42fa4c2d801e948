"""The context of a run: the frozen values that every phase is given."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from pipeline.drift import Drift
from pipeline.engines.base import Engine
from pipeline.passages.matching import Matched
from pipeline.runs.report import Progress, RunReport
from pipeline.runs.request import RunRequest
from pipeline.runs.start import Start
from pipeline.runs.unused import UnusedInput
from pipeline.runs.workspace import Workspace
from pipeline.settings import Settings
from pipeline.storage.folder_lock import Lock
from pipeline.storage.output_folder import OutputFolder
from pipeline.tally import Tally


@dataclass(frozen=True)
class RunContext:
    """Everything about a run that does not change while it is under way."""

    request: RunRequest
    output: OutputFolder
    lock: Lock
    start: Start
    engine: Engine
    workspace: Workspace
    progress: Progress
    begun: datetime.datetime  # of this attempt; `start.started` is when the first attempt began
    notes: tuple[str, ...]  # from before the first phase

    @property
    def settings(self) -> Settings:
        """The settings of the request."""
        return self.request.settings

    @property
    def run_id(self) -> str:
        """The run's id."""
        return self.start.run_id

    def report(
        self,
        tally: Tally,
        notes: tuple[str, ...] = (),
        run_id: str | None = None,
        passages: Matched | None = None,
        drift: tuple[Drift, ...] = (),
        unused: tuple[UnusedInput, ...] = (),
    ) -> RunReport:
        """Return the report of the run as far as it is; `run_id` is given once there is something to publish."""
        wall_seconds = (datetime.datetime.now(datetime.UTC) - self.begun).total_seconds()
        n_passages, n_clusters = passages or (0, 0)
        out, all_notes = self.request.out, (*self.notes, *notes)
        return RunReport(run_id, out, tally, n_passages, n_clusters, wall_seconds, all_notes, drift, unused)
