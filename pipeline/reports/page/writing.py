"""Where a page is written: beside the tables or to a file, never over a file that is something else."""

from __future__ import annotations

from pathlib import Path

from pipeline.reports.page.collected import collect
from pipeline.reports.page.rendering import render
from pipeline.reports.page.scope import PartCounter, Scope
from pipeline.reports.whole_files import whole_file
from pipeline.runs.report import Progress, silence
from pipeline.storage.protocol import OutputLocation
from pipeline.storage.reader import Corpus
from pipeline.storage.report_pages import check_target, default_target


def report_page(
    out: OutputLocation, runs: list[str] | None, target: OutputLocation | None, progress: Progress = silence
) -> OutputLocation:
    """Write the page of some runs, by default the newest, and return where it is.

    `target` is by default `reports/<run>.html` at the output location. `progress` is called with the phase "report" and
    how many parts of the tables were read. Raises UserError where there is no such run, and where the target cannot be
    written.
    """
    corpus = Corpus(out)
    reported = [run for each in runs or corpus.runs[-1:] for run in corpus.chosen(each)]
    scope = Scope(corpus, reported, PartCounter(progress))
    target = target or default_target(out, scope.last if len(scope.runs) == 1 else "all-runs")
    check_target(target)
    page = render(collect(scope)).encode("utf-8", errors="backslashreplace")
    _write(target, page)
    return target


def _write(target: OutputLocation, page: bytes) -> None:
    if not isinstance(target, Path):
        target.write_bytes(page)
        return
    with whole_file(target) as aside:
        aside.write_bytes(page)
