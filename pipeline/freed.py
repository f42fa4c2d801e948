"""Memory that was freed and that allocators keep: given back to the system between large steps."""

from __future__ import annotations

import ctypes
import gc
import sys
from functools import cache
from typing import Any

import pyarrow as pa

#: Bytes that Arrow holds, from which on all objects are searched for circles. That takes 30 ms in a main process and 70
#: in one of the tests, at up to ten steps of a run: more than a small run has to give back.
WORTH_A_SEARCH = 32_000_000


def give_back() -> None:
    """Give back what the allocators of Arrow and, on Linux, of C hold and do not use.

    The next step often needs other sizes: after 33,660 articles were matched, the process held 0.3 GB of nothing.
    Where Arrow holds much, objects that hold each other are freed first: Python counts objects, not bytes, before it
    looks for such.
    """
    if pa.total_allocated_bytes() > WORTH_A_SEARCH:
        gc.collect()
    pa.default_memory_pool().release_unused()
    trim = _trim()
    if trim:
        trim(0)


@cache
def _trim() -> Any:
    """Return the function of the C library that gives memory back; None where there is none (macOS, musl)."""
    return getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
