"""Texts that a service cut short: the mark that says so is no word of the article ("… [+1834 chars]")."""

from __future__ import annotations

import re
from typing import NamedTuple

from pipeline.sources.documents import Problem, RawDocument

#: Bytes at the end of a text in which the mark stands.
LOOKED_AT = 80
_ELLIPSIS = rb"(?:\xe2\x80\xa6|\.{3}|&hellip;|&#8230;)"
_COUNTED = rb"[\[(]\s*\+?\s*(?P<missing>\d[\d.,\s]*)\s*(?:more\s+)?char(?:acter)?s?\.?(?:\s+(?:more|left))?\s*[\])]"
_MARK = re.compile(rb"\s*(?:%b?\s*%b|\[\s*%b\s*\])(?:\s|&nbsp;)*\Z" % (_ELLIPSIS, _COUNTED, _ELLIPSIS), re.IGNORECASE)


class CutText(NamedTuple):
    """A text without the mark at its end, the mark, and the characters that are missing, if it says how many."""

    raw: bytes
    mark: str
    missing: int | None


def without_mark(raw: bytes) -> CutText:
    """Take the mark off a text that was cut short.

    >>> without_mark("The ferry is la… [+1834 chars]".encode())
    CutText(raw=b'The ferry is la', mark='… [+1834 chars]', missing=1834)
    >>> without_mark(b"The ferry is late [...]"), without_mark(b"The ferry is late...").mark
    (CutText(raw=b'The ferry is late', mark='[...]', missing=None), '')
    """
    match = _MARK.search(raw, max(0, len(raw) - LOOKED_AT))
    if match is None or not raw[: match.start()].strip():
        return CutText(raw, "", None)
    digits = re.sub(rb"\D", b"", match["missing"] or b"")
    return CutText(raw[: match.start()], match[0].decode("utf-8", "replace").strip(), int(digits) if digits else None)


class CutCount:
    """Counts the texts of an input, and those that were cut short."""

    def __init__(self) -> None:
        self.texts = self.cut = 0
        self.example = ""

    def look_at(self, found: RawDocument | Problem) -> RawDocument | Problem:
        """Count a document, or the row about one."""
        if isinstance(found, RawDocument):
            self.texts += 1
        elif found.reason == "cut_short":
            self.cut += 1
            self.example = self.example or (found.before or "")
        return found

    def in_words(self) -> str:
        """Say how many texts are cut short, and how to have them whole."""
        return (
            f"{self.cut} of {self.texts} texts were cut short by the service that gave them, such as “{self.example}”: "
            "fetch the pages to have them whole"
        )
