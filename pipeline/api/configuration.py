"""Settings from Python: from a dictionary, a file, or both."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.settings import Settings, parse
from pipeline.settings import load as load_settings

#: What functions of the API take as settings: None for the defaults, settings, their keys by section, or a file.
GivenSettings = Settings | Mapping[str, Mapping[str, Any]] | str | os.PathLike[str] | None


def settings(
    values: Mapping[str, Mapping[str, Any]] | None = None, *, file: str | os.PathLike[str] | None = None
) -> Settings:
    """Make settings from keys by section, over those of a settings file, over the defaults.

    The keys are those of the settings file; `clean config` shows each with its meaning. Raises UserError for a section,
    a key or a value that is not allowed, and names the nearest one that is.

    >>> settings({"near_duplicates": {"dropped": "mark"}}).near_duplicates.dropped
    'mark'
    >>> settings({"noise": {"min_ods": 3.0}})
    Traceback (most recent call last):
    pipeline.errors.UserError: settings, [noise]: unknown key 'min_ods'; did you mean 'min_odds'?
    """
    if values is not None and not isinstance(values, Mapping):
        raise TypeError(f"settings are a dictionary of sections, not {type(values).__name__}; a file goes in file=")
    sections = {name: dict(each) if isinstance(each, Mapping) else each for name, each in (values or {}).items()}
    if file is None:
        return parse(sections)
    return load_settings(Path(file), sections)


def settings_of(given: GivenSettings) -> Settings:
    """Return the settings that a caller gave in any of the forms that are taken."""
    if given is None:
        return defaults()
    if isinstance(given, Settings):
        return given
    if isinstance(given, Mapping):
        return settings(given)
    if isinstance(given, str | os.PathLike):
        return settings(file=given)
    raise TypeError(f"settings are copydesk.settings(…), a dictionary or a path, not {type(given).__name__}")


@cache
def defaults() -> Settings:
    """Return the settings that hold where none are given."""
    return parse({})
