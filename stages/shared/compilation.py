"""Decorators for functions that numba compiles: kernels, which are kept on disk, and the functions that they call.

Numba is imported when the first of them is called: it takes half as long as all else that a small run imports.
"""

# mypy: allow-untyped-defs, allow-untyped-calls

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import cached_property
from typing import Any

_kernels: list[str] = []


class Compiled:
    """A function that numba compiles when it is first called, or when what calls it is compiled."""

    def __init__(self, function: Callable[..., Any], make: Callable[[Callable[..., Any]], Any]) -> None:
        self._function, self._make = function, make
        self.__doc__, self.__name__ = function.__doc__, function.__name__
        self.__wrapped__ = function

    @cached_property
    def dispatcher(self) -> Any:
        """The dispatcher that numba makes of the function."""
        return self._make(self._function)

    @property
    def _numba_type_(self) -> Any:
        """The type by which numba knows what calls this function; it asks every global value for it."""
        return self.dispatcher._numba_type_

    def __call__(self, *arguments: Any) -> Any:
        """Call the compiled function."""
        return self.dispatcher(*arguments)

    def __getattr__(self, name: str) -> Any:
        """Return an attribute of numba's dispatcher."""
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.dispatcher, name)


def available(options: dict[str, Any]) -> dict[str, Any]:
    """Keep the options that this numba has. Results do not depend on them; without them it compiles and runs longer.

    They are not in its manual and may go with any release.

    >>> available({"nogil": True, "from_another_release": True})
    {'nogil': True}
    """
    from numba.core import cpu  # noqa: PLC0415 - see above

    return {name: value for name, value in options.items() if hasattr(cpu.CPUTargetOptions, name)}


def inner(function: Callable[..., Any], **others: bool) -> Any:
    """Compile a function along with the kernel that calls it: without an entry from Python, not cached by itself.

    `others` are further options of numba that may go with any release.
    """

    def made(function: Callable[..., Any]) -> Any:
        import numba  # noqa: PLC0415 - see above

        options = available({"no_cpython_wrapper": True, "no_cfunc_wrapper": True, **others})
        return numba.njit(nogil=True, error_model="numpy", **options)(function)

    return Compiled(function, made)


def kernel(function: Callable[..., Any], **options: Any) -> Any:
    """Compile a function on first use, and keep it in a cache folder.

    Numba's own cache stops with an error where it can write nowhere, and does not read what an administrator compiled
    in an installation that the user may not write.
    """

    def made(function: Callable[..., Any]) -> Any:
        import numba  # noqa: PLC0415 - see above

        from stages.shared.kernel_cache import KernelCache, kernel_folder  # noqa: PLC0415 - see above

        compiled: Any = numba.njit(**options)(function)
        if kernel_folder() is not None and compiled is not function:  # with NUMBA_DISABLE_JIT it is the function
            with contextlib.suppress(OSError):
                compiled._cache = KernelCache(function)
        return compiled

    _kernels.append(function.__qualname__)
    return Compiled(function, made)


def number_of_kernels() -> int:
    """Count the kernels of the modules that are imported."""
    return len(_kernels)
