"""The table FOUND: passages with the ids and places of their canonical passages."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stages.contract import TIMESTAMP

from .candidates import distinct
from .history import (
    BLOCK,
    DOCUMENT,
    SENTENCE,
    UNDATED,
    History,
    Rows,
    Segment,
    documents_of,
    joined,
    look_up,
    rows_at,
    sentences_of,
)
from .kernels.cluster_ids import cluster_ids_of
from .match_columns import NAMES_DIFFER, NEGATIONS_DIFFER, NUMBERS_DIFFER
from .tables import FOUND
from .tokenization import Integers


def found_table(rows: Rows, fresh: Integers, known: History) -> pa.Table:
    """Make the table FOUND of passages, with the canonical passages of clusters that begin with them."""
    sentences = distinct(np.concatenate([rows["canonical"], fresh]))
    homes = look_up(known, SENTENCE, sentences, sentences_of)
    homes["id"] = cluster_ids(homes, known)
    begun = np.searchsorted(sentences, fresh)
    places = beside(look_up(known, SENTENCE, rows["later"], sentences_of), rows_at(homes, begun))
    home = np.append(np.searchsorted(sentences, rows["canonical"]), begun)
    rows = beside(rows, canonical_rows(sentences, homes, begun))
    order = rising(rows, places, ranks(homes["id"])[home], known)
    return found_rows(rows_at(rows, order), rows_at(places, order), rows_at(homes, home[order]), known)


def beside(one: Rows, other: Rows) -> Rows:
    """Append rows to others; columns that either lacks are left out."""
    return {name: np.concatenate([column, other[name]]) for name, column in one.items() if name in other}


def ranks(values: NDArray[np.bytes_]) -> Integers:
    """Return the rank of each value: equal ones have the same.

    >>> ranks(np.array([b"b", b"a", b"b"])).tolist()
    [1, 0, 1]
    """
    found: Integers = np.unique(values, return_inverse=True)[1]
    return found


def rising(rows: Rows, places: Rows, clusters: Integers, known: History) -> Integers:
    """Return the order of passages by cluster, whose ranks are given, document, paragraph and word."""
    numbers, place = np.unique(places["document"], return_inverse=True)
    document = ranks(look_up(known, DOCUMENT, numbers, documents_of)["doc_id"])[place]
    # Numbers of 32 bits: to sort by two columns takes half as long as by four.
    word = rows["from"].astype(np.int64) + places["offset"]
    order: Integers = np.lexsort((places["paragraph"].astype(np.int64) << 32 | word, clusters << 32 | document))
    return order


def canonical_rows(sentences: Integers, homes: Rows, begun: Integers) -> Rows:
    """Make the rows of the canonical passages of clusters: whole sentences, of which nothing is copied."""
    begin, end = homes["from"][begun], homes["to"][begun]
    return {
        "later": sentences[begun], "canonical": sentences[begun], "from": begin, "to": end, "copied_from": begin,
        "copied_to": begin, "similarity": np.ones(len(begun), np.float32), "differs": np.zeros(len(begun), np.int8),
    }  # fmt: skip


def found_rows(rows: Rows, places: Rows, homes: Rows, known: History) -> pa.Table:
    """Join passages that stand at `places` with their canonical ones, which stand at `homes`."""
    own, home = (look_up(known, DOCUMENT, each["document"], documents_of) for each in (places, homes))
    canonical = rows["later"] == rows["canonical"]
    dated = (own["published"] != UNDATED) & (home["published"] != UNDATED)
    spans = {name: pa.array(places[name], mask=~canonical) for name in ("begin", "end")}
    columns = {
        "cluster_id": pa.array(homes["id"]).cast(pa.string()),
        "doc_id": pa.array(own["doc_id"]).cast(pa.string()),
        "paragraph": places["paragraph"],
        "start_word": (rows["from"] + places["offset"]).astype(np.int32),
        "end_word": (rows["to"] + places["offset"]).astype(np.int32),
        "copied_start": (rows["copied_from"] + places["offset"]).astype(np.int32),
        "copied_end": (rows["copied_to"] + places["offset"]).astype(np.int32),
        "is_canonical": canonical,
        "similarity": rows["similarity"],
        "numbers_differ": rows["differs"] & NUMBERS_DIFFER != 0,
        "contradicts": rows["differs"] & (NAMES_DIFFER | NEGATIONS_DIFFER) != 0,
        "facts_differ": rows["differs"] != 0,
        "canonical_doc": pa.array(home["doc_id"]).cast(pa.string()),
        "canonical_paragraph": homes["paragraph"],
        "shared": own["outlet"] != home["outlet"],
        "wire": home["wire"],
        "late": dated & (own["published"] < home["published"]),
        "revision": ~canonical & (own["article"] != 0) & (own["article"] == home["article"]),
        "start": spans["begin"],
        "end": spans["end"],
        "outlet": pa.array(own["outlet"], pa.string(), mask=~canonical),
        "published": pa.array(own["published"], pa.int64(), mask=~canonical | (own["published"] == UNDATED)).cast(
            TIMESTAMP
        ),
    }
    return pa.table({name: pa.array(column) for name, column in columns.items()}).cast(FOUND)


def cluster_ids(homes: Rows, known: History) -> NDArray[np.bytes_]:
    """Return a stable id for each cluster: a digest of where its canonical sentence begins."""
    doc_ids = look_up(known, DOCUMENT, homes["document"], documents_of)["doc_id"]
    return cluster_ids_of(doc_ids, homes["paragraph"].astype(np.int64), homes["from"] + homes["offset"])


def canonical_sentences(segment: Segment, clusters: NDArray[np.bytes_]) -> Integers:
    """Return the numbers of the sentences of a segment that are canonical in one of some clusters (rising ids)."""
    count, found = len(segment.columns["start"]), []
    for begin in range(0, count, BLOCK):
        numbers = np.arange(begin, min(begin + BLOCK, count)) + segment.first[SENTENCE]
        ids = cluster_ids(look_up([segment], SENTENCE, numbers, sentences_of), [segment])
        found.append(numbers[np.isin(ids, clusters)])
    return joined(found)
