"""The fields of a document that noise fills: what they hold already, and what moved words add."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from stages.noise.moves import agencies_of, authors_of, merged, time_of, times_of
from stages.noise.rules import RulePack

#: What may stand for an agency that no list has: a name of one to three words.
AGENCY = re.compile(r"^[^\W\d_a-z][\w.&-]*(?: [^\W\d_a-z][\w.&-]*){0,2}$")


MAX_BYLINE_WORDS = 10  # of a line that no rule takes apart, to be names and no sentence


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The word lists of some packs, ready to look up."""

    agencies: Mapping[str, str]
    months: Mapping[str, int]
    zones: Mapping[str, int]
    roles: tuple[str, ...]
    joiners: tuple[str, ...]


def lexicon(packs: tuple[RulePack, ...]) -> Lexicon:
    """The word lists of all these packs together."""
    return Lexicon(
        agencies={spelling: name for pack in packs for spelling, name in pack.agencies},
        months={word: number for pack in packs for word, number in pack.months},
        zones={zone: minutes for pack in packs for zone, minutes in pack.zones},
        roles=tuple(role for pack in packs for role in pack.roles),
        joiners=tuple(joiner for pack in packs for joiner in pack.joiners),
    )


@dataclass(slots=True)
class Fields:
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

    @classmethod
    def of(cls, document: Mapping[str, Any], words: Lexicon) -> Fields:
        """The fields as a document has them; an agency among its authors is credited as one."""
        values = {name: document[name] for name in FIELD_NAMES}
        credited = {author for author in values["authors"] or () if author.strip() in words.agencies}
        if credited:
            values["authors"] = [author for author in values["authors"] if author not in credited] or None
            values["wire"] = merged(values["wire"], [words.agencies[author.strip()] for author in sorted(credited)])
        return cls(**values, closed=frozenset(name for name, value in values.items() if value) - {"wire"})

    def values(self) -> dict[str, Any]:
        """The fields by name. A change is one after publication; where only a change is dated, it stands for that."""
        values = {name: getattr(self, name) for name in FIELD_NAMES}
        if self.updated and "updated" not in self.closed and (not self.published or self.updated <= self.published):
            values |= {"published": self.published or self.updated, "updated": None}
        return values

    def fill(self, groups: Mapping[str, str], words: Lexicon) -> bool:
        """Puts named words into their fields; whether any field took something."""
        took = [getattr(self, f"_add_{name}")(said, words) for name, said in groups.items() if self._open(name)]
        return True in took  # all of them, not the first that takes something

    def _open(self, name: str) -> bool:
        gathers = name in ("authors", "wire")
        return name in FIELD_NAMES and name not in self.closed and (gathers or not getattr(self, name))

    def _add_title(self, said: str, _: Lexicon) -> bool:
        self.title = said
        return True

    def _add_deck(self, said: str, _: Lexicon) -> bool:
        self.deck = said
        return True

    def _add_authors(self, said: str, words: Lexicon) -> bool:
        names = authors_of(said, words.roles, words.joiners, words.agencies)
        self.authors = merged(self.authors, names) or None
        return bool(names)

    def _add_published(self, said: str, words: Lexicon) -> bool:
        self.published = time_of(said, words.months, words.zones)
        return self.published is not None

    def note_times(self, line: str, words: Lexicon) -> bool:
        """Takes what a line calls the time of publication or of the last change; whether it gave one of the last."""
        published, updated = times_of(line, words.months, words.zones)
        self.published = self.published or published
        if updated and not self.updated:
            self.updated = updated
            return True
        return False

    def note_credits(self, byline: str, words: Lexicon) -> bool:
        """Takes the agencies that a byline credits, and its people where no rule took them; whether there are any."""
        agencies = agencies_of(byline, words.agencies)
        self.wire = merged(self.wire, agencies) or None
        people = not self.authors and len(byline.split()) <= MAX_BYLINE_WORDS and self._add_authors(byline, words)
        return bool(agencies) or people

    def _add_dateline(self, said: str, _: Lexicon) -> bool:
        self.dateline = said.strip(" ,.-–—")
        return True

    def _add_wire(self, said: str, words: Lexicon) -> bool:
        names = agencies_of(said, words.agencies) or ([said.strip()] if AGENCY.match(said.strip()) else [])
        self.wire = merged(self.wire, names) or None
        return bool(names)


#: The fields that are columns of a document.
FIELD_NAMES = tuple(each.name for each in fields(Fields) if each.name != "closed")
