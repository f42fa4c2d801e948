"""Cases of a stage from its TOML files, as parameters of one test."""

import tomllib
from typing import Any

import pytest

from tests.helpers.folders import CASES

Case = dict[str, Any]


def read_cases(stage: str) -> list[tuple[str, Case]]:
    """Read the cases of a stage, each with its name: that of its file and its own, or what it expects."""
    found = []
    for path in sorted((CASES / stage).glob("*.toml")):
        for number, case in enumerate(tomllib.loads(path.read_text(encoding="utf-8"))["case"]):
            found.append((f"{path.stem}-{number}-{case.get('name', case.get('expected'))}", case))
    return found


def marks_of(case: Case) -> list[pytest.MarkDecorator]:
    """Return strict xfail for a known failure: a stage that has learnt to solve it must say so."""
    return {"pass": [], "known_failure": [pytest.mark.xfail(strict=True)]}[case["expect"]]


def cases(stage: str) -> list[Any]:
    """Return the cases of a stage as the values of `parametrize`."""
    return [pytest.param(case, id=name, marks=marks_of(case)) for name, case in read_cases(stage)]
