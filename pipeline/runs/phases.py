"""A run: raw news in, four tables and a manifest out, published together or not at all.

The phases, each a map over files under `out/.staging/<run_id>/` (see pipeline.runs.tasks for what a worker does):

    read     sources → batches of documents that no earlier run published
    prepare  batch → prepared documents
    learn    what recurs across an outlet's documents → templates
    clean    prepared → cleaned documents, evidence of near-duplicates
    resolve  all evidence → passages (near_duplicates)
    finish   cleaned documents + passages → parts of the tables
    publish  rename, `documents` last
"""

from __future__ import annotations

import datetime
import errno
import hashlib
import json
import platform
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from pipeline import __version__, drift, sources
from pipeline import settings as settings_module
from pipeline.console import counted
from pipeline.engines.local import Killed, LocalEngine
from pipeline.errors import DriftError, TooManyFailedError, UserError, WorkerLostError
from pipeline.passages import flows, matching
from pipeline.passages.passage_index import PassageIndex
from pipeline.runs import forgetting, tasks, up_to_date
from pipeline.settings import Settings
from pipeline.settings.rule_packs import evidence_digest, noise_settings
from pipeline.storage.folder_lock import Lock
from pipeline.storage.forgotten import KEPT_OUT, RECORD, Record, record_of
from pipeline.storage.ids import Ids, first_of_each
from pipeline.storage.output_folder import OutputFolder
from pipeline.storage.protocol import OutputLocation
from pipeline.storage.tables import dataset
from pipeline.tally import Tally
from pipeline.templates import answers, mining
from stages.contract import Outcome
from stages.ledger import LedgerRows, subjects
from stages.noise import templates

_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")

#: The window of a run that reads all of its inputs.
UNLIMITED = sources.Window().as_dict()

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
NO_WRITING = (errno.EROFS, errno.EIO, errno.EACCES, errno.EPERM, errno.ESTALE)

#: Told what phase is under way and how many documents it has done.
Progress = Callable[[str, int, int | None], None]


def silence(phase: str, done: int, total: int | None) -> None:
    """The progress of nobody watching."""


def ignore(run_id: str) -> None:
    """Nobody asked for the run's id."""


@dataclass(frozen=True)
class RunRequest:
    """What a run is asked to do."""

    inputs: Sequence[str]
    out: OutputLocation
    settings: Settings
    workers: int
    run_id: str | None = None
    limit: int | None = None
    dry_run: bool = False
    wait: float = 0.0  # seconds, for another run that holds the lock
    break_lock: bool = False  # go on without a holder on another machine
    allow_drift: bool = False  # publish what departs from earlier runs too
    window: sources.Window = field(default_factory=sources.Window)
    given: str | None = None  # a digest of what the command line gave (pipeline.runs.up_to_date)


@dataclass(frozen=True)
class RunReport:
    """What a run did. `run_id` is None if it published nothing."""

    run_id: str | None
    out: OutputLocation
    tally: Tally
    n_passages: int = 0
    n_clusters: int = 0
    wall_seconds: float = 0.0
    notes: tuple[str, ...] = ()
    drift: tuple[drift.Drift, ...] = ()


def clean(order: RunRequest, progress: Progress = silence, told_id: Callable[[str], None] = ignore) -> RunReport:
    """Clean `order.inputs` into `order.out`; `told_id` is told the run's id as soon as it has one.

    Raises UserError (or a subclass, each with its exit code) for what a person can mend: wrong inputs or settings, a
    lock that is held, more failed documents than allowed. Whatever is raised, nothing of the run is visible.
    """
    store = OutputFolder(order.out)
    inputs = sources.apart_from(store.out, sources.plan(order.inputs))
    noise_settings(order.settings)  # a wrong rule pack is told before any work, a wrong outlet file too
    answers.load(Path(order.settings.evidence.outlets))
    with (
        _disk_trouble_told(store.out),
        store.lock(order.wait, order.break_lock, lambda: progress("wait", 0, None)) as lock,
    ):
        forgetting.finish(store, order.settings)
        identities = [_identify(each) for each in inputs]
        done = _run_that_read(identities, order, store)
        start = None if done else _start(order, identities, store)
        notes = _roll_back(store, start)
        if start is None:
            notes.append(up_to_date.NOTHING_NEW.format(done))
            return RunReport(None, order.out, Tally(), notes=tuple(notes))
        told_id(start.run_id)
        chosen = order.settings.run
        with LocalEngine(order.workers, chosen.tasks_per_worker, chosen.worker_memory_bytes) as engine:
            run = _Run(order, store, lock, start, engine, progress, notes)
            return run.execute(inputs, identities)


