"""Reading of inputs for tests: documents and ledger rows as plain records."""

from pathlib import Path
from typing import Any

from pipeline import sources
from pipeline.sources import Settings

Rows = list[dict[str, Any]]


def read_file(path: Path, content: bytes, settings: Settings | None = None) -> tuple[Rows, Rows]:
    """Write a file and read it: its documents and its ledger rows."""
    path.write_bytes(content)
    documents, ledger = [], []
    for batch in sources.batches(sources.plan([str(path)]), settings or Settings()):
        documents += batch.documents.to_pylist()
        ledger += batch.ledger.to_pylist()
    return documents, ledger
