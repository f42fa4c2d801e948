"""Runs, end to end: published whole or not at all, the same rows whatever moves them, nothing twice, nothing lost."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from pipeline import settings
from pipeline.api import RunReport, RunRequest, clean
from pipeline.engines.local import LocalEngine
from pipeline.engines.main_process import MainProcessEngine
from pipeline.errors import LockHeldError, TooManyFailedError, UserError
from pipeline.reports.verify import check
from pipeline.runs import tasks
from pipeline.runs.clean import clean_folder, engine_of
from pipeline.runs.report import silence
from pipeline.storage.output_folder import OutputFolder
from pipeline.storage.reader import Corpus
from pipeline.storage.replay import changes_by_document, text_before
from pipeline.storage.tables import SCHEMA_VERSION, TABLES, dataset, folder_of, read
from tests.helpers.held import HOLD, wait_until_held
from tests.helpers.runs import MAIN, STORY, rows, run, write_news
from tests.runs.interventions import before_renames, publishes


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
    manifest = OutputFolder(sample_run).manifest("sample")["counts"]
    lost = [row for row in manifest["ledger"] if row["action"] in ("failed", "skipped") and row["stage"] != "source"]
    assert manifest["documents_in"] == manifest["documents_out"] + sum(row["rows"] for row in lost)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with 24 stories, cleaned into `out` with the default settings."""
    folder = tmp_path_factory.mktemp("plain")
    run(write_news(folder, 24), folder / "out", run_id="r")
    return folder


# A new worker costs a second: with a batch for each document they are replaced less often.
@pytest.mark.parametrize(("workers", "batch", "tasks_per_worker"), [(0, 5, 1), (1, 256, 2), (2, 5, 2), (3, 1, 9)])
def test_workers_and_batches_decide_nothing(
    plain: Path, tmp_path: Path, workers: int, batch: int, tasks_per_worker: int
) -> None:
    sizes = {"batch_documents": batch, "part_documents": 7, "tasks_per_worker": tasks_per_worker}
    chosen = {"run": sizes | ({"small_bytes": 0} if workers else {})}
    run(plain / "news-0.jsonl", tmp_path / "out", workers=max(1, workers), settings=chosen, run_id="r")
    for name in TABLES:
        assert rows(plain / "out", name) == rows(tmp_path / "out", name), name
    assert rows(plain / "out", "passages")


class CountedWorkers(LocalEngine):
    """The local engine, which counts the tasks that it is given."""

    given = 0

    def call(self, *arguments: Any) -> Any:
        self.given += 1
        return super().call(*arguments)


@pytest.mark.parametrize(("name", "given"), [("story.txt", 0), ("story.html", 1)])
def test_of_small_inputs_only_pages_go_to_a_worker(tmp_path: Path, name: str, given: int) -> None:
    path = tmp_path / name
    paragraphs = "".join(f"<p>{each}</p>" for each in STORY.split("\n\n"))
    page = f"<html><head><title>A storm</title></head><body><article>{paragraphs}</article></body></html>"
    path.write_text(page if path.suffix == ".html" else STORY)
    workers = CountedWorkers(1, 100)
    report = clean_folder(
        RunRequest([str(path)], tmp_path / "out", settings.parse({}), 4),
        open_engine=lambda request, size: MainProcessEngine(workers, tasks.may_hang),
    )
    assert report.tally.documents_out == 1
    assert workers.given == given


@pytest.mark.parametrize(("size", "small"), [(0, True), (1000, True), (1001, False), (None, False)])
def test_workers_are_for_inputs_that_are_large_or_of_unknown_size(
    tmp_path: Path, size: int | None, small: bool
) -> None:
    request = RunRequest([], tmp_path, settings.parse({"run": {"small_bytes": 1000}}), 3)
    engine = engine_of(request, size)
    assert isinstance(engine, MainProcessEngine if small else LocalEngine)
    assert isinstance(engine_of(replace(request, settings=settings.parse({"run": {"small_bytes": 0}})), 1), LocalEngine)


def test_the_order_of_files_decides_nothing(tmp_path: Path) -> None:
    paths = [str(write_news(tmp_path, 8, first)) for first in (0, 8, 16)]
    for name, inputs in (("a", paths), ("b", paths[::-1])):
        clean(RunRequest(inputs, tmp_path / name, settings.parse({}), 2, run_id="r"))
    for name in TABLES:
        assert rows(tmp_path / "a", name) == rows(tmp_path / "b", name), name


