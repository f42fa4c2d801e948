"""The one date parser: forms, zones, and the same moment from a page and from a text. All texts are invented."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import settings
from pipeline.settings.rule_packs import noise_settings
from stages import extract, noise
from stages.contract import DOCUMENT, PARAGRAPH_BREAK
from stages.noise.fields import lexicon, time_of
from stages.noise.rules import parse_pack
from stages.shared.dates import month_names, stamps_in_text

STORY = [
    "The harbour of Port Vellén was closed on Monday after the storm tore two cranes from their rails.",
    "Nobody was hurt, said harbour master Ingrid Solano, but ships will have to wait until the end of the week.",
    "The council meets tonight to decide who pays for the repair, which could cost eleven million crowns.",
]
LATE = datetime(2040, 1, 1, tzinfo=UTC)


def document(kind: str, text: str, **columns: object) -> pa.Table:
    row: dict[str, object] = dict.fromkeys(DOCUMENT.names)
    row |= {"doc_id": "d1", "source_uri": "x", "outlet": "vellen-times.example", "raw_sha256": "0"}
    return pa.Table.from_pylist([row | {"kind": kind, "text": text} | columns], schema=DOCUMENT)


def from_page(*lines: str) -> dict[str, object]:
    """Extract a page that shows lines between headline and story."""
    shown = "".join(f"<p>{line}</p>" for line in [*lines, *STORY])
    page = f"<html><body><article><h1>Storm closes harbour for a week</h1>{shown}</article></body></html>"
    outcome = extract.run(document("html", page, crawled=LATE), extract.Settings())
    return outcome.documents.to_pylist()[0]


def from_text(*lines: str, language: str = "en") -> dict[str, object]:
    """Clean a text that begins with lines."""
    text = PARAGRAPH_BREAK.join([*lines, *STORY])
    outcome = noise.run(document("text", text, language=language), noise_settings(settings.load(None)))
    return outcome.documents.to_pylist()[0]


@pytest.mark.parametrize(
    ("line", "language", "moment"),
    [
        ("May 3, 2031 6:05 p.m. ET", "en", "2031-05-03 22:05"),
        ("January 3, 2031 6:05 p.m. ET", "en", "2031-01-03 23:05"),
        ("May 3, 2031 6:05 a.m. EDT", "en", "2031-05-03 10:05"),
        ("May 3, 2031 6:05 PM PT", "en", "2031-05-04 01:05"),
        ("2031-05-03T10:14:00+02:00", "en", "2031-05-03 08:14"),
        ("03.05.31", "de", "2031-05-03 00:00"),
        ("3. Mai 2031, 19:18 Uhr", "de", "2031-05-03 19:18"),
    ],
)
def test_a_line_gives_the_same_moment_from_a_page_and_from_a_text(line: str, language: str, moment: str) -> None:
    wanted = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert from_page(line)["published"] == wanted
    assert from_text(line, language=language)["published"] == wanted


@pytest.mark.parametrize(
    ("line", "moment"),
    [
        ("3 maja 2031", "2031-05-03 00:00"),  # no rule takes this line out of a text yet; where one does, it is read
        ("Published: May 3, 2031 6:05 p.m. E.T.", "2031-05-03 22:05"),
    ],
)
def test_noise_reads_a_line_as_a_page_does(line: str, moment: str) -> None:
    wanted = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert from_page(line)["published"] == wanted
    assert time_of(line, lexicon(()).dates) == wanted


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("3 May 2031, 10:14 a.m. E.D.T.", "2031-05-03T14:14"),
        ("3 May 2031 6 pm Eastern Time", "2031-05-03T22:00"),
        ("3 May 2031 6:05p CT", "2031-05-03T23:05"),
        ("3 May 2031 10:14 (GMT+2)", "2031-05-03T08:14"),
        ("18:05 BST, 3 May 2031", "2031-05-03T17:05"),
        ("2031-05-03T10:14:00.250Z", "2031-05-03T10:14"),
        ("3 de mayo de 2031 a las 6:05 p. m.", "2031-05-03T18:05"),
        ("3 mai 2031 18h05", "2031-05-03T18:05"),
        ("2031년 5월 3일", "2031-05-03T00:00"),
        ("3 May 2031, 10.14km away", "2031-05-03T00:00"),
        ("3 May 2031 10:14 a Monday", "2031-05-03T10:14"),
    ],
)
def test_times_and_zones_are_read_as_written(text: str, moment: str) -> None:
    [stamp] = stamps_in_text(text)
    assert stamp.moment.isoformat()[:16] == moment


@pytest.mark.parametrize("text", ["", "updated an hour ago", "31 February 2031", "3 quay 2031", "99.99.2031"])
def test_no_day_is_made_up(text: str) -> None:
    assert stamps_in_text(text) == []


@given(st.text() | st.text("0123456789.:-/+TZ apmETGM,()年월mayжUhr"))
def test_any_text_is_read_without_an_error_and_in_utc(text: str) -> None:
    assert all(stamp.moment.tzinfo is UTC for stamp in stamps_in_text(text))


def test_a_rule_pack_adds_months_and_zones() -> None:
    words = lexicon((parse_pack({"months": {"floréal": 5}, "zones": {"QT": 90}}, "own"),)).dates
    assert time_of("3 floréal 2031, 10:14 QT", words) == datetime(2031, 5, 3, 8, 44, tzinfo=UTC)
    assert time_of("3 maja 2031", words) == datetime(2031, 5, 3, tzinfo=UTC)


def test_every_language_names_its_months_and_no_two_languages_mean_two_months() -> None:
    everywhere = month_names()
    for language in ("ar", "de", "en", "es", "fr", "it", "nl", "pl", "pt", "ru"):
        own = month_names(language)
        assert set(own.values()) == set(range(1, 13))
        assert own.items() <= everywhere.items()


def test_months_of_hindi_and_indonesian_are_known_by_their_language() -> None:
    assert month_names("hi")["मई"] == month_names("id")["mei"] == 5
    assert len(set(month_names("hi").values())) == len(set(month_names("id").values())) == 12
