"""The part of the engine that runs in Spark's executors: tasks, each in a process that may be killed.

Spark's own Python process only hands a task on, to a worker of a local engine of its own: a task that hangs, dies or
takes too much memory comes back as `Killed`, as on one machine. Spark never sees it fail, and does not try it again.
"""

from __future__ import annotations

import os
import pickle
import platform
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline import __version__
from pipeline.engines.local import LocalEngine
from pipeline.engines.processes import Raised

ANSWERS = pa.schema([("at", pa.int64()), ("answer", pa.binary())])
#: The same for Spark.
ANSWERS_DDL = "at long, answer binary"

#: The engine of this process, by the limits of its worker. It is kept from task to task: Spark keeps its processes.
_ENGINES: dict[tuple[int, int], LocalEngine] = {}


@dataclass(frozen=True)
class Job:
    """The tasks of one job of Spark, pickled one by one, and the limits of what carries them out."""

    function: Callable[[Any], Any]
    tasks: Sequence[bytes]
    seconds: float
    tasks_per_worker: int
    worker_memory: int
    folder: str  # that relative paths begin from, as in the driver


def carry_out(job: Job, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Carry out the tasks whose numbers come in, and yield their pickled results."""
    engine = _engine(job.tasks_per_worker, job.worker_memory)
    function = partial(in_folder, job.folder, job.function)
    for batch in batches:
        for at in batch.column(0).to_pylist():
            yield _row(at, _result(engine, function, job, at))


def _result(engine: LocalEngine, function: Callable[[Any], Any], job: Job, at: int) -> Any:
    try:
        return engine.call(function, pickle.loads(job.tasks[at]), job.seconds)
    except Exception as error:
        return Raised(error)


def _engine(tasks_per_worker: int, worker_memory: int) -> LocalEngine:
    limits = tasks_per_worker, worker_memory
    if limits not in _ENGINES:
        for each in _ENGINES.values():
            each.release_workers()
        _ENGINES.clear()
        _ENGINES[limits] = LocalEngine(1, *limits)
    return _ENGINES[limits]


def _row(at: int, answer: Any) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist([{"at": at, "answer": pickle.dumps(answer)}], ANSWERS)


def in_folder(folder: str, function: Callable[[Any], Any], task: Any) -> Any:
    """Call a function with the driver's working folder as our own, if it is here: paths may begin from it.

    Spark puts its folder of files on the path of modules as ".": that stays the executor's.
    """
    sys.path[:] = [str(Path(each).absolute()) for each in sys.path]
    with suppress(OSError):
        os.chdir(folder)
    return function(task)


# ---------------------------------------------------------------- the check of a cluster


@dataclass(frozen=True)
class Greeting:
    """An executor's answer: where it runs, with which versions, and what it sees of the shared folder."""

    host: str
    version: str
    python: str
    token: str | None  # None: it does not see the folder
    wrote: str | None  # the name of the file that it wrote there


def greet(folder: str | None, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Answer for an executor; with a folder, read the driver's token there and write one of its own."""
    for batch in batches:
        for at in batch.column(0).to_pylist():
            yield _row(at, _greeting(at, Path(folder) if folder else None))


def _greeting(at: int, folder: Path | None) -> Greeting:
    token = wrote = None
    if folder is not None:
        with suppress(OSError):
            token = (folder / "driver").read_text(encoding="utf-8")
            wrote = f"executor-{at:05d}"
            (folder / wrote).write_text(f"{token} {wrote}", encoding="utf-8")
    return Greeting(socket.gethostname(), __version__, platform.python_version(), token, wrote)
