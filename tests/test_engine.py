"""The local engine: order, time limits, lost workers."""

import os
import signal
import time

from pipeline.engine import Killed, LocalEngine


def square(n: int) -> int:
    return n * n


def sleep_on_three(n: int) -> int:
    if n == 3:
        time.sleep(60)
    return n


def die_on_three(n: int) -> int:
    if n == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return n


def raise_on_three(n: int) -> int:
    if n == 3:
        raise RuntimeError("our own bug")
    return n


def test_results_come_in_the_order_of_the_tasks_and_workers_are_recycled() -> None:
    with LocalEngine(2, tasks_per_worker=3) as engine:
        assert list(engine.map(square, range(20), 30)) == [(n, n * n) for n in range(20)]


def test_a_task_past_its_time_limit_is_killed_and_the_others_do_not_notice() -> None:
    with LocalEngine(2, tasks_per_worker=100) as engine:
        results = dict(engine.map(sleep_on_three, range(8), 2))
    assert results == {n: Killed("timed_out") if n == 3 else n for n in range(8)}


def test_a_worker_that_dies_loses_its_own_task_only() -> None:
    with LocalEngine(2, tasks_per_worker=100) as engine:
        results = dict(engine.map(die_on_three, range(8), 30))
    assert results == {n: Killed("worker_died") if n == 3 else n for n in range(8)}


def test_an_exception_in_a_task_is_not_taken_for_a_killed_worker() -> None:
    with LocalEngine(1, tasks_per_worker=100) as engine:
        try:
            list(engine.map(raise_on_three, range(8), 30))
        except RuntimeError as error:
            assert str(error) == "our own bug"
        else:
            raise AssertionError("the bug was swallowed")
