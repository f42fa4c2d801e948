"""Kinds of input: one list, from which suffixes, detection by content and readers derive."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline import sources
from pipeline.sources import kinds
from pipeline.sources.documents import Problem, failed
from pipeline.sources.records import Columns, Record
from pipeline.sources.streams import Stream


def read_telegrams(
    source: sources.Input, stream: Stream, settings: sources.Settings, columns: Columns
) -> Iterator[Record | Problem]:
    """Read a toy format: a heading, then one document per line; a line of "?" is broken."""
    for line in list(stream.lines(settings.max_row_bytes))[1:]:
        uri = f"{source.uri}:{line.number}"
        if line.content == b"?":
            yield failed(uri, "malformed", "a telegram without words")
        else:
            yield Record(uri, {"text": line.content.decode()})


TELEGRAMS = kinds.Kind("telegrams", (".tgm",), lambda head: head.startswith(b"TELEGRAMS"), records=read_telegrams)
CONTENT = b"TELEGRAMS\nThe ferry sails.\n?\nThe ferry is late.\n"


@pytest.fixture
def with_telegrams(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "KINDS", (*kinds.KINDS, TELEGRAMS))


@pytest.mark.usefixtures("with_telegrams")
@pytest.mark.parametrize("name", ["news.tgm", "NEWS.TGM.gz", "news", "news.dat"])
def test_a_kind_is_added_by_one_entry_in_the_list(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(gzip.compress(CONTENT) if name.endswith("gz") else CONTENT)
    for given in (tmp_path / name, tmp_path):
        (batch,) = sources.batches(sources.plan([str(given)]), sources.Settings())
        assert batch.documents["raw"].to_pylist() == [b"The ferry sails.", b"The ferry is late."]
        assert batch.ledger["reason"].to_pylist() == ["malformed"]


@pytest.mark.usefixtures("with_telegrams")
def test_the_hint_for_unknown_files_names_an_added_kind(tmp_path: Path) -> None:
    (tmp_path / "news.bin").write_bytes(b"\x01\x02\x00")
    (batch,) = sources.batches(sources.plan([str(tmp_path)]), sources.Settings())
    assert " .tgm," in batch.ledger["after"][0].as_py()


def test_names_and_suffixes_of_kinds_are_unique_and_in_lower_case() -> None:
    names = [kind.name for kind in kinds.KINDS]
    suffixes = [suffix for kind in kinds.KINDS for suffix in kind.suffixes]
    assert len({*names}) == len(names)
    assert len({*suffixes}) == len(suffixes)
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in suffixes)
