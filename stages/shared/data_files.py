"""Reader of the word lists that are shipped beside these modules."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any


def read_data(name: str) -> dict[str, Any]:
    """Read `data/<name>.toml`.

    >>> read_data("months")["nl"][2]
    'maart mrt'
    """
    return tomllib.loads(files("stages.shared").joinpath("data", f"{name}.toml").read_text(encoding="utf-8"))
