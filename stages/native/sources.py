"""The C sources of the kernels, and the digest by which the loader knows the library that was made from them."""

from __future__ import annotations

import hashlib
from pathlib import Path

STAGES = Path(__file__).resolve().parents[1]
#: The library, in the folder of this file; ctypes loads it by this name on every system.
LIBRARY = "kernels.so"
#: Contraction (a*b+c in one rounding) and reordering of floating-point numbers stay off: all machines give the same
#: bytes. Integers wrap around, as numpy's do. Zig would add checks of its own without the last flag.
FLAGS = (
    "-std=c99", "-O3", "-fPIC", "-fwrapv", "-fvisibility=hidden", "-ffp-contract=off", "-fno-math-errno",
    "-fno-sanitize=all",
)  # fmt: skip


def sources(stages: Path = STAGES) -> list[Path]:
    """Return the C files and headers of the stages, in the order of their names."""
    return sorted([*stages.rglob("*.c"), *stages.rglob("*.h")])


def digest(stages: Path = STAGES) -> str:
    """Digest the sources and flags that decide what the library does."""
    found = hashlib.sha256(repr(FLAGS).encode())
    for path in sources(stages):
        found.update(path.relative_to(stages).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()
