"""Ctrl-C at any moment of `clean run`: one line, exit code 130, no traceback of any process."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

STORY = "The ferry to Holm sails again from Monday, the harbour office said after nine days of storm."
#: Handles Ctrl-C as the program does from its first line on, says so, and goes on as the program.
PROGRAM = (
    "from copydesk.__main__ import main; from pipeline import interrupts; interrupts.begin(); print(flush=True); main()"
)

SHORT, LONG = 5, 60


def start(folder: Path, out: str, *options: str) -> "subprocess.Popen[str]":
    """Start `clean run` as the leader of a process group, as a shell does, and wait until it handles Ctrl-C."""
    command = [sys.executable, "-c", PROGRAM, "run", "news", "--out", out, "--workers", "1", *options]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen(command, cwd=folder, text=True, start_new_session=True, **pipes)  # type: ignore[call-overload]
    assert process.stdout.readline() == "\n"
    return process  # type: ignore[no-any-return]


def write_pages(folder: Path, number: int) -> None:
    """Write pages, which a worker reads."""
    page = f"<html><body><article><h1>Ferry</h1><p>{STORY}</p><p>{STORY[::-1]}</p></article></body></html>"
    for at in range(number):
        (folder / f"page-{at}.html").write_text(page.replace("Monday", f"day {at}"), encoding="utf-8")


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A text for the main process, and pages."""
    folder = tmp_path_factory.mktemp("interrupted")
    (folder / "news").mkdir()
    (folder / "news" / "story.txt").write_text(STORY, encoding="utf-8")
    write_pages(folder / "news", 3)
    return folder


@pytest.fixture(scope="module")
def seconds(news: Path) -> float:
    """How long an undisturbed run takes here and now."""
    begun = time.monotonic()
    process = start(news, "undisturbed", "--quiet")
    _, said = process.communicate()
    assert (process.returncode, said) == (0, "")
    return time.monotonic() - begun


@pytest.mark.parametrize(
    "share",
    [
        pytest.param(at / LONG, marks=() if at % (LONG // SHORT) == 0 else pytest.mark.long, id=f"{at} of {LONG}")
        for at in range(LONG)
    ],
)
def test_ctrl_c_at_any_moment_is_one_line_and_exit_code_130(
    news: Path, seconds: float, share: float, tmp_path: Path
) -> None:
    process = start(news, str(tmp_path / "out"), "--quiet")
    time.sleep(share * seconds)
    os.killpg(process.pid, signal.SIGINT)
    printed, said = process.communicate(timeout=60)  # ends when the last of its processes has
    if process.returncode == 0:  # it was done before the signal came
        assert (printed, said) == ("", "")
        assert list((tmp_path / "out" / "documents").iterdir())
        return
    assert (process.returncode, printed) == (130, ""), said
    assert said.startswith("clean: interrupted")
    assert said.count("\n") == 1, said
    assert ("was published before" in said) == (tmp_path / "out" / "documents").is_dir(), "the line is true"


def interrupted_on_the_way(folder: Path) -> str:
    """Start runs until one is interrupted with some of its work done; return where it goes on from."""
    for at in range(10):
        process = start(folder, f"out-{at}")
        while process.poll() is None and not list(folder.glob(f"out-{at}/.staging/*/checkpoints/prepare/*")):
            time.sleep(0.01)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
        said = process.communicate()[1]
        if process.returncode == 130:  # a busy machine may be done before this process sends the signal
            assert "Run the same command again to continue" in said
            return f"out-{at}"
    raise AssertionError("every run was over before it was interrupted")


def test_an_interrupted_run_is_continued_by_the_same_command(tmp_path: Path) -> None:
    (tmp_path / "news").mkdir()
    write_pages(tmp_path / "news", 300)  # more than a batch
    again = start(tmp_path, interrupted_on_the_way(tmp_path))
    said = "".join(again.communicate())
    assert again.returncode == 0
    assert "resumed run" in said


def test_a_json_log_has_a_line_for_an_interrupt_while_code_is_loaded(news: Path, tmp_path: Path) -> None:
    from pipeline.cli.json_log import interrupted_at_once

    assert '"event": "run_failed"' in interrupted_at_once()
    assert '"exit_code": 130' in interrupted_at_once()
