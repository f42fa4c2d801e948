"""A run: raw news in, four tables and a manifest out, published together or not at all.

The phases, each a map over files under `out/.staging/<run_id>/` (see pipeline.work for what a worker does):

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
import hashlib
import json
import platform
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipeline import __version__, learning, outlets, sources, work
from pipeline import settings as settings_module
from pipeline.engine import Killed, LocalEngine
from pipeline.errors import TooManyFailedError, UserError
from pipeline.noise_data import evidence_digest, noise_settings
from pipeline.settings import Settings
from pipeline.store import Store
from pipeline.tables import read
from pipeline.tally import Tally
from stages import near_duplicates
from stages.contract import Outcome
from stages.ledger import LedgerRows, subjects
from stages.noise import templates

_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")

#: The window of a run that reads all of its inputs.
UNLIMITED = sources.Window().as_dict()

#: Told what phase is under way and how many documents it has done.
Progress = Callable[[str, int, int | None], None]


def silence(phase: str, done: int, total: int | None) -> None:
    """The progress of nobody watching."""


@dataclass(frozen=True)
class Order:
    """What a run is asked to do."""

    inputs: Sequence[str]
    out: Path
    settings: Settings
    workers: int
    run_id: str | None = None
    limit: int | None = None
    dry_run: bool = False
    window: sources.Window = field(default_factory=sources.Window)


@dataclass(frozen=True)
class Report:
    """What a run did. `run_id` is None if it published nothing."""

    run_id: str | None
    out: Path
    tally: Tally
    n_passages: int = 0
    n_clusters: int = 0
    wall_seconds: float = 0.0
    notes: tuple[str, ...] = ()


def clean(order: Order, progress: Progress = silence) -> Report:
    """Clean `order.inputs` into `order.out`.

    Raises UserError (or a subclass, each with its exit code) for what a person can mend: wrong inputs or settings, a
    lock that is held, more failed documents than allowed. Whatever is raised, nothing of the run is visible.
    """
    inputs = [each for each in sources.plan(order.inputs) if not _is_own_output(each, order.out)]
    noise_settings(order.settings)  # a wrong rule pack is told before any work, a wrong outlet file too
    outlets.load(Path(order.settings.evidence.outlets))
    store = Store(order.out)
    with store.lock():
        leftovers = store.roll_back()
        notes = [f"rolled back what a killed run left behind: {len(leftovers)} folders or files"] if leftovers else []
        run_id = _new_run_id(order, store)
        chosen = order.settings.run
        with LocalEngine(order.workers, chosen.tasks_per_worker, chosen.worker_memory_bytes) as engine:
            identities = [_identify(each) for each in inputs]
            if run := _run_that_read(identities, order, store):
                notes.append(f"nothing new: run {run} cleaned these inputs with these settings")
                return Report(None, order.out, Tally(), notes=tuple(notes))
            try:
                return _Run(order, store, run_id, engine, progress, notes).execute(inputs, identities)
            finally:
                shutil.rmtree(store.staging(run_id), ignore_errors=True)


def _identify(source: sources.Input) -> sources.Identity:
    try:
        return sources.identity(source)
    except OSError as error:
        raise UserError(
            f"{source.uri}: it was there and cannot be read ({error}). Try again, or leave it out."
        ) from None


def _is_own_output(source: sources.Input, out: Path) -> bool:
    """Does this file lie in the output folder? (`clean run .` must not read what it wrote.)"""
    return not sources.is_url(source.uri) and Path(source.uri).absolute().is_relative_to(out.absolute())


def _new_run_id(order: Order, store: Store) -> str:
    if order.run_id is None:
        return _time_as_id(store)
    if not _RUN_ID.fullmatch(order.run_id):
        raise UserError(f"run id {order.run_id!r}: use letters, digits, '.', '_' and '-', the first a letter or digit.")
    if order.run_id in store.runs():
        raise UserError(f"run id {order.run_id!r} is taken by a published run in {order.out}. Choose another --run-id.")
    return order.run_id


def _time_as_id(store: Store) -> str:
    """The time in UTC, and a number behind it if a run of the same second is there."""
    time, taken = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H-%M-%S"), store.runs()
    return next(each for each in [time, *(f"{time}-{n}" for n in range(2, 1000))] if each not in taken)


def _run_that_read(identities: list[sources.Identity], order: Order, store: Store) -> str | None:
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
        self, order: Order, store: Store, run_id: str, engine: LocalEngine, progress: Progress, notes: list[str]
    ) -> None:
        self.order, self.store, self.run_id, self.engine, self.progress = order, store, run_id, engine, progress
        self.settings = order.settings
        self.notes = notes
        self.desk = work.Desk(store.staging(run_id), order.settings)
        self.tally = Tally()
        self.started = datetime.datetime.now(datetime.UTC)

    def execute(self, inputs: list[sources.Input], identities: list[sources.Identity]) -> Report:
        """All phases, and what came of them."""
        self.desk.set_up()
        with ThreadPoolExecutor(1) as aside:
            # The first run on a machine compiles; later ones load. This process only reads meanwhile.
            warm = aside.submit(near_duplicates.warm_up, self.settings.near_duplicates)
            prepared = self.prepare(inputs)
            warm.result()
        if not self.tally.documents_in:
            return self.report(None, self.notes + self.why_nothing())
        self.learn(prepared)
        cleaned = self.map_whole("clean", work.clean, [work.Clean(self.desk, name) for name in prepared])
        self.refuse_if_too_many_failed()
        self.progress("resolve", 0, 1)
        with self.tally.time("near_duplicates"):
            passages = work.resolve(self.desk, [task.name for task in cleaned])
        self.progress("resolve", 1, 1)
        self.map_whole("finish", work.finish, self.groups(cleaned))
        self.tally.measure_memory()
        if self.order.dry_run:
            return self.report(None, [*self.notes, "dry run: nothing was published"], passages)
        self.write_manifest(identities)
        self.store.publish(self.run_id)
        return self.report(self.run_id, self.notes, passages)

    # ------------------------------------------------------------ read and prepare

    def prepare(self, inputs: list[sources.Input]) -> list[str]:
        """Names of the prepared files, in the order of the inputs."""
        names: list[str] = []
        seconds = self.settings.run.task_seconds
        for task, outcome in self.engine.map(work.prepare, self.read(inputs), seconds):
            done = self.one_by_one(task) if isinstance(outcome, Killed) else [(task.name, outcome)]
            for name, tally in done:
                names.append(name)
                self.tally += tally
            self.progress("prepare", self.tally.documents_in, self.order.limit)
        return names

    def read(self, inputs: list[sources.Input]) -> Iterator[work.Prepare]:
        """Batches of documents that no earlier run, nor an earlier batch, has carried on."""
        published = _published_ids(self.store)
        seen: set[str] = set()
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
            documents, ledger = _new_only(batch, published, seen)
            documents = documents if left is None else documents[:left]
            yield work.Prepare(self.desk, f"{number:06d}", documents, ledger)
            left = left if left is None else left - len(documents)
            if left == 0:
                return

    def one_by_one(self, task: work.Prepare) -> list[tuple[str, Tally]]:
        """A batch that killed its worker, document by document: the one at fault fails, the others are carried on."""
        empty = task.documents.slice(0, 0)
        done = []
        for at in range(len(task.documents)):
            document = task.documents.slice(at, 1)
            single = replace(task, name=f"{task.name}-{at:04d}", documents=document, ledger=task.ledger.slice(0, 0))
            limit = self.settings.extract.seconds + work.GRACE_SECONDS
            outcome = self.engine.call(work.prepare, single, limit)
            if isinstance(outcome, Killed):
                rows = LedgerRows("extract")
                rows.add(subjects(document)[0], "failed", outcome.reason, limit=limit)
                outcome = self.must(work.prepare, replace(single, documents=empty, ledger=rows.table()))
                outcome.documents_in += 1
            done.append((single.name, outcome))
        done.append((task.name, self.must(work.prepare, replace(task, documents=empty))))
        return done

    def learn(self, prepared: list[str]) -> None:
        """Which paragraphs are templates, from the documents before each, here and in earlier runs."""
        with self.tally.time("templates"):
            learning.learn(
                learning.Lesson(
                    folder=self.desk.folder,
                    names=prepared,
                    earlier=self.store.template_counts(),
                    limits=templates.Limits(self.settings.noise.min_template_support),
                    answers=outlets.decisive(Path(self.settings.evidence.outlets)),
                )
            )

    # ------------------------------------------------------------ the other phases

    def map_whole(self, phase: str, function: Callable[[Any], Tally], tasks: list[Any]) -> list[Any]:
        """Run `function` over all tasks. These tasks have no document to blame: a killed one is tried once more."""
        results = self.engine.map(function, tasks, self.settings.run.task_seconds)
        for done, (task, outcome) in enumerate(results, start=1):
            self.tally += self.must(function, task) if isinstance(outcome, Killed) else outcome
            self.progress(phase, done, len(tasks))
        return tasks

    def must(self, function: Callable[[Any], Tally], task: Any) -> Tally:
        """A task's tally; a worker that dies on it stops the run."""
        outcome = self.engine.call(function, task, self.settings.run.task_seconds)
        if isinstance(outcome, Killed):
            raise UserError(
                f"a worker process was lost ({outcome.reason}) on batch {task.name}. Nothing was published. "
                "Most often memory is short: lower --workers or [run] batch_bytes, or raise [run] task_seconds."
            )
        return outcome

    def groups(self, cleaned: list[work.Clean]) -> list[work.Finish]:
        """The cleaned files, gathered until a part of the tables is full. Decided by the batches, not by workers."""
        groups: list[list[str]] = [[]]
        held = 0
        for task in cleaned:
            if held >= self.settings.run.part_documents:
                groups.append([])
                held = 0
            groups[-1].append(task.name)
            held += self.desk.count_cleaned(task.name)
        return [work.Finish(self.desk, f"part {n}", n, tuple(names)) for n, names in enumerate(groups)]

    def refuse_if_too_many_failed(self) -> None:
        """Fail closed: rather no corpus than one that silently lacks a good part of its documents."""
        share, allowed = self.tally.failed_share(), self.settings.run.max_failed_share
        if share > allowed:
            reasons = [f"{n} {s}: {r}" for (s, a, r), n in self.tally.rows.most_common() if a == "failed"]
            raise TooManyFailedError(
                f"{self.tally.total('failed')} documents failed, {share:.0%} of all ({'; '.join(reasons[:5])}). "
                f"[run] max_failed_share allows {allowed:.0%}: nothing was published. "
                "Mend the input, or allow more in a settings file."
            )

    # ------------------------------------------------------------ what is told

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
        return [f"no documents: {failed} could not be read" if failed else "no documents: the inputs hold none"]

    def report(self, run_id: str | None, notes: list[str], passages: pa.Table | None = None) -> Report:
        """What is told to whoever asked for the run."""
        wall = (datetime.datetime.now(datetime.UTC) - self.started).total_seconds()
        n_passages = 0 if passages is None else len(passages)
        n_clusters = 0 if passages is None else len(pc.unique(passages["cluster_id"]))
        return Report(run_id, self.order.out, self.tally, n_passages, n_clusters, wall, tuple(notes))

    def write_manifest(self, identities: list[sources.Identity]) -> None:
        """The manifest, staged beside the tables."""
        finished = datetime.datetime.now(datetime.UTC)
        manifest = {
            "run_id": self.run_id,
            "started": self.started.isoformat(),
            "finished": finished.isoformat(),
            "seconds": round((finished - self.started).total_seconds(), 3),
            "fingerprint": fingerprint(self.settings),
            "settings": settings_module.as_dict(self.settings),
            "versions": _versions(),
            "workers": self.order.workers,
            "limit": self.order.limit,
            "window": self.order.window.as_dict(),
            "inputs": [each._asdict() for each in identities],
            "counts": self.tally.as_dict(),
        }
        text = json.dumps(manifest, indent=2, ensure_ascii=False, default=str)
        (self.desk.folder / "manifest.json").write_text(text, encoding="utf-8")


