"""Decorators for functions that numba compiles along with the loops that call them."""

# mypy: allow-untyped-defs, allow-untyped-calls

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba


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
