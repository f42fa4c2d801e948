"""The engine for small inputs: tasks are carried out in the main process, all but those that may hang.

One batch cannot be shared out, so workers would only add the seconds that a process needs to load what cleans. A task
that may hang in C code, where nothing but a kill stops it, still goes to a worker, which is started when the first such
task comes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Self

from pipeline.engines.base import Earlier, Engine, Killed, Result, Task, TaskTables, nothing_earlier
from pipeline.engines.one_machine import OneMachine
from stages.extract.time_limit import TimeIsUp, time_limit


class MainProcessEngine(OneMachine):
    """No workers of its own; see `engines.base.Engine`. `workers` carries out the tasks of which `may_hang` is true."""

    def __init__(self, workers: Engine, may_hang: Callable[[Any], bool]) -> None:
        self.workers, self.may_hang = workers, may_hang

    def __enter__(self) -> Self:
        self.workers.__enter__()
        return self

    def __exit__(self, *exception: object) -> None:
        self.workers.__exit__(*exception)

    def tables(self, folder: Path) -> TaskTables:
        """Return the task tables of the run that is staged in `folder`."""
        return self.workers.tables(folder)

    def map(
        self,
        function: Callable[[Task], Result],
        tasks: Iterable[Task],
        seconds: float,
        earlier: Callable[[Task], Earlier | None] = nothing_earlier,
    ) -> Iterator[tuple[Task, Result | Earlier | Killed]]:
        """Yield each task with its result, one after another."""
        for task in tasks:
            answer = earlier(task)
            yield task, self.call(function, task, seconds) if answer is None else answer

    def call(self, function: Callable[[Task], Result], task: Task, seconds: float) -> Result | Killed:
        """Carry out one task and return its result.

        The time limit here is kept by a signal, which stops Python and `re`. All else that a text passes through takes
        time in proportion to its size.
        """
        if self.may_hang(task):
            return self.workers.call(function, task, seconds)
        try:
            with time_limit(seconds):
                return function(task)
        except TimeIsUp:
            return Killed("timed_out")
        except MemoryError:
            return Killed("out_of_memory")

    def release_workers(self) -> None:
        """Free the memory of idle workers."""
        self.workers.release_workers()
