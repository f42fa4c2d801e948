"""The wheel as a stranger gets it: built, installed with nothing else, run on the sample."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def wheel(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    subprocess.run([*pip, "--wheel-dir", str(folder), str(repository)], check=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_both_packages_and_the_configuration_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"pipeline", "stages"}
    assert {"pipeline/_config/default.toml", "pipeline/_config/noise/en.toml"} <= set(names)
    assert not [name for name in names if name.endswith((".pyc", ".nbi", ".nbc"))]


def test_the_installed_wheel_cleans_the_sample_without_development_packages(
    wheel: Path, repository: Path, tmp_path: Path
) -> None:
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    bin_folder = tmp_path / "venv" / "bin"
    pip = [str(bin_folder / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "-c", str(repository / "constraints.txt"), str(wheel)], check=True)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [str(bin_folder / "clean"), "run", str(repository / "corpus"), "--out", str(tmp_path / "out"), "--quiet"]
    subprocess.run(command, check=True, cwd=tmp_path, env=environment)
    verified = [str(bin_folder / "clean"), "verify", "--out", str(tmp_path / "out")]
    assert "76 documents" in subprocess.run(verified, check=True, text=True, capture_output=True, cwd=tmp_path).stdout
