"""Whole runs whose output is on a store: every command reads them, and faults on the way leave nothing half done."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline import api, settings, sources
from pipeline.api import RunRequest
from pipeline.errors import StoreError, UserError
from pipeline.reports.verify import check
from pipeline.settings import StoreSettings
from pipeline.storage.location import output_location
from pipeline.storage.reader import Corpus
from pipeline.storage.s3_bucket import Bucket, client_options
from pipeline.storage.tables import read
from tests.helpers.command import clean
from tests.helpers.flaky_store import BUSY, DROP, STALL, Proxy
from tests.helpers.s3_server import remote_store

pytestmark = pytest.mark.usefixtures("credentials")

STORY = "The ferry to Holm sails again from Monday, the harbour office said after nine days of storm. "


def order(prefix: str, inputs: Path | str, work: Path, **more: object) -> RunRequest:
    chosen = settings.parse({"store": {"work_folder": str(work)}, "near_duplicates": {}})
    return RunRequest([str(inputs)], output_location(prefix), chosen, workers=1, **more)  # type: ignore[arg-type]


def news(folder: Path, *names: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name in names:
        text = "\n\n".join(f"{STORY}Harbour master {name} said so on {part}." for part in ("Monday", "Friday"))
        (folder / f"{name}.txt").write_text(text)
    return folder


@pytest.mark.parametrize("same_machine", [True, pytest.param(False, marks=pytest.mark.long)])
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
    bucket = remote_store(prefix).bucket
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
    assert "ended what an interrupted `clean forget` or `clean delete` had begun" in report.notes
    assert check(Corpus(output_location(prefix))).wrong == []
    assert gone not in read(output_location(prefix), "documents", ["one", "two"])["doc_id"].to_pylist()


def test_a_run_is_deleted_on_a_store_and_in_every_work_folder_and_can_be_cleaned_again(
    prefix: str, tmp_path: Path
) -> None:
    here, elsewhere = tmp_path / "work", tmp_path / "elsewhere"
    api.clean(order(prefix, news(tmp_path / "in", "ada"), here, run_id="one"))
    api.clean(order(prefix, news(tmp_path / "more", "bo"), elsewhere, run_id="two"))
    asked = order(prefix, tmp_path / "in", here)
    assert api.delete(asked.out, asked.settings, ["two"]) == 1
    assert Corpus(output_location(prefix)).runs == ["one"]
    assert b"master bo" not in everything(prefix)
    assert check(Corpus(output_location(prefix))).wrong == []
    with pytest.raises(UserError, match="--again works in a folder"):
        api.clean(order(prefix, tmp_path / "more", elsewhere, again=True))
    assert api.clean(order(prefix, tmp_path / "more", elsewhere, run_id="three")).run_id == "three"
    assert Corpus(output_location(prefix)).runs == ["one", "three"]


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
    for name in ("a.parquet", "a.vert"):
        assert clean("export", "--out", prefix, "-o", str(tmp_path / name)) == 0
    assert pq.read_table(tmp_path / "a.parquet")["doc_id"].to_pylist() == [row["doc_id"] for row in rows]
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
    store = remote_store(prefix)
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
    assert remote_store(prefix).runs() == ["one", "two"]
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
