"""The local engine: worker processes that can be killed at any moment, watched from one place.

An engine only moves tasks and results; what is done with them are functions of `pipeline.runs.tasks`. A task that runs
past its time limit, whose worker dies (kill -9) or takes more memory than it may, comes back as `Killed`: the worker is
replaced, the other tasks do not notice, and the caller decides what to do with the task.

Each worker has a pipe of its own and nothing else in common with the others: no lock or queue that a killed worker
could hold. One thread, the caller's, hands out tasks and gathers results; a worker has one task at a time.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing import connection, forkserver
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

from pipeline.errors import WorkerLostError

Task = TypeVar("Task")
Result = TypeVar("Result")

#: Worker processes are forked from a server that has imported these once.
PRELOADED = ["pipeline.cli.preload"]
#: How often the memory of workers is looked at. A page fills some 100 MB in that time.
SECONDS_BETWEEN_LOOKS = 0.1
#: Where a worker does not even begin: the server compiles on the first run of a machine.
SECONDS_TO_START = 300.0
#: Workers that may die one after another with no task in hand before something must be wrong with the machine.
MAX_IDLE_DEATHS = 10
#: What a worker says before it gives results: that it is there, and that it has a task in hand.
READY, BEGUN = "ready", "begun"


@dataclass(frozen=True)
class Killed:
    """What became of a task that gave no result: `timed_out`, `worker_died` or `out_of_memory`."""

    reason: str


@dataclass(eq=False)
class _Job:
    """A task on its way; `result` is a list of one once it has come."""

    function: Callable[[Any], Any]
    task: Any
    seconds: float
    result: list[Any] = field(default_factory=list)


@dataclass(eq=False)
class _Worker:
    """A process, our end of its pipe, and what it is doing."""

    process: ForkServerProcess
    pipe: connection.Connection
    deadline: float
    ready: bool = False
    job: _Job | None = None
    begun: bool = False
    tasks: int = 0


class LocalEngine:
    """`workers` processes on this machine, each replaced after `tasks_per_worker` tasks.

    `worker_memory` is what one may hold in bytes. Use it as a context manager; leaving it kills the workers, which have
    nothing to finish by then unless an exception is on its way. Processes are started when the first task comes.
    """

    def __init__(self, workers: int, tasks_per_worker: int, worker_memory: int = sys.maxsize) -> None:
        self.size, self.tasks_per_worker, self.worker_memory = workers, tasks_per_worker, worker_memory
        self.workers: list[_Worker] = []
        self.returned: deque[_Job] = deque()  # by workers that died before they began
        self.idle_deaths = 0
        self.next_look = 0.0

    def __enter__(self) -> LocalEngine:
        return self

    def __exit__(self, *_: object) -> None:
        self.rest()

    def map(
        self, function: Callable[[Task], Result], tasks: Iterable[Task], seconds: float
    ) -> Iterator[tuple[Task, Result | Killed]]:
        """Each task with its result, in the order of the tasks; a task waits ready while all workers are busy."""
        jobs: deque[_Job] = deque()
        for task in tasks:
            job = _Job(function, task, seconds)
            self._hand_out(job)
            jobs.append(job)
            while jobs and (jobs[0].result or len(jobs) > 2 * self.size):
                yield jobs[0].task, self._await(jobs[0])
                jobs.popleft()
        while jobs:
            yield jobs[0].task, self._await(jobs[0])
            jobs.popleft()

    def call(self, function: Callable[[Task], Result], task: Task, seconds: float) -> Result | Killed:
        """One task's result."""
        job = _Job(function, task, seconds)
        self._hand_out(job)
        result: Result | Killed = self._await(job)
        return result

    def rest(self) -> None:
        """Let the workers go, which hold some 300 MB each; the next task gets new ones."""
        for worker in self.workers:
            _kill(worker)
        self.workers = []

    # ------------------------------------------------------------ handing out and gathering

    def _await(self, job: _Job) -> Any:
        while not job.result:
            self._look()
        if isinstance(job.result[0], _Raised):
            raise job.result[0].error
        return job.result[0]

    def _hand_out(self, job: _Job) -> None:
        """Give the job to the first worker that is idle, those first that came back."""
        self.returned.append(job)
        while job in self.returned:
            self._look()

    def _give(self) -> None:
        while len(self.workers) < self.size:
            self.workers.append(_start_worker())
        for worker in [each for each in self.workers if each.ready and not each.job]:
            if self.returned:
                self._send(worker, self.returned.popleft())

    def _send(self, worker: _Worker, job: _Job) -> None:
        worker.job, worker.begun, worker.deadline = job, False, time.monotonic() + SECONDS_TO_START
        try:
            worker.pipe.send((job.function, job.task))
        except (BrokenPipeError, ConnectionResetError):
            self._lost(worker, "worker_died")

    def _look(self) -> None:
        """Hand out what there is, wait until something happens, and see to it."""
        self._give()
        patience = min([SECONDS_BETWEEN_LOOKS, *(max(0.0, w.deadline - time.monotonic()) for w in self._watched())])
        ready = connection.wait([worker.pipe for worker in self.workers], timeout=patience)
        for worker in [each for each in self.workers if each.pipe in ready]:
            self._receive(worker)
        self._stop_those_past_limits()

    def _watched(self) -> list[_Worker]:
        return [worker for worker in self.workers if worker.job or not worker.ready]

    def _receive(self, worker: _Worker) -> None:
        try:
            message = worker.pipe.recv()
        except (EOFError, OSError):
            self._lost(worker, "worker_died")
            return
        if worker.job is None or not worker.begun:  # it has said that it is there, or that it has begun
            worker.ready, worker.begun = True, worker.job is not None
            if worker.job:
                worker.deadline = time.monotonic() + worker.job.seconds
            return
        worker.job.result.append(message)
        worker.job, worker.begun, worker.tasks, self.idle_deaths = None, False, worker.tasks + 1, 0
        if worker.tasks >= self.tasks_per_worker or isinstance(message, Killed):
            self._retire(worker)

    def _stop_those_past_limits(self) -> None:
        now = time.monotonic()
        look = now >= self.next_look
        if look:
            self.next_look = now + SECONDS_BETWEEN_LOOKS
        for worker in self._watched():
            if now > worker.deadline:
                self._lost(worker, "timed_out")
            elif look and memory_of(worker.process.pid or 0) > self.worker_memory:
                self._lost(worker, "out_of_memory")

    def _lost(self, worker: _Worker, reason: str) -> None:
        """Replace a worker. A task that it had not begun is not to blame and goes to another."""
        self._retire(worker)
        if worker.job and worker.begun:
            worker.job.result.append(Killed(reason))
            return
        if worker.job:
            self.returned.appendleft(worker.job)
        self.idle_deaths += 1
        if self.idle_deaths > MAX_IDLE_DEATHS:
            raise WorkerLostError(
                f"{self.idle_deaths} worker processes died or hung before they had begun any work. Nothing was "
                "published. Most often memory is short, or a limit on processes is too low: lower --workers."
            )

    def _retire(self, worker: _Worker) -> None:
        _kill(worker)
        self.workers.remove(worker)


