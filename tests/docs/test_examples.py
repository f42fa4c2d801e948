"""Every example of the documentation runs, and prints what its page shows."""

import os
import re
import shlex
import shutil
from pathlib import Path

import pytest
from typer.main import get_command

from pipeline.cli import app
from tests.helpers.folders import ROOT
from tests.helpers.page_examples import FINISHED, Session, blocks, prepare

DOCS = ROOT / "docs"
ROOMS = ("tutorial", "how-to", "coming-from", "explanation", "reference")
PAGES = [page for page in sorted([ROOT / "README.md", *DOCS.rglob("*.md")])
         if page.parent in [ROOT, DOCS, *(DOCS / room for room in ROOMS)]]  # fmt: skip
#: Pages whose Python runs in tests/repository/test_recipes.py.
ELSEWHERE = [ROOT / "README.md", DOCS / "how-to" / "python.md"]


def ours_of(page: Path) -> tuple[str, ...]:
    """The languages of blocks that run here."""
    return ("console",) if page in ELSEWHERE else ("console", "python")


RUN = [page for page in PAGES if any(block.language in ours_of(page) for block in blocks(page))]


@pytest.mark.parametrize("page", RUN, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_examples_of_a_page_run(
    page: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    request: pytest.FixtureRequest,
) -> None:
    folder = tmp_path / "work"
    prepare(folder, ROOT / "corpus")
    if FINISHED in page.read_text(encoding="utf-8"):
        shutil.copytree(request.getfixturevalue("sample_run"), folder / "out")
    monkeypatch.chdir(folder)
    for name, value in {"COLUMNS": "100", "NO_COLOR": "1", "TZ": "UTC", "HOME": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    for name in [name for name in os.environ if name.startswith("COPYDESK_")]:
        monkeypatch.delenv(name)
    Session(folder, capfd).run([block for block in blocks(page) if block.language != "python" or page not in ELSEWHERE])


COMMANDS = get_command(app).commands  # type: ignore[attr-defined]


def commands_of(page: Path) -> list[str]:
    """Every call of `clean` in the blocks and the running text of a page."""
    text = page.read_text(encoding="utf-8").replace("\\\n", " ")
    in_blocks = [line for block in blocks(page) if block.language in ("sh", "console", "text", "")
                 for line in block.body.replace("\\\n", " ").splitlines()]  # fmt: skip
    inline = re.findall(r"`((?:/\S+/)?clean [a-z][^`\n]*)`", text)
    calls = [re.sub(r"^\$ |^\S+/(?=clean )", "", line.strip()) for line in [*in_blocks, *inline]]
    return [call for call in calls if re.match(r"clean [a-z]", call)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_that_a_page_names_exists_with_its_options(page: Path) -> None:
    for call in commands_of(page):
        words = shlex.split(re.split(r" [|>#;&] ?| · |\s#", call)[0].replace("…", "").replace("'", ""))
        command = COMMANDS.get(words[1])
        assert command, f"{call}: no such command"
        known = {option for parameter in command.params for option in [*parameter.opts, *parameter.secondary_opts]}
        named = {word.split("=")[0] for word in words[2:] if re.match(r"--?[a-z]", word)}
        assert named <= {*known, "--help", "-h"}, call
