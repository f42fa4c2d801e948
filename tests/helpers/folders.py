"""Folders that tests read from: the checkout, its cases, and the labelled data beside it."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests"
CASES = TESTS / "cases"
GOLDEN = TESTS / "golden"
SHARED = Path(os.environ.get("COPYDESK_SHARED", ROOT.parent / "shared"))
