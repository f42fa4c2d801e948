"""Has a published run done the very same? Asked before anything is imported that cleans, since that takes a second.

The answer is a run only where files and digests leave no doubt. Whatever is unusual, be it a run under way or left by a
kill, settings with evidence of their own, inputs that are no plain files, is left to
`pipeline.runs.phases`, which knows more.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline import __version__, config_files

NOTHING_NEW = "nothing new: run {} cleaned these inputs with these settings"
#: The default of `[evidence] outlets`.
OUTLETS = Path("config/outlets")
#: What the output folder holds while something is under way, was left by a kill, or was forgotten.
UNUSUAL = (".lock.holder", ".staging", "forgotten.json")


@dataclass(frozen=True)
class Given:
    """What a command line gives besides inputs and output."""

    config: Path | None = None
    outlet: str | None = None
    history_days: int | None = None

    def digest(self) -> str | None:
        """A digest of all that decides what becomes of a document; None where settings name evidence of their own."""
        settings = b""
        if self.config is not None:
            if not self.config.is_file():  # a pipe can be read only once, and not by us
                return None
            try:
                settings = self.config.read_bytes()
            except OSError:
                return None
            if b"evidence" in settings:
                return None
        told = json.dumps([__version__, self.outlet, self.history_days]).encode()
        files = [*sorted((config_files.folder() / "noise").iterdir()), *sorted(OUTLETS.glob("*.toml"))]
        digests = [f"{path.name} {_digest(path)}".encode() for path in files if path.is_file()]
        return hashlib.sha256(b"\n".join([told, hashlib.sha256(settings).digest(), *digests])).hexdigest()


def run_that_did(inputs: Sequence[str], out: Path, given: Given) -> str | None:
    """The published run that was given the same, if that can be told for certain."""
    asked = given.digest()
    if asked is None or any(_holds(out / name) for name in UNUSUAL):
        return None
    sizes = _sizes(inputs)
    try:
        manifests = (json.loads(path.read_bytes()) for path in sorted((out / "runs").glob("*.json"), reverse=True))
        did = (each for each in manifests if each.get("given") == asked and _read_the_same(each, sizes))
        return next((str(each["run_id"]) for each in did if _is_whole(each, out)), None)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _read_the_same(manifest: dict[str, Any], sizes: dict[str, int]) -> bool:
    """Did this run read these very files?"""
    inputs = manifest["inputs"]
    if {each["uri"]: each["size"] for each in inputs} != sizes:
        return False
    return all(_digest(each["uri"]) == each["sha256"] for each in inputs)


def _holds(path: Path) -> bool:
    """Is there such a file, or anything in such a folder?"""
    return any(path.iterdir()) if path.is_dir() else path.exists()


def _is_whole(manifest: dict[str, Any], out: Path) -> bool:
    """Was this run published, and did it read all of its inputs?"""
    whole = manifest["limit"] is None and not any(manifest["window"].values())
    return whole and (out / "documents" / f"run={manifest['run_id']}").is_dir()


def _sizes(inputs: Sequence[str]) -> dict[str, int]:
    """Size by name of every file that is given or lies in a given folder; nothing if any of them is no plain file."""
    found = {}
    for path in (path for each in inputs for path in _files(each)):
        try:
            about = os.stat(path)  # noqa: PTH116 - names as `pipeline.sources` has them: "./-" is no "-"
        except OSError:
            return {}
        if not stat.S_ISREG(about.st_mode):
            return {}
        found[path] = about.st_size
    return found


def _files(given: str) -> Iterator[str]:
    if not os.path.isdir(given):  # noqa: PTH112
        yield given
    for parent, folders, names in os.walk(given):
        folders[:] = [name for name in folders if not name.startswith((".", "_"))]  # as `pipeline.sources` does
        yield from (os.path.join(parent, name) for name in names if not name.startswith((".", "_")))  # noqa: PTH118


def _digest(path: Path | str) -> str:
    with open(path, "rb") as file:  # noqa: PTH123
        return hashlib.file_digest(file, "sha256").hexdigest()
