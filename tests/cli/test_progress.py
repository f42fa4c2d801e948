"""Progress as a terminal, a log and a narrow window show it."""

import os
import pty
import re
import struct
import subprocess
import sys
import termios
import time
from fcntl import ioctl
from pathlib import Path

import pytest

from pipeline.cli import progress
from tests.helpers.folders import ROOT

PROGRAM = """
import time
from pipeline.cli.progress import show_progress
with show_progress(quiet={quiet}) as show:
    time.sleep(0.3)
    for done in range(0, 1201, 400):
        show("clean", done, 1200)
        time.sleep(0.15)
    show("resolve", 0, 1200)
    time.sleep(0.3)
print("done")
"""


def on_a_terminal(columns: int, quiet: bool = False, **environment: str) -> str:
    """What the program writes on a terminal that is so wide."""
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    names = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", **environment}
    command = [sys.executable, "-c", PROGRAM.format(quiet=quiet)]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=names, cwd="/")
    os.close(theirs)
    written = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        written += piece
    os.close(ours)
    assert process.wait() == 0
    return written.decode()


def frames(written: str) -> list[str]:
    """The lines that were drawn one over the other, without what steers the terminal."""
    return [line for line in re.split(r"\r\n|\r|\n", re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", written)) if line.strip()]


def test_a_terminal_shows_a_bar_with_phase_and_documents_and_clears_it() -> None:
    written = on_a_terminal(120)
    drawn = frames(written)
    assert any("starting" in line for line in drawn)
    assert any("cleaning: 400 of 1,200 documents" in line and "━" in line for line in drawn)
    assert any("finding copied passages: 1,200 documents" in line for line in drawn)
    assert drawn[-1] == "done"
    assert written.rindex("\x1b[?25h") > written.rindex("\x1b[?25l"), "the cursor is shown again"


def test_a_narrow_terminal_has_no_bar_and_no_line_is_broken() -> None:
    drawn = frames(on_a_terminal(40))
    assert max(map(len, drawn)) <= 40
    assert not any("━" in line for line in drawn)
    assert any("cleaning: 400 of 1,200" in line for line in drawn)


def test_no_color_means_none() -> None:
    colours = re.compile(r"\x1b\[[0-9;]*3[0-9][0-9;]*m")
    assert colours.search(on_a_terminal(120))
    assert not colours.search(on_a_terminal(120, NO_COLOR="1"))


def test_a_terminal_that_can_do_nothing_gets_plain_lines() -> None:
    written = on_a_terminal(80, TERM="dumb")
    assert "\x1b" not in written
    assert "cleaning: 0 of 1,200 documents" in frames(written)


def test_quiet_means_no_progress() -> None:
    assert frames(on_a_terminal(80, quiet=True)) == ["done"]


def test_plain_lines_come_when_a_phase_begins_and_while_nothing_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0.1)
    lines: list[str] = []
    with progress._lines(lines.append) as show:
        time.sleep(0.25)
        show("upload", 3, 68)
        time.sleep(0.5)
        show("clean", 0, 10)
        for done in range(10):
            show("clean", done, 10)
    assert lines[0] == "starting"
    assert lines.count("uploading: 3 of 68 uploads") >= 3
    assert lines[-1] == "cleaning: 0 of 10 documents"
    assert len(lines) < 12


def test_a_long_phase_gets_fewer_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pause is a twentieth of the time that the phase has taken, between 3 and 30 seconds."""
    state = progress.PhaseState("clean", 1, 2, begun=time.monotonic() - 400)
    assert progress.pause_after(state.seconds()) == pytest.approx(20, abs=1)
    assert (progress.pause_after(1), progress.pause_after(10_000)) == (3.0, 30.0)


def test_every_phase_has_a_name_for_users() -> None:
    sources = [path.read_text(encoding="utf-8") for path in Path(ROOT, "pipeline").glob("*/**/*.py")]
    reported = {name for text in sources for name in re.findall(r'(?:progress|self\.show)\("(\w+)"', text)}
    reported |= {name for text in sources for name in re.findall(r'map_tasks\(context, "(\w+)"', text)}
    assert reported == set(progress.PHASES) - {"start"}
