"""`clean explain`: which changes were made to a document, and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.application import app
from pipeline.cli.options import (
    OUT,
    DocumentArgument,
    NoConfigOption,
    OutOption,
    OutputLocation,
    path_of,
    settings_in_force,
)
from pipeline.console import PlainConsole, json_line
from pipeline.errors import UserError

if TYPE_CHECKING:
    from pipeline.reports.matches import LookupResult


@app.command()
def explain(
    document: Annotated[str, DocumentArgument],
    out: OutOption = OUT,
    config: Annotated[
        Path | None,
        typer.Option("--config", help="Clean FILE anew with these settings.", metavar="FILE", parser=path_of),
    ] = None,
    no_config: NoConfigOption = False,
    html: Annotated[
        Path | None, typer.Option("--html", help="Write one HTML file.", metavar="FILE", parser=path_of)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, a line for each document.")] = False,
    pager: Annotated[
        bool, typer.Option("--pager/--no-pager", help="Use a pager for output longer than the screen.")
    ] = True,
) -> None:
    """Show line by line what was done to a document, and why."""
    from pipeline.cli.pager import print_in_pages
    from pipeline.reports.explain import explain_document, explain_file
    from pipeline.reports.explain_html import write_html
    from pipeline.reports.explain_json import as_json as in_json
    from pipeline.reports.explain_terminal import render
    from pipeline.reports.lookup import nothing_found
    from pipeline.storage.reader import Corpus

    if html is not None and as_json:
        raise UserError("--html and --json are two ways to write it: leave one of the two out.")
    chosen = settings_in_force(config, no_config, [document] if is_file(document) else []).settings
    matches = find_documents(document, out, anew=config is not None)
    if matches.total > 1:
        list_matches(matches, out, as_json)
        return
    if matches.total:
        found = iter([explain_document(Corpus(out), matches.documents[0].doc_id, chosen)])
    elif is_file(document):
        found = explain_file(document, chosen)
    else:
        raise nothing_found(Corpus(out), document)
    if html is not None:
        write_html(found, html)
        PlainConsole().print(f"written to {html}", soft_wrap=True)
    elif as_json:
        for each in found:
            typer.echo(json_line(in_json(each)))
    else:
        print_in_pages(map(render, found), wanted=pager)


def is_file(name: str) -> bool:
    """Tell if a file or folder has this name; an empty name would be the current folder."""
    try:
        return bool(name) and Path(name).exists()
    except (OSError, ValueError):  # too long for a path, or bytes that none has
        return False


def find_documents(name: str, out: OutputLocation, anew: bool) -> LookupResult:
    """Find the documents of the corpus that are meant: none where a file is to be cleaned anew, or is not in it."""
    from pipeline.reports.lookup import look_up
    from pipeline.reports.matches import LookupResult
    from pipeline.storage.reader import Corpus

    nothing = LookupResult(name, "file")
    if not is_file(name):
        return look_up(Corpus(out), name)
    if anew:
        return nothing
    try:
        found = look_up(Corpus(out), name)
    except UserError:  # there is no corpus yet
        return nothing
    return found if found.by == "file" else nothing


def list_matches(matches: LookupResult, out: OutputLocation, as_json: bool) -> None:
    """Print the documents that fit, and what to type for one of them."""
    from pipeline.reports.explain_json import matches_as_json
    from pipeline.reports.matches import match_list

    if as_json:
        typer.echo(json_line(matches_as_json(matches)))
        return
    console, shown = PlainConsole(), len(matches.documents)
    more = f", of which {shown} are listed" if shown < matches.total else ""
    console.print(f"{matches.total:,} documents fit{more}:", soft_wrap=True)
    for line in match_list(matches):
        console.print(line, soft_wrap=True)
    console.print(f"\nOne of them: clean explain {matches.documents[0].short_id} --out {out}", soft_wrap=True)
