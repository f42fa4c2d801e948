"""`clean config`: the settings that would be used."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.application import app
from pipeline.cli.options import ConfigOption, NoConfigOption, settings_in_force
from pipeline.console import in_one_line


@app.command()
def config(
    inputs: Annotated[
        list[str] | None,
        typer.Argument(metavar="INPUT", help="Inputs of a run that may have a settings file beside them."),
    ] = None,
    config: ConfigOption = None,
    no_config: NoConfigOption = False,
) -> None:
    """Print the settings that would be used, and what set them."""
    from pipeline import settings
    from pipeline.settings import template_answers
    from pipeline.settings.rule_packs import noise_settings

    loaded = settings_in_force(config, no_config, inputs or ())
    chosen = loaded.settings
    noise_settings(chosen)  # a missing rule pack is reported here too, and so is a bad folder of answers
    template_answers.load(Path(chosen.evidence.outlets))
    if loaded.changed:
        typer.echo("# Not at its default, and what set it:")
        for each in loaded.changed:
            typer.echo(in_one_line(f"#     {each.in_words()}    ({each.origin})"))
        typer.echo("")
    typer.echo(settings.as_toml(chosen), nl=False)
