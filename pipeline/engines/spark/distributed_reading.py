"""Reading in the executors: inputs are read there, and documents that are not new are found by a shuffle of their ids.

The driver hands out file names, and gets back a number of items for each group of inputs. It reads no document.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import pyarrow as pa

from pipeline import sources
from pipeline.durable import written_whole
from pipeline.engines.base import Earlier, Engine, Killed
from pipeline.engines.checkpoints import Checkpoints
from pipeline.engines.reading import InputReading
from pipeline.engines.spark import new_documents
from pipeline.engines.spark.stored_batches import IDS, ITEMS, Group, StoredBatch, cut, path_of
from pipeline.errors import UserError, WorkerLostError
from pipeline.settings import Settings, StoreSettings
from pipeline.sources import Input, Problem, RawDocument
from pipeline.storage.forgotten import ForgottenRecord, record_of
from pipeline.storage.ids import as_bytes
from pipeline.storage.location import configure_inputs
from stages.contract import RAW_DOCUMENT
from stages.ledger import LEDGER

if TYPE_CHECKING:
    from pipeline.engines.spark.cluster import Executors

Result = TypeVar("Result")

#: Inputs that are read as one task: of so many bytes, at most so many. Chosen by hand; not tuned.
GROUP_BYTES, GROUP_INPUTS = 64_000_000, 1000
#: Inputs whose digest is taken as one task, at most.
SURVEYED = 100
#: Reading has no limit of its own on one machine; this is for a file system that hangs.
SECONDS_TO_READ = 6 * 3600.0
#: Documents and bytes of a chunk, which is read as a whole. Chosen by hand: as a batch by default.
CHUNK_DOCUMENTS, CHUNK_BYTES = 256, 4_000_000


class Surveyed(NamedTuple):
    """The answers for some inputs, and those of the inputs that are not where the driver has found them."""

    answers: list[object]
    unseen: list[str]


def survey(
    engine: Engine, function: Callable[[Input], Result], inputs: Sequence[Input], store: StoreSettings
) -> list[Result]:
    """Apply a function to each input in the executors; raise UserError for inputs that are here and not there."""
    tasks = [inputs[at : at + SURVEYED] for at in range(0, len(inputs), SURVEYED)]
    answers: list[Result] = []
    for task, result in engine.map(partial(surveyed, function, store), tasks, SECONDS_TO_READ):
        if not isinstance(result, Surveyed):
            raise _lost(task)
        refuse_unseen(result.unseen)
        answers += result.answers  # type: ignore[arg-type]
    return answers


def surveyed(function: Callable[[Input], object], store: StoreSettings, inputs: Sequence[Input]) -> Surveyed:
    """Apply a function to inputs."""
    configure_inputs(store, [each.uri for each in inputs])
    unseen = [each.uri for each in inputs if not sources.is_url(each.uri) and not os.path.lexists(each.uri)]
    return Surveyed([function(each) for each in inputs], unseen)


def refuse_unseen(names: Sequence[str]) -> None:
    """Raise UserError for an input that executors did not find and that is still here."""
    here = [each for each in names if os.path.lexists(each)]
    if here:
        relative = "" if os.path.isabs(here[0]) else f" (from {Path.cwd()})"  # noqa: PTH117
        raise UserError(
            f"the workers of Spark do not see the input {here[0]}{relative}. Inputs are read there: put them on a file "
            "system that is mounted everywhere under the same path, or name them on a store (s3://…)."
        )


# ---------------------------------------------------------------- reading


@dataclass(frozen=True)
class ReadingTask:
    """A group of inputs to be read into the run's folder."""

    number: int
    inputs: tuple[Input, ...]
    settings: Settings
    window: sources.Window
    folder: Path
    out: Path

    @property
    def name(self) -> str:
        """The name of its checkpoint."""
        return f"{self.number:06d}"


def read(engine: Engine, cluster: Executors, reading: InputReading) -> Iterator[StoredBatch]:
    """Read the inputs in the executors, find what is new, and yield batches of it."""
    folder, run = reading.folder, reading.settings.run
    (folder / "read").mkdir(exist_ok=True)
    checkpoints = Checkpoints(folder)

    def earlier(task: ReadingTask) -> Earlier | None:
        answer = checkpoints.get("read", task.name)
        return None if answer is None else Earlier(answer)

    groups: list[Group] = []
    for task, result in engine.map(read_group, list(tasks_of(reading)), SECONDS_TO_READ, earlier):
        answer = engine.call(read_group, task, SECONDS_TO_READ) if isinstance(result, Killed) else result
        if isinstance(answer, Killed):
            raise _lost(task.inputs)
        groups.append(answer.answer if isinstance(answer, Earlier) else answer)
    if checkpoints.get("read", "known") is None:
        new_documents.find_known(cluster, folder, reading.output, len(groups))
        checkpoints.set("read", "known", True)
    yield from cut(folder, groups, run.batch_documents, run.batch_bytes)


