"""Settings that are found by themselves: a file `copydesk.toml`, and environment variables `COPYDESK_SECTION__KEY`.

Only the command line looks for them, at its edge; nothing else reads the environment. This module imports nothing that
cleans, for the up-to-date check.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from pipeline.config_files import SETTINGS_FILE
from pipeline.errors import UserError

PREFIX = "COPYDESK_"
#: Between section and key, and inside of a section: COPYDESK_SOURCES__FIELDS__TEXT.
SEPARATOR = "__"
#: The sections of settings; a test compares them with the dataclasses, which take too long to import here.
SECTIONS = (
    *("run", "spark", "stages", "store", "drift", "sources", "decode", "extract", "repair", "segment", "language"),
    *("page_kind", "evidence", "noise", "near_duplicates"),
)
WILDCARD = re.compile(r"[*?\[]")


class SettingsFile(NamedTuple):
    """A settings file, and how it came to be read."""

    path: Path
    named: bool = False  # by the user; else it was found
    beside_input: bool = False  # it may have come with the news, and is trusted less


def settings_file(config: Path | None, no_config: bool = False, inputs: Sequence[str] = ()) -> SettingsFile | None:
    """Return the settings file of a command: the named one, else that of the inputs' folder, else the working folder's.

    Raises UserError where inputs in several folders have one each, and for contradicting options.
    """
    if config is not None:
        if no_config:
            raise UserError("--config and --no-config contradict each other: leave one of the two out.")
        return SettingsFile(config, named=True)
    if no_config:
        return None
    here = Path(SETTINGS_FILE)
    beside = {path.resolve(): path for each in inputs if (path := settings_beside(each))}
    if len(beside) > 1:
        some = ", ".join(str(path) for path in beside.values())
        raise UserError(
            f"the inputs have a settings file each ({some}), and a run has one. Name it with --config, or give "
            "--no-config."
        )
    if beside and here.resolve() not in beside:
        return SettingsFile(next(iter(beside.values())), beside_input=True)
    return SettingsFile(here) if here.is_file() else None


def settings_beside(source: str) -> Path | None:
    """Return the settings file in the folder of an input, if there is one.

    A folder that may not be entered gives none here; what reads the input refuses it, and says why.
    """
    try:
        folder = folder_of(source)
        path = folder / SETTINGS_FILE if folder else None
        return path if path and path.is_file() else None
    except PermissionError:
        return None


def folder_of(source: str) -> Path | None:
    """Return the folder of an input: itself where it is one, else that which holds it; None where it is no file.

    >>> folder_of("news/*/may.txt"), folder_of("-"), folder_of("s3://press/crawl")
    (PosixPath('news'), None, None)
    """
    if source == "-" or "://" in source:
        return None
    certain = WILDCARD.split(source)[0]
    if certain != source:
        return Path(os.path.dirname(certain))  # noqa: PTH120 - "news/" is a folder, as its name says
    path = Path(source)
    return path if path.is_dir() else path.parent


def variables(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the environment variables that are settings, or look like misspelt ones, by name, in order.

    Those without a section are not ours (COPYDESK_OUT of a service, say).

    >>> variables({"COPYDESK_OUT": "corpus", "COPYDESK_NOISE__MIN_ODDS": "8", "HOME": "/root"})
    {'COPYDESK_NOISE__MIN_ODDS': '8'}
    """
    return {name: environment[name] for name in sorted(environment) if name.startswith(PREFIX) and is_setting(name)}


def is_setting(name: str) -> bool:
    """Tell if a variable with our prefix is meant as a setting.

    >>> is_setting("COPYDESK_NOISE__KEEP"), is_setting("COPYDESK_NOISE_KEEP"), is_setting("COPYDESK_RUNNER")
    (True, True, False)
    """
    rest = name.removeprefix(PREFIX)
    return SEPARATOR in rest or rest.startswith(tuple(f"{section.upper()}_" for section in SECTIONS))
