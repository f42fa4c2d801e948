"""The package `copydesk`: the Python API under a name of its own, cheap to import, and the command line."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import copydesk
from pipeline import api

#: Modules that take long to load; importing copydesk loads none of them.
HEAVY = ("pyarrow", "numpy", "trafilatura", "pipeline.api", "typer", "rich")


def test_copydesk_has_the_names_of_the_api_and_no_others() -> None:
    assert sorted(copydesk.__all__) == sorted([*api.__all__, "__version__"])
    assert [name for name in api.__all__ if getattr(copydesk, name) is not getattr(api, name)] == []
    assert set(copydesk.__all__) <= set(dir(copydesk))


def test_type_checkers_are_shown_the_same_names(repository: Path) -> None:
    tree = ast.parse((repository / "copydesk" / "__init__.py").read_text(encoding="utf-8"))
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    imported = [
        each.name
        for node in block.body
        if isinstance(node, ast.ImportFrom) and node.module == "pipeline.api"
        for each in node.names
    ]
    assert sorted(imported) == sorted(api.__all__)
    assert all((repository / name / "py.typed").is_file() for name in ("copydesk", "pipeline", "stages"))


def test_importing_copydesk_loads_nothing_heavy() -> None:
    code = f"import sys, copydesk; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'copydesk' has no attribute 'cleen'"):
        copydesk.cleen  # noqa: B018


def test_python_m_copydesk_is_the_command_line() -> None:
    command = [sys.executable, "-m", "copydesk"]
    version = subprocess.run([*command, "--version"], capture_output=True, text=True, check=True)
    assert version.stdout == f"copydesk {copydesk.__version__}\n"
    wrong = [*command, "restore", "x", "--out", "/nowhere"]
    refused = subprocess.run(wrong, capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert "no corpus in /nowhere" in refused.stderr
