"""The few operations of a Spark session that passage matching asks for, in this process and in memory.

Java takes seconds for what is here done at once, so many corpora can be tried; what Spark itself does is tested with
Spark. Rows of a batch come in small batches, whose borders must not matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
from pyspark import TaskContext


class Session:
    def __init__(self, rows_at_once: int = 5) -> None:
        self.rows_at_once, self.bytes_dealt = rows_at_once, 0
        self.sparkContext = SimpleNamespace(defaultParallelism=3)
        self.settings: dict[str, str] = {}
        self.conf = SimpleNamespace(get=self.settings.get, set=self.settings.__setitem__, unset=self.settings.pop)

    def range(self, begin: int, end: int, step: int, partitions: int) -> Frame:
        cuts = np.array_split(np.arange(begin, end, step), partitions)
        return Frame([pa.table({"id": pa.array(each, pa.int64())}) for each in cuts], self)


class Frame:
    def __init__(self, partitions: Sequence[pa.Table], session: Session) -> None:
        self.partitions, self.session = partitions, session

    def mapInArrow(self, function: Callable[[Iterator[Any]], Iterator[Any]], schema: str) -> Frame:  # noqa: N802
        del schema
        made = []
        for at, each in enumerate(self.partitions):
            TaskContext._getOrCreate()._partitionId = at
            made.append(list(function(iter(each.to_batches(self.session.rows_at_once)))))
        some = next(batch.schema for batches in made for batch in batches)
        return Frame([pa.Table.from_batches(batches, some) for batches in made], self.session)

    def repartition(self, count: int, key: str) -> Frame:
        return self._dealt(lambda table: table[key].to_numpy() * 7919 % count, count)

    def repartitionByRange(self, count: int, *keys: str) -> Frame:  # noqa: N802
        rows = pa.concat_tables(self.partitions).sort_by([(key, "ascending") for key in keys])
        bounds = np.linspace(0, len(rows), count + 1).astype(int)
        return Frame([rows.slice(at, end - at) for at, end in pairwise(bounds)], self.session)

    def sortWithinPartitions(self, *keys: str) -> Frame:  # noqa: N802
        return Frame([each.sort_by([(key, "ascending") for key in keys]) for each in self.partitions], self.session)

    def collect(self) -> list[Any]:
        return [Collected(row) for each in self.partitions for row in each.to_pylist()]

    def _dealt(self, home: Callable[[pa.Table], Any], count: int) -> Frame:
        rows = pa.concat_tables(self.partitions)
        homes = home(rows)
        self.session.bytes_dealt += rows.nbytes
        return Frame([rows.filter(pa.array(homes == at)) for at in range(count)], self.session)


class Collected(dict[str, Any]):
    """A row as Spark returns it: columns by name, in brackets and as attributes."""

    def __getattr__(self, name: str) -> Any:
        return self[name]
