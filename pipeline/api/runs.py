"""Runs from Python: clean inputs into a folder or a prefix on S3, forget articles, delete runs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypedDict, Unpack

from pipeline.api.configuration import GivenSettings, settings_of
from pipeline.errors import UserError
from pipeline.runs import remote
from pipeline.runs.clean import clean_folder
from pipeline.runs.forgetting import delete_in_folder, forget_in_folder
from pipeline.runs.naming import Named
from pipeline.runs.report import Progress, RunReport, ignore, silence
from pipeline.runs.request import RunRequest
from pipeline.storage.location import configure_inputs, is_remote, output_location
from pipeline.storage.protocol import OutputLocation

#: What names one input: a file, a folder, a glob or a URL.
GivenInput = str | os.PathLike[str]


class WhereItRuns(TypedDict, total=False):
    """The engine of a run, and the session of Spark that it uses."""

    engine: str
    spark: Any


def run(
    inputs: GivenInput | Iterable[GivenInput],
    out: str | OutputLocation = "out",
    *,
    settings: GivenSettings = None,
    workers: int | None = None,
    run_id: str | None = None,
    limit: int | None = None,
    dry_run: bool = False,
    progress: Progress = silence,
    **where: Unpack[WhereItRuns],
) -> RunReport:
    """Clean news into a corpus and return the report of the run; the same as the command `clean run`.

    `inputs` are files, folders, globs and URLs, one or several; `out` is a folder or `s3://bucket/prefix`. `settings`
    are those of `copydesk.settings`, or what it takes: a dictionary, or the path of a settings file. Without `workers`
    there is one a core. Nothing has to be wrapped in `if __name__ == "__main__"`: workers do not import the caller.

        report = copydesk.run("news/", "out", settings={"noise": {"embeds": "keep"}})
        print(report.run_id, report.tally.documents_out)

    With `engine="spark"` the work is done on a cluster of Apache Spark: in the session `spark`, if one is given, which
    is left open, else on `[spark] master`.

    Raises UserError and its subclasses, as `clean` does.
    """
    engine, session = _engine_and_session(**where)
    chosen = settings_of(settings)
    given = [inputs] if isinstance(inputs, str | os.PathLike) else list(inputs)
    names = [os.fspath(each) for each in given]
    if not names:
        raise UserError("no input was named. Give a file, a folder, a glob or a URL, or a list of them.")
    configure_inputs(chosen.store, names)
    request = RunRequest(
        names,
        output_location(out if isinstance(out, Path) else str(out), chosen.store),
        chosen,
        workers or len(os.sched_getaffinity(0)),
        run_id=run_id,
        limit=limit,
        dry_run=dry_run,
        engine=engine,
        session=session,
    )
    return clean(request, progress)


def _engine_and_session(engine: str = "local", spark: Any = None) -> tuple[str, Any]:
    if spark is not None and engine != "spark":
        raise UserError('a session of Spark was given for another engine. Add engine="spark".')
    return engine, spark


def clean(request: RunRequest, progress: Progress = silence, on_start: Callable[[str], None] = ignore) -> RunReport:
    """Clean `request.inputs` into `request.out`, a folder or a prefix on S3, and return the report of the run.

    `progress` is called with phase, done and total (None if unknown) when a phase begins and after every task;
    `on_start` with the run's id as soon as it has one.

    Raises UserError, or a subclass with an exit code of its own, for what the user can fix: wrong inputs or settings
    (2), a lock that is held (LockHeldError, 3), more failed documents than allowed (TooManyFailedError, 1), a run
    unlike all before it (DriftError, 1), a store that fails (StoreError, 4). Whatever is raised, nothing of the run is
    visible; `error.report` holds the counts of a run that was under way.
    """
    if is_remote(request.out):
        return remote.clean_store(request, request.out, progress, on_start)
    return clean_folder(request, progress, on_start)


def forget(
    out: str | OutputLocation,
    settings: GivenSettings = None,
    doc_id: str | None = None,
    url: str | None = None,
    outlet: str | None = None,
) -> int:
    """Remove articles from all tables of a folder or a prefix on S3, and keep them out; return how many there were.

    Exactly one of `doc_id` (its first digits are enough), `url` and `outlet` names them. Raises UserError if no article
    has that name or there is no corpus, LockHeldError while a run holds the output.
    """
    named = Named(doc_id, url, outlet)
    chosen = settings_of(settings)
    place = output_location(out, chosen.store) if isinstance(out, str) else out
    if is_remote(place):
        return remote.forget_in_store(place, chosen, named)
    return forget_in_folder(place, chosen, named)


def delete(out: str | OutputLocation, settings: GivenSettings, runs: Sequence[str]) -> int:
    """Remove published runs from a folder or a prefix on S3; return how many documents they had.

    Their articles are not kept out: the same inputs can be cleaned again. Raises UserError if there is no such run,
    LockHeldError while a run holds the output.
    """
    chosen = settings_of(settings)
    place = output_location(out, chosen.store) if isinstance(out, str) else out
    if is_remote(place):
        return remote.delete_in_store(place, chosen, runs)
    return delete_in_folder(place, chosen, runs)
