"""The start of the command line: what lies in the working directory is data and never code."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.folders import ROOT
from tests.helpers.traps import lay_traps, without_repository

STORY = "<h1>Ferry</h1><p>The ferry to Holm sails again from Monday, they said.</p>"
PAGE = f"<html><body><article>{STORY}</article></body></html>"
#: Of those that `python -m` does not import itself: it looks into the working directory first, unless called with -P.
OF_PYTHON = (
    "json",
    "random",
    "socket",
    "logging",
    "multiprocessing",
    "selectors",
    "signal",
    "tempfile",
    "pickle",
    "typing",
)


@pytest.mark.parametrize("by_mistake", [False, True], ids=["as it should be", "with the folder in PYTHONPATH"])
def test_no_module_of_the_working_directory_is_imported_by_the_program_or_its_workers(
    sample_run: Path, tmp_path: Path, by_mistake: bool
) -> None:
    marks = lay_traps(tmp_path, OF_PYTHON)
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "page.html").write_text(PAGE, encoding="utf-8")
    if by_mistake:
        (tmp_path / "sitecustomize.py").unlink()  # loaded by Python itself, before any program of ours begins
        (tmp_path / "usercustomize.py").unlink()
    command = [sys.executable, "-m", "copydesk", "run", "news", "--quiet"]
    environment = without_repository() | {"PYTHONPATH": f":{ROOT}" if by_mistake else str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, text=True, capture_output=True, check=False)
    assert (marks.exists(), done.returncode, done.stderr) == (False, 0, "")
