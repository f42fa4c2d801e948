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

NEXT_STEPS = """
the news as they came   {folder}/news/
the cleaned corpus      {folder}/corpus/

what to look at next
  clean explain {doc_id} --out {folder}/corpus    one article: what was cut, moved, mended and copied, and why
  clean restore {doc_id} --out {folder}/corpus    the same article before cleaning
  clean export --to flows --out {folder}/corpus     who printed whose words
  clean verify --out {folder}/corpus                the check that no word was lost without a row
then your own news
  clean init FILE_OR_FOLDER                         how they would be read
  clean run FILE_OR_FOLDER --out corpus"""


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where to put them.", parser=path_of)] = Path(
        "copydesk-demo"
    ),
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress, no summary.")] = False,
) -> None:
    """Clean some invented news into a folder, and say what to look at next."""
    from pipeline.sample import copy_sample

    news, corpus = copy_sample(folder), folder / "corpus"
    run(inputs=[str(news)], out=corpus, quiet=quiet)
    if not quiet:
        lines = NEXT_STEPS.format(folder=in_one_line(str(folder)), doc_id=_article(corpus)[:8])
        PlainConsole().print(Text(lines), soft_wrap=True)


def _article(corpus: Path) -> str:
    """Return the id of an article with much to see: the one that most was cut from."""
    import pyarrow.compute as pc

    from pipeline.storage.output_folder import OutputFolder
    from pipeline.storage.tables import read

    ledger = read(corpus, "ledger", OutputFolder(corpus).runs(), ["doc_id", "action"])
    counts = pc.value_counts(ledger.filter(pc.equal(ledger["action"], "cut"))["doc_id"]).to_pylist()
    return str(min(counts, key=lambda each: (-each["counts"], each["values"]))["values"])
