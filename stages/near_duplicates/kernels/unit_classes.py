"""Classes of units that are alike, shingle for shingle; see unit_classes.c."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stages.native.kernel import Kernel

Integers = NDArray[np.int64]

_find = Kernel("unit_classes_find", np.uint32, np.int64, np.int64, int, np.int64, np.int64)
_members = Kernel("unit_classes_members", np.int64, np.int64, int, int, np.int64, np.int64)


def find(hashes: NDArray[np.uint32], begins: Integers, ends: Integers) -> tuple[Integers, Integers]:
    """Number the classes of units whose hashes are alike: the class of each, -1 for those without any; first units.

    >>> hashes, begins = np.array([7, 8, 9, 7, 8], np.uint32), np.array([0, 2, 3, 3])
    >>> [column.tolist() for column in find(hashes, begins, np.array([2, 3, 3, 5]))]
    [[0, 1, -1, 0], [0, 1]]
    """
    class_of, examples = np.empty(len(begins), np.int64), np.empty(len(begins), np.int64)
    count = _find(hashes, begins, ends, len(begins), class_of, examples)
    return class_of, examples[:count].copy()


def members(class_of: Integers, owners: Integers, classes: int) -> tuple[Integers, Integers]:
    """Return where the owners of each class of units begin, and the end; and those owners, in the order of the units.

    >>> [column.tolist() for column in members(np.array([0, 1, 0]), np.array([5, 6, 6]), 2)]
    [[0, 2, 3], [5, 6, 6]]
    """
    first, found = np.empty(classes + 1, np.int64), np.empty(len(owners), np.int64)
    _members(class_of, owners, len(owners), classes, first, found)
    return first, found
