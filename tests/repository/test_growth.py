"""Additions to the project touch few files: each is made in a copy of the checkout and used there."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.helpers.folders import ROOT

STAGE = '''"""Asterisks: a toy stage that cuts rows of asterisks."""

import re
from dataclasses import dataclass

import pyarrow as pa

from stages.contract import Outcome, replace_column
from stages.ledger import Edit, LedgerRows, apply_edits, subjects

REASONS = ("asterisks",)


@dataclass(frozen=True, slots=True)
class Settings:
    """Asterisks in a row that are cut."""

    min_asterisks: int = 3


def run(documents: pa.Table, settings: Settings) -> Outcome:
    """Cut rows of asterisks."""
    rows, texts = LedgerRows("asterisks", REASONS), []
    for subject, text in zip(subjects(documents), documents["text"].to_pylist(), strict=True):
        found = re.finditer(r"[*]{%d,} *" % settings.min_asterisks, text)
        edits = [Edit(match.start(), match.end(), "", "cut", "asterisks") for match in found]
        rows.add_edits(subject, text, edits)
        texts.append(apply_edits(text, edits))
    return Outcome(replace_column(documents, "text", texts), rows.table())
'''
#: `clean`, for each list of arguments in one process of the copy, whose start takes longer than a command.
CLEAN = """
import json, sys
from pipeline.cli import main
for arguments in json.loads(sys.argv[1]):
    sys.argv = ["clean", *arguments]
    try:
        main()
    except SystemExit as left:
        if left.code:
            raise
    print(end="\\f")
"""
ARTICLE = "*** The harbour of Port Anning opened again on Monday after nine days of storm, the harbour master said."


class Checkout:
    """A copy of the checkout, compiled kernels included, and the files in it that were touched."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.touched: set[str] = set()
        for name in ("pipeline", "stages", "config", "docs"):
            shutil.copytree(ROOT / name, folder / name)

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")
        self.touched.add(name)

    def insert(self, name: str, before: str, line: str) -> None:
        """Insert a line before the first one that begins with `before`."""
        lines = (self.folder / name).read_text(encoding="utf-8").splitlines(keepends=True)
        at = next(n for n, each in enumerate(lines) if each.strip().startswith(before))
        self.write(name, "".join([*lines[:at], line + "\n", *lines[at:]]))

    def clean(self, *commands: list[str]) -> list[str]:
        """What each of these commands prints; all must succeed."""
        environment = os.environ | {"PYTHONPATH": str(self.folder)}
        command = [sys.executable, "-c", CLEAN, json.dumps(commands)]
        done = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.split("\f")[:-1]

    def run(self) -> Path:
        """Clean one article; return the output folder."""
        news, out = self.folder / "news.jsonl", self.folder / "out"
        news.write_text(json.dumps({"id": "one", "outlet": "plume", "text": ARTICLE}) + "\n", encoding="utf-8")
        self.clean(["run", str(news), "--out", str(out), "--run-id", "r", "--quiet", "--workers", "1"])
        return out


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_a_stage_that_edits_texts_is_added_in_five_files(checkout: Checkout) -> None:
    section = "    asterisks: asterisks.Settings = field(default_factory=asterisks.Settings)"
    checkout.write("stages/asterisks.py", STAGE)
    checkout.insert("stages/catalog.py", 'Stage("segment"', '    Stage("asterisks", "prepare", edits_text=True),')
    checkout.insert("pipeline/settings/model.py", "language: language.Settings", section)
    checkout.insert("pipeline/settings/model.py", "from stages import", "from stages import asterisks")
    checkout.insert("config/default.toml", "[language]", "[asterisks]\nmin_asterisks = 3\n")
    checkout.insert("docs/reference/tables.md", "| segment |", "| asterisks | `asterisks` | rows of asterisks |")
    assert len(checkout.touched) <= 5
    out = checkout.run()
    cuts = [row for row in pq.read_table(out / "ledger").to_pylist() if row["stage"] == "asterisks"]
    assert [row["before"] for row in cuts] == ["*** "]
    assert pq.read_table(out / "documents")["text"].to_pylist() == [ARTICLE.removeprefix("*** ")]
    doc_id = cuts[0]["doc_id"]
    restored, explained, config, _ = checkout.clean(
        ["restore", doc_id, "--out", str(out), "--stage", "asterisks"],
        ["explain", doc_id, "--out", str(out)],
        ["config"],
        ["verify", "--out", str(out)],
    )
    assert restored.strip() == ARTICLE
    assert "asterisks" in explained
    assert "min_asterisks" in config


def test_a_column_of_documents_is_added_in_three_files(checkout: Checkout) -> None:
    computed = '    documents = replace_column(documents, "first_word", [text.split()[0] for text in texts])'
    checkout.insert("stages/contract.py", 'pa.field("segmented_sha256"', '        pa.field("first_word", pa.string()),')
    checkout.insert("stages/segment.py", 'documents = replace_column(documents, "segmented_sha256"', computed)
    checkout.insert("docs/reference/tables.md", "| `segmented_sha256` |", "| `first_word` | string? | |")
    assert len(checkout.touched) <= 3
    assert pq.read_table(checkout.run() / "documents")["first_word"].to_pylist() == ["***"]
