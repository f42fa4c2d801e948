"""Decorators for functions that numba compiles: kernels, which are kept on disk, and the functions that they call."""

# mypy: allow-untyped-defs, allow-untyped-calls

from __future__ import annotations

import contextlib
import pickle
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numba
from numba.core import caching

from stages.shared import cache_folders, derived

#: Exceptions for files of kernels that are damaged, or name a class that was renamed since.
DAMAGE = (OSError, EOFError, pickle.UnpicklingError, AttributeError, ImportError, IndexError, KeyError, ValueError)


_kernels: list[str] = []


def available(options: dict[str, Any]) -> dict[str, Any]:
    """Keep the options that this numba has. Results do not depend on them; without them it compiles and runs longer.

    They are not in its manual and may go with any release.

    >>> available({"nogil": True, "from_another_release": True})
    {'nogil': True}
    """
    return {name: value for name, value in options.items() if hasattr(numba.core.cpu.CPUTargetOptions, name)}


def inner(function: Callable[..., Any], **others: bool) -> Any:
    """Compile a function along with the kernel that calls it: without an entry from Python, not cached by itself.

    `others` are further options of numba that may go with any release.
    """
    options = available({"no_cpython_wrapper": True, "no_cfunc_wrapper": True, **others})
    return numba.njit(nogil=True, error_model="numpy", **options)(function)


def kernel(function: Callable[..., Any], **options: Any) -> Any:
    """Compile a function on first use, and keep it in a cache folder.

    Numba's own cache stops with an error where it can write nowhere, and does not read what an administrator compiled
    in an installation that the user may not write.
    """
    _kernels.append(function.__qualname__)
    compiled: Any = numba.njit(**options)(function)
    folder = kernel_folder()
    if folder is not None and compiled is not function:  # with NUMBA_DISABLE_JIT it is the function
        with contextlib.suppress(OSError):
            compiled._cache = KernelCache(function)
    return compiled


def number_of_kernels() -> int:
    """Count the kernels of the modules that are imported."""
    return len(_kernels)


@cache
def kernel_folder() -> Path | None:
    """Return the folder of kernels: where all of them were compiled for this machine, else where they can be kept."""
    return derived.folder_of(derived.compiled_name()) or cache_folders.writable()


class KernelLocator(caching._SourceFileBackedLocatorMixin, caching._CacheLocator):
    """Tell numba where the files of a kernel lie; the folder need not be writable."""

    def __init__(self, function: Callable[..., Any], file: str) -> None:
        self._py_file, self._lineno = file, function.__code__.co_firstlineno

    def get_cache_path(self) -> str:
        """Return the folder of the kernel's files: in the installation beside its source, as numba has it."""
        folder = kernel_folder()
        if folder is None or folder == cache_folders.INSTALLED:
            return str(Path(self._py_file).parent / "__pycache__")
        return str(folder / "kernels" / self.get_suitable_cache_subpath(self._py_file))

    @classmethod
    def from_function(cls, function: Callable[..., Any], file: str) -> KernelLocator:
        """Return the locator of a kernel."""
        return cls(function, file)


class _KernelFiles(caching.CompileResultCacheImpl):
    _locator_classes = [KernelLocator]  # noqa: RUF012 - numba's own is a list


class KernelCache(caching.FunctionCache):
    """A cache of compiled code that loses nothing but time where it cannot be written or is damaged."""

    _impl_class = _KernelFiles

    def load_overload(self, signature: Any, target_context: Any) -> Any:
        """Return compiled code that was kept, or None. Damaged files (a power cut) count as none and are replaced."""
        try:
            return super().load_overload(signature, target_context)
        except DAMAGE:
            with contextlib.suppress(OSError):
                self.flush()
            return None

    def save_overload(self, signature: Any, data: Any) -> None:
        """Keep compiled code, if it can be kept."""
        with contextlib.suppress(OSError):
            super().save_overload(signature, data)
