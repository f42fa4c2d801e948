"""A run into an output folder: raw news in, four tables and a manifest out, published together or not at all."""

from __future__ import annotations

import datetime
import errno
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import current_thread, main_thread

from pipeline import sources
from pipeline.engines.base import Engine
from pipeline.engines.registry import EngineOptions, engine_named
from pipeline.errors import UserError, WorkerLostError, in_short, trouble_of
from pipeline.runs import forgetting, generations, tasks, up_to_date
from pipeline.runs.context import RunContext
from pipeline.runs.phases import run_phases
from pipeline.runs.publish import publish
from pipeline.runs.report import Progress, RunReport, ignore, silence
from pipeline.runs.request import RunRequest
from pipeline.runs.start import Start, find_same_run, refuse_other_part, start_of
from pipeline.runs.workspace import Workspace
from pipeline.settings import template_answers
from pipeline.settings.rule_packs import noise_settings
from pipeline.storage.corpus_card import write_card
from pipeline.storage.damage import MissingTableError
from pipeline.storage.folder_lock import Lock
from pipeline.storage.output_folder import OutputFolder
from pipeline.storage.tables import refuse_other_schema
from pipeline.tally import Tally
from stages.native.kernel import library


def engine_of(request: RunRequest, size: int | None = None) -> Engine:
    """Return a new engine as the request, its settings and the size of its inputs in bytes ask for it."""
    run = request.settings.run
    small = size is not None and size <= run.small_bytes and current_thread() is main_thread()
    options = EngineOptions(request.settings, request.workers, tasks.may_hang, small, request.session)
    return engine_named(request.engine, options)


def total_size(identities: Sequence[sources.Identity]) -> int | None:
    """Return the size of all inputs in bytes, or None if one of them does not tell its size."""
    sizes = [each.size for each in identities]
    return None if None in sizes else sum(size or 0 for size in sizes)


def clean_folder(
    request: RunRequest,
    progress: Progress = silence,
    on_start: Callable[[str], None] = ignore,
    open_engine: Callable[[RunRequest, int | None], Engine] = engine_of,
) -> RunReport:
    """Clean `request.inputs` into the folder `request.out`; see `pipeline.api.clean`."""
    output = OutputFolder(request.out)
    inputs = sources.apart_from(output.out, sources.plan(request.inputs))
    inputs = sources.with_descriptions(inputs, request.settings.sources)
    # Wrong rule packs and wrong answers about outlets are refused before any work.
    noise_settings(request.settings)
    template_answers.load(Path(request.settings.evidence.outlets))
    with (
        disk_errors_in_words(output, request.again),
        output.lock(request.wait, request.break_lock, lambda: progress("wait", 0, None)) as lock,
        open_engine(request, None) as reader,
    ):
        forgetting.finish(output, request.settings)
        if output.runs():
            write_card(output.out)  # a run that was killed may have left it unwritten
        identities = reader.survey(identify, inputs)
        work = partial(
            clean_locked, inputs=inputs, identities=identities,
            progress=progress, on_start=on_start, open_engine=open_engine,
        )  # fmt: skip
        if request.again and (replaced := generations.replaced_runs(request, output, identities)):
            return generations.clean_again(request, output, lock, replaced, work)
        return work(request, output, lock)


def clean_locked(
    request: RunRequest,
    output: OutputFolder,
    lock: Lock,
    *,
    inputs: list[sources.Input],
    identities: list[sources.Identity],
    progress: Progress,
    on_start: Callable[[str], None],
    open_engine: Callable[[RunRequest, int | None], Engine],
) -> RunReport:
    """Clean inputs into a folder whose lock, or that of the folder around it, is held."""
    refuse_other_schema(output.out, output.runs())
    refuse_other_part(request, output)
    same_run = find_same_run(request, identities, output)
    start = None if same_run else start_of(request, identities, output)
    notes = roll_back(output, start)
    if start is None:
        notes += (up_to_date.NOTHING_NEW.format(same_run),)
        return RunReport(None, request.out, Tally(), notes=notes)
    on_start(start.run_id)
    library()  # what is wrong with the kernels is told before any work
    with open_engine(request, total_size(identities)) as engine:
        context = context_of(request, output, lock, start, engine, progress, notes)
        return execute(context, inputs, identities)


