"""The run observer: progress, log lines and metrics of a run, however it ends."""

from __future__ import annotations

import sys
import time
import traceback
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pipeline import interrupts
from pipeline.cli import prometheus
from pipeline.cli.json_log import JsonLog
from pipeline.cli.progress import show_progress
from pipeline.console import in_one_line
from pipeline.errors import CRASHED, UserError, explained
from pipeline.interrupts import INTERRUPTED
from pipeline.runs.report import Progress, RunReport, ignore, silence

INTERRUPTED_MESSAGE = "interrupted; nothing of this run was published. Run the same command again to continue."
PUBLISHED = "interrupted; run {} was published before that."


@dataclass(frozen=True)
class Reporting:
    """Where and in which form a run is reported."""

    corpus: str
    quiet: bool = False
    as_json_lines: bool = False
    metrics: Path | None = None


@dataclass
class RunObserver:
    """Progress and timing of a run. It is itself the progress function; `report` is set once the run has one."""

    show: Progress = silence
    log: JsonLog | None = None
    report: RunReport | None = None
    run_id: str | None = None
    phases: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    begun: float = field(default_factory=time.time)
    last: float = field(default_factory=time.monotonic)

    def __call__(self, phase: str, done: int, total: int | None) -> None:
        """Add the time since the last call to the phase, and show its progress."""
        now = time.monotonic()
        self.phases[phase] += now - self.last
        self.last = now
        self.show(phase, done, total)

    def started(self, run_id: str) -> None:
        """Log the start of the run, whose id is now known."""
        self.run_id = run_id
        (self.log.started if self.log else ignore)(run_id)

    def line_after_run(self) -> str:
        """Return the line for Ctrl-C while the summary is printed."""
        published = self.report.run_id if self.report else None
        return f"clean: {PUBLISHED.format(published)}" if published else interrupts.LINE


@contextmanager
def observe_run(reporting: Reporting) -> Iterator[RunObserver]:
    """Observe the run in this block, and report its end in the log and in the metrics file.

    With a JSON log every end is a line of the log, so that each exception leaves the block as a `SystemExit`.
    """
    if reporting.metrics:
        refuse_unwritable(reporting.metrics)
    log = JsonLog() if reporting.as_json_lines else None
    with show_progress(quiet=reporting.quiet or log is not None) as show:
        observer = RunObserver(show if log is None or reporting.quiet else log.progress, log)
        try:
            yield observer
        except BaseException as raised:
            error = explained(raised)
            if isinstance(error, KeyboardInterrupt):
                error.args = (interrupted(reporting.corpus, observer.run_id),)
            code = exit_code_of(error)
            observer.report = error.report if isinstance(error, UserError) else None
            write_metrics(reporting, observer, code)
            if log is None:
                raise
            log.failed(code, in_words(error), observer.report)
            sys.exit(code)
    write_metrics(reporting, observer, 0)
    if log and observer.report:
        log.finished(observer.report)


def exit_code_of(error: BaseException) -> int:
    """Return the exit code for an exception.

    >>> exit_code_of(UserError("no such file")), exit_code_of(KeyboardInterrupt()), exit_code_of(ZeroDivisionError())
    (2, 130, 70)
    """
    if isinstance(error, UserError):
        return error.exit_code
    return INTERRUPTED if isinstance(error, KeyboardInterrupt) else CRASHED


def interrupted(corpus: str, run_id: str | None) -> str:
    """Say how far a run was when it was interrupted: its last step cannot be taken back, and is looked up.

    >>> interrupted("out", None)
    'interrupted; nothing of this run was published. Run the same command again to continue.'
    """
    if run_id and "://" in corpus:
        return "interrupted. Run the same command again: it continues, or says that the run was published."
    if run_id and Path(corpus, "documents", f"run={run_id}").is_dir():
        return PUBLISHED.format(run_id)
    return INTERRUPTED_MESSAGE


def in_words(error: BaseException) -> str:
    """Describe an exception for the log: a bug of ours with its traceback, a user's error by its message."""
    if isinstance(error, UserError | KeyboardInterrupt):
        return str(error)
    return "".join(traceback.format_exception(error))


def refuse_unwritable(path: Path) -> None:
    """Refuse a metrics file that cannot be written, before the work and not after it."""
    if not path.name:
        raise UserError("--metrics needs the name of a file, such as copydesk.prom")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        probe = path.with_name(f".{path.name}.probe")
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise UserError(
            f"--metrics {path}: cannot be written ({error.strerror}). Name a file in a writable folder."
        ) from None
    if path.is_dir():
        raise UserError(f"--metrics {path}: this is a folder. Name a file in it: {path / 'copydesk.prom'}")


def write_metrics(reporting: Reporting, observer: RunObserver, exit_code: int) -> None:
    """Write the metrics file. A failure is only a note: the run is already published."""
    if reporting.metrics is None:
        return
    now = time.time()
    ending = prometheus.Ending(
        reporting.corpus, exit_code, now, now - observer.begun, dict(observer.phases), observer.report
    )
    try:
        prometheus.write(reporting.metrics, ending)
    except OSError as error:
        message = f"metrics were not written to {reporting.metrics}: {error.strerror}"
        if observer.log:
            observer.log.event("warning", "note", message=message)
        else:
            print(in_one_line(f"clean: {message}"), file=sys.stderr)  # noqa: T201
