"""Reading of a run's inputs: batches of the documents that no earlier run, and no earlier batch, carried on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import pyarrow as pa

from pipeline import sources
from pipeline.settings import Settings
from pipeline.storage.forgotten import KEPT_OUT, ForgottenRecord, record_of
from pipeline.storage.ids import Ids, first_of_each
from pipeline.storage.output_folder import OutputFolder
from pipeline.storage.tables import dataset
from stages.contract import RAW_DOCUMENT, Outcome
from stages.ledger import LedgerRows, Subject, subjects


@dataclass(frozen=True)
class InputReading:
    """The task of reading a run's inputs: what is read, how, and the folder in which the run is staged."""

    inputs: Sequence[sources.Input]
    sizes: Sequence[int | None]  # in bytes
    settings: Settings
    window: sources.Window
    limit: int | None  # documents
    output: OutputFolder
    folder: Path


class Batch(Protocol):
    """The new documents of a batch, with ledger rows of what could not be read or was read before. It must pickle."""

    @property
    def about_inputs(self) -> Outcome:
        """Addresses (`source_uri`) of what was read, and ledger rows, that tell what became of the inputs."""
        ...

    def __len__(self) -> int:
        """Count the documents."""
        ...

    def holds_pages(self) -> bool:
        """Return False if no document is a page."""
        ...

    def read(self) -> Outcome:
        """Read the documents and their ledger rows."""
        ...

    def subject(self, at: int) -> Subject:
        """Return the subject of ledger rows about a document."""
        ...

    def only(self, at: int) -> Batch:
        """Return a batch of one of the documents, without ledger rows."""
        ...

    def without_documents(self) -> Batch:
        """Return a batch of the ledger rows only."""
        ...


@dataclass(frozen=True)
class HeldBatch:
    """A batch that is held in memory; see `Batch`."""

    documents: pa.Table
    ledger: pa.Table

    @property
    def about_inputs(self) -> Outcome:
        """The documents and ledger rows themselves."""
        return self.read()

    def __len__(self) -> int:
        return len(self.documents)

    def holds_pages(self) -> bool:
        """Return False if no document is a page."""
        return "html" in self.documents["kind"].unique().to_pylist()

    def read(self) -> Outcome:
        """Return the documents and their ledger rows."""
        return Outcome(self.documents, self.ledger)

    def subject(self, at: int) -> Subject:
        """Return the subject of ledger rows about a document."""
        return subjects(self.documents.slice(at, 1))[0]

    def only(self, at: int) -> HeldBatch:
        """Return a batch of one of the documents, without ledger rows."""
        return HeldBatch(self.documents.slice(at, 1), self.ledger.slice(0, 0))

    def without_documents(self) -> HeldBatch:
        """Return a batch of the ledger rows only."""
        return rows_only(self.ledger)


def rows_only(ledger: pa.Table) -> HeldBatch:
    """Return a batch without documents.

    >>> from stages.ledger import LEDGER
    >>> len(rows_only(LEDGER.empty_table()))
    0
    """
    return HeldBatch(RAW_DOCUMENT.empty_table(), ledger)


def read_here(reading: InputReading) -> Iterator[HeldBatch]:
    """Read the inputs in this process, batch by batch, up to the limit."""
    published, forgotten = published_ids(reading.output), record_of(reading.output.out)
    seen = Ids()
    remaining = reading.limit
    run = reading.settings.run
    batches = sources.batches(
        reading.inputs,
        reading.settings.sources,
        max_documents=run.batch_documents,
        max_bytes=run.batch_bytes,
        window=reading.window,
    )
    for batch in batches:
        documents, ledger = only_new(batch, published, seen, forgotten)
        documents = documents if remaining is None else documents[:remaining]
        yield HeldBatch(documents, ledger)
        remaining = remaining if remaining is None else remaining - len(documents)
        if remaining == 0:
            return


def published_ids(output: OutputFolder) -> Ids:
    """Return the ids of all published documents."""
    published = Ids()
    for run in output.runs():
        for batch in dataset(output.out, "documents", run).to_batches(columns=["doc_id"]):
            published.add(batch["doc_id"].to_pylist())
    return published


def only_new(batch: Outcome, published: Ids, seen: Ids, forgotten: ForgottenRecord) -> Outcome:
    """Remove the documents that are `published`, `seen` or `forgotten`, each with a ledger row.

    Adds the ids of the others to `seen`.
    """
    ids = batch.documents["doc_id"].to_pylist()
    old, kept_out = published.has(ids), forgotten.holds(batch.documents)
    new = ~old & ~kept_out & ~seen.has(ids) & first_of_each(ids)
    seen.add(batch.documents["doc_id"].filter(pa.array(new)).to_pylist())
    reasons = np.where(kept_out, KEPT_OUT, np.where(old, "already_published", "same_document"))
    return without_known(batch, new, reasons)


def without_known(batch: Outcome, new: np.ndarray, reasons: np.ndarray) -> Outcome:
    """Remove the documents that are not `new`, each with a ledger row of its reason."""
    rows, about = LedgerRows("source", sources.REASONS), subjects(batch.documents)
    for at in np.flatnonzero(~new).tolist():
        rows.add(about[at], "skipped", str(reasons[at]))
    return Outcome(batch.documents.filter(pa.array(new)), pa.concat_tables([batch.ledger, rows.table()]))
