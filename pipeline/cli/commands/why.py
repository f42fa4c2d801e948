"""`clean why`: where a sentence went."""

from __future__ import annotations

from typing import Annotated

import typer

from pipeline.cli.application import app
from pipeline.cli.options import OUT, OutOption
from pipeline.console import PlainConsole, json_line


@app.command()
def why(
    sentence: Annotated[
        list[str], typer.Argument(metavar="SENTENCE", help="A sentence, or three words or more of it.")
    ],
    out: OutOption = OUT,
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="Show at most N places, the earliest first.")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
) -> None:
    """Show where a sentence went, and who had it first.

    It was kept, cut (and why), moved to a column, or copied.
    """
    from pipeline.reports.why.page import answer, render
    from pipeline.storage.reader import Corpus

    given = answer(Corpus(out), " ".join(sentence), limit)
    if as_json:
        typer.echo(json_line(given.as_dict()))
    else:
        PlainConsole().print(render(given))