@dataclass(frozen=True)
class _Start:
    """How a run begins: anew, or from where it was killed."""

    run_id: str
    started: datetime.datetime
    order: dict[str, str]
    resumed: bool


def _start(order: RunRequest, identities: list[sources.Identity], store: OutputFolder) -> _Start:
    """A staged run that was to do the very same is gone on with; inputs that cannot be read twice begin anew."""
    aim = _aim(order, identities, store)
    for run in store.staged():
        staged = store.staged_order(run)
        if order.run_id in (None, run) and all(each.sha256 for each in identities) and staged.get("aim") == aim:
            return _Start(run, datetime.datetime.fromisoformat(staged["started"]), staged, resumed=True)
    begun = _now_after(store)
    return _Start(_new_run_id(order, store), begun, {"aim": aim, "started": begun.isoformat()}, resumed=False)


def _now_after(store: OutputFolder) -> datetime.datetime:
    """The time, and at any rate one after the latest published run: clocks are set back, the order of runs is not."""
    now, earlier = datetime.datetime.now(datetime.UTC), store.runs()
    if not earlier:
        return now
    latest = datetime.datetime.fromisoformat(store.manifest(earlier[-1])["started"])
    return max(now, latest + datetime.timedelta(microseconds=1))


def _aim(order: RunRequest, identities: list[sources.Identity], store: OutputFolder) -> str:
    """A digest of all that decides the files of a run on its way: what is asked, of which inputs, after which runs."""
    indifferent = replace(
        order, inputs=(), out=Path(), workers=0, run_id=None, dry_run=False, wait=0, break_lock=False, given=None
    )
    forgotten = store.out / RECORD
    before = [repr(store.runs()), forgotten.read_text(encoding="utf-8") if forgotten.exists() else ""]
    decisive = [fingerprint(order.settings), repr(indifferent), repr(identities), *before]
    return hashlib.sha256("\n".join(decisive).encode()).hexdigest()


def _roll_back(store: OutputFolder, start: _Start | None) -> list[str]:
    """Remove what killed runs left, but what is gone on with; what is told of it."""
    leftovers = store.roll_back(keep=start.run_id if start and start.resumed else None)
    return [f"rolled back what a killed run left behind: {len(leftovers)} folders or files"] if leftovers else []


@contextmanager
def _disk_trouble_told(out: Path) -> Iterator[None]:
    """A disk that is full or cannot be written to is told in words. What was staged stays, to be gone on with."""
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise UserError(
                f"no room on the disk of {out} ({error.strerror or error}). Nothing of this run was published. Make "
                "room and give the same command again: it goes on from what is done. To give it up, remove "
                f"{out}/.staging"
            ) from None
        if error.errno in NO_WRITING:
            raise UserError(
                f"cannot write to {out} ({error.strerror or error}). Nothing of this run was published. Mend the disk "
                "or its permissions and give the same command again: it goes on from what is done."
            ) from None
        raise


def _identify(source: sources.Input) -> sources.Identity:
    try:
        return sources.identity(source)
    except OSError as error:
        if not source.named:  # one of a folder's: reading it gives a row, and the others are read
            return sources.Identity(source.uri, None, None)
        raise UserError(
            f"{source.uri}: it was there and cannot be read ({error}). Try again, or leave it out."
        ) from None


def _new_run_id(order: RunRequest, store: OutputFolder) -> str:
    if order.run_id is None:
        return _time_as_id(store)
    if not _RUN_ID.fullmatch(order.run_id):
        raise UserError(f"run id {order.run_id!r}: use at most 100 letters, digits, '.', '_', '-', the first no sign.")
    if order.run_id in store.runs():
        raise UserError(f"run id {order.run_id!r} is taken by a published run in {order.out}. Choose another --run-id.")
    return order.run_id


def _time_as_id(store: OutputFolder) -> str:
    """The time in UTC, and a number behind it if a run of the same second is there."""
    time, taken = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H-%M-%S"), store.runs()
    return next(each for each in [time, *(f"{time}-{n}" for n in range(2, 1000))] if each not in taken)


