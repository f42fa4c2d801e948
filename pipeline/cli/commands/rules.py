"""`clean rules`: the rules with their examples, one rule in full, or what they would cut."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.application import app
from pipeline.cli.options import (
    OUT,
    ConfigOption,
    NoConfigOption,
    OutOption,
    OutputLocation,
    place_of,
    settings_in_force,
)
from pipeline.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from pipeline.reports.explain import Explanation
    from pipeline.settings import Settings


@app.command()
def rules(
    rule: Annotated[
        str | None, typer.Argument(metavar="RULE_ID", help="Show this rule in full, and what it cut in the corpus.")
    ] = None,
    out: OutOption = OUT,
    config: ConfigOption = None,
    no_config: NoConfigOption = False,
    try_file: Annotated[
        str | None,
        typer.Option("--try", metavar="FILE", help="Show what the rules would cut from a file; - reads a text."),
    ] = None,
    try_on: Annotated[
        OutputLocation | None,
        typer.Option(
            "--try-on", metavar="DIR", help="Show what rules that are new to a corpus would cut there.", parser=place_of
        ),
    ] = None,
    pager: Annotated[
        bool, typer.Option("--pager/--no-pager", help="Use a pager for output longer than the screen.")
    ] = True,
) -> None:
    """List the rules, show one in full, or try them on texts."""
    from pipeline.cli.pager import print_in_pages

    if sum(each is not None for each in (rule, try_file, try_on)) > 1:
        raise UserError("RULE_ID, --try and --try-on are three questions: ask one at a time.")
    chosen = settings_in_force(config, no_config, [try_file] if try_file and try_file != "-" else []).settings
    if rule is not None:
        parts = one_rule(rule, out, chosen)
    elif try_on is not None:
        parts = trial(try_on, chosen)
    elif try_file is not None:
        parts = tried(try_file, chosen)
    else:
        parts = all_rules(chosen)
    print_in_pages(parts, wanted=pager)


def all_rules(settings: Settings) -> Iterator[RenderableType]:
    """List every rule."""
    from pipeline.reports.rules import rule_list

    yield rule_list(settings)


def one_rule(name: str, out: OutputLocation, settings: Settings) -> Iterator[RenderableType]:
    """Show one rule, and what it cut in the corpus if there is one."""
    from pipeline.reports.rule_use import use_of_rule
    from pipeline.reports.rules import find_rule, render_rule
    from pipeline.storage.location import store_at
    from pipeline.storage.reader import Corpus

    known = find_rule(settings, name)
    use = use_of_rule(Corpus(out), name) if store_at(out).runs() else None
    yield render_rule(known, use, f"{out}/")


def trial(out: OutputLocation, settings: Settings) -> Iterator[RenderableType]:
    """Show what new rules would cut from the published texts of a corpus."""
    from pipeline.reports.rule_trial import try_on_corpus
    from pipeline.reports.rules import render_trial
    from pipeline.storage.reader import Corpus

    yield render_trial(try_on_corpus(Corpus(out), settings), f"{out}/")


def tried(file: str, settings: Settings) -> Iterator[RenderableType]:
    """Show what the rules would cut from a file, or from a text on standard input."""
    from pipeline.reports.explain_terminal import render

    for each in explained(file, settings):
        yield render(each, only_changes=True)


def explained(file: str, settings: Settings) -> Iterator[Explanation]:
    """Explain each document of a file; `-` is one text on standard input."""
    import sys
    import tempfile
    from dataclasses import replace

    from pipeline.reports.explain import explain_file

    if file != "-":
        yield from explain_file(file, settings)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "standard-input.txt"
        path.write_bytes(sys.stdin.buffer.read())
        for each in explain_file(str(path), settings):
            about = [row | {"source_uri": file} for row in each.ledger]
            document = None if each.document is None else each.document | {"source_uri": file, "outlet": ""}
            yield replace(each, document=document, ledger=about)
