"""Cache folders: what read-only folders, missing homes and other users do to what is kept between processes."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from stages.shared import cache_folders
from tests.helpers.folders import ROOT

#: Prints the derived number, and if it was computed for that.
PROGRAM = """
import sys
from stages.shared.derived import derived

computed = []
print(derived("quay", b"", lambda: computed.append(1) or 42), bool(computed))
"""


def run(cache: Path | str, *before: str, **others: str) -> str:
    environment = {"COPYDESK_CACHE": str(cache), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), **others}
    command = [*before, sys.executable, "-P", "-c", PROGRAM]
    return subprocess.run(command, env=environment, text=True, capture_output=True, check=True).stdout.strip()


def test_what_is_derived_is_kept_in_the_folder_named_by_hand(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    assert run(cache) == "42 True"
    assert [path.name.split(".")[0] for path in cache.iterdir()] == ["quay"]
    assert run(cache) == "42 False"


def test_where_neither_that_folder_nor_a_home_can_be_written_it_is_kept_in_a_private_temporary_folder(
    tmp_path: Path,
) -> None:
    environment = {"HOME": "/proc", "TMPDIR": str(tmp_path)}
    assert run("/proc/copydesk", **environment) == "42 True"
    assert run("/proc/copydesk", **environment) == "42 False"
    assert [path.name for path in tmp_path.iterdir()] == [f"copydesk-{os.getuid()}"]


def test_what_an_administrator_kept_is_read_where_it_cannot_be_written(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    assert run(cache) == "42 True"
    for each in [*cache.rglob("*"), cache]:
        each.chmod(0o555 if each.is_dir() else 0o444)
    assert run(cache, *without_power(), TMPDIR=str(tmp_path)) == "42 False"


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
