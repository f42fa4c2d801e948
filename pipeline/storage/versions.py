"""Versions of one article: which documents a later version has taken the place of."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa

from pipeline.storage.protocol import OutputLocation
from pipeline.storage.tables import part_files, read_file


def superseded(documents: Iterable[OutputLocation]) -> pa.Array:
    """Return the ids of documents of which these tables hold a later version, or that name one.

    `documents` are folders of the table `documents`, one a run.
    """
    found = []
    for path in (path for folder in documents for path in part_files(folder)):
        rows = read_file(path, "documents", ["doc_id", "revision_of", "superseded_by"])
        late = rows["doc_id"].filter(rows["superseded_by"].is_valid())
        found += [rows["revision_of"].drop_null().combine_chunks(), late.combine_chunks()]
    return pa.chunked_array(found, pa.string()).unique()
