"""`clean run`: raw news into Parquet tables."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from pipeline import interrupts
from pipeline.cli.application import app
from pipeline.cli.json_log import interrupted_at_once
from pipeline.cli.options import (
    OUT,
    ConfigOption,
    NoConfigOption,
    OutputLocation,
    RunOutOption,
    SinceOption,
    UntilOption,
    words_of,
)
from pipeline.cli.page_option import ReportOption, check, write
from pipeline.console import PlainConsole, in_one_line, json_line
from pipeline.errors import UserError
from pipeline.found_settings import settings_file, variables
from pipeline.runs.up_to_date import NOTHING_NEW, CommandOptions, run_that_did, sizes_of

if TYPE_CHECKING:
    from pipeline.found_settings import SettingsFile
    from pipeline.runs.report import RunReport
    from pipeline.runs.request import RunRequest
    from pipeline.settings import LoadedSettings


NOTHING_DONE = "clean: interrupted; nothing was done yet."
#: Standard input, which can be read only once.
STDIN = "-"
#: With no input, `clean run` cleans the sample corpus of a checkout.
SAMPLE = "corpus"
#: Inputs for which workers are started before the settings are read: pages, and more bytes than `small_bytes` is by
#: default. Importing the settings for that number would take as long as is gained.
LARGE_BYTES = 1_000_000
PAGES = (".html", ".htm", ".warc", ".warc.gz")


class Strictness(StrEnum):
    """How much evidence a cut needs: the words of `[noise] strictness`."""

    precision = "precision"
    balanced = "balanced"
    recall = "recall"


class Only(StrEnum):
    """The parts of the work that can be done alone."""

    clean = "clean"
    dedup = "dedup"


class EngineName(StrEnum):
    """The engines of `pipeline.engines.registry`."""

    local = "local"
    spark = "spark"


class LogFormat(StrEnum):
    """Format of progress on standard error."""

    text = "text"
    json = "json"


def _configured(text: str) -> str:
    """Return a KEY=VALUE of Spark's configuration; refuse anything else."""
    if not text.partition("=")[0].strip() or "=" not in text:
        raise UserError(f"--spark-conf {text}: give KEY=VALUE, as in spark.executor.memory=8g")
    return text


@app.command()
def run(  # noqa: PLR0913, PLR0917 - the options of the command, which typer calls by name
    inputs: Annotated[
        list[str] | None,
        typer.Argument(metavar="INPUT", help="File, folder, glob, URL, or - for JSON Lines on standard input."),
    ] = None,
    out: RunOutOption = OUT,
    config: ConfigOption = None,
    no_config: NoConfigOption = False,
    strictness: Annotated[
        Strictness | None,
        typer.Option(help="How much evidence a cut needs: recall cuts most, precision least.", case_sensitive=False),
    ] = None,
    only: Annotated[
        Only | None, typer.Option(help="Only clean, or only look for copies in texts that are clean.")
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Clean these inputs again, replacing the runs that cleaned them before.")
    ] = False,
    run_id: Annotated[str | None, typer.Option(metavar="ID", help="The run's id; default: the time.")] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Worker processes; default: one a core.")
    ] = None,
    engine: Annotated[
        EngineName, typer.Option(help="Where the work is done: on this machine, or on a cluster of Apache Spark.")
    ] = EngineName.local,
    master: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Spark's master, as spark://host:7077; default: local[*].", parser=words_of),
    ] = None,
    spark_conf: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUE", help="Spark's configuration. May be repeated.", parser=_configured),
    ] = None,
    outlet: Annotated[
        str | None,
        typer.Option(help="The outlet of all documents, whatever they say.", metavar="NAME", parser=words_of),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Read at most N documents, to try a large input.")
    ] = None,
    since: SinceOption = None,
    until: UntilOption = None,
    history_days: Annotated[
        int | None, typer.Option(min=1, metavar="DAYS", help="Compare articles published at most DAYS days apart.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Do everything, publish nothing.")] = False,
    wait: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="How long to wait for another run to end.")
    ] = 0.0,
    break_lock: Annotated[
        bool, typer.Option("--break-lock", help="Ignore the lock of a dead run on another machine.")
    ] = False,
    allow_drift: Annotated[
        bool, typer.Option("--allow-drift", help="Publish a run even if it differs much from earlier ones.")
    ] = False,
    log_format: Annotated[LogFormat, typer.Option(help="Format of progress on standard error.")] = LogFormat.text,
    metrics: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write metrics for Prometheus' textfile collector.")
    ] = None,
    report: ReportOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress, no summary.")] = False,
) -> None:
    """Clean raw news into a corpus: Parquet tables in a folder."""
    json_lines = log_format is LogFormat.json
    interrupts.leave_by(interrupted_at_once if json_lines else NOTHING_DONE.format)
    check(report)
    _refuse_cluster_of(engine, master, spark_conf)
    file = settings_file(config, no_config, inputs or ())
    given = CommandOptions(file and file.path, outlet, history_days, strictness, only, tuple(variables().items()))
    inputs = inputs or _sample()
    elsewhere = engine is not EngineName.local  # this process is not to read the inputs
    unusual = (elsewhere, json_lines, limit, since, until, dry_run, break_lock, metrics, report, as_json, again)
    if not any(unusual) and _was_done(inputs, out, given, quiet):
        return
    from pipeline.cli.run_observer import Reporting, observe_run

    silent = quiet or as_json or json_lines
    with observe_run(Reporting(str(out), quiet or (as_json and not json_lines), json_lines, metrics)) as observer:
        _start_workers(out, inputs, elsewhere)
        from pipeline import sources
        from pipeline.api import RunRequest, clean
        from pipeline.settings import with_cluster
        from pipeline.storage.location import configure_inputs, output_location

        interrupts.can_tidy_up()
        loaded = _load_settings(file, given, silent)
        chosen = with_cluster(loaded.settings, master, spark_conf)
        configure_inputs(chosen.store, inputs)
        request = RunRequest(
            inputs=inputs,
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
            settings_from=loaded.origins,
            again=again,
            engine=engine.value,
        )
        observer.report = clean(request, observer, observer.started)
    interrupts.leave_by(observer.line_after_run)
    if dry_run and not silent:
        _print_preview(request)
    page = write(report, request, observer.report.run_id, silent)
    _print_summary(observer.report, as_json, quiet or json_lines, page.path)
    _print_unused(observer.report, silent, json_lines)
    page.leave_if_failed(observer)


