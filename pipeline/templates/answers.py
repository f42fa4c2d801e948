"""What people said of outlets' templates: a folder of TOML files, one an outlet, that a person can read and edit.

    outlet = "daily-plume"

    [[template]]
    answer = "accept"            # or "refuse"
    paragraph = "Sign up for the Plume briefing"

An answer holds for all paragraphs of the outlet that differ from this one in numbers or names only, where it is no
sentence; a sentence is meant as it stands.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import re
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

import tomlkit

from pipeline import config_files
from pipeline.errors import UserError
from stages.noise import templates

HEADER = (
    "Answers to `clean learn --review`. accept: clean run cuts the paragraph, wherever this outlet prints it.",
    "refuse: it is never cut as a template.",
    "An answer holds for all paragraphs that differ in numbers or names only; a sentence is meant as it stands.",
)
UNSAFE = re.compile(r"[^\w.-]+")


class Verdict(StrEnum):
    """What a person says of a template."""

    accept = "accept"
    refuse = "refuse"


class Answer(NamedTuple):
    """What a person said of one paragraph of an outlet."""

    outlet: str
    paragraph: str
    verdict: Verdict

    @property
    def mask(self) -> int:
        """The digest of the paragraph with what changes masked."""
        return templates.digest(templates.mask_of(self.paragraph))


def load(folder: Path) -> list[Answer]:
    """All answers of a folder; none where it does not exist. UserError where a file is wrong."""
    found: list[Answer] = []
    if folder.exists() and not folder.is_dir():
        raise UserError(f"{folder}: [evidence] outlets (and --outlets) name a folder of outlet files, not a file.")
    for path in sorted(folder.glob("*.toml")):
        found += _parse(config_files.load_toml(path), f"outlet file {path}")
    said: dict[tuple[str, int], Answer] = {}
    for one in found:
        other = said.setdefault((one.outlet, one.mask), one)
        if other.verdict is not one.verdict:
            raise UserError(
                f"outlet files in {folder}: {one.outlet} both accepts and refuses {one.paragraph!r}. "
                "Remove one of the two."
            )
    return list(said.values())


def decisive(folder: Path) -> templates.Answers:
    """The answers as learning needs them."""
    keys: dict[Verdict, set[int]] = {verdict: set() for verdict in Verdict}
    for one in load(folder):
        keys[one.verdict].add(templates.key_of(one.outlet, one.mask))
    return templates.Answers(frozenset(keys[Verdict.accept]), frozenset(keys[Verdict.refuse]))


def digest(folder: Path) -> str:
    """A digest of what the answers say, however they are written down."""
    said = sorted((one.outlet, one.mask, one.verdict) for one in load(folder))
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def save(folder: Path, answers: Iterable[Answer]) -> list[Path]:
    """Add answers to the files of their outlets, what a person wrote there kept; the files that changed.

    Each file is replaced in one rename: a reader finds the old one or the new one.
    """
    by_outlet: dict[str, list[Answer]] = {}
    for one in answers:
        by_outlet.setdefault(one.outlet, []).append(one)
    return [_add(_path(folder, outlet), outlet, some) for outlet, some in by_outlet.items()]


def _add(path: Path, outlet: str, answers: list[Answer]) -> Path:
    document = tomlkit.parse(path.read_text(encoding="utf-8")) if path.is_file() else _new(outlet)
    held = document.setdefault("template", tomlkit.aot())
    for one in answers:
        entry = tomlkit.table()
        entry.update({"answer": one.verdict.value, "paragraph": one.paragraph})
        held.append(entry)
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        aside.write_text(tomlkit.dumps(document), encoding="utf-8")
        aside.replace(path)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise UserError(
            f"outlet file {path} cannot be written: {error.strerror}. Name a folder with --outlets."
        ) from None
    return path


def _new(outlet: str) -> tomlkit.TOMLDocument:
    document = tomlkit.document()
    for line in HEADER:
        document.add(tomlkit.comment(line))
    document.add("outlet", tomlkit.item(outlet))
    return document


def _path(folder: Path, outlet: str) -> Path:
    """The file of an outlet: the one that names it, else a new one called after it."""
    for path in sorted(folder.glob("*.toml")):
        if config_files.load_toml(path).get("outlet") == outlet:
            return path
    return folder / f"{file_name(outlet)}.toml"


def file_name(outlet: str) -> str:
    """An outlet's name as a file's; where letters had to go, a digest keeps two outlets apart.

    >>> file_name("plume.example"), file_name("../The Plume")
    ('plume.example', 'The-Plume-79a47f')
    """
    plain = UNSAFE.sub("-", outlet).strip("-.")[:80]
    if plain == outlet:
        return plain
    return f"{plain}-{hashlib.sha256(outlet.encode()).hexdigest()[:6]}".strip("-")


def _parse(data: dict[str, Any], where: str) -> list[Answer]:
    _refuse_unknown(data, ("outlet", "template"), where)
    outlet, rows = data.get("outlet"), data.get("template", [])
    if not isinstance(outlet, str) or not outlet:
        raise UserError(f'{where}: outlet is missing. Its first line must be: outlet = "NAME"')
    if not isinstance(rows, list):
        raise UserError(f"{where}: write [[template]], in two brackets, above each answer.")
    return [_answer(row, outlet, f"{where}, template {number}") for number, row in enumerate(rows, start=1)]


def _answer(row: Any, outlet: str, where: str) -> Answer:
    if not isinstance(row, dict):
        raise UserError(f"{where}: write [[template]], in two brackets, above each answer.")
    _refuse_unknown(row, ("answer", "paragraph"), where)
    verdict, paragraph = row.get("answer"), row.get("paragraph")
    if not isinstance(paragraph, str) or not paragraph.strip():
        raise UserError(f"{where}: paragraph is missing: the words as the outlet prints them.")
    if verdict not in list(Verdict):
        raise UserError(f"{where}: answer must be accept or refuse, not {verdict!r}{_nearest(verdict, list(Verdict))}")
    return Answer(outlet, paragraph, Verdict(verdict))


def _refuse_unknown(data: dict[str, Any], known: tuple[str, ...], where: str) -> None:
    for name in data:
        if name not in known:
            hint = _nearest(name, known) or f"; known are: {', '.join(known)}."
            raise UserError(f"{where}: unknown key {name!r}{hint}")


def _nearest(value: Any, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(str(value), list(known), n=1, cutoff=0.5)
    return f"; did you mean '{near[0]}'?" if near else ""
