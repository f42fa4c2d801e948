"""Settings: one frozen value for a whole run, and the rule packs and weights that it names."""

from pipeline.settings.model import (
    EvidenceSettings,
    RunSettings,
    Settings,
    StoreSettings,
    as_dict,
    as_toml,
    load,
    parse,
)

__all__ = ["EvidenceSettings", "RunSettings", "Settings", "StoreSettings", "as_dict", "as_toml", "load", "parse"]
