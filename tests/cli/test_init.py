"""`clean init` and `clean run --dry-run`: what inputs hold, and a settings file that reads them so."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pyarrow as pa
import pytest

from pipeline import settings, sources
from tests.helpers.command import clean

STORY = (
    "The ferry to {0} stays in port for another week, the harbour office said on Monday. Two of the four landing "
    "stages were damaged by waves of up to five metres, a spokeswoman told reporters."
)


@pytest.fixture
def news(tmp_path: Path) -> Path:
    """A file whose columns have names of their own."""
    places = ("Holm", "Varde", "Lindby", "Asker")
    rows = [
        {"Headline": f"Ferry to {place} late", "Story": STORY.format(place), "Paper": {"name": "Holm Post"},
         "Posted": f"{day}/12/2030"}
        for day, place in enumerate(places, start=11)
    ]  # fmt: skip
    path = tmp_path / "news.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_the_settings_written_read_the_input_as_it_is_read_without_them(
    news: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written = tmp_path / "copydesk.toml"
    assert clean("init", str(news), "--output", str(written)) == 0
    assert capsys.readouterr().out == f"written to {written}; to use it: clean run {news} --config {written}\n"
    named = settings.load(written).sources
    assert (named.fields.text, named.fields.outlet, named.day_first) == ("Story", "Paper.name", True)
    with_names, without = (
        pa.concat_tables([batch.documents for batch in sources.batches(sources.plan([str(news)]), each)])
        for each in (named, sources.Settings())
    )
    assert with_names.equals(without)


def test_what_was_seen_is_told_with_the_first_articles(news: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert clean("init", str(news)) == 0
    said = capsys.readouterr().out
    assert "1 input: 1 json_lines" in said
    assert "reading `Story` as the text, `Headline` as the title, `Paper.name` as the outlet" in said
    assert "outlets: Holm Post (4)" in said
    assert "languages: en (4)" in said
    assert "published: 2030-12-11 to 2030-12-14" in said
    assert "1. Ferry to Holm late · Holm Post · 2030-12-11 · no author" in said
    assert "3. Ferry to Lindby late" in said
    assert "4. " not in said
    assert tomllib.loads(said)["sources"]["fields"]["title"] == "Headline"


def test_a_folder_of_inputs_with_different_columns_names_none(news: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (news.parent / "more.csv").write_text(f'titel;inhalt\n"Spät";"{STORY}"\n', encoding="utf-8")
    assert clean("init", str(news.parent)) == 0
    said = capsys.readouterr().out
    assert "The inputs have different columns" in said
    assert tomllib.loads(said)["sources"]["fields"] == {}


@pytest.mark.parametrize("name", ["nowhere.jsonl", "empty"])
def test_what_cannot_be_looked_at_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    (tmp_path / "empty").mkdir()
    assert clean("init", str(tmp_path / name)) == 2
    assert name in capsys.readouterr().err


def test_a_file_of_the_user_is_not_overwritten(news: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert clean("init", str(news), "--output", str(news)) == 2
    assert "this file exists" in capsys.readouterr().err


def test_a_dry_run_shows_how_the_inputs_are_read(
    news: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert clean("run", str(news), "--out", str(tmp_path / "out"), "--dry-run") == 0
    said = capsys.readouterr().out
    assert "outlets: Holm Post (4)" in said
    assert "1. Ferry to Holm late · Holm Post · 2030-12-11 · no author" in said


def test_a_run_says_how_it_read_its_inputs_and_keeps_it_in_the_manifest(
    news: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert clean("run", str(news), "--out", str(tmp_path / "out"), "--run-id", "r") == 0
    assert "reading `Story` as the text" in capsys.readouterr().out
    manifest = json.loads((tmp_path / "out" / "runs" / "r.json").read_text(encoding="utf-8"))
    (note,) = manifest["read_as"]
    assert note["first"] == str(news)
    assert note["note"].startswith("reading `Story` as the text")
    assert note["inputs"] == 1
