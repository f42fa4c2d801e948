"""The local engine: a pool of worker processes that can be killed and are recycled.

An engine only moves tasks and results; what is done with them are functions of `pipeline.work`. A task that runs past
its time limit, or whose worker dies (out of memory, kill -9), comes back as `Killed`: the worker is replaced, the
other tasks do not notice, and the caller decides what to do with the task.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import TimeoutError as TimedOut
from dataclasses import dataclass
from multiprocessing import forkserver
from typing import Any, TypeVar

from pebble import ProcessExpired, ProcessFuture, ProcessPool

Task = TypeVar("Task")
Result = TypeVar("Result")

#: Worker processes are forked from a server that has imported these once.
PRELOADED = ["pipeline.preloaded"]


@dataclass(frozen=True)
class Killed:
    """What became of a task that gave no result: `timed_out` or `worker_died`."""

    reason: str


class LocalEngine:
    """`workers` processes on this machine, each replaced after `tasks_per_worker` tasks.

    Use it as a context manager; leaving it in good order waits for nothing that was not asked for, leaving it by an
    exception kills the workers.
    """

    def __init__(self, workers: int, tasks_per_worker: int) -> None:
        start_server()
        self.workers = workers
        context = multiprocessing.get_context("forkserver")
        self.pool = ProcessPool(workers, tasks_per_worker, _ignore_interrupts, context=context)

    def __enter__(self) -> LocalEngine:
        return self

    def __exit__(self, exception: type[BaseException] | None, *_: object) -> None:
        if exception is None:
            self.pool.close()  # type: ignore[no-untyped-call]
        else:
            self.pool.stop()  # type: ignore[no-untyped-call]
        self.pool.join()

    def map(
        self, function: Callable[[Task], Result], tasks: Iterable[Task], seconds: float
    ) -> Iterator[tuple[Task, Result | Killed]]:
        """Each task with its result, in the order of the tasks; at most two tasks a worker are under way at once."""
        waiting: deque[tuple[Task, ProcessFuture[Any]]] = deque()
        for task in tasks:
            waiting.append((task, self.pool.schedule(function, (task,), timeout=seconds)))
            if len(waiting) >= 2 * self.workers:
                first, future = waiting.popleft()
                yield first, _settle(future)
        for first, future in waiting:
            yield first, _settle(future)

    def call(self, function: Callable[[Task], Result], task: Task, seconds: float) -> Result | Killed:
        """One task's result."""
        outcome: Result | Killed = _settle(self.pool.schedule(function, (task,), timeout=seconds))
        return outcome


def start_server() -> None:
    """Start the process that workers are forked from, if it is not running; it imports what they need meanwhile.

    Forking a process that has threads (pyarrow's, pebble's) can deadlock, so workers are forked from one without.
    """
    forkserver.set_forkserver_preload(PRELOADED)
    forkserver.ensure_running()


def _settle(future: ProcessFuture[Any]) -> Any:
    try:
        return future.result()
    except TimedOut:
        return Killed("timed_out")
    except ProcessExpired:
        return Killed("worker_died")


def _ignore_interrupts() -> None:
    """Ctrl-C is the main process's to handle; it reaches the whole process group."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
