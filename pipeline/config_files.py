"""Shipped configuration files: the folder `config/` of a checkout, or its copy inside an installed wheel."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from pipeline.errors import UserError

#: A settings file of this name is found by itself, and is no input.
SETTINGS_FILE = "copydesk.toml"


def folder() -> Path:
    """Return the folder of the shipped configuration."""
    inside_wheel = Path(__file__).parent / "_config"
    return inside_wheel if inside_wheel.is_dir() else Path(__file__).parent.parent / "config"


def load_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file. Raises `UserError` with the place of the fault if it cannot be read."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise UserError(
            f"settings file {path} does not exist. `clean config > {path}` writes one to start from."
        ) from None
    except UnicodeDecodeError as error:
        raise UserError(f"settings file {path} is not UTF-8 ({error}). Save it in that encoding.") from None
    except IsADirectoryError:
        raise UserError(f"settings file {path} is a folder (Is a directory). Name a file in it.") from None
    except OSError as error:
        raise UserError(
            f"settings file {path} cannot be read ({error.strerror}). Check the path and its permissions."
        ) from None
    except RecursionError:
        raise UserError(f"settings file {path} is not valid TOML: values nested too deep.") from None
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"settings file {path} is not valid TOML: {error}.") from None
