"""People's answers about templates: a folder of TOML files, one per outlet, that a person can read and edit.

    outlet = "daily-plume"

    [[template]]
    answer = "accept"            # or "refuse"
    paragraph = "Sign up for the Plume briefing"

An answer holds for all paragraphs of the outlet that differ from this one in numbers or names only; if the paragraph
is a sentence, it holds for these very words.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

import tomlkit

from pipeline import config_files
from pipeline.durable import make_folder, replacing
from pipeline.errors import UserError
from stages.noise import templates

HEADER = (
    "Answers to `clean learn --review`. accept: clean run cuts the paragraph, wherever this outlet prints it.",
    "refuse: it is never cut as a template.",
    "An answer holds for all paragraphs that differ in numbers or names only; a sentence is meant as it stands.",
)
UNSAFE = re.compile(r"[^\w.-]+")
#: A file name has 255 bytes at most on nearly every file system: these, a digest, `.toml`, a dot in front and `.new`.
NAME_CHARACTERS, NAME_BYTES = 80, 236


class Decision(StrEnum):
    """A person's decision about a template."""

    accept = "accept"
    refuse = "refuse"


class Answer(NamedTuple):
    """A person's decision about one paragraph of an outlet."""

    outlet: str
    paragraph: str
    decision: Decision

    @property
    def mask(self) -> int:
        """Digest of the paragraph with its numbers and names masked."""
        return templates.digest(templates.mask_of(self.paragraph))


def load(folder: Path) -> list[Answer]:
    """Read all answers of a folder; none where it does not exist. Raises UserError where a file is wrong."""
    found: list[Answer] = []
    if folder.exists() and not folder.is_dir():
        raise UserError(f"{folder}: [evidence] outlets (and --outlets) name a folder of outlet files, not a file.")
    for path in sorted(folder.glob("*.toml")):
        found += _parse(config_files.load_toml(path), f"outlet file {path}")
    answers: dict[tuple[str, int], Answer] = {}
    for one in found:
        other = answers.setdefault((one.outlet, one.mask), one)
        if other.decision is not one.decision:
            raise UserError(
                f"outlet files in {folder}: {one.outlet} both accepts and refuses {one.paragraph!r}. "
                "Remove one of the two."
            )
    return list(answers.values())


def decisive(folder: Path) -> templates.Answers:
    """Read the answers as template mining takes them."""
    keys: dict[Decision, set[int]] = {decision: set() for decision in Decision}
    for one in load(folder):
        keys[one.decision].add(templates.key_of(one.outlet, one.mask))
    return templates.Answers(frozenset(keys[Decision.accept]), frozenset(keys[Decision.refuse]))


def digest(folder: Path) -> str:
    """Return a digest of the answers, independent of their order, wording and comments."""
    rows = sorted((one.outlet, one.mask, one.decision) for one in load(folder))
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def save(folder: Path, answers: Iterable[Answer]) -> list[Path]:
    """Add answers to the files of their outlets, and return the files that changed.

    What a person wrote there is kept. Each file is replaced in one rename: a reader finds the old one or the new one.
    """
    by_outlet: dict[str, list[Answer]] = {}
    for one in answers:
        outlet, paragraph = whole_characters(one.outlet), whole_characters(one.paragraph)
        by_outlet.setdefault(outlet, []).append(Answer(outlet, paragraph, one.decision))
    return [_add(_path(folder, outlet), outlet, some) for outlet, some in by_outlet.items()]


def _add(path: Path, outlet: str, answers: list[Answer]) -> Path:
    document = tomlkit.parse(path.read_text(encoding="utf-8")) if path.is_file() else _new(outlet)
    held = document.setdefault("template", tomlkit.aot())
    for one in answers:
        entry = tomlkit.table()
        entry.update({"answer": one.decision.value, "paragraph": one.paragraph})
        held.append(entry)
    try:
        make_folder(path.parent)
        with replacing(path) as aside:
            aside.write_text(tomlkit.dumps(document), encoding="utf-8")
    except OSError as error:
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
    """Return the file of an outlet: the one that names it, else a new one called after it."""
    for path in sorted(folder.glob("*.toml")):
        if config_files.load_toml(path).get("outlet") == outlet:
            return path
    path = folder / f"{file_name(outlet)}.toml"
    return folder / f"{file_name(outlet, taken=True)}.toml" if path.exists() else path


def file_name(outlet: str, taken: bool = False) -> str:
    """Turn an outlet's name into a file name; where characters are replaced, a digest keeps two outlets apart.

    `taken`: another outlet has the plain name, or one that a file system takes for the same.

    >>> file_name("plume.example"), file_name("../The Plume")
    ('plume.example', 'The-Plume-79a47f')
    """
    plain = UNSAFE.sub("-", outlet).strip("-.")[:NAME_CHARACTERS]
    plain = plain.encode()[:NAME_BYTES].decode(errors="ignore")
    if plain == outlet and not taken:
        return plain
    return f"{plain}-{hashlib.sha256(outlet.encode()).hexdigest()[:6]}".strip("-")


def whole_characters(text: str) -> str:
    """Replace halves of characters, which no file of text can hold, as the tables do.

    >>> whole_characters("quay" + chr(0xD800))
    'quay\ufffd'
    """
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


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
    decision, paragraph = row.get("answer"), row.get("paragraph")
    if not isinstance(paragraph, str) or not paragraph.strip():
        raise UserError(f"{where}: paragraph is missing. Give the words as the outlet prints them.")
    if decision not in list(Decision):
        raise UserError(
            f"{where}: answer must be accept or refuse, not {decision!r}{_nearest(decision, list(Decision))}"
        )
    return Answer(outlet, paragraph, Decision(decision))


def _refuse_unknown(data: dict[str, Any], known: tuple[str, ...], where: str) -> None:
    for name in data:
        if name not in known:
            hint = _nearest(name, known) or f"; known are: {', '.join(known)}."
            raise UserError(f"{where}: unknown key {name!r}{hint}")


def _nearest(value: Any, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(str(value), list(known), n=1, cutoff=0.5)
    return f"; did you mean '{near[0]}'?" if near else ""
