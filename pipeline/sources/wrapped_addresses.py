"""Addresses within addresses: copies in web archives, and links that lead through a search engine or a social network.

The outlet of an article is that of the address within.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

#: A whole address in the path of another, as archives and proxies write it; some servers take one of its slashes.
_IN_PATH = re.compile(r"https?://[^/\s]+/(?:[^\s?#]*?/)?(?P<inner>https?:/{1,2}(?=[^/\s.]+\.)[^\s]+)", re.IGNORECASE)
#: Hosts whose links lead on, and the parameters that say where.
_LEADS_ON = re.compile(
    r"(?:www\.|news\.)?google\.[a-z.]{2,6}|lm?\.facebook\.com|l\.instagram\.com|out\.reddit\.com|away\.vk\.com|t\.umblr\.com"
    r"|(?:www\.)?youtube\.com|(?:www\.)?linkedin\.com|(?:html\.)?duckduckgo\.com|slack-redir\.net"
    r"|[\w.-]+\.safelinks\.protection\.outlook\.com",
    re.IGNORECASE,
)
_PARAMETERS = ("url", "q", "u", "to", "z", "uddg")
#: Pages in the AMP cache: the host stands in the path, without a scheme.
_IN_CACHE = re.compile(
    r"(?:[\w.-]+\.cdn\.ampproject\.org/[acv]|(?:www\.)?google\.[a-z.]{2,6}/amp)/s/(?P<inner>[^/\s]+\.\S+)"
)
_ABSOLUTE = re.compile(r"https?://[^/\s]+\.[^\s]+$", re.IGNORECASE)
#: Hosts of archives, which are no outlets of what they keep.
ARCHIVES = frozenset(
    ("archive.org", "archive.ph", "archive.is", "archive.today", "archive.md", "archive.li", "archive.vn", "archive.fo")
)
_LONGEST = 4_000  # characters of an address


def unwrapped(url: str) -> str:
    """Return the address within another, or the address as it is.

    >>> unwrapped("https://web.archive.org/web/20310304100000id_/http://www.holm.example/ferry?id=3")
    'http://www.holm.example/ferry?id=3'
    >>> unwrapped("https://www.google.com/url?rct=j&url=https://holm.example/ferry&ct=ga")
    'https://holm.example/ferry'
    >>> unwrapped("https://www.google.com/amp/s/holm.example/ferry"), unwrapped("https://holm.example/?url=https://b.example/")
    ('https://holm.example/ferry', 'https://holm.example/?url=https://b.example/')
    """
    if ("http" not in url[8:] and "/s/" not in url) or len(url) > _LONGEST or not url.startswith("http"):
        return url
    if found := _IN_PATH.match(url):
        scheme, _, rest = found["inner"].partition(":")
        return f"{scheme}://{rest.lstrip('/')}"
    bare = url.partition("://")[2]
    if cached := _IN_CACHE.match(bare):
        return f"https://{cached['inner']}"
    if not _LEADS_ON.fullmatch(bare.partition("/")[0]):
        return url
    try:
        query = parse_qs(urlsplit(url).query, max_num_fields=50)
    except ValueError:
        return url
    targets = (value for name in _PARAMETERS for value in query.get(name, ()))
    return next((each for each in targets if _ABSOLUTE.match(each)), url)
