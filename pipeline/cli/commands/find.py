"""`clean find`: list documents, by words, address, file or id, or all of them."""

from __future__ import annotations

from typing import Annotated

import typer

from pipeline.cli.application import app
from pipeline.cli.options import (
    OUT,
    KindsOption,
    LanguagesOption,
    OutletsOption,
    OutOption,
    SinceOption,
    UntilOption,
    selection_of,
)
from pipeline.console import PlainConsole, json_line


@app.command()
def find(  # noqa: PLR0913, PLR0917 - the options of the command, which typer calls by name
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="WORDS|URL|FILE|ID", help="Words, all of which stand in title or text; an address, a file or an id."
        ),
    ] = None,
    out: OutOption = OUT,
    outlets: OutletsOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    languages: LanguagesOption = None,
    kinds: KindsOption = None,
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="List at most N documents.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print the list as JSON.")] = False,
) -> None:
    """List documents by words, address or file; or all, newest first."""
    from pipeline.reports.find import find as find_documents
    from pipeline.reports.find import render
    from pipeline.storage.reader import Corpus

    corpus = Corpus(out)
    selection = selection_of(outlets=outlets, languages=languages, kinds=kinds, since=since, until=until)
    found = find_documents(corpus, words or [], selection, limit)
    if as_json:
        typer.echo(json_line(found.as_dict()))
    else:
        PlainConsole().print(render(corpus, found, selection))
