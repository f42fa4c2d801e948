"""Replacement of a corpus by another generation of it that lies ready beside it, in a way that a kill cannot halve.

out/.again/          the other generation: an output folder of its own
out/.again/.ready    all of it is there, and the name of its new run; whoever finds this file goes on
"""

from __future__ import annotations

import ctypes
import errno
import os
from contextlib import suppress
from pathlib import Path

from pipeline.durable import flush, make_folder, move, remove
from pipeline.storage.location import is_remote
from pipeline.storage.output_folder import AGAIN, FOLDERS, READY, OutputFolder
from pipeline.storage.protocol import OutputLocation
from pipeline.storage.report_pages import remove_pages

#: The passage index, which goes with the runs that it is about.
INDEX = Path("index", "near_duplicates")
#: renameat2's flag for two names that change places, and "relative to the working folder" (linux/fs.h, fcntl.h).
RENAME_EXCHANGE, AT_FDCWD = 2, -100
#: Errors of file systems, and systems, that cannot exchange names.
NO_EXCHANGE = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EXDEV)


def is_ready(out: OutputLocation) -> bool:
    """Tell if another generation is ready that a killed program did not put into place, or not all of it."""
    return not is_remote(out) and (out / AGAIN / READY).exists()


def put_into_place(output: OutputFolder) -> bool:
    """Put what is ready into place, `documents` as a whole and last; return True if there was any.

    Call it with the lock held. Killed at any moment, it is called again and goes on.
    """
    shadow = output.out / AGAIN
    if not (shadow / READY).exists():
        return False
    run = (shadow / READY).read_text(encoding="utf-8")
    if not output.is_published(run):
        for name in [each for each in (*FOLDERS, "runs") if each != "documents"]:
            for path in (each for each in sorted((shadow / name).rglob("*")) if each.is_file()):
                _put(path, output.out / path.relative_to(shadow))
        exchange(shadow / "documents", output.out / "documents")
    if (shadow / INDEX).exists():
        move(shadow / INDEX, output.out / INDEX)
    remove_pages(output.out)  # they quote runs that are gone
    remove(shadow / READY)
    output.roll_back()
    return True


def _put(source: Path, target: Path) -> None:
    """Rename a file into place, unless it is the very one that is there."""
    with suppress(FileNotFoundError):
        if target.samefile(source):
            return
    make_folder(target.parent)
    source.replace(target)
    flush(target.parent)


def exchange(one: Path, other: Path) -> None:
    """Exchange two folders in one step; where the file system cannot, in two steps, between which one is missing."""
    if other.exists():
        libc = ctypes.CDLL(None, use_errno=True)
        ctypes.set_errno(0)
        names = (AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other), RENAME_EXCHANGE)
        if getattr(libc, "renameat2", lambda *_: -1)(*names) != 0:
            if ctypes.get_errno() not in (0, *NO_EXCHANGE):
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(other))
            other.rename(one.with_name("replaced"))
            one.rename(other)
    else:  # killed between the two steps
        one.rename(other)
    flush(one.parent)
    flush(other.parent)
