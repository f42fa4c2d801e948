"""Settings: one frozen value for a whole run, read from TOML over the defaults of the code.

`config/default.toml` shows every key with its default and its meaning; a test compares it with the dataclasses.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeVar, cast, get_args, get_origin, get_type_hints

import msgspec
import tomlkit

from pipeline import config_files, drift, sources
from pipeline.errors import UserError
from pipeline.settings.strictness import spelled_out
from stages import decode, extract, language, near_duplicates, noise, page_kind, repair, segment
from stages.catalog import Part

Section = TypeVar("Section")

#: Fields of `noise.Settings` that are objects loaded from the files named in [evidence], not keys of [noise].
LOADED_FROM_FILES = frozenset({"packs", "line_model"})
#: Sections of older versions, and what they are called now.
RENAMED_SECTIONS = {"guards": "drift"}
#: A worker takes two seconds to load what cleans, in which the main process cleans about so much text.
SMALL_BYTES = 1_000_000
#: A worker with its models and kernels takes 270 MB.
LEAST_MEMORY = 300_000_000
#: No setting needs a number beyond 64 bits; this refuses inf and nan too.
BEYOND_NUMBERS = 2**63


@dataclass(frozen=True)
class RunSettings:
    """Sizes of batches, parts and workers. None of these changes a row of the tables."""

    max_failed_share: float = 0.2
    batch_documents: int = 256
    batch_bytes: int = 4_000_000
    part_documents: int = 4096
    resolve_documents: int = 20_000
    task_seconds: float = 120.0
    tasks_per_worker: int = 100
    worker_memory_bytes: int = 2_000_000_000
    small_bytes: int = SMALL_BYTES

    def __post_init__(self) -> None:
        if not 0 <= self.max_failed_share <= 1:
            raise ValueError(f"max_failed_share must be between 0 and 1, not {self.max_failed_share}")
        above_zero = (
            *("batch_documents", "batch_bytes", "part_documents", "resolve_documents", "task_seconds"),
            "tasks_per_worker",
        )
        for name in above_zero:
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be more than 0, not {getattr(self, name)}")
        if self.small_bytes < 0:
            raise ValueError(f"small_bytes must be at least 0, not {self.small_bytes}")
        if self.worker_memory_bytes < LEAST_MEMORY:
            raise ValueError(
                f"worker_memory_bytes must be at least {LEAST_MEMORY:_}, not {self.worker_memory_bytes:_}: a worker "
                "needs about that much for its models alone"
            )


@dataclass(frozen=True)
class SparkSettings:
    """The cluster of `clean run --engine spark`. None of these changes a row of the tables."""

    master: str = "local[*]"
    conf: tuple[str, ...] = ()  # KEY=VALUE
    start_seconds: float = 300.0
    partitions: int = 0  # 0: twice the tasks that the cluster can do at once
    #: A run of so many documents, or fewer, is matched by the driver; 0: none. The driver takes some 0.1 ms of a core
    #: for a document and the memory of a chunk of RunSettings.resolve_documents; jobs of Spark take half a minute.
    driver_matches: int = 20_000

    def __post_init__(self) -> None:
        if self.start_seconds <= 0:
            raise ValueError(f"start_seconds must be more than 0, not {self.start_seconds}")
        if self.partitions < 0:
            raise ValueError(f"partitions must be at least 0, not {self.partitions}")
        if self.driver_matches < 0:
            raise ValueError(f"driver_matches must be at least 0, not {self.driver_matches}")
        for each in self.conf:
            if not each.partition("=")[0].strip() or "=" not in each:
                raise ValueError(f"conf: {each!r} is not KEY=VALUE, as in 'spark.executor.memory=8g'")


@dataclass(frozen=True)
class StagesSettings:
    """The stages that a run does. A corpus has one answer, for all of its runs."""

    only: Part = "all"


@dataclass(frozen=True)
class StoreSettings:
    """Access to an output on an S3-compatible store. Credentials are found where AWS' own tools look for them."""

    endpoint_url: str | None = None  # None: from AWS_ENDPOINT_URL or the profile, else AWS
    work_folder: str | None = None  # None: ~/.cache/copydesk
    attempts: int = 8
    lock_seconds: float = 300.0

    def __post_init__(self) -> None:
        for name in ("attempts", "lock_seconds"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be more than 0, not {getattr(self, name)}")
        if self.endpoint_url is not None and not self.endpoint_url.startswith(("http://", "https://")):
            raise ValueError(f"endpoint_url must begin with http:// or https://, not {self.endpoint_url!r}")


@dataclass(frozen=True)
class EvidenceSettings:
    """Files that the noise stage takes its evidence from.

    `rule_packs` are names of shipped packs, "shipped" for all of them, or paths of TOML files (ending in `.toml`);
    `extra_rule_packs` come after them. Of all these, `without_rules` are left out, by their ids.
    """

    rule_packs: tuple[str, ...] = ("shipped",)
    extra_rule_packs: tuple[str, ...] = ()
    without_rules: tuple[str, ...] = ()
    line_model: bool = True
    outlets: str = "config/outlets"  # a folder of files with people's answers to `clean learn --review`


@dataclass(frozen=True)
class Settings:
    """All settings: a section for each stage (named like its module), and the sections of the pipeline."""

    run: RunSettings = field(default_factory=RunSettings)
    spark: SparkSettings = field(default_factory=SparkSettings)
    stages: StagesSettings = field(default_factory=StagesSettings)
    store: StoreSettings = field(default_factory=StoreSettings)
    sources: sources.Settings = field(default_factory=sources.Settings)
    decode: decode.Settings = field(default_factory=decode.Settings)
    extract: extract.Settings = field(default_factory=extract.Settings)
    repair: repair.Settings = field(default_factory=repair.Settings)
    segment: segment.Settings = field(default_factory=segment.Settings)
    language: language.Settings = field(default_factory=language.Settings)
    page_kind: page_kind.Settings = field(default_factory=page_kind.Settings)
    evidence: EvidenceSettings = field(default_factory=EvidenceSettings)
    noise: noise.Settings = field(default_factory=noise.Settings)
    drift: drift.Settings = field(default_factory=drift.Settings)
    near_duplicates: near_duplicates.Settings = field(default_factory=near_duplicates.Settings)


def with_cluster(
    settings: Settings, master: str | None, conf: Sequence[str] | None = None, partitions: int = 0
) -> Settings:
    """Return settings with another master of Spark, more of its configuration, another number of partitions.

    >>> with_cluster(Settings(), "yarn", ["spark.executor.memory=8g"]).spark.conf
    ('spark.executor.memory=8g',)
    """
    spark = settings.spark
    changed = dataclasses.replace(
        spark,
        master=master or spark.master,
        conf=(*spark.conf, *(conf or ())),
        partitions=partitions or spark.partitions,
    )
    return dataclasses.replace(settings, spark=changed)


def as_dict(settings: Settings) -> dict[str, Any]:
    """Convert settings to plain TOML types, section by section."""
    plain: dict[str, Any] = msgspec.to_builtins(settings, builtin_types=(datetime,))
    plain["noise"] = {name: value for name, value in plain["noise"].items() if name not in LOADED_FROM_FILES}
    return plain


def as_toml(settings: Settings) -> str:
    """Write settings as TOML, with the comments and the order of `config/default.toml`."""
    document = tomlkit.parse((config_files.folder() / "default.toml").read_text(encoding="utf-8"))
    _lay_over(document, as_dict(settings), as_dict(Settings()))
    return tomlkit.dumps(document)


def _lay_over(document: Any, values: dict[str, Any], defaults: dict[str, Any]) -> None:
    for name, value in values.items():
        if isinstance(value, dict):
            _lay_over(document[name], value, defaults[name])
        elif value != defaults[name]:
            document[name] = value


def parse(data: dict[str, Any], where: str = "settings") -> Settings:
    """Build settings from parsed TOML. An unknown key is a `UserError` that names the nearest known one."""
    _refuse_renamed(data, where)
    _refuse_unknown(data, {f.name for f in dataclasses.fields(Settings)}, where, "section")
    types = get_type_hints(Settings)
    sections = spelled_out(data).items()
    return Settings(**{name: _section(types[name], values, f"{where}, [{name}]") for name, values in sections})


def _section(cls: type[Section], values: Any, where: str) -> Section:
    _refuse_unknown_keys(cls, values, where)
    try:
        return msgspec.convert(values, cls)
    except msgspec.ValidationError as error:
        raise UserError(f"{where}: {error}. `clean config` shows every key with its meaning.") from None


def _refuse_unknown_keys(cls: type, values: Any, where: str) -> None:
    """Refuse unknown keys of a section and of the sections inside it."""
    if not isinstance(values, dict):
        raise UserError(f"{where}: this is a section with keys of its own, not a single value.")
    loaded = LOADED_FROM_FILES if cls is noise.Settings else frozenset()
    types = {name: kind for name, kind in get_type_hints(cls).items() if name not in loaded}
    _refuse_unknown(values, set(types), where, "key")
    for name, value in values.items():
        if dataclasses.is_dataclass(types[name]):
            _refuse_unknown_keys(cast(type, types[name]), value, f"{where}, {name}")
        elif get_origin(types[name]) is Literal and isinstance(value, str):
            _refuse_unknown({value: None}, set(get_args(types[name])), f"{where} {name}", "value")
        elif isinstance(value, int | float) and not abs(value) < BEYOND_NUMBERS:
            raise UserError(f"{where} {name}: {value} is out of range. Give a finite number below 2**63.")


def _refuse_renamed(data: dict[str, Any], where: str) -> None:
    for old, new in RENAMED_SECTIONS.items():
        if old in data:
            raise UserError(f"{where}: the section [{old}] is now called [{new}]. Rename it; its keys are the same.")


#: Options of `clean run` that are looked for among the settings.
OPTIONS = frozenset(("workers", "out", "engine", "limit", "since", "until", "wait", "run_id", "again", "dry_run"))


def _refuse_unknown(values: dict[str, Any], known: set[str], where: str, what: str) -> None:
    for name in values:
        if name not in known:
            near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.5)
            hint = f"did you mean {near[0]!r}?" if near else f"known are: {', '.join(sorted(known))}."
            elsewhere = [] if what == "value" else _sections_with(name)
            hint = f"it is an option: clean run --{name.replace('_', '-')}." if name in OPTIONS else hint
            hint = f"it is a key of [{elsewhere[0]}]." if elsewhere else hint
            raise UserError(f"{where}: unknown {what} {name!r}; {hint}")


def _sections_with(key: str) -> list[str]:
    """List the sections that have this key.

    >>> _sections_with("batch_documents"), _sections_with("packs")
    (['run'], [])
    """
    sections = get_type_hints(Settings).items()
    return [name for name, cls in sections if key in get_type_hints(cls) and key not in LOADED_FROM_FILES]
