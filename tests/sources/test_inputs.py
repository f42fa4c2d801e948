"""Inputs that people have, read with no settings: a folder for each shape, with what must be read from its files."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from pipeline import sources

CASES = Path(__file__).parents[1] / "cases" / "inputs"
FOLDERS = sorted(path.parent for path in CASES.glob("*/expected.toml"))


def expected_in(folder: Path) -> dict[str, Any]:
    """Read what must be read from the files of a folder."""
    return tomllib.loads((folder / "expected.toml").read_text(encoding="utf-8"))


FILES = [pytest.param(folder / name, case, id=f"{folder.name}/{name}")
         for folder in FOLDERS for name, case in expected_in(folder).items()]  # fmt: skip


def read(path: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Read a file or a folder as `clean run PATH` does; return its documents and ledger rows."""
    settings = sources.Settings()
    batches = list(sources.batches(sources.with_descriptions(sources.plan([str(path)]), settings), settings))
    return (
        [row for batch in batches for row in batch.documents.to_pylist()],
        [row for batch in batches for row in batch.ledger.to_pylist()],
    )


def shown(document: dict[str, Any], key: str) -> Any:
    """Return what a document has for a key of a case, as the case writes it."""
    if key in ("day", "time"):
        published = document["published"]
        return (
            "" if published is None else f"{published:%Y-%m-%d}" if key == "day" else f"{published:%Y-%m-%dT%H:%M:%SZ}"
        )
    if key == "text":
        return document["raw"].decode(document["charset"] or "utf-8")
    value = document["source_id" if key == "id" else key]
    return "" if value is None else value


def matches(found: Any, wanted: Any) -> bool:
    """Return True if a value is the one wanted; around "…", if it begins and ends as it should."""
    if isinstance(wanted, str) and "…" in wanted:
        begin, _, end = wanted.partition("…")
        return found.startswith(begin.rstrip()) and found.rstrip().endswith(end.lstrip())
    return found == wanted or (isinstance(found, str) and isinstance(wanted, str) and found.strip() == wanted.strip())


@pytest.mark.parametrize(("path", "case"), FILES)
def test_an_input_is_read_as_its_case_says(path: Path, case: dict[str, Any]) -> None:
    documents, ledger = read(path)
    notes = " | ".join(row["after"] or "" for row in ledger if row["reason"] == "read_as")
    rows = [row for row in ledger if row["reason"] != "read_as"]
    if words := case.get("only_refused"):
        assert not documents
        assert words in " | ".join(row["after"] or "" for row in rows)
        return
    assert len(documents) == len(case["documents"])
    for document, wanted in zip(documents, case["documents"], strict=True):
        unlike = {
            key: shown(document, key) for key, value in wanted.items() if not matches(shown(document, key), value)
        }
        assert not unlike
    assert [f"{row['action']} {row['reason']}" for row in rows] == case.get("rows", [])
    assert case.get("reads", "") in notes


def test_every_file_of_a_case_is_expected() -> None:
    for folder in FOLDERS:
        files = {path.name for path in folder.iterdir()} - {"expected.toml"}
        assert files == set(expected_in(folder)), folder.name
