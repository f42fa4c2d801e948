"""Layers of settings: a file, environment variables and options laid over the defaults, the stronger over the weaker.

Each layer is parsed by itself first, so that a message names the file or the variable at fault.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import tomlkit

from pipeline import config_files
from pipeline.errors import UserError
from pipeline.found_settings import PREFIX, SECTIONS, SEPARATOR, SettingsFile
from pipeline.settings.model import Settings, as_dict, parse
from pipeline.settings.strictness import spelled_out

Values = dict[str, Any]
#: Sections that no file may set that was found beside the inputs: it may have come with them.
FOR_NAMED_FILES = ("store",)


class SettingsLayer(NamedTuple):
    """Settings of one origin, as parsed from TOML, and how messages and `clean config` call that origin."""

    origin: str
    values: Values
    where: str


class ChangedSetting(NamedTuple):
    """A setting that is not at its default: its section and key, its value, and what set it."""

    key: tuple[str, ...]
    value: Any
    origin: str

    def in_words(self) -> str:
        """Write it as TOML has it.

        >>> ChangedSetting(("sources", "fields", "text"), "body", "copydesk.toml").in_words()
        '[sources.fields] text = "body"'
        """
        return f"[{'.'.join(self.key[:-1])}] {self.key[-1]} = {tomlkit.item(self.value).as_string()}"


@dataclass(frozen=True)
class LoadedSettings:
    """Settings as they are in force, what they are read from, and what each changed value was set by."""

    settings: Settings
    origins: tuple[str, ...]  # of the layers, the weakest first
    changed: tuple[ChangedSetting, ...]


def load(path: Path | None, overrides: Values | None = None) -> Settings:
    """Load a settings file over the defaults, and `overrides` over both. Nothing else is read.

    Raises `UserError` if the file cannot be read or holds a section, key or value that is not allowed.
    """
    return load_layers(None if path is None else SettingsFile(path, named=True), {}, overrides or {}).settings


def load_layers(file: SettingsFile | None, variables: Mapping[str, str], options: Values) -> LoadedSettings:
    """Load settings: `options` of a command line over `variables` over a file over the defaults.

    `variables` are those of `pipeline.found_settings.variables`. Raises `UserError` for what is not allowed.
    """
    layers = [] if file is None else [file_layer(file)]
    layers += [variable_layer(name, value) for name, value in variables.items()]
    layers += [SettingsLayer("command line", options, "settings")] if options else []
    data: Values = {}
    origins: dict[tuple[str, ...], str] = {}
    for layer in layers:
        parse(layer.values, layer.where)
        values = spelled_out(layer.values)
        data = merged(data, values)
        origins |= {key: layer.origin for key, _ in leaves(values)}
    settings = parse(data, layers[-1].where if len(layers) == 1 else "settings")
    return LoadedSettings(settings, tuple(layer.origin for layer in layers), changed_from_defaults(settings, origins))


def merged(below: Values, above: Values) -> Values:
    """Lay values over others, section by section.

    >>> merged({"noise": {"min_odds": 3.0, "keep": []}}, {"noise": {"min_odds": 8.0}})
    {'noise': {'min_odds': 8.0, 'keep': []}}
    """
    both = dict(below)
    for name, value in above.items():
        known = both.get(name)
        both[name] = merged(known, value) if isinstance(known, dict) and isinstance(value, dict) else value
    return both


def leaves(values: Values, above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every value that is no section, after the names that lead to it.

    >>> list(leaves({"sources": {"fields": {"text": "body"}, "outlet": "quay"}}))
    [(('sources', 'fields', 'text'), 'body'), (('sources', 'outlet'), 'quay')]
    """
    for name, value in values.items():
        if isinstance(value, dict):
            yield from leaves(value, (*above, name))
        else:
            yield (*above, name), value


def changed_from_defaults(settings: Settings, origins: Mapping[tuple[str, ...], str]) -> tuple[ChangedSetting, ...]:
    """Return the settings that are not at their defaults, each with what set it."""
    defaults = dict(leaves(as_dict(Settings())))
    now = leaves(as_dict(settings))
    return tuple(ChangedSetting(key, value, origins[key]) for key, value in now if value != defaults[key])


