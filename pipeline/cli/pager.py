"""Pager: what is longer than the terminal is shown page by page, as `git` does it."""

from __future__ import annotations

import io
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable
from typing import TextIO

from rich.console import RenderableType

from pipeline.console import PlainConsole

#: What less is told if nobody says otherwise: colours stay, and what fits on one screen is left there.
LESS = "FRX"


def print_in_pages(parts: Iterable[RenderableType], wanted: bool = True) -> None:
    """Print parts one by one; on a terminal that they do not fit on, through the pager that PAGER names.

    Parts are rendered when there is room for them, so that their number does not matter. `PAGER=cat`, an empty one and
    `wanted` false print without a pager.
    """
    command = pager_command() if wanted and sys.stdout.isatty() else []
    if not command:
        console = PlainConsole()
        for part in parts:
            console.print(part, crop=False)
        return
    height = shutil.get_terminal_size().lines
    held, rest = "", iter(parts)
    for part in rest:
        held += rendered(part)
        if held.count("\n") >= height - 1:
            show(command, held, rest)
            return
    sys.stdout.write(held)


def pager_command() -> list[str]:
    """Return the command of the pager; empty where there is none, or none is wanted."""
    if os.environ.get("TERM") == "dumb":
        return []
    try:
        command = shlex.split(os.environ.get("PAGER", "less"))
    except ValueError:
        return []
    return command if command and command[0] != "cat" and shutil.which(command[0]) else []


def rendered(part: RenderableType) -> str:
    """Render a part as it would be printed on the terminal, colours included."""
    console = PlainConsole()
    with console.capture() as captured:
        console.print(part, crop=False)
    return captured.get()


def show(command: list[str], begun: str, rest: Iterable[RenderableType]) -> None:
    """Hand text to a pager until there is no more of it, or the pager is left."""
    environment = {"LESS": LESS, **os.environ}
    with subprocess.Popen(command, stdin=subprocess.PIPE, env=environment) as pager:
        assert pager.stdin is not None
        into: TextIO = io.TextIOWrapper(pager.stdin, encoding=sys.stdout.encoding, errors="backslashreplace")
        try:
            into.write(begun)
            for part in rest:
                into.write(rendered(part))
            into.close()
        except BrokenPipeError:
            pass  # the pager was left before the end
