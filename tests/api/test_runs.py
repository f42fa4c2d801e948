"""Runs from Python: in one line, from any script, with messages for what is wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import copydesk
from tests.helpers.folders import ROOT

PAGES = ROOT / "corpus" / "pages"


def test_a_run_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The ferry was late again on Monday, the harbour master said.", encoding="utf-8")
    phases: list[str] = []
    report = copydesk.run(
        tmp_path / "a.txt", tmp_path / "out", settings={"language": {"fixed": "en"}}, run_id="one",
        progress=lambda phase, _done, _total: phases.append(phase),
    )  # fmt: skip
    assert (report.run_id, report.tally.documents_out) == ("one", 1)
    assert phases
    again = copydesk.run([tmp_path / "a.txt"], str(tmp_path / "out"), settings={"language": {"fixed": "en"}})
    assert again.run_id is None
    assert [each.language for each in copydesk.open_corpus(str(tmp_path / "out")).documents()] == ["en"]


def test_a_script_needs_no_guard_and_is_run_once(tmp_path: Path) -> None:
    """Workers, which pages need, do not import the script that started the run."""
    page = sorted(PAGES.rglob("*.html"))[0]
    code = f"import copydesk\nprint('begun')\nprint(copydesk.run({str(page)!r}, 'out').tally.documents_out)\n"
    (tmp_path / "mine.py").write_text(code, encoding="utf-8")
    done = subprocess.run([sys.executable, "mine.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "begun\n1\n"), done.stderr


def test_a_worker_of_a_pool_is_told_that_it_cannot_start_a_run(tmp_path: Path) -> None:
    code = f"""
import multiprocessing, copydesk
def begin(out):
    try:
        copydesk.run({str(PAGES)!r}, out, workers=1)
    except copydesk.UserError as error:
        return str(error)
with multiprocessing.get_context("fork").Pool(1) as pool:
    print(pool.apply(begin, ["out"]))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "in a process that is no daemon" in done.stdout
    assert not list((tmp_path / "out").glob("documents/*"))


@pytest.mark.parametrize(
    ("inputs", "message"), [([], "no input was named"), ("nowhere/", "there is no such file"), ("", "empty")]
)
def test_wrong_inputs_are_refused_in_words(tmp_path: Path, inputs: Any, message: str) -> None:
    with pytest.raises(copydesk.UserError, match=message):
        copydesk.run(inputs, tmp_path / "out")
    with pytest.raises(TypeError):
        copydesk.run(None, tmp_path / "out")  # type: ignore[arg-type]
