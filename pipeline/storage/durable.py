"""Durable files: fsync, replacement in one rename, and the size and digest that identify a file's content."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import xxhash

#: Bytes that are digested at once: memory stays flat for files of any size. Chosen by hand; not tuned.
CHUNK = 1 << 20


def flush(path: Path) -> None:
    """Fsync a file, or the entries of a folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside a file; on success fsync it and rename it over the file."""
    aside = path.with_name(f".{path.name}")
    yield aside
    flush(aside)
    aside.replace(path)
    flush(path.parent)


def identity(path: Path) -> tuple[int, str]:
    """Return the size in bytes and the xxh3 digest of a file, read in chunks."""
    digest, size = xxhash.xxh3_64(), 0
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            digest.update(piece)
            size += len(piece)
    return size, digest.hexdigest()
