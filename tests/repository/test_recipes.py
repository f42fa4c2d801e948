"""Every Python and SQL block of the recipes and of the README is run, on the output of the sample corpus."""

from __future__ import annotations

import importlib.util
import re
import shutil
from pathlib import Path

import pytest

from tests.helpers.folders import ROOT

RECIPES = ROOT / "docs" / "recipes"
PAGES = [ROOT / "README.md", ROOT / "docs" / "how-to" / "python.md", *sorted(RECIPES.glob("*.md"))]
BLOCK = re.compile(r"^```(python|sql)\n(.*?)^```", re.DOTALL | re.MULTILINE)
IMPORT = re.compile(r"^(?:import|from) (\w+)", re.MULTILINE)
PRINTS = re.compile(r"  # → (.+)$", re.MULTILINE)
ARTICLE = "The ferry between the two islands was late again on Monday, the harbour master said. Nobody was hurt."


def blocks_of(page: Path) -> list[tuple[str, str]]:
    """Return the blocks of a page: the language and the code of each."""
    return BLOCK.findall(page.read_text(encoding="utf-8"))


def missing_packages(code: str) -> list[str]:
    return [name for name in dict.fromkeys(IMPORT.findall(code)) if importlib.util.find_spec(name) is None]


@pytest.fixture
def desk(sample_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which a reader works: a copy of `out/` of the sample corpus, and some news of their own."""
    shutil.copytree(sample_run, tmp_path / "out")
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "ferry.txt").write_text(ARTICLE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    if importlib.util.find_spec("datasets"):  # it keeps what it loads in the user's cache
        monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")
    return tmp_path


@pytest.mark.parametrize("page", [page for page in PAGES if blocks_of(page)], ids=lambda page: page.stem)
def test_the_blocks_of_a_page_run_one_after_another(page: Path, desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Comments after an arrow tell what is printed, with … for the rest of it."""
    blocks = blocks_of(page)
    code = "\n".join(text for language, text in blocks if language == "python")
    if missing := missing_packages(code):
        pytest.skip(f"needs {', '.join(missing)}")
    if "pyspark" in code and not shutil.which("java"):
        pytest.skip("needs Java")
    if "pyspark" in code:  # Java takes relative paths from the folder in which this process started it, maybe long ago
        blocks = [(language, text.replace('"out/', f'"{desk}/out/')) for language, text in blocks]
    namespace = {"__name__": "__main__", "page": ARTICLE}
    for language, text in blocks:
        if language == "python":
            exec(compile(text, str(page), "exec"), namespace)  # noqa: S102 - code of our own pages
        else:
            run_queries(text)
    printed = capsys.readouterr().out
    assert [told for told in PRINTS.findall(code) if told.rstrip("…") not in printed] == []


def test_every_recipe_but_their_list_shows_something_to_run() -> None:
    assert [page.name for page in PAGES if not blocks_of(page)] == ["index.md"]
    listed = (RECIPES / "index.md").read_text(encoding="utf-8")
    assert [page.name for page in RECIPES.glob("*.md") if page.name not in listed] == ["index.md"]


def test_the_file_of_queries_runs_and_its_queries_find_something(desk: Path) -> None:
    """The first of the thirteen is a view; whole copies, the eleventh, are what the sample has none of."""
    rows = run_queries((RECIPES / "queries.sql").read_text(encoding="utf-8"))
    assert len(rows) == 12
    assert [number for number, n in enumerate(rows, start=2) if not n] == [11]


def run_queries(text: str) -> list[int]:
    """Run the statements of an SQL text, and return how many rows each query gives."""
    duckdb = pytest.importorskip("duckdb")
    statements = [each.strip() for each in re.sub(r"--[^\n]*", "", text).split(";") if each.strip()]
    with duckdb.connect() as connection:
        answers = [(each, connection.execute(each).fetchall()) for each in statements]
    return [len(rows) for statement, rows in answers if statement.startswith("select")]
