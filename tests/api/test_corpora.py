"""A corpus from Python: streams of batches and of values, filters, and what they refuse."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

import copydesk
from pipeline.storage.rows import Document, LedgerRow, Paragraph, Passage
from pipeline.storage.tables import TABLES, read


@pytest.fixture(scope="module")
def corpus(sample_run: Path) -> copydesk.PublishedCorpus:
    return copydesk.open_corpus(sample_run)


@pytest.mark.parametrize(
    ("kind", "table"),
    [(Document, "documents"), (Paragraph, "paragraphs"), (Passage, "passages"), (LedgerRow, "ledger")],
)
def test_values_have_the_columns_of_their_table(kind: type, table: str) -> None:
    assert [each.name for each in dataclasses.fields(kind)] == TABLES[table].names


def test_values_and_batches_hold_the_rows_of_the_tables(corpus: copydesk.PublishedCorpus, sample_run: Path) -> None:
    assert corpus.runs == ["sample"]
    assert corpus.manifests()[0]["run_id"] == "sample"
    every = {"latest_versions_only": False}
    for name, streams in {
        "documents": corpus.documents,
        "paragraphs": corpus.paragraphs,
        "passages": corpus.passages,
    }.items():
        stream, rows = streams(**every), read(sample_run, name, ["sample"]).drop_columns(["run"])  # type: ignore[operator]
        assert stream.to_table().cast(rows.schema).equals(rows), name
        first = next(iter(stream))
        assert first.doc_id == rows["doc_id"][0].as_py()
        assert sum(1 for _ in stream) == len(rows) == sum(map(len, stream.batches()))
    document = next(iter(corpus.documents()))
    assert isinstance(document.authors, tuple)
    assert document.published is None or document.published.tzinfo is not None


def test_filters_choose_documents_and_what_belongs_to_them(corpus: copydesk.PublishedCorpus) -> None:
    plume = list(corpus.documents(outlets="daily-plume", languages=["en"]))
    assert {each.outlet for each in plume} == {"daily-plume"}
    ids = {each.doc_id for each in plume}
    assert {row.doc_id for row in corpus.ledger(outlets="daily-plume")} <= ids
    assert {row.doc_id for row in corpus.paragraphs(outlets="daily-plume")} == ids
    until, since = (list(corpus.documents(**{name: "2025-03-06"})) for name in ("until", "since"))  # type: ignore[arg-type]
    assert until
    assert since
    assert max(each.published for each in until) < datetime(2025, 3, 6, tzinfo=UTC)  # type: ignore[type-var]
    assert all(each.n_words >= 300 for each in corpus.documents(min_words=300))
    assert all(each.duplicate_of is None for each in corpus.documents(without_duplicates=True))
    canonical = list(corpus.passages(canonical_only=True))
    assert len({each.cluster_id for each in canonical}) == len(canonical)
    assert all(each.is_canonical for each in corpus.paragraphs(canonical_only=True))


def test_some_columns_come_as_batches_only(corpus: copydesk.PublishedCorpus) -> None:
    stream = corpus.paragraphs(columns=["text"], canonical_only=True)
    assert stream.to_table().column_names == ["text"]
    assert stream.to_reader().schema.names == ["text"]
    assert pa.table(stream).num_columns == 1
    with pytest.raises(copydesk.UserError, match="need all columns"):
        next(iter(stream))


def test_failures_are_the_inputs_that_became_no_document(corpus: copydesk.PublishedCorpus) -> None:
    assert {row.action for row in corpus.failures()} == {"skipped"}
    assert len(corpus.failures("sample").to_table()) == 7


def test_what_is_not_there_is_refused_in_words(corpus: copydesk.PublishedCorpus, tmp_path: Path) -> None:
    refused = {
        "no run 'spring'": lambda: corpus.documents(runs="spring"),
        "no column 'txt'. It has: doc_id": lambda: corpus.documents(columns=["txt"]),
        "'essay' is no kind of page": lambda: corpus.paragraphs(page_kinds="essay"),
        "since yesterday: neither a date": lambda: corpus.documents(since="yesterday"),
        "outlets is empty": lambda: corpus.documents(outlets=[]),
        "a time needs its zone": lambda: corpus.documents(since=datetime(2026, 3, 1)),
        "no corpus in": lambda: copydesk.open_corpus(tmp_path),
        "an output is a folder or s3://": lambda: copydesk.open_corpus("ftp://archive/news"),
    }
    for message, call in refused.items():
        with pytest.raises(copydesk.UserError, match=message):
            call()  # type: ignore[no-untyped-call]
    with pytest.raises(TypeError, match="unknown filter 'outlet'"):
        corpus.documents(outlet="daily-plume")  # type: ignore[call-arg]


def test_a_corpus_on_a_store_is_read_in_the_same_way(prefix: str, sample_run: Path) -> None:
    location = copydesk.output_location(prefix)
    for path in (each for each in sample_run.rglob("*") if each.is_file()):
        (location / path.relative_to(sample_run).as_posix()).write_bytes(path.read_bytes())
    remote, local = copydesk.open_corpus(prefix), copydesk.open_corpus(sample_run)
    chosen: copydesk.Filters = {"outlets": "daily-plume", "languages": "en"}
    assert list(remote.documents(**chosen)) == list(local.documents(**chosen))
    assert list(remote.passages(canonical_only=True, **chosen)) == list(local.passages(canonical_only=True, **chosen))


def test_pandas_keeps_integers_that_have_gaps(corpus: copydesk.PublishedCorpus) -> None:
    pytest.importorskip("pandas")
    frame = corpus.ledger().to_pandas()
    assert {str(frame.dtypes[name]) for name in ("start", "paragraph", "canonical_paragraph")} == {"int32[pyarrow]"}
    assert frame["canonical_paragraph"].isna().any()


def test_streams_are_read_again_from_the_beginning(corpus: copydesk.PublishedCorpus) -> None:
    stream = corpus.documents(columns=["doc_id"])
    first = next(stream.batches())
    assert first.num_rows <= 1024
    assert next(stream.batches()).equals(first)
