"""Export as a folder that `load_dataset` of Hugging Face opens: Parquet files of each table, and a dataset card.

The tables are `documents`, `paragraphs`, `passages` and `ledger`, a configuration each. A split has the rows of its
documents.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from pipeline.reports.exports.dataset_card import CardFacts, card
from pipeline.reports.exports.documents import ChosenDocuments, ExportOptions
from pipeline.reports.exports.parquet import write_batches
from pipeline.storage.tables import DOCUMENTS, TABLES

#: The tables beside `documents`.
OTHERS = ("paragraphs", "passages", "ledger")
#: The split of a dataset that is not divided, as Hugging Face calls it.
ALL = "train"


def write_folder(splits: Mapping[str, ChosenDocuments], folder: Path, options: ExportOptions) -> None:
    """Write the tables, split by split, and the card with what was counted meanwhile."""
    counts: dict[str, dict[str, int]] = {}
    languages: Counter[str] = Counter()
    schema = pa.schema([DOCUMENTS.field(name) for name in options.columns])
    for split, documents in splits.items():
        name = split or ALL
        counts.setdefault("documents", {})[name] = _write(folder, "documents", name, documents.batches(), schema)
        for table in OTHERS:
            rows = _write(folder, table, name, documents.rows_of(table), TABLES[table])
            counts.setdefault(table, {})[name] = rows
        languages.update(_languages(documents))
    options.counts["documents"] += sum(counts["documents"].values())
    first = next(iter(splits.values()))
    facts = CardFacts(counts, languages, first.selection.in_words(), options.canonical, len(splits) > 1)
    (folder / "README.md").write_text(card(facts), encoding="utf-8")


def _languages(documents: ChosenDocuments) -> Iterator[str]:
    """Yield the language of each document that has one."""
    narrow = replace(documents, options=replace(documents.options, columns=("language",)))
    for batch in narrow.batches():
        yield from batch["language"].drop_null().to_pylist()


def _write(folder: Path, table: str, split: str, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> int:
    (folder / table).mkdir(exist_ok=True)
    return write_batches(batches, folder / table / f"{split}.parquet", schema)
