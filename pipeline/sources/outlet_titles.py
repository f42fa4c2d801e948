"""Titles that end with the name of their outlet: take it off where the record itself says that this is its outlet.

Services that gather news give the title of a page as search engines show it: "Ferry late - Holm Post".
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from stages.shared.characters import letters

#: What stands before the name: a dash or a bar between spaces.
_BEFORE_NAME = re.compile(r"\s[-–—|·]\s")
#: Parts at the end of a title that are looked at together: names of outlets hold a dash or two themselves.
MOST_PARTS = 3


def may_end_with_outlet(title: str) -> bool:
    """Return True for a title with a mark that may set a name apart."""
    return _BEFORE_NAME.search(title) is not None


def without_outlet(title: str, names: Iterable[str]) -> str:
    """Return a title without the name of its outlet at the end, of which `names` are forms; a name alone stays.

    >>> without_outlet("Ferry late - Holm Post", ["Holm Post"]), without_outlet("Late | Holm Post", ["holmpost.eu"])
    ('Ferry late', 'Late')
    >>> without_outlet("Ferry late - Holm - Post", ["Holm - Post"]), without_outlet("Ferry late - again", ["Holm Post"])
    ('Ferry late', 'Ferry late - again')
    >>> without_outlet("Holm Post - Holm Post", ["Holm Post"]), without_outlet(" - Holm Post", ["Holm Post"])
    ('Holm Post - Holm Post', ' - Holm Post')
    """
    marks = list(_BEFORE_NAME.finditer(title))[-MOST_PARTS:]
    forms = {form for name in names for form in _forms(name)}
    for mark in reversed(marks):
        head = title[: mark.start()].strip()
        if letters(title[mark.end() :]) in forms and letters(head) not in {"", *forms}:
            return head
    return title


def _forms(name: str) -> set[str]:
    """Return the letters of a name; of a domain, also those of its first part.

    >>> sorted(_forms("holmpost.example")), _forms("")
    (['holmpost', 'holmpostexample'], set())
    """
    domain = re.fullmatch(r"([\w-]+)(?:\.[\w-]+)+", name)
    return {form for each in (name, domain[1] if domain else "") if (form := letters(each))}
