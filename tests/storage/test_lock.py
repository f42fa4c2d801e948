"""The lock of an output folder: one holder, dead ones recognised, those of other machines told."""

import json
import multiprocessing
import os
import time
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

import pytest

from pipeline.errors import LockHeldError
from pipeline.storage.folder_lock import Holder, held, myself, read_holder


def hold(out: Path, held_now: "multiprocessing.synchronize.Event", leave: "multiprocessing.synchronize.Event") -> None:
    with held(out):
        held_now.set()
        leave.wait(60)


class Other:
    """Another process that holds the lock."""

    def __init__(self, out: Path) -> None:
        context = multiprocessing.get_context("spawn")
        self.leave = context.Event()
        holds = context.Event()
        self.process = context.Process(target=hold, args=(out, holds, self.leave))
        self.process.start()
        assert holds.wait(60)

    def kill(self) -> None:
        self.process.kill()
        self.process.join()


def left_by(out: Path, holder: Holder, silent: float = 0) -> None:
    """What a holder leaves behind that had no time to tidy up."""
    (out / ".lock.holder").write_text(json.dumps(asdict(holder)))
    then = time.time() - silent
    os.utime(out / ".lock.holder", (then, then))


#: As if on a file system whose locks other machines do not see.
on_a_network = partial(held, local=False)


def test_a_second_process_is_told_who_holds_the_lock(tmp_path: Path) -> None:
    other = Other(tmp_path)
    with pytest.raises(LockHeldError, match=f"process {other.process.pid} on "), held(tmp_path):
        pass
    other.kill()


def test_a_second_process_waits_as_long_as_it_may(tmp_path: Path) -> None:
    other = Other(tmp_path)
    waited = []
    begun = time.monotonic()
    with pytest.raises(LockHeldError), held(tmp_path, wait=1):
        pass
    assert 1 <= time.monotonic() - begun < 10
    with held(tmp_path, wait=60, waiting=lambda: (waited.append(1), other.leave.set())):  # type: ignore[func-returns-value, arg-type, return-value]
        assert waited
    other.kill()


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    other = Other(tmp_path)
    other.kill()
    assert read_holder(tmp_path / ".lock.holder") is not None
    with held(tmp_path):
        pass
    assert read_holder(tmp_path / ".lock.holder") is None


@pytest.mark.parametrize(
    "gone",
    [
        replace(myself(), process=2**22 + 1, began="1"),  # no such process
        replace(myself(), began="1"),  # another process of the same number
        replace(myself(), boot="another"),  # before the machine was started anew
    ],
    ids=["dead", "number taken", "rebooted"],
)
def test_a_holder_on_this_machine_that_is_no_more_is_replaced(tmp_path: Path, gone: Holder) -> None:
    left_by(tmp_path, gone)
    with on_a_network(tmp_path) as mine:
        mine.check()


def test_a_living_holder_on_this_machine_is_believed_without_a_lock_of_the_system(
    tmp_path: Path,
) -> None:
    left_by(tmp_path, replace(myself(), token="another"))
    with pytest.raises(LockHeldError, match=f"process {os.getpid()}"), on_a_network(tmp_path):
        pass


@pytest.mark.parametrize(
    ("silent", "said"),
    [
        (0, r"process 7 on a-far-host, last sign of life \d s ago"),
        (3600, "no sign of life for 60 minutes.*--break-lock"),
    ],
)
def test_a_holder_on_another_machine_is_told_with_its_last_sign_of_life(
    tmp_path: Path, silent: float, said: str
) -> None:
    left_by(tmp_path, replace(myself(), host="a-far-host", process=7), silent)
    with pytest.raises(LockHeldError, match=said), on_a_network(tmp_path):
        pass
    with on_a_network(tmp_path, break_lock=True) as mine:
        mine.check()


def test_on_a_disk_of_this_machine_the_lock_of_the_system_tells_the_truth_whatever_the_host_is_called(
    tmp_path: Path,
) -> None:
    left_by(tmp_path, replace(myself(), host="a-container-that-was-removed"))
    with held(tmp_path, local=True):
        pass


def test_breaking_the_lock_does_not_break_that_of_a_living_process_on_this_machine(tmp_path: Path) -> None:
    other = Other(tmp_path)
    with pytest.raises(LockHeldError), held(tmp_path, break_lock=True):
        pass
    other.kill()


def test_a_holder_whose_lock_was_broken_is_told_before_it_publishes(tmp_path: Path) -> None:
    with held(tmp_path) as mine:
        left_by(tmp_path, replace(myself(), host="a-far-host", token="another"))
        with pytest.raises(LockHeldError, match="a-far-host"):
            mine.check()
    assert read_holder(tmp_path / ".lock.holder") is not None  # it is not ours to remove


def test_a_holder_gives_signs_of_life(tmp_path: Path) -> None:
    with held(tmp_path, seconds_between_signs=0.05):
        os.utime(tmp_path / ".lock.holder", (0, 0))
        time.sleep(0.5)
        assert (tmp_path / ".lock.holder").stat().st_mtime > 0


def test_a_file_system_without_locks_or_links_still_has_one_holder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError("not supported")

    monkeypatch.setattr("fcntl.flock", refuse)
    monkeypatch.setattr(os, "link", refuse)
    with on_a_network(tmp_path):
        with pytest.raises(LockHeldError), on_a_network(tmp_path):
            pass
        assert read_holder(tmp_path / ".lock.holder") is not None
