"""Checkouts of other revisions, to be measured with the installed dependencies."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def build_kernels(tree: Path) -> None:
    """Compile the kernels of a checkout, if they are in C: they lie in the tree that runs them."""
    if (tree / "stages" / "native" / "build.py").is_file():
        environment = os.environ | {"PYTHONPATH": str(tree)}
        subprocess.run([sys.executable, "-P", "-m", "stages.native.build"], env=environment, check=True)
