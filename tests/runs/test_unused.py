"""A named input of which nothing can be used, beside good ones: the run is published and says it on its last lines."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest

from pipeline.runs.unused import UnusedInput, UnusedInputs
from tests.helpers.command import clean

STORY = "The ferry {0} to Holm sails again from Monday, the harbour office said after nine days of storm on the strait."
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with news among which is a picture, a picture of its own, and a folder of pictures."""
    for name in ("news", "my pictures"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "quay.png").write_bytes(PICTURE)
    for number in (1, 2):
        (tmp_path / "news" / f"{number}.txt").write_text(STORY.format(number), "utf-8")
    (tmp_path / "quay.png").write_bytes(PICTURE)
    (tmp_path / "empty.txt").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("here")
def test_the_last_lines_name_each_input_that_gave_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert clean("run", "./news/", "quay.png", "my pictures", "--workers", "1") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-2:] == [
        "clean: nothing of quay.png was used: unknown kind. `clean explain quay.png` says why.",
        "clean: nothing of my pictures was used: unknown kind. `clean explain 'my pictures'` says why.",
    ]
    assert not [line for line in lines[:-2] if "was used" in line], "a picture among news is counted and not named"


@pytest.mark.usefixtures("here")
def test_a_quiet_run_and_one_for_machines_say_it_too(capsys: pytest.CaptureFixture[str]) -> None:
    said = "clean: nothing of empty.txt was used: empty. `clean explain empty.txt` says why.\n"
    assert clean("run", "news/1.txt", "empty.txt", "--quiet", "--workers", "1") == 0
    assert capsys.readouterr() == ("", said)
    assert clean("run", "news/2.txt", "empty.txt", "--json", "--workers", "1") == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["unused"] == [{"input": "empty.txt", "reason": "empty"}]
    assert printed.err == said


@pytest.mark.usefixtures("here")
def test_an_input_that_was_published_before_is_no_useless_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert clean("run", "news/1.txt", "--quiet", "--workers", "1") == 0
    assert clean("run", "news/1.txt", "news/2.txt", "--quiet", "--workers", "1") == 0
    assert capsys.readouterr().err == ""


def test_an_input_counts_as_used_from_any_batch_and_by_whole_names() -> None:
    def ledger(*rows: tuple[str, str, str]) -> pa.Table:
        columns = ("source_uri", "action", "reason")
        return pa.table({name: pa.array([row[at] for row in rows], pa.string()) for at, name in enumerate(columns)})

    def documents(*uris: str) -> pa.Table:
        return pa.table({"source_uri": pa.array(uris, pa.string())})

    unused = UnusedInputs(["a.jsonl", "a", "b/", "c.zip", "d(1).txt"])
    unused.look_at(documents(), ledger(("a.jsonl:1", "failed", "malformed"), ("b/x", "skipped", "empty")))
    unused.look_at(
        documents("a.jsonl:2", "c.zip!y"), ledger(("d(1).txt", "skipped", "empty"), ("a", "marked", "read_as"))
    )
    assert unused.found() == (UnusedInput("b/", "empty"), UnusedInput("d(1).txt", "empty"))