#: Sections of the settings that move documents and change none.
NOT_DECISIVE = frozenset({"run", "store"})


def fingerprint(settings: Settings) -> str:
    """A digest of everything that decides what a run does to a document: settings, rules, weights, our version."""
    decisive = {name: values for name, values in settings_module.as_dict(settings).items() if name not in NOT_DECISIVE}
    text = json.dumps([__version__, decisive, evidence_digest(settings.evidence)], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _published_ids(store: Store) -> set[str]:
    return set(read(store.out, "documents", store.runs(), ["doc_id"])["doc_id"].to_pylist())


def _new_only(batch: Outcome, published: set[str], seen: set[str]) -> Outcome:
    """A batch without the documents that are `published` or `seen`, which get a row; adds the others to `seen`."""
    rows, new = LedgerRows("source"), []
    for subject in subjects(batch.documents):
        known = (
            "already_published" if subject.doc_id in published else "same_document" if subject.doc_id in seen else None
        )
        if known:
            rows.add(subject, "skipped", known)
        else:
            seen.add(str(subject.doc_id))
        new.append(known is None)
    ledger = pa.concat_tables([batch.ledger, rows.table()])
    return Outcome(batch.documents.filter(pa.array(new, pa.bool_())), ledger)


def _versions() -> dict[str, str]:
    libraries = ("trafilatura", "ftfy", "datasketch", "pyarrow", "numpy", "numba")
    return {"copydesk": __version__, "python": platform.python_version(), **{name: version(name) for name in libraries}}
