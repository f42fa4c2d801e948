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
from pipeline.durable import make_folder, move, remove, replacing
from pipeline.errors import UserError, in_short, trouble_of

#: Marks a folder as an export of ours, which another export may replace.
MARKER = ".copydesk-export"


@contextmanager
def whole_file(output: Path) -> Iterator[Path]:
    """Yield a temporary path, and rename it to the output when all is written; on any error it is removed.

    What is no regular file (a pipe, a device) is written to directly.
    """
    try:
        output = output.resolve()  # a link stays, and leads to the new content
        if output.is_dir():
            raise UserError(f"{in_short(output)} is a folder, and this format is one file. Name a file in it.")
        if output.exists() and not output.is_file():
            yield output
            return
        make_folder(output.parent)
        with replacing(output) as aside:
            yield aside
    except OSError as error:
        raise _refused(error, output) from None


@contextmanager
def whole_folder(output: Path) -> Iterator[Path]:
    """Yield a temporary folder beside the output, and rename it when all is written; on any error it is removed.

    Raises UserError where the output holds anything but an earlier export. The disk is not asked to hold each file
    before the rename, as it is for a corpus: an export can be made again.
    """
    try:
        output = output.resolve()
        if output.exists() and not _may_be_replaced(output):
            raise UserError(
                f"{in_short(output)} is there already, and is no earlier export. Name a new folder with -o."
            )
        aside = output.with_name(f".{output.name}.new")
        make_folder(output.parent)
        remove(aside)
        aside.mkdir()
        try:
            yield aside
            (aside / MARKER).touch()
            move(aside, output)
        finally:
            remove(aside)
    except OSError as error:
        raise _refused(error, output) from None


def _may_be_replaced(folder: Path) -> bool:
    return folder.is_dir() and ((folder / MARKER).exists() or not any(folder.iterdir()))


def _refused(error: OSError, output: Path) -> UserError:
    return UserError(trouble_of(error, output) or f"cannot write {in_short(output)}: {error.strerror or error}.")


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
