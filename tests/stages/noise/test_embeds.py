"""Embedded posts: the setting that keeps, cuts or quotes them, and the posts that a story needs."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pyarrow as pa
import pytest

from pipeline import settings
from pipeline.errors import UserError
from pipeline.settings.rule_packs import noise_settings
from pipeline.storage.replay import changes_by_document, text_before
from stages import noise
from stages.contract import DOCUMENT

STORY = {
    "en": (
        "The harbour of Port Anning opened again on Monday after nine days of storm, the harbour master said.",
        "Forty boats had waited outside the bar, and the first of them sold its catch before noon.",
        "Nobody in the ice house could remember such a swell, and the oldest skippers had counted the days.",
    ),
    "de": (
        "Der Hafen von Grauenfels ist nach neun Tagen Sturm wieder offen, teilte die Hafenmeisterin am Montag mit.",
        "Vierzig Boote hatten vor der Einfahrt gewartet, und das erste verkaufte seinen Fang noch vor dem Mittag.",
        "Im Eishaus konnte sich niemand an eine solche Dünung erinnern, und die Alten hatten die Tage gezählt.",
    ),
}
POST, BY = "Boats everywhere at the quay today", "— Ada Quay (@adaquay) May 3, 2031"
LEADS = {
    "en": "Ada Quay, who saw it from the pier, wrote on Monday:",
    "de": "Ada Quay, die es von der Mole aus sah, schrieb am Montag:",
}


@cache
def defaults() -> noise.Settings:
    return noise_settings(settings.parse({}))


def cleaned(lines: list[str], language: str, embeds: str) -> list[str]:
    """Clean a text; check that its ledger leads back."""
    text = "\n\n".join(lines)
    row = {"doc_id": "d", "source_uri": "x", "outlet": "o", "kind": "text", "language": language, "text": text}
    documents = pa.Table.from_pylist([row | {"raw_sha256": "0"}], schema=DOCUMENT)
    outcome = noise.run(documents, replace(defaults(), embeds=embeds))
    [found] = outcome.documents["text"].to_pylist()
    assert text_before(found, changes_by_document(outcome.ledger).get("d", []), "noise") == text
    return found.split("\n\n")


@pytest.mark.parametrize("language", STORY)
@pytest.mark.parametrize(("embeds", "left"), [("cut", []), ("keep", [POST, BY]), ("quote", [f"“{POST}”", BY])])
def test_a_post_that_the_story_does_not_need_follows_the_setting(language: str, embeds: str, left: list[str]) -> None:
    first, second, third = STORY[language]
    assert cleaned([first, second, POST, BY, third], language, embeds) == [first, second, *left, third]


@pytest.mark.parametrize("language", STORY)
@pytest.mark.parametrize("embeds", ["cut", "keep"])
def test_a_post_that_a_sentence_leads_up_to_stays(language: str, embeds: str) -> None:
    first, second, third = STORY[language]
    lines = [first, second, LEADS[language], POST, BY, third]
    assert cleaned(lines, language, embeds) == lines


def test_posts_stay_where_they_are_most_of_the_text() -> None:
    another = "I have never seen so many gulls in one place, and neither has my grandfather"
    lines = ["The quay is full.", POST, BY, another, "— Gull (@gull) May 3, 2031"]
    assert cleaned(lines, "en", "cut") == lines


def test_whose_a_glued_post_is_stays_outside_the_quotation_marks() -> None:
    first, second, third = STORY["en"]
    found = cleaned([first, second, f"Boats everywhere! {BY}", third], "en", "quote")
    assert found == [first, second, f"“Boats everywhere!” {BY}", third]


@pytest.mark.parametrize("embeds", ["cut", "keep", "quote"])
def test_a_player_goes_whatever_happens_to_posts(embeds: str) -> None:
    first, second, third = STORY["en"]
    assert cleaned([first, second, "Loading the player...", third], "en", embeds) == [first, second, third]


def test_a_line_that_goes_leads_up_to_nothing() -> None:
    first, second, third = STORY["en"]
    assert POST not in cleaned([first, second, third, "Share this:", POST, BY], "en", "cut")


def test_another_setting_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(UserError, match="'quote'"):
        settings.parse({"noise": {"embeds": "quotes"}})