def _run_that_read(identities: list[sources.Identity], order: RunRequest, store: OutputFolder) -> str | None:
    """The published run that cleaned these very inputs with these settings, whole."""
    if order.limit is not None or any(each.sha256 is None for each in identities):
        return None
    asked = sorted((each.uri, each.sha256) for each in identities)
    for run in store.runs():
        manifest = store.manifest(run)
        alike = manifest["fingerprint"] == fingerprint(order.settings) and manifest["limit"] is None
        alike = alike and manifest.get("window", UNLIMITED) in (UNLIMITED, order.window.as_dict())
        if alike and asked == sorted((each["uri"], each["sha256"]) for each in manifest["inputs"]):
            return run
    return None


class _Run:
    """One run under way, from its first batch to its publication."""

    def __init__(
        self, order: RunRequest, store: OutputFolder, lock: Lock, start: _Start, engine: LocalEngine,
        progress: Progress, notes: list[str],
    ) -> None:  # fmt: skip
        self.order, self.store, self.lock, self.engine, self.progress = order, store, lock, engine, progress
        self.settings = order.settings
        self.notes = notes
        self.start, self.run_id = start, start.run_id
        self.desk = tasks.Workspace(store.staging(self.run_id), order.settings)
        self.marks = self.desk.marks
        self.tally = Tally()
        self.begun = datetime.datetime.now(datetime.UTC)
        self.batches = 0
        self.drift: list[drift.Drift] = []
        self.refused: set[str] = set()  # files that were there and could not be read
        self.before: Counter[str] = Counter()  # tasks of each phase that were done before the run was killed

    def execute(self, inputs: list[sources.Input], identities: list[sources.Identity]) -> RunReport:
        """All phases, and what came of them. What is not published is left only if it can be gone on with."""
        self.store.stage(self.run_id, self.start.order)
        self.desk.set_up()
        report: RunReport | None = self.marks.get("run", "ready")
        try:
            if report is None:
                report = self.phases(inputs, identities)
            else:
                report = replace(report, notes=(f"resumed run {self.run_id}: all but its publication was done",))
        except WorkerLostError:
            raise
        except UserError as error:
            error.report = self.report(None, self.notes)
            self.store.discard(self.run_id)
            raise
        if report.run_id is None:
            self.store.discard(self.run_id)
        else:
            report = replace(report, notes=(*report.notes, *self.publish()))
        return report

    def phases(self, inputs: list[sources.Input], identities: list[sources.Identity]) -> RunReport:
        """All phases but the last; their report is what the run will have done once it is published."""
        prepared = self.prepare(inputs)
        if not self.tally.documents_in:
            self.refuse_if_too_many_failed()
            return self.report(None, self.notes + self.why_nothing())
        self.learn(prepared)
        cleaned = self.map_whole("clean", tasks.clean, [tasks.Clean(self.desk, name) for name in prepared])
        self.refuse_if_too_many_failed()
        self.refuse_if_it_drifts()
        self.progress("resolve", 0, 1)
        self.engine.rest()
        with self.tally.time("near_duplicates"):
            parts, index = self.groups(cleaned), self.index()
            passages = tasks.resolve(self.desk, self.run_id, parts, index, self.order.workers)
        self.progress("resolve", 1, 1)
        finished = self.map_whole("finish", tasks.finish, parts)
        with self.tally.time("flows"):
            flows.stage(self.desk.folder, self.store.out, self.store.runs())
        self.tally.measure_memory()
        if self.start.resumed:
            self.notes.append(self.what_was_done(len(finished)))
        if self.order.dry_run:
            return self.report(None, [*self.notes, "dry run: nothing was published"], passages)
        self.write_manifest(identities)
        self.store.seal(self.run_id)
        report = self.report(self.run_id, self.notes, passages)
        self.marks.set("run", "ready", report)
        return report

    def index(self) -> PassageIndex:
        """History for the corpus stage; what the index lacks of it is read from the tables again."""
        index = PassageIndex(self.store.out, self.store.runs(), self.settings.near_duplicates)
        if missing := matching.up_to_date(index, self.store, self.settings, self.order.workers):
            self.notes.append(f"the index of history lacked {missing} runs: built anew from the tables")
        return index

    def publish(self) -> list[str]:
        """Make the run visible, unless somebody else has taken the lock meanwhile; what there is to tell of it."""
        self.lock.check()
        before = [run for run in self.store.runs() if run != self.run_id]
        index = PassageIndex(self.store.out, before, self.settings.near_duplicates)
        index.publish(self.desk.folder / matching.SEGMENT, len(before))
        try:
            self.store.publish(self.run_id, self.lock)
            PassageIndex(self.store.out, self.store.runs(), self.settings.near_duplicates).merge()
        except (KeyboardInterrupt, OSError) as error:
            if not self.store.is_published(self.run_id):
                raise
            # The run is there. All that is left to do is tidying up, which the next run does.
            return [f"published; tidying up was left to the next run ({error or type(error).__name__})"]
        return []

    # ------------------------------------------------------------ read and prepare

    def prepare(self, inputs: list[sources.Input]) -> list[str]:
        """Names of the prepared files, in the order of the inputs."""
        done: list[tuple[str, Tally]] = []
        seconds = self.settings.run.task_seconds
        for task, outcome in self.engine.map(tasks.prepare, self.read(inputs, done), seconds):
            done += self.one_by_one(task) if isinstance(outcome, Killed) else [(task.name, outcome)]
            self.progress("prepare", sum(tally.documents_in for _, tally in done), self.order.limit)
        for _, tally in done:
            self.tally += tally
        return sorted(name for name, _ in done)

    def read(self, inputs: list[sources.Input], done: list[tuple[str, Tally]]) -> Iterator[tasks.Prepare]:
        """Batches of documents that no earlier run, nor an earlier batch, has carried on.

        Those that were prepared before the run was killed are put into `done` instead.
        """
        published, forgotten = _published_ids(self.store), record_of(self.store.out)
        seen = Ids()
        left = self.order.limit
        run = self.settings.run
        batches = sources.batches(
            inputs,
            self.settings.sources,
            max_documents=run.batch_documents,
            max_bytes=run.batch_bytes,
            window=self.order.window,
        )
        for number, batch in enumerate(batches):
            self.batches = number + 1
            self.refused |= sources.refused(batch.ledger)
            documents, ledger = _new_only(batch, published, seen, forgotten)
            documents = documents if left is None else documents[:left]
            task = tasks.Prepare(self.desk, f"{number:06d}", documents, ledger)
            if before := self.prepared_before(task.name):
                self.before["prepare"] += 1
                done += before
            else:
                yield task
            left = left if left is None else left - len(documents)
            if left == 0:
                return

    def prepared_before(self, name: str) -> list[tuple[str, Tally]]:
        """What became of a batch if the run was killed after it was done, else nothing."""
        names: list[str] = self.marks.get("one_by_one", name) or [name]
        done = [(each, self.marks.get("prepare", each)) for each in names]
        return [(each, tally) for each, tally in done if tally] if all(tally for _, tally in done) else []

    def one_by_one(self, task: tasks.Prepare) -> list[tuple[str, Tally]]:
        """A batch that killed its worker, document by document: the one at fault fails, the others are carried on."""
        empty = task.documents.slice(0, 0)
        done = []
        for at in range(len(task.documents)):
            document = task.documents.slice(at, 1)
            single = replace(task, name=f"{task.name}-{at:04d}", documents=document, ledger=task.ledger.slice(0, 0))
            limit = self.settings.extract.seconds + tasks.GRACE_SECONDS
            outcome = self.engine.call(tasks.prepare, single, limit)
            if isinstance(outcome, Killed):
                rows = LedgerRows("extract")
                rows.add(subjects(document)[0], "failed", outcome.reason, limit=limit)
                outcome = self.must(tasks.prepare, replace(single, documents=empty, ledger=rows.table(), lost=1))
            done.append((single.name, outcome))
        rest = replace(task, name=f"{task.name}-rest", documents=empty)
        done.append((rest.name, self.must(tasks.prepare, rest)))
        self.marks.set("one_by_one", task.name, [name for name, _ in done])
        return done

    def learn(self, prepared: list[str]) -> None:
        """Which paragraphs are templates, from the documents before each, here and in earlier runs."""
        with self.tally.time("templates"):
            lesson = mining.MiningTask(
                folder=self.desk.folder,
                names=prepared,
                earlier=[],
                limits=templates.Limits(self.settings.noise.min_template_support),
                answers=answers.decisive(Path(self.settings.evidence.outlets)),
            )
            self.count_again(lesson)
            mining.mine(replace(lesson, earlier=self.store.template_counts()))

    def count_again(self, lesson: mining.MiningTask) -> None:
        """Bring back the counts of earlier runs that somebody removed."""
        missing = self.store.uncounted()
        for run in missing:
            folder = self.desk.folder / "recount" / run
            shutil.rmtree(folder, ignore_errors=True)
            before = self.store.template_counts(before=run)
            mining.rebuild(self.store.out, run, replace(lesson, folder=folder, earlier=before))
        if missing:
            self.notes.append(f"the counts for templates of {len(missing)} runs were missing: counted anew")

    # ------------------------------------------------------------ the other phases

    def map_whole(self, phase: str, function: Callable[[Any], Tally], tasks: list[Any]) -> list[Any]:
        """Run `function` over all tasks. These tasks have no document to blame: a killed one is tried once more."""
        left = []
        for task in tasks:
            tally = self.marks.get(phase, task.name)
            if tally is None:
                left.append(task)
            else:
                self.tally += tally
        self.before[phase] = len(tasks) - len(left)
        if not left:
            self.progress(phase, len(tasks), len(tasks))
        results = self.engine.map(function, left, self.settings.run.task_seconds)
        for done, (task, outcome) in enumerate(results, start=self.before[phase] + 1):
            self.tally += self.must(function, task) if isinstance(outcome, Killed) else outcome
            self.progress(phase, done, len(tasks))
        return tasks

    def must(self, function: Callable[[Any], Tally], task: Any) -> Tally:
        """A task's tally; a worker that dies on it stops the run."""
        outcome = self.engine.call(function, task, self.settings.run.task_seconds)
        if isinstance(outcome, Killed):
            raise WorkerLostError(
                f"a worker process was lost ({outcome.reason}) on batch {task.name}. Nothing was published. Most often "
                "memory is short: lower --workers, or raise [run] worker_memory_bytes or task_seconds. The same "
                "command goes on from what is done."
            )
        return outcome

    def groups(self, cleaned: list[tasks.Clean]) -> list[tasks.Finish]:
        """The cleaned files, gathered until a part of the tables is full. Decided by the batches, not by workers."""
        groups: list[list[str]] = [[]]
        held = 0
        for task in cleaned:
            if held >= self.settings.run.part_documents:
                groups.append([])
                held = 0
            groups[-1].append(task.name)
            held += self.desk.count_cleaned(task.name)
        return [tasks.Finish(self.desk, f"part {n}", n, tuple(names)) for n, names in enumerate(groups)]

    def refuse_if_too_many_failed(self) -> None:
        """Fail closed: rather no corpus than one that silently lacks a good part of its documents."""
        share, allowed = self.tally.failed_share(), self.settings.run.max_failed_share
        if share > allowed:
            reasons = [f"{n} {s}: {r}" for (s, a, r), n in self.tally.rows.most_common() if a == "failed"]
            unnamed = " Texts in fields of other names than `text` and `html` are found by [sources.fields]."
            raise TooManyFailedError(
                f"{counted(self.tally.total('failed'), 'document')} failed, {share:.0%} of all "
                f"({'; '.join(reasons[:5])}). "
                f"[run] max_failed_share allows {allowed:.0%}: nothing was published. "
                "Mend the input, `clean explain FILE` says what is wrong with it, or allow more in a settings file."
                + (unnamed if self.tally.rows["source", "failed", "no_text"] else "")
            )

    def refuse_if_it_drifts(self) -> None:
        """Fail closed: a run unlike all before it most often means that an input, or a rule, is broken."""
        earlier = [self.store.manifest(run) for run in self.store.runs()[-self.settings.guards.recent_runs :]]
        self.drift = drift.find(self.tally.outlets, self.tally.documents_out, earlier, self.settings.guards)
        refused = drift.refusals(self.drift)
        if refused and not self.order.allow_drift:
            told = "; ".join(map(str, refused[:5])) + (f"; and {len(refused) - 5} more" if len(refused) > 5 else "")
            raise DriftError(
                f"this run is unlike the {len(earlier)} before it: {told}. Nothing was published. Look at the input "
                "(clean rules --try FILE shows what is cut); if it is as it should be, go on with --allow-drift, or "
                "set wider [guards] in a settings file."
            )

    # ------------------------------------------------------------ what is told

    def what_was_done(self, parts: int) -> str:
        """How far the run was when it was killed."""
        done = [f"{self.before['prepare']} of {self.batches} batches were done"]
        done += [f"{self.before['clean']} of them cleaned"] if self.before["clean"] else []
        done += [f"{self.before['finish']} of {parts} parts written"] if self.before["finish"] else []
        return f"resumed run {self.run_id}: {', '.join(done)}"

    def why_nothing(self) -> list[str]:
        """Why a run has nothing to publish."""
        known = self.tally.rows["source", "skipped", "already_published"]
        if known:
            return [
                f"nothing new: all {known} documents were published by earlier runs "
                "(settings changed since? clean into another --out to see what they do)"
            ]
        outside = self.tally.rows["source", "skipped", "outside_window"]
        if outside:
            return [f"nothing new: all {outside} documents lie outside the window ({self.order.window.in_words()})"]
        failed = self.tally.total("failed")
        if failed:
            return [f"no documents: {failed} could not be read"]
        rows = self.tally.rows.most_common()
        skipped = [f"{n} {reason.replace('_', ' ')}" for (_, action, reason), n in rows if action == "skipped"]
        if skipped:
            return [
                f"no documents: all that was found was skipped ({'; '.join(skipped)}); `clean explain FILE` says why. "
                "Text, HTML, WARC, JSON Lines, CSV and Parquet are read"
            ]
        return ["no documents: the inputs hold none"]

    def report(self, run_id: str | None, notes: list[str], found: matching.Matched | None = None) -> RunReport:
        """What is told to whoever asked for the run."""
        wall = (datetime.datetime.now(datetime.UTC) - self.begun).total_seconds()
        n_passages, n_clusters = found or (0, 0)
        return RunReport(
            run_id, self.order.out, self.tally, n_passages, n_clusters, wall, tuple(notes), tuple(self.drift)
        )

    def write_manifest(self, identities: list[sources.Identity]) -> None:
        """The manifest, staged beside the tables."""
        finished = datetime.datetime.now(datetime.UTC)
        manifest = {
            "run_id": self.run_id,
            "started": self.start.started.isoformat(),
            "resumed": self.begun.isoformat() if self.start.resumed else None,
            "finished": finished.isoformat(),
            "seconds": round((finished - self.begun).total_seconds(), 3),
            "fingerprint": fingerprint(self.settings),
            "settings": settings_module.as_dict(self.settings),
            "versions": _versions(),
            "workers": self.order.workers,
            "limit": self.order.limit,
            "window": self.order.window.as_dict(),
            "given": self.order.given,
            "inputs": [sources.as_read(each, self.refused)._asdict() for each in identities],
            "counts": self.tally.as_dict(),
            "outlets": {name: asdict(counted) for name, counted in sorted(self.tally.outlets.items())},
            "drift": [each.as_dict() for each in self.drift],
        }
        text = json.dumps(manifest, indent=2, ensure_ascii=False, default=str)
        # A file name that is no UTF-8 has lone surrogates, which JSON can only hold escaped.
        (self.desk.folder / "manifest.json").write_text(text, encoding="utf-8", errors="backslashreplace")


