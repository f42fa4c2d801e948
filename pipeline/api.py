"""The Python API: clean, forget and delete for output folders and S3, as the command line uses them.

    from pathlib import Path
    from pipeline.api import Corpus, RunRequest, clean, load_settings

    if __name__ == "__main__":  # worker processes import this file
        report = clean(RunRequest(["news/"], Path("out"), load_settings(None), workers=2))
        print(report.tally.documents_out, Corpus(Path("out")).runs)

An output on S3 is named by `output_location("s3://bucket/prefix", settings.store)`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pipeline.errors import UserError
from pipeline.runs import remote
from pipeline.runs.clean import clean_folder
from pipeline.runs.forgetting import delete_in_folder, forget_in_folder
from pipeline.runs.naming import Named
from pipeline.runs.report import Progress, RunReport, ignore, silence
from pipeline.runs.request import RunRequest
from pipeline.settings import Settings
from pipeline.settings import load as load_settings
from pipeline.storage.location import is_remote, output_location
from pipeline.storage.protocol import OutputLocation
from pipeline.storage.reader import Corpus

__all__ = [
    "Corpus",
    "Progress",
    "RunReport",
    "RunRequest",
    "Settings",
    "UserError",
    "clean",
    "delete",
    "forget",
    "load_settings",
    "output_location",
]


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
    out: OutputLocation,
    settings: Settings,
    doc_id: str | None = None,
    url: str | None = None,
    outlet: str | None = None,
) -> int:
    """Remove articles from all tables of a folder or a prefix on S3, and keep them out; return how many there were.

    Exactly one of `doc_id` (its first digits are enough), `url` and `outlet` names them. Raises UserError if no article
    has that name or there is no corpus, LockHeldError while a run holds the output.
    """
    named = Named(doc_id, url, outlet)
    if is_remote(out):
        return remote.forget_in_store(out, settings, named)
    return forget_in_folder(out, settings, named)


def delete(out: OutputLocation, settings: Settings, runs: Sequence[str]) -> int:
    """Remove published runs from a folder or a prefix on S3; return how many documents they had.

    Their articles are not kept out: the same inputs can be cleaned again. Raises UserError if there is no such run,
    LockHeldError while a run holds the output.
    """
    if is_remote(out):
        return remote.delete_in_store(out, settings, runs)
    return delete_in_folder(out, settings, runs)
