"""Compilation ahead and the cache of kernels: what power cuts, read-only folders and missing homes do to it."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from pipeline.runs.compilation import kernels
from stages.shared import cache_folders, derived, kernel_cache
from tests.helpers.folders import ROOT

KERNEL = """
import sys
sys.path.insert(0, {root!r})
from pathlib import Path
from stages.shared import cache_folders, compilation, derived

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


def run(program: Path, cache: Path | str, *before: str, **others: str) -> str:
    environment = {"COPYDESK_CACHE": str(cache), "PATH": "/usr/bin:/bin", **others}
    done = subprocess.run(
        [*before, sys.executable, program], env=environment, text=True, capture_output=True, check=True
    )
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


def test_what_an_administrator_compiled_is_read_where_it_cannot_be_written(program: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    assert run(program, cache) == "42 True 0"
    (cache / derived.compiled_name()).touch()  # the mark that all kernels are there
    for each in [cache, *cache.rglob("*")]:
        each.chmod(0o555 if each.is_dir() else 0o444)
    assert run(program, cache, *without_power(), TMPDIR=str(tmp_path)) == "42 True 1"
    (program.parent / "doubling.py").write_text(program.read_text(encoding="utf-8") + "# another version\n")
    assert run(program, cache, *without_power(), TMPDIR=str(tmp_path)) == "42 True 0"


def without_power() -> list[str]:
    """The beginning of a command for root, who may else write what nobody may write."""
    if os.getuid() != 0:
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("root needs setpriv (Debian: util-linux)")
    return [setpriv, "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search"]


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
    folder = kernel_cache.kernel_folder()
    assert folder is not None
    assert all(path.read_bytes()[-1:] == b"." for path in kernels(folder))
