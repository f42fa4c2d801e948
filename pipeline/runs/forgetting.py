"""Removal of articles from the tables and the index for good: `clean forget`.

    out/forgotten.json    ids of the articles, and digests of their outlets and URLs: never their content

The file first records what is to be forgotten. Then every part of a table that mentions it is rewritten, each put into
place by one rename, pages of `clean report` beside the tables are removed, and the index is rebuilt from what remains.
Finally the file records that all is done. The next `clean forget` or `clean run` completes what was killed in between:
forgetting twice is forgetting once.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.durable import remove, replacing
from pipeline.errors import UserError
from pipeline.passages import flows, matching
from pipeline.passages.passage_index import FOLDER, PassageIndex, known_ids
from pipeline.settings import Settings
from pipeline.storage.forgotten import (
    KEPT_OUT,
    NAMING,
    RECORD,
    ForgottenRecord,
    article_digest,
    record_of,
    write_record,
)
from pipeline.storage.location import is_remote
from pipeline.storage.output_folder import OutputFolder
from pipeline.storage.protocol import OutputLocation
from pipeline.storage.reader import Corpus
from pipeline.storage.report_pages import remove_pages
from pipeline.storage.tables import SCHEMA_VERSION, TABLES, WHOLE, dataset, folder_of, part_name, read_file
from stages.contract import replace_column


class NothingOfThatNameError(UserError):
    """No article has the name that was to be forgotten."""


def forget_in_folder(
    out: OutputLocation, settings: Settings, doc_id: str | None, url: str | None, outlet: str | None
) -> int:
    """Forget articles of the output folder `out`; see `pipeline.api.forget`."""
    store = OutputFolder(Corpus(out).out)  # a UserError where there is no corpus
    with store.lock():
        return forget(store, settings, doc_id, url, outlet)


def forget(store: OutputFolder, settings: Settings, doc_id: str | None, url: str | None, outlet: str | None) -> int:
    """Forget the articles named by id, by URL or by outlet; return how many there were. Call it with the lock held."""
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
            f"cannot write to {store.out} ({error.strerror or error}). What is to be forgotten is recorded, and not "
            "yet done. Make room or fix the disk; `clean forget` with the same name, or the next `clean run`, ends it."
        ) from None
    return named


def note(store: OutputFolder, doc_id: str | None, url: str | None, outlet: str | None) -> int:
    """Record the articles that are to be forgotten, by id, by URL or by outlet; return how many there are."""
    found = _articles_named(store, doc_id, url, outlet)
    before = record_of(store.out)
    if not len(found):
        if doc_id in before.doc_ids:
            return 0
        raise NothingOfThatNameError("no article of that name in the tables: nothing was forgotten.")
    named = zip(found["outlet"].to_pylist(), found["url"].to_pylist(), strict=True)
    articles = [article_digest(of, at) for of, at in named if at]
    ids = tuple(dict.fromkeys([*before.doc_ids, *found["doc_id"].to_pylist()]))
    write_record(store.out, ForgottenRecord(ids, tuple(dict.fromkeys([*before.articles, *articles])), done=False))
    return len(found)


def _articles_named(store: OutputFolder, doc_id: str | None, url: str | None, outlet: str | None) -> pa.Table:
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
    # A failed article is in no table of documents, but the ledger holds its text.
    failed = [dataset(store.out, "ledger", run).count_rows(filter=wanted[0]) for run in store.runs()]
    row = [{"doc_id": doc_id, "outlet": "", "url": None}] if sum(failed) else []
    return pa.Table.from_pylist(row, schema=found.schema)


def finish(store: OutputFolder, settings: Settings) -> bool:
    """Remove what is recorded and not yet done; return True if there was any. Call it with the lock held.

    Staged runs are removed first: they may hold the articles, and no run resumes from them any more.
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
                _rewrite(path, before, without(before, name, gone, clusters), TABLES[name])
        _rewrite_templates(store.out, run, gone)
        _count_in_manifest(store, run)
    remove_pages(store.out)
    runs = store.runs()
    counts = flows.flows_by_run([flows.tables_of(store.out, run) for run in runs])
    for run, counted in zip(runs, counts, strict=True):
        path = folder_of(store.out, "flows", run) / part_name(0)
        _rewrite(path, pq.read_table(path, schema=WHOLE["flows"]), counted, WHOLE["flows"])
    remove(store.out / FOLDER)  # for good, before the record says that all is done
    matching.up_to_date(PassageIndex(store.out, store.runs(), settings.near_duplicates), store, settings, threads=1)
    write_record(store.out, ForgottenRecord(record.doc_ids, record.articles, done=True))
    return True


def _broken_clusters(store: OutputFolder, gone: pa.Array) -> pa.Array:
    """Return the ids of clusters that lose their canonical passage, or all copies of it."""
    columns = ["cluster_id", "doc_id", "is_canonical"]
    tables = [dataset(store.out, "passages", run).to_table(columns) for run in store.runs()]
    passages = pa.concat_tables([TABLES["passages"].empty_table().select(columns), *tables])
    remaining = passages.filter(pc.invert(pc.is_in(passages["doc_id"], gone)))
    whole = pc.unique(remaining.filter(remaining["is_canonical"])["cluster_id"])
    copied = pc.unique(remaining.filter(pc.invert(remaining["is_canonical"]))["cluster_id"])
    known = pc.unique(passages["cluster_id"])
    return known.filter(pc.invert(pc.and_(pc.is_in(known, whole), pc.is_in(known, copied))))


def without(table: pa.Table, name: str, gone: pa.Array, clusters: pa.Array) -> pa.Table:
    """Remove the rows of some documents from a table, and their ids from the rows of others."""
    void = pc.is_in(table["doc_id"], gone)
    if name == "ledger":  # later runs still record that they kept it out
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


def _rewrite(path: Path, before: pa.Table, table: pa.Table, schema: pa.Schema) -> None:
    """Rewrite the file if the table changed."""
    if table.equals(before):
        return
    table = table.cast(schema.with_metadata({"schema_version": SCHEMA_VERSION}))
    with replacing(path) as aside:
        pq.write_table(table, aside, compression="zstd")


def _rewrite_templates(out: Path, run: str, gone: pa.Array) -> None:
    """Remove forgotten documents from the templates; a template that names no other document is dropped."""
    path = folder_of(out, "templates", run) / part_name(0)
    if not path.exists():
        return
    forgotten = set(gone.to_pylist())
    before = pq.read_table(path, schema=WHOLE["templates"])
    rows = [
        row | {"documents": others, "example": row["example"] if row["documents"][0] in others else row["masked"]}
        for row in before.to_pylist()
        if (others := [each for each in row["documents"] if each not in forgotten])
    ]
    _rewrite(path, before, pa.Table.from_pylist(rows, schema=WHOLE["templates"]), WHOLE["templates"])


def _count_in_manifest(store: OutputFolder, run: str) -> None:
    """Write to the manifest how many of the documents that the run published were forgotten."""
    manifest = store.manifest(run)
    counts: dict[str, Any] = manifest["counts"]
    counts["forgotten"] = counts["documents_out"] - dataset(store.out, "documents", run).count_rows()
    text = json.dumps(manifest, indent=2, ensure_ascii=False)
    with replacing(store.manifest_path(run)) as aside:
        aside.write_text(text, encoding="utf-8", errors="backslashreplace")


def remains(out: OutputLocation, runs: Sequence[str]) -> list[str]:
    """Find the places that still mention forgotten articles; return one sentence for each."""
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
