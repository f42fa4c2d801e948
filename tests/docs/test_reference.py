"""Nothing that a user can name is undocumented: commands, options, settings, columns, exit codes, formats."""

import dataclasses
import importlib.util
import re
import sys
import tomllib
from collections.abc import Iterator
from types import ModuleType
from typing import Any, get_type_hints

import pyarrow as pa
import pytest

from pipeline import errors
from pipeline.interrupts import INTERRUPTED
from pipeline.reports.exports.registry import FORMATS
from pipeline.settings import Settings
from pipeline.settings.model import LOADED_FROM_FILES
from pipeline.storage.tables import TABLES, WHOLE
from tests.helpers.folders import ROOT

REFERENCE = ROOT / "docs" / "reference"


def generator(name: str) -> ModuleType:
    """A module of docs/_site, which writes a page of the reference."""
    folder = str(ROOT / "docs" / "_site")
    sys.path.insert(0, folder)
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(folder)


COMMANDS = generator("reference_commands")
SETTINGS = generator("reference_settings")


@pytest.mark.parametrize("name", COMMANDS.commands())
def test_a_command_and_each_option_say_what_they_do(name: str) -> None:
    command = COMMANDS.commands()[name]
    assert command.help, name
    assert [parameter.name for parameter in COMMANDS.parameters(command) if not parameter.help] == []


@pytest.mark.parametrize("name", COMMANDS.commands())
def test_the_reference_shows_every_option_of_a_command(name: str) -> None:
    section = COMMANDS.page().split(f"## clean {name}\n")[1].split("\n## ")[0]
    options = [option for parameter in COMMANDS.parameters(COMMANDS.commands()[name]) if parameter.name != "help"
               for option in parameter.opts if option.startswith("-")]  # fmt: skip
    assert [option for option in options if f"`{option}" not in section] == []


def sections_of(cls: Any, prefix: str = "") -> Iterator[tuple[str, list[str]]]:
    """The sections of the settings, with the names of their keys."""
    types = get_type_hints(cls)
    loaded = LOADED_FROM_FILES if prefix == "noise." else ()
    names = [field.name for field in dataclasses.fields(cls) if field.name not in loaded]
    if prefix:
        yield prefix.rstrip("."), [name for name in names if not dataclasses.is_dataclass(types[name])]
    for name in names:
        if dataclasses.is_dataclass(types[name]):
            yield from sections_of(types[name], f"{prefix}{name}.")


@pytest.mark.parametrize(("section", "keys"), list(sections_of(Settings)))
def test_the_reference_shows_every_setting_with_its_meaning(section: str, keys: list[str]) -> None:
    shown = {one.name: one for one in SETTINGS.sections()}
    assert section in shown
    assert sorted(key for key, *_ in shown[section].keys) == sorted(keys)


#: How the page on the tables calls the types of Arrow.
TYPES = {
    pa.string(): "string", pa.large_string(): "string", pa.int32(): "int32", pa.int64(): "int64",
    pa.float32(): "float32", pa.float64(): "float64",
    pa.bool_(): "bool", pa.list_(pa.string()): "list of strings", pa.timestamp("us", tz="UTC"): "timestamp",
}  # fmt: skip


@pytest.mark.parametrize("name", TABLES | WHOLE)
def test_the_page_on_the_tables_gives_each_column_its_type(name: str) -> None:
    section = (REFERENCE / "tables.md").read_text(encoding="utf-8").split(f"\n## {name}\n")[1].split("\n## ")[0]
    documented: dict[str, str] = {}
    for names, kinds in re.findall(r"^\| (`[^|]*`) \| ([^|]*) \|", section, re.M):
        columns = re.findall(r"`(\w+)`", names)
        kind = [part.strip() for part in kinds.split(",")]
        documented |= dict(zip(columns, kind if len(kind) == len(columns) else kind * len(columns), strict=True))
    for field in (TABLES | WHOLE)[name]:
        told = documented[field.name]
        assert told.removesuffix("?") in ("", TYPES.get(field.type, str(field.type))), field
        assert not told or told.endswith("?") <= field.nullable, field


def exit_codes() -> set[int]:
    """The exit codes of the errors that users meet, and of those that are none."""
    classes = [
        value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, errors.UserError)
    ]
    return {0, INTERRUPTED, errors.CRASHED, *(one.exit_code for one in classes)}


def test_the_reference_explains_every_exit_code() -> None:
    shown = re.findall(r"^\| (\d+) \|", (REFERENCE / "exit-codes.md").read_text(encoding="utf-8"), re.M)
    assert {int(code) for code in shown} == exit_codes()


def test_the_reference_names_every_format_of_export() -> None:
    section = COMMANDS.page().split("## clean export\n")[1].split("\n## ")[0]
    assert [name for name, each in FORMATS.items() if f"  {name:<9} {each.summary}\n" not in section] == []


def test_the_citation_names_the_version_that_is_built() -> None:
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f"version: {project['version']}\n" in citation


def test_every_page_that_the_repository_names_exists() -> None:
    folders = [ROOT / name for name in ("pipeline", "stages", "copydesk", "config", "benchmarks", "tests", "docs")]
    suffixes = (".py", ".toml", ".md", ".service")
    files = [path for folder in folders for path in folder.rglob("*") if path.suffix in suffixes]
    files += [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "pyproject.toml", "Makefile")]
    for path in files:
        for page in re.findall(r"(?<![\w/])docs/[\w/-]+\.md\b", path.read_text(encoding="utf-8")):
            assert (ROOT / page).is_file(), f"{path.relative_to(ROOT)} names {page}"
