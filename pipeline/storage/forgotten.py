"""The forgotten record: the articles that `clean forget` took out of an output location, named by digests only.

    out/forgotten.json    ids of the articles, and digests of their outlets and URLs

While `clean delete` is under way it names the runs that are to go, too. Nothing of a deleted run is remembered.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.durable import remove, replacing
from pipeline.errors import UserError
from pipeline.storage.ids import Ids
from pipeline.storage.protocol import OutputLocation

RECORD = "forgotten.json"
#: The ledger's reason of an article that later runs met again.
KEPT_OUT = "forgotten"
#: Columns that name a document, by table, and those that are void without it.
NAMING: dict[str, dict[str, tuple[str, ...]]] = {
    "documents": {"duplicate_of": (), "revision_of": (), "superseded_by": ()},
    "paragraphs": {"duplicate_of_doc": ("duplicate_of_paragraph",)},
    "passages": {},
    "ledger": {"canonical_doc": ("canonical_paragraph", "cluster_id")},
}


@dataclass(frozen=True)
class ForgottenRecord:
    """The forgotten articles of an output location; `done` is false while tables may still hold them."""

    doc_ids: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()  # digests of outlet and URL
    done: bool = True
    runs: tuple[str, ...] = ()  # that are being deleted, while that is not done

    def holds(self, documents: pa.Table) -> NDArray[np.bool_]:
        """Tell for each document if it is forgotten: by its id, or as another version of a forgotten article."""
        if not self.doc_ids:
            return np.zeros(len(documents), np.bool_)
        known, articles = Ids(), set(self.articles)
        known.add(list(self.doc_ids))
        addresses = zip(documents["outlet"].to_pylist(), documents["url"].to_pylist(), strict=True)
        versions = [bool(url) and article_digest(outlet, url) in articles for outlet, url in addresses]
        return known.has(documents["doc_id"].to_pylist()) | np.array(versions, np.bool_)


def article_digest(outlet: str, url: str) -> str:
    """Return a name for an article that does not reveal it.

    >>> article_digest("daily-plume", "https://plume.example/ferry")
    '22e41d904f121329c19af258217eacb0'
    """
    return hashlib.sha256(f"{outlet}\n{url}".encode()).hexdigest()[:32]


def record_of(out: OutputLocation) -> ForgottenRecord:
    """Read the record of an output location; an empty one where nothing was forgotten."""
    try:
        return parse_record((out / RECORD).read_bytes())
    except FileNotFoundError:
        return ForgottenRecord()
    except (ValueError, KeyError, TypeError):
        raise UserError(
            f"{out / RECORD} is damaged. Restore it from a backup; without it, articles that were forgotten come back."
        ) from None


def parse_record(content: bytes) -> ForgottenRecord:
    """Parse the content of `forgotten.json`."""
    fields = json.loads(content)
    ids, articles = tuple(fields["doc_ids"]), tuple(fields["articles"])
    return ForgottenRecord(ids, articles, fields["done"], tuple(fields.get("runs", ())))


def write_record(out: Path, record: ForgottenRecord) -> None:
    """Replace the record of an output folder in one rename; without anything to remember there is none."""
    if record == ForgottenRecord():
        remove(out / RECORD)
        return
    fields: dict[str, Any] = {"doc_ids": record.doc_ids, "articles": record.articles, "done": record.done}
    if record.runs:
        fields["runs"] = record.runs
    with replacing(out / RECORD) as aside:
        aside.write_text(json.dumps(fields, indent=1), encoding="utf-8")
