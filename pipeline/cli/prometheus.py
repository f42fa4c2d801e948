"""Metrics of a run for Prometheus: a file for the textfile collector of its node exporter.

Gauges, all with the label `corpus`, so that files of several corpora can share a folder. docs/how-to/nightly.md lists
them with alerts.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pipeline import __version__
from pipeline.console import harmless

if TYPE_CHECKING:
    from pipeline.runs.report import RunReport
    from pipeline.tally import Tally

PREFIX = "copydesk_run_"
LAST_SUCCESS = "last_success_timestamp_seconds"
HELP = {
    "info": "The program that did the run.",
    "exit_code": "The exit code of clean run.",
    "published": "Whether the run published something.",
    "end_timestamp_seconds": "When the run ended.",
    LAST_SUCCESS: "When a run last ended with exit code 0.",
    "seconds": "How long the run took.",
    "phase_seconds": "How long each phase took.",
    "stage_seconds": "Seconds of each stage, over all workers.",
    "documents": "Documents in and out, and rows for what failed or was skipped.",
    "words": "Words of the documents in and out.",
    "ledger_rows": "Rows of the ledger.",
    "ledger_words": "Words that were cut or moved.",
    "passages": "Copied passages.",
    "clusters": "Clusters of copied passages.",
    "drifts": "Figures of outlets, or of the run, that are unlike earlier runs.",
    "peak_memory_bytes": "Peak memory of the largest process.",
}


class Ending(NamedTuple):
    """The end of a run. `report` is None if the run failed before it had one."""

    corpus: str
    exit_code: int
    ended: float  # seconds since 1970
    seconds: float
    phases: dict[str, float]
    report: RunReport | None


class Sample(NamedTuple):
    """A value of a metric."""

    name: str
    value: float
    labels: dict[str, str]


def write(path: Path, ending: Ending) -> None:
    """Write the metrics of a run by an atomic rename: the collector may read at any moment."""
    text = render(ending, last_success(path, ending.corpus))
    path.parent.mkdir(parents=True, exist_ok=True)
    staged = path.with_name(f".{path.name}.{os.getpid()}")  # the collector reads only *.prom
    try:
        staged.write_text(text, encoding="utf-8")
        staged.chmod(0o644)  # the collector runs as another user
        staged.replace(path)
    finally:
        staged.unlink(missing_ok=True)


def last_success(path: Path, corpus: str) -> float | None:
    """Read from the last run's file when a run of this corpus last succeeded, in seconds since 1970."""
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, UnicodeDecodeError):
        return None
    line = re.compile(rf"^{PREFIX}{LAST_SUCCESS}{re.escape(_labels({'corpus': corpus}))} (\S+)$", re.MULTILINE)
    found = line.search(text)
    return float(found[1]) if found else None


def render(ending: Ending, succeeded_before: float | None) -> str:
    """Write the metrics in Prometheus' text format."""
    lines: list[str] = []
    described = ""
    for sample in samples(ending, succeeded_before):
        name = PREFIX + sample.name
        if name != described:
            lines += [f"# HELP {name} {HELP[sample.name]}", f"# TYPE {name} gauge"]
            described = name
        lines.append(f"{name}{_labels({'corpus': ending.corpus, **sample.labels})} {_number(sample.value)}")
    return "\n".join(lines) + "\n"


def samples(ending: Ending, succeeded_before: float | None) -> Iterator[Sample]:
    """Yield all values, grouped by metric."""
    yield Sample("info", 1, {"version": __version__})
    yield Sample("exit_code", ending.exit_code, {})
    yield Sample("published", bool(ending.report and ending.report.run_id), {})
    yield Sample("end_timestamp_seconds", ending.ended, {})
    success = ending.ended if ending.exit_code == 0 else succeeded_before
    if success is not None:
        yield Sample(LAST_SUCCESS, success, {})
    yield Sample("seconds", ending.seconds, {})
    yield from _by_label("phase_seconds", "phase", ending.phases.items())
    if ending.report:
        yield from _counts(ending.report.tally)
        yield Sample("passages", ending.report.n_passages, {})
        yield Sample("clusters", ending.report.n_clusters, {})
        yield Sample("drifts", len(ending.report.drift), {})


def _counts(tally: Tally) -> Iterator[Sample]:
    yield from _by_label("stage_seconds", "stage", sorted(tally.seconds.items()))
    documents = {"in": tally.documents_in, "out": tally.documents_out}
    problems = {action: tally.total(action) for action in ("failed", "skipped")}
    yield from _by_label("documents", "state", (documents | problems).items())
    yield from _by_label("words", "state", {"in": tally.words_in, "out": tally.words_out}.items())
    for name, counted in (("ledger_rows", tally.rows), ("ledger_words", tally.words)):
        for (stage, action, reason), n in sorted(counted.items()):
            yield Sample(name, n, {"stage": stage, "action": action, "reason": reason})
    yield Sample("peak_memory_bytes", tally.peak_memory, {})


def _by_label(name: str, label: str, values: Iterable[tuple[str, float]]) -> Iterator[Sample]:
    for key, value in values:
        yield Sample(name, value, {label: key})


def _labels(labels: dict[str, str]) -> str:
    r"""Write labels in the text format.

    >>> print(_labels({"corpus": 'out "new"', "phase": "clean"}))
    {corpus="out \"new\"",phase="clean"}
    """
    escaped = {k: harmless(v).replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n") for k, v in labels.items()}
    return "{" + ",".join(f'{name}="{value}"' for name, value in escaped.items()) + "}"


def _number(value: float) -> str:
    """Write a value; whole numbers without a decimal point.

    >>> _number(True), _number(3), _number(1763735400.25)
    ('1', '3', '1763735400.25')
    """
    return str(int(value)) if value == int(value) else repr(round(value, 6))
