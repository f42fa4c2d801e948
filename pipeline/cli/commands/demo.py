"""`clean demo`: invented news, cleaned, to look at."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from pipeline.cli.application import app
from pipeline.cli.commands.run import run
from pipeline.cli.options import path_of
from pipeline.console import PlainConsole, in_one_line

#: Commands to go on with, and what each shows, for an article with much to see and the folder of the demonstration.
NEXT_STEPS = {
    "clean explain {doc_id} --out {folder}/corpus": "one article: what was cut, moved, repaired and copied, and why",
    "clean restore {doc_id} --out {folder}/corpus": "the same article before cleaning",
    "clean find --out {folder}/corpus": "all articles; add words to search for",
    "clean report --out {folder}/corpus": "a page to open in a browser: the whole run in pictures",
    "clean export --to flows --out {folder}/corpus": "who printed whose words",
    "clean verify --out {folder}/corpus": "checks that every removed word has a row in the ledger",
}
OWN_NEWS = {
    "clean init FILE_OR_FOLDER": "shows how your own news would be read",
    "clean run FILE_OR_FOLDER --out corpus": "cleans it into a corpus",
}


@app.command()
def demo(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="The folder to write them to.", parser=path_of)
    ] = Path("copydesk-demo"),
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress, no summary.")] = False,
) -> None:
    """Clean some invented news, and say what to look at next."""
    from pipeline.sample import copy_sample

    news, corpus = copy_sample(folder), folder / "corpus"
    run(inputs=[str(news)], out=corpus, quiet=quiet)
    if not quiet:
        lines = _what_next(in_one_line(str(folder)), _article(corpus)[:8])
        PlainConsole().print(Text("\n".join(lines)), soft_wrap=True)


def _what_next(folder: str, doc_id: str) -> list[str]:
    """Say where the demonstration lies and what to look at."""
    steps = {step.format(folder=folder, doc_id=doc_id): shown for step, shown in (NEXT_STEPS | OWN_NEWS).items()}
    width = max(map(len, steps))
    lines = ["", f"the news as they came   {folder}/news/", f"the cleaned corpus      {folder}/corpus/", ""]
    return [*lines, "what to look at next", *(f"  {step:<{width}}  {shown}" for step, shown in steps.items())]


def _article(corpus: Path) -> str:
    """Return the id of an article with much to see: the one that most was cut from."""
    import pyarrow.compute as pc

    from pipeline.storage.output_folder import OutputFolder
    from pipeline.storage.tables import read

    ledger = read(corpus, "ledger", OutputFolder(corpus).runs(), ["doc_id", "action"])
    counts = pc.value_counts(ledger.filter(pc.equal(ledger["action"], "cut"))["doc_id"]).to_pylist()
    return str(min(counts, key=lambda each: (-each["counts"], each["values"]))["values"])
