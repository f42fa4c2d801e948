"""The command `clean`: its subcommands, their options and exit codes.

Each subcommand imports the modules it uses in its body, so that `clean --help` answers at once.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import traceback
from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.text import Text

from pipeline import __version__
from pipeline.console import PlainConsole, StandardOutput, in_one_line, json_line, prepare_streams
from pipeline.errors import CRASHED, INTERRUPTED, INTERRUPTED_MESSAGE, UserError, explained
from pipeline.runs.up_to_date import NOTHING_NEW, CommandOptions, run_that_did, sizes_of
from stages.catalog import TEXT_STAGES

if TYPE_CHECKING:
    from pipeline.runs.report import RunReport
    from pipeline.runs.request import RunRequest
    from pipeline.storage.protocol import OutputLocation
else:
    OutputLocation = Path  # typer wants a class; `_place` parses the text

app = typer.Typer(
    name="clean",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Raw news in, a canonical corpus in Parquet out, and for every word that was cut the rule that cut it.",
)


def _path(text: str) -> Path:
    """Return a path. Refuse an empty one (`--out "$UNSET"`), which would mean the current folder."""
    if not str(text):
        raise UserError("an option that needs a path was given an empty one. Leave the option out, or name the path.")
    return Path(text)


def _place(text: str) -> OutputLocation:
    """Return the output location that --out names. Only a store needs the packages that read stores."""
    if "://" not in str(text):
        return _path(text)
    from pipeline.storage.location import output_location

    return output_location(text)


def _words(text: str) -> str:
    """Return text that will be compared with text of documents. Refuse bytes that are not UTF-8."""
    try:
        return text.encode().decode()
    except UnicodeEncodeError:
        raise UserError(f"{text!r}: these bytes are not valid UTF-8, so no document can hold them.") from None


def _engine(text: str) -> str:
    """Return the engine's name. Refuse engines that this version does not have."""
    if text != ENGINE:
        raise UserError(f"--engine {text}: this version has only the engine {ENGINE!r}. Leave --engine out.")
    return text


#: The stages whose input `clean restore` can restore, in their order.
RESTORABLE = ", ".join(reversed(TEXT_STAGES))


def _text_stage(name: str) -> str:
    """Return the name of a stage whose input can be restored."""
    if name not in TEXT_STAGES:
        raise UserError(f"--stage {name}: the text before this stage cannot be restored. Choose one of {RESTORABLE}.")
    return name


OutOption = Annotated[
    OutputLocation,
    typer.Option("--out", help="The output: a folder, or s3://bucket/prefix.", metavar="DIR", parser=_place),
]
ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="A TOML file with settings.", metavar="FILE", parser=_path)
]
OUT = Path("out")
ENGINE = "local"
#: Standard input, which can be read only once.
STDIN = "-"
#: With no input, `clean run` cleans the sample corpus of a checkout.
SAMPLE = "corpus"
#: Inputs for which workers are started before the settings are read: pages, and more bytes than `small_bytes` is by
#: default. Importing the settings for that number would take as long as is gained.
LARGE_BYTES = 1_000_000
PAGES = (".html", ".htm", ".warc", ".warc.gz")
#: Packages whose exceptions mean that a store cannot be read. They are optional, so they are known by name.
STORE_CLIENTS = ("botocore", "aiobotocore", "aiohttp")


#: Objects made before the garbage collector looks for circles of them (Python's default is 700). Measured on a run over
#: one text: 437 collections in 0.38 s of 3.5, now 29 in 0.19 s; what is imported stays anyway. 50,000 gains no more.
OBJECTS_A_COLLECTION = 10_000


class LogFormat(StrEnum):
    """Format of progress on standard error."""

    text = "text"
    json = "json"


class Format(StrEnum):
    """Formats of `clean export`."""

    jsonl = "jsonl"
    text = "text"
    csv = "csv"
    flows = "flows"


def main() -> None:
    """Run the command line. An error that the user can fix becomes one message and an exit code, not a traceback."""
    gc.set_threshold(OBJECTS_A_COLLECTION)
    prepare_streams()
    try:
        app()
    except UserError as error:
        _complain(str(error), error.exit_code)
    except BrokenPipeError:
        # The reader closed the pipe (`clean export … | head`), which is no error.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception as error:
        in_words = explained(error)
        if isinstance(in_words, UserError):
            _complain(str(in_words), in_words.exit_code)
        if type(error).__module__.partition(".")[0] in STORE_CLIENTS:
            _complain(f"the store did not answer correctly ({type(error).__name__}: {error}). Try again.", 4)
        traceback.print_exc()
        sys.exit(CRASHED)


def _complain(message: str, exit_code: int) -> NoReturn:
    PlainConsole(stderr=True).print(in_one_line(f"clean: {message}"), style="red", soft_wrap=True)
    sys.exit(exit_code)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"copydesk {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    del version
    Path.cwd()  # where it was removed, `main` says so


