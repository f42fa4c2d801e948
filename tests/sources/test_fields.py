"""Which columns of records hold what: shapes of news tables that people publish, with values made for each kind."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.sources.columns import columns_of
from pipeline.sources.fields import ROLES, choose, rank_of
from pipeline.sources.settings import Fields

CASES = Path(__file__).parents[1] / "cases" / "fields.toml"
SHAPES: dict[str, dict[str, str]] = tomllib.loads(CASES.read_text(encoding="utf-8"))
PLACES = ("Holm", "Varde", "Lindby", "Asker", "Norrsund", "Westhaven")
TEASER = (
    "Ferries between {0} and the mainland stay in port for another week, the harbour office said on Monday; those who "
    "hold a ticket will get their money back at the counter."
)
STORY = (
    "The harbour office of {0} said on Monday that its ferries will stay in port for another week. Waves of up to five "
    "metres had damaged two of the four landing stages, a spokeswoman told reporters. Repairs cost {1} crowns.\n\nThe "
    "council will vote on the money in May. Nobody was hurt."
)
CHINESE = (
    "{0}港务局周一表示，渡轮将在港口再停留一周。高达五米的海浪损坏了四个码头中的两个，"
    "发言人告诉记者。维修费用为{1}克朗。市议会将在五月投票。"
)

KINDS: dict[str, Callable[[int], Any]] = {
    "number": lambda n: 1000 + n,
    "small": lambda n: n % 3,
    "hash": lambda n: f"{n * 7919:016x}",
    "slug": lambda n: f"world/2026/mar/0{n + 1}/ferry-late",
    "urn": lambda n: f"urn:holm:{n}",
    "headline": lambda n: f"Ferries to {PLACES[n]} stay in port for another week",
    "name": lambda n: f"{PLACES[n % 2]} Post",
    "domain": lambda n: f"{PLACES[n % 2].lower()}post.example",
    "home": lambda n: f"https://www.{PLACES[n % 2].lower()}post.example/",
    "person": lambda n: ("Ana Lind", "Bo Kask", "Cy Orme")[n % 3],
    "people": lambda n: [("Ana Lind", "Bo Kask", "Cy Orme")[n % 3]],
    "topic": lambda n: ("politics", "sports")[n % 2],
    "place": lambda n: PLACES[n].upper(),
    "language": lambda n: "en",
    "day": lambda n: f"2026-03-0{n + 1}",
    "german day": lambda n: f"{n + 20}.03.2026",
    "time": lambda n: f"2026-03-0{n + 1}T10:00:00Z",
    "stamp": lambda n: int(f"2026030{n + 1}100000"),
    "year": lambda n: 2010 + n,
    "address": lambda n: f"https://post.example/2026/ferry-{n}",
    "archived": lambda n: f"http://archive.example/web/2026/http://post.example/ferry-{n}",
    "picture": lambda n: f"https://img.post.example/{n}.jpg",
    "file": lambda n: f"/data/crawl/{n}.json",
    "data": lambda n: (
        f'[{{"Label": "{PLACES[n]}", "Type": "G", "Confidence": 0.9{n}, "Offsets": [{n}, 12, 14, 18, 22]}}]'
    ),
    "teaser": lambda n: TEASER.format(PLACES[n]),
    "story": lambda n: STORY.format(PLACES[n], 1200 + n),
    "chinese": lambda n: CHINESE.format(PLACES[n], 1200 + n),
    "markup": lambda n: f"<p>{STORY.format(PLACES[n], n)}</p>",
    "page": lambda n: f"<!DOCTYPE html><html><body><p>{STORY.format(PLACES[n], n)}</p></body></html>",
}


def parts_of(column: str) -> tuple[str, str]:
    """Split the description of a column: the kind of its values, and the field that it must be read as."""
    kind, _, role = column.partition("=")
    return kind.strip(), role.strip()


def nested(record: dict[str, Any], name: str, value: Any) -> None:
    """Put a value under its dotted name."""
    *above, last = name.split(".")
    for part in above:
        record = record.setdefault(part, {})
    record[last] = value


def records_of(shape: dict[str, str], number: int) -> list[dict[str, Any]]:
    """Make records of a shape."""
    records: list[dict[str, Any]] = [{} for _ in range(number)]
    for n, record in enumerate(records):
        for name, column in shape.items():
            nested(record, name, KINDS[parts_of(column)[0]](n))
    return records


@pytest.mark.parametrize("number", [6, 1])
@pytest.mark.parametrize("name", SHAPES)
def test_the_columns_of_a_shape_are_found(name: str, number: int) -> None:
    shape = SHAPES[name]
    if number == 1 and name in ("letters for names", "numbers for names"):
        pytest.skip("a headline without a name is told by the values of several records")
    chosen = choose(columns_of(records_of(shape, number)), Fields())
    wanted = {role: column for column, described in shape.items() if (role := parts_of(described)[1])}
    assert {role: _leaf(names[0], shape) for role, names in chosen.columns.items()} == wanted


def _leaf(name: str, shape: dict[str, str]) -> str:
    """Return the column that an object with one part stands for."""
    return next((each for each in shape if each == name or each.startswith(f"{name}.")), name)


def test_a_column_that_the_settings_name_is_taken_whatever_it_holds() -> None:
    columns = columns_of([{"a": "Short.", "text": STORY}])
    assert choose(columns, Fields(text="a")).of("text") == ("a",)
    assert choose(columns, Fields(text="nowhere")).of("text") == ("nowhere",)


@pytest.mark.parametrize(
    "name", ["image.url", "author.url", "video.title", "section.name", "related.title", "comments.text"]
)
def test_parts_of_other_things_are_no_fields(name: str) -> None:
    assert {role for role in ROLES if rank_of(name, role) is not None} <= {"id"}


@pytest.mark.parametrize("name", ["x" * 1_000_000, "aB" * 500_000, "a." * 500_000, "." * 1_000_000], ids=len)
def test_a_monstrous_name_is_no_field_and_takes_no_time(name: str) -> None:
    columns = columns_of([{name: 1, "text": STORY}])
    assert choose(columns, Fields()).columns == {"text": ("text",)}


def test_our_own_names_are_found_among_any_number_of_others() -> None:
    columns = columns_of([{**{f"k{n}": n for n in range(5000)}, "text": STORY}])
    assert choose(columns, Fields()).of("text") == ("text",)
