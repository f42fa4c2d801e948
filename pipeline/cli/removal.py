"""Questions before a removal: what it would take, and if it is meant."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from pipeline.console import PlainConsole, counted, in_one_line

if TYPE_CHECKING:
    from pipeline.runs.naming import Taken

DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Show what would be removed, and remove nothing.")]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def show(taken: Taken, verb: str) -> None:
    """Print what a removal takes: how many articles, and the first of them."""
    console = PlainConsole()
    of = counted(len(taken.runs), "run")
    console.print(Text(f"{verb} {counted(taken.articles, 'article')} of {of}:"), soft_wrap=True)
    for row in taken.first:
        title = in_one_line(row["title"] or row["url"] or "")
        console.print(Text(f"  {row['doc_id']}  {in_one_line(row['outlet'])}  {title}"), soft_wrap=True)
    if taken.articles > len(taken.first):
        console.print(Text(f"  and {taken.articles - len(taken.first):,} more"))


def is_meant() -> bool:
    """Ask on a terminal. Without one nobody can answer, and the command that was given is meant."""
    if not sys.stdin.isatty():
        return True
    return input("Really? It cannot be undone. [y/N] ").strip().lower() in ("y", "yes")
