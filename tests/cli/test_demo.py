"""`clean demo`: the sample corpus in a folder of one's own."""

from pathlib import Path

import pytest

from pipeline import sample
from tests.helpers.command import clean


def test_the_demonstration_cleans_the_sample_and_says_what_to_look_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert clean("demo") == 0
    said = capsys.readouterr().out
    assert "the cleaned corpus      copydesk-demo/corpus/" in said
    assert sorted(path.name for path in (tmp_path / "copydesk-demo" / "news").iterdir()) == list(sample.PARTS)
    steps = [line.split("  ")[1].split() for line in said.splitlines() if line.startswith("  clean ")]
    for step in (each for each in steps if "copydesk-demo/corpus" in each and "verify" not in each):
        assert clean(*step[1:]) == 0, step
    assert clean("demo") == 0
    assert "nothing new" in capsys.readouterr().out


@pytest.mark.parametrize("occupied", ["file", "folder"])
def test_a_folder_with_something_else_in_it_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], occupied: str
) -> None:
    place = tmp_path / "mine"
    if occupied == "file":
        place.write_text("mine", encoding="utf-8")
    else:
        place.mkdir()
        (place / "notes.txt").write_text("mine", encoding="utf-8")
    assert clean("demo", str(place)) == 2
    assert "there is something else here. Name another folder" in capsys.readouterr().err
    assert not (tmp_path / "mine" / "news").exists()
