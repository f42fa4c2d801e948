"""The contract between the reader of markup and the formats that it knows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

from pipeline.sources.markup.split import Unit

Values = dict[str, Any]


class NoArticle(NamedTuple):
    """An element that is no article, and why; it becomes a row."""

    why: str


@dataclass(frozen=True)
class MarkupFormat:
    """A format: the element that is an article, and how its values are read.

    `read` is given the element and what is known from the elements around it, by dotted names. In a `loose` format
    broken markup is normal, as in SGML, and is not worth a row.
    """

    name: str
    unit: Unit
    read: Callable[[Element, Mapping[str, str]], Iterator[Values | NoArticle]]
    loose: bool = False
    found: bool = False  # the unit was found out, and is told
    is_one: bool = False  # the whole file is one article


class Refusal(NamedTuple):
    """Why a file holds no articles."""

    why: str


class Outline(NamedTuple):
    """How a file begins: its root element, the names in it, its namespaces, and its first bytes."""

    root: str
    names: frozenset[str]
    namespaces: Mapping[str, str]
    head: str
