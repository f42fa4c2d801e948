"""Removal of rows: tables without some documents, and without their ids in the rows of others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.durable import replacing
from pipeline.storage.forgotten import KEPT_OUT, NAMING
from pipeline.storage.output_folder import OutputFolder
from pipeline.storage.tables import TABLES, WHOLE, dataset, folder_of, refuse_missing_parts, write_file
from stages.contract import replace_column


class Gone(NamedTuple):
    """Ids of documents that go: of forgotten ones nothing stays, of deleted runs the ledger rows of other runs do."""

    forgotten: pa.Array
    deleted: pa.Array

    @property
    def ids(self) -> pa.Array:
        """The ids of both kinds, one after the other."""
        return pa.concat_arrays([self.forgotten, self.deleted])


def refuse_missing_tables(store: OutputFolder, leaving: Sequence[str] = ()) -> None:
    """Raise MissingTableError where a table that the removal reads is gone. Of runs that leave it reads only two."""
    for run in store.runs():
        for name in ("documents", "passages") if run in leaving else (*TABLES, *WHOLE):
            refuse_missing_parts(folder_of(store.out, name, run))


def documents_of(store: OutputFolder, runs: Sequence[str]) -> pa.Array:
    """Return the ids of the documents of some published runs."""
    tables = [dataset(store.out, "documents", run).to_table(["doc_id"]) for run in runs]
    every = pa.concat_tables([TABLES["documents"].empty_table().select(["doc_id"]), *tables])
    return every["doc_id"].combine_chunks()


def broken_clusters(store: OutputFolder, gone: pa.Array) -> pa.Array:
    """Return the ids of clusters that lose their canonical passage, or all copies of it."""
    columns = ["cluster_id", "doc_id", "is_canonical"]
    tables = [dataset(store.out, "passages", run).to_table(columns) for run in store.runs()]
    passages = pa.concat_tables([TABLES["passages"].empty_table().select(columns), *tables])
    remaining = passages.filter(pc.invert(pc.is_in(passages["doc_id"], gone)))
    whole = pc.unique(remaining.filter(remaining["is_canonical"])["cluster_id"])
    copied = pc.unique(remaining.filter(pc.invert(remaining["is_canonical"]))["cluster_id"])
    known = pc.unique(passages["cluster_id"])
    return known.filter(pc.invert(pc.and_(pc.is_in(known, whole), pc.is_in(known, copied))))


def without(table: pa.Table, name: str, gone: Gone, clusters: pa.Array) -> pa.Table:
    """Remove the rows of some documents from a table, and their ids from the rows of others."""
    void = pc.is_in(table["doc_id"], gone.forgotten if name == "ledger" else gone.ids)
    if name == "ledger":  # later runs still record that they kept it out
        void = pc.and_(void, pc.not_equal(table["reason"], KEPT_OUT))
    table = table.filter(pc.invert(void))
    if name == "passages":
        return table.filter(pc.invert(pc.is_in(table["cluster_id"], clusters)))
    for column, beside in NAMING[name].items():
        void = pc.is_in(table[column], gone.ids)
        for each in (column, *beside):
            nothing = pa.scalar(None, table.schema.field(each).type)
            table = replace_column(table, each, pc.if_else(void, nothing, table[each]))
    return table


def outliving(store: OutputFolder, runs: Sequence[str], gone: Gone, clusters: pa.Array) -> pa.Table:
    """Return the canonical passages that deleted runs published for documents of others, of clusters that stay.

    The run in which the first copy of a passage appears publishes the canonical one, whatever run its document is in.
    """
    tables = [
        without(dataset(store.out, "passages", run).to_table(), "passages", gone, clusters)
        for run in runs
        if store.is_published(run)
    ]
    return pa.concat_tables([TABLES["passages"].empty_table(), *tables])


def with_outliving(passages: pa.Table, homeless: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Add to the passages of a part the canonical ones whose first copy is now in it; return also those still left."""
    is_canonical = passages["is_canonical"]
    placed = pc.is_in(homeless["cluster_id"], pc.unique(passages.filter(is_canonical)["cluster_id"]))
    homeless = homeless.filter(pc.invert(placed))  # an earlier, killed deletion placed them
    here = pc.is_in(homeless["cluster_id"], pc.unique(passages.filter(pc.invert(is_canonical))["cluster_id"]))
    return pa.concat_tables([passages, homeless.filter(here)]), homeless.filter(pc.invert(here))


def rewrite(path: Path, before: pa.Table, table: pa.Table, name: str) -> None:
    """Rewrite the file of the table `name` if its rows changed."""
    if not table.equals(before):
        with replacing(path) as aside:
            write_file(aside, name, table)
