"""Output on a store without rename: what is visible at any moment, one lock, faults on the way."""

import itertools
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline import api, settings, sources
from pipeline.api import RunRequest
from pipeline.errors import LockHeldError, StoreError, UserError
from pipeline.reports.verify import check
from pipeline.settings import StoreSettings
from pipeline.storage.location import output_location, store_at
from pipeline.storage.output_folder import FOLDERS, OutputFolder
from pipeline.storage.protocol import RunStore
from pipeline.storage.reader import Corpus
from pipeline.storage.s3_bucket import Bucket, client_options
from pipeline.storage.s3_lock import LOCK, locked
from pipeline.storage.s3_store import S3Store
from pipeline.storage.tables import read
from tests.helpers.command import clean
from tests.helpers.flaky_store import BUSY, CUT_ANSWER, DROP, DROP_ANSWER, STALL, Proxy, flaky

STORY = "The ferry to Holm sails again from Monday, the harbour office said after nine days of storm. "
numbers = itertools.count()


@pytest.fixture(scope="module")
def store() -> Iterator[str]:
    """The address of moto's server, in a process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(300):
        with socket.socket() as attempt:
            if attempt.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait()


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch, store: str, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))  # of the default work folder
    for name, value in {
        "ACCESS_KEY_ID": "key",
        "SECRET_ACCESS_KEY": "very-secret",
        "DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", store)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def prefix(store: str) -> str:
    import boto3

    name = f"press-{next(numbers)}"
    boto3.client("s3", endpoint_url=store).create_bucket(Bucket=name)
    return f"s3://{name}/corpus"


@pytest.fixture
def proxy(store: str) -> Iterator[Proxy]:
    with flaky(store) as way:
        yield way


def staged(folder: Path, run: str = "monday") -> None:
    """Lay out some files of a run and its manifest as a finished run leaves them in an output folder."""
    for name in ("documents", "ledger", "passages"):
        path = folder / name / f"run={run}" / "part-00000.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(f"{name} of {run}".encode() * 100)
    manifest = folder / "runs" / f"{run}.json"
    manifest.parent.mkdir(parents=True, exist_ok=True)
    manifest.write_text(json.dumps({"run_id": run, "started": run}))


def published(store: S3Store, run: str = "monday") -> None:
    staged(store.work, run)
    with store.lock() as lock:
        store.publish(run, lock)


def remote_store(prefix: str, **values: object) -> S3Store:
    """Open a store that does not wait long between attempts."""
    location: Any = output_location(prefix)
    return S3Store(location, StoreSettings(**values), first_pause=0.01)  # type: ignore[arg-type]


# ---------------------------------------------------------------- the commit


def test_a_run_is_there_once_its_manifest_is(prefix: str, tmp_path: Path) -> None:
    store = remote_store(prefix)
    assert store.runs() == []
    published(store)
    assert store.runs() == ["monday"]
    assert store.leftovers() == []
    assert LOCK not in store.bucket.listing()


@pytest.mark.parametrize("fails_at", range(1, 5))
def test_an_upload_that_dies_at_any_object_shows_nothing_and_is_rolled_back(
    prefix: str, proxy: Proxy, tmp_path: Path, fails_at: int
) -> None:
    done = itertools.count(1)

    def dead_after(method: str, path: str, number: int) -> str | None:
        dead = method == "PUT" and LOCK not in path and next(done) >= fails_at
        return BUSY if dead else None

    proxy.faults = dead_after
    with pytest.raises(StoreError, match="Nothing half written is visible"):
        published(remote_store(prefix, endpoint_url=proxy.url, attempts=2))
    store = remote_store(prefix)
    assert store.runs() == []
    with locked(store.bucket):
        store.roll_back()
    assert [name for name in store.bucket.listing() if name != LOCK] == []


@pytest.mark.parametrize("fault", [DROP, BUSY, DROP_ANSWER, CUT_ANSWER])
def test_a_store_of_which_every_third_request_fails_gets_the_run_all_the_same(
    prefix: str, proxy: Proxy, tmp_path: Path, fault: str
) -> None:
    proxy.faults = lambda method, path, number: fault if number % 3 == 0 else None
    published(remote_store(prefix, endpoint_url=proxy.url))
    store = remote_store(prefix)
    assert store.runs() == ["monday"]
    names = {name for name in store.bucket.listing() if not name.startswith("runs/")}
    assert names == {f"{table}/run=monday/part-00000.parquet" for table in ("documents", "ledger", "passages")}


def test_a_run_id_is_taken_once(prefix: str) -> None:
    store = remote_store(prefix)
    published(store)
    (store.work / "runs" / "monday.json").write_text(json.dumps({"run_id": "monday", "started": "another"}))
    with pytest.raises(UserError, match="taken"), store.lock() as lock:
        store.publish("monday", lock)


@pytest.mark.parametrize("kind", ["folder", "store"])
def test_a_folder_and_a_store_keep_one_protocol(kind: str, prefix: str, tmp_path: Path) -> None:
    """A run that is staged is not there, is there once it is published, and is refused without the lock."""
    store: RunStore
    if kind == "folder":
        store = OutputFolder(tmp_path / "out")
        for name in FOLDERS:
            (store.staging("monday") / name).mkdir(parents=True)
        (store.staging("monday") / "manifest.json").write_text(json.dumps({"run_id": "monday", "started": "monday"}))
    else:
        store = remote_store(prefix)
        staged(store.work)
    assert isinstance(store_at(store.out), type(store))
    assert (store.runs(), store.is_published("monday")) == ([], False)
    with store.lock() as lock:
        with pytest.raises(LockHeldError), store_at(store.out).lock():
            pass
        store.publish("monday", lock)
    assert (store.runs(), store.is_published("monday")) == (["monday"], True)
    assert store.manifest("monday")["run_id"] == "monday"
    assert list(store.leftovers()) == []


# ---------------------------------------------------------------- the lock


def test_a_second_run_is_refused_while_the_lock_is_held_and_told_by_whom(prefix: str) -> None:
    store = remote_store(prefix)
    with locked(store.bucket), pytest.raises(LockHeldError, match=f"process {os.getpid()}"), locked(store.bucket):
        pass
    with locked(store.bucket):
        pass


def test_a_lock_is_renewed_while_it_is_held_and_void_when_its_holder_is_dead(prefix: str) -> None:
    bucket = remote_store(prefix, lock_seconds=2.0).bucket
    with locked(bucket):
        time.sleep(4)  # the store's clock counts whole seconds
        with pytest.raises(LockHeldError), locked(bucket):
            pass
    dead = json.dumps({"holder": "process 1 on a host that burned down", "seconds": 1.0, "token": "x", "beats": 7})
    assert bucket.put_if(LOCK, dead.encode(), IfNoneMatch="*")
    time.sleep(3)
    with locked(bucket):
        pass


def test_a_run_whose_lock_was_taken_does_not_commit(prefix: str) -> None:
    store = remote_store(prefix)
    staged(store.work)
    with pytest.raises(LockHeldError, match="another run took the lock"), locked(store.bucket) as lock:
        found = store.bucket.look(LOCK)
        assert found
        assert store.bucket.put_if(LOCK, b'{"token": "of another", "holder": "x", "seconds": 9}', IfMatch=found.etag)
        store.publish("monday", lock)
    assert store.runs() == []
    assert LOCK in store.bucket.listing()  # it is the other's


# ---------------------------------------------------------------- whole runs


def order(prefix: str, inputs: Path | str, work: Path, **more: object) -> RunRequest:
    chosen = settings.parse({"store": {"work_folder": str(work)}, "near_duplicates": {}})
    return RunRequest([str(inputs)], output_location(prefix), chosen, workers=1, **more)  # type: ignore[arg-type]


def news(folder: Path, *names: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name in names:
        text = "\n\n".join(f"{STORY}Harbour master {name} said so on {part}." for part in ("Monday", "Friday"))
        (folder / f"{name}.txt").write_text(text)
    return folder


@pytest.mark.parametrize("same_machine", [True, False])
def test_two_nights_on_a_store_are_two_runs_that_every_command_reads(
    prefix: str, tmp_path: Path, same_machine: bool
) -> None:
    first = api.clean(order(prefix, news(tmp_path / "in", "ada"), tmp_path / "work", run_id="one"))
    assert first.run_id == "one"
    work = tmp_path / ("work" if same_machine else "elsewhere")
    again = api.clean(order(prefix, tmp_path / "in", work))
    assert again.run_id is None
    assert "nothing new" in again.notes[-1]
    api.clean(order(prefix, news(tmp_path / "in", "bo"), work, run_id="two"))
    corpus = Corpus(output_location(prefix))
    assert corpus.runs == ["one", "two"]
    assert check(corpus).wrong == []
    ids = [name for run in corpus.runs for name in corpus.store.manifest(run)["inputs"]]
    assert len(ids) == 3


def everything(prefix: str) -> bytes:
    """All objects of a prefix, one after another, Parquet as the text of its rows."""
    bucket = S3Store(output_location(prefix)).bucket
    found = [bucket.get(name) for name in bucket.listing()]
    tables = [pq.read_table(pa.BufferReader(data)) for data in found if data[:4] == b"PAR1"]
    return b"".join([*found, *(json.dumps(table.to_pylist(), default=str).encode() for table in tables)])


def test_articles_are_forgotten_on_a_store_and_in_every_work_folder_and_stay_out(prefix: str, tmp_path: Path) -> None:
    here, elsewhere = tmp_path / "work", tmp_path / "elsewhere"
    api.clean(order(prefix, news(tmp_path / "in", "ada", "bo"), here, run_id="one"))
    api.clean(order(prefix, news(tmp_path / "in", "cleo"), elsewhere, run_id="two"))
    names = {"one": b"master ada", "two": b"master cleo"}
    assert all(name in everything(prefix) for name in names.values())
    documents = read(output_location(prefix), "documents", ["one", "two"]).to_pylist()
    gone = next(row["doc_id"] for row in documents if "master ada" in row["text"])
    asked = order(prefix, tmp_path / "in", here)
    with pytest.raises(UserError, match="nothing was forgotten"):
        api.forget(asked.out, asked.settings, url="https://press.example/never")
    assert api.forget(asked.out, asked.settings, doc_id=gone) == 1
    assert b"master ada" not in everything(prefix)
    assert names["two"] in everything(prefix)
    assert check(Corpus(output_location(prefix))).wrong == []
    for work in (here, elsewhere):  # the second one still has a copy
        assert api.clean(order(prefix, tmp_path / "in", work)).run_id is None
        (folder,) = work.iterdir()
        assert gone not in read(folder, "documents", ["one", "two"])["doc_id"].to_pylist()
        assert gone not in read(folder, "passages", ["one", "two"])["doc_id"].to_pylist()
        assert not (folder / "ledger").exists()


def test_forgetting_on_a_store_that_breaks_off_is_ended_by_the_next_run_of_any_machine(
    prefix: str, proxy: Proxy, tmp_path: Path
) -> None:
    api.clean(order(prefix, news(tmp_path / "in", "ada", "bo"), tmp_path / "work", run_id="one"))
    gone = read(output_location(prefix), "documents", ["one"])["doc_id"][0].as_py()
    told = {"work_folder": str(tmp_path / "work"), "attempts": 1, "endpoint_url": proxy.url}
    proxy.faults = lambda method, path, number: DROP if method == "PUT" and "/passages/" in path else None
    with pytest.raises(StoreError):
        api.forget(output_location(prefix), settings.parse({"store": told}), doc_id=gone)
    assert any("not done" in each for each in check(Corpus(output_location(prefix))).wrong)
    report = api.clean(order(prefix, news(tmp_path / "in", "cleo"), tmp_path / "elsewhere", run_id="two"))
    assert "ended what an interrupted `clean forget` had begun" in report.notes
    assert check(Corpus(output_location(prefix))).wrong == []
    assert gone not in read(output_location(prefix), "documents", ["one", "two"])["doc_id"].to_pylist()


def test_every_command_takes_a_store(prefix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "my.toml").write_text(f'[store]\nwork_folder = "{tmp_path / "work"}"\n')
    options = ["--config", str(tmp_path / "my.toml"), "--workers", "1", "--run-id", "one", "--quiet"]
    assert clean("run", str(news(tmp_path / "in", "ada", "bo")), "--out", prefix, *options) == 0
    assert clean("export", "--out", prefix) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(rows) == 2
    for arguments in (("restore", rows[0]["doc_id"]), ("explain", rows[0]["doc_id"][:8])):
        assert clean(*arguments, "--out", prefix) == 0
        assert "The ferry to Holm" in capsys.readouterr().out
    for arguments, told in (
        (("verify",), "2 documents in 1 run:"),
        (("runs",), "one"),
        (("export", "--to", "flows"), ""),
    ):
        assert clean(*arguments, "--out", prefix) == 0
        assert told in capsys.readouterr().out
    assert clean("export", "two", "--out", prefix) == 2
    assert clean("runs", "--out", "gs://press/corpus") == 2


@pytest.mark.long
def test_a_run_killed_while_it_uploads_shows_nothing_and_is_published_by_the_next(
    prefix: str, proxy: Proxy, tmp_path: Path
) -> None:
    (tmp_path / "my.toml").write_text(
        f'[store]\nendpoint_url = "{proxy.url}"\nwork_folder = "{tmp_path / "work"}"\nlock_seconds = 3.0\n'
    )
    proxy.faults = lambda method, path, number: STALL if method == "PUT" and "/documents/" in path else None
    program = [sys.executable, "-c", "from pipeline.cli import main; main()", "run", "--quiet"]
    options = ["--out", prefix, "--config", str(tmp_path / "my.toml"), "--workers", "1", "--wait", "60"]
    first = subprocess.Popen([*program, str(news(tmp_path / "a", "ada")), "--run-id", "one", *options])
    while not any(method == "PUT" and "/documents/" in path for method, path in proxy.seen):
        assert first.poll() is None
        time.sleep(0.1)
    first.kill()
    first.wait()
    store = S3Store(output_location(prefix))
    assert (store.runs(), bool(store.leftovers())) == ([], True)
    proxy.faults = lambda method, path, number: None
    subprocess.run([*program, str(news(tmp_path / "b", "bo")), "--run-id", "two", *options], check=True)
    assert (store.runs(), store.leftovers()) == (["one", "two"], [])
    assert check(Corpus(output_location(prefix))).wrong == []


def test_a_night_whose_upload_broke_off_is_published_by_the_next(prefix: str, proxy: Proxy, tmp_path: Path) -> None:
    proxy.faults = lambda method, path, number: DROP if method == "PUT" and "/documents/" in path else None
    broken = order(prefix, news(tmp_path / "in", "ada"), tmp_path / "work", run_id="one")
    way = settings.parse({"store": {"work_folder": str(tmp_path / "work"), "attempts": 2, "endpoint_url": proxy.url}})
    with pytest.raises(StoreError):
        api.clean(RunRequest(broken.inputs, broken.out, way, workers=1, run_id="one"))
    proxy.faults = lambda method, path, number: None
    report = api.clean(RunRequest([str(news(tmp_path / "later", "bo"))], broken.out, way, workers=1, run_id="two"))
    assert any("finished the upload of run one" in note for note in report.notes)
    assert S3Store(output_location(prefix)).runs() == ["one", "two"]
    assert check(Corpus(output_location(prefix))).wrong == []


def test_inputs_are_read_from_a_store_through_faults(prefix: str, proxy: Proxy, tmp_path: Path) -> None:
    bucket = Bucket(prefix.replace("/corpus", "/crawl"), StoreSettings())
    for path in news(tmp_path / "in", "ada", "bo").iterdir():
        bucket.upload(path, path.name)
    proxy.faults = lambda method, path, number: BUSY if number % 4 == 0 else None
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", proxy.url)
        report = api.clean(order(prefix, bucket.url, tmp_path / "work"))
    assert report.tally.documents_out == 2


def test_an_input_that_a_store_stops_giving_stops_the_run_and_is_no_failed_row(
    prefix: str, proxy: Proxy, tmp_path: Path
) -> None:
    bucket = Bucket(prefix.replace("/corpus", "/crawl"), StoreSettings())
    (tmp_path / "crawl.jsonl").write_text(
        "".join(json.dumps({"id": n, "text": STORY * 500}) + "\n" for n in range(400))
    )
    bucket.upload(tmp_path / "crawl.jsonl", "crawl.jsonl")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", proxy.url)
        patch.setattr("s3fs.S3FileSystem.retries", 1)
        patch.setattr("fsspec.config.conf", {"s3": client_options(StoreSettings(), 1) | {"default_block_size": 2**20}})
        (source,) = sources.plan([f"{bucket.url}/crawl.jsonl"])
        batches = sources.batches([source], settings.parse({}).sources, max_documents=10)
        assert len(next(batches).documents) == 10
        proxy.faults = lambda method, path, number: DROP
        with pytest.raises(StoreError, match="broke off while this input was read") as told:
            list(batches)
        with pytest.raises(StoreError, match="broke off while this input was read"):
            sources.identity(source)
    assert told.value.exit_code == 4


# ---------------------------------------------------------------- what a person is told


def test_a_bucket_that_is_not_there_is_told_without_a_secret() -> None:
    with pytest.raises(UserError, match="Check that the bucket exists") as told:
        remote_store("s3://no-such-bucket/corpus").runs()
    assert "very-secret" not in str(told.value)


def test_a_store_that_is_out_of_reach_is_told_with_what_to_do(prefix: str) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{nobody.getsockname()[1]}"
    with pytest.raises(StoreError, match="in 2 attempts") as told:
        remote_store(prefix, endpoint_url=dead, attempts=2).runs()
    assert told.value.exit_code == 4
