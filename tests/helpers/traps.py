"""A working directory full of modules that nobody should import: each leaves its name when it is."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

PACKAGES = ("pipeline", "stages", "config", "numpy", "pyarrow", "typer", "rich", "lxml", "trafilatura", "yaml")
OTHERS = ("sitecustomize", "usercustomize", "orjson", "re2", "xxhash", "tld", "ftfy", "msgspec", "platformdirs")

TRAP = """
with open({marks!r}, "a", encoding="utf-8") as marks:
    marks.write(__name__ + "\\n")
raise RuntimeError("a module of the working directory was imported: " + __name__)
"""


def lay_traps(folder: Path, of_python: Iterable[str] = sys.stdlib_module_names) -> Path:
    """Fill a folder with traps called as our packages, those we use, and Python's own; return their marks."""
    marks = folder / "marks.txt"
    trap = TRAP.format(marks=str(marks))
    for name in (*of_python, *OTHERS):
        (folder / f"{name}.py").write_text(trap, encoding="utf-8")
    for name in PACKAGES:
        (folder / name).mkdir()
        (folder / name / "__init__.py").write_text(trap, encoding="utf-8")
    return marks


def without_repository() -> dict[str, str]:
    """The environment of a program that knows nothing of the repository."""
    return {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONSAFEPATH")}
