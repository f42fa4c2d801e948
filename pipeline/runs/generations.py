"""Generations: inputs cleaned again with new settings, in place of the runs that cleaned them before (`--again`).

    out/.again/    an output folder of its own: the corpus without the replaced runs, by hard links, and the new run

The rows are those of `clean delete` of the replaced runs followed by `clean run`. When all of it is there, it is put
into place (pipeline.storage.replacement): files of the other tables first, then the whole folder `documents` at once.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from pipeline.durable import flush_all, make_folder, remove, replacing
from pipeline.errors import UserError
from pipeline.runs import forgetting
from pipeline.runs.report import RunReport
from pipeline.runs.request import RunRequest
from pipeline.runs.start import find_same_run, time_as_id
from pipeline.sources import Identity
from pipeline.sources.addresses import STDIN
from pipeline.storage.folder_lock import Lock
from pipeline.storage.forgotten import RECORD
from pipeline.storage.output_folder import AGAIN, FOLDERS, READY, OutputFolder
from pipeline.storage.replacement import put_into_place


def replaced_runs(request: RunRequest, output: OutputFolder, identities: Sequence[Identity]) -> list[str]:
    """Return the runs all of whose inputs are among these; none if one of that id, settings and inputs is published.

    Raises UserError for a run with some of its inputs among them, and for standard input.
    """
    if any(each.uri == STDIN for each in identities):
        raise UserError(
            "--again: what came in on standard input has no name by which the runs that read it could be found. Give "
            "a file, or use `clean delete RUN` and clean it anew."
        )
    if request.run_id is not None and request.run_id == find_same_run(request, identities, output):
        return []  # done by a command like this one
    named = {place_of(each.uri) for each in identities}
    found = []
    for run in output.runs():
        read = {place_of(each["uri"]) for each in output.manifest(run)["inputs"]}
        if read & named and not read <= named:
            missing = sorted(read - named)
            raise UserError(
                f"--again: run {run} read {len(missing)} more inputs than are named ({missing[0]}). A run is replaced "
                "as a whole: name all of its inputs."
            )
        found += [run] if read and read <= named else []
    return found


def place_of(uri: str) -> str:
    """Return the place of an input, however its path is written.

    >>> place_of("s3://press/news"), place_of("news/../may.txt") == place_of("./may.txt")
    ('s3://press/news', True)
    """
    return uri if "://" in uri else os.path.abspath(uri)  # noqa: PTH100 - links are not followed


def clean_again(
    request: RunRequest,
    output: OutputFolder,
    lock: Lock,
    replaced: Sequence[str],
    clean: Callable[[RunRequest, OutputFolder, Lock], RunReport],
) -> RunReport:
    """Clean in a copy of the corpus without the replaced runs, and put that in its place.

    Call it with the lock held. On Ctrl-C what is ready is put into place all the same: that takes a moment.
    """
    refuse_a_part(request, output)
    request = replace(request, run_id=request.run_id or time_as_id(output.runs()))
    shadow = output.out / AGAIN
    remove(shadow)
    try:
        link_corpus(output, shadow)
        other = OutputFolder(shadow)
        forgetting.note_runs(other, replaced)
        forgetting.finish(other, request.settings)
        report = clean(replace(request, out=shadow, again=False), other, lock)
        if report.run_id is not None:
            flush_all(shadow)
            lock.check()
            with replacing(shadow / READY) as aside:
                aside.write_text(report.run_id, encoding="utf-8")
            put_into_place(output)
    except KeyboardInterrupt:
        put_into_place(output)
        raise
    finally:
        if not (shadow / READY).exists():
            with suppress(OSError):  # the next run removes it
                remove(shadow)
    note = f"in place of {', '.join(replaced)}" if report.run_id else "the runs before it stay"
    return replace(report, out=request.out, notes=(*report.notes, note))


def state_after_trouble(output: OutputFolder) -> str:
    """Say what a disk that failed left of a replacement, and how to go on."""
    if (output.out / AGAIN / READY).exists():
        return "The new run is ready and not yet in its place: the next `clean run` goes on."
    return "Nothing was replaced: the runs before it are as they were. The same command begins anew."


def refuse_a_part(request: RunRequest, output: OutputFolder) -> None:
    """Raise UserError for options that would replace runs by less than they read, and for an id that is taken."""
    if request.limit is not None or any(request.window.as_dict().values()):
        raise UserError("--again replaces whole runs: leave out --limit, --since and --until.")
    if request.run_id in output.runs():
        raise UserError(
            f"run id {request.run_id!r} is taken by a published run in {request.out}. Choose another --run-id."
        )


def link_corpus(output: OutputFolder, shadow: Path) -> None:
    """Make an output folder with the same tables and manifests, by hard links where the file system has them."""
    for name in (*FOLDERS, "runs"):
        make_folder(shadow / name)
        for path in (each for each in (output.out / name).rglob("*") if each.is_file()):
            target = shadow / path.relative_to(output.out)
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(path, target)
            except OSError:
                shutil.copy2(path, target)
    record = output.out / RECORD
    if record.exists():
        shutil.copy2(record, shadow / RECORD)
