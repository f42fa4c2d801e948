"""Files of an export: nothing stands under its final name before it is whole."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO, cast

import zstandard

from pipeline.console import StandardOutput


@contextmanager
def text_at(path: Path, name: Path) -> Iterator[TextIO]:
    """Open a file for UTF-8 text, compressed if its final `name` says so. The same text gives the same bytes."""
    with path.open("wb") as file, _packed(file, name.suffix.lower()) as packed:
        text = io.TextIOWrapper(packed, encoding="utf-8", newline="")
        yield text
        text.flush()
        text.detach()


@contextmanager
def _packed(file: BinaryIO, suffix: str) -> Iterator[BinaryIO]:
    if suffix == ".gz":
        with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed:
            yield cast("BinaryIO", packed)
    elif suffix == ".zst":
        with zstandard.ZstdCompressor().stream_writer(file, closefd=False) as packed:
            yield cast("BinaryIO", packed)
    else:
        yield file


def put(pieces: Iterator[str], path: Path | None, name: Path | None) -> None:
    """Write pieces of text to a path that will be called `name`, or to standard output."""
    if path is None or name is None:
        out = StandardOutput()
        for piece in pieces:
            out.write(piece)
        return
    with text_at(path, name) as file:
        file.writelines(pieces)
