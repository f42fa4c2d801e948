"""From evidence of a whole corpus to its passages: candidate pairs, verified matches, clusters around a canonical."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from stages.contract import TIMESTAMP

from .alphabet import NAME
from .history import (
    BLOCK,
    COLUMNS,
    DOCUMENT,
    PART,
    ROWS,
    SENTENCE,
    UNDATED,
    Column,
    Held,
    History,
    Joined,
    Rows,
    Segment,
    Texts,
    after,
    bucket_mates,
    documents_of,
    have_begun,
    joined,
    look_up,
    passages_of,
    ranges,
    sentences_of,
    texts_like,
    texts_of,
    versions_of,
)
from .reading import Integers, compiled
from .settings import Settings, word_weights
from .tables import FOUND, VERSIONS, Evidence, band_name

# Sentence pairs with fewer aligned words are no passage of their own, unless nothing else of the passage is.
FEWEST_ALIGNED = 4
# Pairs of paragraphs that have fewer pairs of neighbouring words in common are not aligned at all (unless
# they are equal): on all pairs that share a shingle this saves four fifths of the time and loses nothing.
FEWEST_WORD_PAIRS = 4
# Pairs that a thread verifies at a time.
PAIRS_AT_ONCE = 8192
# Pairs whose texts are in memory at once.
PAIRS_IN_TEXTS = 200_000
# Pairs gathered before those met twice are thrown out.
PAIRS_HELD = 4_000_000

NUMBERS, NAMES, NEGATIONS = 1, 2, 4  # what differs in a match


class Corpus(NamedTuple):
    """Evidence in canonical order: whatever has the smaller number is canonical for what has the larger."""

    documents: pa.Table
    document: NDArray[np.int32]  # of each part of a paragraph
    paragraph: NDArray[np.int32]
    offset: NDArray[np.int32]
    key: Integers
    words: Integers
    first: Integers  # first word of each part, and the end
    sentences: Integers  # the word each sentence begins with
    sentence_first: Integers  # first sentence of each part, and the end
    begins: NDArray[np.int32]  # of each sentence, in code points of its paragraph
    ends: NDArray[np.int32]


class Matches(NamedTuple):
    """Verified matches of a sentence with a later one, a row each, by the numbers of the texts that were verified."""

    sentence: Integers
    later: Integers
    spans: Integers  # start and end of both, in words of their part
    differs: Integers
    similarity: NDArray[np.float32]


class TooManyPairsError(Exception):
    """There are more candidate pairs than are to be held in memory."""


class Extension(NamedTuple):
    """What new documents add: passages (FOUND), which of them are versions of others (VERSIONS), what to remember."""

    found: pa.Table
    versions: pa.Table
    segment: Segment


def resolve(shards: Sequence[Evidence], settings: Settings, threads: int = 1) -> pa.Table:
    """The passages (FOUND) of a corpus whose evidence comes in any number of shards, in any order.

    The number of threads makes no difference to the result.
    """
    return extend(shards, settings, (), threads).found


def extend(
    shards: Sequence[Evidence],
    settings: Settings,
    history: History,
    threads: int = 1,
    most_pairs: int | None = None,
) -> Extension:
    """The passages that new documents share with those before them, and what to remember of them.

    A document is compared with what comes before it: all history, and new documents that are before it in canonical
    order. So it makes no difference into how many calls the documents of a corpus are split, in that order: a
    TooManyPairsError, where there are more candidate pairs than `most_pairs`, says that fewer are to be given at once.
    """
    evidence = Evidence(*(pa.concat_tables(tables) for tables in zip(*shards, strict=True)))
    corpus = in_canonical_order(evidence, settings)
    digest = compiled("buckets").digests(*texts(corpus), FEWEST_ALIGNED)
    published = corpus.documents["published"].cast(pa.int64()).fill_null(UNDATED).to_numpy()
    copy_of = exact_copies(digest, published[corpus.document], settings, history)
    entries = bucket_entries(corpus, evidence.units, copy_of < 0, settings, threads)
    pairs = candidates(corpus, entries, settings, history, threads, most_pairs)
    pairs = near_in_time(pairs, published[corpus.document], settings, history)
    rows = passages(corpus, pairs, settings, history, threads)
    segment = remembered(corpus, digest, copy_of, entries, rows, history)
    known = (*history, segment)
    rows = with_copies(rows, copy_of, known)
    fresh = np.unique(rows["canonical"])
    fresh = fresh[~have_begun(history, fresh)]
    segment.columns["begun"] = Held(fresh)
    return Extension(found_table(rows, fresh, known), earlier_versions(corpus, known), segment)


def canonical_order(documents: pa.Table, settings: Settings) -> Integers:
    """Documents from the most to the least canonical: earliest published (undated last), outlet rank, longest, smallest
    id."""
    rank = pa.array(settings.outlet_rank, pa.string())
    ranks = pc.fill_null(pc.index_in(documents["outlet"], value_set=rank), len(rank))
    keys = [("published", "ascending"), ("rank", "ascending"), ("n_words", "descending"), ("doc_id", "ascending")]
    order: Integers = pc.sort_indices(documents.append_column("rank", ranks), keys).to_numpy().astype(np.int64)
    return order


def in_canonical_order(evidence: Evidence, settings: Settings) -> Corpus:
    """The evidence with documents, paragraphs and sentences numbered in canonical order."""
    order = canonical_order(evidence.documents, settings)
    documents = evidence.documents.take(pa.array(order))
    numbers = pc.index_in(evidence.paragraphs["doc_id"], value_set=documents["doc_id"].combine_chunks())
    document = numbers.to_numpy().astype(np.int32)
    paragraph, offset = (evidence.paragraphs[name].to_numpy() for name in ("paragraph", "offset"))
    rows = np.lexsort((offset, paragraph, document))
    first, words = flat_list(evidence.paragraphs["words"], rows)
    sentence_first, starts = flat_list(evidence.paragraphs["sentences"], rows)
    sentences = starts.astype(np.int64) + np.repeat(first[:-1], np.diff(sentence_first))
    key = evidence.paragraphs["key"].to_numpy()[rows]
    begins, ends = (flat_list(evidence.paragraphs[name], rows)[1] for name in ("begins", "ends"))
    return Corpus(
        documents, document[rows], paragraph[rows], offset[rows], key, words, first, sentences, sentence_first, begins,
        ends,
    )  # fmt: skip


def flat_list(column: pa.ChunkedArray, rows: Integers) -> tuple[Integers, NDArray[Any]]:
    """The rows of a column of lists in some order: where each begins (and the end), and their values one after another.

    Chunk by chunk: a corpus' words are the greatest part of what is held in memory, and are copied once.

    >>> lists = pa.chunked_array([[[1, 2], []], [[3]]], pa.large_list(pa.int64()))
    >>> [column.tolist() for column in flat_list(lists, np.array([2, 1, 0]))]
    [[0, 1, 1, 3], [3, 1, 2]]
    """
    lengths = pc.list_value_length(column).to_numpy()
    first = np.append(0, np.cumsum(lengths[rows])).astype(np.int64)
    begins = np.empty(len(rows), np.int64)
    begins[rows] = first[:-1]
    values = np.empty(first[-1], column.type.value_type.to_pandas_dtype())
    row = 0
    for chunk in column.chunks:
        compiled().place(chunk.values.to_numpy(), chunk.offsets.to_numpy(), begins[row : row + len(chunk)], values)
        row += len(chunk)
    return first, values


def texts(corpus: Corpus) -> Texts:
    """The words and sentences of a corpus."""
    return Texts(corpus.words, corpus.first, corpus.sentences, corpus.sentence_first)


def exact_copies(digest: Integers, published: Integers, settings: Settings, history: History) -> Integers:
    """For each part the number of the earliest part that is its exact copy, -1 where it is the earliest itself."""
    order = np.argsort(digest, kind="stable")
    values, place = np.unique(digest, return_inverse=True)
    known = texts_like(history, values)
    times = np.full(len(known), UNDATED)
    times[known >= 0] = times_of(known[known >= 0], history)
    found = compiled("buckets").earliest(
        digest[order], published[order], known[place][order], times[place][order], span_of(settings)
    )
    copy_of = np.full(len(digest), -1, np.int64)
    here = found <= -3
    found[here] = order[-3 - found[here]] + after(history)[PART]
    copy_of[order] = np.maximum(found, -1)
    return copy_of


def times_of(parts: Integers, history: History) -> Integers:
    """When the documents of some parts of history were published."""
    if not len(parts):
        return np.zeros(0, np.int64)
    documents = look_up(history, PART, parts, lambda segment, n: {
        "document": segment.columns["document"].take(n).astype(np.int64) + segment.first[DOCUMENT]
    })["document"]  # fmt: skip
    times: Integers = look_up(history, DOCUMENT, documents, documents_of)["published"]
    return times


def span_of(settings: Settings) -> int:
    """How far apart in time articles are compared, in microseconds."""
    return UNDATED if settings.history_days is None else settings.history_days * 86_400_000_000


def near_in_time(pairs: Integers, published: Integers, settings: Settings, history: History) -> Integers:
    """The candidate pairs whose articles were not published too far apart; a time that is not known is not too far."""
    if settings.history_days is None:
        return pairs
    base = after(history)[PART]
    earlier, later = pairs >> 32, published[(pairs & 0xFFFFFFFF) - base]
    here = earlier >= base
    times = np.empty(len(pairs), np.int64)
    times[here] = published[earlier[here] - base]
    known, place = np.unique(earlier[~here], return_inverse=True)
    times[~here] = times_of(known, history)[place]
    near = (times == UNDATED) | (later == UNDATED) | (np.abs(times - later) <= span_of(settings))
    chosen: Integers = pairs[near]
    return chosen


def bucket_entries(
    corpus: Corpus, units: pa.Table, chosen: NDArray[np.bool_], settings: Settings, threads: int
) -> list[Integers]:
    """For every band the chosen parts by their buckets (bucket << 32 | part), rising."""
    owners = unit_owners(corpus.key, units["key"].to_numpy())
    by_owner = np.argsort(owners, kind="stable")
    by_owner = by_owner[chosen[owners[by_owner]]]
    rising = owners[by_owner]

    def of_band(band: int) -> Integers:
        return compiled().by_bucket(units[band_name(band)].to_numpy(), by_owner, rising)  # type: ignore[no-any-return]

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(of_band, range(settings.bands)))


def candidates(
    corpus: Corpus,
    entries: list[Integers],
    settings: Settings,
    history: History = (),
    threads: int = 1,
    most: int | None = None,
) -> Integers:
    """Pairs of parts of different documents that share a bucket, the later one new; packed (earlier << 32 | later), by
    the numbers that parts have in history, rising."""
    base = after(history)[PART]

    def band_pairs(band: int) -> Integers:
        mates = bucket_mates(history, band, entries[band], settings.bucket_cap)
        return compiled("buckets").pairs(entries[band], *mates, base, corpus.document, settings.bucket_cap)  # type: ignore[no-any-return]

    found, fresh = np.zeros(0, np.int64), [np.zeros(0, np.int64)]
    with ThreadPoolExecutor(threads) as pool:
        for begin in range(0, settings.bands, threads):
            fresh += pool.map(band_pairs, range(begin, min(begin + threads, settings.bands)))
            if begin + threads >= settings.bands or sum(map(len, fresh)) > max(PAIRS_HELD, len(found)):
                found, fresh = distinct(np.concatenate([found, *fresh])), []
            if most is not None and len(found) > most:
                raise TooManyPairsError(f"{len(found):,} candidate pairs")
    return found


def distinct(values: Integers) -> Integers:
    """The values in rising order, each once.

    >>> distinct(np.array([3, 1, 3])).tolist()
    [1, 3]
    """
    once: Integers = compiled().rising(values)
    return once


def unit_owners(keys: Integers, unit_keys: Integers) -> Integers:
    """The part each unit belongs to."""
    by_key = np.argsort(keys)
    if (np.diff(keys[by_key]) == 0).any():
        raise ValueError("two paragraphs have the same key: a document is twice in the evidence")
    owners: Integers = by_key[np.searchsorted(keys[by_key], unit_keys)] if len(keys) else np.zeros(0, np.int64)
    return owners


def verify(texts: Texts, pairs: Integers, settings: Settings, threads: int = 1) -> Matches:
    """Every candidate pair aligned on its words; a match for each two sentences that share a passage."""
    kernel, given = compiled("alignment").verify, scoring(settings)
    longest = int(np.diff(texts.first).max(initial=0))

    def verified(begin: int) -> Integers:
        rows, _ = kernel(pairs[begin : begin + PAIRS_AT_ONCE], *texts, longest, *given)
        return rows  # type: ignore[no-any-return]

    with ThreadPoolExecutor(threads) as pool:
        rows = np.concatenate([*pool.map(verified, range(0, len(pairs), PAIRS_AT_ONCE)), np.zeros((0, 9), np.int64)])
    rows = rows[np.lexsort((rows[:, 3], -rows[:, 8], rows[:, 2], rows[:, 1]))]
    twice = (np.diff(rows[:, 1], prepend=-1) == 0) & (np.diff(rows[:, 2], prepend=-1) == 0)
    rows = rows[~twice]
    longer = np.maximum(rows[:, 4] - rows[:, 3], rows[:, 6] - rows[:, 5])
    return Matches(rows[:, 1], rows[:, 2], rows[:, 3:7], rows[:, 7], (rows[:, 8] / longer).astype(np.float32))


def scoring(settings: Settings) -> tuple[NDArray[Any], ...]:
    """The settings of verification as its kernel wants them: weights, costs and floors in whole hundredths."""
    match = hundredths(*word_weights(settings))
    return (
        match, np.maximum(match, match[np.arange(len(match)) ^ NAME]),
        hundredths(settings.swap_cost, settings.gap_cost, settings.function_gap_cost, settings.contradiction_cost),
        hundredths(settings.best_score, settings.further_score),
        np.array([
            100 * settings.match_strength, settings.minimum_words, 100 * settings.whole_sentence_bonus,
            settings.further_share, settings.nearby_words, 100 * settings.border_bonus, 100 * settings.mark_bonus,
        ]),
        np.array([FEWEST_ALIGNED, FEWEST_WORD_PAIRS]),
    )  # fmt: skip


def hundredths(*values: float) -> NDArray[np.int32]:
    """Scores as whole numbers.

    >>> hundredths(1.0, 0.35).tolist()
    [100, 35]
    """
    return np.round(np.array(values) * 100).astype(np.int32)


def passages(corpus: Corpus, pairs: Integers, settings: Settings, history: History, threads: int) -> Rows:
    """The passages of candidate pairs, gathered around canonical sentences; every member is verified against its own.

    A sentence that matches no earlier leader leads. A match between two sentences that no leader has in common makes
    a cluster around the earlier of them, which does not lead: its words have their canonical copy elsewhere.
    """
    base = after(history)[SENTENCE]
    slices = [pairs[at : at + PAIRS_IN_TEXTS] for at in range(0, max(1, len(pairs)), PAIRS_IN_TEXTS)]
    matched = [matched_rows(corpus, each, settings, history, threads) for each in slices]
    rows: Rows = {name: np.concatenate([each[name] for each in matched]) for name in matched[0]}
    order = np.lexsort((rows["canonical"], rows["later"]))
    rows = {name: column[order] for name, column in rows.items()}
    rows["role"] = compiled("buckets").lead(
        rows["canonical"], rows["later"], base, len(corpus.sentences), *known_leaders(rows["canonical"], base, history)
    )
    return {name: column[rows["role"] > 0] for name, column in rows.items()}


def matched_rows(corpus: Corpus, pairs: Integers, settings: Settings, history: History, threads: int) -> Rows:
    """The matches of candidate pairs, a row each. The texts of earlier parts are read for it and let go of."""
    _, base_part, base = after(history)
    earlier, later = pairs >> 32, (pairs & 0xFFFFFFFF) - base_part
    guests = np.unique(earlier[earlier < base_part])
    guest_texts, guest_sentences = texts_of(history, guests)
    place = np.where(earlier < base_part, len(corpus.key) + np.searchsorted(guests, earlier), earlier - base_part)
    matches = verify(beside(texts(corpus), guest_texts), place << 32 | later, settings, threads)
    numbers = np.concatenate([np.arange(len(corpus.sentences)) + base, guest_sentences])
    return {
        "later": matches.later + base, "canonical": numbers[matches.sentence],
        "from": matches.spans[:, 2].astype(np.int32), "to": matches.spans[:, 3].astype(np.int32),
        "similarity": matches.similarity, "differs": matches.differs.astype(np.int8),
    }  # fmt: skip


def earlier_versions(corpus: Corpus, known: History) -> pa.Table:
    """For each new document that is not the first of its article, of the versions met before it the last one published
    before it, and the last one published after it: a version that comes late is not the newest."""
    first = known[-1].first[DOCUMENT]
    article = corpus.documents["article"].to_numpy()
    wanted = np.unique(article[article != 0])
    articles, numbers = versions_of(known, wanted)
    published = look_up(known, DOCUMENT, numbers, documents_of)["published"]
    order = np.lexsort((numbers, published, articles))
    articles, numbers, published = articles[order], numbers[order], published[order]
    begins, ends = (np.searchsorted(articles, wanted, side=side) for side in ("left", "right"))
    rows = []
    for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
        for at in (begin + np.flatnonzero(numbers[begin:end] >= first)).tolist():
            met = begin + np.flatnonzero(numbers[begin:end] < numbers[at])
            rows.append([at, *(side[-1] if len(side) else -1 for side in (met[met < at], met[met > at]))])
    places = np.array([row for row in rows if max(row[1:]) >= 0], np.int64).reshape(-1, 3)
    ids = look_up(known, DOCUMENT, numbers[places.reshape(-1)], documents_of)["doc_id"].astype(str).reshape(-1, 3)
    columns = [pa.array(ids[:, n].tolist(), pa.string(), mask=places[:, n] < 0) for n in range(3)]
    return pa.table(columns, schema=VERSIONS)


def beside(one: Texts, other: Texts) -> Texts:
    """Two texts as one, the second one behind the first."""
    if len(other.first) == 1:
        return one  # uncopied
    return Texts(
        np.concatenate([one.words, other.words]), np.concatenate([one.first, other.first[1:] + one.first[-1]]),
        np.concatenate([one.sentences, other.sentences + one.first[-1]]),
        np.concatenate([one.sentence_first, other.sentence_first[1:] + one.sentence_first[-1]]),
    )  # fmt: skip


def known_leaders(sentences: Integers, base: int, history: History) -> tuple[Integers, Integers, Integers]:
    """The sentences before `base`, each once, and the leaders of each: where they begin, and the leaders."""
    known = np.unique(sentences[sentences < base])
    rows = passages_of(history, known)
    led = rows["role"] == 1
    counts = np.bincount(np.searchsorted(known, rows["later"][led]), minlength=len(known))
    return known, np.append(0, np.cumsum(counts)), rows["canonical"][led]


def remembered(
    corpus: Corpus, digest: Integers, copy_of: Integers, entries: list[Integers], rows: Rows, history: History
) -> Segment:
    """What is remembered of a corpus. Exact copies are in no bucket: their earliest copy stands for them."""
    first = after(history)
    outlets = corpus.documents["outlet"].combine_chunks().dictionary_encode()
    counts = np.diff(corpus.sentence_first)
    distinct_parts = np.flatnonzero((copy_of < 0) & (digest != 0))
    by_digest = distinct_parts[np.argsort(digest[distinct_parts])]
    doc_id = np.array(corpus.documents["doc_id"].to_pylist(), "S32")
    article = corpus.documents["article"].to_numpy()
    by_id, by_article = np.argsort(doc_id), np.argsort(article, kind="stable")
    by_article = by_article[article[by_article] != 0]
    published = corpus.documents["published"].cast(pa.int64()).fill_null(UNDATED)
    columns: dict[str, NDArray[Any]] = {
        "doc_id": doc_id, "outlet": outlets.indices.to_numpy(), "published": published.to_numpy(),
        "wire": corpus.documents["wire"].to_numpy(), "article": article,
        "document": corpus.document, "paragraph": corpus.paragraph, "offset": corpus.offset, "first": corpus.first,
        "sentence_first": corpus.sentence_first, "words": corpus.words,
        "start": corpus.sentences - np.repeat(corpus.first[:-1], counts), "begin": corpus.begins, "end": corpus.ends,
        "part": np.repeat(np.arange(len(counts)), counts),
        "digest": digest[by_digest], "digest_part": by_digest, **rows,
        "id": doc_id[by_id], "id_document": by_id, "version": article[by_article], "version_document": by_article,
    }  # fmt: skip
    held: dict[str, Column] = {name: Held(column.astype(COLUMNS[name], copy=False)) for name, column in columns.items()}
    held["entries"] = Joined(entries)
    bands = tuple(np.append(0, np.cumsum([len(each) for each in entries])).tolist())
    return Segment(first, bands, tuple(outlets.dictionary.to_pylist()), held)


def with_copies(rows: Rows, copy_of: Integers, known: History) -> Rows:
    """The passages, and those of parts that are exact copies: they join what their earliest copy joined, and itself
    where it leads."""
    parts = np.flatnonzero(copy_of >= 0)
    if not len(parts):
        return rows
    here = known[-1]
    # Sentence by sentence: the copy's, and that of which it is one.
    begin, end = (look_up(known, PART, copy_of[parts], bounds(n))["sentence"] for n in (0, 1))
    original = ranges(begin, end)
    copy = ranges(*(here.columns["sentence_first"].take(parts + n) + here.first[SENTENCE] for n in (0, 1)))
    sentences, place = np.unique(original, return_inverse=True)
    joined_rows = passages_of(known, sentences)
    low, high = (np.searchsorted(joined_rows["later"], sentences, side=side) for side in ("left", "right"))
    led = np.bincount(np.searchsorted(sentences, joined_rows["later"][joined_rows["role"] == 1]), minlength=len(low))
    again = ranges(low[place], high[place])
    inherited = {name: column[again] for name, column in joined_rows.items()}
    inherited["later"] = np.repeat(copy, (high - low)[place])
    places = [look_up(known, SENTENCE, each, sentences_of) for each in (original, copy)]
    follows = (led[place] == 0) & (places[0]["document"] != places[1]["document"])
    followers = {
        "later": copy[follows], "canonical": original[follows], "from": places[1]["from"][follows],
        "to": places[1]["to"][follows], "similarity": np.ones(follows.sum()), "differs": np.zeros(follows.sum()),
        "role": np.ones(follows.sum()),
    }  # fmt: skip
    return {name: np.concatenate([rows[name], inherited[name], followers[name].astype(COLUMNS[name])]) for name in ROWS}


def bounds(n: int) -> Callable[[Segment, Integers], Rows]:
    """What reads the first sentences of parts (0), or those after their last ones (1)."""
    return lambda segment, parts: {
        "sentence": segment.columns["sentence_first"].take(parts + n) + segment.first[SENTENCE]
    }


def found_table(rows: Rows, fresh: Integers, known: History) -> pa.Table:
    """Passages as the table FOUND, with the canonical passages of clusters that begin with them."""
    sentences, place = np.unique(rows["canonical"], return_inverse=True)
    homes = look_up(known, SENTENCE, sentences, sentences_of)
    homes["id"] = np.array(cluster_ids(homes, known), object)
    leads = np.zeros(len(sentences), np.bool_)
    leads[place] = rows["role"] == 1
    begun = np.searchsorted(sentences, fresh)
    tables = [
        found_rows(rows, look_up(known, SENTENCE, rows["later"], sentences_of), taken(homes, place), known),
        found_rows(canonical_rows(sentences, homes, leads, begun), taken(homes, begun), taken(homes, begun), known),
    ]
    keys = [(name, "ascending") for name in ("cluster_id", "doc_id", "paragraph", "start_word")]
    return pa.concat_tables(tables).sort_by(keys)


def taken(rows: Rows, places: Integers) -> Rows:
    """Some rows."""
    return {name: column[places] for name, column in rows.items()}


def canonical_rows(sentences: Integers, homes: Rows, leads: NDArray[np.bool_], begun: Integers) -> Rows:
    """The canonical passages of clusters: whole sentences."""
    return {
        "later": sentences[begun], "canonical": sentences[begun], "from": homes["from"][begun],
        "to": homes["to"][begun], "similarity": np.ones(len(begun), np.float32),
        "differs": np.zeros(len(begun), np.int8), "role": np.where(leads[begun], 1, 2),
    }  # fmt: skip


def found_rows(rows: Rows, places: Rows, homes: Rows, known: History) -> pa.Table:
    """Passages that stand at `places` and whose canonical ones stand at `homes`."""
    own, home = (look_up(known, DOCUMENT, each["document"], documents_of) for each in (places, homes))
    canonical = rows["later"] == rows["canonical"]
    dated = (own["published"] != UNDATED) & (home["published"] != UNDATED)
    spans = {name: pa.array(places[name], mask=~canonical) for name in ("begin", "end")}
    columns = {
        "cluster_id": homes["id"],
        "doc_id": pa.array(own["doc_id"]).cast(pa.string()),
        "paragraph": places["paragraph"],
        "start_word": (rows["from"] + places["offset"]).astype(np.int32),
        "end_word": (rows["to"] + places["offset"]).astype(np.int32),
        "is_canonical": canonical,
        "similarity": rows["similarity"],
        "numbers_differ": rows["differs"] & NUMBERS != 0,
        "contradicts": rows["differs"] & (NAMES | NEGATIONS) != 0,
        "leads": rows["role"] == 1,
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


def cluster_ids(homes: Rows, known: History) -> list[str]:
    """A stable id for each cluster: a digest of where its canonical sentence begins."""
    doc_ids = look_up(known, DOCUMENT, homes["document"], documents_of)["doc_id"].astype(str).tolist()
    places = zip(doc_ids, homes["paragraph"].tolist(), (homes["from"] + homes["offset"]).tolist(), strict=True)
    return [digest(f"{doc_id} {paragraph} {word}") for doc_id, paragraph, word in places]


def canonical_sentences(segment: Segment, clusters: NDArray[np.bytes_]) -> Integers:
    """The numbers of the sentences of a segment that are canonical in one of some clusters (rising ids)."""
    count, found = len(segment.columns["start"]), []
    for begin in range(0, count, BLOCK):
        numbers = np.arange(begin, min(begin + BLOCK, count)) + segment.first[SENTENCE]
        ids = np.array(cluster_ids(look_up([segment], SENTENCE, numbers, sentences_of), [segment]), "S32")
        found.append(numbers[np.isin(ids, clusters)])
    return joined(found)


def digest(identity: str) -> str:
    """32 hex digits that name an identity.

    >>> digest("a document, a paragraph, a word")
    '0274daedb911ea23ead3f7ab628a522c'
    """
    return hashlib.blake2b(identity.encode(), digest_size=16).hexdigest()
