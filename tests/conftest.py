"""Fixtures of all tests, and a visible skip where the labelled data are missing."""

import os
from pathlib import Path

import hypothesis
import pytest

from pipeline import settings
from pipeline.api import RunRequest, clean
from tests.helpers.folders import ROOT, SHARED
from tests.helpers.s3_server import credentials, prefix, proxy, s3_server  # noqa: F401 - fixtures

# Machines are noisy: no example has a deadline. CI tries the same examples every time, so that it cannot fail by luck.
hypothesis.settings.register_profile("copydesk", deadline=None, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("copydesk")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = pytest.mark.skip(reason=f"needs the labelled data in {SHARED}")
    for item in items:
        if item.get_closest_marker("shared") and not SHARED.is_dir():
            item.add_marker(missing)


@pytest.fixture(scope="session")
def shared() -> Path:
    return SHARED


@pytest.fixture(scope="session")
def repository() -> Path:
    return ROOT


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite tests/golden from what the code does now")


@pytest.fixture(scope="session")
def sample_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output folder of one run over the sample corpus, to be read only."""
    out = tmp_path_factory.mktemp("sample") / "out"
    clean(RunRequest([str(ROOT / "corpus")], out, settings.parse({}), workers=2, run_id="sample"))
    return out
