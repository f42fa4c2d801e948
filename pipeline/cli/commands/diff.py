"""`clean diff`: what a change of settings or version did, between two runs or two corpora."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.application import app
from pipeline.cli.options import OUT, OutletsOption, OutOption, OutputLocation, path_of, place_of, settings_in_force
from pipeline.console import PlainConsole, json_line
from pipeline.errors import UserError

if TYPE_CHECKING:
    from pipeline.reports.diff.sides import SidePair

#: Exit code with --exit-code where the sides differ, as of `git diff --exit-code`.
DIFFERENT = 1


@app.command()
def diff(  # noqa: PLR0913, PLR0917 - the options of the command, which typer calls by name
    old: Annotated[
        str | None, typer.Argument(metavar="OLD", help="A run of --out, another corpus, or FOLDER/RUN.")
    ] = None,
    new: Annotated[str | None, typer.Argument(metavar="NEW", help="What to compare it with, in the same form.")] = None,
    out: OutOption = OUT,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            metavar="FILE",
            parser=path_of,
            help="Compare OLD (default: all runs) with what these settings do.",
        ),
    ] = None,
    restored: Annotated[
        bool,
        typer.Option("--restored", help="With --config: clean the texts that the ledger restores, not the inputs."),
    ] = False,
    workers: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="With --config: worker processes; default: one a core.")
    ] = None,
    outlets: OutletsOption = None,
    rules: Annotated[
        list[str] | None,
        typer.Option(
            "--rule", metavar="NAME", help="Only cuts of this rule or reason; 'en.*' for several. May be repeated."
        ),
    ] = None,
    limit: Annotated[int, typer.Option(min=0, metavar="N", help="Show at most N samples of each rule.")] = 3,
    seed: Annotated[int, typer.Option(metavar="N", help="Another seed draws other samples.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="End with 1 if anything differs.")] = False,
) -> None:
    """Compare two runs, two corpora, or a run and other settings.

    With --config: what these settings would make of the documents of a run, without publishing anything.
    """
    from pipeline.reports.diff.as_json import as_dict
    from pipeline.reports.diff.compare import Chosen, compare
    from pipeline.reports.diff.context import shown_cuts
    from pipeline.reports.diff.page import render
    from pipeline.reports.rule_strengths import strengths_of

    with _sides(old, new, out, config, restored, workers or len(os.sched_getaffinity(0))) as sides:
        wanted = Chosen(tuple(outlets or ()), tuple(rules or ()), limit, seed, sides.passages, sides.inputs)
        found = compare(sides.old, sides.new, wanted)
        samples = shown_cuts(found, found.cut_samples.values())
        strengths = strengths_of(sides.old.corpus, sides.old.runs[-1:])
        strengths |= strengths_of(sides.new.corpus, sides.new.runs[-1:])
    found.notes += sides.notes
    if as_json:
        typer.echo(json_line(as_dict(found, samples)))
    else:
        PlainConsole().print(render(found, samples, bool(rules), strengths))
    if exit_code and not found.is_equal:
        sys.exit(DIFFERENT)


@contextmanager
def _sides(
    old: str | None, new: str | None, out: OutputLocation, config: Path | None, restored: bool, workers: int
) -> Iterator[SidePair]:
    """Yield the two sides; with a settings file the new one is cleaned into a temporary folder."""
    from pipeline.reports.diff.sides import Side, SidePair, side_of

    if config is None:
        if old is None or new is None:
            raise UserError(
                "name two runs or two output folders, or one and new settings: clean diff RUN --config FILE"
            )
        yield SidePair(side_of(old, out, place_of), side_of(new, out, place_of))
        return
    if new is not None:
        raise UserError("--config compares one run with what these settings would do: leave NEW out, or --config.")
    from pipeline.cli.progress import show_progress
    from pipeline.reports.diff.again import Cleaner, clean_again
    from pipeline.storage.reader import Corpus

    side = Side(corpus := Corpus(out), tuple(corpus.runs)) if old is None else side_of(old, out, place_of)
    with tempfile.TemporaryDirectory(prefix="copydesk-diff-") as folder:
        with show_progress(quiet=False) as progress:
            sides = clean_again(
                side, settings_in_force(config).settings, Cleaner(Path(folder), workers, progress), restored
            )
        yield sides
