"""`clean forget`: articles taken out of all tables."""

from __future__ import annotations

from typing import Annotated

import typer

from pipeline.cli.application import app
from pipeline.cli.options import OUT, ConfigOption, NoConfigOption, OutOption, settings_in_force, words_of
from pipeline.cli.removal import DryRunOption, YesOption, is_meant, show
from pipeline.console import PlainConsole, counted
from pipeline.errors import UserError


@app.command()
def forget(
    doc_id: Annotated[
        str | None, typer.Argument(metavar="DOC_ID", help="The document's id, or the beginning of it.")
    ] = None,
    url: Annotated[
        str | None, typer.Option(help="All versions of the article at this address.", metavar="URL", parser=words_of)
    ] = None,
    outlet: Annotated[
        str | None, typer.Option(help="All articles of this outlet.", metavar="NAME", parser=words_of)
    ] = None,
    out: OutOption = OUT,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    config: ConfigOption = None,
    no_config: NoConfigOption = False,
) -> None:
    """Remove articles from all tables and keep them out."""
    from pipeline import api
    from pipeline.runs.naming import Named, taken_with
    from pipeline.storage.location import output_location, store_at

    chosen = settings_in_force(config, no_config).settings
    location, named = output_location(out, chosen.store), Named(doc_id, url, outlet)
    if dry_run:
        show(taken_with(store_at(location), named), "would remove")
        return
    if not yes:
        try:
            show(taken_with(store_at(location), named), "removes")
        except UserError:
            pass  # a name that is not there may have been forgotten by half
        else:
            if not is_meant():
                return
    n = api.forget(location, chosen, doc_id, url, outlet)
    PlainConsole().print(f"{counted(n, 'article')} forgotten; `clean verify` checks that no trace is left")
