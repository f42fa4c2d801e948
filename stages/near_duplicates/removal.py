"""The published tables of a shard, from the passages of the whole corpus: word places become characters."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from stages.contract import PARAGRAPH_BREAK
from stages.ledger import LedgerRows
from stages.shared.words import count_words_of

from .alphabet import SINGLE
from .fact_words import OTHER_TEXT
from .kernels import tokenizer
from .settings import Settings
from .shard_evidence import QUOTATION_WORDS, QUOTED_WORDS, SENTENCE_WORDS, document_words, parts
from .tables import ADDITIONS, PARAGRAPHS, PASSAGES, REASONS, Removal, Resolution
from .tokenization import Integers, Words, paragraph_numbers, tokenize

#: Columns of RELATIONS that are added to documents.
RELATIONS_OF = ("duplicate_of", "revision_of", "superseded_by")


class Occurrences(NamedTuple):
    """Passages of a shard: rows of FOUND, with the place of each in the shard's words."""

    rows: pa.Table
    document: Integers  # row of the shard
    paragraph: Integers  # paragraph of the shard, counted through all its documents
    start: Integers  # first word, counted through all documents
    end: Integers
    copied_start: Integers  # first of the words that are copied from the canonical passage
    copied_end: Integers


def remove(documents: pa.Table, resolution: Resolution, settings: Settings) -> Removal:
    """Make the tables of a shard's documents from what was found in the corpus (of other shards: ignored).

    `documents` come back with the columns of ADDITIONS, none of them missing.
    """
    words = tokenize(documents["text"])
    starts = sentence_starts(words)
    here = with_told_words(words, starts, occurrences(documents, resolution.found, words))
    taken = covered(words, here, copies(here.rows))
    copied, original = shares(words, taken), holds_own_words(words, starts, taken)
    dropped = dropped_paragraphs(words, starts, here, settings)
    sources = paragraph_sources(here, len(words.document))
    paragraphs = paragraph_table(documents, words, here, copied, original, sources, settings)
    related = pc.index_in(documents["doc_id"], resolution.relations["doc_id"].combine_chunks())
    relations = resolution.relations.take(related)
    additions = document_table(documents, words, here, paragraphs["text"], dropped)
    for name in RELATIONS_OF:
        additions = additions.append_column(ADDITIONS.field(name), relations[name])
    ledger = ledger_rows(documents, words, paragraphs, sources, relations, settings)
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
    spans = ("start_word", "end_word", "copied_start", "copied_end")
    places = (words.first[paragraph] + rows[name].to_numpy() for name in spans)
    return Occurrences(rows, document, paragraph, *places)


def with_told_words(words: Words, starts: Integers, here: Occurrences) -> Occurrences:
    """Widen a copy to its whole sentence where that says nothing that its canonical one does not.

    The words before and after the passage were compared too, unless they are so many that they are other text: "said
    the harbour master" for "the harbour master said" is no word of the copier's own.
    """
    sentence = np.searchsorted(starts, here.start, side="right") - 1
    begin, end = starts[sentence], np.append(starts, len(words.hashes))[sentence + 1]
    halves = np.append(0, np.cumsum(np.where(words.hashes & SINGLE, 1, 2)))
    before, behind = halves[here.start] - halves[begin], halves[end] - halves[here.end]
    told = copies(here.rows) & ~here.rows["facts_differ"].to_numpy()
    told &= np.maximum(before, behind) < 2 * OTHER_TEXT
    return here._replace(
        copied_start=np.where(told, begin, here.copied_start), copied_end=np.where(told, end, here.copied_end)
    )


def copies(rows: pa.Table) -> NDArray[np.bool_]:
    """Select the passages with words whose canonical copy stands in another article."""
    copied = rows["copied_end"].to_numpy() > rows["copied_start"].to_numpy()
    chosen: NDArray[np.bool_] = copied & ~rows["revision"].to_numpy()
    return chosen


