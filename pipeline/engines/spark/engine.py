"""The Spark engine: tasks are partitions of Spark's jobs, task tables are files in a folder that all machines see.

Jobs are small, of as many tasks as `[spark] partitions` says, and two are under way at a time: the second fills the
cores that stragglers of the first leave idle. Their answers come back in the order of the tasks.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any, Self

from pipeline.engines.base import Earlier, Killed, Result, Task, nothing_earlier
from pipeline.engines.processes import Raised
from pipeline.engines.reading import Batch, InputReading, read_here
from pipeline.engines.spark import distributed_reading as distributed
from pipeline.engines.spark.cluster import Executors
from pipeline.engines.spark.session import close_session, open_session, require_pyspark, session_open
from pipeline.engines.task_files import TaskFiles
from pipeline.passages import matching, spark
from pipeline.settings import Settings
from pipeline.sources import Input, is_regular

JOBS_AT_ONCE = 2


class SparkEngine:
    """Executors of Spark carry out the tasks; see `engines.base.Engine`.

    A session that the caller has open is used and left open; else one is opened, and stopped at the end.
    """

    def __init__(self, settings: Settings, session: Any = None) -> None:
        self.settings, self.given = settings, session
        self.folder: Path | None = None
        self.is_shared = False
        self._cluster: Executors | None = None

    def __enter__(self) -> Self:
        require_pyspark()
        self.given = self.given or session_open()
        return self

    def __exit__(self, *_: object) -> None:
        if self._cluster is None:
            return
        self._cluster.leave()
        if self.given is None:
            close_session()
        self._cluster = None

    @property
    def cluster(self) -> Executors:
        """The cluster, which is started and checked when it is first needed."""
        if self._cluster is None:
            self._cluster = Executors(self.given or open_session(self.settings.spark), self.settings)
            self._cluster.check()
        if self.folder is not None and not self.is_shared:
            self._cluster.check(self.folder)
            self.is_shared = True
        return self._cluster

    def tables(self, folder: Path) -> TaskFiles:
        """Return the task tables of the run that is staged in `folder`."""
        self.folder = folder
        return TaskFiles(folder)

    def map(
        self,
        function: Callable[[Task], Result],
        tasks: Iterable[Task],
        seconds: float,
        earlier: Callable[[Task], Earlier | None] = nothing_earlier,
    ) -> Iterator[tuple[Task, Result | Earlier | Killed]]:
        """Yield each task with its result, in order; tasks are taken job by job."""
        waiting, rest = deque[Future[list[tuple[Task, Any]]]](), iter(tasks)
        pool = ThreadPoolExecutor(JOBS_AT_ONCE, thread_name_prefix="spark-job")
        try:
            while wave := list(islice(rest, self.cluster.partitions)):
                waiting.append(pool.submit(self._wave, function, wave, seconds, earlier))
                if len(waiting) >= JOBS_AT_ONCE:
                    yield from _results(waiting.popleft())
            while waiting:
                yield from _results(waiting.popleft())
        finally:
            for each in waiting:
                each.cancel()
            if waiting and self._cluster:
                self._cluster.cancel()
            pool.shutdown(wait=True, cancel_futures=True)

    def call(self, function: Callable[[Task], Result], task: Task, seconds: float) -> Result | Killed:
        """Carry out one task and return its result."""
        result: Result | Killed = _unraised(self.cluster.answers(function, [task], seconds)[0])
        return result

    def survey(self, function: Callable[[Input], Result], inputs: Sequence[Input]) -> list[Result]:
        """Apply a function to each input in the executors; to what only this process can read, here."""
        if not all(map(is_regular, inputs)):
            return [function(each) for each in inputs]
        return distributed.survey(self, function, inputs, self.settings.store)

    def batches(self, reading: InputReading) -> Iterator[Batch]:
        """Read the inputs in the executors; in this process what only it can read, and the few documents of a trial."""
        if reading.limit is not None or not all(map(is_regular, reading.inputs)):
            return read_here(reading)
        return distributed.read(self, self.cluster, reading)

    def resolve(self, task: matching.PassageMatching, parts: Mapping[int, Sequence[str]]) -> matching.Matched:
        """Find the shared passages in the executors; those of a run of few documents in this process."""
        if matching.hold_at_most(task.folder, parts, self.settings.spark.driver_matches):
            return matching.resolve(task, parts)
        plan = spark.Plan(partitions=self.settings.spark.partitions or None)
        return self.cluster.tried(lambda: spark.resolve(self.cluster.session, task, parts, plan))

    def release_workers(self) -> None:
        """Do nothing: Spark ends processes that are idle by itself."""

    def _wave(
        self, function: Callable[[Task], Any], wave: Sequence[Task], seconds: float, earlier: Callable[[Task], Any]
    ) -> list[tuple[Task, Any]]:
        """Carry out the tasks of a job, but those that were done before."""
        results = [earlier(each) for each in wave]
        missing = [at for at, result in enumerate(results) if result is None]
        if missing:
            for at, result in zip(
                missing, self.cluster.answers(function, [wave[at] for at in missing], seconds), strict=True
            ):
                results[at] = result
        return list(zip(wave, results, strict=True))


def _results(done: Future[list[tuple[Task, Any]]]) -> Iterator[tuple[Task, Any]]:
    for task, result in done.result():
        yield task, _unraised(result)


def _unraised(result: Any) -> Any:
    if isinstance(result, Raised):
        raise result.error
    return result
