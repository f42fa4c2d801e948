"""`clean runs`: the history of published runs."""

from __future__ import annotations

from typing import Annotated

import typer

from pipeline.cli.application import app
from pipeline.cli.options import OUT, OutOption
from pipeline.console import PlainConsole, json_line


@app.command()
def runs(
    out: OutOption = OUT, as_json: Annotated[bool, typer.Option("--json", help="Print manifests as JSON.")] = False
) -> None:
    """List the published runs, each beside the median of those before."""
    from pipeline.reports.run_history import as_dicts, history
    from pipeline.storage.reader import Corpus

    corpus = Corpus(out)
    if as_json:
        typer.echo(json_line(as_dicts(corpus)))
    else:
        PlainConsole().print(history(corpus))
