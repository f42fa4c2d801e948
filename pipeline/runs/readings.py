"""Notes on how inputs are read (columns guessed, dates not understood), gathered over the inputs of a run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pipeline.console import counted

#: Notes shown to a person; all of them are in the manifest.
SHOWN = 10
#: Beginnings of notes, and the settings that change what they say.
CHANGED_BY = {"reading `": "[sources.fields]", "reading CSV": "[sources.csv]"}


@dataclass(frozen=True)
class ReadingNote:
    """A note on how inputs are read, the first of them, and their number."""

    note: str
    first: str
    inputs: int

    def in_words(self) -> str:
        """Word the note for a person.

        >>> ReadingNote("2 of 3 dates are not understood", "news.csv", 3).in_words()
        'news.csv and 2 other inputs: 2 of 3 dates are not understood'
        """
        others = f" and {counted(self.inputs - 1, 'other input')}" if self.inputs > 1 else ""
        section = next((section for begin, section in CHANGED_BY.items() if self.note.startswith(begin)), "")
        how = f"; to change it, set {section} in a settings file" if section else ""
        return f"{self.first}{others}: {self.note}{how}"

    def as_dict(self) -> dict[str, Any]:
        """Return the note for the manifest."""
        return {"note": self.note, "first": self.first, "inputs": self.inputs}


def gathered(notes: Iterable[tuple[str, str]]) -> tuple[ReadingNote, ...]:
    """Gather the notes of inputs, each with the input that it is about, in the order of the first ones.

    >>> gathered([("a.csv", "x"), ("b.csv", "x")])
    (ReadingNote(note='x', first='a.csv', inputs=2),)
    """
    found: dict[str, tuple[str, int]] = {}
    for uri, note in notes:
        first, inputs = found.get(note, (uri, 0))
        found[note] = first, inputs + 1
    return tuple(ReadingNote(note, first, inputs) for note, (first, inputs) in found.items())


def shown(readings: tuple[ReadingNote, ...]) -> tuple[str, ...]:
    """Return the notes for a person, and how many more there are."""
    more = (f"and {counted(len(readings) - SHOWN, 'more note')} like these in the manifest",)
    return (*(each.in_words() for each in readings[:SHOWN]), *(more if len(readings) > SHOWN else ()))
