"""An export writes what was asked for, whole or not at all, and refuses what does not fit together."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.errors import UserError
from pipeline.reports.exports import json_lines, text_files
from pipeline.reports.exports.job import ExportRequest, export
from pipeline.reports.exports.registry import FORMATS
from pipeline.storage.reader import Corpus
from pipeline.storage.selection import Selection
from tests.helpers.command import clean


@pytest.fixture(scope="module")
def corpus(sample_run: Path) -> Corpus:
    return Corpus(sample_run)


MISTAKES = {
    "a format that there is not": (["--to", "jsonlines"], "did you mean jsonl?"),
    "a name of another format": (["--to", "csv", "-o", "a.parquet"], "contradicts the name a.parquet"),
    "a name without a format": (["-o", "news"], "says no format"),
    "Parquet on standard output": (["--to", "parquet"], "writes a file"),
    "a folder on standard output": (["--to", "hf"], "writes a folder"),
    "Parquet that is packed": (["-o", "a.parquet.gz"], "not compressed as a whole"),
    "a column that there is not": (["--columns", "doc_id,headline"], "no such column"),
    "cells of a format without cells": (["--raw"], "applies to CSV"),
    "shares that are no shares": (["--split", "train", "-o", "a.jsonl"], "'train' is not a new name with a share"),
    "shares of more than all": (["--split", "train=0.9,test=0.9", "-o", "a.jsonl"], "add up to 1.8"),
    "splits on standard output": (["--split", "train=0.9,test=0.1"], "a file for each split"),
    "a split that nothing falls to": (["--split", "train=0.9999,test=0.0001", "-o", "a.jsonl"], "another --seed"),
    "flows of some documents": (["--to", "graphml", "--outlet", "meridian"], "counted over whole runs"),
    "columns of flows": (["--to", "flows", "--columns", "text"], "apply to documents"),
    "an outlet that there is not": (["--outlet", "meridain"], "Did you mean meridian?"),
    "a time without articles": (["--since", "2090-01-01"], "no document is chosen by since 2090"),
    "a folder in the place of a file": (["-o", "folder.jsonl"], "is a folder"),
    "a file in the place of a folder": (["--to", "text", "-o", "news.txt"], "no earlier export"),
    "a folder that holds something": (["--to", "text", "-o", "kept"], "no earlier export"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_in_one_line_and_nothing_is_written(
    sample_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    arguments, told = MISTAKES[name]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.jsonl").mkdir()
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "thesis.txt").write_text("years of work")
    (tmp_path / "news.txt").write_text("news")
    before = sorted(tmp_path.rglob("*"))
    assert clean("export", *arguments, "--out", str(sample_run)) == 2
    said = capsys.readouterr()
    assert said.err.startswith("clean: ")
    assert told in said.err
    assert said.out == ""
    assert sorted(tmp_path.rglob("*")) == before


def test_an_export_that_breaks_off_leaves_what_was_there(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def breaking(real):  # type: ignore[no-untyped-def]
        def pieces(documents, options):  # type: ignore[no-untyped-def]
            for number, piece in enumerate(real(documents, options)):
                if number == 5:
                    raise KeyboardInterrupt
                yield piece

        return pieces

    (tmp_path / "a.jsonl").write_text("last week's\n")
    monkeypatch.setattr(json_lines, "pieces", breaking(json_lines.pieces))
    with pytest.raises(KeyboardInterrupt):
        export(corpus, ExportRequest(FORMATS["jsonl"], tmp_path / "a.jsonl"))
    splits = ["--split", "train=0.7,test=0.3", "-o", str(tmp_path / "b.jsonl")]
    assert clean("export", *splits, "--out", str(corpus.out)) == 130
    assert "no file was changed" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["a.jsonl"]
    assert (tmp_path / "a.jsonl").read_text() == "last week's\n"


def test_a_folder_is_replaced_whole_or_not_at_all(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "texts"
    export(corpus, ExportRequest(FORMATS["text"], folder, Selection(outlets=("meridian",))))
    before = sorted(path.name for path in folder.iterdir())
    real = text_files.write_folder

    def breaking(splits, aside, options):  # type: ignore[no-untyped-def]
        real(splits, aside, options)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(text_files, "write_folder", breaking)
        with pytest.raises(KeyboardInterrupt):
            export(corpus, ExportRequest(FORMATS["text"], folder))
    assert sorted(path.name for path in folder.iterdir()) == before
    report = export(corpus, ExportRequest(FORMATS["text"], folder))
    assert len(list(folder.glob("*.txt"))) == report.n > len(before)
    assert [path.name for path in tmp_path.iterdir()] == ["texts"]


def test_a_link_and_a_device_are_written_through(sample_run: Path, tmp_path: Path) -> None:
    (tmp_path / "link.jsonl").symlink_to(tmp_path / "real.jsonl")
    assert clean("export", "-o", str(tmp_path / "link.jsonl"), "--out", str(sample_run)) == 0
    assert (tmp_path / "link.jsonl").is_symlink()
    assert (tmp_path / "real.jsonl").read_text("utf-8").count("\n") > 60
    assert clean("export", "--to", "jsonl", "-o", "/dev/null", "--out", str(sample_run)) == 0
    assert not Path("/dev/null").is_file()


def test_the_report_names_splits_and_what_was_altered(
    sample_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--split", "train=0.6,test=0.4", "-o", str(tmp_path / "a.csv"), "--columns", "doc_id,title"]
    assert clean("export", *arguments, "--out", str(sample_run)) == 0
    said = capsys.readouterr().err
    assert f"documents → {tmp_path}/a.csv" in said
    assert "  train: " in said
    assert "largest group" in said
    assert {path.name for path in tmp_path.iterdir()} == {"a-train.csv", "a-test.csv"}
    assert (tmp_path / "a-train.csv").read_bytes().startswith(b"doc_id,title,defused\r\n")


def test_standard_output_has_the_columns_in_their_order(sample_run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert clean("export", "-o", "-", "--columns", "title, doc_id", "--sample", "3", "--out", str(sample_run)) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [list(row) for row in rows] == [["title", "doc_id"]] * 3


def test_every_format_is_in_the_help_and_in_the_docs(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert clean("export", "--help") == 0
    shown = capsys.readouterr().out
    page = (repository / "docs" / "how-to" / "export.md").read_text("utf-8")
    assert [each.name for each in FORMATS.values() if each.summary not in shown] == []
    assert [name for name in FORMATS if f"`{name}`" not in page] == []


def test_nothing_to_choose_from_is_an_error_of_its_own(corpus: Corpus) -> None:
    with pytest.raises(UserError, match="nothing was written"):
        export(corpus, ExportRequest(FORMATS["jsonl"], None, Selection(min_words=10_000_000)))
