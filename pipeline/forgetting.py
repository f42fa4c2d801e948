"""`clean forget`: articles taken out of the tables and out of the index, and kept out.

    out/forgotten.json    ids of the articles, and digests of their outlets and URLs: never what they said

It says first what is to be forgotten; then every part of every table is written anew, each put into place by one
rename, and the index is built anew from what is left; then it says that all is done. Whatever is killed in between is
done again by the next `clean forget` or `clean run`: forgetting twice is forgetting once.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pipeline import flows, matching
from pipeline.errors import UserError
from pipeline.history_index import FOLDER, Index, flush
from pipeline.ids import Ids
from pipeline.settings import Settings
from pipeline.store import Store
from pipeline.tables import SCHEMA_VERSION, TABLES, WHOLE, dataset, folder_of, part_name, read_file
from stages.contract import replace_column

RECORD = "forgotten.json"
#: Columns that name a document, by table, and those that are void without it.
NAMING: dict[str, dict[str, tuple[str, ...]]] = {
    "documents": {"duplicate_of": (), "revision_of": (), "superseded_by": ()},
    "paragraphs": {"duplicate_of_doc": ("duplicate_of_paragraph",)},
    "passages": {},
    "ledger": {"canonical_doc": ("canonical_paragraph", "cluster_id")},
}


@dataclass(frozen=True)
class Record:
    """What was forgotten in an output folder, and whether that is done."""

    doc_ids: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()  # digests of outlet and URL
    done: bool = True

    def holds(self, documents: pa.Table) -> NDArray[np.bool_]:
        """Which of these documents are forgotten: by id, or as another version of a forgotten article."""
        if not self.doc_ids:
            return np.zeros(len(documents), np.bool_)
        known, articles = Ids(), set(self.articles)
        known.add(list(self.doc_ids))
        places = zip(documents["outlet"].to_pylist(), documents["url"].to_pylist(), strict=True)
        versions = [bool(url) and article_digest(outlet, url) in articles for outlet, url in places]
        return known.has(documents["doc_id"].to_pylist()) | np.array(versions, np.bool_)


def article_digest(outlet: str, url: str) -> str:
    """A name for an article that does not tell it.

    >>> article_digest("daily-plume", "https://plume.example/ferry")
    '22e41d904f121329c19af258217eacb0'
    """
    return hashlib.sha256(f"{outlet}\n{url}".encode()).hexdigest()[:32]


def record_of(out: Path) -> Record:
    """What was forgotten in an output folder."""
    try:
        told = json.loads((out / RECORD).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Record()
    return Record(tuple(told["doc_ids"]), tuple(told["articles"]), told["done"])


def _write(out: Path, record: Record) -> None:
    told = {"doc_ids": record.doc_ids, "articles": record.articles, "done": record.done}
    aside = out / f".{RECORD}"
    aside.write_text(json.dumps(told, indent=1), encoding="utf-8")
    flush(aside)
    aside.replace(out / RECORD)
    flush(out)


def forget(store: Store, settings: Settings, doc_id: str | None, url: str | None, outlet: str | None) -> int:
    """Forget the articles named by id, by URL or by outlet; how many there were. To be called with the lock held."""
    found = _chosen(store, doc_id, url, outlet)
    if not len(found):
        raise UserError("no article of that name in the tables: nothing was forgotten.")
    before = record_of(store.out)
    named = zip(found["outlet"].to_pylist(), found["url"].to_pylist(), strict=True)
    articles = [article_digest(of, at) for of, at in named if at]
    ids = tuple(dict.fromkeys([*before.doc_ids, *found["doc_id"].to_pylist()]))
    _write(store.out, Record(ids, tuple(dict.fromkeys([*before.articles, *articles])), done=False))
    finish(store, settings)
    return len(found)


def _chosen(store: Store, doc_id: str | None, url: str | None, outlet: str | None) -> pa.Table:
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


def finish(store: Store, settings: Settings) -> None:
    """Do what is still to be done of what was to be forgotten. To be called with the lock held."""
    record = record_of(store.out)
    if record.done:
        return
    gone = pa.array(record.doc_ids, pa.string())
    clusters = _broken_clusters(store, gone)
    for run in store.runs():
        held = 0
        for path in sorted(folder_of(store.out, "documents", run).glob("part-*.parquet")):
            for name in TABLES:
                table = without(read_file(folder_of(store.out, name, run) / path.name, name), name, gone, clusters)
                _put(folder_of(store.out, name, run) / path.name, table, TABLES[name])
                held += len(table) if name == "documents" else 0
        _put_templates(store.out, run, gone)
        _tell_manifest(store, run, held)
    for number, run in enumerate(store.runs()):
        earlier = [flows.tables_of(store.out, each) for each in store.runs()[:number]]
        counted = flows.flows_of_run(flows.tables_of(store.out, run), earlier)
        _put(folder_of(store.out, "flows", run) / part_name(0), counted, WHOLE["flows"])
    shutil.rmtree(store.out / FOLDER, ignore_errors=True)
    matching.up_to_date(Index(store.out, store.runs(), settings.near_duplicates), store, settings, threads=1)
    _write(store.out, Record(record.doc_ids, record.articles, done=True))


def _broken_clusters(store: Store, gone: pa.Array) -> pa.Array:
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
    table = table.filter(pc.invert(pc.fill_null(pc.is_in(table["doc_id"], gone), False)))
    if name == "passages":
        return table.filter(pc.invert(pc.is_in(table["cluster_id"], clusters)))
    for column, beside in NAMING[name].items():
        void = pc.is_in(table[column], gone)
        for each in (column, *beside):
            nothing = pa.scalar(None, table.schema.field(each).type)
            table = replace_column(table, each, pc.if_else(void, nothing, table[each]))
    return table


def _put(path: Path, table: pa.Table, schema: pa.Schema) -> None:
    aside = path.with_name(f".{path.name}")
    pq.write_table(table.cast(schema.with_metadata({"schema_version": SCHEMA_VERSION})), aside, compression="zstd")
    flush(aside)
    aside.replace(path)
    flush(path.parent)


def _put_templates(out: Path, run: str, gone: pa.Array) -> None:
    """Templates do not name forgotten documents; one that no other document is named with is dropped."""
    path = folder_of(out, "templates", run) / part_name(0)
    if not path.exists():
        return
    forgotten = set(gone.to_pylist())
    table = pq.read_table(path, schema=WHOLE["templates"])
    left = [[each for each in ids if each not in forgotten] for ids in table["documents"].to_pylist()]
    kept = pa.array([bool(ids) for ids in left], pa.bool_())
    _put(path, replace_column(table, "documents", left).filter(kept), WHOLE["templates"])


def _tell_manifest(store: Store, run: str, held: int) -> None:
    """The manifest counts what the run published; how much of it was forgotten stands beside."""
    manifest = store.manifest(run)
    counts: dict[str, Any] = manifest["counts"]
    counts["forgotten"] = counts["documents_out"] - held
    path = store.manifest_path(run)
    aside = path.with_name(f".{path.name}")
    aside.write_text(json.dumps(manifest, indent=2, ensure_ascii=False), encoding="utf-8")
    flush(aside)
    aside.replace(path)


def remains(out: Path, runs: Sequence[str], settings: Settings) -> list[str]:
    """Where something of what was forgotten is still to be found."""
    record = record_of(out)
    if not record.doc_ids:
        return []
    gone = pa.array(record.doc_ids, pa.string())
    found = [] if record.done else [f"{RECORD} says that forgetting is not done: `clean run` or `clean forget` ends it"]
    for name in TABLES:
        for run in runs:
            wanted = pc.is_in(pc.field("doc_id"), gone)
            if name == "ledger":  # that an article was kept out is told
                wanted &= pc.field("reason") != "forgotten"
            rows = dataset(out, name, run).count_rows(filter=wanted)
            found += [f"table {name} of run {run} has {rows} rows of forgotten articles"] if rows else []
    index = Index(out, runs, settings.near_duplicates)
    ids = np.unique(np.array(record.doc_ids, "S32"))
    known = matching.known_documents(index, ids)
    return found + ([f"the index knows {known} forgotten articles"] if known else [])
