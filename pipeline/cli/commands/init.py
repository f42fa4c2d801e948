"""`clean init`: a settings file that says how inputs are read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.application import app
from pipeline.cli.options import ConfigOption, NoConfigOption, settings_in_force
from pipeline.console import PlainConsole, StandardOutput, in_one_line
from pipeline.errors import UserError


@app.command()
def init(
    inputs: Annotated[list[str], typer.Argument(metavar="INPUT", help="File, folder, glob or URL.")],
    config: ConfigOption = None,
    no_config: NoConfigOption = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="The file to write; default: standard output.")
    ] = None,
) -> None:
    """Show how inputs would be read, as a settings file.

    It names their kinds, columns, outlets, dates and languages, and the first articles. Mend there what is wrong.
    """
    from pipeline.reports.preview import look_at

    chosen = settings_in_force(config, no_config, inputs).settings
    if output is not None and output.exists():
        raise UserError(f"--output {output}: this file exists, and it may be yours. Remove it, or name another.")
    written = look_at(inputs, chosen).as_toml()
    if output is None:
        StandardOutput().write(written)
        return
    try:
        output.write_text(written, encoding="utf-8")
    except OSError as error:
        raise UserError(f"--output {output}: cannot be written ({error.strerror}).") from None
    line = f"written to {output}; to use it: clean run {' '.join(inputs)} --config {output}"
    PlainConsole().print(in_one_line(line), soft_wrap=True)