def _refuse_cluster_of(engine: EngineName, master: str | None, conf: list[str] | None) -> None:
    """Raise UserError for options of a cluster without the engine that uses one."""
    if engine is EngineName.local and (master is not None or conf):
        named = "--master" if master is not None else "--spark-conf"
        raise UserError(f"{named} is for runs on Spark. Add --engine spark, or leave it out.")


def _was_done(inputs: list[str], out: OutputLocation, given: CommandOptions, quiet: bool) -> bool:
    """Tell, and say, if a published run did the same work, where that can be told without loading the pipeline."""
    done = run_that_did(inputs, out, given) if isinstance(out, Path) else None
    if done and not quiet:
        PlainConsole().print(Text(NOTHING_NEW.format(done), style="yellow"))
    return bool(done)


def _load_settings(file: SettingsFile | None, given: CommandOptions, silent: bool) -> LoadedSettings:
    """Load the settings of the run; say in one line what was found by itself."""
    from pipeline.settings import load_layers
    from pipeline.settings.layers import found_notice

    found = dict(given.variables)
    if not silent and (notice := found_notice(file, list(found))):
        PlainConsole(stderr=True).print(in_one_line(notice), style="dim", soft_wrap=True)
    return load_layers(file, found, given.settings)


def _start_workers(out: OutputLocation, inputs: list[str], elsewhere: bool) -> None:
    """Start the process that workers are forked from early, if workers are surely needed here."""
    if elsewhere:
        return
    from pipeline.engines.processes import start_server

    sizes = sizes_of(inputs)
    small = bool(sizes) and sum(sizes.values()) <= LARGE_BYTES and not any(each.endswith(PAGES) for each in sizes)
    if not small and not Path(str(out), "documents").is_dir():
        start_server()


def _print_summary(report: RunReport, as_json: bool, quiet: bool, page: str) -> None:
    from pipeline.cli import summary

    if as_json:
        typer.echo(json_line(summary.as_dict(report) | ({"report": page} if page else {})))
    elif not quiet:
        PlainConsole().print(summary.render(report))
        if page:
            PlainConsole().print(Text(in_one_line(f"report: {page}")), soft_wrap=True)


def _print_unused(report: RunReport, silent: bool, logged: bool) -> None:
    """Name the inputs that gave no document, unless the log has: the last lines of the command, even of a quiet one."""
    from pipeline.cli.summary import unused_lines

    console = PlainConsole(stderr=silent)
    for line in [] if logged else unused_lines(report):
        console.print(Text(f"clean: {line}", style="bold red"), soft_wrap=True)


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
