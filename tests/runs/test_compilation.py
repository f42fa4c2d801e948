"""Compilation ahead and the cache of kernels: what power cuts, read-only folders and missing homes do to it."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from pipeline.runs.compilation import kernels
from stages.shared import cache_folders, compilation
from tests.helpers.folders import ROOT

KERNEL = """
import sys
sys.path.insert(0, {root!r})
from pathlib import Path
from stages.shared import cache_folders, compilation

def doubled(number):
    return 2 * number

compiled = compilation.kernel(doubled)
print(compiled(21), cache_folders.writable() is not None, sum(compiled.stats.cache_hits.values()))
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A program with a kernel of its own, which it calls."""
    path = tmp_path / "program" / "doubling.py"
    path.parent.mkdir()
    path.write_text(KERNEL.format(root=str(ROOT)), encoding="utf-8")
    return path


def run(program: Path, cache: Path | str, **others: str) -> str:
    environment = {"COPYDESK_CACHE": str(cache), "PATH": "/usr/bin:/bin", **others}
    done = subprocess.run([sys.executable, program], env=environment, text=True, capture_output=True, check=True)
    return done.stdout.strip()


def test_a_kernel_is_compiled_once_and_anew_where_a_power_cut_emptied_its_files(program: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    assert run(program, cache) == "42 True 0"
    files = sorted((cache / "kernels").rglob("doubling.*"))
    assert sorted(path.suffix for path in files) == [".nbc", ".nbi"]
    assert run(program, cache) == "42 True 1"
    for damaged in (b"", bytes(100), files[0].read_bytes()[:-1]):
        for each in files:
            each.write_bytes(damaged)
        assert run(program, cache) == "42 True 0"
    assert run(program, cache) == "42 True 1"


def test_where_neither_the_installation_nor_a_home_can_be_written_kernels_are_kept_in_a_private_temporary_folder(
    program: Path, tmp_path: Path
) -> None:
    environment = {"NUMBA_CACHE_DIR": "/proc", "HOME": "/proc", "TMPDIR": str(tmp_path)}
    assert run(program, "/proc/copydesk", **environment) == "42 True 0"
    assert run(program, "/proc/copydesk", **environment) == "42 True 1"
    assert [path.name for path in tmp_path.iterdir() if path != program.parent] == [f"copydesk-{os.getuid()}"]


def test_numbas_own_variable_names_the_folder_too(program: Path, tmp_path: Path) -> None:
    assert run(program, "", NUMBA_CACHE_DIR=str(tmp_path / "numba")) == "42 True 0"
    assert list((tmp_path / "numba" / "kernels").rglob("doubling.*"))


def test_a_temporary_folder_that_others_can_write_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (made,) = cache_folders._private_temporary()
    assert made.stat().st_mode & 0o777 == 0o700
    made.chmod(0o777)
    assert cache_folders._private_temporary() == ()
    made.rmdir()
    made.symlink_to(tmp_path)
    assert cache_folders._private_temporary() == ()
    monkeypatch.setattr(tempfile, "tempdir", "/proc/nowhere")
    assert cache_folders._private_temporary() == ()


def test_the_kernels_that_are_kept_now_are_whole(sample_run: Path) -> None:
    folder = compilation.kernel_folder()
    assert folder is not None
    assert all(path.read_bytes()[-1:] == b"." for path in kernels(folder))
