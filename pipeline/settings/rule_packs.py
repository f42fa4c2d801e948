"""The evidence that the noise stage is handed: rule packs and the line model, ours or a user's."""

from __future__ import annotations

import difflib
import hashlib
import json
from dataclasses import replace
from functools import cache
from pathlib import Path

from rich.console import Group, RenderableType
from rich.text import Text

from pipeline import config_files
from pipeline.console import in_one_line
from pipeline.errors import UserError
from pipeline.settings import EvidenceSettings, Settings
from pipeline.templates import answers
from stages import noise


@cache
def noise_settings(settings: Settings) -> noise.Settings:
    """The settings of the noise stage with its rule packs and weights read. UserError where one is wrong."""
    chosen = settings.evidence
    try:
        packs = tuple(_pack(name) for name in chosen.rule_packs)
        return replace(settings.noise, packs=packs, line_model=_line_model() if chosen.line_model else None)
    except ValueError as error:
        raise UserError(f"settings, [evidence]: {error}") from None


def _pack(name: str) -> noise.RulePack:
    path = _path(name)
    if not path.is_file():
        shipped = sorted(p.stem for p in (config_files.folder() / "noise").glob("*.toml"))
        near = difflib.get_close_matches(name, shipped, n=1, cutoff=0.5)
        hint = f"; did you mean {near[0]!r}?" if near else f" ({', '.join(shipped)})."
        raise UserError(f"settings, [evidence] rule_packs: {name!r} is neither a file nor a shipped pack{hint}")
    return noise.parse_pack(config_files.load_toml(path), path.stem)


def _path(name: str) -> Path:
    return Path(name) if name.endswith(".toml") else config_files.folder() / "noise" / f"{name}.toml"


def _line_model() -> noise.LineModel:
    return noise.LineModel.from_dict(json.loads(_line_model_path().read_text(encoding="utf-8")))


def _line_model_path() -> Path:
    return config_files.folder() / "noise" / "line_model.json"


def evidence_digest(chosen: EvidenceSettings) -> str:
    """A digest of the files that decide what is noise: a changed rule makes another run of the same settings."""
    files = [_path(name) for name in chosen.rule_packs] + ([_line_model_path()] if chosen.line_model else [])
    said = answers.digest(Path(chosen.outlets)).encode()
    return hashlib.sha256(b"".join([*(hashlib.sha256(path.read_bytes()).digest() for path in files), said])).hexdigest()


def rule_list(settings: Settings) -> RenderableType:
    """Every rule with its label and examples."""
    lines: list[Text] = []
    for pack in noise_settings(settings).packs:
        lines.append(Text(f"\n{pack.name}: {len(pack.rules)} rules", style="bold"))
        for rule in pack.rules:
            lines.append(Text(f"  {rule.id}", style="cyan").append(f"  {rule.label}", style="magenta"))
            lines += [Text(f"      {in_one_line(example)}", style="red strike") for example in rule.examples[:2]]
            lines += [Text(f"      {in_one_line(example)}", style="green") for example in rule.counter_examples[:1]]
    return Group(*lines)
