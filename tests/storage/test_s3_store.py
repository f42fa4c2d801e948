"""Runs on a store without rename: what is visible at any moment, one lock, faults on the way."""

import itertools
import json
import os
import socket
import time
from pathlib import Path

import pytest

from pipeline.errors import LockHeldError, StoreError, UserError
from pipeline.storage.s3_lock import LOCK
from pipeline.storage.s3_store import S3Store
from tests.helpers.flaky_store import BUSY, CUT_ANSWER, DROP, DROP_ANSWER, Proxy
from tests.helpers.s3_server import remote_store

pytestmark = pytest.mark.usefixtures("credentials")


def staged(store: S3Store, run: str = "monday") -> None:
    """Stage some files of a run and its manifest in the work folder."""
    for name in ("documents", "ledger", "passages"):
        path = store.work / name / f"run={run}" / "part-00000.parquet"
        path.parent.mkdir(parents=True)
        path.write_bytes(f"{name} of {run}".encode() * 100)
    (store.work / "runs").mkdir(exist_ok=True)
    (store.work / "runs" / f"{run}.json").write_text(json.dumps({"run_id": run, "started": run}))


def published(store: S3Store, run: str = "monday") -> None:
    staged(store, run)
    with store.lock() as lock:
        store.publish(run, lock)


# ---------------------------------------------------------------- the commit


def test_a_run_is_there_once_its_manifest_is(prefix: str, tmp_path: Path) -> None:
    store = remote_store(prefix, work_folder=str(tmp_path))
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
        published(remote_store(prefix, work_folder=str(tmp_path), endpoint_url=proxy.url, attempts=2))
    store = remote_store(prefix, work_folder=str(tmp_path))
    assert store.runs() == []
    with store.lock():
        store.roll_back()
    assert [name for name in store.bucket.listing() if name != LOCK] == []


@pytest.mark.parametrize("fault", [DROP, BUSY, DROP_ANSWER, CUT_ANSWER])
def test_a_store_of_which_every_third_request_fails_gets_the_run_all_the_same(
    prefix: str, proxy: Proxy, tmp_path: Path, fault: str
) -> None:
    proxy.faults = lambda method, path, number: fault if number % 3 == 0 else None
    published(remote_store(prefix, work_folder=str(tmp_path), endpoint_url=proxy.url))
    store = remote_store(prefix, work_folder=str(tmp_path))
    assert store.runs() == ["monday"]
    names = {name for name in store.bucket.listing() if not name.startswith("runs/")}
    assert names == {f"{table}/run=monday/part-00000.parquet" for table in ("documents", "ledger", "passages")}


def test_a_run_id_is_taken_once(prefix: str, tmp_path: Path) -> None:
    published(remote_store(prefix, work_folder=str(tmp_path / "a")))
    store = remote_store(prefix, work_folder=str(tmp_path / "b"))
    staged(store)
    (store.work / "runs" / "monday.json").write_text(json.dumps({"run_id": "monday", "started": "another"}))
    with pytest.raises(UserError, match="taken"), store.lock() as lock:
        store.publish("monday", lock)


# ---------------------------------------------------------------- the lock


def test_a_second_run_is_refused_while_the_lock_is_held_and_told_by_whom(prefix: str) -> None:
    store = remote_store(prefix)
    with store.lock(), pytest.raises(LockHeldError, match=f"process {os.getpid()}"), store.lock():
        pass
    with store.lock():
        pass


def test_a_lock_is_renewed_while_it_is_held_and_void_when_its_holder_is_dead(prefix: str) -> None:
    store = remote_store(prefix, lock_seconds=2.0)
    with store.lock():
        time.sleep(4)  # the store's clock counts whole seconds
        with pytest.raises(LockHeldError), store.lock():
            pass
    dead = json.dumps({"holder": "process 1 on a host that burned down", "seconds": 1.0, "token": "x", "beats": 7})
    assert store.bucket.put_if(LOCK, dead.encode(), IfNoneMatch="*")
    time.sleep(3)
    with store.lock():
        pass


def test_a_run_whose_lock_was_taken_does_not_commit(prefix: str, tmp_path: Path) -> None:
    store = remote_store(prefix, work_folder=str(tmp_path))
    staged(store)
    with pytest.raises(LockHeldError, match="another run took the lock"), store.lock() as lock:
        found = store.bucket.look(LOCK)
        assert found
        assert store.bucket.put_if(LOCK, b'{"token": "of another", "holder": "x", "seconds": 9}', IfMatch=found.etag)
        store.publish("monday", lock)
    assert store.runs() == []
    assert LOCK in store.bucket.listing()  # it is the other's


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
