"""Clusters of verified passages around canonical sentences (leader clustering)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from .history import (
    COLUMNS,
    PART,
    ROWS,
    SENTENCE,
    History,
    Rows,
    Segment,
    Texts,
    after,
    homes_of,
    look_up,
    passages_of,
    ranges,
    rows_at,
    sentences_of,
    texts_of,
)
from .kernels import leader_clustering
from .match_columns import COPIES, REPEATS, SHARES, TOLD
from .numbering import NumberedEvidence, texts
from .settings import Settings
from .tokenization import Integers
from .verification import verify

#: Pairs whose texts are in memory at once.
PAIRS_IN_TEXTS = 200_000


def passages(corpus: NumberedEvidence, pairs: Integers, settings: Settings, history: History, threads: int) -> Rows:
    """Verify candidate pairs and gather their passages around canonical sentences; return all matches with roles.

    Every match lies in clusters that both of its sentences are in. A sentence copies from another the words that this
    one has from nobody; words that both have from others make them members only.
    """
    rows = in_order(matches_of(corpus, pairs, settings, history, threads))
    return with_roles(rows, after(history)[SENTENCE], len(corpus.sentences), history)


def matches_of(
    corpus: NumberedEvidence, pairs: Integers, settings: Settings, history: History, threads: int
) -> list[Rows]:
    """Verify candidate pairs, some at a time: their texts are in memory."""
    slices = [pairs[at : at + PAIRS_IN_TEXTS] for at in range(0, max(1, len(pairs)), PAIRS_IN_TEXTS)]
    return [matched_rows(corpus, each, settings, history, threads) for each in slices]


def in_order(matched: Sequence[Rows]) -> Rows:
    """Order matches by the later and then by the earlier sentence; those of two sentences stay in their order.

    The columns of `matched` are let go of one after the other: there are millions of matches.
    """
    rows: Rows = {name: np.concatenate([each.pop(name) for each in matched]) for name in list(matched[0])}
    order = np.lexsort((rows["canonical"], rows["later"]))
    for name in rows:
        rows[name] = rows[name][order]
    return rows


def with_roles(rows: Rows, base: int, sentences: int, history: History) -> Rows:
    """Give ordered matches their roles; there are so many sentences from `base` on, and none of them in history.

    The roles of a match depend on the matches of its two sentences with earlier ones only.
    """
    rows = dict(rows)
    spans = [rows[name] for name in ("there_from", "there_to", "from", "to")]
    matches = np.column_stack([rows["canonical"], *spans, rows.pop("within"), faithful(rows)])
    found = leader_clustering.lead(
        matches, rows["later"], base, sentences, *known_members(rows["canonical"], base, history)
    )
    for place, name in enumerate(("role", "copied_from", "copied_to")):
        rows[name] = found[:, place].astype(COLUMNS[name])
    return {name: rows[name] for name in ROWS}


def clustered(rows: Rows) -> Rows:
    """Select the matches that make a sentence a member of a cluster."""
    return rows_at(rows, np.flatnonzero(rows["role"] != TOLD))


def faithful(rows: Rows) -> NDArray[np.bool_]:
    """Select the passages that say what their canonical sentence says."""
    same: NDArray[np.bool_] = rows["differs"] == 0
    return same


def matched_rows(corpus: NumberedEvidence, pairs: Integers, settings: Settings, history: History, threads: int) -> Rows:
    """Verify candidate pairs; return a row for each match. The texts of earlier parts are read for it and let go of."""
    _, base_part, base = after(history)
    earlier, later = pairs >> 32, (pairs & 0xFFFFFFFF) - base_part
    guests = np.unique(earlier[earlier < base_part])
    guest_texts, guest_sentences = texts_of(history, guests)
    place = np.where(earlier < base_part, len(corpus.document) + np.searchsorted(guests, earlier), earlier - base_part)
    matches = verify(beside(texts(corpus), guest_texts), place << 32 | later, settings, threads)
    numbers = np.concatenate([np.arange(len(corpus.sentences)) + base, guest_sentences])
    document = np.append(np.repeat(corpus.document, np.diff(corpus.sentence_first)), np.full(len(guest_sentences), -1))
    return {
        "later": matches.later + base, "canonical": numbers[matches.sentence],
        "within": document[matches.sentence] == document[matches.later],
        "from": matches.spans[:, 2].astype(np.int32), "to": matches.spans[:, 3].astype(np.int32),
        "there_from": matches.spans[:, 0].astype(np.int32), "there_to": matches.spans[:, 1].astype(np.int32),
        "similarity": matches.similarity, "differs": matches.differs.astype(np.int8),
    }  # fmt: skip


def known_members(sentences: Integers, base: int, history: History) -> tuple[Integers, Integers, Integers]:
    """Return the sentences before `base`, each once, where the clusters of each begin, and the clusters."""
    known = np.unique(sentences[sentences < base])
    rows = without_repeats(passages_of(history, known))
    return known, first_rows(rows, known), member_table(rows)


def without_repeats(rows: Rows) -> Rows:
    """Leave out the matches of two paragraphs of one document."""
    return rows_at(rows, np.flatnonzero(rows["role"] != REPEATS))


def first_rows(rows: Rows, sentences: Integers) -> Integers:
    """Return where the rows of each sentence begin (rising numbers), and the end."""
    return np.append(np.searchsorted(rows["later"], sentences), len(rows["later"]))


def member_table(rows: Rows) -> Integers:
    """Make the table of members that the kernels read (columns: `match_columns`)."""
    columns = [rows[name] for name in ("canonical", "from", "to", "copied_from", "copied_to")]
    table: Integers = np.column_stack([*columns, faithful(rows)]).astype(np.int64)
    return table


def beside(one: Texts, other: Texts) -> Texts:
    """Append the second texts to the first."""
    if len(other.first) == 1:
        return one  # uncopied
    return Texts(
        np.concatenate([one.words, other.words]), np.concatenate([one.first, other.first[1:] + one.first[-1]]),
        np.concatenate([one.sentences, other.sentences + one.first[-1]]),
        np.concatenate([one.sentence_first, other.sentence_first[1:] + one.sentence_first[-1]]),
    )  # fmt: skip


def with_copies(rows: Rows, copy_of: Integers, known: History) -> Rows:
    """Add the passages of new exact copies: they join what their earliest copy joined, and itself for its own words."""
    parts = np.flatnonzero(copy_of >= 0)
    here = known[-1]
    begins, ends = (here.columns["sentence_first"].take(parts + n) for n in (0, 1))
    copy = ranges(begins, ends) + here.first[SENTENCE]
    inherited = inherited_rows(copy, np.repeat(parts + here.first[PART], ends - begins), known)
    return {name: np.concatenate([rows[name], inherited[name]]) for name in ROWS}


def inherited_rows(copy: Integers, parts: Integers, known: History) -> Rows:
    """Return the passages of sentences in exact copies, given with their parts: they have those of the original's."""
    original = original_sentences(copy, parts, known)
    sentences, place = np.unique(original, return_inverse=True)
    joined_rows = passages_of(known, sentences)
    first = first_rows(joined_rows, sentences)
    again = ranges(first[:-1][place], first[1:][place])
    inherited = {name: column[again] for name, column in joined_rows.items()}
    inherited["later"] = np.repeat(copy, np.diff(first)[place])
    repeats = inherited["role"] == REPEATS  # its words are copied from the sentence that it follows
    inherited["role"][repeats] = SHARES
    homes = look_up(known, SENTENCE, sentences, sentences_of)
    others = without_repeats(joined_rows)
    own = leader_clustering.own_spans(homes["from"], homes["to"], first_rows(others, sentences), member_table(others))
    home = look_up(known, SENTENCE, copy, homes_of)["document"]
    follows = home != homes["document"][place]
    followers = following(original[follows], copy[follows], rows_at(homes, place[follows]), own[place[follows]])
    return {name: np.concatenate([inherited[name], followers[name].astype(COLUMNS[name])]) for name in ROWS}


