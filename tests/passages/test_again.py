"""Inputs cleaned again in place of the runs before: readers see one generation, whole, whatever is killed."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from pipeline import api, settings
from pipeline.api import RunRequest
from pipeline.errors import LockHeldError, UserError
from pipeline.reports.page import report_page
from pipeline.runs.report import RunReport
from pipeline.storage import replacement
from pipeline.storage.output_folder import OutputFolder
from tests.passages.test_history import (
    articles,  # noqa: F401 - a fixture
    assert_same,
    assert_sound,
    nights,
    sliced,
    write,
)
from tests.runs.interventions import before_renames, failing

KEEP = settings.parse({"noise": {"keep": ["caption"], "min_odds": 50.0}})


def again(out: Path, three: Path, **options: Any) -> RunReport:
    """Clean the input of the second night once more."""
    return api.clean(RunRequest([night(three, 1)], out, KEEP, again=True, **({"workers": 2} | options)))


def night(three: Path, number: int) -> str:
    return str(three.with_name(f"out-{number}") / "night.jsonl")


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory, articles: list[dict[str, Any]]) -> Path:  # noqa: F811
    return nights(tmp_path_factory.mktemp("again"), "out", sliced(articles, 3))


@pytest.fixture
def out(three: Path, tmp_path: Path) -> Path:
    """A copy of three nights."""
    shutil.copytree(three, tmp_path / "out")
    return tmp_path / "out"


@pytest.fixture(scope="module")
def expected(three: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same after deletion of the second run, and cleaning its input with other settings."""
    out = tmp_path_factory.mktemp("expected") / "out"
    shutil.copytree(three, out)
    api.delete(out, KEEP, OutputFolder(out).runs()[1:2])
    api.clean(RunRequest([night(three, 1)], out, KEEP, workers=2))
    return out


def test_it_gives_the_rows_of_deletion_and_a_new_run(out: Path, three: Path, expected: Path) -> None:
    before = OutputFolder(out).runs()
    report = again(out, three)
    assert report.notes[-1] == f"in place of {before[1]}"
    assert OutputFolder(out).runs() == [before[0], before[2], report.run_id]
    assert_sound(out)
    assert_same(out, expected)
    assert not (out / ".again").exists()


@pytest.mark.parametrize("at", ["_put", "exchange", "move", "remove"])
def test_broken_off_while_it_is_put_into_place_the_next_command_goes_on(
    out: Path, three: Path, expected: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    before = set(OutputFolder(out).runs())
    real, calls = getattr(replacement, at), iter(range(100))

    def killed(*names: Any) -> None:
        if next(calls) == (3 if at == "_put" else 0):
            raise ZeroDivisionError
        real(*names)

    monkeypatch.setattr(replacement, at, killed)
    with pytest.raises(ZeroDivisionError):
        again(out, three)
    seen = {path.name.removeprefix("run=") for path in (out / "documents").glob("run=*")}
    assert len(seen) == 3
    assert (seen == before) == (at in ("_put", "exchange")), "one generation or the other"
    monkeypatch.undo()
    known = RunRequest([night(three, 0)], out, settings.parse({}), workers=1)
    assert api.clean(known).run_id is None
    assert_sound(out)
    assert_same(out, expected)
    assert not (out / ".again").exists()


def test_a_file_system_that_cannot_exchange_names_does_it_in_two_steps(
    out: Path, three: Path, expected: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replacement.ctypes, "CDLL", lambda *_, **__: object())
    again(out, three)
    assert_sound(out)
    assert_same(out, expected)


def test_without_hard_links_files_are_copied(
    out: Path, three: Path, expected: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: Any) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", refused)
    again(out, three)
    assert_sound(out)
    assert_same(out, expected)


@pytest.mark.parametrize("at", [1, 60, 200])
def test_a_disk_that_is_full_leaves_the_runs_before_as_they_were_and_says_so(out: Path, three: Path, at: int) -> None:
    before = OutputFolder(out).runs()
    with (
        pytest.raises(UserError, match=r"Nothing was replaced.*begins anew"),
        failing(out / ".again", at, errno.ENOSPC),
    ):
        again(out, three, workers=1)
    assert OutputFolder(out).runs() == before
    assert_sound(out)
    assert not (out / ".again").exists()


def test_a_second_one_at_once_is_told_who_holds_the_lock(out: Path, three: Path) -> None:
    with OutputFolder(out).lock(), pytest.raises(LockHeldError, match="process"):
        again(out, three)


def test_the_same_command_with_its_run_id_does_it_once(out: Path, three: Path) -> None:
    assert again(out, three, run_id="tuesday").run_id == "tuesday"
    report = again(out, three, run_id="tuesday")
    assert report.run_id is None
    assert "nothing new" in report.notes[-1]


def test_the_output_in_a_folder_that_is_read_is_no_input_and_pages_of_replaced_runs_go(
    tmp_path: Path, articles: list[dict[str, Any]],  # noqa: F811
) -> None:  # fmt: skip
    write(tmp_path / "news", articles[:5])
    out = tmp_path / "news" / "corpus"
    first = api.clean(RunRequest([str(tmp_path / "news")], out, settings.parse({}), workers=1))
    page = report_page(out, None, None)
    report = api.clean(RunRequest([str(tmp_path / "news")], out, KEEP, workers=1, again=True))
    assert report.tally.documents_out == first.tally.documents_out == 5
    assert OutputFolder(out).runs() == [report.run_id]
    assert not Path(str(page)).exists()


def test_standard_input_has_no_name_by_which_its_runs_could_be_found(out: Path) -> None:
    with pytest.raises(UserError, match="standard input has no name"):
        api.clean(RunRequest(["-"], out, KEEP, workers=1, again=True))


def test_interrupted_while_it_is_put_into_place_it_is_put_there_all_the_same(
    out: Path, three: Path, expected: Path
) -> None:
    def interrupt(source: Path, target: Path) -> None:
        if ".again/ledger" in str(source) and ".again" not in str(target) and not interrupted:
            interrupted.append(target)
            raise KeyboardInterrupt

    interrupted: list[Path] = []
    with before_renames(interrupt), pytest.raises(KeyboardInterrupt):
        again(out, three)
    assert interrupted
    assert not (out / ".again").exists()
    assert_sound(out)
    assert_same(out, expected)


def test_what_would_replace_a_run_by_less_is_refused_and_a_dry_run_replaces_nothing(out: Path, three: Path) -> None:
    before = OutputFolder(out).runs()
    with pytest.raises(UserError, match="leave out --limit"):
        again(out, three, limit=3)
    with pytest.raises(UserError, match="is taken"):
        again(out, three, run_id=before[0])
    assert again(out, three, dry_run=True).run_id is None
    assert OutputFolder(out).runs() == before
    assert not (out / ".again").exists()
