"""`clean export`: the corpus in formats of other tools."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.application import app
from pipeline.cli.options import OUT, OutOption
from pipeline.console import PlainConsole, in_one_line
from pipeline.errors import UserError


class Format(StrEnum):
    """Formats of `clean export`."""

    jsonl = "jsonl"
    text = "text"
    csv = "csv"
    flows = "flows"


@app.command()
def export(
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
    out: OutOption = OUT,
) -> None:
    """Write the cleaned documents, or the passages copied between outlets (flows)."""
    from pipeline.reports.export import export_documents, export_flows
    from pipeline.storage.reader import Corpus

    if to is Format.flows and canonical:
        raise UserError("--canonical applies to texts, and --to flows writes none: leave one of the two out.")
    if to is Format.flows:
        n, unit = export_flows(Corpus(out), run, output), "flows"
    else:
        n, unit = export_documents(Corpus(out), run, to.value, output, canonical), "documents"
    if output:
        PlainConsole(stderr=True).print(in_one_line(f"{n:,} {unit} → {output}"))
