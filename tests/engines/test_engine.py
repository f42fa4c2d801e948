"""The local engine: order, time limits, memory limits, lost workers."""

import errno
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from multiprocessing import connection, forkserver
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from pipeline import settings
from pipeline.engines.base import Earlier, Engine, Killed
from pipeline.engines.local import LocalEngine
from pipeline.engines.main_process import MainProcessEngine
from pipeline.engines.registry import ENGINES, EngineOptions, engine_named
from pipeline.errors import UserError, WorkerLostError
from tests.helpers.engine_tasks import (
    die_on_three,
    hoard_on_three,
    is_four,
    kill_if_named,
    large,
    own_process,
    raise_on_three,
    run_out_of_memory_on_three,
    search_without_end_on_three,
    sleep_on_three,
    spin_on_three,
    square,
)


def test_results_come_in_the_order_of_the_tasks_and_workers_are_recycled() -> None:
    with LocalEngine(2, tasks_per_worker=3) as engine:
        assert list(engine.map(square, range(20), 30)) == [(n, n * n) for n in range(20)]
        processes = [process for _, process in engine.map(own_process, range(12), 30)]
    assert len(set(processes)) >= 4


def test_large_tasks_and_results_pass() -> None:
    with LocalEngine(2, tasks_per_worker=100) as engine:
        results = list(engine.map(large, [3_000_000, 20_000_000, 0, 5_000_000], 30))
    assert [len(result) for _, result in results if isinstance(result, bytes)] == [3_000_000, 20_000_000, 0, 5_000_000]


def test_a_task_past_its_time_limit_is_killed_and_the_others_do_not_notice() -> None:
    with LocalEngine(2, tasks_per_worker=100) as engine:
        results = dict(engine.map(sleep_on_three, range(8), 2))
    assert results == {n: Killed("timed_out") if n == 3 else n for n in range(8)}


