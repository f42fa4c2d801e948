"""Runs in an output folder: one lock, runs staged aside, publication by rename.

    out/.lock, .lock.holder      held by the run that is writing (pipeline.storage.folder_lock)
    out/.staging/<run_id>/       a staged run: its tables, its manifest, its work files
    out/<table>/run=<run_id>/    a table of a published run
    out/index/templates/run=<run_id>/    its template counts, for the runs after it
    out/runs/<run_id>.json       the manifest of a published run

A run is published table by table, `documents` last: a run exists if and only if `documents/run=<run_id>` exists, and
that folder appears in one rename. Anything else that carries the run's id is a leftover of a killed run: the next run
resumes it if its request is the same, or else removes it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from pipeline.durable import flush, flush_all, make_folder, move, remove, replacing
from pipeline.errors import UserError, in_short
from pipeline.storage.damage import StoredTable
from pipeline.storage.folder_lock import Lock, held
from pipeline.storage.protocol import HeldLock, OutputLocation
from pipeline.storage.tables import TABLES, WHOLE, dataset, folder_of

#: Folders that hold a folder for each run, in the order in which a run publishes its own: `documents` is the commit.
FOLDERS = ("index/templates", *WHOLE, *TABLES)
#: About the longest name that a run needs in an output folder: a work file of the longest run id.
LONGEST = Path(".staging", "r" * 100, "index", "near_duplicates", "000000-000000", "document_version.bin")


#: Another generation of the corpus, made beside it, and the file in it that says that all of it is there.
AGAIN, READY = ".again", ".ready"


def unfinished(out: Path) -> list[Path]:
    """Return the folder of another generation that was never ready."""
    return [path for path in (out / AGAIN,) if path.is_dir() and not (path / READY).exists()]


class OutputFolder:
    """The runs under one output folder (see `pipeline.storage.protocol.RunStore`)."""

    def __init__(self, out: OutputLocation) -> None:
        if not isinstance(out, Path):
            raise TypeError(f"{out} is not a folder of this machine: its runs are an S3Store")
        self.out = out
        self._started: dict[str, str] = {}  # a manifest can be large, and years of nights have many

    def runs(self) -> list[str]:
        """Return the ids of the published runs, oldest first by the `started` of their manifests."""
        published = [p.name.removeprefix("run=") for p in (self.out / "documents").glob("run=*")]
        for run in published:
            if run not in self._started:
                self._started[run] = self.manifest(run).get("started", "")
        return sorted(published, key=lambda run: (self._started[run], run))

    def manifest(self, run: str) -> dict[str, Any]:
        """Return the manifest of a published run. Raises UserError where it is missing or damaged."""
        try:
            return dict[str, Any](json.loads(self.manifest_path(run).read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError, TypeError) as error:
            state = "missing" if isinstance(error, FileNotFoundError) else f"damaged ({error})"
            raise UserError(
                f"run {run}: its manifest {self.manifest_path(run)} is {state}. Restore it from a backup, or give the "
                f"run up: move its folders run={run} out of {self.out}, and clean its inputs again."
            ) from None

    def manifest_path(self, run: str) -> Path:
        """Return the path of a run's manifest."""
        return self.out / "runs" / f"{run}.json"

    def staging(self, run: str) -> Path:
        """Return the folder in which a run is staged."""
        return self.out / ".staging" / run

    @contextmanager
    def lock(
        self, wait: float = 0.0, break_lock: bool = False, waiting: Callable[[], None] = lambda: None
    ) -> Iterator[Lock]:
        """Hold the output folder, after at most `wait` seconds; `break_lock` takes it from a holder on another machine.

        Creates the folder. Raises LockHeldError, which names the holder, and UserError where it cannot be created.
        """
        try:
            (self.out / LONGEST).exists()  # a path that is too long is an error of the system
            make_folder(self.out)
        except OSError as error:
            why = "it is a file" if self.out.is_file() else error.strerror
            raise UserError(f"cannot write to {in_short(self.out)}: {why}. Name another folder with --out.") from None
        with held(self.out, wait, break_lock, waiting) as lock:
            yield lock

    def is_published(self, run: str) -> bool:
        """Tell if a run was committed."""
        return folder_of(self.out, "documents", run).is_dir()

    def stage(self, run: str, order: dict[str, str]) -> None:
        """Create or reopen the folder of a staged run and write down its request, by which a later run knows it."""
        staged = self.staging(run)
        make_folder(staged)
        with replacing(staged / "order.json") as aside:
            aside.write_text(json.dumps(order), encoding="utf-8")

    def staged_order(self, run: str) -> dict[str, str]:
        """Return the request of a staged run; empty if it was killed before it was written down."""
        try:
            order: dict[str, str] = json.loads((self.staging(run) / "order.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return order

    def staged(self) -> list[str]:
        """Return the ids of staged runs that were neither published nor rolled back."""
        return [p.name for p in sorted((self.out / ".staging").glob("*")) if not self.is_published(p.name)]

    def leftovers(self) -> list[Path]:
        """Return staged runs, and the tables and manifests of runs that were never committed."""
        published = {p.name for p in (self.out / "documents").glob("run=*")}
        staged = [*sorted((self.out / ".staging").glob("*")), *unfinished(self.out)]
        tables = [p for name in FOLDERS for p in sorted((self.out / name).glob("run=*")) if p.name not in published]
        manifests = [p for p in sorted((self.out / "runs").glob("*.json")) if f"run={p.stem}" not in published]
        return staged + tables + manifests

    def roll_back(self, keep: str | None = None) -> list[Path]:
        """Remove all leftovers but those of the run `keep`, and return them; call it with the lock held."""
        found = [path for path in self.leftovers() if path.name not in (keep, f"run={keep}", f"{keep}.json")]
        for path in found:
            remove(path / "order.json")  # first, and for good: what is removed by half is never resumed
            remove(path)
        return found

    def table(self, name: str, run: str) -> StoredTable:
        """Open a table of a published run for lazy reading. Raises MissingTableError if a part of it is gone."""
        return dataset(self.out, name, run)

    def publish(self, run: str, lock: HeldLock) -> None:
        """Rename a sealed run into place: the other tables, the manifest, and then, as the commit, `documents`.

        Resumes a publication that was killed. Raises LockHeldError, before any rename, if the lock was taken.
        """
        lock.check()
        staged = self.staging(run)
        for name in FOLDERS:
            if name == "documents":
                self._move(staged / "manifest.json", self.manifest_path(run))
            self._move(staged / name, folder_of(self.out, name, run))
        self.discard(run)

    def template_counts(self, before: str | None = None) -> list[Path]:
        """Return the folders of template counts of all published runs, or of those before one, oldest first."""
        runs = self.runs()
        chosen = runs if before is None else runs[: runs.index(before)]
        return [path for run in chosen if (path := folder_of(self.out, "index/templates", run)).is_dir()]

    def uncounted(self) -> list[str]:
        """Return the published runs whose template counts are missing and can be computed from their ledgers."""
        counted, ledgers = (
            {path.name for path in (self.out / name).glob("run=*")} for name in ("index/templates", "ledger")
        )
        return [run for run in self.runs() if f"run={run}" in ledgers - counted]

    def is_staged_whole(self, run: str) -> bool:
        """Tell if all that a run publishes is staged, or was moved into place by a killed publication."""
        staged = self.staging(run)
        moved = {staged / name: folder_of(self.out, name, run) for name in FOLDERS}
        moved[staged / "manifest.json"] = self.manifest_path(run)
        return all(source.exists() or target.exists() for source, target in moved.items())

    def discard(self, run: str) -> None:
        """Remove a staged run. What cannot be removed is left to the next run."""
        with suppress(OSError):
            remove(self.staging(run) / "order.json")
            remove(self.staging(run))

    def seal(self, run: str) -> None:
        """Fsync everything the run publishes, files and folders, before a rename makes it visible."""
        staged = self.staging(run)
        for name in [*FOLDERS, "manifest.json"]:
            if (staged / name).exists():  # else it is published
                flush_all(staged / name)
        flush(staged)

    def _move(self, source: Path, target: Path) -> None:
        if not source.exists() and target.exists():
            return  # moved by an earlier, killed publication; where both are there, its target is of no use
        move(source, target)
