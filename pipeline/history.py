"""`clean runs`: the published runs of a corpus."""

from __future__ import annotations

from rich.table import Table

from pipeline.corpus import Corpus


def history(corpus: Corpus) -> Table:
    """A line for every run, oldest first."""
    table = Table(box=None, pad_edge=False)
    for heading in ("run", "documents in", "out", "failed", "words in", "words out", "seconds", "settings"):
        table.add_column(heading, justify="left" if heading in ("run", "settings") else "right")
    for manifest in corpus.manifests():
        counts = manifest["counts"]
        failed = sum(row["rows"] for row in counts["ledger"] if row["action"] == "failed")
        table.add_row(
            manifest["run_id"], *(f"{n:,}" for n in (counts["documents_in"], counts["documents_out"], failed)),
            f"{counts['words_in']:,}", f"{counts['words_out']:,}", f"{manifest['seconds']:,.1f}", manifest["fingerprint"],
        )  # fmt: skip
    return table
