"""Texts that a service cut short: the mark that says so is no word of the article ("… [+1834 chars]")."""

from __future__ import annotations

import re
from typing import NamedTuple

#: Bytes at the end of a text in which the mark stands.
LOOKED_AT = 80
_ELLIPSIS = rb"(?:\xe2\x80\xa6|\.{3}|&hellip;|&#8230;)"
_COUNTED = rb"[\[(]\s*\+?\s*(?P<missing>\d[\d.,\s]*)\s*(?:more\s+)?char(?:acter)?s?\.?(?:\s+(?:more|left))?\s*[\])]"
_MARK = re.compile(rb"\s*(?:%b?\s*%b|\[\s*%b\s*\])\s*\Z" % (_ELLIPSIS, _COUNTED, _ELLIPSIS), re.IGNORECASE)


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
    ends_in_bracket = raw[-LOOKED_AT:].rstrip()[-1:] in (b"]", b")")  # most do not
    match = _MARK.search(raw, max(0, len(raw) - LOOKED_AT)) if ends_in_bracket else None
    if match is None or not raw[: match.start()].strip():
        return CutText(raw, "", None)
    digits = re.sub(rb"\D", b"", match["missing"] or b"")
    return CutText(raw[: match.start()], match[0].decode("utf-8", "replace").strip(), int(digits) if digits else None)
