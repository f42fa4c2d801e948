"""The whole of `clean run` on each labelled set, scored by SHARED/tools/gold.py: one line of figures a set.

    python benchmarks/labelled.py --shared SHARED

The line model of the noise stage was trained on the sets `noise` and `pages`: what it is worth on documents that it has
not seen is what benchmarks/noise.py tells.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from pipeline import settings
from pipeline.api import RunRequest, clean

KINDS = ("noise", "pages", "seeds", "pairs")


def figures(kind: str, gold: Any, folder: Path) -> dict[str, Any]:
    """What gold.py says of a run over one set."""
    with contextlib.redirect_stdout(io.StringIO()) as said:
        gold.main(["inputs", kind, str(folder)])
        clean(RunRequest([str(folder / f"{kind}.jsonl")], folder / kind, settings.load(None), workers=2))
        gold.main([kind, str(folder / kind)])
    scored: dict[str, Any] = json.loads(said.getvalue().splitlines()[-1])
    return scored


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True)
    arguments = parser.parse_args()
    sys.path.insert(0, str(arguments.shared.resolve() / "tools"))
    import gold  # noqa: PLC0415

    print("| set | figures |\n|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for kind in KINDS:
            told = ", ".join(f"{name} {value}" for name, value in figures(kind, gold, Path(folder)).items())
            print(f"| {kind} | {told} |", flush=True)


if __name__ == "__main__":
    main()
