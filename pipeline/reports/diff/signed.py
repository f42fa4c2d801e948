"""Signed differences of two tables of rows: those that only one has, however often each is repeated."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

Row = dict[str, Any]
#: A row of the old table and one of the new: None where the row stands on one side only.
RowPair = tuple[Row | None, Row | None]


def differing(old: pa.Table, new: pa.Table, same: Sequence[str], beside: Sequence[str]) -> Iterator[RowPair]:
    """Yield the rows that the tables do not both have, those with equal columns `same` in pairs.

    Rows that are equal in all columns, `same` and `beside`, cancel each other out, one for one; Arrow does that, and
    only the others become Python's. The order is that of the columns.

    >>> old = pa.table({"text": ["a", "a", "b", "c"], "rule": ["x", "x", "x", "x"]})
    >>> new = pa.table({"text": ["a", "b", "d"], "rule": ["x", "y", "x"]})
    >>> for pair in differing(old, new, ["text"], ["rule"]):
    ...     print(pair)
    ({'text': 'a', 'rule': 'x'}, None)
    ({'text': 'b', 'rule': 'x'}, {'text': 'b', 'rule': 'y'})
    ({'text': 'c', 'rule': 'x'}, None)
    (None, {'text': 'd', 'rule': 'x'})
    """
    columns = [*same, *beside]
    groups: dict[tuple[Any, ...], tuple[list[Row], list[Row]]] = defaultdict(lambda: ([], []))
    for net, row in _net(old, new, columns):
        groups[tuple(row[name] for name in same)][net > 0].extend([row] * abs(net))
    for key in sorted(groups, key=_in_order):
        gone, come = (sorted(rows, key=lambda row: _in_order(row.values())) for rows in groups[key])
        yield from zip(gone, come, strict=False)
        n = min(len(gone), len(come))
        yield from ((row, None) for row in gone[n:])
        yield from ((None, row) for row in come[n:])


def _net(old: pa.Table, new: pa.Table, columns: list[str]) -> Iterator[tuple[int, Row]]:
    """Yield the rows that one table has oftener, with how much oftener the new one has them."""
    signed = [
        table.select(columns).append_column("net", pa.array(np.full(len(table), sign, np.int32)))
        for table, sign in ((old, -1), (new, 1))
    ]
    sums = pa.concat_tables(signed).group_by(columns).aggregate([("net", "sum")])
    for row in sums.filter(pc.not_equal(sums["net_sum"], 0)).to_pylist():
        yield row.pop("net_sum"), row


def _in_order(values: Iterable[Any]) -> tuple[str, ...]:
    return tuple("" if value is None else str(value) for value in values)
