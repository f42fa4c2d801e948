"""News agencies: one list of them, and one way to find them in the words of a byline or a credit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from stages.shared.characters import letters
from stages.shared.data_files import read_data

#: Letters up to which a spelling counts in its own case only: "PA" and "epa" are words of other languages.
_MAX_EXACT = 4


@dataclass(frozen=True)
class Agencies:
    """Agencies by their spellings; the value is the name under which documents credit them."""

    spellings: Mapping[str, str]

    @classmethod
    def with_more(cls, spellings: Iterable[tuple[str, str]]) -> Agencies:
        """Return the shared agencies and some more, as pairs of spelling and name."""
        return cls({**AGENCIES.spellings, **dict(spellings)})

    @cached_property
    def by_form(self) -> dict[str, str]:
        """The names of agencies by the letters of their spellings."""
        return {letters(spelling): name for spelling, name in self.spellings.items()}

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The pattern of all spellings, longest first."""
        ordered = sorted(self.spellings, key=len, reverse=True)
        return re.compile(rf"(?<![\w@])(?:{'|'.join(map(_form, ordered))})(?!\w)")

    def find(self, text: str) -> list[str]:
        """Return the agencies that some words credit, each once, in their order.

        >>> AGENCIES.find("With reporting by AP, Reuters/dpa and the Agence France Presse; pa")
        ['AP', 'Reuters', 'dpa', 'AFP']
        """
        return list(dict.fromkeys(self.by_form[letters(found)] for found in self.pattern.findall(text)))

    def name_of(self, text: str) -> str | None:
        """Return the name of the agency that a text is a spelling of and nothing else, or None.

        >>> AGENCIES.name_of("DPA"), AGENCIES.name_of("Mara Quill, dpa")
        ('dpa', None)
        """
        return self.by_form[letters(text)] if self.pattern.fullmatch(text.strip()) else None


def _form(spelling: str) -> str:
    """Write the pattern of one spelling."""
    if len(letters(spelling)) <= _MAX_EXACT:
        return re.escape(spelling)
    return "(?i:" + r"[\s_./-]{0,2}".join(map(re.escape, re.findall(r"[^\W_]+", spelling))) + ")"


AGENCIES = Agencies({spelling: name for name, spellings in read_data("agencies").items() for spelling in spellings})


def agencies_in(texts: Iterable[str]) -> list[str]:
    """Return the agencies that some bylines credit, each once, in their order.

    >>> agencies_in(["Von Mara Quill, dpa", "By AP and Reuters staff", "PAP"])
    ['dpa', 'AP', 'Reuters', 'PAP']
    """
    return list(dict.fromkeys(name for text in texts for name in AGENCIES.find(text)))
