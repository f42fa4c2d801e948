"""Disks that are full, broken, closed or gone at any moment: one message, nothing by half, and the next run ends it.

The short form takes a sample of the moments, the long one all of them.
"""

import errno
import random
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from pipeline import settings
from pipeline.api import RunRequest, clean, forget
from pipeline.errors import UserError, explained
from pipeline.runs.clean import disk_errors_in_words
from pipeline.storage.output_folder import OutputFolder
from pipeline.storage.tables import TABLES
from tests.helpers import command
from tests.helpers.folders import ROOT
from tests.helpers.runs import rows, write_news
from tests.runs.interventions import before_renames, failing, publishes

CHOSEN = settings.parse({"evidence": {"line_model": False}})
NUMBERS = (errno.ENOSPC, errno.EACCES, errno.EIO, errno.EROFS)


def run_in_main_process(source: Path, out: Path) -> None:
    clean(RunRequest([str(source)], out, CHOSEN, workers=1, run_id="r"))


def tables(out: Path) -> dict[str, list[str]]:
    return {name: rows(out, name) for name in TABLES}


def undisturbed(tmp_path: Path) -> tuple[Path, dict[str, list[str]]]:
    source = write_news(tmp_path, 6)
    run_in_main_process(source, tmp_path / "undisturbed")
    return source, tables(tmp_path / "undisturbed")


def count(folder: Path, act: Callable[[], None]) -> int:
    """How many operations on files below a folder something takes."""
    with failing(folder, -1, errno.EIO) as saboteur:
        act()
    return saboteur.seen


def moments(number: int, sample: int | None) -> Iterable[int]:
    every = range(1, number + 1)
    return every if sample is None else random.Random(1).sample(every, min(sample, number))


def trouble_with(act: Callable[[], None]) -> bool:
    """Tell if something ended in trouble; it must be explained to a person."""
    try:
        act()
    except (UserError, OSError) as error:
        assert isinstance(explained(error), UserError), repr(error)
        return True
    return False


def fail_everywhere(tmp_path: Path, sample: int | None) -> int:
    """Let operations of a run fail, one in each run; how many of the runs ended in trouble."""
    source, expected = undisturbed(tmp_path)
    out, troubled = tmp_path / "out", 0
    number = count(tmp_path, lambda: run_in_main_process(source, out))
    for at in moments(number, sample):
        shutil.rmtree(out)
        with failing(tmp_path, at, NUMBERS[at % len(NUMBERS)]):
            in_trouble = trouble_with(lambda: run_in_main_process(source, out))
        troubled += in_trouble
        assert not in_trouble or not out.exists() or OutputFolder(out).runs() == [], at
        run_in_main_process(source, out)
        assert tables(out) == expected, at
        run_in_main_process(source, out)  # tidies up what the run before could not
        assert OutputFolder(out).leftovers() == [], at
    return troubled


def forget_everywhere(tmp_path: Path, sample: int | None) -> int:
    """Likewise for `clean forget`."""
    undisturbed(tmp_path)
    before, out, expected = tmp_path / "undisturbed", tmp_path / "out", tmp_path / "forgotten"
    shutil.copytree(before, expected)
    number = count(tmp_path, lambda: print(forget(expected, CHOSEN, outlet="outlet-1")))
    troubled = 0
    for at in moments(number, sample):
        shutil.copytree(before, out)
        with failing(tmp_path, at, NUMBERS[at % len(NUMBERS)]):
            troubled += trouble_with(lambda: print(forget(out, CHOSEN, outlet="outlet-1")))
        try:
            forget(out, CHOSEN, outlet="outlet-1")
        except UserError as error:
            assert "nothing was forgotten" in str(error)
        assert tables(out) == tables(expected), at
        shutil.rmtree(out)
    return troubled


def test_a_run_whose_disk_fails_at_some_moments_says_so_and_is_ended_by_the_next(tmp_path: Path) -> None:
    assert fail_everywhere(tmp_path, 8) > 4


def test_forgetting_whose_disk_fails_at_some_moments_says_so_and_is_ended_by_the_next(tmp_path: Path) -> None:
    assert forget_everywhere(tmp_path, 6) > 3


