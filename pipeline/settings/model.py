"""Settings: one frozen value for a whole run, read from TOML over the defaults of the code.

`config/default.toml` shows every key with its default and its meaning; a test holds it equal to the dataclasses.
"""

from __future__ import annotations

import dataclasses
import difflib
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TypeVar, cast, get_args, get_origin, get_type_hints

import msgspec
import tomlkit

from pipeline import config_files, drift, sources
from pipeline.errors import UserError
from stages import decode, extract, language, near_duplicates, noise, repair, segment

Section = TypeVar("Section")

#: What a stage is handed besides plain values; the files it comes from are named in [evidence].
HANDED_OVER = frozenset({"packs", "line_model"})
#: A worker with its models and kernels takes 270 MB.
LEAST_MEMORY = 300_000_000
#: Larger numbers, endless ones and those that are none fit nowhere.
BEYOND_NUMBERS = 2**63


@dataclass(frozen=True)
class RunSettings:
    """How a run moves documents. None of these changes a row of the tables."""

    max_failed_share: float = 0.2
    batch_documents: int = 256
    batch_bytes: int = 4_000_000
    part_documents: int = 4096
    resolve_documents: int = 20_000
    task_seconds: float = 120.0
    tasks_per_worker: int = 100
    worker_memory_bytes: int = 2_000_000_000

    def __post_init__(self) -> None:
        if not 0 <= self.max_failed_share <= 1:
            raise ValueError(f"max_failed_share is a share between 0 and 1, not {self.max_failed_share}")
        above_zero = (
            *("batch_documents", "batch_bytes", "part_documents", "resolve_documents", "task_seconds"),
            "tasks_per_worker",
        )
        for name in above_zero:
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be more than 0, not {getattr(self, name)}")
        if self.worker_memory_bytes < LEAST_MEMORY:
            raise ValueError(
                f"worker_memory_bytes must be at least {LEAST_MEMORY:_}, not {self.worker_memory_bytes:_}: a worker "
                "holds about as much before it begins"
            )