def memory_of(process: int) -> int:
    """The memory that a process holds, in bytes; 0 where the system does not say (it is gone, or this is no Linux).

    >>> memory_of(os.getpid()) > 1_000_000 or sys.platform != "linux"
    True
    """
    try:
        resident = Path(f"/proc/{process}/statm").read_bytes().split()[1]
    except OSError:
        return 0
    return int(resident) * os.sysconf("SC_PAGE_SIZE")


# ---------------------------------------------------------------- processes


@dataclass(frozen=True)
class _Raised:
    """An exception of a task, with where it happened in its notes."""

    error: BaseException


def start_server() -> None:
    """Start the process that workers are forked from, if it is not running; it imports what they need meanwhile.

    Forking a process that has threads (pyarrow's) can deadlock, so workers are forked from one without.
    """
    forkserver.set_forkserver_preload(PRELOADED)
    forkserver.ensure_running()


def _start_worker() -> _Worker:
    """A new process, forked from the server."""
    start_server()
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("forkserver").Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    return _Worker(process, ours, time.monotonic() + SECONDS_TO_START)


def _kill(worker: _Worker) -> None:
    worker.process.kill()
    worker.process.join()
    worker.pipe.close()


def _serve(pipe: connection.Connection) -> None:
    """A worker's life: a task, its result, the next task, until the pipe is closed."""
    # Stopping is the main process's to decide; a signal from a terminal reaches the whole process group.
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    Thread(target=_die_with_main, daemon=True).start()
    pipe.send(READY)
    while True:
        try:
            function, task = pipe.recv()
        except EOFError:
            return
        pipe.send(BEGUN)
        answer = _answer(function, task)
        del task
        pipe.send(answer)


def _die_with_main() -> None:
    """End this process at once when the main process is gone: nobody may write on behind the back of the next run."""
    main = multiprocessing.parent_process()
    if main is not None:
        connection.wait([main.sentinel])
        os.kill(os.getpid(), signal.SIGKILL)


def _answer(function: Callable[[Any], Any], task: Any) -> Any:
    try:
        return function(task)
    except MemoryError:
        return Killed("out_of_memory")
    except Exception as error:
        error.add_note("".join(traceback.format_exception(error)))
        return _Raised(error)
