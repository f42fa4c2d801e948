"""Interventions in a run at its file operations, by way of Python's audit events: nothing of ours is patched."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

#: Called before every rename of this process. An audit hook cannot be removed, so it stays and looks here.
_reactions: list[Callable[[Path, Path], None]] = []


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "os.rename" and _reactions:
        _reactions[-1](Path(arguments[0]), Path(arguments[1]))


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
