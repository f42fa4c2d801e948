"""Inputs cleaned again in place of the runs before: readers see one generation, whole, whatever is killed."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from pipeline import api, settings
from pipeline.api import RunRequest
from pipeline.errors import UserError
from pipeline.runs.report import RunReport
from pipeline.storage import replacement
from pipeline.storage.output_folder import OutputFolder
from tests.passages.test_history import (
    articles,  # noqa: F401 - a fixture
    assert_same,
    assert_sound,
    nights,
    sliced,
)

KEEP = settings.parse({"noise": {"keep": ["caption"], "min_odds": 50.0}})


def again(out: Path, three: Path, **options: Any) -> RunReport:
    """Clean the input of the second night once more."""
    return api.clean(RunRequest([night(three, 1)], out, KEEP, workers=2, again=True, **options))


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


def test_what_would_replace_a_run_by_less_is_refused_and_a_dry_run_replaces_nothing(out: Path, three: Path) -> None:
    before = OutputFolder(out).runs()
    with pytest.raises(UserError, match="leave out --limit"):
        again(out, three, limit=3)
    with pytest.raises(UserError, match="is taken"):
        again(out, three, run_id=before[0])
    assert again(out, three, dry_run=True).run_id is None
    assert OutputFolder(out).runs() == before
    assert not (out / ".again").exists()