def context_of(
    request: RunRequest,
    output: OutputFolder,
    lock: Lock,
    start: Start,
    engine: Engine,
    progress: Progress,
    notes: tuple[str, ...],
) -> RunContext:
    """Return the context of a run that begins now."""
    folder = output.staging(start.run_id).absolute()  # workers may be elsewhere
    workspace = Workspace(folder, request.settings, engine.tables(folder), start.started)
    begun = datetime.datetime.now(datetime.UTC)
    return RunContext(request, output, lock, start, engine, workspace, progress, begun, notes)


def execute(context: RunContext, inputs: list[sources.Input], identities: list[sources.Identity]) -> RunReport:
    """Run all phases and publish. The staged run is removed unless a later run can resume it or it was published."""
    context.output.stage(context.run_id, context.start.staged)
    try:
        return execute_staged(context, inputs, identities)
    except (FileNotFoundError, MissingTableError) as error:
        if context.output.staged_order(context.run_id) or (isinstance(error, OSError) and trouble_of(error)):
            raise
        where = in_short(context.output.out)
        raise UserError(
            f"{where}, or what this run had staged there, was removed while it was under way: nothing was published. "
            "Give the same command again."
        ) from None


def execute_staged(context: RunContext, inputs: list[sources.Input], identities: list[sources.Identity]) -> RunReport:
    """Run all phases and publish, or publish what a killed run had ready."""
    output, run_id, tables = context.output, context.run_id, context.workspace.tables
    context.workspace.set_up()
    report: RunReport | None = tables.checkpoint("run", "ready")
    if report is not None and output.is_staged_whole(run_id):
        report = replace(report, notes=(f"resumed run {run_id}: all but its publication was done",))
    else:
        report = run_or_discard(context, inputs, identities)
    if report.run_id is None:
        output.discard(run_id)
        return report
    return replace(report, notes=(*report.notes, *publish(context)))


def run_or_discard(context: RunContext, inputs: list[sources.Input], identities: list[sources.Identity]) -> RunReport:
    """Run all phases but the publication; remove the staged run if it is refused."""
    try:
        report = run_phases(context, inputs, identities)
    except WorkerLostError:
        raise
    except UserError as error:
        context.output.discard(context.run_id)
        if error.report is not None:
            raise
        raise error.with_report(context.report(Tally())) from error
    if report.run_id is not None:
        context.workspace.tables.set_checkpoint("run", "ready", report)
    return report


def roll_back(output: OutputFolder, start: Start | None) -> tuple[str, ...]:
    """Remove what killed runs left behind, except the run to be resumed; return notes."""
    leftovers = output.roll_back(keep=start.run_id if start and start.resumed else None)
    return (f"rolled back what a killed run left behind: {len(leftovers)} folders or files",) if leftovers else ()


def identify(source: sources.Input) -> sources.Identity:
    """Return the identity of an input; raise UserError if it was named and cannot be read."""
    try:
        return sources.identity(source)
    except OSError as error:
        if not source.named:  # part of a folder: reading it gives a ledger row, and the others are read
            return sources.Identity(source.uri, None, None)
        raise UserError(f"{source.uri}: it exists and cannot be read ({error}). Try again, or leave it out.") from None


@contextmanager
def disk_errors_in_words(output: OutputFolder, again: bool = False) -> Iterator[None]:
    """Turn a disk that is full, unwritable or gone into a UserError. What was staged stays, to be resumed."""
    try:
        yield
    except OSError as error:
        trouble = trouble_of(error, output.out)
        if not trouble:
            raise
        if error.errno == errno.ENAMETOOLONG:
            raise UserError(f"{trouble} Nothing was published.") from None
        if again:
            raise UserError(f"{trouble} {generations.state_after_trouble(output)}") from None
        if not may_be_staged(output):
            raise UserError(f"{trouble} Nothing was published.") from None
        raise UserError(
            f"{trouble} Nothing of this run was published; the same command resumes from what is done. "
            f"To give it up, remove {in_short(output.out)}/.staging"
        ) from None


def may_be_staged(output: OutputFolder) -> bool:
    """Tell if a run is staged, or may be: a folder that cannot be looked into may hold one."""
    try:
        return any(output.staging("").iterdir())
    except FileNotFoundError:
        return False
    except OSError:
        return True
