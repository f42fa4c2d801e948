"""`clean restore`: a document's text as it was before cleaning."""

from __future__ import annotations

from typing import Annotated

import typer

from pipeline.cli.application import app
from pipeline.cli.options import OUT, DocumentArgument, OutOption
from pipeline.console import StandardOutput
from pipeline.errors import UserError
from stages.catalog import TEXT_STAGES

#: The stages whose input `clean restore` can restore, in their order.
RESTORABLE = ", ".join(reversed(TEXT_STAGES))


def _text_stage(name: str) -> str:
    """Return the name of a stage whose input can be restored."""
    if name not in TEXT_STAGES:
        raise UserError(f"--stage {name}: the text before this stage cannot be restored. Choose one of {RESTORABLE}.")
    return name


@app.command()
def restore(
    document: Annotated[str, DocumentArgument],
    out: OutOption = OUT,
    stage: Annotated[
        str, typer.Option(help=f"Before which stage: {RESTORABLE}.", metavar="STAGE", parser=_text_stage)
    ] = "segment",
) -> None:
    """Print a document's text as it was before cleaning."""
    from pipeline.reports.lookup import look_up_one
    from pipeline.storage.reader import Corpus

    corpus = Corpus(out)
    StandardOutput().write(corpus.restore(look_up_one(corpus, document).doc_id, stage) + "\n")
