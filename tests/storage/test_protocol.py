"""The storage protocol: the output folder and the S3 store behave alike, run by run."""

import json
from pathlib import Path

import pytest

from pipeline.errors import LockHeldError
from pipeline.storage.damage import MissingTableError
from pipeline.storage.location import output_location, store_at
from pipeline.storage.output_folder import FOLDERS, OutputFolder
from pipeline.storage.protocol import RunStore
from pipeline.storage.s3_store import S3Store
from pipeline.storage.tables import DOCUMENTS, TABLES, WHOLE, write_part
from tests.helpers.s3_server import remote_store


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> RunStore:
    if request.param == "folder":
        return OutputFolder(tmp_path / "out")
    return remote_store(request.getfixturevalue("prefix"), work_folder=str(tmp_path))


class Taken:
    """A lock that another process has taken."""

    def check(self) -> None:
        raise LockHeldError("taken")


def stage(store: RunStore, run: str, started: str) -> None:
    """Stage a run of empty tables where the store publishes it from."""
    folder = OutputFolder(store.work) if isinstance(store, S3Store) else store
    assert isinstance(folder, OutputFolder)
    for name, schema in (TABLES | WHOLE).items():
        write_part(folder.staging(run), name, 0, schema.empty_table())
    for name in set(FOLDERS) - {*TABLES, *WHOLE}:
        (folder.staging(run) / name).mkdir(parents=True)
    (folder.staging(run) / "manifest.json").write_text(json.dumps({"run_id": run, "started": started}))
    if isinstance(store, S3Store):
        with folder.lock() as lock:
            folder.publish(run, lock)


def published(store: RunStore, run: str, started: str = "1") -> None:
    stage(store, run, started)
    with store.lock() as lock:
        store.publish(run, lock)


def test_a_location_without_runs_has_none(store: RunStore) -> None:
    assert (store.runs(), list(store.leftovers()), store.is_published("monday")) == ([], [], False)


def test_a_published_run_is_listed_and_read(store: RunStore) -> None:
    published(store, "monday")
    assert (store.runs(), list(store.leftovers()), store.is_published("monday")) == (["monday"], [], True)
    assert store.manifest("monday") == {"run_id": "monday", "started": "1"}
    assert store.table("documents", "monday").to_table().equals(DOCUMENTS.empty_table())


def test_runs_are_listed_in_the_order_in_which_they_started(store: RunStore) -> None:
    for run, started in (("b", "2"), ("a", "3"), ("c", "1")):
        published(store, run, started)
    assert store.runs() == ["c", "b", "a"]


def test_a_table_that_is_not_there_is_an_error_that_can_be_caught(store: RunStore) -> None:
    with pytest.raises(MissingTableError):
        store.table("documents", "monday")


def test_a_run_whose_lock_was_taken_is_not_visible_and_is_rolled_back(store: RunStore) -> None:
    stage(store, "monday", "1")
    with store.lock():
        with pytest.raises(LockHeldError):
            store.publish("monday", Taken())
        assert (store.runs(), store.is_published("monday")) == ([], False)
        assert store.leftovers()
        assert list(store.roll_back(keep="monday")) == []
        assert store.roll_back()
        assert list(store.leftovers()) == []


def test_a_location_is_held_by_one_process_at_a_time(store: RunStore) -> None:
    with store.lock() as lock:
        lock.check()
        with pytest.raises(LockHeldError), store.lock():
            pass
    with store.lock() as lock:
        lock.check()


def test_a_location_opens_the_store_of_its_kind(tmp_path: Path, prefix: str) -> None:
    assert isinstance(store_at(output_location(tmp_path)), OutputFolder)
    assert isinstance(store_at(output_location(prefix)), S3Store)


def test_a_store_is_no_folder(prefix: str) -> None:
    with pytest.raises(TypeError, match="not a folder of this machine"):
        OutputFolder(output_location(prefix))
