"""The cache of numba's compiled code, in a cache folder of ours; imported when the first kernel is used."""

# mypy: allow-untyped-defs, allow-untyped-calls

from __future__ import annotations

import contextlib
import pickle
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from numba.core import caching

from stages.shared import cache_folders, derived

#: Exceptions for files of kernels that are damaged, or name a class that was renamed since.
DAMAGE = (OSError, EOFError, pickle.UnpicklingError, AttributeError, ImportError, IndexError, KeyError, ValueError)


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
