"""Deletion of runs: what is left is what there would be without them, whenever it is killed."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest

from pipeline import api, settings
from pipeline.errors import UserError
from pipeline.reports.run_history import figures
from pipeline.runs import forgetting
from pipeline.storage.forgotten import RECORD
from pipeline.storage.output_folder import OutputFolder
from pipeline.storage.tables import read
from tests.helpers.command import clean
from tests.helpers.runs import MAIN
from tests.passages.test_history import (
    articles,  # noqa: F401 - a fixture
    assert_same,
    assert_sound,
    nights,
    run,
    sliced,
    story,
    write,
)

PLAIN = settings.parse({})


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory, articles: list[dict[str, Any]]) -> Path:  # noqa: F811
    """The output folder of three nights, to be copied."""
    return nights(tmp_path_factory.mktemp("three"), "out", sliced(articles, 3))


@pytest.fixture
def out(three: Path, tmp_path: Path) -> Path:
    shutil.copytree(three, tmp_path / "out")
    return tmp_path / "out"


def test_without_its_last_run_a_corpus_is_what_it_was_before_it_and_can_be_cleaned_again(
    out: Path,
    three: Path,
    tmp_path: Path,
    articles: list[dict[str, Any]],  # noqa: F811
) -> None:
    two = nights(tmp_path, "two", sliced(articles, 3)[:2])
    last = OutputFolder(out).runs()[-1]
    n = len(read(out, "documents", [last]))
    assert api.delete(out, PLAIN, [last]) == n
    assert_sound(out)
    assert_same(out, two)
    assert not (out / RECORD).exists(), "nothing of a deleted run is remembered"
    assert not [path for path in out.rglob("*") if last in path.name]
    assert run(write(tmp_path / "again", sliced(articles, 3)[2]), out).tally.documents_out == n
    assert_same(out, three)


def test_a_run_in_the_middle_leaves_no_reference_and_canonical_passages_of_others_stay(out: Path) -> None:
    first, middle, last = OutputFolder(out).runs()
    before = read(out, "passages", [last])
    ledger = len(read(out, "ledger", [last]))
    gone = set(read(out, "documents", [middle])["doc_id"].to_pylist())
    assert api.delete(out, PLAIN, [middle]) == len(gone)
    assert_sound(out)
    after = read(out, "passages", [first, last])
    canonical = set(after.filter(after["is_canonical"])["cluster_id"].to_pylist())
    assert set(after["cluster_id"].to_pylist()) == canonical, "no cluster is without its canonical passage"
    assert not gone & set(after["doc_id"].to_pylist())
    assert not gone & set(read(out, "paragraphs", [first, last])["duplicate_of_doc"].to_pylist())
    kept = before.filter(pc.is_in(before["doc_id"], pc.unique(read(out, "documents", [last])["doc_id"])))
    assert len(kept.filter(pc.invert(kept["is_canonical"]))) > 0
    assert len(read(out, "ledger", [last])) == ledger, "what other runs did is still told"


def test_the_canonical_passage_that_a_deleted_run_published_moves_to_the_next_run_with_a_copy(tmp_path: Path) -> None:
    words = "The harbour office of Holm said on Monday that nine days of storm had kept the ferry Alba in port."
    stories = [
        {"url": f"https://{name}.example/1", "outlet": name, "published": f"2031-05-0{n}T00:00:00Z",
         "text": f"{words}\n\n{story(n)}"}
        for n, name in enumerate(("quay", "plume", "star"), start=1)
    ]  # fmt: skip
    out = nights(tmp_path, "out", [[story] for story in stories])
    runs = OutputFolder(out).runs()
    assert read(out, "passages", runs[1:2])["is_canonical"].to_pylist().count(True) == 1
    api.delete(out, PLAIN, runs[1:2])
    assert_sound(out)
    left = read(out, "passages", OutputFolder(out).runs()).to_pylist()
    assert sorted((row["outlet"], row["is_canonical"]) for row in left) == [("quay", True), ("star", False)]


def killed_while_deleting(out: Path, run_id: str, seconds: float) -> None:
    """`clean delete`, killed after so many seconds of its work."""
    command = [sys.executable, "-c", MAIN, "delete", run_id, "--yes", "--out", str(out)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 120
    while process.poll() is None and not (out / RECORD).exists() and time.monotonic() < until:
        time.sleep(0.002)
    time.sleep(seconds)
    process.kill()
    process.wait()


@pytest.mark.parametrize("at", ["_rewrite_templates", "_count_in_manifest", "_rewrite_flows", "matching.up_to_date"])
def test_a_deletion_that_breaks_off_is_ended_by_the_next_command(
    out: Path,
    tmp_path: Path,
    articles: list[dict[str, Any]],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    at: str,
) -> None:
    last = OutputFolder(out).runs()[-1]
    monkeypatch.setattr(f"pipeline.runs.forgetting.{at}", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        api.delete(out, PLAIN, [last])
    monkeypatch.undo()
    assert forgetting.remains(out, OutputFolder(out).runs()) == [
        f"{RECORD} says that run {last} is being deleted: `clean run` or `clean delete` ends it"
    ]
    assert api.delete(out, PLAIN, [last]) == 0
    assert_sound(out)
    assert last not in OutputFolder(out).runs()


@pytest.mark.long
def test_a_deletion_that_is_killed_at_any_moment_is_ended_by_the_next_command(
    three: Path,
    tmp_path: Path,
    articles: list[dict[str, Any]],  # noqa: F811
) -> None:
    two, chance = nights(tmp_path, "two", sliced(articles, 3)[:2]), random.Random(3)
    for number in range(20):
        out = tmp_path / f"out-{number}"
        shutil.copytree(three, out)
        last = OutputFolder(out).runs()[-1]
        killed_while_deleting(out, last, chance.random() * 1.5)
        clean("delete", last, "--yes", "--out", str(out))
        assert_sound(out)
        assert_same(out, two)


def test_what_would_be_removed_is_shown_and_nothing_is_removed(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = OutputFolder(out).runs()
    n = len(read(out, "documents", runs[:1]))
    row = read(out, "documents", runs[:1]).to_pylist()[0]
    assert clean("delete", runs[0], "--dry-run", "--out", str(out)) == 0
    told = capsys.readouterr().out
    assert told.startswith(f"would remove {n} articles of 1 run:\n")
    assert told.endswith(f"  and {n - 10} more\n")
    assert clean("forget", row["doc_id"][:9], "--dry-run", "--out", str(out)) == 0
    assert capsys.readouterr().out == (
        f"would remove 1 article of 1 run:\n  {row['doc_id']}  {row['outlet']}  {row['title'] or row['url']}\n"
    )
    assert len(read(out, "documents", runs[:1])) == n


def test_the_first_digits_of_an_id_are_enough_to_forget_it_and_runs_are_counted_after_it(out: Path) -> None:
    runs = OutputFolder(out).runs()
    row = read(out, "documents", runs[:1]).to_pylist()[0]
    with pytest.raises(UserError, match="is the beginning of"):
        api.forget(out, PLAIN, doc_id=row["doc_id"][0])
    before = figures(OutputFolder(out).manifest(runs[0]))["documents"]
    assert api.forget(out, PLAIN, doc_id=row["doc_id"][:9]) == 1
    assert api.forget(out, PLAIN, doc_id=row["doc_id"][:9]) == 0, "it is forgotten already"
    assert figures(OutputFolder(out).manifest(runs[0]))["documents"] == before - 1


def test_a_run_that_is_not_there_cannot_be_deleted(three: Path) -> None:
    with pytest.raises(UserError, match="no run 'monday' in"):
        api.delete(three, PLAIN, ["monday"])