def covered(words: Words, here: Occurrences, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mark the words that one of the chosen passages copies."""
    depth = np.zeros(len(words.hashes) + 1, np.int64)
    np.add.at(depth, here.copied_start[chosen], 1)
    np.add.at(depth, here.copied_end[chosen], -1)
    return np.cumsum(depth)[:-1] > 0


def shares(words: Words, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the share of each paragraph's words that are chosen."""
    inside = np.append(0, np.cumsum(chosen))
    lengths = np.diff(words.first)
    share: NDArray[np.float64] = (inside[words.first[1:]] - inside[words.first[:-1]]) / np.maximum(lengths, 1)
    return share


def sentence_starts(words: Words) -> Integers:
    """Return the words that sentences begin with."""
    first, _ = parts(words.first)
    return tokenizer.cut(words.hashes, words.gaps, first, *SENTENCE_WORDS, QUOTED_WORDS, QUOTATION_WORDS)[0]


def holds_own_words(words: Words, starts: Integers, taken: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mark the paragraphs with a run of words that are not taken, as long as a sentence, within one of theirs."""
    edges = np.zeros(len(words.hashes) + 1, np.bool_)
    edges[starts], edges[-1] = True, True
    edges[1:-1] |= taken[1:] != taken[:-1]
    begins = np.flatnonzero(edges)
    long_ones = np.flatnonzero((np.diff(begins) >= SENTENCE_WORDS[0]) & ~taken[begins[:-1]])
    found = np.zeros(len(words.document), np.bool_)
    found[np.searchsorted(words.first, begins[long_ones], side="right") - 1] = True
    return found


def dropped_paragraphs(words: Words, starts: Integers, here: Occurrences, settings: Settings) -> NDArray[np.bool_]:
    """Mark the paragraphs that leave `canonical_text`: not one with words of its own, unless every copy goes.

    Nor one with a sentence that differs in a fact, unless another copy of it says the same.
    """
    if settings.dropped == "mark":
        return np.zeros(len(words.document), np.bool_)
    faithful = faithful_rows(here.rows, settings)
    said = covered(words, here, copies(here.rows) & faithful)
    dropped = shares(words, said) >= settings.minimum_share
    counts = np.append(0, np.cumsum(said))
    confirmed = counts[here.end] - counts[here.start] == here.end - here.start
    dropped[here.paragraph[~faithful & ~confirmed & ~here.rows["revision"].to_numpy()]] = False
    return dropped if settings.dropped == "drop" else dropped & ~holds_own_words(words, starts, said)


def faithful_rows(rows: pa.Table, settings: Settings) -> NDArray[np.bool_]:
    """Select the passages whose whole sentence says nothing that its canonical one does not."""
    faithful: NDArray[np.bool_] = ~rows["facts_differ"].to_numpy() | settings.drop_where_numbers_differ
    return faithful


def paragraph_sources(here: Occurrences, paragraphs: int) -> pa.Table:
    """Find for each paragraph where most of its copied words come from (of equals, the smaller id).

    Returns its canonical copy and that one's cluster, nulls where no words are copied.
    """
    chosen = np.flatnonzero(copies(here.rows))
    paragraph, lengths = here.paragraph[chosen], (here.copied_end - here.copied_start)[chosen]
    home = alphabetical(here.rows["canonical_doc"])[chosen]
    place = here.rows["canonical_paragraph"].to_numpy()[chosen]
    order = np.lexsort((place, home, paragraph))
    first = np.flatnonzero(changes(paragraph[order]) | changes(home[order]) | changes(place[order]))
    rows, words = order[first], np.add.reduceat(lengths[order], first) if len(first) else lengths[:0]
    most = rows[np.lexsort((-words, paragraph[rows]))]  # stable: of equals, the smaller id comes first
    most = most[changes(paragraph[most])]
    source = np.full(paragraphs, -1)
    source[paragraph[most]] = chosen[most]
    columns = here.rows.select(["canonical_doc", "canonical_paragraph", "cluster_id"])
    return columns.take(pa.array(source, mask=source < 0))


def alphabetical(ids: pa.ChunkedArray) -> Integers:
    """Number ids by their order."""
    encoded = ids.combine_chunks().dictionary_encode()
    numbers = np.empty(len(encoded.dictionary), np.int64)
    numbers[pc.sort_indices(encoded.dictionary).to_numpy()] = np.arange(len(numbers))
    found: Integers = numbers[encoded.indices.to_numpy()]
    return found


def changes(values: Integers) -> NDArray[np.bool_]:
    """Mark the values that differ from the one before, and the first.

    >>> changes(np.array([4, 4, 7])).tolist()
    [True, False, True]
    """
    return np.append(np.ones(len(values[:1]), np.bool_), values[1:] != values[:-1])


def paragraph_table(
    documents: pa.Table, words: Words, here: Occurrences, copied: NDArray[np.float64], original: NDArray[np.bool_],
    sources: pa.Table, settings: Settings,
) -> pa.Table:  # fmt: skip
    """Make one row a paragraph.

    It is canonical unless `minimum_share` of its words stood elsewhere first and none of its sentences is its own.
    """
    texts = pc.list_flatten(pc.split_pattern(documents["text"], PARAGRAPH_BREAK))
    columns = {
        "doc_id": documents["doc_id"].take(pa.array(words.document)),
        "paragraph": paragraph_numbers(words.document),
        "text": texts,
        "n_words": count_words_of(texts),
        "is_canonical": original | (copied < settings.minimum_share),
        "duplicate_share": copied.astype(np.float32),
        "duplicate_of_doc": sources["canonical_doc"],
        "duplicate_of_paragraph": sources["canonical_paragraph"],
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
    documents: pa.Table, words: Words, here: Occurrences, texts: pa.ChunkedArray, dropped: NDArray[np.bool_]
) -> pa.Table:
    """Make the additions to each document, but for its relations to others."""
    n_words = document_words(words, len(documents))
    inside = covered(words, here, copies(here.rows)).astype(np.float64)
    owner = np.repeat(words.document, np.diff(words.first))
    copied = np.bincount(owner, weights=inside, minlength=len(documents))
    columns = {
        "canonical_text": canonical_texts(documents["text"], words, texts, dropped),
        "n_words": count_words_of(documents["text"]),
        "duplicate_share": (copied / np.maximum(n_words, 1)).astype(np.float32),
    }
    return pa.table(columns, schema=pa.schema([ADDITIONS.field(name) for name in columns]))


def canonical_texts(
    whole: pa.ChunkedArray, words: Words, texts: pa.ChunkedArray, dropped: NDArray[np.bool_]
) -> pa.ChunkedArray:
    """Return the texts without the paragraphs that are dropped."""
    fewer = np.bincount(words.document, weights=dropped, minlength=len(whole)) > 0
    kept: dict[int, list[str]] = {document: [] for document in np.flatnonzero(fewer).tolist()}
    chosen = np.flatnonzero(fewer[words.document] & ~dropped)
    for document, text in zip(words.document[chosen].tolist(), texts.take(pa.array(chosen)).to_pylist(), strict=True):
        kept[document].append(text)
    joined = pa.array([PARAGRAPH_BREAK.join(paragraphs) for paragraphs in kept.values()], pa.large_string())
    return pc.replace_with_mask(whole, pa.array(fewer), joined)


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
    documents: pa.Table, words: Words, paragraphs: pa.Table, sources: pa.Table, relations: pa.Table, settings: Settings
) -> pa.Table:
    """Make a ledger row for every paragraph and every document marked as a copy."""
    rows = LedgerRows("near_duplicates", REASONS)
    copied = pa.array(np.flatnonzero(~paragraphs["is_canonical"].to_numpy()))
    marked, source = paragraphs.take(copied), sources.take(copied)
    of_paragraphs = rows.alike(
        documents.take(pa.array(words.document).take(copied)), "marked", "near_duplicate",
        paragraph=marked["paragraph"], measured=marked["duplicate_share"], limit=settings.minimum_share,
        canonical_doc=source["canonical_doc"], canonical_paragraph=source["canonical_paragraph"],
        cluster_id=source["cluster_id"],
    )  # fmt: skip
    whole = pc.is_valid(relations["duplicate_of"])
    homes = relations.filter(whole)
    of_documents = rows.alike(
        documents.filter(whole), "marked", "duplicate_document",
        measured=homes["common_share"], limit=settings.document_share, canonical_doc=homes["duplicate_of"],
    )  # fmt: skip
    return pa.concat_tables([of_paragraphs, of_documents])
