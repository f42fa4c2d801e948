"""Ctrl-C at any moment of `clean run`: one line, exit code 130, no traceback of any process."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.helpers.held import HEEDS_SIGNALS, HOLD, wait_until_held

STORY = "The ferry to Holm sails again from Monday, the harbour office said after nine days of storm."
#: Handles Ctrl-C as the program does from its first line on, says so, and goes on as the program.
PROGRAM = HEEDS_SIGNALS + (
    "from copydesk.__main__ import main; from pipeline import interrupts; interrupts.begin(); print(flush=True); main()"
)

SHORT, LONG = 3, 60


def start(folder: Path, out: str, *options: str, program: str = PROGRAM) -> "subprocess.Popen[str]":
    """Start `clean run` as the leader of a process group, as a shell does, and wait until it handles Ctrl-C."""
    command = [sys.executable, "-c", program, "run", "news", "--out", out, "--workers", "1", *options]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen(command, cwd=folder, text=True, start_new_session=True, **pipes)  # type: ignore[call-overload]
    assert process.stdout.readline() == "\n"
    return process  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A text for the main process, and pages, which a worker reads."""
    folder = tmp_path_factory.mktemp("interrupted")
    (folder / "news").mkdir()
    (folder / "news" / "story.txt").write_text(STORY, encoding="utf-8")
    page = f"<html><body><article><h1>Ferry</h1><p>{STORY}</p><p>{STORY[::-1]}</p></article></body></html>"
    for at in range(3):
        (folder / "news" / f"page-{at}.html").write_text(page.replace("Monday", f"day {at}"), encoding="utf-8")
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


def test_an_interrupted_run_is_continued_by_the_same_command(news: Path, tmp_path: Path) -> None:
    shutil.copytree(news / "news", tmp_path / "news")
    process = start(tmp_path, "out", program=HOLD + PROGRAM)
    wait_until_held(process, tmp_path)
    os.killpg(process.pid, signal.SIGINT)
    assert "Run the same command again to continue" in process.communicate()[1]
    assert process.returncode == 130
    again = start(tmp_path, "out")
    said = "".join(again.communicate())
    assert again.returncode == 0
    assert "resumed run" in said


def test_a_json_log_has_a_line_for_an_interrupt_while_code_is_loaded(news: Path, tmp_path: Path) -> None:
    from pipeline.cli.json_log import interrupted_at_once

    assert '"event": "run_failed"' in interrupted_at_once()
    assert '"exit_code": 130' in interrupted_at_once()
