"""The tables of a run: their columns, and how they are written and read.

Columns and meanings are a contract with users: docs/reference/tables.md. Every file says in its metadata which version
of the contract it follows (`schema_version`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from pipeline.durable import written_whole
from pipeline.errors import UserError, in_short
from pipeline.storage.damage import StoredTable, damage_in_words, missing_table
from pipeline.storage.protocol import OutputLocation
from stages.contract import DOCUMENT, WORKING_COLUMNS
from stages.ledger import LEDGER
from stages.near_duplicates import ADDITIONS, PARAGRAPHS, PASSAGES
from stages.noise.templates import TEMPLATES

if TYPE_CHECKING:
    from upath import UPath

SCHEMA_VERSION = "1"


def _documents() -> pa.Schema:
    """Return the columns of `documents`: those of a document on its way but the working columns, and behind its text
    those that the corpus stage adds.
    """
    fields = [field for field in DOCUMENT if field.name not in WORKING_COLUMNS]
    end = 1 + next(at for at, field in enumerate(fields) if field.name == "text")
    rest = [field.with_nullable(field.nullable and field.name != "segmented_sha256") for field in fields[end:]]
    return pa.schema([*fields[:end], *ADDITIONS, *rest])


DOCUMENTS = _documents()

#: In the order in which a run publishes them. `documents` comes last: its rename is the commit.
TABLES: dict[str, pa.Schema] = {
    "ledger": LEDGER,
    "passages": PASSAGES,
    "paragraphs": PARAGRAPHS,
    "documents": DOCUMENTS,
}


FLOWS = pa.schema(
    [
        pa.field("from_outlet", pa.string(), nullable=False),
        pa.field("to_outlet", pa.string(), nullable=False),
        pa.field("n_passages", pa.int64(), nullable=False),
        pa.field("n_words", pa.int64(), nullable=False),
        pa.field("n_documents", pa.int64(), nullable=False),
        pa.field("median_delay_hours", pa.float64()),
    ]
)

#: Tables that are not cut into parts by documents: one file a run.
WHOLE: dict[str, pa.Schema] = {"templates": TEMPLATES, "flows": FLOWS}

#: Rows of a row group, about the same documents in each table (12 paragraphs a document): who looks for one document or
#: for a span of time reads one group and not a part of 4096 documents. Measured: docs/decisions/0065-row-groups.md.
GROUP_ROWS, GROUP_DOCUMENTS = 8192, 512
#: A seventh fewer bytes than Arrow's level 1 for 15 µs a document; level 6 takes 6 % more away for 40 µs more.
ZSTD_LEVEL = 3


def part_name(number: int) -> str:
    """Return the file name of a part. Parts of one number hold the rows of the same documents in every table.

    >>> part_name(3)
    'part-00003.parquet'
    """
    return f"part-{number:05d}.parquet"


def write_part(folder: Path, name: str, number: int, table: pa.Table) -> Path:
    """Write one part of the table `name` below a staging folder, and return its path."""
    path = folder / name / part_name(number)
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(path) as aside:
        write_file(aside, name, with_lists(table.select((TABLES | WHOLE)[name].names)))
    return path


def write_file(path: Path, name: str, table: pa.Table) -> None:
    """Write a file of the table `name`."""
    schema = (TABLES | WHOLE)[name].with_metadata({"schema_version": SCHEMA_VERSION})
    with pq.ParquetWriter(path, schema, compression="zstd", compression_level=ZSTD_LEVEL) as writer:
        if len(table):  # a row group without rows stops the reader of Hugging Face's datasets
            group = GROUP_DOCUMENTS if name == "documents" else GROUP_ROWS
            writer.write_table(table.select(schema.names).cast(schema), row_group_size=group)


def with_lists(table: pa.Table) -> pa.Table:
    """Put an empty list where a column of lists has none: nobody has to tell the two apart.

    >>> with_lists(pa.table({"authors": pa.array([["Ada Wren"], None])}))["authors"].to_pylist()
    [['Ada Wren'], []]
    """
    for at, field in enumerate(table.schema):
        if pa.types.is_list(field.type):
            table = table.set_column(at, field, pc.coalesce(table.column(at), pa.scalar([], field.type)))
    return table


def read(out: OutputLocation, name: str, runs: Sequence[str], columns: Sequence[str] | None = None) -> pa.Table:
    """Read the table `name` of some published runs, with a column `run`."""
    tables = [part.append_column("run", pa.array([run] * len(part), pa.string())) for run in runs
              for part in [dataset(out, name, run).to_table(columns=columns)]]  # fmt: skip
    if tables:
        return pa.concat_tables(tables)
    schema = (TABLES | WHOLE)[name]
    fields = [schema.field(c) for c in columns or schema.names]
    return pa.schema([*fields, pa.field("run", pa.string())]).empty_table()


def dataset(out: OutputLocation, name: str, run: str) -> StoredTable:
    """Open the table `name` of one run, to be filtered and read lazily. MissingTableError where a part of it is gone.

    Raises it where the table has no part, too: every run has at least one of each.
    """
    folder = folder_of(out, name, run)
    refuse_missing_parts(folder)
    return open_table(folder, name)


def open_table(place: OutputLocation, name: str) -> StoredTable:
    """Open files of the table `name`, a folder or one of them, to be filtered and read lazily."""
    source, filesystem = stored(place)
    with damage_in_words(place):
        rows = ds.dataset(source, format="parquet", schema=(TABLES | WHOLE)[name], filesystem=filesystem)
    return StoredTable(place, rows)


def stored(path: OutputLocation) -> tuple[str, Any]:
    """Return the name and file system by which pyarrow opens a file or folder, of this machine or on a store.

    >>> stored(Path("out/documents"))
    ('out/documents', None)
    """
    return (str(path), None) if isinstance(path, Path) else (path.path, path.fs)


def read_file(path: OutputLocation, name: str, columns: Sequence[str] | None = None) -> pa.Table:
    """Read one file of the table `name`, or some of its columns."""
    source, filesystem = stored(path)
    with damage_in_words(path):
        return pq.read_table(source, columns=columns, schema=(TABLES | WHOLE)[name], filesystem=filesystem)


def columns_of(path: OutputLocation) -> list[str]:
    """Return the names of a file's columns."""
    source, filesystem = stored(path)
    with damage_in_words(path):
        names: list[str] = pq.read_schema(source, filesystem=filesystem).names
    return names


