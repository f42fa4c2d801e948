"""Runs, end to end: published whole or not at all, the same rows whatever moves them, nothing twice, nothing lost."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from pipeline import settings, work
from pipeline.corpus import Corpus
from pipeline.errors import TooManyFailedError, UserError
from pipeline.replay import changes_by_document, text_before
from pipeline.run import Order, Report, clean
from pipeline.store import Store
from pipeline.tables import SCHEMA_VERSION, TABLES, dataset, folder_of, read
from pipeline.verify import check

STORY = (
    "The harbour of Port Anning opened again on Monday after nine days of storm, the harbour master said.\n\n"
    "Forty boats had waited outside the bar, and the first of them sold its catch before noon.\n\n"
    "“We have not seen such a swell since my father's time,” said Mara Quill, who runs the ice house."
)


def write_news(folder: Path, n: int, first: int = 0) -> Path:
    """A JSON Lines file of `n` stories, each its own by a number and a few words."""
    path = folder / f"news-{first}.jsonl"
    words = ["gull", "rope", "tide", "crane", "ferry", "net", "buoy", "anchor", "cable", "mast", "lantern", "quay"]
    with path.open("w", encoding="utf-8") as file:
        for i in range(first, first + n):
            extra = " ".join(random.Random(i).choices(words, k=12))
            text = f"{STORY}\n\nBoat number {i} carried {extra}, its log says.\n\nRead more: The storm in pictures"
            file.write(json.dumps({"id": str(i), "outlet": f"outlet-{i % 3}", "text": text}) + "\n")
    return path


def run(path: Path | str, out: Path, *, workers: int = 2, **options: Any) -> Report:
    chosen = settings.parse(options.pop("settings", {}))
    return clean(Order([str(path)], out, chosen, workers, **options))


def rows(out: Path, name: str, without: tuple[str, ...] = ("run",)) -> list[str]:
    """The rows of a table over all runs, as sorted text."""
    table = read(out, name, Store(out).runs())
    return sorted(json.dumps(row, default=str, sort_keys=True) for row in table.drop_columns(list(without)).to_pylist())


def test_the_tables_have_the_columns_of_the_contract_and_say_their_version(sample_run: Path) -> None:
    for name, schema in TABLES.items():
        files = list(folder_of(sample_run, name, "sample").glob("*.parquet"))
        assert files
        for file in files:
            found = pa.parquet.read_schema(file)
            assert found.names == schema.names
            assert found.types == schema.types
            assert found.metadata[b"schema_version"] == SCHEMA_VERSION.encode()


def test_the_conservation_law_holds_for_every_document_of_the_sample(sample_run: Path) -> None:
    findings = check(Corpus(sample_run))
    assert findings.wrong == []
    assert findings.documents >= 60


def test_undoing_repair_too_gives_back_the_bytes_of_plain_utf_8_texts(sample_run: Path, repository: Path) -> None:
    ledger = dataset(sample_run, "ledger", "sample").to_table()
    changes = changes_by_document(ledger)
    compared = 0
    for document in dataset(sample_run, "documents", "sample").to_table().to_pylist():
        path = Path(document["source_uri"])
        if path.suffix != ".txt" or not path.is_file():
            continue
        try:
            raw = path.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError:
            continue
        assert text_before(document["text"], changes.get(document["doc_id"], []), "repair") == raw
        compared += 1
    assert compared >= 5


def test_every_input_document_is_carried_on_or_named(sample_run: Path) -> None:
    manifest = Store(sample_run).manifest("sample")["counts"]
    lost = [row for row in manifest["ledger"] if row["action"] in ("failed", "skipped") and row["stage"] != "source"]
    assert manifest["documents_in"] == manifest["documents_out"] + sum(row["rows"] for row in lost)


@pytest.mark.parametrize(("workers", "batch"), [(1, 256), (2, 5), (3, 1)])
def test_workers_and_batches_decide_nothing(tmp_path: Path, workers: int, batch: int) -> None:
    path = write_news(tmp_path, 24)
    run(path, tmp_path / "a", run_id="r")
    chosen = {"run": {"batch_documents": batch, "part_documents": 7, "tasks_per_worker": 2}}
    run(path, tmp_path / "b", workers=workers, settings=chosen, run_id="r")
    for name in TABLES:
        assert rows(tmp_path / "a", name) == rows(tmp_path / "b", name), name
    assert rows(tmp_path / "a", "passages")


def test_the_order_of_files_decides_nothing(tmp_path: Path) -> None:
    paths = [str(write_news(tmp_path, 8, first)) for first in (0, 8, 16)]
    for name, inputs in (("a", paths), ("b", paths[::-1])):
        clean(Order(inputs, tmp_path / name, settings.parse({}), 2, run_id="r"))
    for name in TABLES:
        assert rows(tmp_path / "a", name) == rows(tmp_path / "b", name), name


def test_a_second_run_over_the_same_inputs_adds_nothing_and_says_so(tmp_path: Path) -> None:
    path = write_news(tmp_path, 6)
    first = run(path, tmp_path / "out")
    second = run(path, tmp_path / "out")
    assert second.run_id is None
    assert "nothing new" in second.notes[0]
    assert Store(tmp_path / "out").runs() == [first.run_id]


def test_documents_of_an_earlier_run_are_skipped_by_name_and_new_ones_published(tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(write_news(tmp_path, 6), out, run_id="monday")
    (tmp_path / "tuesday").mkdir()
    path = write_news(tmp_path / "tuesday", 6, 6)
    path.write_text(path.read_text() + (tmp_path / "news-0.jsonl").read_text())
    (tmp_path / "news-0.jsonl").rename(tmp_path / "tuesday" / "news-6b.jsonl")
    path.rename(tmp_path / "news-0.jsonl")  # ids of records without a URL are made from the file's name
    run(tmp_path / "news-0.jsonl", out, run_id="tuesday")
    published = read(out, "documents", ["tuesday"])
    assert sorted(published["source_id"].to_pylist(), key=int) == ["6", "7", "8", "9", "10", "11"]
    reasons = read(out, "ledger", ["tuesday"], ["action", "reason"]).to_pylist()
    assert sum(row["reason"] == "already_published" for row in reasons) == 6


def test_the_same_document_twice_in_one_run_is_skipped_by_name(tmp_path: Path) -> None:
    path = write_news(tmp_path, 3)
    path.write_text(path.read_text() * 2)
    run(path, tmp_path / "out", run_id="r")
    assert len(read(tmp_path / "out", "documents", ["r"])) == 3
    assert sum(r == "same_document" for r in read(tmp_path / "out", "ledger", ["r"])["reason"].to_pylist()) == 3


def test_a_run_with_too_many_failures_publishes_nothing(tmp_path: Path) -> None:
    path = write_news(tmp_path, 4)
    path.write_text(path.read_text() + "{broken\n" * 4)
    with pytest.raises(TooManyFailedError, match=r"4 documents failed, 50%.*malformed"):
        run(path, tmp_path / "out")
    assert Store(tmp_path / "out").runs() == []
    assert not list((tmp_path / "out").rglob("*.parquet"))
    assert run(path, tmp_path / "out", settings={"run": {"max_failed_share": 0.5}}).tally.documents_out == 4


def test_a_dry_run_publishes_nothing(tmp_path: Path) -> None:
    report = run(write_news(tmp_path, 4), tmp_path / "out", dry_run=True)
    assert report.tally.documents_out == 4
    assert Store(tmp_path / "out").runs() == []
    assert Store(tmp_path / "out").leftovers() == []


def test_a_run_does_not_read_what_it_wrote(tmp_path: Path) -> None:
    write_news(tmp_path, 4)
    run(tmp_path, tmp_path / "out", run_id="a")
    write_news(tmp_path, 2, 4)
    assert run(tmp_path, tmp_path / "out", run_id="b").tally.documents_in == 2
    assert check(Corpus(tmp_path / "out")).documents == 6


def test_a_limit_stops_after_so_many_documents(tmp_path: Path) -> None:
    chosen = {"run": {"batch_documents": 4}}
    assert run(write_news(tmp_path, 20), tmp_path / "out", limit=6, settings=chosen).tally.documents_out == 6


def test_an_input_that_does_not_exist_is_refused_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is no such file"):
        run(tmp_path / "nowhere.jsonl", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("run_id", ["", "a/b", "../up", ".hidden", "x" * 101])
def test_a_run_id_that_is_no_name_is_refused(tmp_path: Path, run_id: str) -> None:
    path = write_news(tmp_path, 1)
    if run_id:
        with pytest.raises(UserError, match="run id"):
            run(path, tmp_path / "out", run_id=run_id)


def kill_on_marked(task: work.Prepare) -> Any:
    """Stands in for a page that brings its worker down in C code, where nothing in Python can catch it."""
    if any(b"KILLS" in raw for raw in task.documents["raw"].to_pylist()):
        os.kill(os.getpid(), signal.SIGKILL)
    return REAL_PREPARE(task)


REAL_PREPARE = work.prepare


def test_a_document_that_kills_its_worker_fails_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_news(tmp_path, 9)
    lines = path.read_text().splitlines()
    lines[4] = lines[4].replace("Mara Quill", "KILLS")
    path.write_text("\n".join(lines))
    monkeypatch.setattr(work, "prepare", kill_on_marked)
    report = run(path, tmp_path / "out", run_id="r")
    assert report.tally.documents_out == 8
    failed = [row for row in read(tmp_path / "out", "ledger", ["r"]).to_pylist() if row["action"] == "failed"]
    assert [(row["source_id"], row["reason"]) for row in failed] == [("4", "worker_died")]
    assert check(Corpus(tmp_path / "out")).wrong == []


def start(path: Path, out: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", "from pipeline.cli import main; main()", "run", str(path), "--out", str(out)]
    return subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)


def kill_after(seconds: float, path: Path, out: Path) -> None:
    """Start a run and kill it with all its workers."""
    process = start(path, out)
    time.sleep(seconds)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def assert_whole(out: Path, undisturbed: Path, documents: int) -> None:
    for published in Store(out).runs():
        assert len(read(out, "documents", [published])) == documents
    run(undisturbed.parent / "news-0.jsonl", out)
    assert Store(out).leftovers() == []
    for name in TABLES:
        assert rows(out, name) == rows(undisturbed, name)


@pytest.mark.parametrize("after", [0.5, 1.5, 2.5])
def test_a_killed_run_leaves_nothing_visible_and_the_next_gives_the_same_tables(tmp_path: Path, after: float) -> None:
    path = write_news(tmp_path, 60)
    kill_after(after, path, tmp_path / "out")
    run(path, tmp_path / "undisturbed")
    assert_whole(tmp_path / "out", tmp_path / "undisturbed", 60)


@pytest.mark.long
def test_a_run_killed_at_many_moments_leaves_nothing_visible(tmp_path: Path) -> None:
    path = write_news(tmp_path, 200)
    run(path, tmp_path / "undisturbed")
    moments = random.Random(1)
    for n in range(30):
        kill_after(moments.uniform(0.2, 5), path, tmp_path / f"out-{n}")
        assert_whole(tmp_path / f"out-{n}", tmp_path / "undisturbed", 200)


def test_an_interrupted_run_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    path = write_news(tmp_path, 4000)
    process = start(path, tmp_path / "out")
    while not list(tmp_path.glob("out/.staging/*/prepared/*.arrow")):
        assert process.poll() is None
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "interrupted" in said
    assert "Traceback" not in said
    assert Store(tmp_path / "out").leftovers() == []


