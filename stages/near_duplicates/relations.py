"""Relations between whole articles: versions of one article, and articles whose words stand in another one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from .clusters import bounds, faithful, with_own_parts
from .history import (
    DOCUMENT,
    PART,
    SENTENCE,
    History,
    Rows,
    Segment,
    documents_of,
    homes_of,
    look_up,
    parts_of,
    ranges,
    rows_at,
    versions_of,
)
from .numbering import NumberedEvidence
from .settings import Settings
from .tables import RELATIONS
from .tokenization import Integers

#: Articles that one article is compared with beyond those it copies most from: those it shares most words with.
#: Chosen by hand; on 1,683 articles no copy shares words with more than 9 possible originals.
MOST_HOMES = 20


class Originals(NamedTuple):
    """For each new document the article that has its words, -1 for none, and the share of its words that it has."""

    document: Integers
    share: NDArray[np.float64]


class Shared(NamedTuple):
    """Spans of new documents' words (counted through all of them) that other documents have, a row each."""

    document: Integers  # counted from the first new one
    home: Integers  # number of the other document
    begin: Integers
    end: Integers


def relations(corpus: NumberedEvidence, matches: Rows, rows: Rows, known: History, settings: Settings) -> pa.Table:
    """Make the table RELATIONS: of each new document its versions and its original; those without any are left out.

    `matches` are all verified matches between documents, `rows` the passages of clusters, those of exact copies too.
    """
    first = known[-1].first[DOCUMENT]
    before, later = neighbouring_versions(corpus, known)
    copies = originals(corpus, matches, rows, known, settings)
    chosen = np.flatnonzero((before >= 0) | (later >= 0) | (copies.document >= 0))
    numbers = np.column_stack([chosen + first, before[chosen], later[chosen], copies.document[chosen]])
    ids = look_up(known, DOCUMENT, np.maximum(numbers, 0).reshape(-1), documents_of)["doc_id"].astype(str)
    ids = ids.reshape(-1, 4)
    columns = [pa.array(ids[:, n].tolist(), pa.string(), mask=numbers[:, n] < 0) for n in range(4)]
    shares = pa.array(copies.share[chosen].astype(np.float32), mask=copies.document[chosen] < 0)
    return pa.table([*columns, shares], schema=RELATIONS)


def neighbouring_versions(corpus: NumberedEvidence, known: History) -> tuple[Integers, Integers]:
    """Find for each new document the versions of its article that were met before it, -1 for none.

    Of those published before it the last one, and of those published after it: a version that comes late is not the
    newest.
    """
    first = known[-1].first[DOCUMENT]
    article = corpus.documents["article"].to_numpy()
    wanted = np.unique(article[article != 0])
    articles, numbers = versions_of(known, wanted)
    published = look_up(known, DOCUMENT, numbers, documents_of)["published"]
    order = np.lexsort((numbers, published, articles))
    articles, numbers = articles[order], numbers[order]
    begins, ends = (np.searchsorted(articles, wanted, side=side) for side in ("left", "right"))
    before, later = (np.full(len(article), -1, np.int64) for _ in range(2))
    for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
        for at in (begin + np.flatnonzero(numbers[begin:end] >= first)).tolist():
            met = begin + np.flatnonzero(numbers[begin:end] < numbers[at])
            for found, side in ((before, met[met < at]), (later, met[met > at])):
                if len(side):
                    found[numbers[at] - first] = numbers[side[-1]]
    return before, later


# ---------------------------------------------------------------- articles whose words stand in another one


def originals(corpus: NumberedEvidence, matches: Rows, rows: Rows, known: History, settings: Settings) -> Originals:
    """Find for each new document the one other document that has `document_share` of its words, and no other fact.

    First among those that it copies words from; where none has enough, words that both have from third ones count.
    """
    shared, differing = shared_spans(corpus, rows, known), differing_pairs(corpus, matches, rows, known)
    counts = np.bincount(corpus.document, weights=np.diff(corpus.first), minlength=len(corpus.documents))
    words = counts.astype(np.int64)
    found = best_homes(shared, differing, words, settings)
    everywhere = Shared(shared.document, np.zeros_like(shared.home), shared.begin, shared.end)
    covered = best_homes(everywhere, np.zeros(0, np.int64), words, settings).document >= 0
    open_ones = covered & (found.document < 0)
    if not open_ones.any():
        return found
    through_others = joint_spans(corpus, matches, rows, known, open_ones)
    better = best_homes(through_others, differing, words, settings)
    chosen = better.document >= 0
    return Originals(np.where(chosen, better.document, found.document), np.where(chosen, better.share, found.share))


def packed(document: Integers, home: Integers) -> Integers:
    """Pack a new document and another one into one number."""
    return document << 32 | home


