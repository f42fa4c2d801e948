"""New documents: the batches of a run without the documents that an earlier run, or an earlier batch, carried on."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from pipeline import sources
from pipeline.runs.context import RunContext
from pipeline.runs.tasks import Prepare
from pipeline.storage.forgotten import KEPT_OUT, ForgottenRecord, record_of
from pipeline.storage.ids import Ids, first_of_each
from pipeline.storage.output_folder import OutputFolder
from pipeline.storage.tables import dataset
from stages.contract import Outcome
from stages.ledger import LedgerRows, subjects


def new_batches(context: RunContext, inputs: list[sources.Input]) -> Iterator[Prepare]:
    """Yield the new documents of the inputs, batch by batch, up to the limit of the request."""
    published, forgotten = published_ids(context.output), record_of(context.output.out)
    seen = Ids()
    remaining = context.request.limit
    run = context.settings.run
    batches = sources.batches(
        inputs,
        context.settings.sources,
        max_documents=run.batch_documents,
        max_bytes=run.batch_bytes,
        window=context.request.window,
    )
    for number, batch in enumerate(batches):
        documents, ledger = only_new(batch, published, seen, forgotten)
        documents = documents if remaining is None else documents[:remaining]
        yield Prepare(context.workspace, f"{number:06d}", documents, ledger)
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
    documents = batch.documents.filter(pa.array(new))
    seen.add(documents["doc_id"].to_pylist())
    rows, about = LedgerRows("source", sources.REASONS), subjects(batch.documents)
    for at in np.flatnonzero(~new).tolist():
        known = "already_published" if old[at] else "same_document"
        rows.add(about[at], "skipped", KEPT_OUT if kept_out[at] else known)
    return Outcome(documents, pa.concat_tables([batch.ledger, rows.table()]))
