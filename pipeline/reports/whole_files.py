"""Files and folders that are written whole: nothing stands under its final name before all of it is there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
            raise UserError(f"{in_short(output)} is a folder, and this is one file. Name a file in it.")
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
    return UserError(
        trouble_of(error, output) or f"cannot write {in_short(output)}: {error.strerror or error}. Name another place."
    )
