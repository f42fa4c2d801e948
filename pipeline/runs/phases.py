"""The phases of a run up to its publication, each a map over tables of its workspace (see pipeline.runs.tasks).

prepare   sources → batches of documents that no earlier run published → prepared documents
mine      what recurs across an outlet's documents → templates
clean     prepared → cleaned documents, evidence of near-duplicates
resolve   all evidence → passages (near_duplicates)
finish    cleaned documents + passages → parts of the tables, and the manifest beside them
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pyarrow.compute as pc

from pipeline import sources
from pipeline.durable import remove
from pipeline.engines.base import Earlier, Killed, Result
from pipeline.engines.reading import InputReading, rows_only
from pipeline.errors import WorkerLostError
from pipeline.passages import flows
from pipeline.passages.matching import Matched
from pipeline.runs import refusals, tasks
from pipeline.runs.context import RunContext
from pipeline.runs.manifest import write_manifest
from pipeline.runs.publish import history_index
from pipeline.runs.readings import ReadingNote, gathered, shown
from pipeline.runs.report import RunReport
from pipeline.runs.unused import UnusedInput, UnusedInputs
from pipeline.runs.workspace import Workspace
from pipeline.settings import template_answers
from pipeline.tally import Tally, sum_of
from pipeline.templates import mining
from stages import extract
from stages.ledger import LedgerRows
from stages.noise import templates


class NamedTask(Protocol):
    """A task whose name is that of its checkpoint."""

    @property
    def name(self) -> str:
        """The task's name, unique in its phase."""
        ...


Task = TypeVar("Task", bound=NamedTask)


@dataclass(frozen=True)
class Prepared:
    """The result of `prepare`."""

    names: list[str]  # of the prepared tables, in the order of the inputs
    documents: dict[str, int]  # by name of their table
    tally: Tally
    batches: int
    resumed: int  # batches that were done before the run was killed
    refused: frozenset[str]  # inputs that existed and that the system did not let us read
    readings: tuple[ReadingNote, ...] = ()  # how inputs were read, where it had to be found out
    unused: tuple[UnusedInput, ...] = ()  # inputs that were named and gave no document


@dataclass(frozen=True)
class Mapped:
    """The result of a phase without documents to blame."""

    tally: Tally
    resumed: int  # tasks that were done before the run was killed


def run_phases(context: RunContext, inputs: list[sources.Input], identities: Sequence[sources.Identity]) -> RunReport:
    """Run all phases; return the report that the run will have once it is published.

    Its `run_id` is None if there is nothing to publish. Raises TooManyFailedError and DriftError, with the report of
    what was counted until then, for a run that must not be published.
    """
    prepared = prepare(context, inputs, [each.size for each in identities])
    tally, notes, failed = prepared.tally, shown(prepared.readings), failed_in(context.workspace, prepared.names)
    if not tally.documents_in:
        refusals.refuse_too_many_failed(context.report(tally, notes), context.settings, failed)
        refusals.refuse_nothing_read(context.report(tally, notes))
        notes = (*notes, refusals.why_nothing(tally, context.request.window))
        return context.report(tally, notes, unused=prepared.unused)
    notes += mine_templates(context, prepared.names, tally)
    cleaning = [tasks.Clean(context.workspace, name) for name in prepared.names]
    documents = prepared.documents
    cleaned = map_tasks(context, "clean", tasks.clean, cleaning, [documents[name] for name in prepared.names])
    tally += cleaned.tally
    refusals.refuse_too_many_failed(context.report(tally, notes), context.settings, failed)
    drift = refusals.refuse_drift(context, context.report(tally, notes))
    parts = parts_of(context.workspace, prepared.names)
    passages, index_notes = resolve(context, parts, tally)
    notes += index_notes
    counts = [sum(documents[name] for name in part.cleaned) for part in parts]
    finished = map_tasks(context, "finish", tasks.finish, parts, counts)
    tally += finished.tally
    context.engine.release_workers()  # here and below: what they took would stay theirs for the rest of the run
    with tally.time("flows"):
        count_flows(context)
    context.engine.release_workers()
    tally.measure_memory()
    if context.start.resumed:
        notes += (resumed_note(context, prepared, cleaned, finished, len(parts)),)
    if context.request.dry_run:
        notes = (*notes, "dry run: nothing was published")
        return context.report(tally, notes, None, passages, drift, prepared.unused)
    write_manifest(context, sources_read(identities, prepared.refused), prepared.readings, tally, drift)
    context.output.seal(context.run_id)
    return context.report(tally, notes, context.run_id, passages, drift, prepared.unused)


