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
    "DocumentArgument",
    "KindsOption",
    "LanguagesOption",
    "MinWordsOption",
    "NoConfigOption",
    "NoDuplicatesOption",
    "OutOption",
    "OutletsOption",
    "OutputLocation",
    "SinceOption",
    "UntilOption",
    "names_of",
    "path_of",
    "place_of",
    "selection_of",
    "settings_in_force",
    "words_of",
]

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.settings import LoadedSettings
    from pipeline.storage.protocol import OutputLocation
    from pipeline.storage.selection import Selection
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


def names_of(texts: list[str] | None) -> tuple[str, ...]:
    """Return the names that an option gives, repeated or in a list with commas, each once and in their order.

    >>> names_of(["de, en", "fr", "de"])
    ('de', 'en', 'fr')
    """
    found = (name.strip() for text in texts or () for name in text.split(","))
    return tuple(dict.fromkeys(name for name in found if name))


def selection_of(
    *,
    run: str | None = None,
    outlets: list[str] | None = None,
    languages: list[str] | None = None,
    kinds: list[str] | None = None,
    since: str | None = None,
    until: str | None = None,
    min_words: int = 0,
    no_duplicates: bool = False,
) -> Selection:
    """Build the selection that the options of a command describe. Raises UserError for one that can match nothing."""
    from pipeline.sources.window import window_of
    from pipeline.storage.selection import Selection

    window = window_of(since, until)
    return Selection(
        runs=() if run is None else (run,),
        outlets=tuple(dict.fromkeys(outlets or ())),
        languages=tuple(name.lower() for name in names_of(languages)),
        page_kinds=names_of(kinds),
        since=window.since,
        until=window.until,
        min_words=min_words,
        without_duplicates=no_duplicates,
    )


OutOption = Annotated[
    OutputLocation,
    typer.Option("--out", help="The corpus: a folder, or s3://bucket/prefix.", metavar="DIR", parser=place_of),
]
#: The one document of a command.
DocumentArgument = typer.Argument(
    metavar="ID|URL|TITLE|FILE", help="An id or the beginning of it, an address, words of a title, or a file."
)
#: Of commands that write nothing but a corpus, so that -o can mean no other output.
RunOutOption = Annotated[
    OutputLocation,
    typer.Option("--out", "-o", help="The corpus: a folder, or s3://bucket/prefix.", metavar="DIR", parser=place_of),
]
ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", help="A TOML file with settings; default: copydesk.toml.", metavar="FILE", parser=path_of),
]
NoConfigOption = Annotated[bool, typer.Option("--no-config", help="Read no settings file.")]
OutletsOption = Annotated[
    list[str] | None,
    typer.Option("--outlet", help="Only this outlet. May be repeated.", metavar="NAME", parser=words_of),
]
LanguagesOption = Annotated[
    list[str] | None,
    typer.Option("--language", help="Only this language (en,de; und: unknown). May be repeated.", metavar="CODE"),
]
KindsOption = Annotated[
    list[str] | None,
    typer.Option("--kind", help="Only this kind of page (article,opinion). May be repeated.", metavar="KIND"),
]
SinceOption = Annotated[
    str | None, typer.Option("--since", help="Only documents published at this time or later.", metavar="TIME")
]
UntilOption = Annotated[
    str | None, typer.Option("--until", help="Only documents published before this time.", metavar="TIME")
]
MinWordsOption = Annotated[
    int, typer.Option("--min-words", min=0, help="Only documents of at least N words.", metavar="N")
]
NoDuplicatesOption = Annotated[
    bool, typer.Option("--no-duplicates", help="Leave out documents that copy another one as a whole.")
]
OUT = Path("out")


def settings_in_force(config: Path | None, no_config: bool = False, inputs: Sequence[str] = ()) -> LoadedSettings:
    """Load the settings of a command from file and environment; say in one line what was found by itself."""
    from pipeline.settings import load_layers
    from pipeline.settings.layers import found_notice

    file, found = settings_file(config, no_config, inputs), variables()
    if notice := found_notice(file, list(found)):
        PlainConsole(stderr=True).print(in_one_line(notice), style="dim", soft_wrap=True)
    return load_layers(file, found, {})
