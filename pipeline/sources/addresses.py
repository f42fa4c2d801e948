"""Addresses of single inputs: a file of this machine, a URL, or standard input."""

from __future__ import annotations

import os.path
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from pipeline.sources.documents import Description

STDIN = "-"
ALL_LEVELS = 100
_SPECIAL = re.compile(r"[\\^$.|?*+(){}\[\]]")


@dataclass(frozen=True, slots=True)
class Input:
    """One file to read.

    `kind` is a name in `pipeline.sources.kinds.KINDS`, or None where only the content can tell; `named` is True if the
    user named the file itself and not a folder or pattern. A file inside an archive is its `member`, `depth` archives
    deep. What was unpacked to be read lies at `path` or is `held` in memory, and if it is `broken` at its end, why.
    `outlet` and `day` are what its name says, where files are called so. Of the folders around it, `levels` are those
    that the user gave. `described` is what a table says of it; `notes` is what there is to tell of such a table, which
    is not read for documents.
    """

    uri: str
    kind: str | None
    named: bool = True
    member: str | None = None
    path: str | None = None
    held: bytes | None = field(default=None, repr=False)
    broken: str | None = None
    depth: int = 0
    outlet: str = ""
    day: datetime | None = None
    levels: int = 1
    described: Description | None = None
    notes: tuple[str, ...] = ()

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
        """The name of the folder that holds the file and is neither a date nor a number; a host, if one is named so.

        At the top of a URL, the host or bucket; at the top of an archive, its name without suffixes.
        """
        if self.member is not None and (name := _named_in(self.member.rpartition("/")[0])):
            return name
        if self.uri == STDIN:
            return "stdin"
        if self.member is not None:
            name = PurePosixPath(self.uri.removesuffix(f"!{self.member}")).name
            return _stem(name.rpartition("!")[2] if self.depth > 1 else name)
        if is_url(self.uri):
            address = urlsplit(self.uri)
            return naming_folder(PurePosixPath(address.path).parent.parts[1:]) or address.netloc or "input"
        return _folder_of(os.path.dirname(os.path.abspath(self.uri))[1:], self.levels) or "input"  # noqa: PTH100, PTH120


@lru_cache(maxsize=1024)
def _named_in(path: str) -> str:
    return named_folder(PurePosixPath(path).parts)


@lru_cache(maxsize=1024)
def _folder_of(path: str, levels: int = ALL_LEVELS) -> str:
    return naming_folder(PurePosixPath(path).parts, levels)


def naming_folder(folders: Sequence[str], levels: int = ALL_LEVELS) -> str:
    """Return the innermost folder that names an outlet: a host, as crawlers call folders, else no date and no number.

    A host only counts among the innermost `levels`: what lies further out is somebody's disk.

    >>> naming_folder(["crawl", "www.holmpost.example", "news"]), naming_folder(["holm", "2031", "01", "ed-1"])
    ('holmpost.example', 'holm')
    >>> naming_folder(["2031"]), naming_folder([])
    ('2031', '')
    """
    return named_folder(folders, levels) or (folders[-1] if folders else "")


def named_folder(folders: Sequence[str], levels: int = ALL_LEVELS) -> str:
    """Return the innermost folder that names an outlet; none of dates, numbers and posts does.

    >>> named_folder(["holm", "2031", "posts"]), named_folder(["posts"])
    ('holm', '')
    """
    hosts = (
        each.removeprefix("www.") for each in reversed(folders[-levels:]) if _HOST.fullmatch(each) and _is_host(each)
    )
    named = (each for each in reversed(folders) if not _NO_OUTLET.fullmatch(each))
    return next(hosts, "") or next(named, "")


def _is_host(name: str) -> bool:
    """Return True for the name of a host: with www in front, or under a suffix that hosts have."""
    if name.startswith("www.") or name.endswith((".example", ".com", ".org", ".net")):
        return True
    from tld import get_fld  # noqa: PLC0415 - imports urllib.request; few folders have a dot in their name

    return get_fld(name, fail_silently=True, fix_protocol=True) is not None


_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.){1,5}[a-z]{2,12}")
#: Folders by day, by page of a newspaper, of snapshots, and of the posts of a blog.
_NO_OUTLET = re.compile(
    r"_?posts|_drafts"
    r"|\d{1,4}|\d{4}[-_.]?\d{2}(?:[-_.]?\d{2})?|\d{8,14}|(?:ed|seq|page|pages|p|issue|vol|nr|no|part)[-_ ]?\d{1,4}",
    re.IGNORECASE,
)
_ARCHIVE_SUFFIX = re.compile(r"(?<=.)(?:\.(?:tar|csv|tsv|jsonl?|ndjson|txt|html|xml))?\.\w{1,5}$", re.IGNORECASE)


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