def tasks_of(reading: InputReading) -> Iterator[ReadingTask]:
    """Yield the groups of inputs that are read together. Sizes decide them, so a resumed run has the same."""
    out = reading.output.out.absolute()
    rest = (reading.settings, reading.window, reading.folder, out)
    number, group, size = 0, list[Input](), 0
    for each, known in zip(reading.inputs, reading.sizes, strict=True):
        if group and (size + (known or 0) > GROUP_BYTES or len(group) >= GROUP_INPUTS):
            yield ReadingTask(number, tuple(group), *rest)
            number, group, size = number + 1, [], 0
        group.append(each)
        size += known or 0
    if group:
        yield ReadingTask(number, tuple(group), *rest)


def read_group(task: ReadingTask) -> Group:
    """Read the inputs of a group into its files."""
    configure_inputs(task.settings.store, [each.uri for each in task.inputs])
    kinds = ("documents", "ledger", "items", "ids")
    paths = [path_of(task.folder, task.number, kind) for kind in kinds]
    schemas = (RAW_DOCUMENT, LEDGER, ITEMS, IDS)
    account = Account()
    with ExitStack() as stack:
        asides = [stack.enter_context(written_whole(path)) for path in paths]
        files = [_writer(stack, path, schema) for path, schema in zip(asides, schemas, strict=True)]
        forgotten = record_of(task.out)
        for number, chunk in enumerate(_chunks(task, account)):
            tables = _tables(number, chunk, forgotten)
            for file, table in zip(files, tables, strict=True):
                file.write_batch(_one_batch(table))
    answer = Group(task.number, tuple(account.used), sources.outcome([], account.problems).ledger)
    Checkpoints(task.folder).set("read", task.name, answer, paths)
    return answer


def _writer(stack: ExitStack, path: Path, schema: pa.Schema) -> pa.ipc.RecordBatchFileWriter:
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    return stack.enter_context(pa.ipc.new_file(path, schema, options=options))


def _one_batch(table: pa.Table) -> pa.RecordBatch:
    """Return a table as one record batch, even if it is empty: chunks have the same numbers in all files."""
    combined = table.combine_chunks().to_batches()
    return combined[0] if combined else pa.RecordBatch.from_pylist([], schema=table.schema)


@dataclass
class Account:
    """The few things that the driver is told about inputs: which were read, and problems of the others."""

    used: dict[str, None] = field(default_factory=dict)
    left_out: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    def add(self, uri: str, found: RawDocument | Problem) -> None:
        """Add what an input gave: a note on how it is read, a refusal of the system, or why something was left out."""
        if isinstance(found, RawDocument) or found.reason == "outside_window":
            self.used[uri] = None
            return
        is_note = found.reason == "read_as" or (found.reason == "unreadable" and found.measured is not None)
        is_first = found.action in ("failed", "skipped") and uri not in self.left_out
        if is_first:
            self.left_out.add(uri)
        if is_note or is_first:
            self.problems.append(found)


def _chunks(task: ReadingTask, account: Account) -> Iterator[list[RawDocument | Problem]]:
    found: list[RawDocument | Problem] = []
    size = 0
    for source in task.inputs:
        for each in sources.read_all([source], task.settings.sources, task.window):
            account.add(source.uri, each)
            found.append(each)
            size += sources.size_of(each)
            if len(found) >= CHUNK_DOCUMENTS or size >= CHUNK_BYTES:
                yield found
                found, size = [], 0
    if found:
        yield found


def _tables(number: int, found: Sequence[RawDocument | Problem], forgotten: ForgottenRecord) -> tuple[pa.Table, ...]:
    """Return the rows of a chunk for each file of its group."""
    documents = [each for each in found if isinstance(each, RawDocument)]
    read = sources.outcome(documents, [each for each in found if isinstance(each, Problem)])
    sizes = [sources.size_of(each) for each in found]
    kinds = [isinstance(each, RawDocument) for each in found]
    items = pa.table([sizes, [number] * len(found), kinds], schema=ITEMS)
    ids = as_bytes(read.documents["doc_id"].to_pylist()).tobytes()
    binary = pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), len(documents), [None, pa.py_buffer(ids)])
    held = pa.array(forgotten.holds(read.documents), pa.bool_())
    return read.documents, read.ledger, items, pa.Table.from_arrays([binary, held], schema=IDS)


def _lost(inputs: Sequence[Input]) -> WorkerLostError:
    return WorkerLostError(
        f"a worker process was lost twice while it read {inputs[0].uri}{' and others' if len(inputs) > 1 else ''}. "
        "Nothing was published. Most often memory is short: raise [run] worker_memory_bytes."
    )
