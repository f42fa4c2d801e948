"""The command line as a user meets it: what it prints, its exit codes, no traceback for a mistake of theirs."""

import json
import os
import re
import shutil
import sys
from collections import Counter
from inspect import signature
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from rich.console import Console

from pipeline.cli import summary
from pipeline.cli.commands.run import LARGE_BYTES, EngineName, run
from pipeline.engines.registry import ENGINES
from pipeline.runs.report import RunReport
from pipeline.settings import RunSettings
from pipeline.settings.model import OPTIONS
from pipeline.storage.output_folder import OutputFolder
from pipeline.tally import Tally
from tests.helpers.command import clean

MISTAKES = {
    "an input that does not exist": (["run", "nowhere.jsonl"], "there is no such file"),
    "an input whose name is misspelt": (["run", "new.txt"], "Did you mean news.txt?"),
    "a glob that matches nothing": (["run", "*.nothing"], "no file matches"),
    "a settings file that does not exist": (["run", "news.txt", "--config", "no.toml"], "does not exist"),
    "a settings file that is no TOML": (["run", "news.txt", "--config", "news.txt"], "not valid TOML"),
    "an option in a settings file": (
        ["run", "news.txt", "--config", "option.toml"],
        "it is an option: clean run --workers",
    ),
    "an unknown section": (["run", "news.txt", "--config", "section.toml"], "did you mean 'noise'"),
    "an unknown key": (["run", "news.txt", "--config", "key.toml"], "did you mean 'max_failed_share'"),
    "a value of the wrong type": (["run", "news.txt", "--config", "type.toml"], "Expected `float`"),
    "a value out of range": (["run", "news.txt", "--config", "range.toml"], "between 0 and 1"),
    "a rule pack that does not exist": (["run", "news.txt", "--config", "pack.toml"], "neither a file nor"),
    "a settings file in another encoding": (["config", "--config", "utf16.toml"], "Save it in that encoding"),
    "a settings file that is a folder": (["config", "--config", "folder"], "Is a directory"),
    "a settings file nested without end": (["config", "--config", "deep.toml"], "nested too deep"),
    "a rule pack with a slip in its name": (["config", "--config", "slip.toml"], "did you mean 'en'?"),
    "a file of answers where a folder is meant": (["learn", "--outlets", "news.txt", "--out", "done"], "not a file"),
    "a key of another section": (["config", "--config", "other.toml"], "it is a key of [run]"),
    "a protocol with a slip in its name": (["run", "ss3://crawl/news.jsonl"], "Did you mean s3://?"),
    "a protocol alone": (["run", "http://"], "a protocol without an address"),
    "answers in no folder": (["config", "--config", "answers.toml"], "not a file"),
    "an outlet with two ranks": (["config", "--config", "ranks.toml"], "names 'holm' twice"),
    "an empty output": (["run", "news.txt", "--out", ""], "was given an empty one"),
    "an empty file of settings": (["run", "news.txt", "--config", ""], "was given an empty one"),
    "an empty file of metrics": (["run", "news.txt", "--metrics", ""], "needs the name of a file"),
    "an empty document id": (["restore", "", "--out", "done"], "no document was named"),
    "an output where nothing can be": (["run", "news.txt", "--out", "/proc/news"], "Name another folder"),
    "an input in the output": (["run", "news.txt", "--out", "."], "lies in the output folder"),
    "the output as input": (["run", "done", "--out", "done"], "lies in the output folder"),
    "a link to the output as input": (["run", "link", "--out", "done"], "lies in the output folder"),
    "a window that ends before it begins": (
        ["run", "news.txt", "--since", "2031-02-01", "--until", "2031-01-01"],
        "is not before",
    ),
    "a time before all times": (["run", "news.txt", "--since", "0001-01-01T00:00+23:00"], "before the first year"),
    "a history longer than history": (["run", "news.txt", "--history-days", "9999999999"], "between 1 and"),
    "an outlet that is blank": (["run", "news.txt", "--outlet", " "], "must not be empty"),
    "an outlet with control characters": (["run", "news.txt", "--outlet", "a\x1b[2J"], "no control characters"),
    "flows of canonical texts": (["export", "--to", "flows", "--canonical", "--out", "done"], "leave them out"),
    "an output that is a file": (["run", "news.txt", "--out", "news.txt"], "it is a file. Name another folder"),
    "a run id that is no name": (["run", "news.txt", "--run-id", "a/b"], "run id"),
    "a master without the engine": (["run", "news.txt", "--master", "yarn"], "Add --engine spark"),
    "a configuration that is none": (["run", "news.txt", "--engine", "spark", "--spark-conf", "fast"], "KEY=VALUE"),
    "a master without a port": (["run", "news.txt", "--engine", "spark", "--master", "spark://one"], "HOST:PORT"),
    "no corpus to restore from": (["restore", "abc"], "no corpus in out/"),
    "no corpus to verify": (["verify", "--out", "empty"], "no corpus in empty/"),
    "texts without a folder": (["export", "--to", "text", "--out", "done"], "writes a folder"),
    "a run that does not exist": (["export", "monday", "--out", "done"], "no run 'monday'"),
    "a document that does not exist": (["explain", "ffffffff", "--out", "done"], "no document 'ffffffff'"),
    "words of no document": (["explain", "an owl", "--out", "done"], "`clean find --out done` lists the documents"),
    "an outlet that is not there": (["forget", "--outlet", "Owl", "--out", "done"], "no article with the outlet 'Owl'"),
    "a day in words": (["run", "news.txt", "--since", "Monday"], "nor a time with its zone. Try: 2026-03-01 or"),
    "an export without a format": (["export", "-o", "texts", "--out", "done"], "says no format: add --to"),
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a text, some wrong settings, and a run of the text in `done/`."""
    folder = tmp_path_factory.mktemp("desk")
    story = "The ferry to Holm sails again from Monday, the harbour office said after nine days of storm."
    (folder / "news.txt").write_text(f"Share this story\n\n{story}\n\nBy Mara Quill\n", encoding="utf-8")
    settings = {
        "section": "[noize]\n",
        "option": "[run]\nworkers = 4\n",
        "key": "[run]\nmax_failed_shar = 0.1\n",
        "type": '[run]\nmax_failed_share = "much"\n',
        "range": "[run]\nmax_failed_share = 2.0\n",
        "pack": '[evidence]\nrule_packs = ["klingon"]\n',
        "answers": '[evidence]\noutlets = "news.txt"\n',
        "ranks": '[near_duplicates]\noutlet_rank = ["holm", "quay", "holm"]\n',
        "slip": '[evidence]\nrule_packs = ["any", "eng"]\n',
        "deep": f"a = {'[' * 5000}{']' * 5000}",
        "other": "[extract]\nbatch_documents = 3\n",
    }
    (folder / "utf16.toml").write_text("[run]\n", encoding="utf-16")
    (folder / "folder").mkdir()
    (folder / "link").symlink_to("done")
    for name, text in settings.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    previous = Path.cwd()
    os.chdir(folder)
    try:
        assert clean("run", "news.txt", "--out", "done", "--quiet") == 0
    finally:
        os.chdir(previous)
    return folder


@pytest.fixture
def here(desk: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(desk)
    monkeypatch.setenv("COLUMNS", "200")
    return desk


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_users_mistake_is_told_in_one_line_with_exit_code_2(
    here: Path, capsys: pytest.CaptureFixture[str], mistake: str
) -> None:
    arguments, told = MISTAKES[mistake]
    assert clean(*arguments) == 2
    said = capsys.readouterr().err
    assert said.startswith("clean: ")
    assert told in said
    assert "Traceback" not in said


def only_document(out: Path) -> str:
    from pipeline.storage.tables import read

    return str(read(out, "documents", OutputFolder(out).runs())["doc_id"].to_pylist()[0])


def test_restore_prints_the_text_before_cleaning(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert clean("restore", only_document(here / "done"), "--out", "done") == 0
    assert capsys.readouterr().out == (here / "news.txt").read_text(encoding="utf-8") + "\n"


def test_the_beginning_of_an_id_is_enough(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert clean("restore", only_document(here / "done")[:6], "--out", "done") == 0
    assert "ferry to Holm" in capsys.readouterr().out


@pytest.mark.parametrize("what", ["document", "file"])
def test_explain_shows_what_was_cut_and_by_which_rule(
    here: Path, capsys: pytest.CaptureFixture[str], what: str
) -> None:
    target = "news.txt" if what == "file" else only_document(here / "done")
    assert clean("explain", target, "--out", "done") == 0
    said = capsys.readouterr().out
    assert "Share this story  [cut: social" in said
    assert "The ferry to Holm sails again" in said


def test_explain_says_of_what_is_no_document_where_it_stands_and_why(
    here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "news.jsonl").write_text('{"number": 7}\n[1]\n', encoding="utf-8")
    assert clean("explain", str(tmp_path / "news.jsonl")) == 0
    first, second = capsys.readouterr().out.strip().split("\n\nno document: ")
    assert first.startswith("no document: ") and "news.jsonl:1" in first
    assert "no column that holds a text in: number" in first
    assert "malformed" in second


def test_rules_that_change_nothing_say_so(here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "news.txt").write_text("The ferry to Holm sails again from Monday, they said.", encoding="utf-8")
    assert clean("rules", "--try", str(tmp_path / "news.txt")) == 0
    assert "nothing is cut or moved here" in capsys.readouterr().out


def test_rules_are_listed_with_examples_and_can_be_tried_on_a_file(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert clean("rules") == 0
    listed = capsys.readouterr().out
    assert "en: " in listed
    assert re.search(
        r"  any\.gallery-show-all  nav\n      cuts    12 show all .*\n      leaves  12 photos were taken", listed
    )
    assert clean("rules", "--try", "news.txt") == 0
    tried = capsys.readouterr().out
    assert "Share this story  [cut: social" in tried
    assert "The ferry to Holm sails again" not in tried


@pytest.mark.parametrize("to", ["jsonl", "csv"])
def test_export_writes_the_cleaned_documents(here: Path, capsys: pytest.CaptureFixture[str], to: str) -> None:
    assert clean("export", "--to", to, "--out", "done") == 0
    said = capsys.readouterr().out
    assert "The ferry to Holm sails again" in said
    assert "Share this story" not in said


def test_export_writes_a_text_file_for_every_document(here: Path, tmp_path: Path) -> None:
    assert clean("export", "--to", "text", "--output", str(tmp_path / "texts"), "--out", "done") == 0
    (file,) = (tmp_path / "texts").glob("*.txt")
    assert file.read_text(encoding="utf-8").startswith("The ferry to Holm")


def test_runs_lists_the_published_runs(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert clean("runs", "--out", "done") == 0
    assert OutputFolder(here / "done").runs()[0] in capsys.readouterr().out
    assert clean("runs", "--out", "done", "--json") == 0
    assert json.loads(capsys.readouterr().out)[0]["counts"]["documents_out"] == 1


def test_verify_praises_a_good_corpus_and_finds_a_changed_one(
    here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert clean("verify", "--out", "done") == 0
    out = tmp_path / "out"
    assert clean("run", "news.txt", "--out", str(out), "--run-id", "r", "--quiet") == 0
    part = next((out / "ledger" / "run=r").glob("*.parquet"))
    shutil.copyfile(part, part.with_name("part-00001.parquet"))
    capsys.readouterr()
    assert clean("verify", "--out", str(out)) == 1
    assert "part-00001.parquet is missing" in capsys.readouterr().out


def test_the_summary_for_machines_is_json(here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert clean("run", "news.txt", "--out", str(tmp_path / "out"), "--json") == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["documents_out"] == 1
    assert {"stage": "noise", "action": "cut", "reason": "social", "rows": 1, "words": 3} in printed["ledger"]
    by_rule, by_reason = (sum(row["words"] for row in printed[name]) for name in ("rules", "ledger"))
    assert by_rule == by_reason == 6


def test_the_summary_and_the_manifest_say_how_many_words_each_rule_cut(here: Path) -> None:
    done = OutputFolder(here / "done")
    rules = done.manifest(done.runs()[0])["counts"]["rules"]
    assert [(rule["rows"], rule["words"]) for rule in rules] == [(1, 3), (1, 3)]
    assert all(rule["rule"].partition(".")[0] in ("any", "en") for rule in rules)


def test_the_summary_shows_the_rules_that_cut_most_and_adds_up_the_others() -> None:
    words = Counter({"any.share": 40, "template": 30} | {f"en.rule-{n}": n for n in range(1, 10)})
    tally = Tally(documents_in=1, documents_out=1, rule_rows=Counter(dict.fromkeys(words, 2)), rule_words=words)
    console = Console(width=100)
    with console.capture() as printed:
        console.print(summary.render(RunReport("r", Path("out"), tally)))
    rows = [line.split() for line in printed.get().splitlines()]
    assert ["any.share", "2", "40"] in rows
    assert ["3", "other", "rules", "6", "6"] in rows


def test_the_summary_leaves_out_what_was_not_done(
    here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    story = "The ferry to Holm sails again from Monday, the harbour office said after nine days of storm."
    (tmp_path / "news.txt").write_text(story, encoding="utf-8")
    assert clean("run", str(tmp_path / "news.txt"), "--out", str(tmp_path / "out"), "--run-id", "a-long-name") == 0
    first, *rest = capsys.readouterr().out.splitlines()
    assert first == "run a-long-name"
    assert "what was done" not in rest
    assert not [line for line in rest if "clean report" in line]


def test_the_summary_says_where_to_find_the_inputs_that_gave_nothing(
    here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty.txt").write_text("", encoding="utf-8")
    assert clean("run", "news.txt", str(tmp_path / "empty.txt"), "--out", str(tmp_path / "out")) == 0
    assert f"which inputs failed or were skipped: clean report --out {tmp_path / 'out'}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "content", "exit_code", "told"),
    [
        ("news.bin", "\x7fELF\x02", 2, "all that was found was skipped (1 unknown kind). `clean explain FILE` says"),
        ("news.jsonl", '{"headline": "Ferry", "body": ""}', 2, "all that was found was skipped (1 empty)"),
        ("news.jsonl", '{"number": 7}', 1, "The columns are found out by their names and values; [sources.fields]"),
    ],
)
def test_a_run_without_documents_says_why(
    here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: str, exit_code: int, told: str
) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    assert clean("run", str(tmp_path / name), "--out", str(tmp_path / "out")) == exit_code
    said = capsys.readouterr()
    assert told in said.out + said.err


def test_the_printed_settings_can_be_read_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # paths of a settings file are relative to its folder
    assert clean("config") == 0
    path = Path("settings.toml")
    path.write_text(capsys.readouterr().out, encoding="utf-8")
    assert clean("config", "--config", str(path)) == 0
    assert capsys.readouterr().out == path.read_text(encoding="utf-8")


def test_every_command_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert clean("--help") == 0
    said = capsys.readouterr().out
    for command in ("run", "config", "rules", "explain", "restore", "export", "runs", "verify"):
        assert command in said
        assert clean(command, "--help") == 0


def test_tables_of_another_version_are_refused_by_readers_and_by_the_next_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "news.txt").write_text("The ferry to Holm sails again from Monday.", encoding="utf-8")
    (tmp_path / "more.txt").write_text("The baker of Holm had worked through the night.", encoding="utf-8")
    out = str(tmp_path / "out")
    assert clean("run", str(tmp_path / "news.txt"), "--out", out, "--quiet") == 0
    for path in tmp_path.glob("out/documents/*/*.parquet"):
        pq.write_table(pq.read_table(path).replace_schema_metadata({"schema_version": "2"}), path)
    for words in (["find"], ["export"], ["verify"], ["run", str(tmp_path / "more.txt")]):
        assert clean(*words, "--out", out) == 2
        said = capsys.readouterr().err
        assert (
            "was written by another version of copydesk (schema_version 2 of the tables; this version knows 1)" in said
        )


def test_standard_input_is_read_as_json_lines(tmp_path: Path) -> None:
    import subprocess

    line = json.dumps({"id": "1", "outlet": "holm", "text": "The ferry to Holm sails again from Monday."})
    command = [
        sys.executable,
        "-c",
        "from pipeline.cli import main; main()",
        "run",
        "-",
        "--out",
        str(tmp_path / "out"),
    ]
    done = subprocess.run(command, input=line, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "in" in done.stdout
    assert len(OutputFolder(tmp_path / "out").runs()) == 1


def test_paths_and_ids_are_never_broken_across_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    folder = tmp_path / ("a folder with a very long name " * 6).strip() / ("b-" * 100)
    folder.mkdir(parents=True)
    news, out, run_id = folder / "news.txt", folder / "out", "run-" + "x" * 90
    story = "The ferry to Holm sails again from Monday, the harbour office said after nine days of storm."
    news.write_text(story, encoding="utf-8")
    (folder / "broken.jsonl").write_text('{"number": 7}\n', encoding="utf-8")

    def printed(*arguments: str) -> str:
        assert clean(*arguments) in {0, 1, 2}
        done = capsys.readouterr()
        return done.out + done.err

    summary = printed("run", str(news), "--out", str(out), "--run-id", run_id)
    assert f"tables in {out}/" in summary
    assert run_id in summary
    assert run_id in printed("run", str(news), "--out", str(out)), "nothing new to do since that run"
    assert run_id in printed("runs", "--out", str(out))
    assert str(news) in printed("explain", only_document(out), "--out", str(out))
    assert f"no document: {folder}/broken.jsonl:1" in printed("explain", str(folder / "broken.jsonl"))
    assert str(folder / "nowhere") in printed("run", str(folder / "nowhere"))
    assert str(folder / "flows.csv") in printed("export", "--output", str(folder / "flows.csv"), "--out", str(out))
    part = next((out / "ledger" / f"run={run_id}").glob("*.parquet"))
    part.write_bytes(b"no Parquet")
    assert f"{part} is damaged" in printed("verify", "--out", str(out))


def test_the_option_for_engines_takes_those_that_there_are() -> None:
    assert [each.value for each in EngineName] == list(ENGINES)


def test_workers_start_early_for_what_is_too_large_for_the_main_process_by_default() -> None:
    assert RunSettings().small_bytes == LARGE_BYTES


def test_what_a_settings_file_is_told_to_be_an_option_is_one() -> None:
    assert frozenset(signature(run).parameters) >= OPTIONS
