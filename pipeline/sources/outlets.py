"""Outlets and addresses: the outlet of a document by its own field, its address, its page's address or its folder."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from pipeline.sources.addresses import Input
from pipeline.sources.settings import Settings
from pipeline.sources.surrogates import in_percent
from pipeline.sources.values import clean


def registered_domain(url: str | None) -> str | None:
    """Return the registered domain of a URL by the public suffix list packaged with `tld`; else its host.

    >>> registered_domain("https://www.harbourpost.co.uk/a"), registered_domain("harbourpost.co.uk/a")
    ('harbourpost.co.uk', 'harbourpost.co.uk')
    >>> registered_domain("https://www.harbourpost.example/a"), registered_domain("http://192.0.2.7:8080/a")
    ('harbourpost.example', '192.0.2.7')
    >>> registered_domain("https://m.harbourpost.example/a"), registered_domain("https://amp.example/a")
    ('harbourpost.example', 'amp.example')
    >>> registered_domain("harbourpost.example"), registered_domain("urn:uuid:4b80da6f")
    (None, None)
    """
    if not url:
        return None
    from tld import get_fld  # noqa: PLC0415 - imports urllib.request; not every document has an address

    try:
        return get_fld(url, fail_silently=True, fix_protocol=True) or _host(url)
    except ValueError:  # raised by urlsplit for "http://[::1" and not caught by tld
        return None


def _host(url: str) -> str | None:
    """Return the host of an address that the public suffix list does not know, such as one of a private network."""
    host = clean(urlsplit(url.strip()).hostname or "").rstrip(".")
    return _OTHER_SCREENS.sub("", host.removeprefix("www.")) or host or None


_OTHER_SCREENS = re.compile(r"^(?:m|mobile|amp)\.(?=[^.]+\.)")


def outlet_of(source: Input, settings: Settings, outlet: str | None, url: str | None) -> str:
    """Return the outlet: set by the user, else the document's own, else the domain of its address, else the folder."""
    return settings.outlet or outlet or registered_domain(url) or clean(source.outlet or source.folder)


def own_address(raw: bytes) -> str | None:
    """Return the address that a page calls its own: by a canonical link, by OpenGraph, or in the comment that browsers,
    SingleFile and HTTrack write into the pages that they save.

    >>> own_address(b'<head><link href="https://harbourpost.example/a" rel=canonical></head>')
    'https://harbourpost.example/a'
    >>> own_address(b"<meta property='og:url' content='https://harbourpost.example/b'>"), own_address(b"<p>no head</p>")
    ('https://harbourpost.example/b', None)
    >>> own_address(b"<!-- saved from url=(0029)https://harbourpost.example/c --><html>")
    'https://harbourpost.example/c'
    >>> own_address(b"<html><!-- Mirrored from www.harbourpost.example/d.html by HTTrack Website Copier/3.x -->")
    'https://www.harbourpost.example/d.html'
    """
    head = in_percent(raw[:_HEAD_BYTES].decode("utf-8", "surrogateescape"))
    tags = {
        name: _attributes(tag[0]) for tag in _HEAD_TAG.finditer(head) for name in _NAMED.findall(tag[0].lower())[:1]
    }
    given = [tags.get(name, {}).get(key) for name, key in (("canonical", "href"), ("og:url", "content"))]
    saved = _SAVED.search(head[:_COMMENT_BYTES])
    if saved and not any(given):
        given.append(saved["url"] or f"https://{saved['bare']}")
    return next((url for url in given if url and _ABSOLUTE.match(url)), None)


_HEAD_BYTES, _COMMENT_BYTES = 200_000, 4_000  # of a page: its head, and the comment of a browser that saved it
_SAVED = re.compile(
    r"<!--\s*(?:saved from url=\(\d+\)|Page saved with SingleFile\s+url:\s*)(?P<url>https?://[^\s<>]{4,2000})"
    r"|<!--\s*Mirrored from (?P<bare>[\w.-]+\.[a-z]{2,}/[^\s<>]{0,2000}) by HTTrack",
    re.IGNORECASE,
)
_HEAD_TAG = re.compile(r"<(?:link|meta)\s[^>]{1,2000}>", re.IGNORECASE)
_NAMED = re.compile(r"""(?:rel|property|name)\s*=\s*["']?(canonical|og:url)(?=["'\s/>])""")
_ATTRIBUTE = re.compile(r"""([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_ABSOLUTE = re.compile(r"https?://[^/\s]+\.\S+$")


def _attributes(tag: str) -> dict[str, str]:
    """Return the attributes of a tag by name."""
    return {name.lower(): (double or single or bare).strip() for name, double, single, bare in _ATTRIBUTE.findall(tag)}
