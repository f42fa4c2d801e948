"""The three tasks a run is made of, done by workers, each from tables to tables of the run's workspace.

    prepare   raw documents → decode, extract, repair, segment, language      → prepared/<name>
    clean     a prepared table → noise, and evidence of near-duplicates       → cleaned/<name>
    finish    cleaned tables and the passages found among all of them         → one part of every table

Ledger rows are kept beside each table (`<name>.ledger`) and gathered by `finish`. A task's answer is a `Tally`.
Nothing here knows of processes, locks or time limits; those are the engine's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline import sources
from pipeline.cleaning import clean_documents, prepare_documents
from pipeline.engines.base import Engine
from pipeline.engines.reading import Batch
from pipeline.freed import give_back
from pipeline.passages import matching
from pipeline.passages.passage_index import PassageIndex
from pipeline.runs.workspace import Workspace
from pipeline.storage.tables import write_part
from pipeline.tally import Tally, count_by_outlet
from pipeline.templates import mining
from stages import near_duplicates
from stages.catalog import stages_of

#: How much longer than the extractor's own limit a single page may hold a worker before the worker is killed, in
#: seconds. Chosen by hand; not tuned.
GRACE_SECONDS = 5.0


@dataclass(frozen=True)
class Prepare:
    """A batch of raw documents, with the ledger rows of what could not be read or was read before."""

    workspace: Workspace
    name: str
    batch: Batch
    lost: int = 0  # documents that cannot be worked on and have a row in the ledger


@dataclass(frozen=True)
class Clean:
    """A prepared table."""

    workspace: Workspace
    name: str


@dataclass(frozen=True)
class Finish:
    """The cleaned tables whose documents make up part `number` of the published tables."""

    workspace: Workspace
    name: str
    number: int
    cleaned: tuple[str, ...]


def may_hang(task: object) -> bool:
    """Return True for pages: what reads HTML is known to hang, and only killing its process stops it."""
    return isinstance(task, Prepare) and task.batch.holds_pages()


def prepare(task: Prepare) -> Tally:
    """Turn raw documents into text in paragraphs."""
    workspace, read = task.workspace, task.batch.read()
    tally = Tally(documents_in=len(read.documents) + task.lost)
    documents, ledger = prepare_documents(read, workspace.settings, tally)
    tally.count(ledger)
    with tally.time("templates"):
        counted = documents if stages_of("clean", workspace.settings.stages.only) else documents.slice(0, 0)
        files = mining.keep_evidence(workspace.folder, task.name, counted)
    files.append(workspace.tables.write("prepared", task.name, documents))
    files.append(workspace.tables.write("prepared", f"{task.name}.ledger", ledger))
    tally.measure_memory()
    workspace.tables.set_checkpoint("prepare", task.name, tally, files)
    return tally


def clean(task: Clean) -> Tally:
    """Remove the noise of a prepared table, and collect the evidence for the corpus stage."""
    tally, workspace = Tally(), task.workspace
    tables, settings = workspace.tables, workspace.settings
    chosen = mining.chosen_in(workspace.folder, task.name)
    before = tables.read("prepared", task.name)
    documents, ledger = clean_documents(before, settings, chosen, tally)
    ledger = pa.concat_tables([ledger, sources.future_dates(documents, workspace.started)])
    tally.count(ledger)
    tally.outlets = count_by_outlet(before, documents)
    tally.documents_out = len(documents)
    files = []
    with tally.time("near_duplicates"):
        compared = documents if stages_of("corpus", settings.stages.only) else documents.slice(0, 0)
        for kind, table in near_duplicates.evidence(compared)._asdict().items():
            files.append(tables.write("evidence", f"{task.name}.{kind}", table))
    files.append(tables.write("cleaned", task.name, documents))
    files.append(tables.write("cleaned", f"{task.name}.ledger", ledger))
    tally.measure_memory()
    tables.set_checkpoint("clean", task.name, tally, files)
    return tally


def resolve(
    engine: Engine, workspace: Workspace, run: str, parts: Sequence[Finish], index: PassageIndex, threads: int
) -> matching.Matched:
    """Find the passages that the documents of all parts share with those before them, and keep them for `finish`.

    This is no task of a worker: the engine decides where it runs.
    """
    settings = workspace.settings
    names = {part.number: part.cleaned for part in parts}
    documents = settings.run.resolve_documents
    task = matching.PassageMatching(workspace.folder, settings.near_duplicates, index, run, documents, threads)
    return engine.resolve(task, names)


def finish(task: Finish) -> Tally:
    """Write one part of every table."""
    tally, folder, read = Tally(), task.workspace.folder, task.workspace.tables.read
    with tally.time("tables"):
        removal = removal_of(task)
        tally.count(removal.ledger)
        tally.words_out = pc.sum(removal.documents["n_words"]).as_py() or 0
        kinds = ("prepared", "cleaned")
        ledgers = [read(kind, f"{name}.ledger") for name in task.cleaned for kind in kinds] + [removal.ledger]
        tables = removal._asdict() | {"ledger": pa.concat_tables(ledgers)}
        files = [write_part(folder, name, task.number, table) for name, table in tables.items()]
    tally.measure_memory()
    task.workspace.tables.set_checkpoint("finish", task.name, tally, files)
    del removal, tables
    give_back()
    return tally


def removal_of(task: Finish) -> near_duplicates.Removal:
    """Remove copies from the documents of a part, batch by batch: what one batch takes in memory is soon free again.

    The rows are those, and in the order, that all documents of the part together give.
    """
    batches = [task.workspace.tables.read("cleaned", name) for name in task.cleaned]
    found, relations = matching.resolution_of(task.workspace.folder, task.number)
    ids = pa.chunked_array([chunk for batch in batches for chunk in batch["doc_id"].chunks], pa.string())
    places = pc.index_in(found["doc_id"], ids.combine_chunks()).fill_null(len(ids)).to_numpy()
    batch_of = np.searchsorted(np.cumsum([len(batch) for batch in batches]), places, side="right")
    rows = [np.flatnonzero(batch_of == number) for number in range(len(batches) + 1)]
    settings = task.workspace.settings.near_duplicates
    removals = [
        near_duplicates.remove(batch, near_duplicates.Resolution(found.take(pa.array(its)), relations), settings)
        for batch, its in zip(batches, rows, strict=False)
    ]
    documents, paragraphs, passages, ledger = map(pa.concat_tables, zip(*removals, strict=True))
    in_order = passages.take(pa.array(np.argsort(np.concatenate(rows[:-1]))))
    earlier = near_duplicates.canonical_passages(found.take(pa.array(rows[-1])))
    by_reason = [ledger.filter(pc.equal(ledger["reason"], reason)) for reason in near_duplicates.REASONS]
    return near_duplicates.Removal(
        documents, paragraphs.combine_chunks(), pa.concat_tables([in_order, earlier]), pa.concat_tables(by_reason)
    )
