"""`clean delete`: whole runs taken out of all tables."""

from __future__ import annotations

from typing import Annotated

import typer

from pipeline.cli.application import app
from pipeline.cli.options import OUT, ConfigOption, NoConfigOption, OutOption, settings_in_force
from pipeline.cli.removal import DryRunOption, YesOption, is_meant, show
from pipeline.console import PlainConsole, counted


@app.command()
def delete(
    runs: Annotated[list[str], typer.Argument(metavar="RUN", help="A run's id; `clean runs` lists them.")],
    out: OutOption = OUT,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    config: ConfigOption = None,
    no_config: NoConfigOption = False,
) -> None:
    """Remove whole runs; their articles can be cleaned again."""
    from pipeline import api
    from pipeline.runs.naming import taken_with_runs
    from pipeline.storage.location import output_location, store_at

    chosen = settings_in_force(config, no_config).settings
    location = output_location(out, chosen.store)
    if dry_run or not yes:
        show(taken_with_runs(store_at(location), runs), "would remove" if dry_run else "removes")
    if dry_run or not (yes or is_meant()):
        return
    n = api.delete(location, chosen, runs)
    PlainConsole().print(f"{counted(len(runs), 'run')} deleted, with {counted(n, 'article')}")