def _interruptible(command: Callable[..., None]) -> Callable[..., None]:
    """Make a command end cleanly on Ctrl-C, and when a terminal is closed (HUP) or a service is stopped (TERM)."""

    @wraps(command)
    def interruptible(*args: Any, **options: Any) -> None:
        for each in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(each) is not signal.SIG_IGN:  # as nohup has it
                signal.signal(each, signal.default_int_handler)
        try:
            command(*args, **options)
        except KeyboardInterrupt:
            _complain(INTERRUPTED_MESSAGE, INTERRUPTED)

    return interruptible


@app.command()
@_interruptible
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
        str | None, typer.Option(help="The outlet of all documents, whatever they say.", metavar="TEXT", parser=_words)
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
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress, no summary.")] = False,
) -> None:
    """Clean raw news into Parquet tables."""
    given = CommandOptions(config, outlet, history_days)
    if log_format is LogFormat.text and not any((limit, since, until, dry_run, break_lock, metrics, as_json)):
        done = _run_before(inputs, out, given)
        if done:
            if not quiet:
                PlainConsole().print(Text(NOTHING_NEW.format(done), style="yellow"))
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
    _print_summary(observer.report, as_json, quiet or json_lines)


def _run_before(inputs: list[str] | None, out: OutputLocation, given: CommandOptions) -> str | None:
    """Return the published run that did the same work, if that can be told without loading the pipeline."""
    return run_that_did(inputs or _sample(), out, given) if isinstance(out, Path) else None


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


def _print_summary(report: RunReport, as_json: bool, quiet: bool) -> None:
    from pipeline.cli import summary

    if as_json:
        typer.echo(json_line(summary.as_dict(report)))
    elif not quiet:
        PlainConsole().print(summary.render(report))


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


@app.command()
def config(config: ConfigOption = None) -> None:
    """Print the settings that would be used, with their meaning."""
    from pipeline import settings
    from pipeline.settings import template_answers
    from pipeline.settings.rule_packs import noise_settings

    chosen = settings.load(config)
    noise_settings(chosen)  # a missing rule pack is reported here too, and so is a bad folder of answers
    template_answers.load(Path(chosen.evidence.outlets))
    typer.echo(settings.as_toml(chosen), nl=False)


@app.command()
def init(
    inputs: Annotated[list[str], typer.Argument(metavar="INPUT…", help="Files, folders, globs, URLs.")],
    config: ConfigOption = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where to; default: standard output.")
    ] = None,
) -> None:
    """Look at inputs and write a settings file that says how they are read."""
    from pipeline import settings
    from pipeline.reports.preview import look_at

    chosen = settings.load(config)
    if output is not None and output.exists():
        raise UserError(f"--output {output}: this file exists, and it may be yours. Remove it, or name another.")
    written = look_at(inputs, chosen).as_toml()
    if output is None:
        StandardOutput().write(written)
        return
    try:
        output.write_text(written, encoding="utf-8")
    except OSError as error:
        raise UserError(f"--output {output}: cannot be written ({error.strerror}).") from None


@app.command()
def restore(
    doc_id: Annotated[str, typer.Argument(metavar="DOC_ID", help="The document's id, or a beginning of it.")],
    out: OutOption = OUT,
    stage: Annotated[
        str, typer.Option(help=f"Before which stage: {RESTORABLE}.", metavar="STAGE", parser=_text_stage)
    ] = "segment",
) -> None:
    """Print a document's text as it was before cleaning."""
    from pipeline.storage.reader import Corpus

    StandardOutput().write(Corpus(out).restore(doc_id, stage) + "\n")


@app.command()
def explain(
    document: Annotated[str, typer.Argument(metavar="DOC_ID|FILE", help="A document's id, or a file.")],
    out: OutOption = OUT,
    config: ConfigOption = None,
) -> None:
    """Show line by line which changes were made to a document, and why."""
    from pipeline import settings
    from pipeline.reports.explain import explain_document, explain_file
    from pipeline.storage.reader import Corpus

    if document and Path(document).exists():
        explanations = explain_file(document, settings.load(config))
    else:
        explanations = [explain_document(Corpus(out), document)]
    console = PlainConsole()
    for each in explanations:
        console.print(each.render())


@app.command()
def rules(
    config: ConfigOption = None,
    try_file: Annotated[
        str | None, typer.Option("--try", metavar="FILE", help="Show what the rules would cut from a file.")
    ] = None,
) -> None:
    """List the rules with examples, or try them on a file."""
    from pipeline import settings
    from pipeline.reports.explain import explain_file
    from pipeline.reports.rules import rule_list

    chosen = settings.load(config)
    console = PlainConsole()
    if try_file is None:
        console.print(rule_list(chosen))
        return
    for each in explain_file(try_file, chosen):
        console.print(each.render(only_changes=True))


