"""`clean verify --repair`, and runs over what power cuts left under older versions."""

import shutil
from pathlib import Path

import pytest

from pipeline import settings
from pipeline.api import RunRequest, clean
from pipeline.errors import UserError
from pipeline.passages.passage_index import FOLDER
from pipeline.reports.verify import check
from pipeline.storage.forgotten import RECORD
from pipeline.storage.output_folder import OutputFolder
from pipeline.storage.reader import Corpus
from pipeline.storage.tables import TABLES, folder_of
from tests.helpers import command
from tests.helpers.runs import rows, write_news
from tests.runs.interventions import before_renames, publishes

CHOSEN = settings.parse({"evidence": {"line_model": False}})


def run(source: Path, out: Path, run_id: str = "r") -> None:
    clean(RunRequest([str(source)], out, CHOSEN, workers=1, run_id=run_id))


def tables(out: Path) -> dict[str, list[str]]:
    return {name: rows(out, name) for name in TABLES}


def cut_off_after(renames: int, source: Path, out: Path) -> None:
    """Publish a run up to so many renames, and empty the checkpoint that says that it was ready."""
    done = 0

    def stop(here: Path, there: Path) -> None:
        nonlocal done
        done += publishes(here, there)
        if done > renames:
            raise KeyboardInterrupt

    with before_renames(stop), pytest.raises(KeyboardInterrupt):
        run(source, out)
    (out / ".staging" / "r" / "checkpoints" / "run" / "ready").write_bytes(b"")


@pytest.mark.parametrize("renames", [1, 3, 5])
@pytest.mark.parametrize("repaired", [False, True])
def test_a_publication_whose_mark_lost_its_content_is_done_again(
    tmp_path: Path, renames: int, repaired: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    source, out = write_news(tmp_path, 6), tmp_path / "out"
    run(source, tmp_path / "undisturbed")
    cut_off_after(renames, source, out)
    if repaired:
        assert command.clean("verify", "--repair", "--out", str(out)) == 0
        assert "of killed runs removed" in capsys.readouterr().out
        assert OutputFolder(out).leftovers() == []
    run(source, out)
    assert tables(out) == tables(tmp_path / "undisturbed")
    assert check(Corpus(out)).remarks == []


@pytest.fixture
def two_nights(tmp_path: Path) -> Path:
    for number in range(2):
        run(write_news(tmp_path, 6, 6 * number), tmp_path / "out", f"night-{number}")
    return tmp_path / "out"


def break_index(out: Path) -> None:
    path = out / FOLDER / "000000-000000" / "words.bin"
    path.write_bytes(bytes(path.stat().st_size))


def break_counts(out: Path) -> None:
    (folder_of(out, "index/templates", "night-0") / "counts.arrow").write_bytes(b"")


@pytest.mark.parametrize(
    ("damage", "told"), [(break_index, "damaged part of the index"), (break_counts, "counts for templates of 1 run")]
)
def test_what_is_damaged_and_can_be_made_again_is_removed_and_made_again(
    tmp_path: Path, two_nights: Path, capsys: pytest.CaptureFixture[str], damage: object, told: str
) -> None:
    undisturbed = tmp_path / "undisturbed"
    shutil.copytree(two_nights, undisturbed)
    assert callable(damage)
    damage(two_nights)
    assert command.clean("verify", "--out", str(two_nights)) == 1
    assert "--repair" in capsys.readouterr().out
    assert command.clean("verify", "--repair", "--out", str(two_nights)) == 0
    assert told in capsys.readouterr().out
    third = write_news(tmp_path, 6, 12)
    for out in (two_nights, undisturbed):
        run(third, out, "night-2")
    assert tables(two_nights) == tables(undisturbed)
    assert check(Corpus(two_nights)).wrong == []


def test_damaged_counts_are_counted_anew_by_a_run_without_a_repair(tmp_path: Path, two_nights: Path) -> None:
    break_counts(two_nights)
    run(write_news(tmp_path, 6, 12), two_nights, "night-2")
    assert check(Corpus(two_nights)).wrong == []


def test_where_nothing_is_broken_nothing_is_repaired(
    tmp_path: Path, two_nights: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.clean("verify", "--repair", "--out", str(two_nights)) == 0
    assert "nothing to repair" in capsys.readouterr().out
    assert command.clean("verify", "--repair", "--out", str(tmp_path / "none")) == 0
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("content", [b"", b"\0" * 100, b"[1]"])
def test_what_cannot_be_made_again_is_told(two_nights: Path, content: bytes) -> None:
    (two_nights / RECORD).write_bytes(content)
    with pytest.raises(UserError, match=r"forgotten\.json is damaged"):
        check(Corpus(two_nights))
    (two_nights / RECORD).unlink()
    (two_nights / "runs" / "night-1.json").write_bytes(content)
    with pytest.raises(UserError, match=r"its manifest .* is damaged"):
        Corpus(two_nights)
