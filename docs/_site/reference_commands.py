"""The reference of the command line, from the commands themselves."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Any, get_args

from typer.main import get_command

from pipeline.cli import app

HEAD = """# Command line

This page is generated from the code. `clean COMMAND --help` prints the same. [Exit codes](exit-codes.md) have a page of
their own.
"""


def commands() -> dict[str, Any]:
    """Return the commands that `clean --help` lists, by name; those inside a command as `command subcommand`."""
    return _below(get_command(app), "")


def _below(group: Any, prefix: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, command in group.commands.items():
        if command.hidden:
            continue
        found |= _below(command, f"{prefix}{name} ") if hasattr(command, "commands") else {f"{prefix}{name}": command}
    return found


def parameters(command: Any) -> list[Any]:
    """Return the arguments and options that the help of a command shows."""
    return [parameter for parameter in command.params if not getattr(parameter, "hidden", False)]


def choices(parameter: Any) -> list[str]:
    """Return the words that an option takes, none if it takes any."""
    annotation = getattr(getattr(parameter, "type_descriptor", None), "annotation", None)
    return [str(getattr(choice, "value", choice)) for choice in [*get_args(annotation), *_members(annotation)]
            if isinstance(getattr(choice, "value", choice), str)]  # fmt: skip


def _members(annotation: Any) -> list[Any]:
    return list(annotation) if isinstance(annotation, type) and issubclass(annotation, Enum) else []


def page() -> str:
    """Write the page: a section for each command."""
    return "\n".join([HEAD, *(_section(name, command) for name, command in commands().items())])


def _section(name: str, command: Any) -> str:
    rows = [_row(parameter) for parameter in parameters(command) if parameter.name != "help"]
    table = ["| argument or option | meaning |", "|---|---|", *rows] if rows else []
    end = ["```text", command.epilog.replace("\b\n", ""), "```", ""] if command.epilog else []
    return "\n".join([f"## clean {name}", "", _prose(command.help or ""), "", *table, "", *end])


def _prose(text: str) -> str:
    return text.replace("\f", "\n\n").replace("<", "&lt;")


def _row(parameter: Any) -> str:
    meaning = cell(getattr(parameter, "help", None) or "")
    words = choices(parameter)
    one_of = f" One of {', '.join(f'`{word}`' for word in words)}." if words else ""
    default = _default(parameter)
    return f"| {_names(parameter)} | {meaning}{one_of}{f' Default: `{cell(default)}`.' if default else ''} |"


def _names(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return f"`{(parameter.metavar or parameter.name.upper()).strip('[]')}`"
    value = "" if parameter.is_flag else f" {parameter.metavar or parameter.name.upper()}"
    return ", ".join(f"`{name}{value}`" for name in [*parameter.opts, *parameter.secondary_opts])


def _default(parameter: Any) -> str:
    default = parameter.default
    shown = default is not None and default != "" and default is not False and default != () and not callable(default)
    return (
        (default.as_posix() if isinstance(default, Path) else str(getattr(default, "value", default))) if shown else ""
    )


def cell(text: str) -> str:
    """Escape what would end a cell of a table or begin a tag."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
