"""The dataset card of an output folder: each table opens with it, and it never takes the place of somebody's README."""

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pipeline import settings
from pipeline.api import RunRequest, clean, delete, forget
from pipeline.reports.verify import check
from pipeline.storage.corpus_card import MARK, MEANING, card, digest_of, is_ours, put_card, write_card
from pipeline.storage.location import output_location
from pipeline.storage.reader import Corpus
from pipeline.storage.s3_bucket import Bucket
from pipeline.storage.tables import TABLES, WHOLE, read
from tests.helpers.s3_server import remote_store

NIGHT = settings.parse({"evidence": {"line_model": False}})
FERRY = "The ferry to Holm sails again from Monday, the harbour office said after nine days of storm on the strait."


def published(folder: Path, run: str, *texts: str) -> Path:
    """Clean texts, each of an outlet of its own, into `folder/out`, and return it."""
    news = folder / run
    for number, text in enumerate(texts):
        path = news / f"outlet-{number}" / f"{run}.txt"
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
    clean(RunRequest([str(news)], folder / "out", NIGHT, workers=1, run_id=run))
    return folder / "out"


@pytest.fixture(scope="module")
def two_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus whose first run has copied passages, and whose second run has lost its only document."""
    folder = tmp_path_factory.mktemp("card")
    published(folder, "monday", f"{FERRY}\n\nIslanders waited at the quay.", f"{FERRY}\n\nA crane had fallen.")
    out = published(folder, "tuesday", "An owl slept through the whole of the concert in the town hall, visitors said.")
    forgotten = read(out, "documents", ["tuesday"])["doc_id"].to_pylist()
    forget(out, doc_id=forgotten[0])
    return out


@pytest.fixture
def opened(two_runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """`load_dataset` on the output folder, without a network and with a cache of its own."""
    datasets = pytest.importorskip("datasets")
    monkeypatch.setattr("datasets.config.HF_HUB_OFFLINE", True)
    return partial(datasets.load_dataset, str(two_runs), cache_dir=str(tmp_path / "cache"))


def test_the_card_names_every_table_of_an_output_folder() -> None:
    assert set(MEANING) == {*TABLES, *WHOLE}


@pytest.mark.parametrize("table", [*TABLES, *WHOLE])
def test_load_dataset_opens_each_table_of_an_output_folder_over_all_runs(
    table: str, two_runs: Path, opened: Callable[..., Any]
) -> None:
    """`datasets` has no whole data set without rows, so an empty table is read as a stream."""
    expected = read(two_runs, table, ["monday", "tuesday"]).drop_columns(["run"])
    streamed = list(opened(table, streaming=True)["train"])
    assert len(streamed) == len(expected)
    if len(expected):
        rows = opened(table)["train"]
        assert (rows.column_names, rows.num_rows) == (expected.column_names, len(expected))
    else:
        assert table == "templates"


def test_documents_are_what_load_dataset_opens_if_no_table_is_named(
    opened: Callable[..., Any],
) -> None:
    assert sorted(row["outlet"] for row in opened()["train"]) == ["outlet-0", "outlet-1"]


def test_the_card_changes_with_no_run_and_disturbs_no_check(two_runs: Path) -> None:
    assert (two_runs / "README.md").read_text("utf-8") == card()
    assert check(Corpus(two_runs)).wrong == []


def test_a_card_of_an_older_version_is_replaced_and_one_that_somebody_changed_is_not(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    rest = "pretty_name: Old\n---\n"
    readme.write_text(f"---\n{MARK.format(digest_of(rest))}{rest}", "utf-8")
    assert is_ours(readme.read_text("utf-8"))
    write_card(tmp_path)
    assert readme.read_text("utf-8") == card()
    licensed = card().replace("# license: name the licence of the texts here", "license: cc-by-4.0")
    for theirs in (licensed, "# Our corpus\n", ""):
        readme.write_text(theirs, "utf-8")
        write_card(tmp_path)
        assert readme.read_text("utf-8") == theirs


def test_what_is_no_file_of_ours_under_that_name_stays(tmp_path: Path) -> None:
    (tmp_path / "README.md").mkdir()
    write_card(tmp_path)
    assert (tmp_path / "README.md").is_dir()
    other = tmp_path / "other"
    other.mkdir()
    (other / "README.md").symlink_to(tmp_path / "nowhere.md")
    write_card(other)
    assert (other / "README.md").is_symlink()
    assert not (tmp_path / "nowhere.md").exists()


def test_a_card_that_a_kill_left_unwritten_is_written_by_the_next_run_even_one_without_news(
    two_runs: Path, tmp_path: Path
) -> None:
    shutil.copytree(two_runs.parent, tmp_path / "again")
    out = tmp_path / "again" / "out"
    (out / "README.md").unlink()
    (out / ".README.md.new").write_text("half", "utf-8")
    clean(RunRequest([str(tmp_path / "again" / "monday")], out, NIGHT, workers=1))
    assert (out / "README.md").read_text("utf-8") == card()
    assert not (out / ".README.md.new").exists()


def test_the_card_goes_with_the_last_run_and_somebodys_own_stays(two_runs: Path, tmp_path: Path) -> None:
    for name, readme, stays in (("ours", card(), False), ("theirs", "# Ours\n", True)):
        out = shutil.copytree(two_runs, tmp_path / name)
        (out / "README.md").write_text(readme, "utf-8")
        delete(out, None, ["tuesday"])
        assert (out / "README.md").exists()
        delete(out, None, ["monday"])
        assert (out / "README.md").exists() == stays


@pytest.mark.usefixtures("credentials")
def test_a_store_gets_the_card_with_a_run_and_loses_it_with_the_last(prefix: str, tmp_path: Path) -> None:
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "ferry.txt").write_text(FERRY, "utf-8")
    chosen = settings.parse({"store": {"work_folder": str(tmp_path / "work")}})
    out = output_location(prefix)
    clean(RunRequest([str(tmp_path / "news")], out, chosen, workers=1, run_id="monday"))
    store = remote_store(prefix)
    assert store.bucket.get("README.md").decode() == card()
    delete(out, chosen, ["monday"])
    assert "README.md" not in store.bucket.listing()


@pytest.mark.usefixtures("credentials")
def test_somebodys_readme_on_a_store_stays(prefix: str) -> None:
    bucket = Bucket(prefix, settings.parse({}).store)
    bucket.put_if("README.md", b"# Our corpus\n", IfNoneMatch="*")
    put_card(bucket)
    assert bucket.get("README.md") == b"# Our corpus\n"
