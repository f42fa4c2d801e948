"""Scores on labelled real news, with floors that only ever rise. Needs ../shared."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pipeline import settings
from pipeline.api import RunRequest, clean
from pipeline.reports.verify import check
from pipeline.storage.output_folder import OutputFolder
from pipeline.storage.reader import Corpus
from pipeline.storage.tables import read

pytestmark = pytest.mark.shared


def gold(shared: Path, *arguments: str) -> dict[str, Any]:
    command = [sys.executable, str(shared / "tools" / "gold.py"), *arguments]
    done = subprocess.run(command, text=True, capture_output=True, check=True)
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    print(arguments[0], figures)
    return figures


def run_on(shared: Path, tmp_path: Path, kind: str) -> Path:
    """Clean one of the labelled sets; every document of it keeps the conservation law."""
    gold(shared, "inputs", kind, str(tmp_path))
    clean(RunRequest([str(tmp_path / f"{kind}.jsonl")], tmp_path / "out", settings.parse({}), workers=2))
    assert check(Corpus(tmp_path / "out")).wrong == []
    return tmp_path / "out"


def found(figure: str) -> int:
    return int(figure.partition("/")[0])


def test_the_seed_articles_lose_their_noise_and_no_word_of_the_story(shared: Path, tmp_path: Path) -> None:
    figures = gold(shared, "seeds", str(run_on(shared, tmp_path, "seeds")))
    assert figures["line_recall"] >= 0.97
    assert figures["body_words_lost"] == 0
    assert found(figures["reuse_found"]) >= 22
    assert found(figures["paraphrase_found"]) <= 8


def test_labelled_articles_lose_noise_lines_and_hardly_a_body_word(shared: Path, tmp_path: Path) -> None:
    figures = gold(shared, "noise", str(run_on(shared, tmp_path, "noise")))
    assert figures["line_f1"] >= 0.75
    assert figures["body_words_lost"] <= 0.004


def test_labelled_extracts_lose_noise_lines_and_hardly_a_body_word(shared: Path, tmp_path: Path) -> None:
    figures = gold(shared, "pages", str(run_on(shared, tmp_path, "pages")))
    assert figures["line_f1"] >= 0.65
    assert figures["body_words_lost"] <= 0.005


def test_copied_passages_are_found_and_hardly_anything_else(shared: Path, tmp_path: Path) -> None:
    figures = gold(shared, "pairs", str(run_on(shared, tmp_path, "pairs")))
    assert figures["f1"] >= 0.90
    assert figures["precision"] >= 0.93


def test_real_pages_are_all_accounted_for_and_keep_the_law(shared: Path, tmp_path: Path) -> None:
    clean(RunRequest([str(shared / "data" / "pages.warc.gz")], tmp_path, settings.parse({}), workers=2, run_id="r"))
    assert check(Corpus(tmp_path)).wrong == []
    failed = [row for row in read(tmp_path, "ledger", ["r"]).to_pylist() if row["action"] == "failed"]
    assert len(read(tmp_path, "documents", ["r"])) + len(failed) == 270
    assert OutputFolder(tmp_path).manifest("r")["counts"]["documents_in"] == 270
