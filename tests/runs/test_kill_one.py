"""Kill proof, one process at a time: a run of which the fork server, a worker or the main process is killed at random.

It ends well, or with a message; what is run again after it gives the tables of a run that nobody disturbed.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from pipeline import settings
from pipeline.api import RunRequest, clean
from pipeline.storage.output_folder import OutputFolder
from pipeline.storage.tables import TABLES
from tests.helpers.folders import ROOT
from tests.helpers.runs import MAIN, rows, write_news

SETTINGS = "[run]\nbatch_documents = 4\npart_documents = 12\nsmall_bytes = 0\ntasks_per_worker = 3\n"
KINDS = ("server", "worker", "main", "tracker")
DOCUMENTS = 24
# How long an undisturbed run takes on a machine that others use too, about: kills come at any time of it.
SECONDS = 4.0

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")


class DisturbedRun:
    """A run by the command line, in a session of its own."""

    def __init__(self, source: Path, out: Path) -> None:
        arguments = ["run", str(source), "--out", str(out), "--run-id", "r", "--quiet", "--workers", "2"]
        command = [sys.executable, "-c", MAIN, *arguments, "--config", str(source.parent / "run.toml")]
        self.process = subprocess.Popen(
            command, cwd=source.parent, env=os.environ | {"PYTHONPATH": str(ROOT)}, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def found(self, kind: str) -> list[int]:
        """The processes of a kind that live now, told apart by their command line and parent."""
        mine = {int(p.name): p for p in Path("/proc").glob("[0-9]*") if self._is_ours(p)}
        servers = [pid for pid, p in mine.items() if b"multiprocessing.forkserver" in self._command(p)]
        forked = [pid for pid in servers if self._parent(mine[pid]) in servers or self._parent(mine[pid]) not in mine]
        return {
            "main": [self.process.pid] if self.process.pid in mine else [],
            "worker": forked,
            "server": [pid for pid in servers if pid not in forked],
            "tracker": [pid for pid, p in mine.items() if b"resource_tracker" in self._command(p)],
        }[kind]

    def _is_ours(self, path: Path) -> bool:
        fields = self._fields(path)
        return len(fields) > 3 and int(fields[3]) == self.process.pid and fields[0] != "Z"

    def _fields(self, path: Path) -> list[str]:
        try:
            return (path / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            return []

    def _parent(self, path: Path) -> int:
        fields = self._fields(path)
        return int(fields[1]) if fields else 0

    def _command(self, path: Path) -> bytes:
        try:
            return (path / "cmdline").read_bytes()
        except OSError:
            return b""

    def kill_one(self, kind: str, after: float, chance: random.Random) -> bool:
        """Kill a process of a kind after so many seconds, or as soon as there is one; tell if there was."""
        until = time.monotonic() + after
        while self.process.poll() is None:
            if time.monotonic() >= until and (there := self.found(kind)):
                try:
                    os.kill(chance.choice(there), signal.SIGKILL)
                except ProcessLookupError:
                    continue
                return True
            time.sleep(0.03)  # a look at all processes takes a few milliseconds
        return False

    def end(self) -> tuple[int, str]:
        """The exit code and what was said."""
        _, said = self.process.communicate(timeout=300)
        return self.process.returncode, said


def bring_to_an_end(source: Path, out: Path) -> None:
    """A plain run."""
    clean(RunRequest([str(source)], out, settings.load(source.parent / "run.toml"), workers=2, run_id="r"))


def disturb(tmp_path: Path, kills: int, seed: int) -> Counter[tuple[str, int]]:
    """So many kills of one process each; how often a kind of process was hit, by the exit code of the run."""
    chance, outcomes = random.Random(seed), Counter[tuple[str, int]]()
    source = write_news(tmp_path, DOCUMENTS)
    (tmp_path / "run.toml").write_text(SETTINGS)
    bring_to_an_end(source, tmp_path / "undisturbed")
    expected = {name: rows(tmp_path / "undisturbed", name) for name in TABLES}
    for number in range(10 * kills):
        if outcomes.total() == kills:
            break
        out, kind = tmp_path / f"out-{number}", KINDS[number % len(KINDS)]
        disturbed = DisturbedRun(source, out)
        hit = disturbed.kill_one(kind, chance.uniform(0, SECONDS), chance)
        code, said = disturbed.end()
        outcomes.update([(kind, code)] if hit else [])
        assert code in ((-signal.SIGKILL, 0) if kind == "main" else (0, 2)), said
        assert "Traceback" not in said
        assert code != 2 or said.startswith("clean: "), said
        if code:
            bring_to_an_end(source, out)
        assert {name: rows(out, name) for name in TABLES} == expected
        assert OutputFolder(out).leftovers() == []
    return outcomes


def test_a_run_of_which_one_process_is_killed_ends_well_or_with_a_message(tmp_path: Path) -> None:
    assert disturb(tmp_path, 3, seed=1).total() == 3


@pytest.mark.long
def test_two_hundred_kills_of_one_process_end_well_or_with_a_message(tmp_path: Path) -> None:
    kills = int(os.environ.get("COPYDESK_KILLS", "200"))
    outcomes = disturb(tmp_path, kills, seed=2)
    print(dict(outcomes))
    assert {kind for kind, _ in outcomes} == set(KINDS)
