"""`clean verify`: checks of a corpus, and repairs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.application import app
from pipeline.cli.options import OUT, ConfigOption, NoConfigOption, OutOption, OutputLocation, settings_in_force
from pipeline.console import PlainConsole, in_one_line

if TYPE_CHECKING:
    from pipeline.settings import Settings


@app.command()
def verify(
    out: OutOption = OUT,
    repair: Annotated[
        bool, typer.Option("--repair", help="First mend what killed runs, power cuts and older versions left.")
    ] = False,
    config: ConfigOption = None,
    no_config: NoConfigOption = False,
) -> None:
    """Check the tables, the conservation law, the lock and leftovers."""
    from pipeline.reports.verify import check
    from pipeline.storage.reader import Corpus

    console = PlainConsole()
    if repair and not _repair(out, settings_in_force(config, no_config).settings, console):
        return
    findings = check(Corpus(out))
    for finding in findings.wrong:
        console.print(in_one_line(f"wrong: {finding}"), style="red", soft_wrap=True)
    for finding in findings.remarks:
        console.print(in_one_line(finding), style="yellow", soft_wrap=True)
    if findings.wrong:
        raise typer.Exit(1)
    console.print(findings.praise(), style="green")


def _repair(out: OutputLocation, chosen: Settings, console: PlainConsole) -> bool:
    """Mend an output location and print what was done; tell if there are runs to be checked."""
    from pipeline.reports.repair import repair
    from pipeline.storage.location import output_location, store_at

    location = output_location(out, chosen.store)
    for each in repair(location, chosen) or ["nothing to repair"]:
        console.print(in_one_line(each), style="yellow", soft_wrap=True)
    return bool(store_at(location).runs())
