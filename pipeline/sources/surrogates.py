"""Lone surrogates: bytes that were no UTF-8, as Python's `surrogateescape` keeps them, and escapes that JSON allows."""

from __future__ import annotations

import re

_BYTE = re.compile("[\udc80-\udcff]")
_ESCAPED = re.compile(rb"(?<!\\)((?:\\\\)*)(\\u[dD][89abAB][0-9a-fA-F]{2})?(\\u[dD][cC][89a-fA-F][0-9a-fA-F])")


def in_percent(address: str) -> str:
    """Write the bytes of an address that are no UTF-8 in percent signs: so no two addresses become one.

    >>> in_percent("https://harbourpost.example/canci\\udcf3n-año")
    'https://harbourpost.example/canci%F3n-año'
    """
    return _BYTE.sub(lambda found: f"%{ord(found[0]) - 0xDC00:02X}", address)


def tell_from_bytes(content: bytes) -> bytes:
    """Replace the JSON escapes of lone surrogates that `surrogateescape` uses for bytes by another lone surrogate.

    >>> tell_from_bytes(rb'"caf\\udce9 \\ud83d\\ude00 \\\\udce9"')
    b'"caf\\\\ud800 \\\\ud83d\\\\ude00 \\\\\\\\udce9"'
    """
    return _ESCAPED.sub(lambda found: found[0] if found[2] else found[1] + rb"\ud800", content)
