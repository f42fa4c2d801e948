"""The files of tables: what other readers stumble over."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from pipeline.storage.tables import DOCUMENTS, TABLES, open_table, write_part


def test_a_table_without_rows_has_its_columns_and_no_row_group(tmp_path: Path) -> None:
    for name, schema in TABLES.items():
        file = pq.ParquetFile(write_part(tmp_path, name, 0, schema.empty_table()))
        assert file.metadata.num_row_groups == 0
        assert file.schema_arrow.names == schema.names
        assert file.schema_arrow.metadata[b"schema_version"] == b"1"


def test_lists_are_empty_and_never_missing(tmp_path: Path) -> None:
    values = {pa.string(): "x", pa.large_string(): "x", pa.int32(): 1, pa.float32(): 0.0, pa.bool_(): False}
    row = {field.name: values.get(field.type) for field in DOCUMENTS if not field.nullable}
    written = write_part(tmp_path, "documents", 0, pa.Table.from_pylist([row], schema=DOCUMENTS))
    assert [pq.read_table(written)[name].to_pylist() for name in ("authors", "wire")] == [[[]], [[]]]


def written_parts(folder: Path) -> Path:
    """Two parts of 1,500 documents each, in the order of their times, as an output folder holds them."""
    values = {pa.string(): "x", pa.large_string(): "x", pa.int32(): 1, pa.float32(): 0.0, pa.bool_(): False}
    blank = {field.name: values.get(field.type) for field in DOCUMENTS if not field.nullable}
    begin = datetime(2031, 5, 3, tzinfo=UTC)
    for part in range(2):
        numbers = range(part * 1500, part * 1500 + 1500)
        rows = [blank | {"doc_id": f"{number * 7919 % 3001:032x}", "published": begin + timedelta(hours=number)}
                for number in numbers]  # fmt: skip
        write_part(folder, "documents", part, pa.Table.from_pylist(rows, schema=DOCUMENTS))
    return folder / "documents"


def test_a_span_of_time_and_an_id_are_in_few_row_groups(tmp_path: Path) -> None:
    folder = written_parts(tmp_path)
    rows = ds.dataset(folder, format="parquet", schema=DOCUMENTS)
    groups = [group for part in rows.get_fragments() for group in part.split_by_row_group()]
    assert [group.row_groups[0].num_rows for group in groups] == [512, 512, 476, 512, 512, 476]
    day = datetime(2031, 5, 5, tzinfo=UTC)
    in_a_day = (pc.field("published") >= day) & (pc.field("published") < day + timedelta(days=1))
    left = [group for part in rows.get_fragments() for group in part.split_by_row_group(filter=in_a_day)]
    assert len(left) == 1
    assert rows.to_table(filter=in_a_day).num_rows == 24


def test_other_readers_skip_row_groups_by_their_statistics(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    folder = written_parts(tmp_path)
    groups = duckdb.sql(
        f"SELECT count(*) FROM parquet_metadata('{folder}/*.parquet') WHERE path_in_schema = 'published' "
        "AND stats_max >= '2031-05-05' AND stats_min < '2031-05-06'"
    ).fetchall()
    assert groups == [(1,)]


def test_a_document_is_read_from_its_row_group_alone(tmp_path: Path) -> None:
    stored = open_table(written_parts(tmp_path), "documents")
    wanted = f"{2000 * 7919 % 3001:032x}"
    found = stored.of_document(wanted)
    assert found["doc_id"].to_pylist() == [wanted]
    assert found.schema.names == DOCUMENTS.names
    groups = [group for part in stored.rows.get_fragments() for group in part.split_by_row_group()]
    assert [group.count_rows(filter=pc.field("doc_id") == wanted) for group in groups] == [0, 0, 0, 1, 0, 0]
    assert stored.of_document("f" * 32).num_rows == 0
