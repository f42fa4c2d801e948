"""The libraries that messages tell people to install are those of the extras."""

import re
import tomllib
from pathlib import Path

from pipeline.extras import LIBRARIES


def test_messages_name_the_libraries_of_the_extras(repository: Path) -> None:
    extras = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "optional-dependencies"
    ]
    names = {extra: tuple(re.split(r"[\[<>=;]", each)[0] for each in extras[extra]) for extra in LIBRARIES}
    assert names == LIBRARIES
