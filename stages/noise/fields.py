"""The fields of a document that noise fills: what they hold already, and what moved words add."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import lru_cache
from typing import Any

from stages.noise.rules import RulePack
from stages.shared.agencies import Agencies
from stages.shared.characters import letters
from stages.shared.dates import DateWords, stamps_in_text
from stages.shared.people import BylineWords, split_names

#: The shape of an agency's name that no list has: one to three words with capitals.
AGENCY = re.compile(r"^[^\W\d_a-z][\w.&-]*(?: [^\W\d_a-z][\w.&-]*){0,2}$")


MAX_BYLINE_WORDS = 10  # of a line that no rule takes apart, to be names and no sentence


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The shared language knowledge and the word lists of some packs, ready to look up."""

    agencies: Agencies
    dates: DateWords
    bylines: BylineWords


def lexicon(packs: tuple[RulePack, ...]) -> Lexicon:
    """Join the shared language knowledge with the word lists of some packs."""
    agencies = Agencies.with_more(pair for pack in packs for pair in pack.agencies)
    months, zones = (pair for pack in packs for pair in pack.months), (pair for pack in packs for pair in pack.zones)
    roles = frozenset(role.casefold() for pack in packs for role in pack.roles)
    joiners = tuple(joiner for pack in packs for joiner in pack.joiners)
    return Lexicon(agencies, DateWords.with_more(months, zones), BylineWords(roles, joiners, agencies))


def time_of(text: str, dates: DateWords) -> datetime | None:
    """Return the first moment that a date line gives, in UTC; a day alone is its midnight. None where it gives none.

    >>> from stages.shared.dates import DATE_WORDS
    >>> time_of("3 May 2031, 10:14 BST", DATE_WORDS).isoformat()
    '2031-05-03T09:14:00+00:00'
    >>> time_of("Updated an hour ago", DATE_WORDS) is None
    True
    """
    return next((stamp.moment for stamp in stamps_in_text(text, dates)), None)


def times_of(text: str, dates: DateWords) -> tuple[datetime | None, datetime | None]:
    """Return the moments of publication and of the last change that a date line gives, each where it calls it so.

    Beside a moment of the last change, one that is called nothing is that of publication.

    >>> from stages.shared.dates import DATE_WORDS
    >>> both = times_of("Published: 3 May 2031 | Updated: 4 May 2031, 10:14 GMT", DATE_WORDS)
    >>> [moment.isoformat()[:16] for moment in both]
    ['2031-05-03T00:00', '2031-05-04T10:14']
    >>> times_of("4 May 2031", DATE_WORDS)
    (None, None)
    """
    stamps = stamps_in_text(text, dates)
    updated = next((stamp.moment for stamp in stamps if stamp.is_update), None)
    published = next((stamp.moment for stamp in stamps if stamp.is_publication), None)
    if updated and not published:  # "3 May 2031 | Updated 4 May 2031"
        published = next((stamp.moment for stamp in stamps if not stamp.is_update), None)
    return published, updated


def merged(known: Sequence[str] | None, new: Iterable[str]) -> list[str]:
    """Return the values that are known, then the new ones, each once.

    >>> merged(["AP"], ["dpa", "AP"])
    ['AP', 'dpa']
    """
    return list(dict.fromkeys([*(known or ()), *new]))


@lru_cache(maxsize=4096)
def names_of_outlet(outlet: str) -> frozenset[str]:
    """Return the names that a byline may call an outlet by, in letters: all of it, and a domain without its suffix.

    >>> sorted(names_of_outlet("brackmere-star"))
    ['brackmerestar', 'thebrackmerestar']
    >>> "harborpost" in names_of_outlet("harborpost.example")
    True
    """
    names = {letters(outlet), letters(outlet.removeprefix("www.").split(".")[0])} - {""}
    return frozenset(names | {f"the{name}" for name in names})


def without_outlets(authors: list[str] | None, sites: frozenset[str]) -> list[str] | None:
    """Leave the names of an outlet out of a list of authors.

    >>> without_outlets(["Mara Quill", "The Plume"], names_of_outlet("plume"))
    ['Mara Quill']
    """
    if not authors or not any(letters(each) in sites for each in authors):
        return authors
    return [each for each in authors if letters(each) not in sites] or None


