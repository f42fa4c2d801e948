"""Sentences as passages are clustered by: long quotations are some of their own, and so is what lost its space."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from stages import near_duplicates
from stages.contract import DOCUMENT
from stages.near_duplicates import Settings
from stages.near_duplicates.shard_evidence import sentences
from stages.near_duplicates.tokenization import tokenize

SETTINGS = Settings()
NOON = datetime(2031, 5, 4, 12, tzinfo=UTC)
FERRY = "the ferry to Holm will be tied up at the quay until the last of the ice is gone"
GULLS = "two of the gulls that nest on the old crane have learned to open the bins of the bakery"


def clusters(*texts: str) -> list[set[str]]:
    """Return the clusters that each of some outlets' texts, an hour apart, is in."""
    rows = [
        {"doc_id": f"{n:032x}", "source_uri": "test", "outlet": f"outlet-{n}", "kind": "text", "raw_sha256": "",
         "text": text, "published": NOON + timedelta(hours=n)}
        for n, text in enumerate(texts)
    ]  # fmt: skip
    documents = pa.Table.from_pylist(rows, schema=DOCUMENT)
    found = near_duplicates.resolve([near_duplicates.evidence(documents)], SETTINGS)
    passages = near_duplicates.remove(documents, found, SETTINGS).passages.to_pylist()
    return [{row["cluster_id"] for row in passages if row["doc_id"] == f"{n:032x}"} for n in range(len(texts))]


def parts_of(text: str) -> list[str]:
    """Return the sentences that a paragraph is cut into."""
    words = tokenize(pa.chunked_array([[text]]))
    begins = sentences(words, words.first).values.to_pylist()
    return [
        " ".join(text[a:b] for a, b in zip(words.starts[begin:end], words.ends[begin:end], strict=True))
        for begin, end in zip(begins, [*begins[1:], len(words.hashes)], strict=True)
    ]


def test_who_copies_one_quotation_and_who_copies_another_of_the_same_sentence_share_no_cluster() -> None:
    both = (
        f"\u201cIn a winter such as this {FERRY},\u201d said Mara Quill, adding: \u201cAs for the rest, {GULLS}.\u201d"
    )
    found = clusters(both, f"The harbour office told listeners that {FERRY}.", f"Nobody doubts that {GULLS}.")
    assert found[1] and found[2] and found[1] | found[2] <= found[0]
    assert not found[1] & found[2]


@pytest.mark.parametrize("stop", [".", "!", "?", ". "])
def test_who_copies_one_of_two_sentences_without_a_space_between_them_shares_no_cluster_with_who_copies_the_other(
    stop: str,
) -> None:
    found = clusters(
        f"In a winter such as this {FERRY}{stop}However, {GULLS}.", f"They were told that {FERRY}.", f"And {GULLS}."
    )
    assert found[1] and found[2] and not found[1] & found[2]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "The ferry to Holm was tied up on Monday.Its master said that nobody had asked him.",
            ["The ferry to Holm was tied up on Monday", "Its master said that nobody had asked him"],
        ),
        (
            "The harbour office asked a Ph.D. student of the college for a second count of the eels.",
            ["The harbour office asked a Ph D student of the college for a second count of the eels"],
        ),
        (
            "They read about it on www.holm.example and in U.S. papers, as J.Quill did before them.",
            ["They read about it on www holm example and in U.S papers as J Quill did before them"],
        ),
        (
            "\u201cWe never tied her up for so long in all the years since,\u201d said Quill.",
            ["We never tied her up for so long in all the years since said Quill"],
        ),
        (
            "\u201cWe never tied her up for so long in all the years since,\u201d said Quill, "
            "whose father had the ferry before her time.",
            [
                "We never tied her up for so long in all the years since",
                "said Quill whose father had the ferry before her time",
            ],
        ),
        (
            "Quill called it \u201ca long wait\u201d for all who live on the island and for herself.",
            ["Quill called it a long wait for all who live on the island and for herself"],
        ),
    ],
)
def test_a_paragraph_is_cut_into_sentences_and_long_quotations(text: str, parts: list[str]) -> None:
    assert parts_of(text) == parts


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("\u201cI have no doubt that it was them\u201d", "\u201cI have no doubt at all that it was them\u201d", True),
        ("\u201cI have no doubt that it was them\u201d", "\u201cI have a doubt or two that it was them\u201d", False),
        ("I have no doubt that it was them", "I have no doubt at all that it was them", False),
    ],
)
def test_a_lightly_edited_quotation_of_small_words_is_a_copy(one: str, other: str, expected: bool) -> None:
    found = clusters(f"The keeper of the weir told a neighbour: {one}.", f"Asked once more, {other}, she wrote.")
    assert bool(found[0] & found[1]) is expected
