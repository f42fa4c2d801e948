"""`clean explain`: which changes were made to a document, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.application import app
from pipeline.cli.options import OUT, ConfigOption, NoConfigOption, OutOption, settings_in_force
from pipeline.console import PlainConsole


@app.command()
def explain(
    document: Annotated[str, typer.Argument(metavar="DOC_ID|FILE", help="A document's id, or a file.")],
    out: OutOption = OUT,
    config: ConfigOption = None,
    no_config: NoConfigOption = False,
) -> None:
    """Show line by line which changes were made to a document, and why."""
    from pipeline.reports.explain import explain_document, explain_file
    from pipeline.storage.reader import Corpus

    if document and Path(document).exists():
        explanations = explain_file(document, settings_in_force(config, no_config, [document]).settings)
    else:
        explanations = [explain_document(Corpus(out), document)]
    console = PlainConsole()
    for each in explanations:
        console.print(each.render())
