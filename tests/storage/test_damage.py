"""Damaged files of tables: every command names the file and says what to do, in one message without a traceback."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import copydesk
from pipeline.errors import UserError
from pipeline.storage.reader import Corpus
from pipeline.storage.tables import TABLES, folder_of, read
from tests.helpers.command import clean
from tests.runs.test_power_cut import night

FIRST, SECOND = "night-0", "night-1"


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output folder of two small runs, and an input that is not yet cleaned."""
    folder = tmp_path_factory.mktemp("two")
    night(folder, folder / "out", 0)
    night(folder, folder / "out", 1)
    night(folder, folder / "other", 2)
    return folder / "out"


def commands(two: Path) -> dict[str, list[str]]:
    document = read(two, "documents", [FIRST]).to_pylist()[0]
    folder = two.parent
    return {
        "report": ["report", FIRST, "-o", str(folder / "page.html")],
        "report of all": ["report", "--all-runs", "-o", str(folder / "all.html")],
        "explain": ["explain", document["doc_id"], "--no-pager"],
        "explain by its source's id": ["explain", document["source_id"], "--no-pager"],
        "find": ["find", *document["text"].split()[:3]],
        "why": ["why", " ".join(document["text"].split()[:8])],
        "why nothing": ["why", "The zebra of Holm was seen again"],
        "diff": ["diff", FIRST, SECOND],
        "export": ["export", "-o", str(folder / "all.jsonl")],
        "export of a run": ["export", FIRST, "--to", "csv"],
        "export of flows": ["export", "--to", "graphml", "-o", str(folder / "flows.graphml")],
        "export for Hugging Face": ["export", "--to", "hf", "-o", str(folder / "dataset")],
        "runs": ["runs"],
        "restore": ["restore", document["doc_id"]],
        "rules": ["rules", "en.byline"],
        "learn": ["learn"],
        "forget": ["forget", document["doc_id"], "--dry-run"],
        "delete": ["delete", FIRST, "--dry-run"],
        "verify": ["verify"],
        "run": ["run", str(folder / "news-12.jsonl"), "--quiet", "--workers", "1"],
    }


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def zeros(path: Path) -> None:
    """In the pages of the columns; the end of the file, which tells where they are, is whole."""
    content = bytearray(path.read_bytes())
    content[4 : len(content) // 3] = bytes(len(content) // 3 - 4)
    path.write_bytes(content)


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize(
    ("table", "damage"),
    [*((table, cut_off) for table in (*TABLES, "flows")), ("documents", zeros), ("passages", zeros), ("ledger", empty)],
)
def test_each_command_names_the_damaged_file_and_the_ways_out(
    two: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], table: str, damage: Callable[[Path], None]
) -> None:
    given = commands(two)
    out = tmp_path / "out"
    shutil.copytree(two, out)
    (damaged,) = folder_of(out, table, FIRST).glob("*.parquet")
    damage(damaged)
    ended = {}
    for name, arguments in given.items():
        capsys.readouterr()
        ended[name] = clean(*arguments, "--out", str(out))
        said = capsys.readouterr()
        if ended[name] == 2:
            message = said.err.splitlines()[-1]  # progress may stand above it, on a slow machine
            assert "Traceback" not in said.err, (name, said.err)
            assert message.startswith(f"clean: {damaged} is damaged: "), (name, said.err)
            assert "`clean verify` lists all that is damaged; restore the file" in message
            assert f"move the folders run={FIRST} out of {out}, and clean its inputs again." in message
        elif name == "verify":
            assert ended[name] == 1
            assert f"wrong: {damaged} is damaged: " in said.out
        else:
            assert ended[name] == 0, (name, said.err)
    assert [*ended.values()].count(2) >= {"documents": 9, "flows": 1}.get(table, 4), ended


def test_the_python_api_raises_an_error_that_names_the_file(two: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shutil.copytree(two, out)
    (damaged,) = folder_of(out, "documents", SECOND).glob("*.parquet")
    cut_off(damaged)
    corpus = copydesk.open_corpus(out)
    with pytest.raises(UserError, match=rf"{damaged} is damaged"):
        list(corpus.documents())
    assert list(corpus.documents(runs=FIRST)), "the other run can be read"
    assert Corpus(out).runs == [FIRST, SECOND]
