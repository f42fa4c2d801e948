"""The files of tables: what other readers stumble over."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.storage.tables import DOCUMENTS, TABLES, write_part


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
