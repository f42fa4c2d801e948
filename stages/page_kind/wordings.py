r"""Wordings that a text may hold, found for all of it at once: most texts hold none, and no list is searched for then.

The lists are searched for with `re`, which tries their words one by one at every character. Here RE2 reads the text
once for all lists, as patterns that find all that the lists do, and more: without the borders of words and lines,
without counts, with any character for what the two libraries class differently. Case is folded on both sides, so that
`re.IGNORECASE` never finds what this misses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import re2

_PIECES = re.compile(
    r"(?s)\{(?P<least>\d+)(?:,\d*)?\}|(?P<set>\[\^?\]?(?:\\.|[^\]\\])*\])|(?P<escape>\\.)|(?P<sign>[.^$])|(?P<letter>.)"
)
_BEYOND = r"\x{80}-\x{10FFFF}"  # ASCII: what is a letter, a figure or a space there differs from library to library
_ANYTHING = "(?:(?s:.)+)"
#: Where a piece stands for one character of the text, it may be several that case folding made of it.
_LOOSER = {
    r"\b": "", r"\B": "", "^": "", "$": "", ".": "(?:.+)", r"\w": f"(?:[0-9A-Za-z_{_BEYOND}]+)",
    r"\W": "(?:[^0-9A-Za-z_]+)", r"\d": f"[0-9{_BEYOND}]", r"\s": rf"[\s\x0b\x1c-\x1f{_BEYOND}]",
    r"\D": _ANYTHING, r"\S": _ANYTHING,
}  # fmt: skip


def folded(text: str) -> str:
    """Fold case, and the two letters i that Python's patterns take for one where case makes no difference.

    >>> folded("VİDEO ſhown on the Straße")
    'video shown on the strasse'
    """
    return text.casefold() if text.isascii() else text.replace("İ", "i").replace("ı", "i").casefold()


def loosened(pattern: str) -> str:
    r"""Return a pattern of RE2 that finds, in folded texts, all that a pattern of `re` finds without regard to case.

    >>> loosened(r"^Gr(?:oß|ö[ß\s])e \w{0,3}\b")
    'gr(?:o(?:ss)|ö(?:(?s:.)+))e (?:[0-9A-Za-z_\\x{80}-\\x{10FFFF}]+)*'
    """
    return "".join(map(_loosened_piece, _PIECES.finditer(pattern)))


def _loosened_piece(piece: re.Match[str]) -> str:
    if piece["least"] is not None:
        return "*" if int(piece["least"]) == 0 else "+"
    if piece["set"]:
        return folded(piece[0]) if _is_plain(piece[0]) else _ANYTHING
    return _LOOSER.get(piece[0], piece[0] if piece["escape"] else _grouped(folded(piece[0])))


def _is_plain(members: str) -> bool:
    """Tell if a character class lists characters that stay single when their case is folded."""
    return not members.startswith("[^") and "\\" not in members and len(folded(members)) == len(members)


def _grouped(letters: str) -> str:
    return letters if len(letters) == 1 else f"(?:{letters})"


class Wordings:
    """Lists of wordings, compiled together."""

    def __init__(self, lists: Mapping[str, Sequence[str]]) -> None:
        options = re2.Options()
        options.max_mem = 64 << 20
        self.names = list(lists)
        self._set: Any = re2.Set.SearchSet(options)
        for patterns in lists.values():
            self._set.Add("|".join(map(loosened, patterns)))
        self._set.Compile()

    def possible_in(self, text: str) -> frozenset[str]:
        """Return the names of the lists of which the text, or a line of it, may hold a wording.

        >>> notes = Wordings({"press": [r"\\bpress contacts?\\b"], "pager": [r"^page \\d+ of \\d+"]})
        >>> sorted(notes.possible_in("It rained.\\nPRESS CONTACT: Ida Berg"))
        ['press']
        """
        return frozenset(self.names[number] for number in self._set.Match(folded(text)) or ())