def row_places(corpus: NumberedEvidence, rows: Rows, known: History) -> tuple[Integers, Integers]:
    """Return the new document of each row, and the word that its part begins with."""
    part = known[-1].columns["part"].take(rows["later"] - known[-1].first[SENTENCE])
    return corpus.document[part].astype(np.int64), corpus.first[part]


def of_other_articles(
    corpus: NumberedEvidence, document: Integers, home: Integers, known: History
) -> NDArray[np.bool_]:
    """Select the pairs of a new document and another that are not versions of one article."""
    own = corpus.documents["article"].to_numpy()[document]
    other = look_up(known, DOCUMENT, home, articles_of)["article"]
    apart: NDArray[np.bool_] = (own == 0) | (own != other)
    return apart


def articles_of(segment: Segment, documents: Integers) -> Rows:
    """Read the digests of documents' articles."""
    return {"article": segment.columns["article"].take(documents)}


def spans_of(corpus: NumberedEvidence, rows: Rows, known: History) -> Shared:
    """Return the words of passages, with the documents of their canonical sentences."""
    document, first = row_places(corpus, rows, known)
    home = look_up(known, SENTENCE, rows["canonical"], homes_of)["document"]
    return Shared(document, home, first + rows["from"], first + rows["to"])


def shared_spans(corpus: NumberedEvidence, rows: Rows, known: History) -> Shared:
    """Return the words of faithful passages that are not of an earlier version of the same article."""
    spans = spans_of(corpus, rows, known)
    return taken(spans, faithful(rows) & of_other_articles(corpus, spans.document, spans.home, known))


def taken(spans: Shared, chosen: NDArray[np.bool_]) -> Shared:
    """Select some spans."""
    return Shared(*(column[np.flatnonzero(chosen)] for column in spans))


def differing_pairs(corpus: NumberedEvidence, matches: Rows, rows: Rows, known: History) -> Integers:
    """Return the pairs of documents (`packed`, rising) with sentences that differ in a fact.

    Not those where the same words match others of that document without a difference.
    """
    each = [spans_of(corpus, some, known) for some in (matches, rows)]
    spans = Shared(*(np.concatenate(columns) for columns in zip(*each, strict=True)))
    same = np.concatenate([faithful(matches), faithful(rows)])
    unlike, alike = taken(spans, ~same), SpansByPair(taken(spans, same))
    pairs = packed(unlike.document, unlike.home)
    return np.unique(pairs[~alike.hold(pairs, unlike.begin, unlike.end)])


class SpansByPair:
    """Spans that documents share with others, pair by pair, in the order of their words."""

    def __init__(self, spans: Shared) -> None:
        pair = packed(spans.document, spans.home)
        order = np.lexsort((spans.begin, pair))
        self.begin, end = spans.begin[order], spans.end[order]
        self.pairs, self.of_pair = np.unique(pair[order], return_inverse=True)
        # The greatest end so far within the pair: pairs are kept apart by more than any word's number.
        self.apart = int(spans.end.max(initial=0)) + 1
        apart = self.of_pair * self.apart
        self.reached = np.maximum.accumulate(end + apart) - apart if len(end) else end

    def counts(self) -> NDArray[np.float64]:
        """Count the words of each pair, each once."""
        before = np.append(0, self.reached[:-1])[: len(self.reached)]
        before[np.diff(self.of_pair, prepend=-1) != 0] = 0
        words = np.maximum(0, self.reached - np.maximum(self.begin, before))
        return np.bincount(self.of_pair, weights=words, minlength=len(self.pairs)).astype(np.float64)

    def hold(self, pairs: Integers, begin: Integers, end: Integers) -> NDArray[np.bool_]:
        """Tell for some spans of pairs if one of these, or those before it together, reaches over each."""
        place = np.searchsorted(self.pairs, pairs)
        known = are_among(pairs, self.pairs)
        keys = self.of_pair * self.apart + self.begin
        at = np.searchsorted(keys, place * self.apart + begin, side="right") - 1
        held = np.zeros(len(pairs), np.bool_)
        there = np.flatnonzero(known & (at >= 0))
        there = there[self.of_pair[at[there]] == place[there]]
        held[there] = self.reached[at[there]] >= end[there]
        return held


def are_among(values: Integers, rising: Integers) -> NDArray[np.bool_]:
    """Tell for some values if they are among others that rise.

    Not `np.isin`, which sorts both or builds a table of them: four times as long.

    >>> are_among(np.array([7, 1, 9]), np.array([1, 5, 7])).tolist(), are_among(np.array([7]), np.array([])).tolist()
    ([True, True, False], [False])
    """
    if not len(rising):
        return np.zeros(len(values), np.bool_)
    found: NDArray[np.bool_] = rising[np.minimum(np.searchsorted(rising, values), len(rising) - 1)] == values
    return found


