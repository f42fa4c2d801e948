"""A run as its caller sees it: progress, log lines and metrics, whatever its end."""

from __future__ import annotations

import sys
import time
import traceback
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.cli import prometheus
from pipeline.cli.json_log import JsonLog
from pipeline.cli.progress import watch
from pipeline.console import in_one_line
from pipeline.errors import UserError
from pipeline.runs.report import Progress, RunReport, ignore, silence

INTERRUPTED, CRASHED = 130, 70


@dataclass(frozen=True)
class Telling:
    """How a run is told of."""

    corpus: str
    quiet: bool = False
    as_json_lines: bool = False
    metrics: Path | None = None


@dataclass
class Watch:
    """What is known of a run under way. It is itself the progress function; `report` is set when there is one."""

    show: Progress = silence
    log: JsonLog | None = None
    report: RunReport | None = None
    phases: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    begun: float = field(default_factory=time.time)
    last: float = field(default_factory=time.monotonic)

    def __call__(self, phase: str, done: int, total: int | None) -> None:
        """Note the time that went by as the phase's, and show how far it is."""
        now = time.monotonic()
        self.phases[phase] += now - self.last
        self.last = now
        self.show(phase, done, total)

    def told_id(self, run_id: str) -> None:
        """The run's id is known."""
        (self.log.started if self.log else ignore)(run_id)


@contextmanager
def watching(telling: Telling) -> Iterator[Watch]:
    """Watch the run that is done in this block, and tell of its end: in the log, in the file of metrics.

    With a JSON log every end is a line of it, so the errors of users and our own leave as a `SystemExit`.
    """
    if telling.metrics:
        refuse_unwritable(telling.metrics)
    log = JsonLog() if telling.as_json_lines else None
    with watch(quiet=telling.quiet or log is not None) as show:
        seen = Watch(show if log is None or telling.quiet else log.progress, log)
        try:
            yield seen
        except BaseException as error:
            code = exit_code_of(error)
            seen.report = error.report if isinstance(error, UserError) else None
            write_metrics(telling, seen, code)
            if log is None:
                raise
            log.failed(code, in_words(error), seen.report)
            sys.exit(code)
    write_metrics(telling, seen, 0)
    if log and seen.report:
        log.finished(seen.report)


def exit_code_of(error: BaseException) -> int:
    """The exit code that an exception becomes.

    >>> exit_code_of(UserError("no such file")), exit_code_of(KeyboardInterrupt()), exit_code_of(ZeroDivisionError())
    (2, 130, 70)
    """
    if isinstance(error, UserError):
        return error.exit_code
    return INTERRUPTED if isinstance(error, KeyboardInterrupt) else CRASHED


def in_words(error: BaseException) -> str:
    """What a log says of an error: of our own mistakes everything, of a user's what they can do."""
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, KeyboardInterrupt):
        return "interrupted; nothing of this run was published. The same command again goes on from what is done."
    return "".join(traceback.format_exception(error))


def refuse_unwritable(path: Path) -> None:
    """A file of metrics that cannot be written is told before the work, not after."""
    if not path.name:
        raise UserError("--metrics needs the name of a file, such as copydesk.prom")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        probe = path.with_name(f".{path.name}.probe")
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise UserError(
            f"--metrics {path}: cannot be written ({error.strerror}). Name a file in a folder that can."
        ) from None
    if path.is_dir():
        raise UserError(f"--metrics {path}: this is a folder. Name a file in it: {path / 'copydesk.prom'}")


def write_metrics(telling: Telling, seen: Watch, exit_code: int) -> None:
    """Write the file of metrics. What was published stays published if that fails now."""
    if telling.metrics is None:
        return
    now = time.time()
    ending = prometheus.Ending(telling.corpus, exit_code, now, now - seen.begun, dict(seen.phases), seen.report)
    try:
        prometheus.write(telling.metrics, ending)
    except OSError as error:
        message = f"metrics were not written to {telling.metrics}: {error.strerror}"
        if seen.log:
            seen.log.event("warning", "note", message=message)
        else:
            print(in_one_line(f"clean: {message}"), file=sys.stderr)  # noqa: T201