@pytest.mark.long
def test_a_run_whose_disk_fails_at_any_moment_says_so_and_is_ended_by_the_next(tmp_path: Path) -> None:
    print(fail_everywhere(tmp_path, None))


@pytest.mark.long
def test_forgetting_whose_disk_fails_at_any_moment_says_so_and_is_ended_by_the_next(tmp_path: Path) -> None:
    print(forget_everywhere(tmp_path, None))


def fill(tmp_path: Path, disk: Path, sizes: Iterable[int]) -> int:
    """Run on disks of some sizes in KB; how many were too small."""
    source, expected = undisturbed(tmp_path)
    too_small, out = 0, disk / "out"
    for size in sizes:
        subprocess.run(["mount", "-o", f"remount,size={size}k", str(disk)], check=True)
        in_trouble = trouble_with(lambda: run_in_main_process(source, out))
        too_small += in_trouble
        assert not in_trouble or not out.exists() or OutputFolder(out).runs() == [], size
        subprocess.run(["mount", "-o", "remount,size=50m", str(disk)], check=True)
        run_in_main_process(source, out)
        assert tables(out) == expected, size
        shutil.rmtree(out)
    return too_small


def test_disks_that_are_too_small_are_told_and_the_run_goes_on_once_there_is_room(
    tmp_path: Path, small_disk: Path
) -> None:
    assert fill(tmp_path, small_disk, range(16, 400, 96)) > 2


@pytest.mark.long
def test_disks_of_any_size_are_told_and_the_run_goes_on_once_there_is_room(tmp_path: Path, small_disk: Path) -> None:
    print(fill(tmp_path, small_disk, range(4, 1000, 4)))


# ---------------------------------------------------------------- folders that are gone, paths that are too long


def test_in_a_folder_that_was_removed_commands_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    for arguments in (["run", "news.jsonl"], ["runs"], ["learn"], ["verify"], ["run", "/", "--log-format", "json"]):
        assert command.clean(*arguments) == 2
        said = capsys.readouterr().err
        assert "was removed. Change to a folder that exists" in said
        assert "Traceback" not in said
    monkeypatch.chdir(ROOT)


@pytest.mark.parametrize("gone", ["work", "work/out", "work/out/.staging"])
def test_a_folder_that_is_removed_while_a_run_is_under_way_ends_it_with_a_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], gone: str
) -> None:
    source, work = write_news(tmp_path, 6), tmp_path / "work"
    for moment in ("checkpoint", "publish"):
        work.mkdir(exist_ok=True)
        monkeypatch.chdir(work)

        def remove(here: Path, there: Path, at: str = moment) -> None:
            if publishes(here, there) if at == "publish" else "checkpoints" in here.parts:
                shutil.rmtree(tmp_path / gone, ignore_errors=True)

        with before_renames(remove):
            code = command.clean("run", str(source), "--out", "out", "--quiet")
        said = capsys.readouterr().err
        assert (code, said.count("\n")) == (2, 1), said
        assert "removed" in said
        monkeypatch.chdir(ROOT)


@pytest.mark.parametrize("out", ["x" * 300, "d/" * 2000, "d/" * 2500, "x" * 5000])
@pytest.mark.parametrize("arguments", [["run", "{}"], ["run", "{}", "--log-format", "json"], ["verify"], ["learn"]])
def test_a_path_that_is_too_long_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], out: str, arguments: list[str]
) -> None:
    source = write_news(tmp_path, 2)
    monkeypatch.chdir(tmp_path)
    assert command.clean(*(each.format(source) for each in arguments), "--out", out) == 2
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert len(said) < 800
    assert list(tmp_path.iterdir()) == [source]


def test_a_disk_that_refuses_before_anything_is_staged_leaves_nothing_to_resume(tmp_path: Path) -> None:
    output = OutputFolder(tmp_path)
    with pytest.raises(UserError, match=r"Nothing was published\.$"), disk_errors_in_words(output):
        raise PermissionError(errno.EACCES, "Permission denied", str(tmp_path / ".lock"))
    output.staging("r").mkdir(parents=True)
    with (
        pytest.raises(UserError, match=r"resumes from what is done\. To give it up, remove"),
        disk_errors_in_words(output),
    ):
        raise PermissionError(errno.EACCES, "Permission denied", str(tmp_path / ".staging"))
