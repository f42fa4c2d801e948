"""A standalone cluster of Spark on loopback, from the files that pip installs: a master, workers, their executors."""

from __future__ import annotations

import shutil

import pytest

#: Without Java the tests of the engine for Spark are skipped, visibly.
NEEDS_JAVA = pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java 17 or newer, and there is none")