@dataclass(slots=True)
class DocumentFields:
    """Title, deck, authors, times, dateline and agencies of a document; a field that came filled is not touched,
    but for the agencies, which gather.
    """

    title: str | None = None
    deck: str | None = None
    authors: list[str] | None = None
    published: datetime | None = None
    updated: datetime | None = None
    dateline: str | None = None
    wire: list[str] | None = None
    closed: frozenset[str] = field(default=frozenset())  # fields that came filled
    sites: frozenset[str] = field(default=frozenset())  # names of the outlet, in letters: no author is called so

    @classmethod
    def of(cls, document: Mapping[str, Any], words: Lexicon) -> DocumentFields:
        """Return the fields as a document has them; an agency among its authors is credited as one.

        The outlet's own name is no author: it has a column of its own.
        """
        values = {name: document[name] for name in FIELD_NAMES}
        sites = names_of_outlet(document["outlet"])
        values["authors"] = without_outlets(values["authors"], sites)
        names = {author: words.agencies.name_of(author) for author in values["authors"] or ()}
        if any(names.values()):
            values["authors"] = [author for author, agency in names.items() if agency is None] or None
            values["wire"] = merged(values["wire"], (agency for _, agency in sorted(names.items()) if agency))
        closed = frozenset(name for name, value in values.items() if value) - {"wire"}
        return cls(**values, closed=closed, sites=sites)

    def values(self) -> dict[str, Any]:
        """Return the fields by name.

        A change is one after publication; where only a change is dated, it stands for publication.
        """
        values = {name: getattr(self, name) for name in FIELD_NAMES}
        if self.updated and "updated" not in self.closed and (not self.published or self.updated <= self.published):
            values |= {"published": self.published or self.updated, "updated": None}
        return values

    def fill(self, groups: Mapping[str, str], words: Lexicon) -> bool:
        """Put named words into their fields; return True if any field took something."""
        took = [getattr(self, f"_add_{name}")(text, words) for name, text in groups.items() if self._open(name)]
        return True in took  # all of them, not the first that takes something

    def _open(self, name: str) -> bool:
        gathers = name in ("authors", "wire")
        return name in FIELD_NAMES and name not in self.closed and (gathers or not getattr(self, name))

    def _add_title(self, text: str, _: Lexicon) -> bool:
        self.title = text
        return True

    def _add_deck(self, text: str, _: Lexicon) -> bool:
        self.deck = text
        return True

    def _add_authors(self, text: str, words: Lexicon) -> bool:
        names = split_names(text, self.sites, words=words.bylines)
        self.authors = merged(self.authors, names) or None
        return bool(names)

    def _add_published(self, text: str, words: Lexicon) -> bool:
        self.published = time_of(text, words.dates)
        return self.published is not None

    def note_times(self, line: str, words: Lexicon) -> bool:
        """Take the times of publication and last change that a line names so; return True if it gave the latter."""
        published, updated = times_of(line, words.dates)
        self.published = self.published or published
        if updated and not self.updated:
            self.updated = updated
            return True
        return False

    def note_credits(self, byline: str, words: Lexicon) -> bool:
        """Take the agencies that a byline credits, and its people where no rule took them; return True if any."""
        agencies = words.agencies.find(byline)
        self.wire = merged(self.wire, agencies) or None
        people = not self.authors and len(byline.split()) <= MAX_BYLINE_WORDS and self._add_authors(byline, words)
        return bool(agencies) or people

    def _add_dateline(self, text: str, _: Lexicon) -> bool:
        self.dateline = text.strip(" ,.-–—")
        return True

    def _add_wire(self, text: str, words: Lexicon) -> bool:
        names = words.agencies.find(text) or ([text.strip()] if AGENCY.match(text.strip()) else [])
        self.wire = merged(self.wire, names) or None
        return bool(names)


#: The fields that are columns of a document.
FIELD_NAMES = tuple(each.name for each in fields(DocumentFields) if each.name not in ("closed", "sites"))
