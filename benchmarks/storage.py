"""How a part of `documents` is best written: row groups, zstd's level, dictionaries, order; by size and time.

    python benchmarks/storage.py OUT [--rounds 5]

Reads all documents of a corpus, writes them as one part in every way, the ways taking turns, and reads them back:
whole, one document by its id, a tenth of the span of time. Figures are medians of processor time in milliseconds;
*groups* are the row groups that statistics leave for that tenth, and for that id.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

SHORT = ["outlet", "language", "page_kind", "dateline"]  # columns whose values recur


@dataclass(frozen=True)
class Way:
    """A way to write a table."""

    name: str
    group: int
    level: int | None = None
    dictionary: bool | tuple[str, ...] = True
    order: str | None = None


WAYS = (
    Way("one group, level 1, dictionaries: as before", 1_000_000),
    *(Way(f"groups of {size}", size) for size in (2048, 1024, 512, 256, 128)),
    *(Way(f"groups of 512, level {level}", 512, level) for level in (3, 6, 9)),
    Way("groups of 512, dictionaries for recurring values", 512, dictionary=tuple(SHORT)),
    Way("groups of 512, no dictionaries", 512, dictionary=False),
    Way("groups of 512, by time", 512, order="published"),
    Way("groups of 512, by id", 512, order="doc_id"),
)


def write(table: pa.Table, way: Way, path: Path) -> None:
    ordered = table.sort_by(way.order) if way.order else table
    dictionary = list(way.dictionary) if isinstance(way.dictionary, tuple) else way.dictionary
    pq.write_table(
        ordered, path, row_group_size=way.group, compression="zstd", compression_level=way.level,
        use_dictionary=dictionary,
    )  # fmt: skip


def took(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1000


def groups_left(path: Path, column: str, low: object, high: object) -> int:
    """How many row groups may hold values from `low` to `high`, by their statistics."""
    condition = (pc.field(column) >= low) & (pc.field(column) <= high)
    return sum(len(part.row_groups) for part in ds.dataset(path).get_fragments(filter=condition)
               for part in part.split_by_row_group(filter=condition))  # fmt: skip


def by_id_in_two_steps(path: Path, doc_id: str) -> pa.Table:
    """As our reader does it: the group first, by the column of ids alone, then its other columns."""
    wanted = pc.field("doc_id") == doc_id
    groups = [group for part in ds.dataset(path).get_fragments() for group in part.split_by_row_group()]
    return pa.concat_tables([group.to_table(filter=wanted) for group in groups if group.count_rows(filter=wanted)])


def span(table: pa.Table) -> tuple[datetime, datetime]:
    """The middle tenth of the documents that have a time."""
    times = pc.sort_indices(table["published"].drop_null())
    ordered = table["published"].drop_null().take(times)
    return ordered[len(ordered) * 9 // 20].as_py(), ordered[len(ordered) * 11 // 20].as_py()


def measured(table: pa.Table, way: Way, path: Path, between: tuple[datetime, datetime]) -> dict[str, float]:
    doc_id = table["doc_id"][len(table) // 2].as_py()
    condition = (pc.field("published") >= between[0]) & (pc.field("published") <= between[1])
    written = took(lambda: write(table, way, path))
    select = f"SELECT * FROM '{path}' WHERE doc_id = '{doc_id}'"
    return {
        "KB": path.stat().st_size / 1000,
        "write": written,
        "read all": took(lambda: pq.read_table(path)),
        "by id": took(lambda: ds.dataset(path).to_table(filter=pc.field("doc_id") == doc_id)),
        "by id, two steps": took(lambda: by_id_in_two_steps(path, doc_id)),
        "by id, DuckDB": took(lambda: duckdb.sql(select).arrow()),
        "tenth of time": took(lambda: ds.dataset(path).to_table(filter=condition)),
        "groups by time": groups_left(path, "published", *between),
        "groups by id": groups_left(path, "doc_id", doc_id, doc_id),
        "groups": pq.read_metadata(path).num_row_groups,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, help="the output folder of a run")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--documents", type=int, default=4096, help="of a part: repeated or cut to so many")
    asked = parser.parse_args()
    table = ds.dataset(asked.out / "documents", format="parquet").to_table()
    table = pa.concat_tables([table] * -(-asked.documents // len(table)))[: asked.documents]
    between, found = span(table), {way.name: [] for way in WAYS}  # type: dict[str, list[dict[str, float]]]
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(asked.rounds):
            for way in WAYS:
                found[way.name].append(measured(table, way, Path(folder) / "part.parquet", between))
    columns = list(found[WAYS[0].name][0])
    print(f"{len(table):,} documents, {table.nbytes / 1e6:.1f} MB in memory\n\n| | {' | '.join(columns)} |")
    print("|---" * (len(columns) + 1) + "|")
    for name, rounds in found.items():
        cells = [f"{median(each[column] for each in rounds):,.0f}" for column in columns]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