#: Sections of the settings that move documents and change none.
NOT_DECISIVE = frozenset({"run", "store", "guards"})


def fingerprint(settings: Settings) -> str:
    """A digest of everything that decides what a run does to a document: settings, rules, weights, our version."""
    decisive = {name: values for name, values in settings_module.as_dict(settings).items() if name not in NOT_DECISIVE}
    text = json.dumps([__version__, decisive, evidence_digest(settings.evidence)], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _published_ids(store: OutputFolder) -> Ids:
    published = Ids()
    for run in store.runs():
        for batch in dataset(store.out, "documents", run).to_batches(columns=["doc_id"]):
            published.add(batch["doc_id"].to_pylist())
    return published


def _new_only(batch: Outcome, published: Ids, seen: Ids, forgotten: Record) -> Outcome:
    """A batch without the documents that are `published`, `seen` or `forgotten`, which get a row; adds the others to
    `seen`."""
    ids = batch.documents["doc_id"].to_pylist()
    old, kept_out = published.has(ids), forgotten.holds(batch.documents)
    new = ~old & ~kept_out & ~seen.has(ids) & first_of_each(ids)
    documents = batch.documents.filter(pa.array(new))
    seen.add(documents["doc_id"].to_pylist())
    rows, about = LedgerRows("source"), subjects(batch.documents)
    for at in np.flatnonzero(~new).tolist():
        known = "already_published" if old[at] else "same_document"
        rows.add(about[at], "skipped", KEPT_OUT if kept_out[at] else known)
    return Outcome(documents, pa.concat_tables([batch.ledger, rows.table()]))


def _versions() -> dict[str, str]:
    libraries = ("trafilatura", "ftfy", "datasketch", "pyarrow", "numpy", "numba")
    return {"copydesk": __version__, "python": platform.python_version(), **{name: version(name) for name in libraries}}
