"""Members of archives: each is unpacked to a temporary file and read like any other input."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from pipeline.sources.addresses import Input
from pipeline.sources.streams import CHUNK, Readable
from pipeline.sources.values import clean


class Member(NamedTuple):
    """A file in an archive: its name there, with folders, and its bytes, to be read before the next member is."""

    name: str
    content: Readable


def uri_of(archive: Input, name: str) -> str:
    """Return the address of a member.

    >>> uri_of(Input("news.zip", "zip"), "day/a.jsonl")
    'news.zip!day/a.jsonl'
    """
    return f"{clean(archive.uri)}!{clean(name)}"


@contextmanager
def unpacked(source: Input, content: Readable) -> Iterator[Input]:
    """Copy bytes that can be read only once to a temporary file, and give the input that reads them there."""
    with TemporaryDirectory(prefix="copydesk-") as folder:
        path = Path(folder) / "content"
        with path.open("wb") as out:
            while piece := content.read(CHUNK):
                out.write(piece)
        yield replace(source, path=str(path))
