"""The up-to-date check: find a published run of the same command, before importing what cleans, which takes a second.

It answers only where files and digests leave no doubt. Anything unusual (a run under way or left by a kill, settings
with evidence of their own, inputs that are not plain files) is left to `pipeline.runs.clean`, which knows more.
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
#: Names in the output folder of a run under way, those left by a kill, and forgotten articles.
UNUSUAL = (".lock.holder", ".staging", ".again", "forgotten.json")


@dataclass(frozen=True)
class CommandOptions:
    """The options and variables of a command that decide what happens to a document."""

    config: Path | None = None
    outlet: str | None = None
    history_days: int | None = None
    strictness: str | None = None
    only: str | None = None
    variables: tuple[tuple[str, str], ...] = ()  # of the environment: names and values

    @property
    def settings(self) -> dict[str, dict[str, Any]]:
        """The settings that the options stand for."""
        given = {
            ("sources", "outlet"): self.outlet,
            ("near_duplicates", "history_days"): self.history_days,
            ("stages", "only"): self.only and str(self.only),
            ("noise", "strictness"): self.strictness and str(self.strictness),
        }
        return {section: {key: value} for (section, key), value in given.items() if value is not None}

    def digest(self, version: str = __version__) -> str | None:
        """Return a digest of options, settings and evidence; None if the settings name evidence of their own."""
        settings = b""
        if any("EVIDENCE" in name for name, _ in self.variables):
            return None
        if self.config is not None:
            if not self.config.is_file():  # a pipe can be read only once, and not by us
                return None
            try:
                settings = self.config.read_bytes()
            except OSError:
                return None
            if b"evidence" in settings:
                return None
        options = json.dumps([version, self.settings, self.variables]).encode()
        files = [*sorted((config_files.folder() / "noise").iterdir()), *sorted(OUTLETS.glob("*.toml"))]
        digests = [f"{path.name} {_digest(path)}".encode() for path in files if path.is_file()]
        return hashlib.sha256(b"\n".join([options, hashlib.sha256(settings).digest(), *digests])).hexdigest()


def run_that_did(inputs: Sequence[str], out: Path, options: CommandOptions) -> str | None:
    """Return the published run of the same command, if there certainly is one."""
    digest = options.digest()
    if digest is None or any(_holds(out / name) for name in UNUSUAL):
        return None
    sizes = sizes_of(inputs)
    try:
        manifests = (json.loads(path.read_bytes()) for path in sorted((out / "runs").glob("*.json"), reverse=True))
        same = (each for each in manifests if each.get("given") == digest and _read_the_same(each, sizes))
        return next((str(each["run_id"]) for each in same if _is_whole(each, out)), None)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _read_the_same(manifest: dict[str, Any], sizes: dict[str, int]) -> bool:
    """Return True if this run read exactly these files."""
    inputs = manifest["inputs"]
    if {each["uri"]: each["size"] for each in inputs} != sizes:
        return False
    return all(_digest(each["uri"]) == each["sha256"] for each in inputs)


def _holds(path: Path) -> bool:
    """Return True if the file exists, or the folder holds anything."""
    return any(path.iterdir()) if path.is_dir() else path.exists()


def _is_whole(manifest: dict[str, Any], out: Path) -> bool:
    """Return True if this run was published and read all of its inputs."""
    whole = manifest["limit"] is None and not any(manifest["window"].values())
    return whole and (out / "documents" / f"run={manifest['run_id']}").is_dir()


def sizes_of(inputs: Sequence[str]) -> dict[str, int]:
    """Return the size of every input file by name, folders included; nothing if any is not a plain file."""
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


def _files(source: str) -> Iterator[str]:
    if not os.path.isdir(source):  # noqa: PTH112
        yield source
    for parent, folders, names in os.walk(source):
        folders[:] = [name for name in folders if not name.startswith((".", "_"))]  # as `pipeline.sources` does
        kept = (name for name in names if not name.startswith((".", "_")) and name != config_files.SETTINGS_FILE)
        yield from (os.path.join(parent, name) for name in kept)  # noqa: PTH118


def _digest(path: Path | str) -> str:
    with open(path, "rb") as file:  # noqa: PTH123
        return hashlib.file_digest(file, "sha256").hexdigest()
