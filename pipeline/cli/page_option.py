"""The option --report of `clean run`: a page about the run, written when it has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import path_of

if TYPE_CHECKING:
    from pipeline.runs.request import RunRequest

#: The value that asks for the page beside the tables.
DEFAULT = "default"

ReportOption = Annotated[
    str | None,
    typer.Option(
        "--report",
        metavar="FILE",
        help=f"Write a report as HTML at the end; {DEFAULT!r}: reports/RUN.html in the output.",
    ),
]


def check(wanted: str | None) -> None:
    """Refuse a file that must not be written, before anything is cleaned."""
    if wanted not in (None, DEFAULT):
        from pipeline.storage.report_pages import check_target

        check_target(path_of(wanted))


def write(wanted: str | None, request: RunRequest, run: str | None) -> str:
    """Write the page, if one is wanted, and return its path. If the run published nothing, it is about the newest."""
    if wanted is None or request.dry_run:
        return ""
    from pipeline.reports.page import report_page

    target = None if wanted == DEFAULT else path_of(wanted)
    return str(report_page(request.out, [run] if run else None, target))
