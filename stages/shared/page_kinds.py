"""Words by which pages of a kind are known: types, segments of addresses, kickers, wordings (data/page_kinds.toml)."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from stages.shared.data_files import read_data


@cache
def page_kind_words() -> dict[str, dict[str, list[str]]]:
    """Read the lists, by table and name."""
    words: dict[str, Any] = read_data("page_kinds")
    return words


@cache
def pattern(table: str, name: str) -> re.Pattern[str]:
    """Compile one list; words of `segments` and `kickers` must match a whole string. A missing list matches nothing.

    >>> bool(pattern("segments", "forum").match("threads")), bool(pattern("segments", "forum").match("threadbare"))
    (True, False)
    """
    words = page_kind_words().get(table, {}).get(name)
    joined = "|".join(words) if words else r"(?!)"
    if table in ("segments", "kickers"):
        joined = rf"^(?:{joined})$"
    elif table in ("address", "me"):
        joined = rf"\b(?:{joined})\b"
    elif table == "amounts":
        joined = rf"^(?:[-–•*▢☐]\s*)?(?:\d[\d.,/–-]*|[½¼¾⅓⅔⅛])\s*(?:\d/\d|[½¼¾⅓⅔⅛])?\s*(?:{joined})(?![^\W\d_])"
    return re.compile(joined, re.IGNORECASE)
