"""Dates of records: every form that can be meant in one way only, and the order of day and month in a column."""

from __future__ import annotations

import json
import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline import sources
from pipeline.sources.record_dates import MAX_DATE, Moment, Order, moment_of

CASES: dict[str, dict[str, str]] = tomllib.loads(
    (Path(__file__).parents[1] / "cases" / "dates_of_records.toml").read_text(encoding="utf-8")
)


def in_utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize("text", CASES["read"])
def test_a_date_that_can_be_meant_in_one_way_is_read(text: str) -> None:
    assert moment_of(text, Order()) == Moment(in_utc(CASES["read"][text]))


@pytest.mark.parametrize("text", CASES["less"])
def test_a_date_that_leaves_something_open_says_so(text: str) -> None:
    moment = moment_of(text, Order())
    assert moment.at == in_utc(CASES["less"][text])
    assert moment.less


@pytest.mark.parametrize("text", CASES["refused"])
def test_what_is_no_date_or_two_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(CASES["refused"][text])):
        moment_of(text, Order())


def published(tmp_path: Path, dates: list[Any], **settings: Any) -> tuple[list[str | None], list[str]]:
    """Write a record for each date; return the days read, and the notes and rows about them."""
    records = [{"text": f"Ferry number {n} is late.", "date": date} for n, date in enumerate(dates)]
    path = tmp_path / "news.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    batches = list(sources.batches(sources.plan([str(path)]), sources.Settings(**settings)))
    days = [day and f"{day:%Y-%m-%d}" for batch in batches for day in batch.documents["published"].to_pylist()]
    return days, [row["after"] for batch in batches for row in batch.ledger.to_pylist()]


@pytest.mark.parametrize(("decisive", "first"), [("25/12/2016", "2016-04-03"), ("12/25/2016", "2016-03-04")])
@pytest.mark.parametrize("before", [0, 2000])
def test_one_date_decides_for_its_column_wherever_it_stands(
    tmp_path: Path, decisive: str, first: str, before: int
) -> None:
    days, _ = published(tmp_path, ["3/4/2016", *["5/6/2016"] * before, decisive, None])
    assert (days[0], days[-2], days[-1]) == (first, "2016-12-25", None)


def test_dates_that_nothing_decides_are_left_empty_and_said_aloud(tmp_path: Path) -> None:
    days, said = published(tmp_path, ["3/4/2016", "5/6/2016", "7/7/2016"])
    assert days == [None, None, "2016-07-07"]
    assert any(note.startswith("2 of 3 dates are not understood, such as '3/4/2016'") for note in said)


@pytest.mark.parametrize(("day_first", "first"), [(True, "2016-04-03"), (False, "2016-03-04")])
def test_the_settings_say_the_order(tmp_path: Path, day_first: bool, first: str) -> None:
    assert published(tmp_path, ["3/4/2016"], day_first=day_first)[0] == [first]


def test_the_settings_name_a_form(tmp_path: Path) -> None:
    assert published(tmp_path, ["16|4|3", "17|1|9"], date_format="%y|%d|%m")[0] == ["2016-03-04", "2017-09-01"]


@pytest.mark.parametrize("text", ["1" * 1_000_000, "3/" * 500_000, "a " * 500_000, "2016-12-25 " * 100_000])
def test_a_field_of_a_million_characters_is_no_date_and_takes_no_time(text: str) -> None:
    assert len(text) > MAX_DATE
    with pytest.raises(ValueError, match="too long for a date"):
        moment_of(text, Order())
