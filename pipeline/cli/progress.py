"""Progress of a run on standard error: bars on a terminal, plain lines in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from pipeline.runs import report

#: Names of phases for users.
PHASES = {
    "wait": "waiting for another run",
    "compile": "compiling, once on this machine",
    "prepare": "reading",
    "clean": "cleaning",
    "resolve": "finding copied passages",
    "finish": "writing",
    "upload": "uploading",
}
SECONDS_BETWEEN_LINES = 3.0


@contextmanager
def show_progress(*, quiet: bool) -> Iterator[report.Progress]:
    """Give a function that shows progress: bars on a terminal, else a line every few seconds."""
    if quiet:
        yield report.silence
    elif sys.stderr.isatty():
        with _bars() as show:
            yield show
    else:
        yield _lines()


@contextmanager
def _bars() -> Iterator[report.Progress]:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description:<31}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        tasks = {phase: progress.add_task(name, total=None, visible=False) for phase, name in PHASES.items()}

        def show(phase: str, done: int, total: int | None) -> None:
            progress.update(tasks[phase], completed=done, total=total, visible=True)

        yield show


def _lines() -> report.Progress:
    last_phase, last_time = "", 0.0

    def show(phase: str, done: int, total: int | None) -> None:
        nonlocal last_phase, last_time
        now = time.monotonic()
        if phase != last_phase or now - last_time >= SECONDS_BETWEEN_LINES:
            print(f"{PHASES[phase]}: {done}" + (f" of {total}" if total else ""), file=sys.stderr, flush=True)  # noqa: T201
            last_phase, last_time = phase, now

    return show
