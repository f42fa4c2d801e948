"""The law of coverage: every verified match lies in clusters that both of its sentences are in."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from stages import near_duplicates
from stages.contract import PARAGRAPH_BREAK
from stages.near_duplicates import Resolution, Settings
from stages.near_duplicates.candidates import bucket_entries, candidates
from stages.near_duplicates.numbering import NumberedEvidence, in_canonical_order, texts
from stages.near_duplicates.verification import Matches, verify
from tests.helpers.articles import documents
from tests.helpers.examples import examples

SETTINGS = Settings()
#: Clauses that outlets join into sentences of their own, so that each sentence shares other parts with each other one.
CLAUSES = [
    "the ferry struck the outer wall shortly before dawn",
    "a torn hull plate let water into the forward cargo hold",
    "divers found the bronze bell beneath a bank of gravel",
    "ninety passengers were led ashore along a rope walkway",
    "the harbour board had postponed repairs for three winters",
    "bakers on the quay handed out rye loaves and hot cider",
]


def resolved(table: pa.Table, settings: Settings = SETTINGS) -> Resolution:
    return near_duplicates.resolve([near_duplicates.evidence(table)], settings)


def matches(table: pa.Table) -> tuple[NumberedEvidence, Matches]:
    """All verified matches of a corpus, those of exact copies too."""
    evidence = near_duplicates.evidence(table)
    corpus = in_canonical_order(evidence, SETTINGS)
    entries = bucket_entries(corpus, np.ones(len(corpus.document), np.bool_), SETTINGS)
    return corpus, verify(texts(corpus), candidates(entries, SETTINGS), SETTINGS)


Place = tuple[str, int]  # a document and its paragraph


def spans_of(corpus: NumberedEvidence, verified: Matches) -> list[tuple[tuple[Place, range], tuple[Place, range]]]:
    """Where each match that differs in no fact stands, in words of the earlier paragraph and of the later one."""
    part, ids = np.repeat(np.arange(len(corpus.document)), np.diff(corpus.sentence_first)), corpus.documents["doc_id"]
    places = [(ids[corpus.document[of]].as_py(), int(corpus.paragraph[of])) for of in part]
    return [
        ((places[earlier], range(*span[:2])), (places[later], range(*span[2:])))
        for earlier, later, span, differs in zip(
            verified.sentence, verified.later, verified.spans.tolist(), verified.differs, strict=True
        )
        if not differs
    ]


def uncovered(table: pa.Table) -> list[tuple[Place, Place]]:
    """Matches of two documents some word of which lies in no cluster that both paragraphs are in."""
    members: dict[Place, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for row in resolved(table).found.to_pylist():
        span = range(row["start_word"], row["end_word"])
        members[row["doc_id"], row["paragraph"]][row["cluster_id"]].update(span)
    matched, missed = spans_of(*matches(table)), []
    for sides in matched:
        (one, _), (other, _) = sides
        if one[0] == other[0]:
            continue
        common = members[one].keys() & members[other].keys()
        held = (set().union(*(members[place][each] for each in common)) for place, _ in sides)
        if not all(words >= set(span) for words, (_, span) in zip(held, sides, strict=True)):
            missed.append((one, other))
    return missed


def sentence(clauses: list[str]) -> str:
    return ", and ".join(clauses).capitalize() + "."


@st.composite
def article(draw: st.DrawFn) -> str:
    """An article of some of the clauses, each once: of what one repeats, the first alone is in clusters."""
    clauses = draw(st.permutations(CLAUSES))[: draw(st.integers(1, len(CLAUSES)))]
    paragraphs = [[[clauses[0]]]]
    for clause in clauses[1:]:
        place = draw(st.sampled_from(["same sentence", "next sentence", "next paragraph"]))
        if place == "same sentence":
            paragraphs[-1][-1].append(clause)
        elif place == "next sentence":
            paragraphs[-1].append([clause])
        else:
            paragraphs.append([[clause]])
    return PARAGRAPH_BREAK.join(" ".join(map(sentence, sentences)) for sentences in paragraphs)


ARTICLES = st.lists(article(), min_size=2, max_size=8)


@given(ARTICLES)
@hypothesis_settings(examples(40), derandomize=True)
def test_every_verified_match_lies_in_clusters_that_both_are_in(articles: list[str]) -> None:
    assert uncovered(documents(*articles)) == []


@given(ARTICLES)
@hypothesis_settings(examples(25), derandomize=True)
def test_what_a_passage_copies_lies_within_it_and_a_canonical_one_copies_nothing(articles: list[str]) -> None:
    for row in resolved(documents(*articles)).found.to_pylist():
        assert row["start_word"] <= row["copied_start"] <= row["copied_end"] <= row["end_word"]
        assert not row["is_canonical"] or row["copied_start"] == row["copied_end"]


WHOLE = sentence(CLAUSES[:4])
PART = sentence([CLAUSES[0], CLAUSES[1]]).replace("forward cargo hold", "rear engine room before noon")


def shares(table: pa.Table) -> list[float]:
    removal = near_duplicates.remove(table, resolved(table), SETTINGS)
    return [round(share, 2) for share in removal.documents["duplicate_share"].to_pylist()]


def test_what_articles_share_beyond_their_canonical_begins_a_cluster_of_its_own() -> None:
    """The first prints a part otherwise; the others, equal among themselves, have the rest from the second."""
    articles = documents(PART, *[WHOLE] * 4)
    found = resolved(articles).found.to_pylist()
    canonical = {row["canonical_doc"] for row in found if row["doc_id"] == f"{4:032x}"}
    assert canonical == {f"{0:032x}", f"{1:032x}"}
    assert shares(articles)[2:] == [1.0, 1.0, 1.0]


@pytest.mark.parametrize("between", [" ", PARAGRAPH_BREAK])
def test_an_article_is_a_duplicate_of_the_one_that_has_all_of_it_though_a_third_had_parts_first(between: str) -> None:
    first, second, third = (sentence(CLAUSES[n : n + 2]) for n in (0, 2, 4))
    own = "Nothing else was heard from the island on that long and windless evening."
    whole = between.join([first, second, third])
    articles = documents(first + " " + own, own.replace("island", "lighthouse") + " " + second, whole, whole)
    relations = {row["doc_id"]: row["duplicate_of"] for row in resolved(articles).relations.to_pylist()}
    assert relations[f"{3:032x}"] == f"{2:032x}"


def test_a_correction_that_a_second_outlet_reprints_is_dropped_there_and_kept_where_it_stood_first() -> None:
    first = "Nine skiffs and a barge drifted past the boom at Calder during the storm on the night of the fair."
    articles = documents(first, first.replace("Nine", "Seven"), first.replace("Nine", "Seven"))
    removal = near_duplicates.remove(articles, resolved(articles), SETTINGS)
    assert [bool(text) for text in removal.documents["canonical_text"].to_pylist()] == [True, True, False]


def test_a_long_run_of_own_words_keeps_a_paragraph() -> None:
    own = "although the keeper of the light had warned them"
    articles = documents(WHOLE, WHOLE.replace(".", f", {own}."))
    removal = near_duplicates.remove(articles, resolved(articles), SETTINGS)
    assert removal.paragraphs["is_canonical"].to_pylist() == [True, True]
    assert removal.documents["duplicate_share"].to_pylist()[1] > SETTINGS.minimum_share
