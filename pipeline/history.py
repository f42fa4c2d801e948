"""`clean runs`: the published runs of a corpus."""

from __future__ import annotations

from rich.table import Table

from pipeline.corpus import Corpus


def history(corpus: Corpus) -> Table:
    """A line for every run, oldest first."""
    table = Table(box=None, pad_edge=False)
    for heading in ("run", "documents", "out", "failed", "words", "out", "seconds", "settings"):
        name = heading in ("run", "settings")
        table.add_column(heading, justify="left" if name else "right", no_wrap=name, overflow="fold")
    for manifest in corpus.manifests():
        counts = manifest["counts"]
        failed = sum(row["rows"] for row in counts["ledger"] if row["action"] == "failed")
        numbers = (counts["documents_in"], counts["documents_out"], failed, counts["words_in"], counts["words_out"])
        cells = [f"{n:,}" for n in numbers]
        table.add_row(manifest["run_id"], *cells, f"{manifest['seconds']:,.1f}", manifest["fingerprint"][:8])
    return table