def test_a_task_that_ended_in_time_is_not_called_late_by_a_main_process_that_slept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On a machine with a load of 40 the system may wake it long after the answer has come."""
    with LocalEngine(1, 10) as engine:
        wait, slept = connection.wait, list[float]()

        def sleep_once(pipes: Iterable[Any], timeout: float | None = None) -> list[Any]:
            if slept or not any(worker.begun for worker in engine.workers):
                return wait(pipes, timeout)
            slept.append(2.0)
            time.sleep(slept[0])
            return []

        monkeypatch.setattr(connection, "wait", sleep_once)
        assert engine.call(square, 3, 1.0) == 9
    assert slept


def test_a_worker_that_dies_loses_its_own_task_only() -> None:
    with LocalEngine(2, tasks_per_worker=100) as engine:
        results = dict(engine.map(die_on_three, range(8), 30))
    assert results == {n: Killed("worker_died") if n == 3 else n for n in range(8)}


@pytest.mark.skipif(sys.platform != "linux", reason="the memory of a process is told by Linux only")
def test_a_worker_that_takes_more_memory_than_it_may_is_killed_and_the_others_do_not_notice() -> None:
    with LocalEngine(2, tasks_per_worker=100, worker_memory=700_000_000) as engine:
        results = dict(engine.map(hoard_on_three, range(8), 30))
    assert results == {n: Killed("out_of_memory") if n == 3 else n for n in range(8)}


def test_a_worker_whom_the_system_refuses_memory_loses_its_own_task_only() -> None:
    with LocalEngine(2, tasks_per_worker=100) as engine:
        results = dict(engine.map(run_out_of_memory_on_three, range(8), 30))
    assert results == {n: Killed("out_of_memory") if n == 3 else n for n in range(8)}


def test_workers_killed_between_tasks_lose_nothing() -> None:
    with LocalEngine(2, tasks_per_worker=100) as engine:
        for _ in range(3):
            processes = {process for _, process in engine.map(own_process, range(6), 30) if isinstance(process, int)}
            for process in processes:
                os.kill(process, signal.SIGKILL)
            assert list(engine.map(square, range(6), 30)) == [(n, n * n) for n in range(6)]


def fork_server() -> int:
    return int(forkserver._forkserver._forkserver_pid)  # type: ignore[attr-defined]


def test_a_fork_server_that_is_killed_is_replaced_and_no_task_is_lost() -> None:
    with LocalEngine(2, tasks_per_worker=2) as engine:
        assert list(engine.map(square, range(4), 30)) == [(n, n * n) for n in range(4)]
        os.kill(fork_server(), signal.SIGKILL)
        assert list(engine.map(square, range(4), 30)) == [(n, n * n) for n in range(4)]
        tasks = [0, 0, fork_server(), 0, 0, 0]
        assert [answer for _, answer in engine.map(kill_if_named, tasks, 30)] == tasks


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="only Linux tells if a worker lives whose server is dead")
def test_workers_whose_server_was_killed_are_still_killed_at_their_limits_and_when_they_are_let_go() -> None:
    with LocalEngine(2, tasks_per_worker=100) as engine:
        assert len(list(engine.map(square, range(4), 30))) == 4
        os.kill(fork_server(), signal.SIGKILL)
        engine.workers[0].process.kill()  # its replacement makes multiprocessing look after the others
        assert dict(engine.map(sleep_on_three, range(5), 2))[3] == Killed("timed_out")
        processes = [worker.process for worker in engine.workers]
        assert any(process.is_alive() for process in processes)
        engine.release_workers()
        assert not any(process.is_alive() for process in processes)


def test_a_server_that_cannot_be_started_ends_the_run_with_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(forkserver, "ensure_running", refuse)
    with LocalEngine(2, 100) as engine, pytest.raises(WorkerLostError, match="temporarily unavailable"):
        engine.call(square, 3, 30)


def test_an_exception_in_a_task_is_not_taken_for_a_killed_worker_and_says_where_it_happened() -> None:
    with LocalEngine(1, tasks_per_worker=100) as engine, pytest.raises(RuntimeError, match="our own bug") as raised:
        list(engine.map(raise_on_three, range(8), 30))
    assert "raise_on_three" in "".join(raised.value.__notes__)


def test_workers_that_were_let_go_are_replaced_for_the_next_task() -> None:
    with LocalEngine(2, 100) as engine:
        assert [result for _, result in engine.map(square, range(4), 60)] == [0, 1, 4, 9]
        processes = [worker.process for worker in engine.workers]
        engine.release_workers()
        assert not any(process.is_alive() for process in processes)
        assert engine.call(square, 3, 60) == 9


def test_a_task_that_was_done_before_is_not_carried_out_again_and_keeps_its_place() -> None:
    with LocalEngine(2, tasks_per_worker=100) as engine:
        done = list(engine.map(square, range(6), 30, lambda n: Earlier("before") if n % 2 else None))
        assert done == [(n, Earlier("before") if n % 2 else n * n) for n in range(6)]
    with LocalEngine(2, tasks_per_worker=100) as engine:
        assert len(list(engine.map(square, range(6), 30, Earlier))) == 6
        assert engine.workers == []


def options() -> EngineOptions:
    return EngineOptions(settings.parse({}), 1, bool)


@pytest.mark.parametrize("name", [name for name in ENGINES if name != "spark"])  # that one in test_spark_cluster.py
def test_every_engine_carries_out_tasks_and_keeps_their_tables_and_checkpoints(name: str, tmp_path: Path) -> None:
    assert_carries_out_tasks_and_keeps_tables(engine_named(name, options()), tmp_path)


def assert_carries_out_tasks_and_keeps_tables(engine: Engine, folder: Path) -> None:
    with engine:
        assert list(engine.map(square, range(3), 60)) == [(0, 0), (1, 1), (2, 4)]
        assert engine.call(square, 5, 60) == 25
        tables = pickle.loads(pickle.dumps(engine.tables(folder)))
        (folder / "cleaned").mkdir()
        path = tables.write("cleaned", "000000", pa.table({"n": [1, 2, 3]}))
        assert tables.read("cleaned", "000000")["n"].to_pylist() == [1, 2, 3]
        assert tables.count_rows("cleaned", "000000") == 3
        assert tables.checkpoint("clean", "000000") is None
        tables.set_checkpoint("clean", "000000", "answer", [path])
        assert tables.checkpoint("clean", "000000") == "answer"
        path.write_bytes(b"")
        assert tables.checkpoint("clean", "000000") is None
        engine.release_workers()


@pytest.mark.parametrize("hangs", [spin_on_three, search_without_end_on_three])
def test_in_the_main_process_a_task_past_its_time_limit_is_stopped_in_python_and_in_re(
    hangs: Callable[[int], int],
) -> None:
    with MainProcessEngine(LocalEngine(1, 100), may_hang=is_four) as engine:
        assert dict(engine.map(hangs, range(5), 1)) == {n: Killed("timed_out") if n == 3 else n for n in range(5)}


def test_of_small_inputs_only_what_may_hang_goes_to_a_worker() -> None:
    with MainProcessEngine(LocalEngine(1, 100), may_hang=is_four) as engine:
        done = dict(engine.map(own_process, [1, 2, 4], 60))
    assert done[1] == done[2] == os.getpid()
    assert done[4] != os.getpid()


def test_a_worker_of_small_inputs_that_hangs_or_dies_is_killed_alone() -> None:
    with MainProcessEngine(LocalEngine(1, 100), may_hang=bool) as engine:
        assert engine.call(sleep_on_three, 3, 2) == Killed("timed_out")
        assert engine.call(die_on_three, 3, 60) == Killed("worker_died")
        assert engine.call(run_out_of_memory_on_three, 3, 60) == Killed("out_of_memory")
        assert engine.call(square, 3, 60) == 9


def test_in_the_main_process_memory_that_runs_out_and_bugs_are_told_apart() -> None:
    with MainProcessEngine(LocalEngine(1, 100), may_hang=is_four) as engine:
        assert engine.call(run_out_of_memory_on_three, 3, 60) == Killed("out_of_memory")
        with pytest.raises(RuntimeError, match="our own bug"):
            engine.call(raise_on_three, 3, 60)
        assert list(engine.map(square, [2], 60, Earlier)) == [(2, Earlier(2))]
        assert engine.workers.workers == []  # type: ignore[attr-defined]


def test_an_engine_that_does_not_exist_is_refused_by_name() -> None:
    with pytest.raises(UserError, match="no engine 'abacus'"):
        engine_named("abacus", options())


def test_no_process_is_started_where_there_is_no_task() -> None:
    with LocalEngine(2, tasks_per_worker=1) as engine:
        assert list(engine.map(square, [], 1)) == []
        assert engine.workers == []


ORPHAN = """
import os, sys, time
from pathlib import Path
from pipeline.engines.local import LocalEngine
from tests.helpers.engine_tasks import own_process, sleep_on_three
if __name__ == "__main__":
    with LocalEngine(1, 100) as engine:
        Path(sys.argv[1]).write_text(str(engine.call(own_process, 0, 30)))
        engine.call(sleep_on_three, 3, 30)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="a worker dies with its parent on Linux only")
def test_workers_die_with_a_main_process_that_is_killed(tmp_path: Path, repository: Path) -> None:
    told, script = tmp_path / "pid", tmp_path / "orphan.py"
    script.write_text(ORPHAN)
    environment = os.environ | {"PYTHONPATH": str(repository)}
    main = subprocess.Popen([sys.executable, str(script), str(told)], env=environment, start_new_session=True)
    while not (told.exists() and told.read_text()):
        assert main.poll() is None
        time.sleep(0.05)
    worker = int(told.read_text())
    main.kill()
    main.wait()
    until = time.monotonic() + 20
    while Path(f"/proc/{worker}").exists() and "Z" not in Path(f"/proc/{worker}/stat").read_text().split()[2]:
        assert time.monotonic() < until, "the worker goes on without its main process"
        time.sleep(0.05)
