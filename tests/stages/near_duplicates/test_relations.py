"""Relations between whole articles: versions of one article, and duplicates of another."""

from __future__ import annotations

from typing import Any

import pytest

from stages import near_duplicates
from stages.contract import PARAGRAPH_BREAK
from stages.near_duplicates import Settings
from tests.helpers.articles import documents

ADDRESS = "https://www.plume.example/harbour/2031/05/ferry-runs-aground"
TEXT = PARAGRAPH_BREAK.join(
    [
        "The ferry struck the outer wall shortly before dawn and took on water through a torn hull plate.",
        "Bakers on the quay handed out rye loaves and hot cider while divers searched the flooded cargo hold.",
    ]
)
MARKET = "Shares in the Sallow exchange rose by {} percent on {} as grain traders bought the barges of the lower river."


def relations(texts: list[str], **columns: list[Any]) -> list[tuple[str | None, str | None, str | None]]:
    """`revision_of`, `superseded_by` and `duplicate_of` of each document, the last digits of the ids."""
    table = documents(*texts, **({"outlet": ["plume"] * len(texts)} | columns))
    resolution = near_duplicates.resolve([near_duplicates.evidence(table)], Settings())
    rows = near_duplicates.remove(table, resolution, Settings()).documents.to_pylist()
    names = ("revision_of", "superseded_by", "duplicate_of")
    return [tuple(row[name] and row[name][-1] for name in names) for row in rows]  # type: ignore[misc]


@pytest.mark.parametrize(
    "other",
    [
        ADDRESS, ADDRESS + "/", ADDRESS + "?utm_source=feed&utm_medium=rss", ADDRESS + "?fbclid=Iw9",
        ADDRESS + "#comments",
        ADDRESS.replace("https", "http"), ADDRESS.replace("www.", "m."), ADDRESS.replace("www.", ""),
        ADDRESS + "?print=1", ADDRESS + "/print", ADDRESS + "/amp", ADDRESS + "?amp=1", ADDRESS + "?outputType=amp",
        ADDRESS.replace(".example/", ".example:443/"), ADDRESS.replace(".example/", ".example/amp/"),
        ADDRESS.replace("www.", "amp."),
    ],
)  # fmt: skip
def test_the_same_article_under_another_form_of_its_address_is_a_revision(other: str) -> None:
    assert relations([TEXT, TEXT], url=[ADDRESS, other]) == [(None, None, None), ("0", None, None)]


def test_another_article_of_the_same_outlet_with_the_same_words_is_a_duplicate() -> None:
    other = ADDRESS.replace("runs-aground", "sinks")
    assert relations([TEXT, TEXT], url=[ADDRESS, other]) == [(None, None, None), (None, None, "0")]


def test_reports_of_two_days_that_differ_in_their_figures_are_two_articles() -> None:
    texts = [f"{MARKET.format(*day)}{PARAGRAPH_BREAK}{TEXT}" for day in (("2", "Monday"), ("7", "Wednesday"))]
    assert relations(texts, outlet=["plume", "star"])[1][2] is None


def test_a_duplicate_names_the_earliest_of_equal_originals() -> None:
    assert [each[2] for each in relations([TEXT] * 4, outlet=["plume", "star", "echo", "rook"])] == [
        None,
        "0",
        "0",
        "0",
    ]


def test_an_article_that_repeats_itself_is_no_duplicate_of_itself() -> None:
    """It has its words from two others, and one paragraph of it holds the other two."""
    ferry, bakers = TEXT.split(PARAGRAPH_BREAK)
    others = [
        "Engineers drained the lock on Sunday to look for the anchor that a careless skipper had left in the gate.",
        "A heron has nested on the roof of the library and its chicks keep readers of the upper floor awake.",
    ]
    edited = [ferry.replace("a torn", "the torn"), bakers.replace("the flooded", "a flooded")]
    texts = [[ferry, others[0]], [bakers, others[1]], [*edited, " ".join(edited)]]
    articles = [PARAGRAPH_BREAK.join(text) for text in texts]
    assert [each[2] for each in relations(articles, outlet=["plume", "star", "echo"])] == [None, None, None]
