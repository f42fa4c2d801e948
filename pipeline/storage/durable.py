"""Files that are on the disk, whole, whatever becomes of the machine: flushed, and put in place in one rename."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def flush(path: Path) -> None:
    """Have the disk hold a file or the entries of a folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A name beside a file to write to; what is there in the end takes the file's place."""
    aside = path.with_name(f".{path.name}")
    yield aside
    flush(aside)
    aside.replace(path)
    flush(path.parent)