def sources_read(identities: Sequence[sources.Identity], refused: frozenset[str]) -> list[sources.Identity]:
    """Return the identities of the inputs as they were read: those refused are to be read again by another run."""
    return [sources.as_read(each, refused) for each in identities]


# ---------------------------------------------------------------- prepare


def prepare(context: RunContext, inputs: list[sources.Input], sizes: Sequence[int | None]) -> Prepared:
    """Prepare the new documents of the inputs, batch by batch."""
    done: list[tuple[str, Tally]] = []
    batches = resumed = documents = 0
    refused: set[str] = set()
    unused = UnusedInputs(context.request.inputs)
    read_as: list[tuple[str, str]] = []
    limit, seconds = context.request.limit, context.settings.run.task_seconds
    context.progress("prepare", 0, limit)
    earlier = partial(prepared_earlier, context.workspace)
    for task, outcome in context.engine.map(tasks.prepare, batches_of(context, inputs, sizes), seconds, earlier):
        if isinstance(outcome, Killed):
            parts = prepare_one_by_one(context, task)
        else:
            parts = outcome.answer if isinstance(outcome, Earlier) else [(task.name, outcome)]
        batches, resumed = batches + 1, resumed + isinstance(outcome, Earlier)
        addresses, ledger = task.batch.about_inputs
        refused |= sources.refused(ledger)
        unused.look_at(addresses, ledger)
        read_as += sources.read_as(ledger)
        done += parts
        documents += sum(tally.documents_in for _, tally in parts)
        context.progress("prepare", documents, limit)
    counts = {name: each.documents_in for name, each in sorted(done, key=lambda part: part[0])}
    tally = sum_of(each for _, each in done)
    notes = gathered(read_as)
    return Prepared(list(counts), counts, tally, batches, resumed, frozenset(refused), notes, unused.found())


def batches_of(
    context: RunContext, inputs: list[sources.Input], sizes: Sequence[int | None]
) -> Iterator[tasks.Prepare]:
    """Yield the tasks of preparing the new documents of the inputs, up to the limit of the request."""
    request, folder = context.request, context.workspace.folder
    reading = InputReading(inputs, sizes, context.settings, request.window, request.limit, context.output, folder)
    for number, batch in enumerate(context.engine.batches(reading)):
        yield tasks.Prepare(context.workspace, f"{number:06d}", batch)


def prepared_earlier(workspace: Workspace, task: tasks.Prepare) -> Earlier | None:
    """Return names and tallies of the prepared tables of a batch, if it was done before the run was killed."""
    checkpoint = workspace.tables.checkpoint
    names: list[str] = checkpoint("one_by_one", task.name) or [task.name]
    done = [(each, checkpoint("prepare", each)) for each in names]
    return Earlier(done) if all(tally for _, tally in done) else None


def prepare_one_by_one(context: RunContext, task: tasks.Prepare) -> list[tuple[str, Tally]]:
    """Prepare a batch that killed its worker document by document: the one at fault fails, the others are carried on.

    Returns name and tally of each prepared table.
    """
    seconds = context.settings.extract.seconds * extract.PATIENCE + tasks.GRACE_SECONDS
    done = []
    for at in range(len(task.batch)):
        single = replace(task, name=f"{task.name}-{at:04d}", batch=task.batch.only(at))
        outcome = context.engine.call(tasks.prepare, single, seconds)
        if isinstance(outcome, Killed):
            rows = LedgerRows("extract", extract.REASONS)
            rows.add(task.batch.subject(at), "failed", outcome.reason, limit=seconds)
            outcome = call(context, tasks.prepare, replace(single, batch=rows_only(rows.table()), lost=1))
        done.append((single.name, outcome))
    rest = replace(task, name=f"{task.name}-rest", batch=task.batch.without_documents())
    done.append((rest.name, call(context, tasks.prepare, rest)))
    context.workspace.tables.set_checkpoint("one_by_one", task.name, [name for name, _ in done])
    return done


def failed_in(workspace: Workspace, prepared: list[str]) -> Iterator[str]:
    """Yield where each document came from that failed before it was cleaned, in the order of the inputs."""
    for name in prepared:
        ledger = workspace.tables.read("prepared", f"{name}.ledger")
        yield from ledger.filter(pc.equal(ledger["action"], "failed"))["source_uri"].to_pylist()


# ---------------------------------------------------------------- templates


def mine_templates(context: RunContext, prepared: list[str], tally: Tally) -> tuple[str, ...]:
    """Mine the paragraphs that are templates, from the documents of this run and earlier ones; return notes."""
    with tally.time("templates"):
        task = mining.MiningTask(
            folder=context.workspace.folder,
            names=prepared,
            earlier=[],
            limits=templates.Limits(context.settings.noise.min_template_support),
            answers=template_answers.decisive(Path(context.settings.evidence.outlets)),
        )
        notes = restore_counts(context, task)
        mining.mine(replace(task, earlier=context.output.template_counts()))
    return notes