def best_homes(shared: Shared, differing: Integers, words: Integers, settings: Settings) -> Originals:
    """Choose for each document the home with most of its words (of equals, the earliest), if it has enough."""
    joint = SpansByPair(shared)
    document, home = joint.pairs >> 32, joint.pairs & 0xFFFFFFFF
    share = joint.counts() / np.maximum(words[document], 1)
    enough = np.flatnonzero((share >= settings.document_share) & ~are_among(joint.pairs, differing))
    enough = enough[np.lexsort((home[enough], -share[enough], document[enough]))]
    documents, place = np.unique(document[enough], return_index=True)
    found, shares = np.full(len(words), -1, np.int64), np.zeros(len(words))
    found[documents], shares[documents] = home[enough[place]], share[enough[place]]
    return Originals(found, shares)


def joint_spans(
    corpus: NumberedEvidence, matches: Rows, rows: Rows, known: History, chosen: NDArray[np.bool_]
) -> Shared:
    """Return the words that the chosen documents share with others, and those that both have from third ones."""
    shared = shared_spans(corpus, rows, known)
    shared = taken(shared, chosen[shared.document])
    pairs = possible_homes(corpus, matches, shared, known, chosen)
    document, first = row_places(corpus, rows, known)
    own = np.flatnonzero(chosen[document] & faithful(rows))
    own = own[np.argsort(document[own], kind="stable")]
    begin, end = (np.searchsorted(document[own], pairs >> 32, side=side) for side in ("left", "right"))
    here, homes = own[ranges(begin, end)], np.repeat(pairs & 0xFFFFFFFF, end - begin)
    through_others = overlaps(rows_at(rows, here), document[here], homes, first[here], known)
    return Shared(*(np.concatenate(columns) for columns in zip(shared, through_others, strict=True)))


def possible_homes(
    corpus: NumberedEvidence, matches: Rows, shared: Shared, known: History, chosen: NDArray[np.bool_]
) -> Integers:
    """Return for each chosen document those that it shares most words with, MOST_HOMES of them (`packed`)."""
    document, _ = row_places(corpus, matches, known)
    rows = np.flatnonzero(chosen[document])
    home = look_up(known, SENTENCE, matches["canonical"][rows], homes_of)["document"]
    apart = of_other_articles(corpus, document[rows], home, known)
    met = packed(document[rows], home)[apart]
    lengths = (matches["to"] - matches["from"])[rows][apart]
    pairs, place = np.unique(np.concatenate([packed(shared.document, shared.home), met]), return_inverse=True)
    words = np.bincount(place, weights=np.concatenate([shared.end - shared.begin, lengths]), minlength=len(pairs))
    order = np.lexsort((pairs, -words, pairs >> 32))
    begins = np.searchsorted(pairs[order] >> 32, pairs[order] >> 32)
    return np.sort(pairs[order][np.arange(len(order)) - begins < MOST_HOMES])


def members_of(documents: Integers, known: History) -> Rows:
    """Return the passages of some documents (rising numbers), and which document each is of."""
    begin, end = parts_of(known, documents)
    parts = ranges(begin, end)
    low, high = (look_up(known, PART, parts, bounds(n))["sentence"] for n in (0, 1))
    rows = with_own_parts(ranges(low, high), np.repeat(parts, high - low), known)
    return rows | look_up(known, SENTENCE, rows["later"], homes_of)


def overlaps(rows: Rows, document: Integers, homes: Integers, first: Integers, known: History) -> Shared:
    """Return the words of passages that lie where a passage of another document, its home, lies in the same cluster."""
    numbers, place = np.unique(homes, return_inverse=True)
    members = members_of(numbers, known)
    members = rows_at(members, np.flatnonzero(faithful(members)))
    there = packed(np.searchsorted(numbers, members["document"]), members["canonical"])
    members, there = rows_at(members, order := np.argsort(there, kind="stable")), there[order]
    wanted = packed(place, rows["canonical"])
    from_row, to_row = (np.searchsorted(there, wanted, side=side) for side in ("left", "right"))
    row, other = np.repeat(np.arange(len(wanted)), to_row - from_row), ranges(from_row, to_row)
    mine = rows_at(rows, row)
    begin = np.maximum(members["there_from"][other], mine["there_from"])
    end = np.minimum(members["there_to"][other], mine["there_to"])
    scale = (mine["to"] - mine["from"]) / np.maximum(1, mine["there_to"] - mine["there_from"])
    starts = mine["from"] + np.floor((begin - mine["there_from"]) * scale).astype(np.int64)
    ends = mine["from"] + np.ceil((end - mine["there_from"]) * scale).astype(np.int64)
    spans = Shared(document[row], homes[row], first[row] + starts, first[row] + ends)
    return taken(spans, end > begin)
