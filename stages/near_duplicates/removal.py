"""The published tables of a shard, from the passages of the whole corpus: word places become characters."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from stages.contract import PARAGRAPH_BREAK
from stages.ledger import LedgerRows, subjects
from stages.shared.words import count_words_of

from .fact_words import OTHER_TEXT
from .settings import Settings
from .shard_evidence import QUOTATION_WORDS, SENTENCE_WORDS, document_words, parts
from .tables import ADDITIONS, PARAGRAPHS, PASSAGES, REASONS, VERSIONS, Removal
from .tokenization import Integers, Words, compiled, paragraph_numbers, tokenize

#: Columns of VERSIONS that are added to documents.
VERSIONS_OF = ("revision_of", "superseded_by")


class Occurrences(NamedTuple):
    """Passages of a shard: rows of FOUND, with the place of each in the shard's words."""

    rows: pa.Table
    document: Integers  # row of the shard
    paragraph: Integers  # paragraph of the shard, counted through all its documents
    start: Integers  # first word, counted through all documents
    end: Integers


class Source(NamedTuple):
    """The canonical copy of most of a paragraph's copied words."""

    doc_id: str
    paragraph: int
    cluster_id: str


def remove(documents: pa.Table, found: pa.Table, settings: Settings, versions: pa.Table | None = None) -> Removal:
    """Make the tables of a shard's documents from the passages and versions of the corpus (of other shards: ignored).

    `documents` come back with the columns of ADDITIONS, none of them missing.
    """
    words = tokenize(documents["text"])
    here = occurrences(documents, found, words)
    copied = shares(words, here, copies(here.rows))
    original = holds_own_sentence(words, here)
    dropped = dropped_paragraphs(words, here, original, settings)
    sources = paragraph_sources(here, np.flatnonzero(copied > 0))
    paragraphs = paragraph_table(documents, words, here, copied, original, sources, settings)
    versions = VERSIONS.empty_table() if versions is None else versions
    version = pc.index_in(documents["doc_id"], versions["doc_id"].combine_chunks())
    additions = document_table(documents, words, here, paragraphs["text"], dropped, settings)
    for name in VERSIONS_OF:
        additions = additions.append_column(ADDITIONS.field(name), versions[name].take(version))
    ledger = ledger_rows(documents, words, paragraphs, sources, additions, settings)
    for field in ADDITIONS:
        documents = documents.append_column(field, additions[field.name])
    return Removal(documents, paragraphs, passage_table(documents, words, here), ledger)


def occurrences(documents: pa.Table, found: pa.Table, words: Words) -> Occurrences:
    """Find the passages that stand in these documents."""
    row = pc.index_in(found["doc_id"], value_set=documents["doc_id"].combine_chunks())
    rows = found.filter(pc.is_valid(row))
    document = row.drop_null().to_numpy().astype(np.int64)
    begins = np.searchsorted(words.document, np.arange(len(documents)))
    paragraph = begins[document] + rows["paragraph"].to_numpy()
    start, end = (words.first[paragraph] + rows[name].to_numpy() for name in ("start_word", "end_word"))
    return Occurrences(rows, document, paragraph, start, end)


def copies(rows: pa.Table) -> NDArray[np.bool_]:
    """Select the passages whose canonical copy stands elsewhere: those a leader has, in another article."""
    other = ~(rows["is_canonical"].to_numpy() | rows["revision"].to_numpy())
    copied: NDArray[np.bool_] = rows["leads"].to_numpy() & other
    return copied


