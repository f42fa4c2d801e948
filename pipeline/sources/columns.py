"""Columns of records: the names and values that a sample of an input's records holds, nested ones with dotted names."""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from pipeline.sources.settings import Fields
from pipeline.sources.values import as_field, as_text, is_nothing, whole_text
from stages.shared.characters import UNSPACED
from stages.shared.words import count_words

#: Names looked at, and levels of nesting: records of more are dictionaries keyed by something, not columns.
MAX_COLUMNS = 500
MAX_DEPTH = 4  # of objects within objects that become columns
#: Our own names of fields are found among any number of others.
OWN_NAMES = frozenset(each.name for each in fields(Fields))
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+\.\S+", re.IGNORECASE)
_HOME_PAGE = re.compile(r"(?:https?://|www\.)[^\s/]+/?", re.IGNORECASE)
_PICTURE = re.compile(r"\.(?:jpe?g|png|gif|webp|svg|mp[34]|ico)(?:$|\?)", re.IGNORECASE)
_NUMBER = re.compile(r"[-+]?[\d.,:]+(?:e[-+]?\d+)?", re.IGNORECASE)
_PAGE = re.compile(r"\s*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_DATA = re.compile(r"\[?\s*\{\s*['\"]|\[\s*['\"\d-]|\[\]")
_LETTER = re.compile(r"[^\W\d_]")
#: Code points of a value that are looked at: enough to tell prose from data.
LOOKED_AT = 4000
#: Words and code points of prose, medians, the latter fewer in scripts without spaces between words. Chosen by hand:
#: descriptions in feeds have 100 to 300 code points, headlines fewer.
LEAST_WORDS, LEAST_SPACED, LEAST_UNSPACED = 15, 90, 40


@dataclass
class SampleColumn:
    """A column of a sample: its dotted name, and its values that are not empty."""

    name: str
    values: list[Any] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)  # of the values that can be text

    def share(self, pattern: re.Pattern[str], *, whole: bool = False) -> float:
        """Return the share of the texts that have this pattern at their beginning, or as a whole."""
        match = pattern.fullmatch if whole else pattern.match
        return sum(match(text) is not None for text in self.texts) / len(self.texts) if self.texts else 0.0

    @property
    def length(self) -> float:
        """The median number of code points of a text; 0 if there are none."""
        return statistics.median(map(len, self.texts)) if self.texts else 0.0

    @property
    def total(self) -> int:
        """Code points of all texts."""
        return sum(map(len, self.texts))

    @property
    def distinct(self) -> float:
        """The share of the texts that are unlike all others."""
        return len(set(self.texts)) / len(self.texts) if self.texts else 0.0

    def holds_addresses(self) -> bool:
        """Return True if most texts are web addresses, and not of pictures."""
        pictures = sum(_PICTURE.search(text) is not None for text in self.texts)
        return self.share(_ADDRESS, whole=True) > 0.5 and pictures < len(self.texts) / 2

    def holds_home_pages(self) -> bool:
        """Return True if most texts are addresses of sites, not of pages."""
        return self.share(_HOME_PAGE, whole=True) > 0.5

    def holds_numbers(self) -> bool:
        """Return True if most texts are numbers."""
        return self.share(_NUMBER, whole=True) > 0.5

    def holds_pages(self) -> bool:
        """Return True if most texts are whole pages of HTML."""
        return self.share(_PAGE) > 0.5

    def holds_words(self) -> bool:
        """Return True if most texts hold letters, and are no data written as JSON or the like."""
        words = sum(_LETTER.search(text[:LOOKED_AT]) is not None for text in self.texts)
        return words > len(self.texts) / 2 and self.share(_DATA) < 0.5

    def holds_prose(self) -> bool:
        """Return True if the texts are as long as paragraphs, and made of words."""
        heads = [text[:LOOKED_AT] for text in self.texts[:20]]
        words = statistics.median(map(count_words, heads)) if heads else 0
        unspaced = sum(len(UNSPACED.findall(head)) for head in heads) > sum(map(len, heads)) / 4
        return words >= LEAST_WORDS and self.length >= (LEAST_UNSPACED if unspaced else LEAST_SPACED)


def columns_of(records: Iterable[Mapping[str, Any]]) -> dict[str, SampleColumn]:
    """Gather the columns of records by their dotted names, in the order in which they appear."""
    found: dict[str, SampleColumn] = {}
    for record in records:
        for name, value in flattened(record):
            if name not in found and len(found) >= MAX_COLUMNS and name not in OWN_NAMES:
                continue
            column = found.setdefault(name, SampleColumn(name))
            if not is_nothing(value):
                column.values.append(value)
                text = None if isinstance(value, Mapping) else as_text(whole_text(value)) or as_field(value)
                column.texts += [text] if text else []
    return found


def flattened(record: Mapping[str, Any], before: str = "", depth: int = 1) -> Iterator[tuple[str, Any]]:
    """Yield the values of a record with their dotted names; nested objects both whole and value by value.

    >>> list(flattened({"title": "Late", "source": {"name": "Holm Post"}}))
    [('title', 'Late'), ('source', {'name': 'Holm Post'}), ('source.name', 'Holm Post')]
    """
    for key, value in record.items():
        name = f"{before}{key}"
        yield name, value
        if isinstance(value, Mapping) and depth < MAX_DEPTH:
            yield from flattened(value, f"{name}.", depth + 1)


def names_of(columns: Sequence[SampleColumn]) -> tuple[str, ...]:
    """Return the names of columns."""
    return tuple(column.name for column in columns)
