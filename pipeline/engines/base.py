"""The engine protocol: the operations that a run needs of whatever carries out its tasks.

An engine moves tasks, tables and answers; all logic is in the functions that it calls: tasks (`pipeline.runs.tasks`),
reading (`pipeline.engines.reading`) and matching (`pipeline.passages`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar

if TYPE_CHECKING:
    import pyarrow as pa

    from pipeline.engines.reading import Batch, InputReading
    from pipeline.passages.matching import Matched, PassageMatching
    from pipeline.sources import Input

Task = TypeVar("Task")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Killed:
    """Stands for the result of a task that gave none: `timed_out`, `worker_died` or `out_of_memory`."""

    reason: str


@dataclass(frozen=True)
class Earlier:
    """Stands for the result of a task that an earlier, killed attempt at the same run had completed."""

    answer: Any


def nothing_earlier(task: object) -> Earlier | None:
    """Return None: no task was done before."""
    del task
    return None


class TaskTables(Protocol):
    """The tables that tasks hand on to later phases, and checkpoints of the tasks that are done.

    It travels to the workers inside their tasks, so it must pickle.
    """

    def read(self, kind: str, name: str) -> pa.Table:
        """Read the table `name` of a kind."""
        ...

    def write(self, kind: str, name: str, table: pa.Table) -> Path:
        """Write a table for a later phase and return its path, which belongs in the task's checkpoint."""
        ...

    def count_rows(self, kind: str, name: str) -> int:
        """Count the rows of a table without reading them."""
        ...

    def set_checkpoint(self, phase: str, name: str, answer: Any, files: Iterable[Path] = ()) -> None:
        """Record that a task is done, with its answer and the files that it wrote."""
        ...

    def checkpoint(self, phase: str, name: str) -> Any | None:
        """Return the answer of a task that is done and whose files are intact, else None."""
        ...


class Engine(Protocol):
    """A place where tasks are carried out. Use it as a context manager: leaving it frees all workers."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def tables(self, folder: Path) -> TaskTables:
        """Return the task tables of the run that is staged in `folder`."""
        ...

    def map(
        self,
        function: Callable[[Task], Result],
        tasks: Iterable[Task],
        seconds: float,
        earlier: Callable[[Task], Earlier | None] = nothing_earlier,
    ) -> Iterator[tuple[Task, Result | Earlier | Killed]]:
        """Yield each task with its result, in the order of the tasks.

        `tasks` is consumed as workers become free. A task for which `earlier` returns an answer is not carried out
        again. A task that runs longer than `seconds` is killed. An exception of `function` is raised here.
        """
        ...

    def call(self, function: Callable[[Task], Result], task: Task, seconds: float) -> Result | Killed:
        """Carry out one task and return its result."""
        ...

    def survey(self, function: Callable[[Input], Result], inputs: Sequence[Input]) -> list[Result]:
        """Apply a function to each input where this engine reads inputs; an exception is raised here."""
        ...

    def batches(self, reading: InputReading) -> Iterator[Batch]:
        """Read the inputs of a run and yield its new documents in batches, which are the same for every engine."""
        ...

    def resolve(self, task: PassageMatching, parts: Mapping[int, Sequence[str]]) -> Matched:
        """Find the passages that the documents of all parts share with those before them; see `matching.resolve`."""
        ...

    def release_workers(self) -> None:
        """Free the memory of idle workers; the next task gets new ones."""
        ...
