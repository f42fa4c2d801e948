"""Options that several commands have, and how their values are parsed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.console import PlainConsole, in_one_line
from pipeline.errors import UserError
from pipeline.found_settings import settings_file, variables

__all__ = [
    "OUT",
    "ConfigOption",
    "NoConfigOption",
    "OutOption",
    "OutputLocation",
    "path_of",
    "place_of",
    "settings_in_force",
    "words_of",
]

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.settings import LoadedSettings
    from pipeline.storage.protocol import OutputLocation
else:
    OutputLocation = Path  # typer wants a class; `place_of` parses the text


def path_of(text: str) -> Path:
    """Return a path. Refuse an empty one (`--out "$UNSET"`), which would mean the current folder."""
    if not str(text):
        raise UserError("an option that needs a path was given an empty one. Leave the option out, or name the path.")
    return Path(text)


def place_of(text: str) -> OutputLocation:
    """Return the output location that --out names. Only a store needs the packages that read stores."""
    if "://" not in str(text):
        return path_of(text)
    from pipeline.storage.location import output_location

    return output_location(text)


def words_of(text: str) -> str:
    """Return text that will be compared with text of documents. Refuse bytes that are not UTF-8."""
    try:
        return text.encode().decode()
    except UnicodeEncodeError:
        raise UserError(f"{text!r}: these bytes are not valid UTF-8, so no document can hold them.") from None


OutOption = Annotated[
    OutputLocation,
    typer.Option("--out", help="The output: a folder, or s3://bucket/prefix.", metavar="DIR", parser=place_of),
]
ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", help="A TOML file with settings; default: copydesk.toml.", metavar="FILE", parser=path_of),
]
NoConfigOption = Annotated[bool, typer.Option("--no-config", help="Read no settings file.")]
OUT = Path("out")


def settings_in_force(config: Path | None, no_config: bool = False, inputs: Sequence[str] = ()) -> LoadedSettings:
    """Load the settings of a command from file and environment; say in one line what was found by itself."""
    from pipeline.settings import load_layers
    from pipeline.settings.layers import found_notice

    file, found = settings_file(config, no_config, inputs), variables()
    if notice := found_notice(file, list(found)):
        PlainConsole(stderr=True).print(in_one_line(notice), style="dim", soft_wrap=True)
    return load_layers(file, found, {})
