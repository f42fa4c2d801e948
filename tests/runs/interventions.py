"""Interventions in a run at its file operations, by way of Python's audit events: nothing of ours is patched."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

#: Called before every rename of this process. An audit hook cannot be removed, so it stays and looks here.
_reactions: list[Callable[[Path, Path], None]] = []
_saboteurs: "list[Saboteur]" = []
CHANGING = ("os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.link")
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "os.rename" and _reactions:
        _reactions[-1](Path(arguments[0]), Path(arguments[1]))
    if _saboteurs:
        _saboteurs[-1].on_event(event, arguments)


sys.addaudithook(_hook)


@contextmanager
def before_renames(react: Callable[[Path, Path], None]) -> Iterator[None]:
    """Call `react` with source and target before every rename in this process; what it raises, the rename raises."""
    _reactions.append(react)
    try:
        yield
    finally:
        _reactions.pop()


def publishes(source: Path, target: Path) -> bool:
    """Tell if a rename moves a staged table or manifest of a run to where readers find it."""
    return ".staging" in source.parts and ".staging" not in target.parts and source.suffix in ("", ".json")


class Saboteur:
    """Lets the n-th operation that changes files below a folder fail, as a disk does that is full, broken or closed."""

    def __init__(self, folder: Path, at: int, number: int) -> None:
        self.folder, self.at, self.number, self.seen = str(folder), at, number, 0

    def on_event(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Count an operation; raise if it is the one."""
        writes = event in CHANGING or (event == "open" and (arguments[2] or 0) & WRITING)
        if not writes or not str(arguments[0]).startswith(self.folder):
            return
        self.seen += 1
        if self.seen == self.at:
            raise OSError(self.number, os.strerror(self.number), str(arguments[0]))


@contextmanager
def failing(folder: Path, at: int, number: int) -> Iterator[Saboteur]:
    """Let an operation on files of this process fail with an error number of the system."""
    saboteur = Saboteur(folder, at, number)
    _saboteurs.append(saboteur)
    try:
        yield saboteur
    finally:
        _saboteurs.pop()
