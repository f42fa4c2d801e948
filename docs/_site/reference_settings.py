"""The reference of the settings, from `config/default.toml` and the types of the code."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, get_args, get_origin, get_type_hints

from pipeline import config_files
from pipeline.settings import Settings

HEAD = """# Settings

This page is generated from `config/default.toml`, which `clean config` prints. A settings file is TOML and needs only
the keys that it changes; an unknown key is refused with the nearest known one.
"""
#: How people call the types.
NAMES = {int: "whole number", float: "number", str: "text", bool: "true or false", datetime: "time"}
SECTION = re.compile(r"\[([\w.]+)\]$")
KEY = re.compile(
    r"(?P<unset># )?(?P<name>[a-z_]+) = (?P<value>\"[^\"]*\"|'[^']*'|\[.*?\]|[^#\s]+)\s*(?:# ?(?P<meaning>.*))?$"
)


@dataclass
class Section:
    """A section of the file: its name, what is said of it, and its keys: name, value, meaning, set by default."""

    name: str
    prose: list[str] = field(default_factory=list)
    keys: list[tuple[str, str, str, bool]] = field(default_factory=list)


def sections(text: str | None = None) -> list[Section]:
    """Read the sections of the file of defaults, with the comments that stand in it."""
    found: list[Section] = []
    lines = (text or (config_files.folder() / "default.toml").read_text(encoding="utf-8")).splitlines()
    for line in map(str.strip, lines):
        if opened := SECTION.match(line):
            found.append(Section(opened[1]))
        elif found and (key := KEY.match(line)):
            found[-1].keys.append((key["name"], key["value"], (key["meaning"] or "").strip(), not key["unset"]))
        elif found and line.startswith("#"):
            found[-1].prose.append(line.removeprefix("#").strip())
    return found


def page() -> str:
    """Write the page: a table for each section."""
    return "\n".join([HEAD, *map(_section, sections())])


def _section(section: Section) -> str:
    types = types_of(section.name)
    rows = [f"| `{name}` | {_default(value, is_set)}; {_kind(types.get(name))} | {_cell(meaning)} |"
            for name, value, meaning, is_set in section.keys]  # fmt: skip
    table = ["| key | default | meaning |", "|---|---|---|", *rows]
    return "\n".join(
        [f"## [{section.name}] {{ #{section.name.replace('.', '-')} }}", "", *section.prose, "", *table, ""]
    )


def types_of(name: str) -> dict[str, Any]:
    """Return the types of the keys of a section, as `noise` or `sources.csv`."""
    cls: Any = Settings
    for part in name.split("."):
        cls = get_type_hints(cls)[part]
    return get_type_hints(cls)


def _kind(kind: Any) -> str:
    """Name a type as people do.

    >>> _kind(int), _kind(str | None), _kind(tuple[str, ...]), _kind(Literal["a", "b"])
    ('whole number', 'text', 'list of texts', '`a` or `b`')
    """
    arguments = [one for one in get_args(kind) if one not in (type(None), ...)]
    if get_origin(kind) is Literal:
        return " or ".join(f"`{one}`" for one in arguments)
    if get_origin(kind) is tuple:
        return "list of texts" if arguments == [str] else f"list of {_kind(arguments[0])}"
    return " or ".join(map(_kind, arguments)) if arguments else NAMES.get(kind, str(kind))


def _default(value: str, is_set: bool) -> str:
    return f"`{value}`" if is_set else f"not set, such as `{value}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")
