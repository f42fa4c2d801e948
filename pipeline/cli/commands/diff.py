"""`clean diff`: what a change of settings or version did, between two runs or two corpora."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from pipeline.cli.application import app, interruptible
from pipeline.cli.options import OUT, OutOption, place_of, words_of
from pipeline.console import PlainConsole, json_line
from pipeline.errors import UserError

#: Exit code with --exit-code where the sides differ, as of `git diff --exit-code`.
DIFFERENT = 1


@app.command()
@interruptible
def diff(  # noqa: PLR0913, PLR0917 - the options of the command, which typer calls by name
    old: Annotated[str, typer.Argument(metavar="OLD", help="A run of --out, an output folder, or FOLDER/RUN.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="What to compare it with, likewise.")],
    out: OutOption = OUT,
    outlets: Annotated[
        list[str] | None,
        typer.Option("--outlet", help="Only this outlet. May be repeated.", metavar="NAME", parser=words_of),
    ] = None,
    rules: Annotated[
        list[str] | None,
        typer.Option(
            "--rule", metavar="NAME", help="Only cuts of this rule or reason; en.* for several. May be repeated."
        ),
    ] = None,
    limit: Annotated[int, typer.Option(min=0, metavar="N", help="Samples of each rule.")] = 3,
    seed: Annotated[int, typer.Option(metavar="N", help="Another seed draws other samples.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="End with 1 if anything differs.")] = False,
) -> None:
    """Compare two runs or two corpora: cuts by rule and outlet with samples, documents, words, columns, passages."""
    from pipeline.reports.diff.as_json import as_dict
    from pipeline.reports.diff.compare import Chosen, compare
    from pipeline.reports.diff.context import shown_cuts
    from pipeline.reports.diff.page import render
    from pipeline.reports.diff.sides import side_of

    sides = (side_of(old, out, place_of), side_of(new, out, place_of))
    try:
        found = compare(*sides, Chosen(tuple(outlets or ()), tuple(rules or ()), limit, seed))
        samples = shown_cuts(found, found.cut_samples.members())
    except FileNotFoundError as error:
        raise UserError(f"a table is not there ({error}). Try: clean verify") from None
    if as_json:
        typer.echo(json_line(as_dict(found, samples)))
    else:
        PlainConsole().print(render(found, samples, only_cuts=bool(rules)))
    if exit_code and not found.is_equal:
        sys.exit(DIFFERENT)