def covered(words: Words, here: Occurrences, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mark the words that lie in one of the chosen passages."""
    depth = np.zeros(len(words.hashes) + 1, np.int64)
    np.add.at(depth, here.start[chosen], 1)
    np.add.at(depth, here.end[chosen], -1)
    return np.cumsum(depth)[:-1] > 0


def shares(words: Words, here: Occurrences, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the share of each paragraph's words that lie in one of the chosen passages."""
    inside = np.append(0, np.cumsum(covered(words, here, chosen)))
    lengths = np.diff(words.first)
    share: NDArray[np.float64] = (inside[words.first[1:]] - inside[words.first[:-1]]) / np.maximum(lengths, 1)
    return share


def holds_own_sentence(words: Words, here: Occurrences) -> NDArray[np.bool_]:
    """Mark the paragraphs with a sentence that nobody had before; a fragment too short for one does not count."""
    first, paragraph = parts(words.first)
    starts, of_part, *_ = compiled("tokenizer").cut(words.hashes, words.gaps, first, *SENTENCE_WORDS, QUOTATION_WORDS)
    lengths = np.diff(np.append(starts, len(words.hashes)))
    own = lengths >= SENTENCE_WORDS[0]
    own[np.searchsorted(starts, here.start[copies(here.rows)], side="right") - 1] = False
    found = np.zeros(len(words.document), np.bool_)
    found[np.repeat(paragraph, np.diff(of_part))[own]] = True
    return found


def dropped_paragraphs(
    words: Words, here: Occurrences, original: NDArray[np.bool_], settings: Settings
) -> NDArray[np.bool_]:
    """Mark the paragraphs that leave `canonical_text`: not one with a sentence of its own, unless every copy goes.

    Nor one with a sentence that differs in a fact, unless another copy of it says the same, or with much other text.
    """
    if settings.dropped == "mark":
        return np.zeros(len(words.document), np.bool_)
    chosen, faithful = copies(here.rows), faithful_rows(here.rows, settings)
    dropped = shares(words, here, chosen & faithful) >= settings.minimum_share
    inside = np.append(0, np.cumsum(covered(words, here, chosen & faithful)))
    if settings.dropped == "keep-first":
        dropped[holding_other_text(words, inside)] = False
    confirmed = inside[here.end] - inside[here.start] == here.end - here.start
    dropped[here.paragraph[~faithful & ~confirmed & ~here.rows["revision"].to_numpy()]] = False
    return dropped if settings.dropped == "drop" else dropped & ~original


def holding_other_text(words: Words, inside: Integers) -> Integers:
    """Return the paragraphs with OTHER_TEXT words in a row that are in no copy; `inside` counts those that are."""
    starts = np.flatnonzero(inside[OTHER_TEXT:] == inside[:-OTHER_TEXT])
    paragraph = np.searchsorted(words.first, starts, side="right") - 1
    found: Integers = np.unique(paragraph[starts + OTHER_TEXT <= words.first[paragraph + 1]])
    return found


def faithful_rows(rows: pa.Table, settings: Settings) -> NDArray[np.bool_]:
    """Select the passages whose whole sentence says nothing that its canonical one does not."""
    faithful: NDArray[np.bool_] = ~rows["facts_differ"].to_numpy() | settings.drop_where_numbers_differ
    return faithful


def paragraph_sources(here: Occurrences, paragraphs: Integers) -> dict[int, Source]:
    """Find for each paragraph with copied words where most of them come from (of equals, the smaller id)."""
    chosen = copies(here.rows)
    rows = here.rows.filter(pa.array(chosen)).select(["canonical_doc", "canonical_paragraph", "cluster_id"]).to_pylist()
    words: dict[int, dict[tuple[str, int], list[Any]]] = {int(paragraph): {} for paragraph in paragraphs}
    for row, paragraph, length in zip(rows, here.paragraph[chosen], (here.end - here.start)[chosen], strict=True):
        place = (row["canonical_doc"], row["canonical_paragraph"])
        entry = words[int(paragraph)].setdefault(place, [0, row["cluster_id"]])
        entry[0] += int(length)
    best = {
        paragraph: min(places.items(), key=lambda item: (-item[1][0], item[0])) for paragraph, places in words.items()
    }
    return {paragraph: Source(*place, entry[1]) for paragraph, (place, entry) in best.items()}


def paragraph_table(
    documents: pa.Table, words: Words, here: Occurrences, copied: NDArray[np.float64], original: NDArray[np.bool_],
    sources: dict[int, Source], settings: Settings,
) -> pa.Table:  # fmt: skip
    """Make one row a paragraph.

    It is canonical unless `minimum_share` of its words stood elsewhere first and none of its sentences is its own.
    """
    texts = [paragraph for text in documents["text"].to_pylist() for paragraph in text.split(PARAGRAPH_BREAK)]
    source = [sources.get(paragraph) for paragraph in range(len(texts))]
    columns = {
        "doc_id": documents["doc_id"].take(pa.array(words.document)),
        "paragraph": paragraph_numbers(words.document),
        "text": pa.array(texts, pa.large_string()),
        "n_words": count_words_of(pa.array(texts, pa.large_string())),
        "is_canonical": original | (copied < settings.minimum_share),
        "duplicate_share": copied.astype(np.float32),
        "duplicate_of_doc": pa.array([s and s.doc_id for s in source], pa.string()),
        "duplicate_of_paragraph": pa.array([s and s.paragraph for s in source], pa.int32()),
        "origin": origins(documents, words, here),
    }
    return pa.table(columns, schema=PARAGRAPHS)


def origins(documents: pa.Table, words: Words, here: Occurrences) -> pa.Array:
    """Return the origin of each paragraph.

    `wire`: the article, or that of the canonical passage, credits an agency; `shared`: the canonical passage is
    another outlet's; else `own`.
    """
    credited = pc.fill_null(pc.greater(pc.list_value_length(documents["wire"]), 0), False).to_numpy()
    origin = np.zeros(len(words.document), np.int8)
    origin[here.paragraph[here.rows["shared"].to_numpy()]] = 1
    origin[here.paragraph[here.rows["wire"].to_numpy()]] = 2
    origin[credited[words.document]] = 2
    return pa.array(["own", "shared", "wire"]).take(pa.array(origin))


def document_table(
    documents: pa.Table, words: Words, here: Occurrences, texts: pa.ChunkedArray, dropped: NDArray[np.bool_],
    settings: Settings,
) -> pa.Table:  # fmt: skip
    """Make the additions to each document."""
    kept: list[list[str]] = [[] for _ in range(len(documents))]
    for document, text, drop in zip(words.document.tolist(), texts.to_pylist(), dropped.tolist(), strict=True):
        if not drop:
            kept[document].append(text)
    n_words = document_words(words, len(documents))
    inside = covered(words, here, copies(here.rows)).astype(np.float64)
    owner = np.repeat(words.document, np.diff(words.first))
    copied = np.bincount(owner, weights=inside, minlength=len(documents))
    columns = {
        "canonical_text": pa.array([PARAGRAPH_BREAK.join(paragraphs) for paragraphs in kept], pa.large_string()),
        "n_words": count_words_of(documents["text"]),
        "duplicate_share": (copied / np.maximum(n_words, 1)).astype(np.float32),
        "duplicate_of": pa.array(copied_documents(here, n_words, settings), pa.string()),
    }
    return pa.table(columns, schema=pa.schema([ADDITIONS.field(name) for name in columns]))


def copied_documents(here: Occurrences, n_words: NDArray[np.int32], settings: Settings) -> list[str | None]:
    """Find for each document the one that has `document_share` of its words and differs in no fact, if any."""
    chosen, faithful = copies(here.rows), faithful_rows(here.rows, settings)
    homes = here.rows["canonical_doc"].filter(pa.array(~faithful)).to_pylist()
    others = set(zip(here.document[~faithful].tolist(), homes, strict=True))
    words: dict[tuple[int, str], int] = {}
    homes = here.rows["canonical_doc"].filter(pa.array(chosen)).to_pylist()
    for document, home, length in zip(here.document[chosen], homes, (here.end - here.start)[chosen], strict=True):
        words[int(document), home] = words.get((int(document), home), 0) + int(length)
    found: list[str | None] = [None] * len(n_words)
    for (document, home), count in sorted(words.items(), key=lambda item: (item[1], item[0][1])):
        if count >= settings.document_share * n_words[document] and (document, home) not in others:
            found[document] = home
    return found


def passage_table(documents: pa.Table, words: Words, here: Occurrences) -> pa.Table:
    """Make one row an occurrence, its span in code points of its paragraph."""
    place = pa.array(here.document)
    columns = {name: here.rows[name] for name in PASSAGES.names if name in here.rows.schema.names}
    columns |= {"start": words.starts[here.start], "end": words.ends[here.end - 1]}
    columns |= {name: documents[name].take(place) for name in ("outlet", "published")}
    return pa.table({name: columns[name] for name in PASSAGES.names}, schema=PASSAGES)


def canonical_passages(found: pa.Table) -> pa.Table:
    """Select canonical passages as rows of PASSAGES: of documents published before their first copy came."""
    return found.filter(found["is_canonical"]).select(PASSAGES.names).cast(PASSAGES)


def ledger_rows(
    documents: pa.Table, words: Words, paragraphs: pa.Table, sources: dict[int, Source], additions: pa.Table,
    settings: Settings,
) -> pa.Table:  # fmt: skip
    """Make a ledger row for every paragraph and every document marked as a copy."""
    rows, about = LedgerRows("near_duplicates", REASONS), subjects(documents)
    number, share = paragraphs["paragraph"].to_numpy(), paragraphs["duplicate_share"].to_numpy()
    for paragraph in np.flatnonzero(~paragraphs["is_canonical"].to_numpy()).tolist():
        source = sources[paragraph]
        rows.add(
            about[words.document[paragraph]], "marked", "near_duplicate", paragraph=int(number[paragraph]),
            measured=float(share[paragraph]), limit=settings.minimum_share, canonical_doc=source.doc_id,
            canonical_paragraph=source.paragraph, cluster_id=source.cluster_id,
        )  # fmt: skip
    for document, home in enumerate(additions["duplicate_of"].to_pylist()):
        if home:
            measured = additions["duplicate_share"][document].as_py()
            rows.add(about[document], "marked", "duplicate_document", measured=measured, limit=settings.document_share,
                     canonical_doc=home)  # fmt: skip
    return rows.table()
