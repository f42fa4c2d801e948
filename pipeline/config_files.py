"""The files of `config/`: in a checkout the folder itself, in an installed wheel the copy inside the package."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from pipeline.errors import UserError


def folder() -> Path:
    """Where the shipped configuration lies."""
    inside_wheel = Path(__file__).parent / "_config"
    return inside_wheel if inside_wheel.is_dir() else Path(__file__).parent.parent / "config"


def load_toml(path: Path) -> dict[str, Any]:
    """A TOML file as a dictionary, or an error that says where it is broken."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise UserError(
            f"settings file {path} does not exist. `clean config > {path}` writes one to start from."
        ) from None
    except UnicodeDecodeError as error:
        raise UserError(f"settings file {path} is not UTF-8 ({error}). Save it in that encoding.") from None
    except OSError as error:
        raise UserError(f"settings file {path} cannot be read ({error.strerror}). Name a file that can.") from None
    except RecursionError:
        raise UserError(f"settings file {path} is not valid TOML: values nested too deep.") from None
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"settings file {path} is not valid TOML: {error}.") from None