def with_own_parts(sentences: Integers, parts: Integers, known: History) -> Rows:
    """Return the passages of sentences, given with their parts: those found, those of exact copies, and themselves."""
    copies = np.flatnonzero(originals_of(parts, known) >= 0)
    homes = look_up(known, SENTENCE, sentences, sentences_of)
    own = following(sentences, sentences, homes, np.column_stack([homes["from"], homes["to"]]))
    gathered = [passages_of(known, sentences), inherited_rows(sentences[copies], parts[copies], known), own]
    return {name: np.concatenate([each[name].astype(COLUMNS[name]) for each in gathered]) for name in ROWS}


def original_sentences(copies: Integers, parts: Integers, known: History) -> Integers:
    """Return the sentences that those of exact copies, given with their parts, are copies of."""
    there, own = (look_up(known, PART, each, bounds(0))["sentence"] for each in (originals_of(parts, known), parts))
    original: Integers = there + copies - own
    return original


def originals_of(parts: Integers, known: History) -> Integers:
    """Return the parts that some parts are exact copies of, -1 for others."""
    found: Integers = look_up(known, PART, parts, lambda segment, at: {"copy_of": segment.columns["copy_of"].take(at)})[
        "copy_of"
    ]
    return found


def following(original: Integers, copy: Integers, homes: Rows, own: Integers) -> Rows:
    """Make the rows of sentences that are exact copies of others: whole ones, of which they copy the own words.

    They follow where there are no own words too: who matches the one, but nobody before it, is in a cluster with both.
    """
    return {
        "later": copy, "canonical": original, "from": homes["from"], "to": homes["to"],
        "there_from": homes["from"], "there_to": homes["to"], "copied_from": own[:, 0], "copied_to": own[:, 1],
        "similarity": np.ones(len(copy)), "differs": np.zeros(len(copy)),
        "role": np.where(own[:, 1] > own[:, 0], COPIES, SHARES),
    }  # fmt: skip


def between_documents(rows: Rows, known: History) -> Rows:
    """Leave out the passages that a document shares with itself."""
    later, canonical = (look_up(known, SENTENCE, rows[name], homes_of) for name in ("later", "canonical"))
    return rows_at(rows, np.flatnonzero(later["document"] != canonical["document"]))


def bounds(n: int) -> Callable[[Segment, Integers], Rows]:
    """Return a reader of the first sentences of parts (0), or of those after their last ones (1)."""
    return lambda segment, parts: {
        "sentence": segment.columns["sentence_first"].take(parts + n) + segment.first[SENTENCE]
    }