def refuse_other_schema(out: OutputLocation, runs: Sequence[str]) -> None:
    """Raise UserError where the newest run follows another version of the contract: its columns may mean other things.

    A file that is damaged or gone is left to what reads its rows.
    """
    if not runs:
        return
    source, filesystem = stored(folder_of(out, "documents", runs[-1]) / part_name(0))
    with suppress(pa.ArrowException, OSError):
        metadata = pq.read_schema(source, filesystem=filesystem).metadata or {}
        stated = metadata.get(b"schema_version", b"").decode()
        if stated not in ("", SCHEMA_VERSION):
            raise UserError(
                f"{in_short(out)}: run {runs[-1]} was written by another version of copydesk (schema_version {stated} "
                f"of the tables; this version knows {SCHEMA_VERSION}). Use that version, or another --out."
            )


@overload
def folder_of(out: Path, name: str, run: str) -> Path: ...
@overload
def folder_of(out: UPath, name: str, run: str) -> UPath: ...
def folder_of(out: OutputLocation, name: str, run: str) -> OutputLocation:
    """Return the folder of the table `name` of a run."""
    return out / name / f"run={run}"


def part_files(folder: OutputLocation) -> list[OutputLocation]:
    """Return the parts of a table, given its folder, in the order of their numbers.

    Raises MissingTableError if one is gone.
    """
    refuse_missing_parts(folder)
    return [folder / name for name in sorted(part_names(folder))]


def refuse_missing_parts(folder: OutputLocation) -> None:
    """Raise MissingTableError where a part of a table is gone, given its folder."""
    if lost := missing_parts(folder):
        raise missing_table(lost[0])


def missing_parts(folder: OutputLocation) -> list[OutputLocation]:
    """Return the parts of a published table that are gone, given its folder: those that its partner has and it lacks.

    The partner of `documents` is the ledger, that of the others `documents`. A staged table has none.
    """
    table, run, own = folder.parent.name, folder.name, part_names(folder)
    if not run.startswith("run="):
        return []
    partner = folder.parent.parent / ("ledger" if table == "documents" else "documents") / run
    expected = part_names(partner) if table in TABLES else set[str]()
    return [folder / name for name in sorted((expected or {part_name(0)}) - own)]


def part_names(folder: OutputLocation) -> set[str]:
    """Return the file names of the parts of a table that are there, given its folder."""
    return {path.name for path in folder.glob("part-*.parquet")}


def parts(out: OutputLocation, run: str) -> Iterator[dict[str, pa.Table]]:
    """Read all tables of a run, part by part: each dictionary holds every row of the part's documents."""
    for path in part_files(folder_of(out, "documents", run)):
        yield {name: read_file(folder_of(out, name, run) / path.name, name) for name in TABLES}
