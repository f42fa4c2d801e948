"""Progress of a run on standard error: a bar on a terminal, plain lines elsewhere; neither is ever silent for long."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, Task
from rich.text import Text

from pipeline.console import counted
from pipeline.runs import report

#: Names of phases for users.
PHASES = {
    "start": "starting",
    "wait": "waiting for another run",
    "prepare": "reading",
    "clean": "cleaning",
    "resolve": "finding copied passages",
    "finish": "writing",
    "upload": "uploading",
    "report": "reading tables for the report",
}
#: The noun for what a phase counts, where it is not documents.
UNITS = {"upload": "upload", "report": "part"}
#: Plain lines: at first one every few seconds, in a long phase fewer.
SECONDS_BETWEEN_LINES, SHARE_BETWEEN_LINES, MOST_SECONDS = 3.0, 0.05, 30.0
#: A rate, and the time left, are told once a phase has taken so long: the first tasks tell little.
SECONDS_UNTIL_RATE = 2.0
#: Narrower terminals have no room for a bar beside the words.
COLUMNS_FOR_BAR = 110


@contextmanager
def show_progress(*, quiet: bool) -> Iterator[report.Progress]:
    """Give a function that shows progress: a bar on a terminal, else a line every few seconds."""
    console = Console(stderr=True)
    if quiet:
        yield report.silence
    elif console.is_terminal and not console.is_dumb_terminal:
        with _bar(console) as show:
            yield show
    else:
        with _lines(_print_line) as show:
            yield show


@dataclass
class PhaseState:
    """How far a phase is."""

    phase: str = "start"
    done: int = 0
    total: int | None = None
    begun: float = field(default_factory=time.monotonic)

    def update(self, phase: str, done: int, total: int | None) -> bool:
        """Take in a call of a progress function; tell if a new phase begins."""
        is_new = phase != self.phase
        self.begun = time.monotonic() if is_new else self.begun
        self.phase, self.done, self.total = phase, done, total
        return is_new

    def seconds(self) -> float:
        """Return the seconds since the phase began."""
        return time.monotonic() - self.begun

    def in_words(self) -> str:
        """Describe the phase in a line.

        >>> PhaseState("clean", 120, 480, begun=time.monotonic() - 10).in_words()
        'cleaning: 120 of 480 documents · 12/s · 0:10 · about 0:30 left'
        >>> PhaseState("resolve", 0, 480, begun=time.monotonic() - 75).in_words()
        'finding copied passages: 480 documents · 1:15'
        >>> PhaseState("finish", 0, 1).in_words()
        'writing: 0 of 1 document'
        """
        name, seconds = PHASES[self.phase], self.seconds()
        parts = [f"{name}: {amount}" if (amount := self._amount()) else name]
        timed = seconds >= SECONDS_UNTIL_RATE
        rate = self.done / seconds if timed and self.done else 0.0
        if rate and self.phase not in UNITS:
            parts.append(f"{rate:,.0f}/s" if rate >= 1 else f"{rate:.1f}/s")
        if timed:
            parts.append(clock(seconds))
        if rate and self.total and self.done < self.total:
            parts.append(f"about {clock((self.total - self.done) / rate)} left")
        return " · ".join(parts)

    def _amount(self) -> str:
        if self.total and self.phase == "resolve":  # all at once
            return counted(self.total, "document")
        if not self.total and not self.done:
            return ""
        of_all = counted(self.total or self.done, UNITS.get(self.phase, "document"))
        return f"{self.done:,} of {of_all}" if self.total else of_all


def clock(seconds: float) -> str:
    """Write a duration.

    >>> clock(9.6), clock(75), clock(7300)
    ('0:10', '1:15', '2:01:40')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


class PhaseColumn(ProgressColumn):
    """The line of words beside the bar."""

    def __init__(self, state: PhaseState) -> None:
        super().__init__()
        self.state = state

    def render(self, task: Task) -> Text:
        """Render the state of the phase, whatever the task of rich says."""
        del task
        return Text(self.state.in_words(), overflow="ellipsis", no_wrap=True)


@contextmanager
def _bar(console: Console) -> Iterator[report.Progress]:
    state = PhaseState()
    bar = [BarColumn(bar_width=20)] if console.width >= COLUMNS_FOR_BAR else []
    with Progress(SpinnerColumn(), *bar, PhaseColumn(state), console=console, transient=True) as progress:
        task = progress.add_task("", total=None)

        def show(phase: str, done: int, total: int | None) -> None:
            if state.update(phase, done, total):
                progress.reset(task, total=None)
            progress.update(task, completed=done, total=None if phase == "resolve" else total)

        yield show


def _print_line(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201


def pause_after(seconds: float) -> float:
    """Return the seconds between two lines of a phase that has taken so long."""
    return min(max(SECONDS_BETWEEN_LINES, SHARE_BETWEEN_LINES * seconds), MOST_SECONDS)


@contextmanager
def _lines(write: Callable[[str], None]) -> Iterator[report.Progress]:
    """Write a line when a phase begins and from time to time, also while nothing is reported."""
    state, over, last = PhaseState(), Event(), [time.monotonic()]

    def write_if_due() -> None:
        if time.monotonic() - last[0] >= pause_after(state.seconds()):
            last[0] = time.monotonic()
            write(state.in_words())

    def beat() -> None:
        while not over.wait(SECONDS_BETWEEN_LINES / 4):
            write_if_due()

    def show(phase: str, done: int, total: int | None) -> None:
        if state.update(phase, done, total):
            last[0] = time.monotonic()
            write(state.in_words())

    heart = Thread(target=beat, daemon=True)
    heart.start()
    try:
        yield show
    finally:
        over.set()
        heart.join()
