"""Members of archives: each is unpacked, into memory or to a temporary file, and read like any other input."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, NamedTuple

from pipeline.sources.addresses import Input
from pipeline.sources.compression import CHUNK, BrokenCompressionError, Readable
from pipeline.sources.file_names import Naming
from pipeline.sources.values import clean

#: Bytes of a member that are kept in memory. Making and removing a file for each of 100,000 short texts takes longer
#: than all the rest of reading them.
IN_MEMORY = 1 << 20


class Member(NamedTuple):
    """A file in an archive: its name there, with folders, and its bytes, to be read before the next member is.

    `naming` is how the files of the archive are called, where their names say outlet and day.
    """

    name: str
    content: Readable
    naming: Naming | None = None


def uri_of(archive: Input, name: str) -> str:
    """Return the address of a member.

    >>> uri_of(Input("news.zip", "zip"), "day/a.jsonl")
    'news.zip!day/a.jsonl'
    """
    return f"{clean(archive.uri)}!{clean(name)}"


_DRIVE = re.compile(r"[A-Za-z]:")


def tame_name(name: str) -> str:
    """Return a member's name as a path below the archive: no drive, no root, no way up, one kind of slash.

    >>> tame_name("./day/a.txt"), tame_name("../../etc/passwd"), tame_name("C:\\\\news\\\\a.txt"), tame_name("/a//b")
    ('day/a.txt', 'etc/passwd', 'news/a.txt', 'a/b')
    """
    parts = _DRIVE.sub("", name.replace("\\", "/"), count=1).replace("\0", "").split("/")
    return "/".join(part for part in parts if part not in ("", ".", ".."))


class Unpacked(NamedTuple):
    """The unpacked bytes of an input, in memory or at a path, and what they break off with; see `Input`."""

    held: bytes | None = None
    path: str | None = None
    broken: str | None = None


@contextmanager
def unpacked(content: Readable) -> Iterator[Unpacked]:
    """Unpack bytes that can be read only once.

    A break in them is raised again by whoever reads to the end of what came before it.
    """
    head, broken = _read_until(content, IN_MEMORY + 1)
    if len(head) <= IN_MEMORY:
        yield Unpacked(held=head, broken=broken)
        return
    with TemporaryDirectory(prefix="copydesk-") as folder:
        path = Path(folder) / "content"
        with path.open("wb") as out:
            while head:
                out.write(head)
                head, broken = (b"", broken) if broken else _read_until(content, CHUNK)
        yield Unpacked(path=str(path), broken=broken)


def _read_until(content: Readable, size: int) -> tuple[bytes, str | None]:
    """Read at least `size` bytes, fewer only at the end or before a break; and what the break is."""
    parts, have = [], 0
    try:
        while have < size and (piece := content.read(CHUNK)):
            parts.append(piece)
            have += len(piece)
    except (BrokenCompressionError, EOFError) as error:
        return b"".join(parts), str(error)
    return b"".join(parts), None


@contextmanager
def local_path(source: Input, opened: IO[bytes]) -> Iterator[str]:
    """Give the path of a file that holds an opened input, for libraries that open files by name."""
    if source.path is not None:
        yield source.path
    elif source.held is None and isinstance(getattr(opened, "name", None), str):
        yield str(opened.name)
    else:
        with TemporaryDirectory(prefix="copydesk-") as folder:
            path = Path(folder) / "content"
            with path.open("wb") as out, closing(opened):
                while piece := opened.read(CHUNK):
                    out.write(piece)
            yield str(path)
