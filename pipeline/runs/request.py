"""The request for a run: inputs, output, settings and options."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pipeline.settings import Settings
from pipeline.sources import Window
from pipeline.storage.protocol import OutputLocation


@dataclass(frozen=True)
class RunRequest:
    """Inputs, output, settings and options of a run that is to be done."""

    inputs: Sequence[str]
    out: OutputLocation
    settings: Settings
    workers: int
    run_id: str | None = None
    limit: int | None = None  # documents
    dry_run: bool = False
    wait: float = 0.0  # seconds, for another run that holds the lock
    break_lock: bool = False  # take the lock from a dead run on another machine
    allow_drift: bool = False  # publish even if the run differs too much from earlier ones
    window: Window = field(default_factory=Window)
    command_digest: str | None = None  # of the options on the command line (pipeline.runs.up_to_date)
    engine: str = "local"
    session: Any = field(default=None, repr=False)  # of Spark, where the caller has one open
    again: bool = False  # in place of the runs that cleaned these inputs before
    settings_from: tuple[str, ...] = ()  # what the settings were read from, for the manifest
