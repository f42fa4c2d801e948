"""The flows between outlets: whose words who else printed, how many and how soon, from the table of passages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from statistics import median
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.corpus import Corpus
from pipeline.tables import folder_of, read, read_file
from pipeline.tally import count_words

FLOWS = pa.schema(
    [
        pa.field("from_outlet", pa.string(), nullable=False),
        pa.field("to_outlet", pa.string(), nullable=False),
        pa.field("n_passages", pa.int64(), nullable=False),
        pa.field("n_words", pa.int64(), nullable=False),
        pa.field("n_documents", pa.int64(), nullable=False),
        pa.field("median_delay_hours", pa.float64()),
    ]
)

Row = dict[str, Any]
OutletPair = tuple[str, str]


def flows(corpus: Corpus, run: str | None = None) -> pa.Table:
    """One row for each two outlets of which one printed the other's passages, the most words first.

    The copies are those of one run, or of all; their canonical passages may stand in any run.
    """
    origins = canonical_passages(corpus)
    copies = [row for each in corpus.chosen(run) for row in copies_in(corpus.out, each, origins)]
    return flow_table(copies)


def canonical_passages(corpus: Corpus) -> pa.Table:
    """Where each cluster's canonical passage stands: a row a cluster."""
    columns = ["cluster_id", "doc_id", "outlet", "published", "is_canonical"]
    passages = read(corpus.out, "passages", corpus.runs, columns)
    canonical = passages.filter(passages["is_canonical"])
    return canonical.select(columns[:4]).rename_columns(["cluster_id", "from_doc", "from_outlet", "from_published"])


def copies_in(out: Path, run: str, origins: pa.Table) -> Iterable[Row]:
    """The passages of a run that another outlet has first, part by part, each with its origin and words of its own."""
    for path in sorted(folder_of(out, "passages", run).glob("part-*.parquet")):
        passages = read_file(path, "passages")
        copies = passages.filter(pc.invert(passages["is_canonical"])).join(origins, "cluster_id", join_type="inner")
        copies = copies.filter(pc.not_equal(copies["outlet"], copies["from_outlet"]))
        paragraphs = read_file(folder_of(out, "paragraphs", run) / path.name, "paragraphs")
        texts = paragraphs.select(["doc_id", "paragraph", "text"])
        rows = copies.join(texts, ["doc_id", "paragraph"], join_type="inner").to_pylist()
        yield from with_words(rows)


def with_words(rows: list[Row]) -> Iterable[Row]:
    """The rows with `n_words`. Words that two passages of one origin share are counted with the first.

    >>> row = {"from_outlet": "a", "doc_id": "d", "paragraph": 0, "text": "the ferry sails again"}
    >>> spans = [row | {"start": 0, "end": 15}, row | {"start": 4, "end": 21}]
    >>> [copy["n_words"] for copy in with_words(spans)]
    [3, 1]
    """
    counted: dict[tuple[str, str, int], int] = defaultdict(int)
    for row in sorted(rows, key=lambda row: (row["start"], row["end"])):
        place = (row["from_outlet"], row["doc_id"], row["paragraph"])
        begin = max(row["start"], counted[place])
        counted[place] = max(row["end"], counted[place])
        yield row | {"n_words": count_words(row["text"][begin : row["end"]])}


def flow_table(copies: Iterable[Row]) -> pa.Table:
    """The copies counted by outlet and outlet."""
    pairs: dict[OutletPair, list[Row]] = defaultdict(list)
    for row in copies:
        pairs[row["from_outlet"], row["outlet"]].append(row)
    rows = [
        {
            "from_outlet": from_outlet,
            "to_outlet": to_outlet,
            "n_passages": len(found),
            "n_words": sum(row["n_words"] for row in found),
            "n_documents": len({row["doc_id"] for row in found}),
            "median_delay_hours": median_delay(found),
        }
        for (from_outlet, to_outlet), found in pairs.items()
    ]
    rows.sort(key=lambda row: (-row["n_words"], row["from_outlet"], row["to_outlet"]))
    return pa.Table.from_pylist(rows, schema=FLOWS)


def median_delay(copies: Iterable[Row]) -> float | None:
    """Hours from the one article to the other, the median over pairs of articles whose times are both known."""
    hours = {
        (row["from_doc"], row["doc_id"]): (row["published"] - row["from_published"]).total_seconds() / 3600
        for row in copies
        if row["published"] and row["from_published"]
    }
    return round(median(hours.values()), 2) if hours else None
