"""Compile the C sources of the stages into one shared library: `python -m stages.native.build`.

The compiler is the machine's `cc` (or what `CC` names), else the package `ziglang`: a C compiler with the headers that
it needs. The build hook (`hook.py`) does the same when the project is installed or a wheel is built. Standard library
only, because the hook runs before anything is installed.
"""

from __future__ import annotations

import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from stages.native.sources import FLAGS, LIBRARY, STAGES, digest, sources

#: For tests: what they add to the flags.
STRICT = ("-Wall", "-Wextra", "-Werror")
#: The oldest glibc that a library made by zig runs with, as the wheels tagged manylinux_2_17.
GLIBC = "2.17"
#: Compiled before a compiler is trusted: some systems have one without the C library's headers.
TRIAL = """
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#if !defined(__GNUC__) || defined(__TINYC__)
#error "a compiler that knows the attributes of GCC is needed"
#endif
double trial(double x) { return exp(x) + abs((int)x); }
"""


class CompilerError(Exception):
    """The sources cannot be compiled here."""


def compilers() -> Iterator[list[str]]:
    """Yield the commands that may compile C here, the best first, but for zig."""
    for command in (os.environ.get("CC", ""), "cc", "gcc", "clang"):
        words = shlex.split(command)
        if words and shutil.which(words[0]):
            yield words


def zig_target() -> list[str]:
    """Name the system for zig, which compiles for this very processor and C library unless it is told."""
    machine = {"arm64": "aarch64", "AMD64": "x86_64"}.get(platform.machine(), platform.machine())
    if sys.platform == "darwin":
        return ["-target", f"{machine}-macos.11.0"]
    return ["-target", f"{machine}-linux-" + (f"gnu.{GLIBC}" if platform.libc_ver()[0] == "glibc" else "musl")]


@cache
def compiler() -> list[str]:
    """Return the command of the first compiler that works, zig if no other does; empty if there is none."""
    with tempfile.TemporaryDirectory() as folder:
        trial = Path(folder, "trial.c")
        trial.write_text(TRIAL, encoding="utf-8")
        for command in compilers():
            if not compiled(command, [trial], Path(folder, LIBRARY)).returncode:
                return command
    # Not tried: it has all headers with it, and takes 10 s for its first library.
    return [sys.executable, "-m", "ziglang", "cc", *zig_target()] if find_spec("ziglang") is not None else []


def compiled(command: Sequence[str], files: Sequence[Path], library: Path) -> subprocess.CompletedProcess[str]:
    """Compile files into a library; the result holds the compiler's exit code and messages."""
    with tempfile.TemporaryDirectory() as kept:  # zig wants a folder to keep things in, and there may be no home
        environment = {"ZIG_GLOBAL_CACHE_DIR": kept, "ZIG_LOCAL_CACHE_DIR": kept} | os.environ
        whole = [*command, "-shared", "-o", str(library), *map(str, files), "-lm"]
        return subprocess.run(
            whole, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
        )


def build(library: Path, extra: Sequence[str] = (), stages: Path = STAGES) -> None:
    """Compile the sources into a library, which appears in one rename, so that a running process keeps the old one."""
    command = compiler()
    if not command:
        raise CompilerError("no C compiler found: install one (cc, gcc or clang) or the package ziglang, and try again")
    flags = [*FLAGS, f"-I{stages.parent}", f'-DNATIVE_DIGEST="{digest(stages)}"', *extra]
    unfinished = library.with_name(f".{library.name}.{os.getpid()}")
    try:
        files = [path for path in sources(stages) if path.suffix == ".c"]
        result = compiled([*command, *flags], files, unfinished)
        if result.returncode:
            raise CompilerError(f"{shlex.join(command)} cannot compile the kernels:\n{result.stdout}")
        unfinished.replace(library)
    finally:
        unfinished.unlink(missing_ok=True)


def is_current(library: Path, stages: Path = STAGES) -> bool:
    """Return True if a library was made from the sources as they are."""
    return library.is_file() and digest(stages).encode() in library.read_bytes()


def main(arguments: Sequence[str]) -> int:
    """Build the library in a folder, by default beside this file, unless it is there and current."""
    library = Path(arguments[0] if arguments else Path(__file__).parent, LIBRARY)
    try:
        if not is_current(library):
            build(library)
    except (CompilerError, OSError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
