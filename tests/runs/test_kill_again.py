"""`clean run --again`, killed with SIGKILL at any operation: one generation or the other, and any command ends it.

A small corpus of three runs, the second of which is replaced. After each kill a reader looks at `documents`; then one
of the commands that a person might give next, and at last the same `--again`: the tables are those of an undisturbed
one, and nothing is left behind.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline import settings
from pipeline.api import RunRequest, clean
from pipeline.reports.repair import repair
from pipeline.reports.verify import check
from pipeline.storage.output_folder import OutputFolder
from pipeline.storage.reader import Corpus
from pipeline.storage.replacement import is_ready
from pipeline.storage.tables import TABLES, WHOLE
from tests.helpers.folders import ROOT
from tests.helpers.killed_at import OTHER
from tests.helpers.runs import rows
from tests.runs.test_power_cut import CHOSEN, DOCUMENTS, night, seen_by_readers

PROGRAM = ROOT / "tests" / "helpers" / "killed_at.py"
NEW = "night-1b"
OLD_RUNS, NEW_RUNS = {"night-0", "night-1", "night-2"}, {"night-0", "night-2", NEW}


class Victims:
    """A program that cleans again, in a process for each time."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, str(PROGRAM), str(folder / f"news-{DOCUMENTS}.jsonl"), NEW]
        self.program = subprocess.Popen(
            command, cwd=folder, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=1
        )

    def again(self, out: Path, at: int) -> list[int]:
        """Clean again, killed at an operation; what it printed, the exit status last."""
        assert self.program.stdin
        assert self.program.stdout
        self.program.stdin.write(f"{at} {out}\n")
        return [int(each) for each in self.program.stdout.readline().split()]

    def end(self) -> None:
        self.program.communicate()


def same_again(folder: Path, out: Path) -> None:
    source = [str(folder / f"news-{DOCUMENTS}.jsonl")]
    clean(RunRequest(source, out, OTHER, workers=1, run_id=NEW, again=True))


def any_run(folder: Path, out: Path) -> None:
    """A run that finds its input known."""
    assert clean(RunRequest([str(folder / "news-0.jsonl")], out, CHOSEN, workers=1)).run_id is None
    assert OutputFolder(out).leftovers() == []


def verify(_: Path, out: Path) -> None:
    """It finds tables of two generations, and says how that ends, or nothing wrong."""
    mixed = is_ready(out)
    wrong = check(Corpus(out)).wrong
    assert len(wrong) == mixed, wrong
    assert not mixed or "`clean verify --repair`, or the next `clean run`, ends it" in wrong[0]


def verify_and_repair(_: Path, out: Path) -> None:
    mixed = is_ready(out)
    assert ("what `clean run --again` had ready is in its place" in repair(out, settings.Settings())) == mixed
    assert check(Corpus(out)).wrong == []
    assert OutputFolder(out).leftovers() == []


COMMANDS: tuple[Callable[[Path, Path], None], ...] = (any_run, verify, verify_and_repair, same_again)


def tables(out: Path) -> dict[str, list[str]]:
    return {name: rows(out, name) for name in (*TABLES, *WHOLE)}


def files(out: Path) -> set[str]:
    """All files but those of the index, whose segments are named by when they were made."""
    every = (str(path.relative_to(out)) for path in out.rglob("*") if path.is_file())
    return {path for path in every if "near_duplicates" not in path}


def kill_everywhere(folder: Path, kills: int) -> set[bool]:
    """Kill at so many operations, the same number before and after the new generation is ready; which were seen."""
    for number in range(3):
        night(folder, folder / "before", number)
    shutil.copytree(folder / "before", folder / "expected")
    victims = Victims(folder)
    every, ready, status = victims.again(folder / "expected", 0)
    assert status == 0
    chance, expected = random.Random(7), tables(folder / "expected")
    half = kills // 2
    points = chance.sample(range(1, ready), half) + chance.sample(range(ready + 1, every), kills - half)
    generations = set()
    for number, at in enumerate(points):
        out = folder / "out"
        shutil.copytree(folder / "before", out)
        assert victims.again(out, at)[-1] == -signal.SIGKILL, at
        seen = {path.name.removeprefix("run=") for path in (out / "documents").iterdir()}
        assert seen in (OLD_RUNS, NEW_RUNS), at
        generations.add(seen == NEW_RUNS)
        assert seen_by_readers(out) == [], at
        COMMANDS[number % len(COMMANDS)](folder, out)
        same_again(folder, out)
        assert tables(out) == expected, at
        assert check(Corpus(out)).wrong == [], at
        assert files(out) == files(folder / "expected"), at
        shutil.rmtree(out)
    victims.end()
    return generations


def test_killed_at_some_moments_it_shows_one_generation_and_any_command_ends_it(tmp_path: Path) -> None:
    assert kill_everywhere(tmp_path, 6) == {False, True}


@pytest.mark.long
def test_killed_at_many_moments_it_shows_one_generation_and_any_command_ends_it(tmp_path: Path) -> None:
    assert kill_everywhere(tmp_path, int(os.environ.get("COPYDESK_KILLS", "60"))) == {False, True}
