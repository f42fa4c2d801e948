"""The output folder: one lock, runs staged aside, publication by rename.

    out/.lock                    held by the run that is writing
    out/.staging/<run_id>/       a run on its way: its tables, its manifest, its work files
    out/<table>/run=<run_id>/    a table of a published run
    out/runs/<run_id>.json       the manifest of a published run

A run is published table by table, `documents` last: a run exists if and only if `documents/run=<run_id>` exists, and
that folder appears in one rename. Whatever else carries the run's id without it is a leftover of a killed run.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from pipeline.errors import LockHeldError, UserError
from pipeline.tables import TABLES, folder_of


class Store:
    """The runs under one output folder."""

    def __init__(self, out: Path) -> None:
        self.out = out

    def runs(self) -> list[str]:
        """Ids of the published runs, oldest first by the time their manifests give."""
        published = [p.name.removeprefix("run=") for p in (self.out / "documents").glob("run=*")]
        return sorted(published, key=lambda run: (self.manifest(run).get("started", ""), run))

    def manifest(self, run: str) -> dict[str, Any]:
        """The manifest of a published run."""
        try:
            manifest: dict[str, Any] = json.loads(self.manifest_path(run).read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise UserError(
                f"run {run}: its manifest {self.manifest_path(run)} is missing. Restore it from a backup."
            ) from None
        return manifest

    def manifest_path(self, run: str) -> Path:
        """Where the manifest of a run lies."""
        return self.out / "runs" / f"{run}.json"

    def staging(self, run: str) -> Path:
        """Where a run is staged."""
        return self.out / ".staging" / run

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the output folder. The lock is the operating system's: it dies with its process."""
        try:
            self.out.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError, PermissionError) as error:
            raise UserError(f"cannot write to {self.out}: {error.strerror}. Name another folder with --out.") from None
        lock = FileLock(self.out / ".lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise LockHeldError(
                f"another run is writing to {self.out} ({self._holder()}). Wait until it ends, or use another --out."
            ) from None
        holder = self.out / ".lock.holder"
        try:
            holder.write_text(f"process {os.getpid()} on {socket.gethostname()}", encoding="utf-8")
            yield
        finally:
            holder.unlink(missing_ok=True)
            lock.release()

    def _holder(self) -> str:
        try:
            return (self.out / ".lock.holder").read_text(encoding="utf-8")
        except FileNotFoundError:
            return "it has just begun"

    def leftovers(self) -> list[Path]:
        """What killed runs left behind: staged runs, and tables or manifests of runs that were never committed."""
        published = {p.name for p in (self.out / "documents").glob("run=*")}
        staged = sorted((self.out / ".staging").glob("*"))
        tables = [p for name in TABLES for p in sorted((self.out / name).glob("run=*")) if p.name not in published]
        manifests = [p for p in sorted((self.out / "runs").glob("*.json")) if f"run={p.stem}" not in published]
        return staged + tables + manifests

    def roll_back(self) -> list[Path]:
        """Remove all leftovers; to be called with the lock held."""
        found = self.leftovers()
        for path in found:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        return found

    def publish(self, run: str) -> None:
        """Make a staged run visible: the other tables, the manifest, and then, as the commit, `documents`."""
        staged = self.staging(run)
        for name in TABLES:
            if name == "documents":
                self._move(staged / "manifest.json", self.manifest_path(run))
            self._move(staged / name, folder_of(self.out, name, run))
        shutil.rmtree(staged)

    def _move(self, source: Path, target: Path) -> None:
        _flush(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        source.rename(target)
        _flush_entry(target.parent)


def _flush(path: Path) -> None:
    """Have the disk hold a file, or a folder and its files, before a rename makes them visible."""
    for each in [*path.iterdir(), path] if path.is_dir() else [path]:
        _flush_entry(each)


def _flush_entry(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
