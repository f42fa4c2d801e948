"""Addresses of single inputs: a file of this machine, a URL, or standard input."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

STDIN = "-"
_SPECIAL = re.compile(r"[\\^$.|?*+(){}\[\]]")


@dataclass(frozen=True, slots=True)
class Input:
    """One file to read.

    `kind` is a name in `pipeline.sources.kinds.KINDS`, or None where only the content can tell; `named` is True if the
    user named the file itself and not a folder or pattern. A file inside an archive is its `member`, `depth` archives
    deep. What was unpacked to be read lies at `path` or is `held` in memory, and if it is `broken` at its end, why.
    """

    uri: str
    kind: str | None
    named: bool = True
    member: str | None = None
    path: str | None = None
    held: bytes | None = field(default=None, repr=False)
    broken: str | None = None
    depth: int = 0

    @property
    def is_unpacked(self) -> bool:
        """True if the bytes were unpacked to a temporary place and are not at the address."""
        return self.path is not None or self.held is not None

    @property
    def name(self) -> str:
        """The base name, the part of the address that enters a document's id."""
        return (self.member or self.uri).rstrip("/").rpartition("/")[2]

    @property
    def is_web(self) -> bool:
        """True if the file is read over HTTP."""
        return not self.is_unpacked and is_web(self.uri)

    @property
    def folder(self) -> str:
        """The name of the folder that holds the file.

        At the top of a URL, the host or bucket; at the top of an archive, its name without suffixes.
        """
        if self.member is not None and (parent := PurePosixPath(self.member).parent.name):
            return parent
        if self.uri == STDIN:
            return "stdin"
        if self.member is not None:
            name = PurePosixPath(self.uri.removesuffix(f"!{self.member}")).name
            return _stem(name.rpartition("!")[2] if self.depth > 1 else name)
        if is_url(self.uri):
            return PurePosixPath(urlsplit(self.uri).path).parent.name or urlsplit(self.uri).netloc or "input"
        return Path(self.uri).absolute().parent.name or "input"


_ARCHIVE_SUFFIX = re.compile(r"(?<=.)(?:\.tar)?\.\w{1,5}$", re.IGNORECASE)


def _stem(name: str) -> str:
    """Return the name of an archive without its suffixes.

    >>> _stem("holm.2024.tar.gz"), _stem("holm-post.zip")
    ('holm.2024', 'holm-post')
    """
    return _ARCHIVE_SUFFIX.sub("", name) or "input"


def is_url(uri: str) -> bool:
    """Return True if fsspec has to resolve the address.

    >>> is_url("s3://bucket/news"), is_url("news/2026.jsonl")
    (True, False)
    """
    return "://" in uri


def is_web(uri: str) -> bool:
    """Return True if the address is read over HTTP.

    >>> is_web("https://holm.example/news.html"), is_web("s3://bucket/news")
    (True, False)
    """
    return uri.startswith(("http://", "https://"))


def literally(text: str) -> str:
    r"""Write text as a pattern of RE2 that finds it.

    >>> literally("a.txt[1]")
    'a\\.txt\\[1\\]'
    """
    return _SPECIAL.sub(r"\\\g<0>", text)
