"""Columns whose values are objects written as JSON, as exports of databases and message queues have them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from pipeline.sources.columns import columns_of
from pipeline.sources.fields import fields_of_articles
from pipeline.sources.settings import Fields

#: Of the values of a column, those that are objects, from which on it is read as one. Chosen by hand.
MIN_SHARE = 0.9


def json_columns(records: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Return the columns of records that hold nothing but objects in JSON.

    >>> sorted(json_columns([{"id": "1", "data": '{"title": "Ferry late"}'}, {"id": "2", "data": None}]))
    ['data']
    """
    given: dict[str, int] = {}
    objects: dict[str, int] = {}
    for values in records:
        for name, value in values.items():
            if isinstance(value, (str, bytes)) and value:
                given[name] = given.get(name, 0) + 1
                objects[name] = objects.get(name, 0) + (_parsed(value) is not None)
    return frozenset(name for name, count in given.items() if objects[name] >= MIN_SHARE * count)


def rating(rows: Sequence[Mapping[str, Any]], settings: Fields) -> tuple[int, float]:
    """Rate how much rows look like articles, by their columns, or else by what is in their objects in JSON."""
    found = fields_of_articles(columns_of(rows), settings)
    if found[0] or not (names := json_columns(rows)):
        return found
    return fields_of_articles(columns_of(with_objects(row, names) for row in rows), settings, names)


def with_objects(values: Mapping[str, Any], columns: Iterable[str]) -> dict[str, Any]:
    """Put the objects themselves in the place of their JSON; what does not parse stays as it is.

    >>> with_objects({"id": "1", "data": '{"title": "Ferry late"}'}, ["data"])
    {'id': '1', 'data': {'title': 'Ferry late'}}
    """
    found = {name: parsed for name in columns if (parsed := _parsed(values.get(name))) is not None}
    return {**values, **found}


def _parsed(value: Any) -> dict[str, Any] | None:
    if not isinstance(value, (str, bytes)) or value.lstrip()[:1] not in ("{", b"{"):
        return None
    try:
        parsed = orjson.loads(value)
    except ValueError:
        return None
    return parsed if isinstance(parsed, dict) else None
