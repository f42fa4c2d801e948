"""Warm-up: compile the kernels ahead, so that worker processes find them in numba's cache and do not all compile."""

from __future__ import annotations

import sys
from importlib import import_module

import pyarrow as pa

from stages.contract import DOCUMENT

from .resolution import resolve
from .settings import Settings
from .shard_evidence import evidence

_TEXT = "A compiled kernel is kept on disk, and whoever comes second need not wait for the compiler again."


def leave_blas_out() -> None:
    """Have numba look for no BLAS, which it takes from scipy and no kernel uses: importing scipy takes 0.3 s.

    For processes of our own only: other code that numba compiles in this process can multiply no matrices then.
    """
    if "scipy.linalg" in sys.modules or "numba.np.arraymath" in sys.modules:
        return
    sys.modules["scipy.linalg"] = None  # type: ignore[assignment]
    try:
        import_module("numba.np.arraymath")
    finally:
        del sys.modules["scipy.linalg"]


def warm_up(settings: Settings) -> None:
    """Run the compiled steps once on three small texts: a minute where nothing is cached yet, else half a second."""
    resolve([evidence(documents(), settings)], settings)


def documents() -> pa.Table:
    """Return a text, its exact copy, which is aligned with nothing, and an edited one."""
    row = {"source_uri": "", "outlet": "", "kind": "text", "raw_sha256": "", "text": _TEXT}
    edited = row | {"doc_id": "c", "text": _TEXT.replace("again", "once more")}
    return pa.Table.from_pylist([row | {"doc_id": "a"}, row | {"doc_id": "b"}, edited], schema=DOCUMENT)
