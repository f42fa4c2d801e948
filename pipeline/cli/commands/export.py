"""`clean export`: the corpus in formats of other tools."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.application import app
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
    selection_of,
)
from pipeline.console import PlainConsole, in_one_line
from pipeline.errors import UserError


class Format(StrEnum):
    """Formats of `clean export`."""

    jsonl = "jsonl"
    text = "text"
    csv = "csv"
    flows = "flows"


@app.command()
def export(  # noqa: PLR0913, PLR0917 - the options of the command, which typer calls by name
    run: Annotated[str | None, typer.Argument(metavar="RUN", help="The run; default: all.")] = None,
    to: Annotated[
        Format, typer.Option("--to", help="A text: a file each. Flows: who printed whose words.")
    ] = Format.jsonl,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="PATH", help="Where to; default: standard output.")
    ] = None,
    canonical: Annotated[
        bool, typer.Option("--canonical", help="Texts without passages that others had first.")
    ] = False,
    outlets: OutletsOption = None,
    languages: LanguagesOption = None,
    kinds: KindsOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    min_words: MinWordsOption = 0,
    no_duplicates: NoDuplicatesOption = False,
    out: OutOption = OUT,
) -> None:
    """Write the cleaned documents, or the passages copied between outlets (flows)."""
    from pipeline.reports.export import export_documents, export_flows
    from pipeline.storage.reader import Corpus

    chosen = selection_of(
        run=run,
        outlets=outlets,
        languages=languages,
        kinds=kinds,
        since=since,
        until=until,
        min_words=min_words,
        no_duplicates=no_duplicates,
    )
    if to is Format.flows and chosen.expression() is not None:
        raise UserError("flows are counted over whole runs: leave out the options that choose documents.")
    if to is Format.flows and canonical:
        raise UserError("--canonical applies to texts, and --to flows writes none: leave one of the two out.")
    if to is Format.flows:
        n, unit = export_flows(Corpus(out), run, output), "flows"
    else:
        n, unit = export_documents(Corpus(out), chosen, to.value, output, canonical), "documents"
    if output:
        PlainConsole(stderr=True).print(in_one_line(f"{n:,} {unit} → {output}"))
