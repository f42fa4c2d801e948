"""`clean forget`: articles taken out of the tables and out of the index, and kept out.

    out/forgotten.json    ids of the articles, and digests of their outlets and URLs: never what they said

It says first what is to be forgotten; then every part of a table that tells of it is written anew, each put into place
by one rename, and the index is built anew from what is left; then it says that all is done. What is killed in between
is ended by the next `clean forget` or `clean run`: forgetting twice is forgetting once.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.errors import UserError
from pipeline.passages import flows, matching
from pipeline.passages.passage_index import FOLDER, PassageIndex, known_ids
from pipeline.settings import Settings
from pipeline.storage.durable import replacing
from pipeline.storage.forgotten import KEPT_OUT, NAMING, RECORD, Record, article_digest, record_of, write_record
from pipeline.storage.location import is_remote
from pipeline.storage.output_folder import OutputFolder
from pipeline.storage.protocol import OutputLocation
from pipeline.storage.tables import SCHEMA_VERSION, TABLES, WHOLE, dataset, folder_of, part_name, read_file
from stages.contract import replace_column


class NothingOfThatNameError(UserError):
    """What is to be forgotten is not there."""


def forget(store: OutputFolder, settings: Settings, doc_id: str | None, url: str | None, outlet: str | None) -> int:
    """Forget the articles named by id, by URL or by outlet; how many there were. To be called with the lock held."""
    was_killed = finish(store, settings)
    try:
        named = note(store, doc_id, url, outlet)
    except NothingOfThatNameError:
        if was_killed:
            return 0
        raise
    try:
        finish(store, settings)
    except OSError as error:
        raise UserError(
            f"cannot write to {store.out} ({error.strerror or error}). What is to be forgotten is noted, and not yet "
            "done. Make room or mend the disk; `clean forget` with the same name, or the next `clean run`, ends it."
        ) from None
    return named


def note(store: OutputFolder, doc_id: str | None, url: str | None, outlet: str | None) -> int:
    """Note the articles that are to be forgotten, by id, by URL or by outlet; how many there are."""
    found = _chosen(store, doc_id, url, outlet)
    before = record_of(store.out)
    if not len(found):
        if doc_id in before.doc_ids:
            return 0
        raise NothingOfThatNameError("no article of that name in the tables: nothing was forgotten.")
    named = zip(found["outlet"].to_pylist(), found["url"].to_pylist(), strict=True)
    articles = [article_digest(of, at) for of, at in named if at]
    ids = tuple(dict.fromkeys([*before.doc_ids, *found["doc_id"].to_pylist()]))
    write_record(store.out, Record(ids, tuple(dict.fromkeys([*before.articles, *articles])), done=False))
    return len(found)


def _chosen(store: OutputFolder, doc_id: str | None, url: str | None, outlet: str | None) -> pa.Table:
    wanted = [
        pc.field(name) == value for name, value in (("doc_id", doc_id), ("url", url), ("outlet", outlet)) if value
    ]
    if len(wanted) != 1:
        raise UserError("name what is to be forgotten: DOC_ID, --url URL or --outlet NAME, one of them.")
    columns = ["doc_id", "outlet", "url"]
    tables = [dataset(store.out, "documents", run).to_table(columns, filter=wanted[0]) for run in store.runs()]
    found = pa.concat_tables([TABLES["documents"].empty_table().select(columns), *tables])
    if len(found) or not doc_id:
        return found
    # An article that failed is in no table of documents, but the ledger has its words.
    failed = [dataset(store.out, "ledger", run).count_rows(filter=wanted[0]) for run in store.runs()]
    row = [{"doc_id": doc_id, "outlet": "", "url": None}] if sum(failed) else []
    return pa.Table.from_pylist(row, schema=found.schema)


def finish(store: OutputFolder, settings: Settings) -> bool:
    """Do what is still to be done of what was to be forgotten; whether there was any. To be called with the lock held.

    What killed runs left is removed first: it may hold the articles, and no run goes on from it any more.
    """
    record = record_of(store.out)
    if record.done:
        return False
    store.roll_back()
    gone = pa.array(record.doc_ids, pa.string())
    clusters = _broken_clusters(store, gone)
    for run in store.runs():
        for name in TABLES:
            for path in sorted(folder_of(store.out, name, run).glob("part-*.parquet")):
                before = read_file(path, name)
                _put(path, before, without(before, name, gone, clusters), TABLES[name])
        _put_templates(store.out, run, gone)
        _tell_manifest(store, run)
    runs = store.runs()
    counts = flows.flows_by_run([flows.tables_of(store.out, run) for run in runs])
    for run, counted in zip(runs, counts, strict=True):
        path = folder_of(store.out, "flows", run) / part_name(0)
        _put(path, pq.read_table(path, schema=WHOLE["flows"]), counted, WHOLE["flows"])
    shutil.rmtree(store.out / FOLDER, ignore_errors=True)
    matching.up_to_date(PassageIndex(store.out, store.runs(), settings.near_duplicates), store, settings, threads=1)
    write_record(store.out, Record(record.doc_ids, record.articles, done=True))
    return True


def _broken_clusters(store: OutputFolder, gone: pa.Array) -> pa.Array:
    """Clusters that lose their canonical passage, or all of its copies."""
    columns = ["cluster_id", "doc_id", "is_canonical"]
    tables = [dataset(store.out, "passages", run).to_table(columns) for run in store.runs()]
    passages = pa.concat_tables([TABLES["passages"].empty_table().select(columns), *tables])
    left = passages.filter(pc.invert(pc.is_in(passages["doc_id"], gone)))
    whole = pc.unique(left.filter(left["is_canonical"])["cluster_id"])
    copied = pc.unique(left.filter(pc.invert(left["is_canonical"]))["cluster_id"])
    known = pc.unique(passages["cluster_id"])
    return known.filter(pc.invert(pc.and_(pc.is_in(known, whole), pc.is_in(known, copied))))


def without(table: pa.Table, name: str, gone: pa.Array, clusters: pa.Array) -> pa.Table:
    """A table without the rows of some documents, and without their ids in the rows of others."""
    void = pc.is_in(table["doc_id"], gone)
    if name == "ledger":  # that an article was kept out is told
        void = pc.and_(void, pc.not_equal(table["reason"], KEPT_OUT))
    table = table.filter(pc.invert(void))
    if name == "passages":
        return table.filter(pc.invert(pc.is_in(table["cluster_id"], clusters)))
    for column, beside in NAMING[name].items():
        void = pc.is_in(table[column], gone)
        for each in (column, *beside):
            nothing = pa.scalar(None, table.schema.field(each).type)
            table = replace_column(table, each, pc.if_else(void, nothing, table[each]))
    return table


def _put(path: Path, before: pa.Table, table: pa.Table, schema: pa.Schema) -> None:
    """Put a table in the place of what was there before, if it is another."""
    if table.equals(before):
        return
    table = table.cast(schema.with_metadata({"schema_version": SCHEMA_VERSION}))
    with replacing(path) as aside:
        pq.write_table(table, aside, compression="zstd")


def _put_templates(out: Path, run: str, gone: pa.Array) -> None:
    """Templates do not name forgotten documents, nor show them; one that no other document is named with is dropped."""
    path = folder_of(out, "templates", run) / part_name(0)
    if not path.exists():
        return
    forgotten = set(gone.to_pylist())
    before = pq.read_table(path, schema=WHOLE["templates"])
    rows = [
        row | {"documents": left, "example": row["example"] if row["documents"][0] in left else row["masked"]}
        for row in before.to_pylist()
        if (left := [each for each in row["documents"] if each not in forgotten])
    ]
    _put(path, before, pa.Table.from_pylist(rows, schema=WHOLE["templates"]), WHOLE["templates"])


def _tell_manifest(store: OutputFolder, run: str) -> None:
    """The manifest counts what the run published; how much of it was forgotten stands beside."""
    manifest = store.manifest(run)
    counts: dict[str, Any] = manifest["counts"]
    counts["forgotten"] = counts["documents_out"] - dataset(store.out, "documents", run).count_rows()
    text = json.dumps(manifest, indent=2, ensure_ascii=False)
    with replacing(store.manifest_path(run)) as aside:
        aside.write_text(text, encoding="utf-8", errors="backslashreplace")


def remains(out: OutputLocation, runs: Sequence[str]) -> list[str]:
    """Where something of what was forgotten is still to be found."""
    record = record_of(out)
    if not record.doc_ids:
        return []
    gone = pa.array(record.doc_ids, pa.string())
    found = [] if record.done else [f"{RECORD} says that forgetting is not done: `clean run` or `clean forget` ends it"]
    for name in TABLES:
        for run in runs:
            wanted = pc.is_in(pc.field("doc_id"), gone)
            if name == "ledger":
                wanted &= pc.field("reason") != KEPT_OUT
            for column in NAMING[name]:
                wanted |= pc.is_in(pc.field(column), gone)
            rows = dataset(out, name, run).count_rows(filter=wanted)
            found += [f"table {name} of run {run} has {rows} rows that tell of forgotten articles"] if rows else []
    for run in (each for each in runs if folder_of(out, "templates", each).is_dir()):
        named = dataset(out, "templates", run).to_table(["documents"])["documents"]
        rows = pc.sum(pc.is_in(pc.list_flatten(named), gone)).as_py() or 0
        found += [f"table templates of run {run} names {rows} forgotten articles"] if rows else []
    if is_remote(out):  # a store has no index
        return found
    known = known_ids(out, np.array(record.doc_ids, "S32"))
    return found + ([f"the index knows {known} forgotten articles"] if known else [])
