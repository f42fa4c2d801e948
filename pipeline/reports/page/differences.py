"""Word differences between two wordings of a passage."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import NamedTuple

_TOKEN = re.compile(r"\w+(?:['’.,\-‐‑]\w+)*|\s+|[^\w\s]")
_STRAIGHT = str.maketrans("’‘“”‐‑", "''\"\"--")
#: Words and marks of a wording that are compared; difflib takes quadratic time. A sentence has about 60.
COMPARED = 600
#: Words that a stretch which a wording leaves out may have to be shown whole. Chosen by hand.
LONG = 10


class WordingPiece(NamedTuple):
    """A stretch of a wording: "same" as in the canonical one, "added", or "left_out" of it."""

    kind: str
    text: str


def word_differences(canonical: str, other: str) -> list[WordingPiece]:
    """Compare two wordings word by word. Straight and curly quotation marks are the same mark.

    >>> [tuple(piece) for piece in word_differences("The ferry sails at ten.", "The ferry sails at noon.")]
    [('same', 'The ferry sails at '), ('left_out', 'ten'), ('added', 'noon'), ('same', '.')]
    """
    before, after = _tokens(canonical), _tokens(other)
    matcher = SequenceMatcher(None, [_key(each) for each in before], [_key(each) for each in after], autojunk=False)
    pieces: list[WordingPiece] = []
    for kind, begin, end, at, to in matcher.get_opcodes():
        if kind == "equal":
            pieces.append(WordingPiece("same", "".join(after[at:to])))
            continue
        pieces += [WordingPiece("left_out", "".join(before[begin:end]))] if end > begin else []
        pieces += [WordingPiece("added", "".join(after[at:to]))] if to > at else []
    return [part for piece in _joined(pieces) for part in _trimmed(piece)]


def _trimmed(piece: WordingPiece) -> list[WordingPiece]:
    """Take the white space at both ends out of a change, so that only words are marked."""
    core = piece.text.strip()
    if piece.kind == "same" or not core:
        return [piece] if piece.kind == "same" else [WordingPiece("same", " ")]
    begin = piece.text.index(core)
    parts = (("same", piece.text[:begin]), (piece.kind, core), ("same", piece.text[begin + len(core) :]))
    return [WordingPiece(kind, text) for kind, text in parts if text]


def shortened(text: str) -> str:
    """Leave out the middle of a long stretch: it can be read in the canonical wording.

    >>> shortened("one two three four five six seven eight nine ten eleven twelve")
    'one two three four … eleven twelve'
    """
    words = text.split()
    return text if len(words) <= LONG else " ".join([*words[:4], "…", *words[-2:]])


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text)[:COMPARED]


def _key(token: str) -> str:
    return " " if token.isspace() else token.translate(_STRAIGHT)


def _joined(pieces: list[WordingPiece]) -> list[WordingPiece]:
    """Join neighbouring changes that only white space parts, so that a changed phrase reads as one."""
    joined: list[WordingPiece] = []
    for at, piece in enumerate(pieces):
        between = piece.kind == "same" and piece.text.isspace() and 0 < at < len(pieces) - 1
        for each in (WordingPiece("left_out", piece.text), WordingPiece("added", piece.text)) if between else (piece,):
            place = _place(joined, each.kind)
            if place is None:
                joined.append(each)
            else:
                joined[place] = WordingPiece(each.kind, joined[place].text + each.text)
    return joined


def _place(joined: list[WordingPiece], kind: str) -> int | None:
    """Return the place of the last piece of this kind behind which there is only a change."""
    for place in range(len(joined) - 1, max(-1, len(joined) - 3), -1):
        if joined[place].kind == kind:
            return place
        if joined[place].kind == "same" or kind == "same":
            return None
    return None
