"""Tables and runs that are gone: every command that reads them says so in one message, and none says half for all."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import copydesk
from pipeline import settings
from pipeline.api import RunRequest
from pipeline.api import clean as clean_files
from pipeline.errors import UserError
from pipeline.storage.tables import TABLES, WHOLE, part_names, read
from tests.helpers.command import clean
from tests.helpers.runs import write_news

FIRST, SECOND = "night-0", "night-1"
#: Six documents are two parts.
PARTS = settings.parse({"evidence": {"line_model": False}, "run": {"batch_documents": 3, "part_documents": 3}})


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output folder of two runs of two parts each, beside an input that is not yet cleaned."""
    folder = tmp_path_factory.mktemp("nights")
    for number, run in enumerate((FIRST, SECOND)):
        news = write_news(folder, 6, 6 * number)
        clean_files(RunRequest([str(news)], folder / "out", PARTS, workers=1, run_id=run))
    write_news(folder, 6, 12)
    assert len(part_names(folder / "out" / "ledger" / f"run={FIRST}")) == 2
    return folder / "out"


def commands(nights: Path) -> dict[str, list[str]]:
    """Every command that reads a corpus, about documents of the first run or about all."""
    document = read(nights, "documents", [FIRST]).to_pylist()[-1]
    folder = nights.parent
    return {
        "report": ["report", FIRST, "-o", str(folder / "page.html")],
        "explain": ["explain", document["doc_id"], "--no-pager"],
        "find": ["find", *document["text"].split()[:3]],
        "why": ["why", " ".join(document["text"].split()[:8])],
        "diff": ["diff", FIRST, SECOND],
        "export": ["export", "-o", str(folder / "all.jsonl")],
        "export of flows": ["export", "--to", "graphml", "-o", str(folder / "flows.graphml")],
        "runs": ["runs"],
        "restore": ["restore", document["doc_id"]],
        "rules": ["rules", "en.related-glued"],
        "learn": ["learn"],
        "forget": ["forget", document["doc_id"], "--yes"],
        "delete": ["delete", SECOND, "--yes"],
        "verify": ["verify"],
    }


def part_of(table: str) -> Callable[[Path], object]:
    """Remove the last part of a table of the first run."""
    return lambda out: max((out / table / f"run={FIRST}").glob("*.parquet")).unlink()


def folder_of_run(table: str) -> Callable[[Path], object]:
    return lambda out: shutil.rmtree(out / table / f"run={FIRST}")


def whole_table(table: str) -> Callable[[Path], object]:
    return lambda out: shutil.rmtree(out / table)


def all_tables(out: Path) -> None:
    """Leave of the first run its manifest alone."""
    for table in (*TABLES, *WHOLE):
        shutil.rmtree(out / table / f"run={FIRST}")


def tables_of_all_runs(out: Path) -> None:
    for table in (*TABLES, *WHOLE):
        shutil.rmtree(out / table)


def manifest(out: Path) -> None:
    (out / "runs" / f"{FIRST}.json").unlink()


PART, WHOLE_FILE = "part-00001.parquet is missing: it was published and is gone", "part-00000.parquet is missing"
EVERY = "report explain find why export runs restore learn forget"
#: The damage, words of the message, and commands that must end with it; the others may not need what is gone.
KINDS: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "a part of documents": (part_of("documents"), PART, "report export explain find why diff restore forget"),
    "a part of paragraphs": (part_of("paragraphs"), PART, "explain why diff forget delete"),
    "a part of passages": (part_of("passages"), PART, "report explain why diff forget delete"),
    "a part of the ledger": (part_of("ledger"), PART, "report explain why diff restore learn forget delete rules"),
    "the templates": (part_of("templates"), WHOLE_FILE, "learn forget delete"),
    "the flows": (part_of("flows"), WHOLE_FILE, "report forget delete"),
    "the folder of a ledger": (folder_of_run("ledger"), WHOLE_FILE, "explain why forget delete"),
    "the table passages": (whole_table("passages"), WHOLE_FILE, "report explain why forget delete"),
    "the documents of a run": (folder_of_run("documents"), "has a manifest and no documents", "report"),
    "all tables of a run": (all_tables, "has a manifest and no documents", "report"),
    "all tables": (tables_of_all_runs, "no corpus in", f"{EVERY} verify"),
    "a manifest": (manifest, f"{FIRST}.json is missing", f"{EVERY} diff delete verify"),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_each_command_says_in_one_message_what_is_gone_and_what_to_do(
    nights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    remove, words, must_end = KINDS[kind]
    given = commands(nights)
    shutil.copytree(nights, tmp_path / "spoilt")
    remove(tmp_path / "spoilt")
    ended = {}
    for name, arguments in given.items():
        out = tmp_path / "spoilt"
        if name in ("forget", "delete"):
            out = shutil.copytree(tmp_path / "spoilt", tmp_path / name)
        capsys.readouterr()
        ended[name] = clean(*arguments, "--out", str(out))
        said = capsys.readouterr()
        assert "Traceback" not in said.err, (name, said.err)
        assert ended[name] in ((1, 2) if name == "verify" else (0, 2)), (name, said.err)
        if ended[name] == 2 and name in must_end.split():
            message = said.err.splitlines()[-1]
            assert message.startswith("clean: "), (name, said.err)
            assert words in message, (name, said.err)
            assert "backup" in message, (name, said.err)
        if ended[name] == 1:
            assert (words if words.startswith("part-") else "is without its documents") in said.out
    assert [name for name in must_end.split() if ended[name] != 2] == [], ended
    if words.startswith("part-"):
        assert ended["verify"] == 1


def test_a_run_that_lost_what_its_removal_does_not_read_can_be_deleted(nights: Path, tmp_path: Path) -> None:
    out = shutil.copytree(nights, tmp_path / "out")
    for table in ("ledger", "flows", "templates"):
        shutil.rmtree(out / table / f"run={FIRST}")
    assert clean("delete", FIRST, "--yes", "--out", str(out)) == 0
    assert clean("verify", "--out", str(out)) == 0


def test_forgetting_begins_only_where_it_can_end(nights: Path, tmp_path: Path) -> None:
    out = shutil.copytree(nights, tmp_path / "out")
    document = read(out, "documents", [SECOND])["doc_id"].to_pylist()[0]
    folder_of_run("ledger")(out)
    assert clean("forget", document, "--yes", "--out", str(out)) == 2
    assert not (out / "forgotten.json").exists()
    assert document in read(out, "documents", [SECOND])["doc_id"].to_pylist()


def test_the_python_api_raises_an_error_that_names_what_is_gone(nights: Path, tmp_path: Path) -> None:
    out = shutil.copytree(nights, tmp_path / "out")
    part_of("documents")(out)
    corpus = copydesk.open_corpus(out)
    with pytest.raises(UserError, match=r"part-00001\.parquet is missing"):
        list(corpus.documents())
    assert len(list(corpus.documents(runs=SECOND))) == 6, "the other run can be read"
