"""`clean forget`: articles taken out of all tables."""

from __future__ import annotations

from typing import Annotated

import typer

from pipeline.cli.application import app
from pipeline.cli.options import OUT, ConfigOption, NoConfigOption, OutOption, settings_in_force, words_of
from pipeline.console import PlainConsole


@app.command()
def forget(
    doc_id: Annotated[str | None, typer.Argument(metavar="DOC_ID", help="The article's id.")] = None,
    url: Annotated[
        str | None, typer.Option(help="The article's address: all of its versions.", metavar="TEXT", parser=words_of)
    ] = None,
    outlet: Annotated[
        str | None, typer.Option(help="All articles of an outlet.", metavar="TEXT", parser=words_of)
    ] = None,
    out: OutOption = OUT,
    config: ConfigOption = None,
    no_config: NoConfigOption = False,
) -> None:
    """Remove articles from all tables and keep them out."""
    from pipeline import api
    from pipeline.storage.location import output_location

    chosen = settings_in_force(config, no_config).settings
    n = api.forget(output_location(out, chosen.store), chosen, doc_id, url, outlet)
    PlainConsole().print(f"{n:,} articles forgotten; `clean verify` checks that nothing is left of them")