@app.command()
def learn(
    out: OutOption = OUT,
    config: ConfigOption = None,
    outlet: Annotated[
        str | None, typer.Option(help="Only templates of this outlet.", metavar="TEXT", parser=_words)
    ] = None,
    min_support: Annotated[
        int, typer.Option(min=1, metavar="N", help="Only paragraphs on at least so many pages.")
    ] = 3,
    review: Annotated[bool, typer.Option("--review", help="Ask about each: accept, refuse, skip, quit.")] = False,
    outlets: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The folder of answers; default: [evidence] outlets.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the templates as JSON.")] = False,
) -> None:
    """List paragraphs that outlets repeat; accept them as templates or refuse them."""
    from pipeline import settings
    from pipeline.storage.reader import Corpus
    from pipeline.templates.review import proposals, render
    from pipeline.templates.review import review as ask_about

    if review and as_json:
        raise UserError("--review and --json cannot be used together: leave one of the two out.")
    folder = outlets or Path(settings.load(config).evidence.outlets)
    found = proposals(Corpus(out), folder, outlet, min_support)
    console = PlainConsole()
    if as_json:
        typer.echo(json_line([each.as_dict() for each in found]))
    elif review:
        console.print(Text("\n" + ask_about(found, folder, input, console.print), style="green"), soft_wrap=True)
    else:
        console.print(render(found))


@app.command()
def export(
    run: Annotated[str | None, typer.Argument(metavar="RUN", help="The run; default: all.")] = None,
    to: Annotated[
        Format, typer.Option("--to", help="A text: a file each. Flows: who printed whose words.")
    ] = Format.jsonl,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="PATH", help="Where to; default: standard output.")
    ] = None,
    canonical: Annotated[
        bool, typer.Option("--canonical", help="Texts without passages that others had first.")
    ] = False,
    out: OutOption = OUT,
) -> None:
    """Write the cleaned documents, or the passages copied between outlets (flows)."""
    from pipeline.reports.export import export_documents, export_flows
    from pipeline.storage.reader import Corpus

    if to is Format.flows and canonical:
        raise UserError("--canonical applies to texts, and --to flows writes none: leave one of the two out.")
    if to is Format.flows:
        n, unit = export_flows(Corpus(out), run, output), "flows"
    else:
        n, unit = export_documents(Corpus(out), run, to.value, output, canonical), "documents"
    if output:
        PlainConsole(stderr=True).print(in_one_line(f"{n:,} {unit} → {output}"))


@app.command()
def runs(
    out: OutOption = OUT, as_json: Annotated[bool, typer.Option("--json", help="Print manifests as JSON.")] = False
) -> None:
    """List the published runs, each compared with the median of earlier ones."""
    from pipeline.reports.run_history import as_dicts, history
    from pipeline.storage.reader import Corpus

    corpus = Corpus(out)
    if as_json:
        typer.echo(json_line(as_dicts(corpus)))
    else:
        PlainConsole().print(history(corpus))


@app.command()
def forget(
    doc_id: Annotated[str | None, typer.Argument(metavar="DOC_ID", help="The article's id.")] = None,
    url: Annotated[
        str | None, typer.Option(help="The article's address: all of its versions.", metavar="TEXT", parser=_words)
    ] = None,
    outlet: Annotated[
        str | None, typer.Option(help="All articles of an outlet.", metavar="TEXT", parser=_words)
    ] = None,
    out: OutOption = OUT,
    config: ConfigOption = None,
) -> None:
    """Remove articles from all tables and keep them out."""
    from pipeline import api, settings
    from pipeline.storage.location import output_location

    chosen = settings.load(config)
    n = api.forget(output_location(out, chosen.store), chosen, doc_id, url, outlet)
    PlainConsole().print(f"{n:,} articles forgotten; `clean verify` checks that nothing is left of them")


@app.command()
def verify(
    out: OutOption = OUT,
    repair: Annotated[
        bool, typer.Option("--repair", help="First mend what killed runs, power cuts and older versions left.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Check the tables, the conservation law, the lock and leftovers."""
    from pipeline.reports.verify import check
    from pipeline.storage.reader import Corpus

    console = PlainConsole()
    if repair and not _repair(out, config, console):
        return
    findings = check(Corpus(out))
    for finding in findings.wrong:
        console.print(in_one_line(f"wrong: {finding}"), style="red", soft_wrap=True)
    for finding in findings.remarks:
        console.print(in_one_line(finding), style="yellow", soft_wrap=True)
    if findings.wrong:
        raise typer.Exit(1)
    console.print(findings.praise(), style="green")


def _repair(out: OutputLocation, config: Path | None, console: PlainConsole) -> bool:
    """Mend an output location and print what was done; tell if there are runs to be checked."""
    from pipeline import settings
    from pipeline.reports.repair import repair
    from pipeline.storage.location import output_location, store_at

    chosen = settings.load(config)
    location = output_location(out, chosen.store)
    for each in repair(location, chosen) or ["nothing to repair"]:
        console.print(in_one_line(each), style="yellow", soft_wrap=True)
    return bool(store_at(location).runs())