@dataclass(frozen=True)
class StoreSettings:
    """How an output on an S3-compatible store is reached. Credentials come from where AWS' own tools find them."""

    endpoint_url: str | None = None  # none: that of the environment (AWS_ENDPOINT_URL) or profile, else AWS
    work_folder: str | None = None  # none: ~/.cache/copydesk
    attempts: int = 8
    lock_seconds: float = 300.0

    def __post_init__(self) -> None:
        for name in ("attempts", "lock_seconds"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be more than 0, not {getattr(self, name)}")
        if self.endpoint_url is not None and not self.endpoint_url.startswith(("http://", "https://")):
            raise ValueError(f"endpoint_url begins with http:// or https://, not {self.endpoint_url!r}")


@dataclass(frozen=True)
class EvidenceSettings:
    """What evidence of noise is used.

    `rule_packs` are names of shipped packs, "shipped" for all of them, or paths of TOML files (ending in `.toml`).
    """

    rule_packs: tuple[str, ...] = ("shipped",)
    line_model: bool = True
    outlets: str = "config/outlets"  # a folder of files with people's answers to `clean learn --review`


@dataclass(frozen=True)
class Settings:
    """All settings, by the part of the program that they steer."""

    run: RunSettings = field(default_factory=RunSettings)
    store: StoreSettings = field(default_factory=StoreSettings)
    sources: sources.Settings = field(default_factory=sources.Settings)
    decode: decode.Settings = field(default_factory=decode.Settings)
    extract: extract.Settings = field(default_factory=extract.Settings)
    repair: repair.Settings = field(default_factory=repair.Settings)
    segment: segment.Settings = field(default_factory=segment.Settings)
    language: language.Settings = field(default_factory=language.Settings)
    evidence: EvidenceSettings = field(default_factory=EvidenceSettings)
    noise: noise.Settings = field(default_factory=noise.Settings)
    guards: drift.Settings = field(default_factory=drift.Settings)
    near_duplicates: near_duplicates.Settings = field(default_factory=near_duplicates.Settings)


def as_dict(settings: Settings) -> dict[str, Any]:
    """The settings as plain TOML types, section by section."""
    plain: dict[str, Any] = msgspec.to_builtins(settings, builtin_types=(datetime,))
    plain["noise"] = {name: value for name, value in plain["noise"].items() if name not in HANDED_OVER}
    return plain


def as_toml(settings: Settings) -> str:
    """The settings in the words of `config/default.toml`: every key with its meaning, and its value here."""
    document = tomlkit.parse((config_files.folder() / "default.toml").read_text(encoding="utf-8"))
    _lay_over(document, as_dict(settings))
    return tomlkit.dumps(document)


def _lay_over(document: Any, values: dict[str, Any]) -> None:
    for name, value in values.items():
        if isinstance(value, dict):
            _lay_over(document[name], value)
        elif value is not None and document.get(name) != value:
            document[name] = value


def load(path: Path | None, overrides: dict[str, dict[str, Any]] | None = None) -> Settings:
    """The defaults, with a settings file laid over them, and `overrides` over both."""
    data = config_files.load_toml(path) if path else {}
    where = f"settings file {path}" if path else "settings"
    for section, values in (overrides or {}).items():
        if isinstance(data.setdefault(section, {}), dict):  # else it is refused below
            data[section].update(values)
    return parse(data, where)


def parse(data: dict[str, Any], where: str = "settings") -> Settings:
    """Settings from parsed TOML. Unknown keys are refused with the nearest known one."""
    _refuse_unknown(data, {f.name for f in dataclasses.fields(Settings)}, where, "section")
    types = get_type_hints(Settings)
    return Settings(**{name: _section(types[name], values, f"{where}, [{name}]") for name, values in data.items()})


def _section(cls: type[Section], values: Any, where: str) -> Section:
    _refuse_unknown_keys(cls, values, where)
    try:
        return msgspec.convert(values, cls)
    except msgspec.ValidationError as error:
        raise UserError(f"{where}: {error}. `clean config` shows every key with its meaning.") from None


def _refuse_unknown_keys(cls: type, values: Any, where: str) -> None:
    """Refuse unknown keys of a section, and of the sections in it."""
    if not isinstance(values, dict):
        raise UserError(f"{where}: this is a section with keys of its own, not a single value.")
    handed_over = HANDED_OVER if cls is noise.Settings else frozenset()
    types = {name: kind for name, kind in get_type_hints(cls).items() if name not in handed_over}
    _refuse_unknown(values, set(types), where, "key")
    for name, value in values.items():
        if dataclasses.is_dataclass(types[name]):
            _refuse_unknown_keys(cast(type, types[name]), value, f"{where}, {name}")
        elif get_origin(types[name]) is Literal and isinstance(value, str):
            _refuse_unknown({value: None}, set(get_args(types[name])), f"{where} {name}", "value")
        elif isinstance(value, int | float) and not abs(value) < BEYOND_NUMBERS:
            raise UserError(f"{where} {name}: {value} is no number that can be meant.")


def _refuse_unknown(values: dict[str, Any], known: set[str], where: str, what: str) -> None:
    for name in values:
        if name not in known:
            near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.5)
            hint = f"did you mean {near[0]!r}?" if near else f"known are: {', '.join(sorted(known))}."
            elsewhere = [] if what == "value" else _sections_with(name)
            hint = f"it is a key of [{elsewhere[0]}]." if elsewhere else hint
            raise UserError(f"{where}: unknown {what} {name!r}; {hint}")


def _sections_with(key: str) -> list[str]:
    """The sections that have this key.

    >>> _sections_with("batch_documents"), _sections_with("packs")
    (['run'], [])
    """
    sections = get_type_hints(Settings).items()
    return [name for name, cls in sections if key in get_type_hints(cls) and key not in HANDED_OVER]
