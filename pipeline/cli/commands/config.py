"""`clean config`: the settings that would be used."""

from __future__ import annotations

from pathlib import Path

import typer

from pipeline.cli.application import app
from pipeline.cli.options import ConfigOption


@app.command()
def config(config: ConfigOption = None) -> None:
    """Print the settings that would be used, with their meaning."""
    from pipeline import settings
    from pipeline.settings import template_answers
    from pipeline.settings.rule_packs import noise_settings

    chosen = settings.load(config)
    noise_settings(chosen)  # a missing rule pack is reported here too, and so is a bad folder of answers
    template_answers.load(Path(chosen.evidence.outlets))
    typer.echo(settings.as_toml(chosen), nl=False)
