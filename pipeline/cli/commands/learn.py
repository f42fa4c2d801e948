"""`clean learn`: paragraphs that outlets repeat, for a person to accept or refuse."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from pipeline.cli.application import app
from pipeline.cli.options import OUT, ConfigOption, NoConfigOption, OutOption, settings_in_force, words_of
from pipeline.console import PlainConsole, json_line
from pipeline.errors import UserError


@app.command()
def learn(
    out: OutOption = OUT,
    config: ConfigOption = None,
    no_config: NoConfigOption = False,
    outlet: Annotated[
        str | None, typer.Option(help="Only templates of this outlet.", metavar="NAME", parser=words_of)
    ] = None,
    min_support: Annotated[int, typer.Option(min=1, metavar="N", help="Only paragraphs on at least N pages.")] = 3,
    review: Annotated[bool, typer.Option("--review", help="Ask about each: accept, refuse, skip, quit.")] = False,
    outlets: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The folder of answers; default: [evidence] outlets.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the templates as JSON.")] = False,
) -> None:
    """List paragraphs that outlets repeat, and accept or refuse them.

    An accepted one is a template: later runs cut it where it stands again.
    """
    from pipeline.storage.reader import Corpus
    from pipeline.templates.review import proposals, render
    from pipeline.templates.review import review as ask_about

    if review and as_json:
        raise UserError("--review and --json cannot be used together: leave one of the two out.")
    folder = outlets or Path(settings_in_force(config, no_config).settings.evidence.outlets)
    found = proposals(Corpus(out), folder, outlet, min_support)
    console = PlainConsole()
    if as_json:
        typer.echo(json_line([each.as_dict() for each in found]))
    elif review:
        console.print(Text("\n" + ask_about(found, folder, input, console.print), style="green"), soft_wrap=True)
    else:
        console.print(render(found, min_support), soft_wrap=not found)
