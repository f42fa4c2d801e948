"""Text for XML: characters that XML 1.0 cannot hold are left out, or a space where they divide words, and counted."""

from __future__ import annotations

import re
from collections import Counter

#: https://www.w3.org/TR/xml/#charsets
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
DROPPED = "characters left out that XML cannot hold"


def xml_text(text: str, counts: Counter[str]) -> str:
    r"""Return the text without characters that XML cannot hold; those that are white space become a space.

    >>> counts = Counter()
    >>> xml_text("The \x00bell\x07 rang\x0bnine\ufffe.", counts), counts[DROPPED]
    ('The bell rang nine.', 4)
    """
    found, n = _FORBIDDEN.subn(lambda match: " " if match[0].isspace() else "", text)
    if n:
        counts[DROPPED] += n
    return found