# ---------------------------------------------------------------- a file


def file_layer(file: SettingsFile) -> SettingsLayer:
    """Read a settings file; the paths that it names are relative to its folder."""
    values = config_files.load_toml(file.path)
    for section in FOR_NAMED_FILES:
        if file.beside_input and section in values:
            raise UserError(
                f"settings file {file.path}: a file that was found beside the inputs cannot set [{section}], because "
                f"it may have come with them. If it is yours, name it: --config {file.path}"
            )
    return SettingsLayer(str(file.path), with_paths(values, file.path.parent), f"settings file {file.path}")


def with_paths(values: Values, folder: Path) -> Values:
    """Put a folder before the paths that settings name, where they are relative.

    >>> with_paths({"evidence": {"rule_packs": ["shipped", "my/plume.toml"]}}, Path("press"))
    {'evidence': {'rule_packs': ['shipped', 'press/my/plume.toml']}}
    """

    def placed(value: Any) -> Any:
        return str(folder / value) if isinstance(value, str) and not value.startswith("~") else value

    def placed_packs(value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return [placed(each) if isinstance(each, str) and each.endswith(".toml") else each for each in value]

    paths = {
        ("evidence", "rule_packs"): placed_packs, ("evidence", "extra_rule_packs"): placed_packs,
        ("evidence", "outlets"): placed, ("store", "work_folder"): placed,
    }  # fmt: skip
    for (section, key), place in paths.items():
        if isinstance(values.get(section), dict) and key in values[section]:
            values = merged(values, {section: {key: place(values[section][key])}})
    return values


# ---------------------------------------------------------------- environment variables


def variable_layer(name: str, text: str) -> SettingsLayer:
    """Parse one environment variable: COPYDESK_SECTION__KEY holds a value as TOML has it, or a plain word.

    >>> variable_layer("COPYDESK_NOISE__MIN_ODDS", "8").values
    {'noise': {'min_odds': 8}}
    """
    names = name.removeprefix(PREFIX).lower().split(SEPARATOR)
    where = f"environment variable {name}"
    if len(names) == 1 or names[0] not in SECTIONS:
        raise UserError(f"{where}: a variable for a setting is {PREFIX}SECTION{SEPARATOR}KEY; {_nearest(name)}")
    values: Any = toml_value(text)
    for each in reversed(names):
        values = {each: values}
    return SettingsLayer(name, values, where)


def _nearest(name: str) -> str:
    """Name the variable that was meant, if one is near.

    >>> _nearest("COPYDESK_NOISE_MIN_ODDS")
    'did you mean COPYDESK_NOISE__MIN_ODDS?'
    """
    known = [f"{PREFIX}{SEPARATOR.join(key).upper()}" for key, _ in leaves(as_dict(Settings()))]
    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {near[0]}?" if near else "`clean config` shows every section and key."


def toml_value(text: str) -> Any:
    """Parse a value as TOML has it; what is no such value is a text.

    >>> toml_value("8"), toml_value('["caption", "ad"]'), toml_value("precision"), toml_value("1 \\n x = 2")
    (8, ['caption', 'ad'], 'precision', '1 \\n x = 2')
    """
    try:
        parsed = tomllib.loads(f"value = {text}")
    except (tomllib.TOMLDecodeError, RecursionError):
        return text
    return parsed["value"] if list(parsed) == ["value"] else text


def found_notice(file: SettingsFile | None, variables: Sequence[str]) -> str:
    """Say in one line which settings were found by themselves; "" where there are none, or were named.

    >>> found_notice(SettingsFile(Path("copydesk.toml")), ["COPYDESK_NOISE__KEEP"])
    'settings: copydesk.toml, COPYDESK_NOISE__KEEP'
    """
    found = [] if file is None or file.named else [str(file.path)]
    return f"settings: {', '.join([*found, *variables])}" if found or variables else ""
