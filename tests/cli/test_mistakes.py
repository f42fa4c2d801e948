"""Mistakes on the command line: one line in our words, with what was probably meant, and exit code 2."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.command import clean

#: The command line, and what is said about it.
MISTAKES = {
    "rnu news": "unknown command 'rnu'; did you mean run? `clean -h` says more.",
    "blah": "unknown command 'blah'. `clean -h` says more.",
    "news": "unknown command 'news'; to clean that file or folder: clean run news. `clean -h` says more.",
    "--out x run": "options stand behind the command: clean run --out … `clean -h` says more.",
    "--foo": "unknown option --foo. `clean -h` says more.",
    "run news --outlett plume": "unknown option --outlett; did you mean --outlet? `clean run -h` says more.",
    "run -workers 3": "unknown option -workers; did you mean --workers? `clean run -h` says more.",
    "find -z": "unknown option -z. `clean find -h` says more.",
    "explain": "ID|URL|TITLE|FILE is missing: an id or the beginning of it, an address, words of a title, or a file."
    " `clean explain -h` says more.",
    "delete": "RUN is missing: a run's id; `clean runs` lists them. `clean delete -h` says more.",
    "run --workers abc": "--workers abc: needs a whole number. `clean run -h` says more.",
    "run --workers=abc": "--workers abc: needs a whole number. `clean run -h` says more.",
    "run --workers 0": "--workers 0: needs a number of at least 1. `clean run -h` says more.",
    "run --wait -3": "--wait -3: needs a number of at least 0. `clean run -h` says more.",
    "run --wait soon": "--wait soon: needs a number. `clean run -h` says more.",
    "run --strictness hi": "--strictness: 'hi' is not one of 'precision', 'balanced', 'recall'."
    " `clean run -h` says more.",
    "run --limit": "--limit needs a value: read at most N documents, to try a large input."
    " `clean run -h` says more.",
    "run --quiet=1": "--quiet takes no value. `clean run -h` says more.",
    "forget a b": "b is too much after DOC_ID. `clean forget -h` says more.",
    "diff a b c": "c is too much after NEW. `clean diff -h` says more.",
    "runs extra words": "extra words is too much: this command takes options only. `clean runs -h` says more.",
}  # fmt: skip


@pytest.mark.parametrize("words", MISTAKES)
def test_a_mistake_is_told_in_one_line_with_what_was_meant(
    words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "news").mkdir()
    monkeypatch.chdir(tmp_path)
    assert clean(*words.split()) == 2
    said = capsys.readouterr()
    assert said.err == f"clean: {MISTAKES[words]}\n"
    assert said.out == ""


def test_what_was_typed_steers_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (
        ["\x1b[2Jrun"],
        ["run", "--\x1b]0;title\x07"],
        ["run", "--workers", "\x1b[31m4"],
        ["runs", "\u202ea"],
    ):
        assert clean(*words) == 2
        said = capsys.readouterr().err
        assert not {"\x1b", "\x07", "\u202e"} & set(said), said
        assert said.count("\n") == 1


def test_without_a_command_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert clean() == 2
    said = capsys.readouterr()
    assert "To begin with:" in said.out + said.err


def test_on_a_terminal_a_mistake_has_no_box_either() -> None:
    terminal, program = pty.openpty()
    subprocess.run([sys.executable, "-m", "copydesk", "run", "--worker"], check=False, stderr=program, stdout=program)
    os.close(program)
    said = os.read(terminal, 10_000).decode()
    os.close(terminal)
    assert "unknown option --worker; did you mean --workers?" in said
    assert not set("╭│─╰") & set(said)
