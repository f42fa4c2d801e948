"""Rule-pack loader: reads rule packs and the line model from `config/noise/`, or packs from a user's files.

The examples of a user's packs are checked as they are read: a rule that does not do what its author meant is refused
before a run. Those of the shipped packs are tests.
"""

from __future__ import annotations

import difflib
import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from pipeline import config_files
from pipeline.errors import UserError
from pipeline.settings import EvidenceSettings, Settings, template_answers
from stages import noise
from stages.noise.examples import problems_of
from stages.noise.rules import keywords_of
from stages.shared.derived import derived

#: Stands in `[evidence] rule_packs` for every pack of `config/noise/`.
SHIPPED = "shipped"
#: Files of `config/noise/` that are no packs: weights and word lists of the line model.
WEIGHTS = "line_model.json"
WORDS = "line_words.toml"


@cache
def noise_settings(settings: Settings) -> noise.Settings:
    """Return the noise stage's settings with rule packs and weights read. UserError where a file is wrong."""
    return read_evidence(settings, shipped_folder())


def read_evidence(settings: Settings, folder: Path) -> noise.Settings:
    """Read rule packs and weights, the shipped ones from `folder`."""
    chosen = settings.evidence
    files = _pack_files(chosen, folder)
    origin = b"\0".join(part for path in files for part in (path.stem.encode(), path.read_bytes()))
    packs = derived("packs", origin, lambda: tuple(_parse(path) for path in files))
    _refuse_wrong_examples(dict(zip(files, packs, strict=True)), folder)
    packs = without(packs, chosen.without_rules)
    return replace(settings.noise, packs=packs, line_model=_line_model(folder) if chosen.line_model else None)


def shipped_folder() -> Path:
    """Return the folder of the shipped packs and weights."""
    return config_files.folder() / "noise"


def pack_paths(chosen: EvidenceSettings) -> dict[str, Path]:
    """Map the name of each rule pack in use to its file."""
    return {path.stem: path for path in _pack_files(chosen, shipped_folder())}


def without(packs: Sequence[noise.RulePack], ids: Sequence[str]) -> tuple[noise.RulePack, ...]:
    """Leave rules out of packs. UserError for an id that no rule has."""
    known = [rule.id for pack in packs for rule in pack.rules]
    for each in ids:
        if each not in known:
            near = difflib.get_close_matches(each, known, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]!r}?" if near else "`clean rules` lists them."
            raise UserError(f"settings, [evidence] without_rules: there is no rule {each!r}; {hint}")
    if not ids:
        return tuple(packs)
    return tuple(replace(pack, rules=tuple(rule for rule in pack.rules if rule.id not in ids)) for pack in packs)


def _refuse_wrong_examples(packs: dict[Path, noise.RulePack], folder: Path) -> None:
    """Raise UserError for a pack of the user's own with a rule that contradicts its examples."""
    keywords = keywords_of(packs.values())
    for path, pack in packs.items():
        problem = None if path.parent == folder else next(problems_of(pack, keywords), None)
        if problem:
            raise UserError(
                f"rule pack {path}: {problem}. Mend the pattern or the example; `clean rules --try FILE` shows what "
                "rules cut."
            )


def _pack_files(chosen: EvidenceSettings, folder: Path) -> list[Path]:
    """Find the files of the chosen packs. UserError where one does not exist, or two have the same name."""
    names = (*chosen.rule_packs, *chosen.extra_rule_packs)
    found = [shipped_packs(folder) if name == SHIPPED else [_pack_file(name, folder)] for name in names]
    files = list(dict.fromkeys(path for some in found for path in some))
    if twice := [name for name, count in Counter(path.stem for path in files).items() if count > 1]:
        both = ", ".join(str(path) for path in files if path.stem == twice[0])
        raise UserError(
            f"settings, [evidence] rule_packs: two packs are named {twice[0]!r} ({both}). Rename one of the files: the "
            "ledger names a rule by its pack."
        )
    return files


def shipped_packs(folder: Path) -> list[Path]:
    """List the packs of a folder such as `config/noise/`, sorted by name. UserError where it holds anything else."""
    files = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    for path in files:
        if path.name not in (WEIGHTS, WORDS) and (path.suffix != ".toml" or not path.is_file()):
            raise UserError(
                f"{path} is no rule pack: a pack is a file whose name ends in .toml. Rename it or move it away."
            )
    return [path for path in files if path.name not in (WEIGHTS, WORDS)]


def _pack_file(name: str, folder: Path) -> Path:
    path = Path(name) if name.endswith(".toml") else folder / f"{name}.toml"
    if not path.is_file():
        shipped = [SHIPPED, *(pack.stem for pack in shipped_packs(folder))]
        near = difflib.get_close_matches(name, shipped, n=1, cutoff=0.5)
        hint = f"; did you mean {near[0]!r}?" if near else f" ({', '.join(shipped)})."
        where = f"{path} (paths are relative to the settings file)" if name.endswith(".toml") else repr(name)
        raise UserError(f"settings, [evidence] rule_packs: {where} is neither a file nor a shipped pack{hint}")
    return path


def _parse(path: Path) -> noise.RulePack:
    try:
        return noise.parse_pack(config_files.load_toml(path), path.stem)
    except ValueError as error:
        raise UserError(f"settings, [evidence]: {path}: {error}") from None


def _line_model(folder: Path) -> noise.LineModel:
    weights, words = folder / WEIGHTS, folder / WORDS
    try:
        return noise.LineModel.from_dict(json.loads(weights.read_text(encoding="utf-8")), config_files.load_toml(words))
    except ValueError as error:
        raise UserError(f"settings, [evidence]: {weights}, {words}: {error}") from None


def evidence_digest(chosen: EvidenceSettings, folder: Path | None = None) -> str:
    """Digest the files that decide what is noise, and their names: a changed rule makes another run of the settings."""
    folder = folder or shipped_folder()
    files = _pack_files(chosen, folder)
    files += [folder / WEIGHTS, folder / WORDS] if chosen.line_model else []
    digests = [f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in files]
    return hashlib.sha256("\n".join([*digests, template_answers.digest(Path(chosen.outlets))]).encode()).hexdigest()