def restore_counts(context: RunContext, task: mining.MiningTask) -> tuple[str, ...]:
    """Count the templates of earlier runs again whose counts are gone or damaged; return notes."""
    for counts in filter(mining.is_damaged, context.output.template_counts()):
        remove(counts)
    missing = context.output.uncounted()
    for run in missing:
        folder = context.workspace.folder / "recount" / run
        shutil.rmtree(folder, ignore_errors=True)
        before = context.output.template_counts(before=run)
        mining.rebuild(context.output.out, run, replace(task, folder=folder, earlier=before))
    return (f"the counts for templates of {len(missing)} runs were gone or damaged: counted anew",) if missing else ()


# ---------------------------------------------------------------- resolve


def resolve(context: RunContext, parts: list[tasks.Finish], tally: Tally) -> tuple[Matched, tuple[str, ...]]:
    """Find the passages that documents share; return their counts and notes."""
    context.progress("resolve", 0, tally.documents_out)
    context.engine.release_workers()
    with tally.time("near_duplicates"):
        index, notes = history_index(context)
        threads = context.request.workers
        passages = tasks.resolve(context.engine, context.workspace, context.run_id, parts, index, threads)
    context.progress("resolve", tally.documents_out, tally.documents_out)
    return passages, notes


def parts_of(workspace: Workspace, cleaned: list[str]) -> list[tasks.Finish]:
    """Group cleaned tables into parts of the published tables. Batches decide the parts, not workers."""
    groups: list[list[str]] = [[]]
    documents = 0
    for name in cleaned:
        if documents >= workspace.settings.run.part_documents:
            groups.append([])
            documents = 0
        groups[-1].append(name)
        documents += workspace.tables.count_rows("cleaned", name)
    return [tasks.Finish(workspace, f"part {n}", n, tuple(names)) for n, names in enumerate(groups)]


# ---------------------------------------------------------------- tasks of any phase


def map_tasks(
    context: RunContext,
    phase: str,
    function: Callable[[Task], Tally],
    phase_tasks: Sequence[Task],
    documents: Sequence[int],
) -> Mapped:
    """Carry out tasks that have no document to blame: one that is killed is tried once more.

    `documents` counts those of each task, for the progress.
    """
    tally, resumed, done = Tally(), 0, 0
    context.progress(phase, 0, sum(documents))

    def earlier(task: Task) -> Earlier | None:
        answer = context.workspace.tables.checkpoint(phase, task.name)
        return None if answer is None else Earlier(answer)

    results = context.engine.map(function, phase_tasks, context.settings.run.task_seconds, earlier)
    for (task, outcome), count in zip(results, documents, strict=True):
        if isinstance(outcome, Earlier):
            resumed += 1
            tally += outcome.answer
        else:
            tally += call(context, function, task) if isinstance(outcome, Killed) else outcome
        done += count
        context.progress(phase, done, sum(documents))
    return Mapped(tally, resumed)


def count_flows(context: RunContext) -> None:
    """Count what outlets copied from each other in the run, part by part, and write the table of it."""
    folder, seconds = context.workspace.folder, context.settings.run.task_seconds
    counting = flows.count_tasks(folder, context.output.out, context.output.runs())
    results = context.engine.map(flows.count_part, counting, seconds)
    parts = (call(context, flows.count_part, task) if isinstance(part, Killed) else part for task, part in results)
    flows.write_counts(folder, (part.answer if isinstance(part, Earlier) else part for part in parts))


def call(context: RunContext, function: Callable[[Any], Result], task: NamedTask) -> Result:
    """Carry out one task; raise WorkerLostError if its worker dies again."""
    outcome = context.engine.call(function, task, context.settings.run.task_seconds)
    if isinstance(outcome, Killed):
        raise WorkerLostError(
            f"a worker process was lost ({outcome.reason}) on batch {task.name}. Nothing was published. Most often "
            "memory is short: lower --workers, or raise [run] worker_memory_bytes or task_seconds. The same "
            "command resumes from what is done."
        )
    return outcome


def resumed_note(context: RunContext, prepared: Prepared, cleaned: Mapped, finished: Mapped, parts: int) -> str:
    """Say how far the run was when it was killed."""
    done = [f"{prepared.resumed} of {prepared.batches} batches were done"]
    done += [f"{cleaned.resumed} of them cleaned"] if cleaned.resumed else []
    done += [f"{finished.resumed} of {parts} parts written"] if finished.resumed else []
    return f"resumed run {context.run_id}: {', '.join(done)}"
