"""Reordering of list columns; see lists.c."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.native.kernel import Kernel

_place = Kernel("lists_place", np.uint8, np.int64, np.int64, int, int, np.uint8)


def place(values: NDArray[Any], offsets: NDArray[np.int64], begins: NDArray[np.int64], out: NDArray[Any]) -> None:
    """Copy the lists of a column, each to its place in `out`, an array of the same type."""
    _place(values.view(np.uint8), offsets, begins, len(begins), out.itemsize, out.view(np.uint8))
