"""Export for Dolma and datatrove: JSON Lines with `id`, `text`, `source`, `created`, `added` and `metadata`.

`source` is the outlet, `created` the time of publication, `added` the time of the run that cleaned the document.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.console import json_line
from pipeline.reports.exports.documents import ChosenDocuments, ExportOptions

#: Columns that have a key of their own.
OWN_KEYS = frozenset({"doc_id", "text", "canonical_text", "published", "run"})


def pieces(documents: ChosenDocuments, options: ExportOptions) -> Iterator[str]:
    """Yield a line for each document; `metadata` holds the chosen columns that have no key of their own."""
    corpus = documents.corpus
    added = {run: corpus.store.manifest(run)["started"] for run in corpus.runs}
    for row in documents.rows(["doc_id", "text", "outlet", "published", "run"]):
        options.counts["documents"] += 1
        metadata = {name: row[name] for name in options.columns if name not in OWN_KEYS}
        line = {
            "id": row["doc_id"],
            "text": row["text"],
            "source": row["outlet"],
            "created": row["published"],
            "added": added[row["run"]],
            "metadata": metadata,
        }
        yield json_line(line) + "\n"
