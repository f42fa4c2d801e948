"""`clean report`: what a run did, as one self-contained HTML page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from pipeline.cli.application import app
from pipeline.cli.options import OUT, OutOption, path_of
from pipeline.console import PlainConsole, in_one_line
from pipeline.errors import UserError


@app.command()
def report(
    run: Annotated[str | None, typer.Argument(metavar="RUN", help="The run; default: the newest.")] = None,
    out: OutOption = OUT,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="The file to write; default: reports/RUN.html in the corpus.",
            parser=path_of,
        ),
    ] = None,
    all_runs: Annotated[bool, typer.Option("--all-runs", help="One page about all runs together.")] = False,
) -> None:
    """Write a page that shows what a run kept, cut and found copied."""
    from pipeline.cli.progress import show_progress
    from pipeline.reports.page import report_page
    from pipeline.storage.reader import Corpus

    if run is not None and all_runs:
        raise UserError("--all-runs is about every run, and a run was named: leave one of the two out.")
    runs = Corpus(out).runs if all_runs else None if run is None else [run]
    with show_progress(quiet=False) as progress:
        page = report_page(out, runs, output, progress)
    PlainConsole().print(Text(in_one_line(f"report: {page}")), soft_wrap=True)
