"""Addresses of single inputs: a file of this machine, a URL, or standard input."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

STDIN = "-"


@dataclass(frozen=True, slots=True)
class Input:
    """One file to read.

    `kind` is a name in `pipeline.sources.kinds.KINDS`, or None where only the content can tell; `named` is True if the
    user named the file itself and not a folder or pattern. A file inside an archive is its `member` and is unpacked to
    `path`, so that it can be read like any other.
    """

    uri: str
    kind: str | None
    named: bool = True
    member: str | None = None
    path: str | None = None

    @property
    def name(self) -> str:
        """The base name, the part of the address that enters a document's id."""
        return (self.member or self.uri).rstrip("/").rpartition("/")[2]

    @property
    def is_web(self) -> bool:
        """True if the file is read over HTTP."""
        return self.path is None and is_web(self.uri)

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
            return PurePosixPath(self.uri.removesuffix(f"!{self.member}")).name.partition(".")[0] or "input"
        if is_url(self.uri):
            return PurePosixPath(urlsplit(self.uri).path).parent.name or urlsplit(self.uri).netloc or "input"
        return Path(self.uri).absolute().parent.name or "input"


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
