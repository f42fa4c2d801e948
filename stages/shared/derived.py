"""Derived data: what is computed at some cost from data that rarely change is kept on disk between processes.

It is kept in a cache folder (`stages.shared.cache_folders`) and is only ever a copy: whatever is missing, damaged or
made from other data or another version of the code is computed anew.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import xxhash
import zstandard

from stages.shared import cache_folders

T = TypeVar("T")

DIGEST_BYTES = 16  # of XXH3-128


def derived(name: str, origin: bytes, make: Callable[[], T], places: Sequence[Path] | None = None) -> T:
    """Return what `make` computes from `origin`, from disk if it was computed before.

    `origin` must hold all that decides the result, but for the sources of the stages and the versions of Python and
    numpy. The result must pickle. `places` are the folders it may be kept in, if not those of `cache_folders`.
    """
    file = f"{name}.{versions()}.{xxhash.xxh3_128_hexdigest(origin)}"
    places = cache_folders.all_of_them() if places is None else places
    for path in (folder / file for folder in places):
        with contextlib.suppress(OSError):
            kept, is_whole = unpacked(path.read_bytes())
            if is_whole:
                return kept  # type: ignore[no-any-return]
    result = make()
    keep(file, packed(result), places)
    return result


def packed(result: object) -> bytes:
    """Return a result as bytes, after a digest of them.

    >>> unpacked(packed({"quay": 1})), unpacked(packed("quay")[:-1])
    (({'quay': 1}, True), (None, False))
    """
    content = zstandard.compress(pickle.dumps(result, protocol=pickle.HIGHEST_PROTOCOL), 3)
    return xxhash.xxh3_128_digest(content) + content


def unpacked(stored: bytes) -> tuple[Any, bool]:
    """Return a result that was packed, and True; None and False for bytes that are damaged."""
    if xxhash.xxh3_128_digest(stored[DIGEST_BYTES:]) != stored[:DIGEST_BYTES]:
        return None, False
    return pickle.loads(zstandard.decompress(stored[DIGEST_BYTES:])), True


def keep(name: str, content: bytes, places: Sequence[Path]) -> None:
    """Write bytes to the first folder that can be written, in one rename; without one, do nothing."""
    for folder in places:
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            unfinished = folder / f".{name}.{os.getpid()}"
            unfinished.write_bytes(content)
            unfinished.replace(folder / name)
            remove_others(folder, *name.split(".")[:2])
            return


def remove_others(folder: Path, name: str, version: str) -> None:
    """Remove what other versions of the code kept by this name."""
    for path in folder.glob(f"{name}.*"):
        if not path.name.startswith(f"{name}.{version}."):
            path.unlink(missing_ok=True)


@cache
def versions() -> str:
    """Digest the sources of the stages (in C too), their data, and the versions of what they are run by."""
    digest = xxhash.xxh3_64(f"{sys.version} {np.__version__}".encode())
    stages = Path(__file__).parents[1]
    for path in sorted(path for path in stages.rglob("*.*") if path.suffix in (".py", ".toml", ".c", ".h")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
