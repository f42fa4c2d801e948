"""Addresses: the one form that the addresses of one article share, and the names in an address."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

#: Hosts of the same outlet for other screens, and what such addresses have in their path and query.
_SCREENS = re.compile(r"^(?:www\d?|m|mobile?|amp|touch|wap|print)\.(?=[^.]+\.)")
_AMP_CACHE = re.compile(r"^https?://[^/]+\.(?:cdn\.ampproject\.org/[a-z]/s?/?|google\.[a-z.]+/amp/s?/?)")
_PATH_BEGINS = re.compile(r"^/amp(?=/[^/])", re.IGNORECASE)
_PATH_ENDS = re.compile(r"(?:/(?:amp|print|index\.(?:html?|php)))*/*$|(?<=\w)\.amp(?=\.html?$|$)", re.IGNORECASE)
_VIEWS = frozenset(
    ("amp", "print", "printable", "view", "outputtype", "output", "mobile", "m", "share", "ref", "src", "cmpid")
)
_VIEW_VALUES = frozenset(("", "1", "true", "amp", "print", "yes", "mobile"))
_ALWAYS = frozenset(("ref", "src", "cmpid", "share"))


@lru_cache(maxsize=10_000)
def one_address(url: str) -> str:
    """Return the form that the addresses of one article share: with or without trackers, scheme, AMP, mobile, print.

    It compares addresses and is none to visit. The letters of a path keep their case, as servers tell them apart.

    >>> one_address("http://m.vellen-times.example/ferry-late/amp/?utm_source=feed&id=7#comments")
    'vellen-times.example/ferry-late?id=7'
    >>> one_address("https://www.vellen-times.example/ferry-late?print=1&id=7")
    'vellen-times.example/ferry-late?id=7'
    """
    from courlan import clean_url  # noqa: PLC0415 - imports urllib3; not every text has an address

    cleaned = clean_url(_AMP_CACHE.sub("https://", url.strip())) or url.strip()
    try:
        parts = urlsplit(cleaned)
        host = _SCREENS.sub("", (parts.hostname or "").rstrip("."))
    except ValueError:
        return url
    if not host:
        return url
    path = _PATH_ENDS.sub("", _PATH_BEGINS.sub("", parts.path))
    query = urlencode(sorted(pair for pair in parse_qsl(parts.query, keep_blank_values=True) if not _is_view(*pair)))
    return f"{host}{path}?{query}" if query else f"{host}{path}"


def _is_view(name: str, value: str) -> bool:
    """Tell if a part of a query chooses how an article is shown, or says where its reader came from."""
    name = name.casefold()
    return name in _ALWAYS or (name in _VIEWS and value.casefold() in _VIEW_VALUES)


def segments_of(url: str | None) -> list[str]:
    """Return the names below the domain and the segments of the path of an address, in small letters, no file endings.

    >>> segments_of("https://www.plume.example/Meinung/2031/der-hafen.html?x=1"), segments_of(None)
    (['meinung', '2031', 'der-hafen'], [])
    >>> segments_of("https://forum.plume.example/t7-rules")
    ['forum', 't7-rules']
    """
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return []
    names = [name for name in (parts.hostname or "").split(".")[:-2] if name != "www"]
    path = [part for part in unquote(parts.path).lower().split("/") if part]
    return [*names, *(re.sub(r"\.(?:html?|php|aspx?|amp)$", "", part) for part in path)]
