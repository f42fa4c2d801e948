"""Calls of kernels: load the shared library, and hand arrays to its functions."""

from __future__ import annotations

import ctypes
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.native import NativeLibraryError
from stages.native.sources import LIBRARY, digest

NO_MEMORY = -(2**63)


@cache
def library() -> ctypes.CDLL:
    """Load the library of all kernels and check that it was made from the sources beside it."""
    path = Path(__file__).with_name(LIBRARY)
    try:
        loaded = ctypes.CDLL(str(path))
    except OSError as error:
        problem = f"cannot be loaded ({error})" if path.exists() else "are missing"
        raise NativeLibraryError(advice(problem)) from error
    loaded.native_digest.restype = ctypes.c_char_p
    loaded.native_free.argtypes = [ctypes.c_void_p]
    if loaded.native_digest().decode() != digest():
        raise NativeLibraryError(advice("were made from other sources"))
    return loaded


def advice(problem: str) -> str:
    """Return the message for compiled kernels that cannot be used.

    >>> advice("are missing").partition(": ")[2]
    'run `make run`, or in a checkout `python -m stages.native.build`, or install copydesk again'
    """
    return (
        f"the compiled kernels in {Path(__file__).parent} {problem}: run `make run`, or in a "
        "checkout `python -m stages.native.build`, or install copydesk again"
    )


class Buffer:
    """Where a kernel leaves an array whose length only it finds out."""

    def __init__(self, dtype: type[np.generic]) -> None:
        self._dtype, self._address = np.dtype(dtype), ctypes.c_void_p()

    @property
    def reference(self) -> Any:
        """The address of the address, for the kernel."""
        return ctypes.byref(self._address)

    def taken(self, length: int) -> NDArray[Any]:
        """Copy the first `length` values and free the kernel's memory."""
        found = np.empty(length, self._dtype)
        if length:
            ctypes.memmove(found.ctypes.data, self._address, found.nbytes)
        library().native_free(self._address)
        self._address = ctypes.c_void_p()
        return found


Kind = type[np.generic] | type[int] | type[float] | type[Buffer]


class Kernel:
    """A function of the library, and the kind of each argument: `int` (64 bits), `float`, `Buffer`, or an array's type.

    It returns an integer. Arrays must have that very type and lie in memory without gaps; the kernel sees their first
    value, so lengths are arguments too. Python's other threads go on while it runs.
    """

    def __init__(self, name: str, *kinds: Kind) -> None:
        self.name, self.kinds = name, kinds
        self._dtypes = [np.dtype(kind) if issubclass(kind, np.generic) else None for kind in kinds]

    @cached_property
    def _function(self) -> Any:
        function = library()[self.name]
        types: dict[Any, Any] = {int: ctypes.c_int64, float: ctypes.c_double}
        function.argtypes = [types.get(kind, ctypes.c_void_p) for kind in self.kinds]
        function.restype = ctypes.c_int64
        return function

    def __call__(self, *arguments: Any) -> int:
        """Call the kernel."""
        passed = [self._passed(given, dtype) for given, dtype in zip(arguments, self._dtypes, strict=True)]
        result: int = self._function(*passed)
        if result == NO_MEMORY:
            raise MemoryError(f"no memory for {self.name}")
        return result

    def _passed(self, given: Any, dtype: np.dtype[Any] | None) -> Any:
        """Return what C gets for an argument."""
        if dtype is None:
            return given.reference if isinstance(given, Buffer) else given
        if given.dtype != dtype or not given.flags.c_contiguous:
            raise TypeError(f"{self.name}: an array of {dtype} without gaps is needed, not one of {given.dtype}")
        address: int = given.__array_interface__["data"][0]  # a third of the time that `given.ctypes.data` takes
        return address
