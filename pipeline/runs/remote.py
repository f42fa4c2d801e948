"""Runs whose output is on S3: staged and published in a work folder of this machine, then uploaded.

The work folder holds a copy of what a run needs of earlier ones, so that a run there is like any other: it resumes
after a kill, matches against history and may be refused. Under `<work_folder>/<name of the prefix>/`:

    documents/, paragraphs/, …     as in any output folder, but without the ledgers of committed runs
    forgotten.json                 as on the store; if it differs there, all else is fetched again
    .committed/<run_id>            this run's manifest was seen on the store
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pipeline.durable import flush, flush_all, make_folder, move, remove
from pipeline.errors import UserError
from pipeline.runs import forgetting
from pipeline.runs.clean import clean_folder
from pipeline.runs.naming import Named
from pipeline.runs.report import Progress, RunReport, ignore, silence
from pipeline.runs.request import RunRequest
from pipeline.settings import Settings
from pipeline.storage.corpus_card import drop_card, put_card
from pipeline.storage.forgotten import RECORD, ForgottenRecord, parse_record, record_of, write_record
from pipeline.storage.output_folder import OutputFolder
from pipeline.storage.report_pages import remove_pages
from pipeline.storage.s3_lock import S3Lock
from pipeline.storage.s3_store import S3Store, files_of, run_of

if TYPE_CHECKING:
    from upath import UPath

#: The table that no later run reads, and by far the largest of a run.
NOT_KEPT = "ledger/"


def clean_store(
    request: RunRequest, out: UPath, progress: Progress = silence, on_start: Callable[[str], None] = ignore
) -> RunReport:
    """Clean `request.inputs` into the prefix `out` on S3; see `pipeline.api.clean`."""
    if request.again:
        raise UserError(
            "--again works in a folder. On a store: `clean delete RUN`, then `clean run` with the same inputs."
        )
    for each in request.inputs:
        _refuse_own_output(each, str(out))
    store = S3Store(out, request.settings.store)
    work = store.work
    with store.lock(request.wait, request.break_lock, lambda: progress("wait", 0, None)) as lock:
        notes = _synchronize(store, work, lock, request.settings)
        report = clean_folder(replace(request, out=work), progress, on_start)
        if report.run_id:
            progress("upload", 0, 1)
            _publish(store, work, report.run_id, lock)
            progress("upload", 1, 1)
    return replace(report, out=out, notes=(*notes, *report.notes))


def forget_in_store(out: UPath, settings: Settings, named: Named) -> int:
    """Forget articles of a prefix on S3; see `pipeline.api.forget`."""
    return _remove_from_store(out, settings, lambda work: forgetting.note(work, named))


def delete_in_store(out: UPath, settings: Settings, runs: Sequence[str]) -> int:
    """Delete runs of a prefix on S3; see `pipeline.api.delete`."""
    return _remove_from_store(out, settings, lambda work: forgetting.note_runs(work, runs))


def _remove_from_store(out: UPath, settings: Settings, note: Callable[[OutputFolder], int]) -> int:
    """Remove from a prefix on S3 what `note` records in the work folder; return how many articles that is."""
    store = S3Store(out, settings.store)
    work = store.work
    with store.lock() as lock:
        _synchronize(store, work, lock, settings)
        with _ledgers(store, work):
            named = note(OutputFolder(work))
            if not record_of(work).done:
                _purge(store, work, lock, settings)
        return named


def _refuse_own_output(source: str, out: str) -> None:
    """Raise UserError for an input that contains the output, which would be read back as news.

    >>> _refuse_own_output("s3://press/crawl/*.warc.gz", "s3://press/corpus")
    >>> _refuse_own_output("s3://press/", "s3://press/corpus")
    Traceback (most recent call last):
    pipeline.errors.UserError: input s3://press/ holds the output s3://press/corpus. Name a smaller input.
    """
    if urlsplit(source).scheme not in ("s3", "s3a"):
        return
    read = re.split(r"[*?\[]", source.partition("://")[2])[0]
    kept = out.partition("://")[2].strip("/") + "/"
    folder = read if read.endswith("/") else f"{read}/"
    if kept.startswith(folder) or read.startswith(kept):
        raise UserError(f"input {source} holds the output {out}. Name a smaller input.")


def _synchronize(store: S3Store, work: Path, lock: S3Lock, settings: Settings) -> list[str]:
    """Make the work folder agree with the store, and return notes.

    Finishes an upload that was killed, rolls back others, fetches the rest, and finishes forgetting that was killed.
    """
    record = _record(store)
    if record_of(work) != record or not record.done:
        remove(work)  # it may hold what was forgotten
        make_folder(work)
        write_record(work, record)
    published, here = set(store.runs()), set(OutputFolder(work).runs())
    for known in here & published:
        _mark_committed(work, known)
    seen = {path.name for path in (work / ".committed").glob("*")}
    unfinished = here - published - seen
    notes = []
    if here - unfinished == published:
        # The store holds exactly the history that these were computed against, so a new run would give the same.
        for each in sorted(unfinished):
            _publish(store, work, each, lock)
            published.add(each)
            notes.append(f"finished the upload of run {each}, which was broken off")
    for gone in here - published:  # removed from the store meanwhile, or computed against another history
        _drop(work, gone)
    if leftovers := store.roll_back():
        notes.append(f"rolled back what a killed upload left behind: {len(leftovers)} objects")
    for missing in sorted(published - here):
        _fetch(store, work, missing)
    if not record.done:
        with _ledgers(store, work):
            _purge(store, work, lock, settings)
        notes.append("ended what an interrupted `clean forget` or `clean delete` had begun")
    return notes


# ---------------------------------------------------------------- forgetting


def _record(store: S3Store) -> ForgottenRecord:
    """Read the record of forgotten articles on the store."""
    found = store.bucket.look(RECORD)
    return parse_record(found.content) if found else ForgottenRecord()


def _purge(store: S3Store, work: Path, lock: S3Lock, settings: Settings) -> None:
    """Remove what the work folder's record names, here and on the store.

    The record is uploaded first as not done and last as done: whoever finds it not done starts from the store.
    """
    lock.check()
    store.bucket.upload(work / RECORD, RECORD)
    runs = OutputFolder(work).runs()
    before = {name: path.stat().st_ino for name, path in _files(work, runs).items()}
    with OutputFolder(work).lock():
        forgetting.finish(OutputFolder(work), settings)
    remove_pages(store.out)
    remaining = OutputFolder(work).runs()
    changed = {name: path for name, path in _files(work, remaining).items() if path.stat().st_ino != before[name]}
    lock.check()
    for name in sorted(changed):
        store.bucket.upload(changed[name], name)
    # A run on a store is gone once its manifest is; the rest of it is a leftover then.
    deleted = [run for run in runs if run not in remaining]
    store.bucket.remove([f"runs/{run}.json" for run in deleted])
    if deleted:
        store.roll_back()
    if not remaining:
        drop_card(store.bucket)
    if (work / RECORD).exists():
        store.bucket.upload(work / RECORD, RECORD)
    else:
        store.bucket.remove([RECORD])


@contextmanager
def _ledgers(store: S3Store, work: Path) -> Iterator[None]:
    """Fetch the ledgers of all runs into the work folder, and remove them afterwards."""
    runs = OutputFolder(work).runs()
    store.fetch([name for name in store.bucket.listing() if name.startswith(NOT_KEPT) and run_of(name) in runs], work)
    try:
        yield
    finally:
        shutil.rmtree(work / NOT_KEPT, ignore_errors=True)


def _publish(store: S3Store, work: Path, run_id: str, lock: S3Lock) -> None:
    store.publish(run_id, lock)
    put_card(store.bucket)
    _mark_committed(work, run_id)


def _mark_committed(work: Path, run_id: str) -> None:
    make_folder(work / ".committed")
    (work / ".committed" / run_id).touch()
    flush(work / ".committed")
    shutil.rmtree(work / NOT_KEPT / f"run={run_id}", ignore_errors=True)


def _drop(work: Path, run_id: str) -> None:
    """Remove a run from the work folder: `documents` first and in one step."""
    aside = work / ".dropped"
    move(work / "documents" / f"run={run_id}", aside / run_id)
    for path in files_of(work, run_id).values():
        path.unlink()
    OutputFolder(work).manifest_path(run_id).unlink(missing_ok=True)
    (work / ".committed" / run_id).unlink(missing_ok=True)
    shutil.rmtree(aside)


def _fetch(store: S3Store, work: Path, run_id: str) -> None:
    """Copy a run of the store into the work folder, its `documents` last and in one step."""
    aside = work / ".fetched"
    shutil.rmtree(aside, ignore_errors=True)
    names = [name for name in store.bucket.listing() if run_of(name) == run_id and not name.startswith(NOT_KEPT)]
    store.fetch([*names, f"runs/{run_id}.json"], aside)
    folders = sorted({name.partition(f"run={run_id}/")[0] + f"run={run_id}" for name in names}, key=_documents_last)
    for name in [f"runs/{run_id}.json", *folders]:
        flush_all(aside / name)
        move(aside / name, work / name)
    shutil.rmtree(aside)
    _mark_committed(work, run_id)


def _documents_last(name: str) -> bool:
    return name.startswith("documents/")


def _files(work: Path, runs: list[str]) -> dict[str, Path]:
    """Return the files of some runs, including manifests, by the names of their objects."""
    manifests = {f"runs/{each}.json": OutputFolder(work).manifest_path(each) for each in runs}
    return {name: path for each in runs for name, path in files_of(work, each).items()} | manifests
