"""The local engine: worker processes on this machine that may be killed at any moment, controlled by one thread.

A task that runs past its time limit, or whose worker dies (kill -9) or takes more memory than it may, comes back as
`Killed`: the worker is replaced, the other tasks are not affected, and the caller decides what to do with the task.

Each worker has a pipe of its own and shares nothing else with the others: no lock or queue that a killed worker could
hold. One thread, the caller's, hands out tasks and gathers results; a worker has one task at a time.
"""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing import connection
from pathlib import Path
from typing import Any, Self

from pipeline.engines.base import Earlier, Killed, Result, Task, nothing_earlier
from pipeline.engines.one_machine import OneMachine
from pipeline.engines.processes import Raised, ServerLostError, WorkerProcess, memory_of, start_process
from pipeline.engines.task_files import TaskFiles
from pipeline.errors import WorkerLostError

#: How often the memory of workers is checked. A page can fill some 100 MB in that time.
SECONDS_BETWEEN_CHECKS = 0.1
#: How long a worker may take to start: 2 s on a quiet machine, many times that on one that is short of memory.
SECONDS_TO_START = 300.0
#: Workers that may die in a row without having begun a task; beyond that the machine must be at fault.
MAX_IDLE_DEATHS = 10
IDLE_DEATHS = (
    "{} worker processes died or hung before they had begun any work ({}). Nothing was published. Most often memory is "
    "short, or a limit on processes is too low: lower --workers."
)


@dataclass(eq=False)
class _Job:
    """A task under way; `result` is a list of one once it has come."""

    function: Callable[[Any], Any]
    task: Any
    seconds: float
    result: list[Any] = field(default_factory=list)


@dataclass(eq=False)
class _Worker:
    """A process, our end of its pipe, and its current job."""

    process: WorkerProcess
    pipe: connection.Connection
    deadline: float
    ready: bool = False
    job: _Job | None = None
    begun: bool = False
    tasks: int = 0


class LocalEngine(OneMachine):
    """`workers` processes on this machine, each replaced after `tasks_per_worker` tasks; see `engines.base.Engine`.

    `worker_memory` is the limit of each in bytes. Processes are started when the first task comes, and killed when the
    context is left: they have nothing to finish by then unless an exception is on its way.
    """

    def __init__(self, workers: int, tasks_per_worker: int, worker_memory: int = sys.maxsize) -> None:
        self.size, self.tasks_per_worker, self.worker_memory = workers, tasks_per_worker, worker_memory
        self.workers: list[_Worker] = []
        self.returned: deque[_Job] = deque()  # by workers that died before they began
        self.idle_deaths = 0
        self.next_check = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release_workers()

    def tables(self, folder: Path) -> TaskFiles:
        """Return the task tables of the run that is staged in `folder`."""
        return TaskFiles(folder)

    def map(
        self,
        function: Callable[[Task], Result],
        tasks: Iterable[Task],
        seconds: float,
        earlier: Callable[[Task], Earlier | None] = nothing_earlier,
    ) -> Iterator[tuple[Task, Result | Earlier | Killed]]:
        """Yield each task with its result, in order; one more task is taken than workers are free."""
        jobs: deque[_Job] = deque()
        for task in tasks:
            job = _Job(function, task, seconds)
            if answer := earlier(task):
                job.result.append(answer)
            else:
                self._hand_out(job)
            jobs.append(job)
            # Twice as many jobs as workers: enough that one slow task does not leave the others idle.
            while jobs and (jobs[0].result or len(jobs) > 2 * self.size):
                yield jobs[0].task, self._await(jobs[0])
                jobs.popleft()
        while jobs:
            yield jobs[0].task, self._await(jobs[0])
            jobs.popleft()

    def call(self, function: Callable[[Task], Result], task: Task, seconds: float) -> Result | Killed:
        """Carry out one task and return its result."""
        job = _Job(function, task, seconds)
        self._hand_out(job)
        result: Result | Killed = self._await(job)
        return result

    def release_workers(self) -> None:
        """Kill the idle workers, which hold some 300 MB each; the next task gets new ones."""
        for worker in self.workers:
            _kill(worker)
        self.workers = []

    # ------------------------------------------------------------ handing out and gathering

    def _await(self, job: _Job) -> Any:
        while not job.result:
            self._step()
        if isinstance(job.result[0], Raised):
            raise job.result[0].error
        return job.result[0]

    def _hand_out(self, job: _Job) -> None:
        """Give the job to the first worker that is idle, returned jobs first."""
        self.returned.append(job)
        while job in self.returned:
            self._step()

    def _step(self) -> None:
        """Give jobs to idle workers, wait until something happens, and handle it."""
        self._give()
        patience = min([SECONDS_BETWEEN_CHECKS, *(max(0.0, w.deadline - time.monotonic()) for w in self._busy())])
        ready = connection.wait([worker.pipe for worker in self.workers], timeout=patience)
        for worker in [each for each in self.workers if each.pipe in ready]:
            self._receive(worker)
        self._stop_those_past_limits()

    def _give(self) -> None:
        while len(self.workers) < self.size:
            try:
                self.workers.append(_new_worker())
            except ServerLostError as error:
                self._count_idle_death(str(error))
        for worker in [each for each in self.workers if each.ready and not each.job]:
            if self.returned:
                self._send(worker, self.returned.popleft())

    def _send(self, worker: _Worker, job: _Job) -> None:
        worker.job, worker.begun, worker.deadline = job, False, time.monotonic() + SECONDS_TO_START
        try:
            worker.pipe.send((job.function, job.task))
        except (BrokenPipeError, ConnectionResetError):
            self._replace(worker, "worker_died")

    def _busy(self) -> list[_Worker]:
        return [worker for worker in self.workers if worker.job or not worker.ready]

    def _receive(self, worker: _Worker) -> None:
        try:
            message = worker.pipe.recv()
        except (EOFError, OSError):
            self._replace(worker, "worker_died")
            return
        if worker.job is None or not worker.begun:  # READY or BEGUN
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
        check_memory = now >= self.next_check
        if check_memory:
            self.next_check = now + SECONDS_BETWEEN_CHECKS
        for worker in self._busy():
            if now > worker.deadline and not worker.pipe.poll():  # else it was done in time, and this process slept
                self._replace(worker, "timed_out")
            elif check_memory and memory_of(worker.process.pid) > self.worker_memory:
                self._replace(worker, "out_of_memory")

    def _replace(self, worker: _Worker, reason: str) -> None:
        """Replace a worker. A task that it had not begun is not to blame and goes to another."""
        self._retire(worker)
        if worker.job and worker.begun:
            worker.job.result.append(Killed(reason))
            return
        if worker.job:
            self.returned.appendleft(worker.job)
        self._count_idle_death(reason)

    def _count_idle_death(self, reason: str) -> None:
        self.idle_deaths += 1
        if self.idle_deaths > MAX_IDLE_DEATHS:
            raise WorkerLostError(IDLE_DEATHS.format(self.idle_deaths, reason))

    def _retire(self, worker: _Worker) -> None:
        _kill(worker)
        self.workers.remove(worker)


def _new_worker() -> _Worker:
    """Start a worker. Raises ServerLostError, after a pause: a server that was killed is not gone at once."""
    try:
        return _Worker(*start_process(), time.monotonic() + SECONDS_TO_START)
    except ServerLostError:
        time.sleep(SECONDS_BETWEEN_CHECKS)
        raise


def _kill(worker: _Worker) -> None:
    worker.process.kill()
    worker.pipe.close()
