"""The workspace of a run: the folder in which it is staged, its settings and the tables that its tasks hand on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipeline.engines.base import TaskTables
from pipeline.settings import Settings

FOLDERS = ("prepared", "masks", "cleaned", "evidence")


@dataclass(frozen=True)
class Workspace:
    """The folder, settings and tables that every task of a run needs; it travels to the workers inside their tasks."""

    folder: Path
    settings: Settings
    tables: TaskTables
    started: datetime  # when the first attempt of the run began: later dates are marked

    def set_up(self) -> None:
        """Create the folders."""
        for name in FOLDERS:
            (self.folder / name).mkdir(parents=True, exist_ok=True)
