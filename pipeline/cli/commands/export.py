"""`clean export`: the corpus in formats of other tools."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.application import app, complain
from pipeline.cli.options import (
    OUT,
    KindsOption,
    LanguagesOption,
    MinWordsOption,
    NoDuplicatesOption,
    OutletsOption,
    OutOption,
    SinceOption,
    UntilOption,
    names_of,
    path_of,
    selection_of,
)
from pipeline.console import PlainConsole, in_one_line
from pipeline.interrupts import INTERRUPTED
from pipeline.reports.exports.registry import DEFAULT, FORMATS, format_for

if TYPE_CHECKING:
    from pipeline.reports.exports.job import ExportReport

#: The output that is standard output, as other programs have it.
STDOUT = Path("-")


def _list_of_formats() -> str:
    """Return the formats for the help, a line each (\\b: not to be filled as prose)."""
    return "\b\nFormats:\n" + "\n".join(f"  {each.name:<9} {each.summary}" for each in FORMATS.values())


@app.command(epilog=_list_of_formats())
def export(  # noqa: PLR0913, PLR0917 - the options of the command, which typer calls by name
    run: Annotated[str | None, typer.Argument(metavar="RUN", help="The run; default: all.")] = None,
    out: OutOption = OUT,
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="FORMAT",
            help=f"The format, see below; default: by the suffix of the output, {DEFAULT} on standard output.",
            autocompletion=lambda: list(FORMATS),
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="PATH",
            help="The result: a file or folder; default: standard output.",
            parser=path_of,
        ),
    ] = None,
    columns: Annotated[
        list[str] | None, typer.Option("--columns", metavar="A,B,C", help="Only these columns, in this order.")
    ] = None,
    canonical: Annotated[
        bool, typer.Option("--canonical", help="Texts without passages that another document had first.")
    ] = False,
    split: Annotated[
        str | None,
        typer.Option(
            "--split",
            metavar="NAME=SHARE,…",
            help="Divide by cluster: train=0.8,validation=0.1,test=0.1 share no copies.",
        ),
    ] = None,
    sample: Annotated[
        int | None, typer.Option("--sample", min=1, metavar="N", help="Only N documents, drawn at random.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, metavar="N", help="The seed of --sample and --split.")] = 0,
    raw: Annotated[
        bool, typer.Option("--raw", help="CSV and TSV: leave cells that begin like formulas as they are.")
    ] = False,
    outlets: OutletsOption = None,
    languages: LanguagesOption = None,
    kinds: KindsOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    min_words: MinWordsOption = 0,
    no_duplicates: NoDuplicatesOption = False,
) -> None:
    """Write documents, or flows between outlets, for other tools.

    --out is the corpus that is read, -o (--output) the result that is written.
    """
    chosen_format = format_for(to, None if output in {None, STDOUT} else output)
    from pipeline.reports.exports.job import ExportRequest
    from pipeline.reports.exports.job import export as carry_out
    from pipeline.storage.reader import Corpus

    request = ExportRequest(
        format=chosen_format,
        output=None if output == STDOUT else output,
        selection=selection_of(
            run=run,
            outlets=outlets,
            languages=languages,
            kinds=kinds,
            since=since,
            until=until,
            min_words=min_words,
            no_duplicates=no_duplicates,
        ),
        columns=names_of(columns),
        canonical=canonical,
        raw=raw,
        split=split,
        sample=sample,
        seed=seed,
    )
    try:
        report = carry_out(Corpus(out), request)
    except KeyboardInterrupt:
        complain("interrupted; no file was changed.", INTERRUPTED)
    _print(report, request.output)


def _print(report: ExportReport, output: Path | None) -> None:
    """Say on standard error what was written and what was altered."""
    console = PlainConsole(stderr=True)
    for line in report.lines(output):
        console.print(in_one_line(line), soft_wrap=True)
