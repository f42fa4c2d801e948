"""A corpus reader: the published runs of one output location, their rows, and texts restored from the ledger."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.errors import UserError, in_short
from pipeline.storage.location import store_at
from pipeline.storage.protocol import OutputLocation
from pipeline.storage.replay import changes_by_document, text_before
from pipeline.storage.tables import dataset, refuse_other_schema
from stages.segment import digest


def no_corpus(out: OutputLocation) -> UserError:
    """Return the error for an output location without a published run."""
    place, left = in_short(out), ", ".join(manifests_left(out)[-5:])
    if left:
        return UserError(f"no corpus in {place}/: manifests ({left}) and no documents. {_without_documents(out)}")
    return UserError(
        f"no corpus in {place}/: no run was published there. Clean something first, or name it with --out."
    )


def no_such_run(out: OutputLocation, run: str, known: list[str]) -> UserError:
    """Return the error for a run that was not published, with the newest of those that were."""
    if run in manifests_left(out):
        return UserError(f"run {run!r} in {in_short(out)}/ has a manifest and no documents. {_without_documents(out)}")
    if not known:
        return no_corpus(out)
    return UserError(f"no run {run!r} in {in_short(out)}/. There are: {', '.join(known[-5:])} (see `clean runs`).")


def manifests_left(out: OutputLocation) -> list[str]:
    """Return the runs of the manifests at an output location, whether they are published or not."""
    return sorted(path.stem for path in (out / "runs").glob("*.json"))


def _without_documents(out: OutputLocation) -> str:
    return (
        "A run was broken off before it was published, or its folder below "
        f"{in_short(out)}/documents was removed: restore that from a backup, or clean its inputs again. `clean run` "
        "removes the rest of such a run first."
    )


class Corpus:
    """The published runs at an output location, oldest first. Raises UserError if there are none."""

    def __init__(self, out: OutputLocation) -> None:
        self.out = out
        self.store = store_at(out)
        self.runs = self.store.runs()
        if not self.runs:
            raise no_corpus(out)
        refuse_other_schema(out, self.runs)

    def chosen(self, run: str | None) -> list[str]:
        """Return the requested run alone, or all runs. Raises UserError if there is no such run."""
        if run is not None and run not in self.runs:
            raise no_such_run(self.out, run, self.runs)
        return self.runs if run is None else [run]

    def manifests(self) -> list[dict[str, Any]]:
        """Return the manifests of all runs, oldest first."""
        return [self.store.manifest(run) for run in self.runs]

    def rows(self, name: str, run: str, doc_id: str) -> pa.Table:
        """Return the rows of a document in the table `name` of a run."""
        return dataset(self.out, name, run).of_document(doc_id)

    def clusters(self, cluster_ids: list[str]) -> pa.Table:
        """Return the passages of some clusters from all runs, canonical ones first."""
        wanted = pc.is_in(pc.field("cluster_id"), pa.array(sorted(set(cluster_ids)), pa.string()))
        found = [dataset(self.out, "passages", run).to_table(filter=wanted) for run in self.runs]
        return pa.concat_tables(found).sort_by([("is_canonical", "descending"), ("outlet", "ascending")])

    def find(self, doc_id: str) -> tuple[str, str]:
        """Return the run and the full id of the document whose id begins with `doc_id`.

        A failed document is found too: it has ledger rows only. Raises UserError where none or several match.
        """
        if not doc_id:
            raise UserError(f"no document was named. Give an id from the column doc_id of {self.out}/documents.")
        doc_id = doc_id.encode(errors="replace").decode()  # an argument may hold bytes that are no text
        starts = pc.starts_with(pc.field("doc_id"), doc_id)
        for table in ("documents", "ledger"):
            found = {
                (run, whole)
                for run in self.runs
                for whole in dataset(self.out, table, run).to_table(["doc_id"], filter=starts)["doc_id"].to_pylist()
            }
            if len({whole for _, whole in found}) > 1:
                raise UserError(f"{doc_id!r} is the beginning of {len(found)} document ids: give more of it.")
            if found:
                return min(found)
        raise UserError(
            f"no document {doc_id!r} in {in_short(self.out)}/. `clean find` lists documents with their ids."
        )

    def restore(self, doc_id: str, stage: str) -> str:
        """Restore from the ledger the text that `stage` (one of `stages.catalog.TEXT_STAGES`) was handed.

        Raises UserError where there is no such document, no text, or where the ledger does not fit.
        """
        run, whole = self.find(doc_id)
        document = self.rows("documents", run, whole).to_pylist()
        ledger = self.rows("ledger", run, whole)
        changes = changes_by_document(ledger).get(whole, [])
        if not document and not changes:
            failed = ledger.to_pylist()[0]
            raise UserError(
                f"document {whole} has no text: {failed['stage']} {failed['action']} it ({failed['reason']})."
            )
        text = document[0]["text"] if document else ""
        try:
            restored = text_before(text, changes, stage)
        except ValueError as error:
            raise UserError(
                f"document {whole}: the ledger does not fit its text ({error}). Try: clean verify"
            ) from None
        if stage == "segment" and document and digest(restored) != document[0]["segmented_sha256"]:
            raise UserError(f"document {whole}: its ledger leads back to another text. Try: clean verify")
        return restored
