"""A cluster of Spark as the engine sees it: jobs with answers in order, and the check that it can do our work."""

from __future__ import annotations

import pickle
import platform
import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow as pa

from pipeline import __version__
from pipeline.engines.spark.executor import ANSWERS_DDL, Greeting, Job, carry_out, greet
from pipeline.engines.spark.session import cause_of, hosts_in_words, within
from pipeline.errors import UserError, WorkerLostError
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

Task = TypeVar("Task")
Answer = TypeVar("Answer")

#: Times that a job is tried. Spark tries each of its tasks several times; this is for a cluster that lost all of its
#: executors at once, and for `local`, where it tries none again.
ATTEMPTS = 3
NO_EXECUTOR = (
    "no executor of Spark took up work within {:g} seconds ([spark] start_seconds). Does the cluster have free cores "
    "and memory for this program (its web page shows it), and can the workers reach this machine? Nothing was done."
)
NO_COPYDESK = (
    "the executors of Spark cannot import copydesk ({}). Install it where they find it, or send it with the program: "
    "docs/how-to/spark.md, «Executors need copydesk»."
)


class Executors:
    """A session of Spark whose executors carry out our tasks."""

    def __init__(self, session: SparkSession, settings: Settings) -> None:
        self.session, self.settings = session, settings
        self.tag = f"copydesk-{secrets.token_hex(8)}"

    @property
    def partitions(self) -> int:
        """The tasks of a job, and the partitions of a shuffle. Executors come and go, so it is asked anew each time."""
        return self.settings.spark.partitions or 2 * _parallelism(self.session)

    def answers(self, function: Callable[[Task], Any], tasks: Sequence[Task], seconds: float) -> list[Any]:
        """Carry out tasks in one job, a partition each, and return their results in order."""
        run = self.settings.run
        pickled = [pickle.dumps(each) for each in tasks]
        folder = str(Path.cwd())
        job = Job(function, pickled, seconds, run.tasks_per_worker, run.worker_memory_bytes, folder)
        return self.tried(partial(self._job, partial(carry_out, job), len(tasks)))

    def carry_out(self, rows: DataFrame) -> int:
        """Compute rows, for what is written on the way; return how many there are."""
        return self.tried(lambda: len(rows.toArrow()))

    def rows(self, function: Callable[..., Iterator[pa.RecordBatch]], schema: str, tasks: int) -> DataFrame:
        """Return the rows that a function yields for the numbers of so many tasks, at most `partitions` at a time."""
        return self.session.range(0, tasks, 1, max(1, min(tasks, self.partitions))).mapInArrow(function, schema)

    def check(self, folder: Path | None = None) -> None:
        """Raise UserError if executors do not come, lack our program, or do not see a folder as we do."""
        token = secrets.token_hex(16)
        shared = folder / f".shared-{token[:8]}" if folder else None
        if shared:
            shared.mkdir()
            (shared / "driver").write_text(token, encoding="utf-8")
        try:
            refuse_greetings(self._greetings(shared), token if shared else None, shared)
        finally:
            if shared:
                shutil.rmtree(shared, ignore_errors=True)

    def leave(self) -> None:
        """Stop what is under way, and take our mark off the jobs that this thread will start."""
        self.cancel()
        with suppress(Exception):
            self.session.removeTag(self.tag)

    def cancel(self) -> None:
        """Stop the jobs that are under way."""
        with suppress(Exception):  # the cluster may be gone
            self.session.interruptTag(self.tag)

    def _greetings(self, folder: Path | None) -> list[Greeting]:
        seconds = self.settings.spark.start_seconds
        self.session.addTag(self.tag)
        work = partial(self._job, partial(greet, str(folder) if folder else None), self.partitions)
        try:
            return within(seconds, work)
        except TimeoutError:
            self.cancel()
            raise UserError(NO_EXECUTOR.format(seconds)) from None
        except Exception as error:
            if "ModuleNotFoundError" in str(error):
                raise UserError(NO_COPYDESK.format(cause_of(error))) from None
            raise UserError(f"the executors of Spark cannot do our work: {cause_of(error)}") from None

    def _job(self, function: Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]], tasks: int) -> list[Any]:
        """Run a job of so many tasks, a partition each; return their answers in order."""
        rows = self.session.range(0, tasks, 1, tasks).mapInArrow(function, ANSWERS_DDL).toArrow()
        order = rows["at"].to_pylist()
        answers = dict(zip(order, rows["answer"].to_pylist(), strict=True))
        return [pickle.loads(answers[at]) for at in range(tasks)]

    def tried(self, work: Callable[[], Answer]) -> Answer:
        """Do work by jobs of Spark and return its answer; try again if Spark gives up a job that was not cancelled."""
        self.session.addTag(self.tag)  # of the jobs of this thread
        for attempt in range(ATTEMPTS):
            try:
                return work()
            except UserError:
                raise
            except Exception as error:
                if "CANCELLED" in str(error).upper() or attempt + 1 == ATTEMPTS:
                    raise WorkerLostError(
                        f"Spark gave up a job of this run: {cause_of(error)}. Nothing was published. The same command "
                        "resumes from what is done."
                    ) from error
        raise AssertionError  # the last attempt returns or raises


def refuse_greetings(greetings: Sequence[Greeting], token: str | None, folder: Path | None) -> None:
    """Raise UserError if executors have another version than the driver, or do not see the shared folder."""
    other = [each for each in greetings if each.version != __version__]
    if other:
        raise UserError(
            f"copydesk is {__version__} here and {other[0].version} on the executors ({_hosts(other)}): install the "
            "same there."
        )
    mine = platform.python_version().rpartition(".")[0]
    if other := [each for each in greetings if each.python.rpartition(".")[0] != mine]:
        raise UserError(f"Python is {mine} here and {other[0].python} on the executors ({_hosts(other)}).")
    if token is None or folder is None:
        return
    blind = [each for each in greetings if each.token != token or not _is_seen(folder, token, each.wrote)]
    if blind:
        raise UserError(
            f"the workers of Spark on {_hosts(blind)} do not see the folder {folder.parent} as this machine does. A "
            "run is staged beside its output, and all of them read and write there: name an --out on a file system "
            "that is mounted everywhere under the same path (NFS, EFS, Lustre, CephFS); for an output on S3, set "
            "[store] work_folder to a folder there."
        )


def _is_seen(folder: Path, token: str, name: str | None) -> bool:
    """Tell if the file that an executor wrote is here."""
    with suppress(OSError):
        return name is not None and (folder / name).read_text(encoding="utf-8") == f"{token} {name}"
    return False


def _hosts(greetings: Sequence[Greeting]) -> str:
    return hosts_in_words([each.host for each in greetings])


def _parallelism(session: SparkSession) -> int:
    """Return the number of tasks that the cluster does at a time, as far as it is known."""
    try:
        return max(1, int(session.sparkContext.defaultParallelism))
    except Exception:  # a session of Spark Connect has no context
        return max(1, int(session.conf.get("spark.default.parallelism", "8") or 8))
