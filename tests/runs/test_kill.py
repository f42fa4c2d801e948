"""Kill proof: a run killed at any moment, kill -9 to all its processes, is never half visible and loses nothing.

Two nights, the second on top of the first, are killed again and again in a phase that is drawn by lot, after a time
drawn by lot. A reader looks at the tables all the while. After each few kills a plain run brings the night to its end;
the tables must be those of two nights that nobody disturbed.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from threading import Event, Thread

import pyarrow.parquet as pq
import pytest

from pipeline import settings
from pipeline.api import RunRequest, clean
from pipeline.storage.output_folder import OutputFolder
from pipeline.storage.tables import TABLES, folder_of, read
from tests.helpers.folders import ROOT
from tests.helpers.runs import write_news

SETTINGS = "[run]\nbatch_documents = 6\npart_documents = 24\nsmall_bytes = 0\n"
PHASES = ("begin", "prepare", "learn", "clean", "resolve", "finish", "seal", "publish", "tidy")
NIGHTS = ("night-1", "night-2")
DOCUMENTS = 48  # a night
# How long a phase lasts in slow motion, about; a kill comes at any time of it.
SECONDS = {"prepare": 1.5, "clean": 0.8, "resolve": 0.3, "publish": 1.5}
BRIEF = 0.15


class Reader(Thread):
    """Somebody who uses the tables while runs come and go: what is in `documents` must be there as a whole."""

    def __init__(self, out: Path) -> None:
        super().__init__(daemon=True)
        self.out, self.done, self.looks = out, Event(), 0
        self.violations: list[str] = []

    def run(self) -> None:
        while not self.done.is_set():
            self.look()
            self.done.wait(0.05)  # each step of a publication lingers four times as long

    def look(self) -> None:
        """Every run that has documents has all else: the manifest, the other tables with the same parts, all rows."""
        self.looks += 1
        for folder in (self.out / "documents").glob("run=*"):
            run = folder.name.removeprefix("run=")
            try:
                held = len(pq.read_table(folder, columns=["doc_id"]))
                parts = {path.name for path in folder.iterdir()}
                told = OutputFolder(self.out).manifest(run)["counts"]["documents_out"]
                broken = [n for n in TABLES if {p.name for p in folder_of(self.out, n, run).iterdir()} != parts]
                for name in TABLES:
                    pq.read_table(folder_of(self.out, name, run))
            except Exception as error:  # whatever it is, a user would see it too
                self.violations.append(f"{run}: {type(error).__name__}: {error}")
                continue
            if broken or not held == told == DOCUMENTS:
                self.violations.append(f"{run}: {held} documents of {told}, other parts in {broken}")


class Nights:
    """Two nights into one output folder."""

    def __init__(self, folder: Path, out: Path) -> None:
        self.folder, self.out = folder, out
        self.phase_file = folder / f"{out.name}.phase"
        self.log = folder / f"{out.name}.log"

    def start(self, night: str) -> subprocess.Popen[bytes]:
        program = ROOT / "tests" / "helpers" / "slow_motion.py"
        arguments = [self.phase_file, self.folder / f"{night}.jsonl", self.out, night, self.folder / "run.toml"]
        command = [sys.executable, str(program), *map(str, arguments)]
        self.phase_file.write_text("start")
        with self.log.open("ab") as log:
            return subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, cwd=self.folder)

    def kill_in(self, night: str, phase: str, chance: random.Random) -> list[str]:
        """Kill a night with all its processes in a phase, or later if it was past it; where it was, if it was."""
        process = self.start(night)
        after = PHASES[PHASES.index(phase) :]
        while process.poll() is None and self.phase() not in after:
            time.sleep(0.005)
        time.sleep(chance.uniform(0, SECONDS.get(phase, BRIEF)))
        hit = self.phase()
        if process.poll() is not None:
            assert process.returncode == 0, self.log.read_text()[-2000:]
            return []
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return [hit]

    def phase(self) -> str:
        """The phase that has begun; the file is empty for an instant while the next one is written."""
        while not (phase := self.phase_file.read_text()):
            time.sleep(0.001)
        return phase

    def bring_to_an_end(self, night: str) -> None:
        """A plain run."""
        chosen = settings.load(self.folder / "run.toml")
        clean(RunRequest([str(self.folder / f"{night}.jsonl")], self.out, chosen, workers=2, run_id=night))

    def rows(self) -> dict[str, list[str]]:
        """All rows of all tables, each with its run."""
        tables = {name: read(self.out, name, OutputFolder(self.out).runs()).to_pylist() for name in TABLES}
        return {name: sorted(json.dumps(row, default=str) for row in rows) for name, rows in tables.items()}


def kill_nights(tmp_path: Path, kills: int, seed: int) -> Counter[str]:
    """So many kills; how many hit each phase."""
    chance, hits = random.Random(seed), Counter[str]()
    write_news(tmp_path, DOCUMENTS).rename(tmp_path / "night-1.jsonl")
    write_news(tmp_path, DOCUMENTS, DOCUMENTS).rename(tmp_path / "night-2.jsonl")
    (tmp_path / "run.toml").write_text(SETTINGS)
    undisturbed = Nights(tmp_path, tmp_path / "undisturbed")
    for night in NIGHTS:
        undisturbed.bring_to_an_end(night)
    expected = undisturbed.rows()
    left: list[str] = []
    for number in range(10 * kills):
        if hits.total() >= kills:
            break
        nights = Nights(tmp_path, tmp_path / f"out-{number}")
        reader = Reader(nights.out)
        reader.start()
        for night in NIGHTS:
            for _ in range(min(chance.randint(2, 6), kills - hits.total())):
                left = left or chance.sample(PHASES, len(PHASES))
                hits.update(nights.kill_in(night, left.pop(), chance))
            nights.bring_to_an_end(night)
        reader.done.set()
        reader.join()
        assert reader.violations == []
        assert reader.looks > 20
        assert OutputFolder(nights.out).leftovers() == []
        assert nights.rows() == expected
    return hits


def test_nights_killed_in_any_phase_lose_nothing_and_show_nothing_by_half(tmp_path: Path) -> None:
    hits = kill_nights(tmp_path, 4, seed=1)
    assert hits.total() == 4
    assert len(hits) >= 3


@pytest.mark.long
def test_two_hundred_kills_lose_nothing_and_show_nothing_by_half(tmp_path: Path) -> None:
    kills = int(os.environ.get("COPYDESK_KILLS", "200"))
    hits = kill_nights(tmp_path, kills, seed=2)
    print(dict(hits))
    assert hits.total() >= kills
    assert min(hits[phase] for phase in PHASES) >= kills // 40, hits
