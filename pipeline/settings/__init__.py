"""Settings: one frozen value for a whole run, and the rule packs and weights that it names."""

from pipeline.settings.layers import LoadedSettings, load, load_layers
from pipeline.settings.model import (
    EvidenceSettings,
    RunSettings,
    Settings,
    SparkSettings,
    StoreSettings,
    as_dict,
    as_toml,
    parse,
    with_cluster,
)

__all__ = [
    "EvidenceSettings",
    "LoadedSettings",
    "RunSettings",
    "Settings",
    "SparkSettings",
    "StoreSettings",
    "as_dict",
    "as_toml",
    "load",
    "load_layers",
    "parse",
    "with_cluster",
]
