"""Durable files: what decides what a later run does survives a power cut, as it was before or as it is after.

A file that is only written and renamed may be there by name and empty after a power cut, and a name may be lost whose
folder was not fsynced. So: write, fsync, rename, fsync the folder. tests/runs/test_power_cut.py proves it.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import xxhash

#: Bytes that are digested at once: memory stays flat for files of any size. Chosen by hand; not tuned.
CHUNK = 1 << 20
#: Answers of file systems that cannot fsync a folder, as some on networks and in user space.
NO_FSYNC = (errno.EINVAL, errno.ENOTSUP, errno.ENOSYS)


def flush(path: Path) -> None:
    """Fsync a file, or the entries of a folder, where its file system can."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in NO_FSYNC:
            raise
    finally:
        os.close(descriptor)


def flush_all(folder: Path) -> None:
    """Fsync a file, or a folder with all that is in it."""
    for path in [*folder.rglob("*"), folder]:
        flush(path)


def make_folder(folder: Path) -> None:
    """Create a folder, and those it lies in, for good."""
    missing = [each for each in (folder, *folder.parents) if not each.is_dir()]
    for each in reversed(missing):
        each.mkdir(exist_ok=True)
        with suppress(PermissionError):  # a folder that may be written and not read
            flush(each.parent)


@contextmanager
def replacing(path: Path, owner: str = "") -> Iterator[Path]:
    """Yield a temporary path beside a file; on success fsync it and rename it over the file, else remove it.

    Where several processes may write the same file at once, each names itself as the `owner` of its temporary path.
    """
    with _in_one_step(path, owner) as aside:
        yield aside
        flush(aside)
    flush(path.parent)


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Yield a temporary path of this process beside a file; on success rename it over the file, without fsync.

    Two attempts at a task may write its files at once, on one machine or on two: a reader sees one of them, whole.
    """
    with _in_one_step(path, attempt()) as aside:
        yield aside


def attempt() -> str:
    """Return a name that no other attempt at the same file has."""
    return secrets.token_hex(8)


@contextmanager
def _in_one_step(path: Path, owner: str) -> Iterator[Path]:
    aside = path.with_name(f".{path.name}.{owner}new")  # neither glob of a folder finds it: by the dot, by the suffix
    try:
        yield aside
        aside.replace(path)
    except BaseException:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
        raise


def move(source: Path, target: Path) -> None:
    """Rename a file or folder that was fsynced, for good; what a killed program left at the target is removed."""
    make_folder(target.parent)
    remove(target)
    source.rename(target)
    flush(target.parent)
    flush(source.parent)


def remove(path: Path) -> None:
    """Remove a file or folder for good, if it is there."""
    if path.is_dir():
        shutil.rmtree(path)
    elif path.exists():
        path.unlink()
    else:
        return
    flush(path.parent)


def identity(path: Path) -> tuple[int, str]:
    """Return the size in bytes and the xxh3 digest of a file, read in chunks."""
    digest, size = xxhash.xxh3_64(), 0
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            digest.update(piece)
            size += len(piece)
    return size, digest.hexdigest()
