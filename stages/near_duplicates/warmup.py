"""Warm-up: compile the kernels ahead, so that worker processes find them in numba's cache and do not all compile."""

from __future__ import annotations

import pyarrow as pa

from stages.contract import DOCUMENT

from .resolution import resolve
from .settings import Settings
from .shard_evidence import evidence

_TEXT = "A compiled kernel is kept on disk, and whoever comes second need not wait for the compiler again."


def warm_up(settings: Settings) -> None:
    """Run the compiled steps once on two small texts: some 12 s where nothing is cached yet, else half a second."""
    row = {"source_uri": "", "outlet": "", "kind": "text", "raw_sha256": "", "text": _TEXT}
    documents = pa.Table.from_pylist([row | {"doc_id": "a"}, row | {"doc_id": "b"}], schema=DOCUMENT)
    resolve([evidence(documents, settings)], settings)
