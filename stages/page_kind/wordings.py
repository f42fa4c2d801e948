r"""Wordings that some lines may hold, found for all of them at once: most hold none, and are not searched one by one.

A list is searched for with `re`, which tries its words one by one at every character. Here RE2 reads the lines first,
with a pattern that finds all that the list does, and more: without the borders of words and lines, without counts, with
any character for what the two libraries class differently. Case is folded on both sides, so that `re.IGNORECASE` never
finds what this misses. Each list has an automaton of its own: one of all lists has a new state at nearly every
character, which takes nine times as long.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
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
    """A list of wordings, compiled together."""

    def __init__(self, patterns: Sequence[str]) -> None:
        options = re2.Options()
        options.max_mem = 64 << 20
        self._pattern: Any = re2.Set.SearchSet(options)  # unlike a pattern it does not find out where a match is
        self._pattern.Add("|".join(map(loosened, patterns)))
        self._pattern.Compile()

    def may_be_in(self, text: str) -> bool:
        """Tell if a text, or a line of it, may hold one of the wordings.

        >>> press = Wordings([r"\\bpress contacts?\\b"])
        >>> press.may_be_in("It rained.\\nPRESS CONTACT: Ida Berg"), press.may_be_in("It rained.")
        (True, False)
        """
        return self._pattern.Match(folded(text)) is not None
