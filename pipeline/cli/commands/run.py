"""`clean run`: raw news into Parquet tables."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from pipeline.cli.application import app, interruptible
from pipeline.cli.options import OUT, ConfigOption, OutOption, OutputLocation, words_of
from pipeline.cli.page_option import ReportOption, check, write
from pipeline.console import PlainConsole, in_one_line, json_line
from pipeline.errors import UserError
from pipeline.runs.up_to_date import NOTHING_NEW, CommandOptions, run_that_did, sizes_of

if TYPE_CHECKING:
    from pipeline.runs.report import RunReport
    from pipeline.runs.request import RunRequest


ENGINE = "local"
#: Standard input, which can be read only once.
STDIN = "-"
#: With no input, `clean run` cleans the sample corpus of a checkout.
SAMPLE = "corpus"
#: Inputs for which workers are started before the settings are read: pages, and more bytes than `small_bytes` is by
#: default. Importing the settings for that number would take as long as is gained.
LARGE_BYTES = 1_000_000
PAGES = (".html", ".htm", ".warc", ".warc.gz")


class LogFormat(StrEnum):
    """Format of progress on standard error."""

    text = "text"
    json = "json"


def _engine(text: str) -> str:
    """Return the engine's name. Refuse engines that this version does not have."""
    if text != ENGINE:
        raise UserError(f"--engine {text}: this version has only the engine {ENGINE!r}. Leave --engine out.")
    return text


@app.command()
@interruptible
def run(  # noqa: PLR0913, PLR0917 - the options of the command, which typer calls by name
    inputs: Annotated[
        list[str] | None,
        typer.Argument(metavar="INPUT", help="File, folder, glob, URL, or - for JSON Lines on standard input."),
    ] = None,
    out: OutOption = OUT,
    config: ConfigOption = None,
    run_id: Annotated[str | None, typer.Option(metavar="ID", help="The run's id; default: the time.")] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Worker processes; default: one a core.")
    ] = None,
    engine: Annotated[str, typer.Option(hidden=True, parser=_engine)] = ENGINE,
    outlet: Annotated[
        str | None,
        typer.Option(help="The outlet of all documents, whatever they say.", metavar="TEXT", parser=words_of),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="Stop after so many documents.")] = None,
    since: Annotated[str | None, typer.Option(metavar="TIME", help="Only documents of this time or later.")] = None,
    until: Annotated[str | None, typer.Option(metavar="TIME", help="Only documents from before this time.")] = None,
    history_days: Annotated[
        int | None, typer.Option(min=1, metavar="DAYS", help="Compare articles published at most so many days apart.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Do everything, publish nothing.")] = False,
    wait: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="How long to wait for another run to end.")
    ] = 0.0,
    break_lock: Annotated[
        bool, typer.Option("--break-lock", help="Ignore the lock of a dead run on another machine.")
    ] = False,
    allow_drift: Annotated[
        bool, typer.Option("--allow-drift", help="Publish a run even if it is far from earlier ones.")
    ] = False,
    log_format: Annotated[LogFormat, typer.Option(help="Format of progress on standard error.")] = LogFormat.text,
    metrics: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write metrics for Prometheus' textfile collector.")
    ] = None,
    report: ReportOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress, no summary.")] = False,
) -> None:
    """Clean raw news into Parquet tables."""
    check(report)
    given = CommandOptions(config, outlet, history_days)
    if log_format is LogFormat.text and not any((limit, since, until, dry_run, break_lock, metrics, report, as_json)):
        done = _run_before(inputs, out, given)
        if done:
            _print_nothing_new(done, quiet)
            return
    _start_workers(out, inputs or _sample())
    from pipeline import settings, sources
    from pipeline.api import RunRequest, clean
    from pipeline.cli.run_observer import Reporting, observe_run
    from pipeline.storage.location import configure_inputs, output_location
    from stages import near_duplicates

    near_duplicates.leave_blas_out()
    json_lines = log_format is LogFormat.json
    with observe_run(Reporting(str(out), quiet or (as_json and not json_lines), json_lines, metrics)) as observer:
        chosen = settings.load(config, _overrides(outlet, history_days))
        configure_inputs(chosen.store)
        request = RunRequest(
            inputs=inputs or _sample(),
            out=output_location(out, chosen.store),
            settings=chosen,
            workers=workers or len(os.sched_getaffinity(0)),
            run_id=run_id,
            limit=limit,
            dry_run=dry_run,
            wait=wait,
            break_lock=break_lock,
            allow_drift=allow_drift,
            window=sources.window_of(since, until),
            command_digest=given.digest(),
            engine=engine,
        )
        observer.report = clean(request, observer, observer.started)
    if dry_run and not (as_json or quiet or json_lines):
        _print_preview(request)
    page = write(report, request, observer.report.run_id)
    _print_summary(observer.report, as_json, quiet or json_lines, page)


def _run_before(inputs: list[str] | None, out: OutputLocation, given: CommandOptions) -> str | None:
    """Return the published run that did the same work, if that can be told without loading the pipeline."""
    return run_that_did(inputs or _sample(), out, given) if isinstance(out, Path) else None


def _print_nothing_new(done: str, quiet: bool) -> None:
    if not quiet:
        PlainConsole().print(Text(NOTHING_NEW.format(done), style="yellow"))


def _start_workers(out: OutputLocation, inputs: list[str]) -> None:
    """Start the process that workers are forked from early, if workers are surely needed."""
    from pipeline.engines.processes import start_server
    from pipeline.runs.compilation import is_compiled

    sizes = sizes_of(inputs)
    small = bool(sizes) and sum(sizes.values()) <= LARGE_BYTES and not any(each.endswith(PAGES) for each in sizes)
    if not small and not Path(str(out), "documents").is_dir() and is_compiled():
        start_server()


def _overrides(outlet: str | None, history_days: int | None) -> dict[str, dict[str, Any]]:
    overrides: dict[str, dict[str, Any]] = {"sources": {"outlet": outlet}} if outlet is not None else {}
    if history_days is not None:
        overrides["near_duplicates"] = {"history_days": history_days}
    return overrides


def _print_summary(report: RunReport, as_json: bool, quiet: bool, page: str) -> None:
    from pipeline.cli import summary

    if as_json:
        typer.echo(json_line(summary.as_dict(report) | ({"report": page} if page else {})))
    elif not quiet:
        PlainConsole().print(summary.render(report))
        if page:
            PlainConsole().print(Text(in_one_line(f"report: {page}")), soft_wrap=True)


def _print_preview(request: RunRequest) -> None:
    """Print how the inputs are read, with the first articles."""
    from pipeline.reports.preview import look_at

    if STDIN in request.inputs:
        return
    preview = look_at(request.inputs, request.settings)
    for line in (*preview.lines(), "", *preview.articles(), ""):
        PlainConsole().print(Text(line), soft_wrap=True)


def _sample() -> list[str]:
    if Path(SAMPLE).is_dir():
        return [SAMPLE]
    raise UserError(f"no input was named, and there is no folder {SAMPLE}/ here. Try: clean run FILE_OR_FOLDER")
