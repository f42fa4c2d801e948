"""Hostile inputs: a run ends in time, in words, and with every record accounted for."""

import errno
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline import settings, sources
from pipeline.api import RunRequest, clean
from pipeline.reports.verify import check
from pipeline.sources import reading
from pipeline.sources.compression import Readable
from pipeline.storage.output_folder import OutputFolder
from pipeline.storage.reader import Corpus
from pipeline.storage.tables import read
from tests.helpers import command as line
from tests.helpers.hostile import CASES, ESCAPES, MEGABYTE, STORY, Case

CLEAN = [str(Path(sys.executable).with_name("clean"))]
#: These take most of the time (the last one 40 s of processor time): on their own, by `make test-long`.
SLOW = {
    "floods_of_elements", "texts_against_every_rule", "a_gzip_bomb_in_an_answer", "a_line_of_a_hundred_megabytes",
    "broken_csv", "a_doctype_without_end", "a_page_of_twenty_megabytes", "a_picture_in_the_page",
    "gzip_in_gzip_in_gzip", "elements_nested_without_end", "nothing_but_line_breaks",
    "a_paragraph_of_half_a_million_words", "parquet_of_one_huge_row_group",
    "texts_of_what_is_not_seen", "texts_against_splitting", "one_sentence_twenty_thousand_times",
    "parquet_that_is_a_bomb", "stories_made_of_each_others_sentences", "stories_that_share_all_but_a_figure",
    "the_same_story_two_thousand_times", "one_address_a_thousand_times",
}  # fmt: skip
SECONDS = 300
STEERING = {
    *map(chr, (*range(32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x2028, 0x2029)),
    *map(chr, range(0xD800, 0xE000)),
} - {"\n"}


def accounted(out: Path, folder: Path) -> Counter[str]:
    """For each case below the folder: its documents, and the rows of what was skipped or failed."""
    found: Counter[str] = Counter()
    runs = OutputFolder(out).runs()
    documents = read(out, "documents", runs).to_pylist()
    rows = read(out, "ledger", runs).to_pylist()
    for row in [*documents, *(row for row in rows if row["action"] in {"skipped", "failed"})]:
        found[Path(row["source_uri"]).relative_to(folder).parts[0]] += 1
    return found


def test_there_are_at_least_forty_kinds_of_hostile_input() -> None:
    assert len({each.name for each in CASES}) == len(CASES) >= 40


def test_one_run_over_all_of_them_accounts_for_every_record(tmp_path: Path) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    quick = [each for each in CASES if each.name not in SLOW]
    for each in quick:
        (folder / each.name).mkdir(parents=True)
        each.write(folder / each.name)
    # A page that hangs is given up after 2 seconds, not 10: it is to be accounted for, whatever the limit.
    chosen = settings.parse({"run": {"max_failed_share": 1.0}, "extract": {"seconds": 2.0}})
    report = clean(RunRequest([str(folder)], out, chosen, workers=2))
    assert report.run_id is not None
    found = accounted(out, folder)
    assert {each.name: found[each.name] for each in quick if found[each.name] < each.records} == {}
    assert check(Corpus(out)).wrong == []


def call(*arguments: str) -> subprocess.CompletedProcess[str]:
    """A call of `clean`, that must end in time and without a traceback, and print nothing that steers a terminal."""
    done = subprocess.run(
        [*CLEAN, *arguments], capture_output=True, encoding="utf-8", errors="replace", timeout=SECONDS, check=False
    )
    assert done.returncode in {0, 1, 2}, done.stderr[-2000:]
    assert "Traceback" not in done.stderr
    assert steering(done.stdout + done.stderr) == []
    return done


def steering(printed: str) -> list[str]:
    """The characters among what was printed that a terminal takes for orders."""
    return sorted(set(printed) & STEERING)


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """What `clean` prints, called here."""

    def run(*arguments: str) -> str:
        assert line.clean(*arguments) in {0, 1, 2}
        done = capsys.readouterr()
        return done.out + done.err

    return run


@pytest.mark.parametrize("name", ["fields_that_inject", "markup_in_the_story", "names_of_files_that_inject"])
def test_what_a_document_says_does_not_steer_the_terminal(tmp_path: Path, said: Callable[..., str], name: str) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    next(each for each in CASES if each.name == name).write(folder)
    printed = said("run", str(folder), "--out", str(out), "--log-format", "json", "--metrics", str(tmp_path / "a.prom"))
    documents = read(out, "documents", OutputFolder(out).runs()).to_pylist()
    assert documents
    for document in documents:
        explained = said("explain", document["doc_id"], "--out", str(out))
        assert explained.startswith(f"document {document['doc_id']}\n")
        assert "\nbreak" not in explained, "a title and a name of a file stay in one line"
        printed += explained
    for command in (["runs"], ["verify"], ["learn", "--min-support", "1"], ["learn", "--min-support", "1", "--json"]):
        printed += said(*command, "--out", str(out))
    printed += said("export", "--out", str(out)) + said("run", "--json", "--out", str(out), str(folder))
    for file in folder.iterdir():
        printed += said("explain", str(file), "--out", str(out)) if file.stat().st_size < MEGABYTE else ""
    assert steering(printed + (tmp_path / "a.prom").read_text(encoding="utf-8")) == []
    assert not Path("/tmp/climb").exists()


def test_a_terminal_gets_even_a_documents_own_words_harmless(tmp_path: Path, said: Callable[..., str]) -> None:
    (tmp_path / "news.txt").write_text(f"{ESCAPES}\n\n{STORY}", encoding="utf-8")
    said("run", str(tmp_path / "news.txt"), "--out", str(tmp_path / "out"), "--quiet")
    doc_id = read(tmp_path / "out", "documents", OutputFolder(tmp_path / "out").runs())["doc_id"].to_pylist()[0]
    for command in (["restore", doc_id, "--stage", "repair"], ["explain", doc_id], ["export", "--to", "csv"]):
        ours, theirs = os.openpty()
        calling = [*CLEAN, *command, "--out", str(tmp_path / "out")]
        subprocess.run(calling, stdout=theirs, timeout=SECONDS, check=True, env={**os.environ, "PAGER": "cat"})
        os.close(theirs)
        shown = os.read(ours, MEGABYTE).decode()
        os.close(ours)
        assert STORY[:20] in shown
        assert steering(re.sub(r"\x1b\[[0-9;]*m", "", shown.replace("\r\n", "\n"))) == []


@pytest.mark.parametrize(
    "name", ["news\x1b[2J\u202e.txt", "news\nclean: all is well", "[bold]news[/nothing]", "\udcff\udcfe"]
)
def test_what_an_error_names_is_harmless(tmp_path: Path, said: Callable[..., str], name: str) -> None:
    calls = [
        ["run", name], ["run", str(tmp_path), "--config", name], ["explain", name], ["runs", "--out", name],
        ["run", str(tmp_path / name), "--log-format", "json"], ["learn", "--outlet", name], ["restore", name],
        ["run", str(tmp_path), "--since", name], ["run", str(tmp_path), "--run-id", name], ["export", name],
        ["forget", "--outlet", name],
        ["run", "--metrics", f"/dev/null/{name}"], ["run", str(tmp_path), "--out", f"/dev/null/{name}"],
    ]  # fmt: skip
    for each in calls:
        printed = said(*each)
        assert printed.startswith(("clean: ", "{"))
        assert printed.count("\n") == 1
        assert steering(printed) == []


def test_a_file_that_the_system_did_not_give_is_read_by_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    for name in ("first", "second"):
        (folder / f"{name}.txt").write_text(f"The {name} ferry of the day.\n\n{STORY}")
    whole = reading.open_input

    def hiccup(source: sources.Input) -> Readable:
        if source.name == "second.txt":
            raise OSError(errno.EIO, "Input/output error")
        return whole(source)

    order = RunRequest([str(folder)], out, settings.parse({"run": {"max_failed_share": 1.0}}), workers=1)
    with monkeypatch.context() as patch:
        patch.setattr(reading, "open_input", hiccup)
        assert clean(order).tally.rows["source", "failed", "unreadable"] == 1
    assert clean(order).tally.documents_out == 1, "the same inputs, of which one was not read"
    assert clean(order).run_id is None


@pytest.mark.long
@pytest.mark.parametrize("hostile", CASES, ids=lambda each: each.name)
def test_each_of_them_alone_ends_in_words(tmp_path: Path, hostile: Case) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    (folder / hostile.name).mkdir(parents=True)
    hostile.write(folder / hostile.name)
    allow = tmp_path / "all.toml"
    allow.write_text("[run]\nmax_failed_share = 1.0\n")
    done = call("run", str(folder), "--out", str(out), "--config", str(allow), "--json")
    if done.returncode == 2:
        assert "no documents" in done.stderr
        return
    report = json.loads(done.stdout)
    if report["run_id"] is not None:
        assert accounted(out, folder)[hostile.name] >= hostile.records
        assert call("verify", "--out", str(out)).returncode == 0