def test_a_second_run_over_the_same_inputs_adds_nothing_and_says_so(tmp_path: Path) -> None:
    path = write_news(tmp_path, 6)
    first = run(path, tmp_path / "out")
    second = run(path, tmp_path / "out")
    assert second.run_id is None
    assert "nothing new" in second.notes[0]
    assert OutputFolder(tmp_path / "out").runs() == [first.run_id]


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
    with pytest.raises(
        TooManyFailedError,
        match=r"4 documents failed, 50%.*4 malformed.*news-0.jsonl:5, .*:6, .*:7 …",
    ):
        run(path, tmp_path / "out")
    assert OutputFolder(tmp_path / "out").runs() == []
    assert not list((tmp_path / "out").rglob("*.parquet"))
    assert run(path, tmp_path / "out", settings={"run": {"max_failed_share": 0.5}}).tally.documents_out == 4


def test_a_dry_run_publishes_nothing(tmp_path: Path) -> None:
    report = run(write_news(tmp_path, 4), tmp_path / "out", dry_run=True)
    assert report.tally.documents_out == 4
    assert OutputFolder(tmp_path / "out").runs() == []
    assert OutputFolder(tmp_path / "out").leftovers() == []


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


def kill_on_marked(task: tasks.Prepare) -> Any:
    """Stands in for a page that brings its worker down in C code, where nothing in Python can catch it."""
    if any(b"KILLS" in raw for raw in task.batch.read().documents["raw"].to_pylist()):
        os.kill(os.getpid(), signal.SIGKILL)
    return REAL_PREPARE(task)


REAL_PREPARE = tasks.prepare


class SabotagedEngine(LocalEngine):
    """The local engine with another function in place of the task `prepare`."""

    def __init__(self, stand_in: Callable[[tasks.Prepare], Any], request: RunRequest, _size: int | None) -> None:
        run = request.settings.run
        super().__init__(request.workers, run.tasks_per_worker, run.worker_memory_bytes)
        self.stand_in = stand_in

    def map(self, function: Any, *arguments: Any) -> Any:
        return super().map(self.stand_in if function is tasks.prepare else function, *arguments)

    def call(self, function: Any, *arguments: Any) -> Any:
        return super().call(self.stand_in if function is tasks.prepare else function, *arguments)


def sabotaged(stand_in: Callable[[tasks.Prepare], Any], path: Path, out: Path, **options: Any) -> RunReport:
    """A run whose workers do `stand_in` in place of `prepare`."""
    progress = options.pop("progress", silence)
    request = RunRequest([str(path)], out, settings.parse(options.pop("settings", {})), 2, **options)
    return clean_folder(request, progress, open_engine=partial(SabotagedEngine, stand_in))


def test_a_document_that_kills_its_worker_fails_alone(tmp_path: Path) -> None:
    path = write_news(tmp_path, 9)
    lines = path.read_text().splitlines()
    lines[4] = lines[4].replace("Mara Quill", "KILLS")
    path.write_text("\n".join(lines))
    report = sabotaged(kill_on_marked, path, tmp_path / "out", run_id="r")
    assert report.tally.documents_out == 8
    failed = [row for row in read(tmp_path / "out", "ledger", ["r"]).to_pylist() if row["action"] == "failed"]
    assert [(row["source_id"], row["reason"]) for row in failed] == [("4", "worker_died")]
    assert check(Corpus(tmp_path / "out")).wrong == []


def start(path: Path, out: Path, *options: str, program: str = MAIN) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", program, "run", str(path), "--out", str(out), *options]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, text=True, cwd=path.parent, start_new_session=True, **pipes)


@pytest.mark.parametrize("which", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=["INT", "TERM", "HUP"])
def test_an_interrupted_run_says_so_and_the_next_goes_on_from_it(tmp_path: Path, which: signal.Signals) -> None:
    path = write_news(tmp_path, 12)
    process = start(path, tmp_path / "out", program=HOLD + MAIN)
    wait_until_held(process, tmp_path)
    os.killpg(process.pid, which)
    _, message = process.communicate(timeout=60)
    assert process.returncode == 130, message
    assert "interrupted" in message
    assert "Traceback" not in message
    resumed = run(path, tmp_path / "out")
    assert resumed.notes[-1].endswith("1 of 1 batches were done")
    assert resumed.tally.documents_out == 12
    assert OutputFolder(tmp_path / "out").leftovers() == []


