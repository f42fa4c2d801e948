"""Decorators that compile functions with numba and cache them on disk."""

# mypy: allow-untyped-defs, allow-untyped-calls

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from stages.shared import compilation
from stages.shared.compilation import inner

__all__ = ["borrowing", "called", "inner", "kernel", "source_digest", "stamp_cache"]

#: Modules outside this package whose constants and classes are compiled in.
SHARED_SOURCES = ("alphabet.py", "fact_words.py", "history.py", "match_columns.py", "scoring.py")


def kernel(function: Callable[..., Any]) -> Any:
    """Compile a function on first use and keep it; see `stages.shared.compilation.kernel`.

    Give it plain tuples and bundle them inside: the cache names the class of a named tuple that is an argument, and
    numba stops with an error on a cache whose class was renamed since.
    """
    compiled = compilation.kernel(function, nogil=True, error_model="numpy")
    stamp_cache(compiled)
    return compiled


def stamp_cache(compiled: Any) -> None:
    """Make a kernel's cache valid for the sources of all kernels.

    Numba compares the kernel's own file only, and would go on with old versions of what it calls in other files. The
    attribute is not documented: a numba without it compares as it does by itself.
    """
    try:
        compiled._cache._cache_file._source_stamp = source_digest()
    except AttributeError:
        return


@cache
def source_digest() -> str:
    """Digest the sources that are compiled, and those whose constants and classes they hold."""
    folder, digest = Path(__file__).parent, hashlib.sha256()
    for path in (*sorted(folder.glob("*.py")), *(folder.parent / name for name in SHARED_SOURCES)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def borrowing(function: Callable[..., Any]) -> Any:
    """Compile an inner function that neither makes nor returns arrays: it does not count references to its caller's.

    Numba counts references to an array wherever it is passed on or sliced, with an atomic instruction that costs
    more than the words of a short paragraph, and twice as much where two threads count the same array.
    """
    return inner(function, _nrt=False, forceinline=True)


def called(function: Callable[..., Any]) -> Any:
    """Compile an inner function like a borrowing one, but called and not inlined: a large one compiles much faster."""
    return inner(function, _nrt=False)
