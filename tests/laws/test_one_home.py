"""Shared language knowledge has one home: `stages/shared`, below the stages, its word lists in data files."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from stages.shared.agencies import AGENCIES
from stages.shared.characters import UNSPACED
from stages.shared.dates import month_names
from tests.helpers.folders import ROOT

SHARED_STAGES = ROOT / "stages" / "shared"
MODULES = sorted(path for folder in ("pipeline", "stages") for path in (ROOT / folder).rglob("*.py"))
PACKS = sorted((ROOT / "config" / "noise").glob("*.toml"))
#: The vocabulary that the line model was trained with holds names of months and agencies among other words.
TRAINED = {"line_words.py"}
MONTHS = {name for name in month_names() if len(name) > 4}
LONG_AGENCIES = {name.casefold() for name in AGENCIES.spellings if len(name) > 4 and " " not in name}
#: The one file that may list such names.
HOMES = {"stages/shared/data/months.toml": MONTHS, "stages/shared/data/agencies.toml": LONG_AGENCIES}


def words_in_code(path: Path) -> Iterator[str]:
    """Yield the words of a module's strings, docstrings left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield from re.findall(r"[^\W\d_]+", node.value.casefold())


def test_no_module_lists_months_or_agencies() -> None:
    words = {path: set(words_in_code(path)) for path in MODULES if path.name not in TRAINED}
    listing = {home: [path for path in words if len(words[path] & names) > 1] for home, names in HOMES.items()}
    assert listing == {home: [] for home in HOMES}


@pytest.mark.parametrize("path", PACKS, ids=lambda path: path.stem)
def test_no_shipped_rule_pack_repeats_shared_words(path: Path) -> None:
    assert not {"months", "zones", "agencies"} & tomllib.loads(path.read_text(encoding="utf-8")).keys()


@pytest.mark.parametrize("path", sorted(SHARED_STAGES.glob("*.py")), ids=lambda path: path.stem)
def test_shared_knowledge_imports_no_stage(path: Path) -> None:
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    imported = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    assert not [name for name in imported if re.match(r"(?:pipeline|stages(?!\.shared|\.native))\b", name)]


#: Modules that name such scripts for another purpose: joining lines and cutting sentences, where marks and punctuation
#: count as well, the kernel's own table of bits, and the characters that the judge of blocks was trained with.
JOINING = {"repair.py", "segment.py", "alphabet.py", "block_features.py"}


def test_scripts_without_spaces_are_named_once() -> None:
    """Their home is UNSPACED in stages/shared/characters.py."""
    named = re.compile(r"(?i)(?:\\u|0x)(?:3400|4e00|3040|0?e0[01])\b")
    others = [path for path in MODULES if path.name not in JOINING and SHARED_STAGES not in path.parents]
    assert [path for path in others if named.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("letter", ["港", "ひ", "カ", "𠀀", "ก", "ກ", "ក", "က"])
def test_letters_of_scripts_without_spaces(letter: str) -> None:
    assert UNSPACED.fullmatch(letter)


@pytest.mark.parametrize("letter", ["a", "д", "한", "ह", "ا", "。", "1"])
def test_letters_of_scripts_with_spaces_and_marks(letter: str) -> None:
    assert not UNSPACED.fullmatch(letter)


def test_only_one_module_counts_words_in_arrow() -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in MODULES}
    assert [path for path, text in texts.items() if 'Kernel("words_count"' in text] == [SHARED_STAGES / "words.py"]
    assert not [path for path, text in texts.items() if "count_substring_regex" in text]
