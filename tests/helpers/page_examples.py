"""Examples of documentation pages, read and run: console sessions, Python and files, in the order of the page.

Blocks of a page and what is done with them:

    ```console           a session: each `$ command` is run, what it prints is compared with the lines below it
    ```python            run in one namespace for the page; a ```text block right below it is what it prints
    ```toml title="F"    (or another language) a file of that name is written
    ```sh                shows no output; tests/docs/test_shell_blocks.py carries its commands out, and every `clean` in
                         it must have the options it names

`…` in expected output stands for anything, on a line of its own for any number of lines. `$ echo $?` is the exit code.
Where the first line is `^C`, the run is interrupted once some of its work is done. What a session shows is standard
output, or standard error and then standard output; progress may be left out.
A page begins in an empty folder, with `corpus/` as the sample corpus; `<!-- examples: out -->` puts the finished run of
the sample corpus into `out/` beside it.
"""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.helpers.command import clean
from tests.helpers.held import HOLD, wait_until_held

BLOCK = re.compile(r"^(?P<indent> *)```(?P<language>\w+)?(?P<rest>[^\n]*)\n(?P<body>.*?)^(?P=indent)```$", re.S | re.M)
TITLE = re.compile(r'title="([^"]+)"')
FINISHED = "<!-- examples: out -->"
ANYTHING, CTRL_C = "…", "^C\n"
PROGRAM = "from copydesk.__main__ import main; main()"


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the file it names, its lines, and the line of the page it begins at."""

    language: str
    title: str | None
    body: str
    line: int


def blocks(page: Path) -> list[Block]:
    """Read the fenced blocks of a page."""
    text = page.read_text(encoding="utf-8")
    found = []
    for match in BLOCK.finditer(text):
        body = re.sub(rf"^{match['indent']}", "", match["body"], flags=re.M)
        title = TITLE.search(match["rest"])
        found.append(Block(match["language"] or "", title and title[1], body, text[: match.start()].count("\n") + 1))
    return found


def commands(body: str) -> list[tuple[str, str]]:
    """Read a session: each command, with what it prints.

    >>> commands("$ clean runs\\nrun 1\\n$ clean run \\\\\\n> news/\\n")
    [('clean runs', 'run 1\\n'), ('clean run news/', '')]
    """
    session: list[tuple[str, str]] = []
    for line in body.splitlines(keepends=True):
        if line.startswith("$ "):
            session.append((line[2:].strip(), ""))
        elif line.startswith("> ") and session[-1][0].endswith("\\"):
            session[-1] = (session[-1][0].removesuffix("\\") + line[2:].strip(), "")
        else:
            session[-1] = (session[-1][0], session[-1][1] + line)
    return session


def matches(expected: str, printed: str) -> bool:
    """Compare what was printed with what a page shows. White space at the ends of lines is of no account.

    >>> matches("run …\\n…\\nout  76\\n", "run 2031\\nin  77\\n\\nout  76 \\n"), matches("a\\n", "a\\nb\\n")
    (True, False)
    """
    lines = [line.rstrip() for line in expected.strip().splitlines()]
    pattern = "".join(
        r"(?:[^\n]*\n)*?" if line.strip() == ANYTHING else re.escape(line).replace(ANYTHING, "[^\n]*?") + "\n"
        for line in lines
    )
    shown = "\n".join(line.rstrip() for line in printed.strip().splitlines())
    return re.fullmatch(pattern, f"{shown}\n" if shown else "") is not None


class Session:
    """A page's examples at work: its folder, its Python names, the exit code of the last command."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.folder, self.capture = folder, capture
        self.names: dict[str, object] = {"__name__": "__main__"}
        self.code = 0

    def run(self, all_blocks: list[Block]) -> None:
        """Run the blocks in their order, in the folder."""
        for block, following in zip(all_blocks, [*all_blocks[1:], None], strict=True):
            if block.title:
                path = self.folder / block.title
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(block.body, encoding="utf-8")
            elif block.language == "console":
                for command, expected in commands(block.body):
                    self._compare(block, command, expected.removeprefix(CTRL_C), self._printed(command, expected))
            elif block.language == "python":
                printed = self._python(block)
                if following and following.language == "text":
                    self._compare(block, "this block", following.body, (printed, ""))

    def _compare(self, block: Block, command: str, expected: str, printed: tuple[str, str]) -> None:
        out, error = printed
        assert matches(expected, out) or matches(expected, error + out), (
            f"line {block.line}: {command}\n--- the page\n{expected}\n--- printed\n{error}--- and\n{out}"
        )

    def _printed(self, command: str, expected: str) -> tuple[str, str]:
        if command == "echo $?":
            return f"{self.code}\n", ""
        if expected.startswith(CTRL_C):
            return self._interrupted(command)
        ours, bar, rest = command.partition(" | ")
        if not ours.startswith("clean "):
            return self._shell(command)
        out, error = self._clean(ours)
        return self._shell(rest, out) if bar else (out, error)

    def _shell(self, command: str, given: str = "") -> tuple[str, str]:
        shell = ["bash", "-c", command]
        done = subprocess.run(shell, check=False, input=given, capture_output=True, text=True, timeout=60)
        self.code = done.returncode
        return done.stdout, done.stderr

    def _interrupted(self, command: str) -> tuple[str, str]:
        """Start a command, and press Ctrl-C once some of its work is done."""
        words = [sys.executable, "-c", f"{HOLD}\n{PROGRAM}", *shlex.split(command)[1:]]
        program = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
        wait_until_held(program, Path())
        program.send_signal(signal.SIGINT)
        said = program.communicate(timeout=60)[1]
        self.code = program.returncode
        return "", "".join(line for line in said.splitlines(keepends=True) if line.startswith("clean:"))

    def _clean(self, command: str) -> tuple[str, str]:
        ours, into, file = command.partition(" > ")
        self.capture.readouterr()
        with _signals_kept():
            self.code = clean(*[word for part in shlex.split(ours)[1:] for word in _files(part)])
        out, error = self.capture.readouterr()
        if into:
            Path(file.strip()).write_text(out, encoding="utf-8")
        return "" if into else out, error

    def _python(self, block: Block) -> str:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(block.body, f"page line {block.line}", "exec"), self.names)  # noqa: S102 - our own pages
        return printed.getvalue()


def _files(word: str) -> list[str]:
    """Return the files that a shell would put in the place of a word."""
    return sorted(map(str, Path().glob(word))) or [word] if "*" in word else [word]


@contextlib.contextmanager
def _signals_kept() -> Iterator[None]:
    kept = {each: signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)}
    try:
        yield
    finally:
        for each, handler in kept.items():
            signal.signal(each, handler)


def prepare(folder: Path, corpus: Path) -> None:
    """Lay out the folder in which the examples of a page run."""
    folder.mkdir()
    (folder / "corpus").symlink_to(corpus)
