"""Removal of articles for good, `clean forget`, and of whole runs, `clean delete`, from the tables and the index.

    out/forgotten.json    ids of the articles, and digests of their outlets and URLs: never their content

The file first records what is to be forgotten. Then every part of a table that mentions it is rewritten, each put into
place by one rename, a deleted run is taken away by one, pages of `clean report` beside the tables are removed, and the
index is rebuilt from what remains. Finally the file records that all is done. The next `clean forget`, `clean delete`
or `clean run` completes what was killed in between: forgetting twice is forgetting once.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.durable import move, remove, replacing
from pipeline.errors import UserError
from pipeline.passages import flows, matching
from pipeline.passages.passage_index import FOLDER, PassageIndex, known_ids
from pipeline.runs.naming import Named, articles_named, refuse_unknown_runs
from pipeline.runs.removal import (
    Gone,
    broken_clusters,
    documents_of,
    outliving,
    refuse_missing_tables,
    rewrite,
    with_outliving,
    without,
)
from pipeline.settings import Settings
from pipeline.storage.corpus_card import remove_card
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
from pipeline.storage.replacement import put_into_place
from pipeline.storage.report_pages import remove_pages
from pipeline.storage.tables import TABLES, WHOLE, dataset, folder_of, part_name, read_file


class NothingOfThatNameError(UserError):
    """No article has the name that was to be forgotten."""


def forget_in_folder(out: OutputLocation, settings: Settings, named: Named) -> int:
    """Forget articles of the output folder `out`; see `pipeline.api.forget`."""
    store = OutputFolder(Corpus(out).out)  # a UserError where there is no corpus
    with store.lock():
        return forget(store, settings, named)


def forget(store: OutputFolder, settings: Settings, named: Named) -> int:
    """Forget the named articles; return how many there were. Call it with the lock held."""
    was_killed = finish(store, settings)
    try:
        n = note(store, named)
    except NothingOfThatNameError:
        if was_killed:
            return 0
        raise
    _finish_in_words(store, settings, "What is to be forgotten is recorded, and not yet done", "forget")
    return n


def delete_in_folder(out: OutputLocation, settings: Settings, runs: Sequence[str]) -> int:
    """Delete runs of the output folder `out`; see `pipeline.api.delete`."""
    store = OutputFolder(out if record_of(out).runs else Corpus(out).out)
    with store.lock():
        return delete(store, settings, runs)


def delete(store: OutputFolder, settings: Settings, runs: Sequence[str]) -> int:
    """Delete runs; return how many documents they had. Call it with the lock held."""
    ended = record_of(store.out).runs
    finish(store, settings)
    runs = [run for run in runs if run not in ended or store.is_published(run)]
    if not runs:
        return 0
    n = note_runs(store, runs)
    _finish_in_words(store, settings, "What is to be deleted is recorded, and not yet done", "delete")
    return n


def _finish_in_words(store: OutputFolder, settings: Settings, state: str, command: str) -> None:
    """Remove what is recorded; a disk that cannot be written to is a UserError that says how to go on."""
    try:
        finish(store, settings)
    except OSError as error:
        raise UserError(
            f"cannot write to {store.out} ({error.strerror or error}). {state}. Make room or fix the disk; "
            f"`clean {command}` with the same name, or the next `clean run`, ends it."
        ) from None


def note(store: OutputFolder, named: Named) -> int:
    """Record the articles that are to be forgotten; return how many there are."""
    before = record_of(store.out)
    found = articles_named(store, named)
    if not len(found):
        if named.doc_id and any(each.startswith(named.doc_id) for each in before.doc_ids):
            return 0
        raise NothingOfThatNameError(f"no article with {named.in_words()} in {store.out}/: nothing was forgotten.")
    articles = [article_digest(row["outlet"], row["url"]) for row in found.to_pylist() if row["url"]]
    ids = tuple(dict.fromkeys([*before.doc_ids, *found["doc_id"].to_pylist()]))
    refuse_missing_tables(store)
    write_record(store.out, ForgottenRecord(ids, tuple(dict.fromkeys([*before.articles, *articles])), done=False))
    return len(found)


def note_runs(store: OutputFolder, runs: Sequence[str]) -> int:
    """Record runs that are to be deleted; return how many documents they have. UserError for one that is not there."""
    refuse_unknown_runs(store, runs)
    refuse_missing_tables(store, runs)
    before = record_of(store.out)
    n: int = sum(dataset(store.out, "documents", run).count_rows() for run in runs)
    write_record(store.out, ForgottenRecord(before.doc_ids, before.articles, done=False, runs=tuple(runs)))
    return n


def finish(store: OutputFolder, settings: Settings) -> bool:
    """Remove what is recorded and not yet done; return True if there was any. Call it with the lock held.

    Staged runs are removed first: they may hold the articles, and no run resumes from them any more.
    """
    put_into_place(store)
    record = record_of(store.out)
    if record.done:
        return False
    store.roll_back()
    leaving = [run for run in record.runs if store.is_published(run)]
    gone = Gone(pa.array(record.doc_ids, pa.string()), documents_of(store, leaving))
    _rewrite_tables(store, leaving, gone)
    for run in leaving:
        _retract(store, run)
    remove_pages(store.out)
    _rewrite_flows(store)
    if not store.runs():
        remove_card(store.out)
    remove(store.out / FOLDER)  # for good, before the record says that all is done
    matching.up_to_date(PassageIndex(store.out, store.runs(), settings.near_duplicates), store, settings, threads=1)
    write_record(store.out, ForgottenRecord(record.doc_ids, record.articles, done=True))
    return True


def _retract(store: OutputFolder, run: str) -> None:
    """Make a published run invisible in one rename, and remove what is left of it.

    Killed in between, its rest is a leftover like those of a run that was never committed.
    """
    move(folder_of(store.out, "documents", run), store.staging(f".{run}") / "documents")
    store.roll_back()


def _rewrite_tables(store: OutputFolder, leaving: Sequence[str], gone: Gone) -> None:
    """Rewrite every part that mentions what goes, but those of the runs that leave as a whole."""
    clusters = broken_clusters(store, gone.ids)
    homeless = outliving(store, leaving, gone, clusters)
    for run in (each for each in store.runs() if each not in leaving):
        for name in TABLES:
            for path in sorted(folder_of(store.out, name, run).glob("part-*.parquet")):
                before = read_file(path, name)
                after = without(before, name, gone, clusters)
                if name == "passages" and len(homeless):
                    after, homeless = with_outliving(after, homeless)
                rewrite(path, before, after, name)
        _rewrite_templates(store.out, run, gone.forgotten)
        _count_in_manifest(store, run)


def _rewrite_flows(store: OutputFolder) -> None:
    """Count the flows of all runs again."""
    runs = store.runs()
    counts = flows.flows_by_run([flows.tables_of(store.out, run) for run in runs])
    for run, counted in zip(runs, counts, strict=True):
        path = folder_of(store.out, "flows", run) / part_name(0)
        rewrite(path, read_file(path, "flows"), counted, "flows")


def _rewrite_templates(out: Path, run: str, gone: pa.Array) -> None:
    """Remove forgotten documents from the templates; a template that names no other document is dropped."""
    path = folder_of(out, "templates", run) / part_name(0)
    if not path.exists():
        return
    forgotten = set(gone.to_pylist())
    before = read_file(path, "templates")
    rows = [
        row | {"documents": others, "example": row["example"] if row["documents"][0] in others else row["masked"]}
        for row in before.to_pylist()
        if (others := [each for each in row["documents"] if each not in forgotten])
    ]
    rewrite(path, before, pa.Table.from_pylist(rows, schema=WHOLE["templates"]), "templates")


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
    if record.runs:
        return [f"{RECORD} says that run {record.runs[0]} is being deleted: `clean run` or `clean delete` ends it"]
    if not record.doc_ids:
        return []
    gone = pa.array(record.doc_ids, pa.string())
    found = [] if record.done else [f"{RECORD} says that forgetting is not done: `clean run` or `clean forget` ends it"]
    found += _remains_in_tables(out, runs, gone)
    if is_remote(out):  # a store has no index
        return found
    known = known_ids(out, np.array(record.doc_ids, "S32"))
    return found + ([f"the index knows {known} forgotten articles"] if known else [])


def _remains_in_tables(out: OutputLocation, runs: Sequence[str], gone: pa.Array) -> list[str]:
    """Find the tables that still mention forgotten articles."""
    found = []
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
    return found
