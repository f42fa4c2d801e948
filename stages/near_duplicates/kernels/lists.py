"""Reordering of list columns, compiled by numba."""

# mypy: allow-untyped-defs, allow-untyped-calls

from __future__ import annotations

from .compilation import kernel


@kernel
def place(values, offsets, begins, out):
    """Copy the lists of a column, each to its place in `out`."""
    for row in range(len(begins)):
        for at in range(offsets[row], offsets[row + 1]):
            out[begins[row] + at - offsets[row]] = values[at]
