"""Hostile inputs: a run ends in time, in words, and with every record accounted for."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from pipeline import settings
from pipeline.corpus import Corpus
from pipeline.run import Order, clean
from pipeline.store import Store
from pipeline.tables import read
from pipeline.verify import check
from tests.hostile import CASES, Case

CLEAN = [str(Path(sys.executable).with_name("clean"))]
#: These take most of the time: on their own, by `make test-long`.
SLOW = {
    "floods_of_elements", "texts_against_every_rule", "a_gzip_bomb_in_an_answer", "a_line_of_a_hundred_megabytes",
    "broken_csv", "a_doctype_without_end", "a_page_of_twenty_megabytes", "a_picture_in_the_page",
    "gzip_in_gzip_in_gzip", "elements_nested_without_end", "nothing_but_line_breaks",
    "a_paragraph_of_half_a_million_words",
}  # fmt: skip
SECONDS = 300
CONTROLS = {chr(n) for n in (*range(32), *range(127, 160))} - {"\n", "\t", "\r"}


def accounted(out: Path, folder: Path) -> Counter[str]:
    """For each case below the folder: its documents, and the rows of what was skipped or failed."""
    found: Counter[str] = Counter()
    runs = Store(out).runs()
    documents = read(out, "documents", runs).to_pylist()
    rows = read(out, "ledger", runs).to_pylist()
    for row in [*documents, *(row for row in rows if row["action"] in {"skipped", "failed"})]:
        found[Path(row["source_uri"]).relative_to(folder).parts[0]] += 1
    return found


def test_there_are_at_least_forty_kinds_of_hostile_input() -> None:
    assert len({each.name for each in CASES}) == len(CASES) >= 40


def test_one_run_over_all_of_them_accounts_for_every_record(tmp_path: Path) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    quick = [each for each in CASES if each.name not in SLOW]
    for each in quick:
        (folder / each.name).mkdir(parents=True)
        each.write(folder / each.name)
    chosen = settings.parse({"run": {"max_failed_share": 1.0}})
    report = clean(Order([str(folder)], out, chosen, workers=2))
    assert report.run_id is not None
    found = accounted(out, folder)
    assert {each.name: found[each.name] for each in quick if found[each.name] < each.records} == {}
    assert check(Corpus(out)).wrong == []


def call(*arguments: str) -> subprocess.CompletedProcess[str]:
    """A call of `clean`, that must end in time and without a traceback, and print nothing that steers a terminal."""
    done = subprocess.run(
        [*CLEAN, *arguments], capture_output=True, encoding="utf-8", errors="replace", timeout=SECONDS, check=False
    )
    assert done.returncode in {0, 1, 2}, done.stderr[-2000:]
    assert "Traceback" not in done.stderr
    assert CONTROLS.isdisjoint(done.stdout + done.stderr)
    return done


@pytest.mark.parametrize("name", ["fields_that_inject", "markup_in_the_story", "names_of_files_that_inject"])
def test_what_a_document_says_does_not_steer_the_terminal(tmp_path: Path, name: str) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    next(each for each in CASES if each.name == name).write(folder)
    call("run", str(folder), "--out", str(out))
    documents = read(out, "documents", Store(out).runs()).to_pylist()
    assert documents
    for document in documents:
        call("explain", document["doc_id"], "--out", str(out))
        call("restore", document["doc_id"], "--out", str(out))
    for command in ("runs", "verify"):
        call(command, "--out", str(out))
    assert not Path("/tmp/climb").exists()


@pytest.mark.long
@pytest.mark.parametrize("hostile", CASES, ids=lambda each: each.name)
def test_each_of_them_alone_ends_in_words(tmp_path: Path, hostile: Case) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    (folder / hostile.name).mkdir(parents=True)
    hostile.write(folder / hostile.name)
    allow = tmp_path / "all.toml"
    allow.write_text("[run]\nmax_failed_share = 1.0\n")
    done = call("run", str(folder), "--out", str(out), "--config", str(allow), "--json")
    report = json.loads(done.stdout)
    if report["run_id"] is not None:
        assert accounted(out, folder)[hostile.name] >= hostile.records
        assert call("verify", "--out", str(out)).returncode == 0
