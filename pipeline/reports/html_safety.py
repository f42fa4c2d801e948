"""HTML pages about hostile texts: nothing is loaded, text stays text, and links lead to web pages only."""

from __future__ import annotations

import base64
import hashlib
import html
from urllib.parse import urlsplit

from pipeline.console import pictured


def content_policy(style: str, script: str | None = None) -> str:
    """Return the content security policy: nothing is loaded or run but this style and this script.

    >>> content_policy("").split("; ")[:2]
    ["default-src 'none'", "style-src 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"]
    """
    allowed = {"style-src": style, "script-src": script}
    hashed = [f"{name} 'sha256-{_digest(content)}'" for name, content in allowed.items() if content is not None]
    return "; ".join(["default-src 'none'", *hashed, "base-uri 'none'", "form-action 'none'"])


def escaped(words: str) -> str:
    """Escape words for HTML, with symbols for characters that would steer how they are shown."""
    return html.escape(pictured(words))


def safe_link(url: str) -> str:
    """Return an address if a browser may follow it, else "".

    >>> safe_link("https://plume.example/a"), safe_link("javascript:alert(1)"), safe_link("http://[")
    ('https://plume.example/a', '', '')
    """
    try:
        return url if urlsplit(url).scheme in ("http", "https") else ""
    except ValueError:
        return ""


def _digest(content: str) -> str:
    return base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
