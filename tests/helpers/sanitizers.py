"""Kernels compiled with the sanitizers of the C compiler: a write or read out of bounds, or an undefined result, ends
the process.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stages.native import build, sources
from tests.helpers.folders import ROOT

_FLAGS = ("-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer")


def python_with_sanitizers(folder: Path, code: str, *arguments: str) -> str:
    """Run Python code over a copy of the stages whose kernels have the sanitizers; return what it prints."""
    preloaded = [_runtime(name) for name in ("libasan.so", "libubsan.so")]
    shutil.copytree(sources.STAGES, folder / "stages", ignore=shutil.ignore_patterns("*.so", "__pycache__"))
    build.build(folder / "stages" / "native" / sources.LIBRARY, _FLAGS)
    environment = os.environ | {
        "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}", "LD_PRELOAD": " ".join(preloaded),
        "ASAN_OPTIONS": "detect_leaks=0", "UBSAN_OPTIONS": "print_stacktrace=1",
    }  # fmt: skip
    command = [sys.executable, "-P", "-c", code, *arguments]
    done = subprocess.run(command, env=environment, cwd=folder, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _runtime(name: str) -> str:
    """Return the path of a sanitizer's library; skip the test where the compiler has none."""
    if shutil.which("gcc") is None:
        pytest.skip("no GCC")
    printed = subprocess.run(["gcc", f"-print-file-name={name}"], text=True, capture_output=True, check=True)
    path = printed.stdout.strip()
    if not Path(path).is_absolute():
        pytest.skip(f"GCC has no {name}")
    return path
