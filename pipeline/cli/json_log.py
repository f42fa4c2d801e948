"""`clean run --log-format json`: one JSON object per line on standard error, for log collectors."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TextIO

from pipeline.console import json_line
from pipeline.interrupts import INTERRUPTED

if TYPE_CHECKING:
    from pipeline.runs.report import RunReport

SECONDS_BETWEEN_LINES = 10.0  # of one phase


class JsonLog:
    """Log of one run. Every line has the keys time, level, event, run_id (null until it is known) and seconds."""

    def __init__(self, stream: TextIO | None = None, clock: Callable[[], float] = time.time) -> None:
        self.stream, self.clock = stream or sys.stderr, clock
        self.begun = clock()
        self.run_id: str | None = None
        self.phase, self.last_line = "", 0.0

    def event(self, level: str, event: str, **values: Any) -> None:
        """Write one line."""
        now = self.clock()
        moment = datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {"time": moment, "level": level, "event": event, "run_id": self.run_id}
        line |= {"seconds": round(now - self.begun, 3), **values}
        self.stream.write(json_line(line) + "\n")
        self.stream.flush()

    def started(self, run_id: str) -> None:
        """Log the start of the run and its id."""
        self.run_id = run_id
        self.event("info", "run_started")

    def progress(self, phase: str, done: int, total: int | None) -> None:
        """Log the progress of a phase when it begins, when it is done, and every `SECONDS_BETWEEN_LINES`."""
        now = self.clock()
        if phase != self.phase or done == total or now - self.last_line >= SECONDS_BETWEEN_LINES:
            self.phase, self.last_line = phase, now
            self.event("info", "progress", phase=phase, done=done, total=total)

    def finished(self, report: RunReport) -> None:
        """Log the end of the run, with its counts."""
        self.run_id = report.run_id or self.run_id
        for note in report.notes:
            self.event("warning", "note", message=note)
        for unused in report.unused:
            self.event("warning", "unused_input", message=unused.in_words(), **unused.as_dict())
        for each in report.drift:
            self.event("warning", "drift", message=str(each), **each.as_dict())
        counts = report.tally.as_dict()
        published = report.run_id is not None
        totals = {"published": published, "out": str(report.out), "passages": report.n_passages, "counts": counts}
        self.event("info", "run_finished", exit_code=0, **totals)

    def failed(self, exit_code: int, message: str, report: RunReport | None) -> None:
        """Log the end of a run that published nothing; `report` holds its counts so far, if it had begun."""
        counts = report.tally.as_dict() if report else None
        self.event("error", "run_failed", exit_code=exit_code, message=message, counts=counts)


def interrupted_at_once() -> str:
    """Return the line of a run that ends before it has begun to log."""
    stream = io.StringIO()
    JsonLog(stream).failed(INTERRUPTED, "interrupted; nothing was done yet.", None)
    return stream.getvalue().rstrip("\n")
