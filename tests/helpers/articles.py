"""Articles as the corpus stage takes them: one outlet each, published an hour apart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from stages.contract import DOCUMENT

START = datetime(2031, 5, 4, tzinfo=UTC)


def documents(*texts: str, **columns: list[Any]) -> pa.Table:
    """Return a document for each text, with ids that count up; `columns` say what is not as usual, text by text."""
    rows = [
        {"doc_id": f"{n:032x}", "source_uri": "test", "outlet": f"outlet-{n}", "kind": "text", "text": text,
         "raw_sha256": "", "published": START + timedelta(hours=n), **{name: all_[n] for name, all_ in columns.items()}}
        for n, text in enumerate(texts)
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=DOCUMENT)
