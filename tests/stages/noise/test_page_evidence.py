"""What a page says of its lines, and the standfirst, in the noise stage. All texts are invented."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from pipeline import settings
from pipeline.settings.rule_packs import noise_settings
from stages import noise
from stages.contract import DOCUMENT, PARAGRAPH_BREAK
from stages.noise.verdict import Verdict, left_by_their_kind
from stages.noise.view import look

STORY = [
    "The harbour of Port Vellén was closed on Monday after the storm tore two cranes from their rails.",
    "Nobody was hurt, said harbour master Ingrid Solano, but ships will have to wait until the end of the week.",
    "The council meets tonight to decide who pays for the repair, which could cost eleven million crowns.",
]


def clean(paragraphs: list[str], **columns: object) -> tuple[dict, list[dict]]:
    row: dict[str, object] = dict.fromkeys(DOCUMENT.names)
    row |= {"doc_id": "d1", "source_uri": "x", "outlet": "vellen-times.example", "kind": "html", "raw_sha256": "0"}
    row |= {"text": PARAGRAPH_BREAK.join(paragraphs), "language": "en", "title": "Storm closes harbour"} | columns
    outcome = noise.run(pa.Table.from_pylist([row], schema=DOCUMENT), noise_settings(settings.load(None)))
    return outcome.documents.to_pylist()[0], outcome.ledger.to_pylist()


def test_a_line_that_its_page_sets_apart_is_cut_and_the_ledger_names_the_hint():
    line = "Get the tide table by mail, every morning at six"
    document, rows = clean([*STORY, line], line_evidence=[{"line": line, "hint": "newsletter"}])
    assert document["text"] == PARAGRAPH_BREAK.join(STORY)
    assert [(row["action"], row["reason"], row["rule"]) for row in rows] == [("cut", "signup", "html:newsletter")]


def test_a_list_of_links_below_the_story_is_cut():
    links = ["The mill of Westmark burns for nine days", "Ferry late again on Monday", "Mayor of Anning resigns"]
    document, rows = clean([*STORY, *links], line_evidence=[{"line": line, "hint": "links"} for line in links])
    assert document["text"] == PARAGRAPH_BREAK.join(STORY)
    assert {row["reason"] for row in rows} == {"related"}


def test_a_sentence_of_the_story_in_a_box_of_a_doubtful_name_stays():
    document, rows = clean(STORY, line_evidence=[{"line": STORY[1], "hint": "related"}])
    assert document["text"] == PARAGRAPH_BREAK.join(STORY)
    assert rows == []


def test_the_standfirst_of_a_page_stays_in_the_text_whatever_it_looks_like():
    deck = "Harbour master asks for patience while engineers look for two new cranes"
    document, _ = clean([deck, *STORY], deck=deck)
    assert document["text"].startswith(deck)
    assert document["deck"] == deck


def test_a_standfirst_below_the_headline_of_a_text_is_copied_to_its_field_and_stays():
    deck = "Harbour master asks for patience while engineers look for two new cranes"
    document, rows = clean(["Storm closes harbour", deck, *STORY])
    assert (document["deck"], document["text"].startswith(deck)) == (deck, True)
    assert ("marked", "deck") in [(row["action"], row["reason"]) for row in rows]


def test_a_date_line_gives_both_times():
    line = "Published: 3 May 2021, 10:14 GMT | Updated: 4 May 2021, 09:00 GMT"
    document, _ = clean([line, *STORY])
    assert document["published"] == datetime(2021, 5, 3, 10, 14, tzinfo=UTC)
    assert document["updated"] == datetime(2021, 5, 4, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("lines", "authors", "wire"),
    [
        (["By Mara Quill Published 3 May 2021"], ["Mara Quill"], None),
        (["By Mara Quill, Reuters", "Published 3 May 2021"], ["Mara Quill"], ["Reuters"]),
        (["By Reuters Staff", "Published 3 May 2021"], None, ["Reuters"]),
    ],
)
def test_a_byline_of_a_text_gives_its_people_and_its_agencies(lines: list[str], authors: object, wire: object):
    document, _ = clean([*lines, *STORY], kind="text")
    assert (document["authors"], document["wire"]) == (authors, wire)
    assert document["published"] == datetime(2021, 5, 3, tzinfo=UTC)


@pytest.mark.parametrize("order", [1, -1])
def test_date_lines_of_a_text_give_both_times_in_any_order(order: int):
    lines = ["Published: 3 May 2021, 10:14 BST", "Updated: 4 May 2021, 11:00 GMT"][::order]
    document, _ = clean([*lines, *STORY], kind="text")
    assert document["published"] == datetime(2021, 5, 3, 9, 14, tzinfo=UTC)
    assert document["updated"] == datetime(2021, 5, 4, 11, tzinfo=UTC)


def test_a_time_of_the_last_change_alone_stands_for_that_of_publication():
    document, _ = clean(["Last updated 4 May 2021 11:00 GMT", *STORY], kind="text")
    assert (document["published"], document["updated"]) == (datetime(2021, 5, 4, 11, tzinfo=UTC), None)


def test_an_agency_that_a_source_gives_as_author_is_credited_as_agency():
    document, _ = clean(STORY, kind="text", authors=["Mara Quill", "Reuters"])
    assert (document["authors"], document["wire"]) == (["Mara Quill"], ["Reuters"])
    document, _ = clean(STORY, kind="text", authors=["AFP"])
    assert (document["authors"], document["wire"]) == (None, ["AFP"])


def test_entries_of_a_long_list_stay_where_the_model_would_cut_the_lesser_part() -> None:
    entry = "Tarn rope of hemp, {} yards, oiled, set of 2 with a free wooden reel for 24.99 crowns (list price 69.99)"
    view = look([*(entry.format(yards) for yards in range(40, 46)), "Read more"])
    model, rule = Verdict("caption", "model", 0.96, 0.9), Verdict("related", "en.read-more", 0.96, 0.1)
    assert left_by_their_kind(view, {0: model, 3: model, 6: rule}) == {0, 3}
    assert left_by_their_kind(view, dict.fromkeys(range(6), model)) == set()
