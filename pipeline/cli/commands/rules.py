"""`clean rules`: the rules with their examples, or what they would cut."""

from __future__ import annotations

from typing import Annotated

import typer

from pipeline.cli.application import app
from pipeline.cli.options import ConfigOption
from pipeline.console import PlainConsole


@app.command()
def rules(
    config: ConfigOption = None,
    try_file: Annotated[
        str | None, typer.Option("--try", metavar="FILE", help="Show what the rules would cut from a file.")
    ] = None,
) -> None:
    """List the rules with examples, or try them on a file."""
    from pipeline import settings
    from pipeline.reports.explain import explain_file
    from pipeline.reports.explain_terminal import render
    from pipeline.reports.rules import rule_list

    chosen = settings.load(config)
    console = PlainConsole()
    if try_file is None:
        console.print(rule_list(chosen))
        return
    for each in explain_file(try_file, chosen):
        console.print(render(each, only_changes=True), crop=False)
