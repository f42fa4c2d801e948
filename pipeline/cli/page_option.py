"""The option --report of `clean run`: a page about the run, written when it has ended."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from pipeline.cli.application import complain
from pipeline.cli.options import path_of
from pipeline.errors import UserError, explained

if TYPE_CHECKING:
    from pipeline.cli.run_observer import RunObserver
    from pipeline.runs.request import RunRequest

#: The value that asks for the page beside the tables.
DEFAULT = "default"

ReportOption = Annotated[
    str | None,
    typer.Option(
        "--report",
        metavar="FILE",
        help=f"Write a report as HTML at the end; {DEFAULT!r}: reports/RUN.html in the corpus.",
    ),
]


def check(wanted: str | None) -> None:
    """Refuse a file that must not be written, before anything is cleaned."""
    if wanted not in (None, DEFAULT):
        from pipeline.storage.report_pages import check_target

        check_target(path_of(wanted))


class WrittenPage(NamedTuple):
    """Where the page is, "" for none; or why it could not be written."""

    path: str = ""
    error: UserError | None = None

    def leave_if_failed(self, observer: RunObserver) -> None:
        """End the program with a message, if the page could not be written: after the summary, as the run is done."""
        if self.error is None:
            return
        run = observer.report.run_id if observer.report else None
        message = (
            f"{f'run {run} is published' if run else 'no run was published'}; its report was not written: {self.error}"
        )
        if observer.log is None:
            complain(message, self.error.exit_code)
        observer.log.event("error", "note", message=message)
        sys.exit(self.error.exit_code)


def write(wanted: str | None, request: RunRequest, run: str | None, quiet: bool) -> WrittenPage:
    """Write the page, if one is wanted. If the run published nothing, it is about the newest."""
    if wanted is None or request.dry_run:
        return WrittenPage()
    from pipeline.cli.progress import show_progress
    from pipeline.reports.page import report_page

    target = None if wanted == DEFAULT else path_of(wanted)
    try:
        with show_progress(quiet=quiet) as progress:
            return WrittenPage(str(report_page(request.out, [run] if run else None, target, progress)))
    except Exception as error:
        in_words = explained(error)
        if not isinstance(in_words, UserError):
            raise
        return WrittenPage(error=in_words)
