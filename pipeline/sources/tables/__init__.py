"""Tables in binary forms: Parquet, Arrow, ORC, Avro, workbooks and databases."""
