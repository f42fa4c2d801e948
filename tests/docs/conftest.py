"""The built documentation site."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.made_once import made_once


@pytest.fixture(scope="session")
def site(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site. A dead link, a dead anchor and a page outside the navigation are errors."""

    def make(folder: Path) -> None:
        command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder / "site")]
        environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
        done = subprocess.run(command, check=False, cwd=repository, capture_output=True, text=True, env=environment)
        assert done.returncode == 0, done.stderr

    return made_once(tmp_path_factory, "docs", make) / "site"
