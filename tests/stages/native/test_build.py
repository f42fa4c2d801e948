"""The shared library of the kernels: how it is compiled, found and refused."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stages.native import build, sources
from tests.helpers.folders import ROOT


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a copy of what the library is made from and loaded by."""
    shutil.copytree(sources.STAGES / "native", tmp_path / "stages/native", ignore=shutil.ignore_patterns("*.so"))
    shutil.copy(sources.STAGES / "__init__.py", tmp_path / "stages")
    return tmp_path


def python(tree: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", *arguments]
    variables = {"PYTHONPATH": str(tree), **environment}
    return subprocess.run(command, cwd=tree, env=variables, text=True, capture_output=True, check=False)


LOAD = ("-c", "from stages.native.kernel import library; library(); print('loaded')")


def test_a_checkout_builds_its_library_once_and_again_when_a_source_changes(tree: Path) -> None:
    library, path = tree / "stages/native" / sources.LIBRARY, {"PATH": "/usr/bin:/bin"}
    assert python(tree, "-m", "stages.native.build", **path).returncode == 0
    assert python(tree, *LOAD).stdout == "loaded\n"
    built = library.stat()
    assert python(tree, "-m", "stages.native.build", **path).returncode == 0
    assert library.stat() == built
    (tree / "stages/native/more.c").write_text("int more(void) { return 1; }", encoding="utf-8")
    assert "were made from other sources: run `make run`" in python(tree, *LOAD).stderr
    assert python(tree, "-m", "stages.native.build", **path).returncode == 0
    assert python(tree, *LOAD).stdout == "loaded\n"


def test_a_missing_library_and_one_of_another_machine_are_told(tree: Path) -> None:
    assert "are missing: run `make run`, or in a checkout `python -m stages.native.build`" in python(tree, *LOAD).stderr
    (tree / "stages/native" / sources.LIBRARY).write_bytes(b"\x7fELF of another kind")
    assert "cannot be loaded" in python(tree, *LOAD).stderr


def test_without_a_compiler_the_build_says_what_to_install(tree: Path) -> None:
    done = python(tree, "-m", "stages.native.build", PATH=str(tree))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "no C compiler found: install one (cc, gcc or clang) or the package ziglang, and try again\n"


def test_an_error_of_the_compiler_is_shown(tree: Path) -> None:
    (tree / "stages/native/wrong.c").write_text("int wrong(void) { return nothing; }", encoding="utf-8")
    done = python(tree, "-m", "stages.native.build", PATH="/usr/bin:/bin")
    assert done.returncode == 1
    assert "cannot compile the kernels" in done.stderr
    assert "wrong.c:1" in done.stderr


def test_a_compiler_without_the_headers_of_the_c_library_is_passed_over(tmp_path: Path) -> None:
    broken = tmp_path / "cc"
    broken.write_text("#!/bin/sh\necho 'stdlib.h: No such file' >&2\nexit 1\n", encoding="utf-8")
    broken.chmod(0o755)
    command = "from stages.native import build; print(build.compiler())"
    root = sources.STAGES.parent
    assert python(root, "-c", command, PATH=f"{tmp_path}:/usr/bin:/bin").stdout == "['gcc']\n"


@pytest.mark.skipif(not shutil.which("cc"), reason="no C compiler")
def test_the_sources_compile_without_a_warning(tmp_path: Path) -> None:
    build.build(tmp_path / sources.LIBRARY, build.STRICT)
    assert build.is_current(tmp_path / sources.LIBRARY)


def test_a_run_without_kernels_ends_with_a_message_and_leaves_nothing(tmp_path: Path) -> None:
    for name in ("copydesk", "pipeline", "stages", "config"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("*.so", "__pycache__"))
    (tmp_path / "one.txt").write_text("The ferry is late again.\n\nThe harbour of Vellen waits for a new engine.\n")
    done = python(tmp_path, "-m", "copydesk", "run", "one.txt", "--out", "out", COPYDESK_CACHE=str(tmp_path / "cache"))
    assert done.returncode == 2
    assert "are missing: run `make run`" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert [path.name for path in (tmp_path / "out").rglob("*") if path.suffix == ".parquet"] == []
