"""Dates whose year, month and day stand in columns of their own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.sources import Settings
from pipeline.sources.settings import Fields
from tests.helpers.sources import read_file

TEXT = (
    "The ferry of the evening left the quay of Port Anning two hours late, and nobody on board could say why it was so."
)


def day_of(tmp_path: Path, *records: dict[str, object], settings: Settings | None = None) -> list[str]:
    """Return the days of records of JSON Lines; "" for none."""
    lines = [json.dumps({"headline": f"Ferry {n}", "body": f"{n} {TEXT}", **each}) for n, each in enumerate(records)]
    documents, _ = read_file(tmp_path / "news.jsonl", "\n".join(lines).encode(), settings)
    return [f"{each['published']:%Y-%m-%d}" if each["published"] else "" for each in documents]


@pytest.mark.parametrize(
    "record",
    [
        {"year": 2031, "month": 3, "day": 5},
        {"Jahr": "2031", "Monat": "03", "Tag": "05"},
        {"pub_year": 2031.0, "pub_month": 3.0, "pub_day": 5.0},
        {"año": 2031, "mes": "marzo", "día": 5},
        {"date": {"year": 2031, "month": "March", "day": 5}},
    ],
)
def test_columns_of_year_month_and_day_are_read_together(tmp_path: Path, record: dict[str, object]) -> None:
    assert day_of(tmp_path, record, record) == ["2031-03-05", "2031-03-05"]


def test_a_whole_date_goes_before_its_parts(tmp_path: Path) -> None:
    assert day_of(tmp_path, {"year": 2030, "month": 1, "day": 2, "published": "2031-03-05"}) == ["2031-03-05"]


def test_a_record_without_a_month_has_the_first_day_of_its_year(tmp_path: Path) -> None:
    records = {"year": 2031, "month": 3, "day": 5}, {"year": 2031, "month": None, "day": None}, {"year": None}
    assert day_of(tmp_path, *records) == ["2031-03-05", "2031-01-01", ""]


def test_columns_called_so_that_hold_something_else_are_left_alone(tmp_path: Path) -> None:
    records = [{"year": 2031, "month": 14, "day": "Monday"}, {"year": 2032, "month": 3, "day": "Friday"}]
    assert day_of(tmp_path, *records) == ["2031-01-01", "2032-01-01"]


def test_the_settings_can_say_it(tmp_path: Path) -> None:
    settings = Settings(fields=Fields(published="a+b+c"))
    assert day_of(tmp_path, {"a": 2031, "b": 3, "c": 5}, settings=settings) == ["2031-03-05"]