def test_a_run_whose_lock_was_broken_leaves_tables_and_index_alone(tmp_path: Path) -> None:
    """The other run may be reading the index at that moment."""
    path, out = write_news(tmp_path, 12), tmp_path / "out"

    def break_lock(phase: str, done: int, total: int | None) -> None:
        if phase == "finish" and done == total:
            holder = json.loads((out / ".lock.holder").read_text())
            (out / ".lock.holder").write_text(json.dumps(holder | {"token": "of another"}))

    with pytest.raises(LockHeldError, match="another process broke the lock"):
        clean(RunRequest([str(path)], out, settings.parse({}), workers=1), break_lock)
    assert OutputFolder(out).runs() == []
    assert list((out / "index").rglob("segment.json")) == []


# ---------------------------------------------------------------- going on after a kill

SMALL = {"run": {"batch_documents": 5, "part_documents": 15, "small_bytes": 0}}


def stop_at(phase: str, done: int) -> Callable[[str, int, int | None], None]:
    """A progress that stops the run, as Ctrl-C does, once so much of a phase is done."""

    def stop(now: str, so_far: int, _: int | None) -> None:
        if now == phase and so_far >= done:
            raise KeyboardInterrupt

    return stop


def stopped(path: Path, out: Path, phase: str, done: int) -> None:
    with pytest.raises(KeyboardInterrupt):
        clean(RunRequest([str(path)], out, settings.parse(SMALL), 2), stop_at(phase, done))


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with 40 stories, cleaned into `out` in small batches and in one go."""
    folder = tmp_path_factory.mktemp("undisturbed")
    run(write_news(folder, 40), folder / "out", settings=SMALL)
    return folder


def work_files(out: Path) -> dict[str, int]:
    """When each prepared table that has a checkpoint was written."""
    (staged,) = (out / ".staging").iterdir()
    done = {path.name for path in (staged / "checkpoints" / "prepare").iterdir()}
    found = [staged / "prepared" / f"{name}.arrow" for name in done if not name.startswith(".")]
    return {path.name: path.stat().st_mtime_ns for path in found}


@pytest.mark.parametrize(("phase", "done"), [("prepare", 15), ("clean", 3), ("resolve", 1), ("finish", 1)])
def test_a_run_stopped_in_any_phase_is_gone_on_with_and_gives_the_same_tables(
    undisturbed: Path, tmp_path: Path, phase: str, done: int
) -> None:
    path, out = undisturbed / "news-0.jsonl", tmp_path / "out"
    stopped(path, out, phase, done)
    before = work_files(out)
    assert len(before) >= 3
    seen: dict[str, int] = {}
    with pytest.raises(KeyboardInterrupt):  # a second time, to look at what it did over again
        clean(RunRequest([str(path)], out, settings.parse(SMALL), 1), stop_at("finish", 3))
    seen = work_files(out)
    assert {name: seen[name] for name in before} == before
    resumed = run(path, out, settings=SMALL)
    assert f"resumed run {resumed.run_id}: 8 of 8 batches were done, 8 of them cleaned" in resumed.notes[-1]
    assert OutputFolder(out).leftovers() == []
    for name in TABLES:
        assert rows(out, name) == rows(undisturbed / "out", name), name
    manifests = [OutputFolder(each).manifest(OutputFolder(each).runs()[0]) for each in (out, undisturbed / "out")]
    counts = [{k: v for k, v in m["counts"].items() if k not in ("seconds", "peak_memory_bytes")} for m in manifests]
    assert counts[0] == counts[1]


def test_the_note_says_how_many_batches_were_done(tmp_path: Path) -> None:
    path, out = write_news(tmp_path, 40), tmp_path / "out"
    stopped(path, out, "prepare", 15)
    done = len(work_files(out))
    assert run(path, out, settings=SMALL).notes[-1].endswith(f": {done} of 8 batches were done")


def test_a_run_is_resumed_with_more_memory_and_time_and_on_another_cluster(tmp_path: Path) -> None:
    path, out = write_news(tmp_path, 40), tmp_path / "out"
    stopped(path, out, "prepare", 15)
    more = {"worker_memory_bytes": 3_000_000_000, "task_seconds": 900.0, "tasks_per_worker": 7}
    cluster = {"master": "spark://elsewhere:7077", "conf": ["spark.executor.memory=8g"], "partitions": 3}
    report = run(path, out, settings={"run": SMALL["run"] | more, "spark": cluster})
    assert report.notes[-1].startswith("resumed run ")


def test_a_work_file_that_lost_its_content_is_made_again(undisturbed: Path, tmp_path: Path) -> None:
    path, out = undisturbed / "news-0.jsonl", tmp_path / "out"
    stopped(path, out, "clean", 4)
    (staged,) = (out / ".staging").iterdir()
    (staged / "prepared" / "000001.arrow").write_bytes(b"")
    (staged / "cleaned" / "000000.arrow").unlink()
    (staged / "checkpoints" / "prepare" / "000002").write_bytes(b"torn")
    assert "6 of 8 batches were done" in run(path, out, settings=SMALL).notes[-1]
    for name in TABLES:
        assert rows(out, name) == rows(undisturbed / "out", name), name


@pytest.mark.parametrize("change", ["input", "settings", "run id"])
def test_a_killed_run_that_was_to_do_something_else_is_rolled_back_and_that_is_told(
    tmp_path: Path, change: str
) -> None:
    path, out = write_news(tmp_path, 40), tmp_path / "out"
    stopped(path, out, "clean", 3)
    chosen: dict[str, Any] = {**SMALL, "noise": {"min_odds": 4.0}} if change == "settings" else SMALL
    if change == "input":
        path.write_text(path.read_text().replace("Mara Quill", "Mara Quell"))
    report = run(path, out, settings=chosen, run_id="another" if change == "run id" else None)
    assert "rolled back what a killed run left behind" in report.notes[0]
    assert not any("resumed" in note for note in report.notes)
    assert OutputFolder(out).leftovers() == []


def test_a_page_that_killed_its_worker_is_still_the_one_that_failed_after_a_kill(tmp_path: Path) -> None:
    path, out = write_news(tmp_path, 20), tmp_path / "out"
    path.write_text(path.read_text().replace("Boat number 7 ", "KILLS "))
    with pytest.raises(KeyboardInterrupt):
        sabotaged(kill_on_marked, path, out, settings=SMALL, progress=stop_at("clean", 2))
    report = sabotaged(kill_on_marked, path, out, settings=SMALL)
    assert (report.tally.documents_in, report.tally.documents_out, report.tally.total("failed")) == (20, 19, 1)


@pytest.mark.parametrize("moves", [0, 2, 5])
def test_a_publication_that_was_killed_is_resumed(tmp_path: Path, moves: int) -> None:
    path, out = write_news(tmp_path, 10), tmp_path / "out"
    run(path, tmp_path / "undisturbed")
    done: list[Path] = []

    def kill(source: Path, target: Path) -> None:
        if publishes(source, target):
            if len(done) == moves:
                raise KeyboardInterrupt
            done.append(target)

    with before_renames(kill), pytest.raises(KeyboardInterrupt):
        run(path, out)
    assert len(done) == moves
    assert OutputFolder(out).runs() == []
    report = run(path, out)
    assert report.notes == (f"resumed run {report.run_id}: all but its publication was done",)
    assert report.tally.documents_out == 10
    assert OutputFolder(out).leftovers() == []
    for name in TABLES:
        assert rows(out, name) == rows(tmp_path / "undisturbed", name), name


# ---------------------------------------------------------------- trouble from outside


def test_a_source_that_vanishes_in_mid_run_is_a_failed_row(tmp_path: Path) -> None:
    first, second = write_news(tmp_path, 40), write_news(tmp_path, 5, 40)

    def vanish(*_: object) -> None:
        second.unlink(missing_ok=True)

    out = tmp_path / "out"
    clean(RunRequest([str(first), str(second)], out, settings.parse(SMALL), 2, run_id="r"), vanish)
    assert len(read(out, "documents", ["r"])) == 40
    failed = [row for row in read(out, "ledger", ["r"]).to_pylist() if row["action"] == "failed"]
    assert [(row["source_uri"], row["reason"]) for row in failed] == [(str(second), "unreadable")]


def hang_on_marked(task: tasks.Prepare) -> Any:
    """Stands in for a page that hangs the parser in C code."""
    if any(b"HANGS" in raw for raw in task.batch.read().documents["raw"].to_pylist()):
        time.sleep(60)
    return REAL_PREPARE(task)


def hoard_on_marked(task: tasks.Prepare) -> Any:
    """Stands in for a page that eats the memory."""
    if any(b"HOARDS" in raw for raw in task.batch.read().documents["raw"].to_pylist()):
        hoard = [os.urandom(50_000_000) for _ in range(40)]
        time.sleep(60)
        return len(hoard)
    return REAL_PREPARE(task)


@pytest.mark.parametrize(
    ("mark", "stand_in", "reason", "chosen"),
    [
        ("HANGS", hang_on_marked, "timed_out", {"extract": {"seconds": 0.5}, "run": {"task_seconds": 10.0}}),
        ("HOARDS", hoard_on_marked, "out_of_memory", {"run": {"worker_memory_bytes": 900_000_000}}),
    ],
)
def test_a_page_that_hangs_or_eats_memory_fails_alone(
    tmp_path: Path, mark: str, stand_in: Any, reason: str, chosen: dict[str, Any]
) -> None:
    path = write_news(tmp_path, 6)
    path.write_text(path.read_text().replace("Boat number 4 ", f"{mark} "))
    sabotaged(stand_in, path, tmp_path / "out", run_id="r", settings=chosen)
    failed = [row for row in read(tmp_path / "out", "ledger", ["r"]).to_pylist() if row["action"] == "failed"]
    assert [(row["source_id"], row["reason"]) for row in failed] == [("4", reason)]
    assert len(read(tmp_path / "out", "documents", ["r"])) == 5


def test_a_full_disk_ends_in_a_clear_message_and_the_run_goes_on_once_there_is_room(
    tmp_path: Path, small_disk: Path
) -> None:
    path, out = write_news(tmp_path, 400), small_disk / "out"
    (small_disk / "ballast").write_bytes(bytes(900_000))
    process = start(path, out)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 2, said
    assert "no room on the disk" in said
    assert "Traceback" not in said
    assert OutputFolder(out).runs() == []
    (small_disk / "ballast").unlink()
    subprocess.run(["mount", "-o", "remount,size=50m", str(small_disk)], check=True)
    report = run(path, out)
    assert report.tally.documents_out == 400
    assert OutputFolder(out).leftovers() == []


@pytest.mark.parametrize(
    ("number", "message"),
    [(errno.ENOSPC, "no room on the disk"), (errno.EIO, "cannot write"), (errno.EROFS, "cannot write")],
)
def test_trouble_with_the_disk_is_told_in_words_and_what_was_done_is_kept(
    tmp_path: Path, number: int, message: str
) -> None:
    def fail(source: Path, target: Path) -> None:
        if publishes(source, target):
            raise OSError(number, os.strerror(number))

    path, out = write_news(tmp_path, 10), tmp_path / "out"
    with before_renames(fail), pytest.raises(UserError, match=message):
        run(path, out)
    assert OutputFolder(out).runs() == []
    assert "resumed run" in run(path, out).notes[-1]


def test_a_second_run_leaves_with_exit_code_3_or_waits(tmp_path: Path) -> None:
    path, out = write_news(tmp_path, 30), tmp_path / "out"
    with OutputFolder(out).lock():
        leaves = start(path, out)
        _, said = leaves.communicate(timeout=60)
        assert leaves.returncode == 3, said
        assert f"process {os.getpid()}" in said
        waits = start(path, out, "--wait", "120")
        assert waits.stderr is not None
        assert any("waiting for another run" in line for line in iter(waits.stderr.readline, ""))
    _, said = waits.communicate(timeout=120)
    assert waits.returncode == 0, said
    assert len(OutputFolder(out).runs()) == 1
    assert check(Corpus(out)).wrong == []


def test_with_one_changed_file_among_many_only_its_documents_are_worked_on(tmp_path: Path) -> None:
    folder, out = tmp_path / "news", tmp_path / "out"
    folder.mkdir()
    for first in range(0, 60, 6):
        write_news(folder, 6, first)
    run(folder, out, run_id="monday")
    changed = folder / "news-12.jsonl"
    changed.write_text(changed.read_text().replace("Boat number 14 ", "Boat number 1400 "))
    report = run(folder, out, run_id="tuesday")
    assert report.tally.documents_in == 1
    assert read(out, "documents", ["tuesday"])["source_id"].to_pylist() == ["14"]


def test_no_process_is_started_for_inputs_that_were_cleaned_before(tmp_path: Path) -> None:
    path, out = write_news(tmp_path, 6), tmp_path / "out"
    run(path, out)
    script = f"import multiprocessing.forkserver as f\ntry: {MAIN}\nfinally: print(f._forkserver._forkserver_pid)"
    command = [sys.executable, "-c", script, "run", str(path), "--out", str(out)]
    done = subprocess.run(command, text=True, capture_output=True, check=True)
    assert "nothing new" in done.stdout
    assert done.stdout.strip().endswith("None")
