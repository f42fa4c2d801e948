"""The wheel as a stranger gets it: built, installed with nothing else, run on the sample."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from platform import machine

import pytest

from pipeline import sample
from stages.native.sources import LIBRARY
from tests.helpers.made_once import made_once
from tests.helpers.traps import lay_traps, without_repository

#: The number of a user that no program knows.
NOBODY = 65534


@pytest.fixture(scope="module")
def wheel(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]

    def make(folder: Path) -> None:
        subprocess.run([*pip, "--wheel-dir", str(folder), str(repository)], check=True)

    return next(made_once(tmp_path_factory, "wheel", make).glob("*.whl"))


def fingerprint(repository: Path) -> str:
    """Return the digest of all that decides which packages the wheel brings along."""
    dependencies = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    constraints = (repository / "constraints.txt").read_text(encoding="utf-8")
    return hashlib.sha256(repr([sys.version, dependencies, constraints]).encode()).hexdigest()


def installed(wheel: Path, repository: Path, home: Path) -> Path:
    """Return the programs of an environment that holds the wheel and what it depends on, and nothing else.

    Making one takes a minute, most of it pip's. So it is kept: with its packages until they change, with our program
    until the wheel changes (wheels of the same files are the same bytes).
    """
    packages, content = home / "packages", home / "content"  # written last: what is there is complete
    how = ["--no-deps", "--force-reinstall"]
    if not packages.is_file() or packages.read_text(encoding="utf-8") != fingerprint(repository):
        shutil.rmtree(home)
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        how = ["-c", str(repository / "constraints.txt")]
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if not content.is_file() or content.read_text(encoding="utf-8") != digest:
        content.unlink(missing_ok=True)
        pip = [str(home / "bin/python"), "-m", "pip", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "install", *how, str(wheel)], check=True)
        packages.write_text(fingerprint(repository), encoding="utf-8")
        content.write_text(digest, encoding="utf-8")
    return home / "bin"


def test_the_wheel_holds_the_packages_and_the_configuration_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"copydesk", "pipeline", "stages"}
    assert {"pipeline/_config/default.toml", "pipeline/_config/noise/en.toml", "copydesk/py.typed"} <= set(names)
    assert {name.split("/")[2] for name in names if name.startswith("pipeline/_corpus/")} == set(sample.PARTS)
    assert {f"pipeline/reports/page/data/{name}" for name in ("report.html.j2", "d3.LICENSE.txt")} <= set(names)
    assert [name for name in names if name.endswith(".so")] == [f"stages/native/{LIBRARY}"]
    assert not [name for name in names if name.endswith((".pyc", "native/hook.py"))]


def test_the_wheel_is_for_any_python_on_one_kind_of_machine(wheel: Path) -> None:
    _, python, abi, platform = wheel.stem.rsplit("-", 3)
    assert (python, abi) == ("py3", "none")
    assert platform.endswith(machine())


def test_the_installed_wheel_cleans_the_sample_and_imports_nothing_of_ours_or_from_the_working_directory(
    wheel: Path, repository: Path, tmp_path: Path, cache: pytest.Cache
) -> None:
    programs = installed(wheel, repository, cache.mkdir("wheel-environment"))
    assert subprocess.run([programs / "python", "-c", "import pytest"], capture_output=True, check=False).returncode
    marks = lay_traps(tmp_path)
    command = [str(programs / "clean"), "run", str(repository / "corpus"), "--out", "out", "--quiet"]
    done = subprocess.run(command, cwd=tmp_path, env=without_repository(), text=True, capture_output=True, check=False)
    assert (marks.exists(), done.returncode, done.stderr) == (False, 0, "")
    verified = [str(programs / "clean"), "verify", "--out", "out"]
    assert "76 documents" in subprocess.run(verified, check=True, text=True, capture_output=True, cwd=tmp_path).stdout


@pytest.fixture
def of_nobody() -> Iterator[Path]:
    """A folder of a user who has no home and may write nowhere else; other tests' folders are closed to all but us."""
    if os.geteuid() or not shutil.which("setpriv"):
        pytest.skip("needs root and setpriv, to become another user")
    with tempfile.TemporaryDirectory() as folder:
        os.chown(folder, NOBODY, NOBODY)
        yield Path(folder)


def test_another_user_without_a_home_runs_what_root_installed(
    wheel: Path, repository: Path, of_nobody: Path, cache: pytest.Cache
) -> None:
    """The packages are root's, so they are read-only for the other user."""
    programs = installed(wheel, repository, cache.mkdir("wheel-environment"))
    become = ["setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups"]
    # The environment's own Python may lie in a home that is closed to others: the system's of that version will do.
    pythons = [programs / "python", Path(f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}")]
    runs = (each for each in pythons if not subprocess.run([*become, "test", "-x", str(each)], check=False).returncode)
    if (python := next(runs, None)) is None:
        pytest.skip(f"{pythons[0]} lies in a folder that is closed to other users")
    packages = next(programs.parent.glob("lib/python*/site-packages"))
    news = shutil.copytree(repository / "corpus" / "pages" / "niederauer-bote", of_nobody / "news")
    environment = {"HOME": "/nonexistent", "PYTHONPATH": str(packages)}
    for words in (["run", str(news), "--out", "out", "--quiet"], ["verify"], ["find"], ["report", "-o", "page.html"]):
        command = [*become, str(python), "-P", "-m", "copydesk", *words]
        done = subprocess.run(command, cwd=of_nobody, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert not re.search("Traceback|[Ww]arning", done.stderr), done.stderr
    assert {path.stat().st_uid for path in (of_nobody / "out").rglob("*")} == {NOBODY}


@pytest.mark.long
def test_the_demonstration_needs_no_repository(
    wheel: Path, repository: Path, tmp_path: Path, cache: pytest.Cache
) -> None:
    programs = installed(wheel, repository, cache.mkdir("wheel-environment"))
    command = [str(programs / "clean"), "demo"]
    done = subprocess.run(command, cwd=tmp_path, env=without_repository(), text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "the cleaned corpus      copydesk-demo/corpus/" in done.stdout
    explained = next(line.split() for line in done.stdout.splitlines() if line.strip().startswith("clean explain"))[:5]
    assert (
        subprocess.run([programs / "clean", *explained[1:]], cwd=tmp_path, capture_output=True, check=False).returncode
        == 0
    )
