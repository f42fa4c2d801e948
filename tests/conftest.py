"""What tests share: where the labelled data lie, and a visible skip where they are missing."""

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent
SHARED = Path(os.environ.get("COPYDESK_SHARED", REPOSITORY.parent / "shared"))


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
    return REPOSITORY
