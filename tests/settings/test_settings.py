"""Settings: the file shows what the code does, and what cannot be meant is refused."""

import dataclasses
import tomllib
from pathlib import Path
from typing import Any

import pytest

from pipeline import config_files, settings
from pipeline.errors import UserError
from pipeline.runs.start import fingerprint


def shown() -> dict[str, Any]:
    return tomllib.loads((config_files.folder() / "default.toml").read_text(encoding="utf-8"))


def without_none(values: dict[str, Any]) -> dict[str, Any]:
    plain = {k: without_none(v) if isinstance(v, dict) else v for k, v in values.items()}
    return {k: list(v) if isinstance(v, tuple) else v for k, v in plain.items() if v is not None}


def test_the_default_file_shows_every_key_with_the_default_of_the_code() -> None:
    defaults = without_none(settings.as_dict(settings.parse({})))
    del defaults["evidence"]["outlets"]  # commented out: in a settings file it would be relative to that file
    assert shown() == defaults


def test_every_key_of_the_default_file_has_a_comment_near_it() -> None:
    lines = (config_files.folder() / "default.toml").read_text(encoding="utf-8").splitlines()
    sections: dict[str, list[str]] = {}
    for line in lines:
        if line.startswith("["):
            sections[line] = []
        elif sections:
            sections[list(sections)[-1]].append(line)
    for section, body in sections.items():
        assert any("#" in line for line in body), section


def test_the_default_file_reads_as_the_defaults() -> None:
    assert settings.parse(shown()) == settings.parse({})


def test_a_settings_file_changes_only_what_it_names(tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text("[language]\nmin_confidence = 0.9\n")
    changed = settings.load(tmp_path / "my.toml")
    assert changed.language.min_confidence == 0.9
    (tmp_path / "marked.toml").write_text("[language]\nmin_confidence = 0.9\n", encoding="utf-8-sig")
    assert settings.load(tmp_path / "marked.toml") == changed, "as Windows' editor writes it"
    assert dataclasses.replace(changed, language=settings.parse({}).language) == settings.parse({})


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"runs": {}}, "did you mean 'run'"),
        ({"guards": {"min_runs": 5}}, r"\[guards\] is now called \[drift\]"),
        ({"run": {"batch_document": 3}}, "did you mean 'batch_documents'"),
        ({"sources": {"fields": {"texts": "body"}}}, "did you mean 'text'"),
        ({"run": 3}, "a section with keys"),
        ({"run": {"batch_documents": "many"}}, "Expected `int`"),
        ({"run": {"batch_documents": 0}}, "more than 0"),
        ({"near_duplicates": {"dropped": "all"}}, "dropped"),
        ({"near_duplicates": {"dropped": "keep-frist"}}, "did you mean 'keep-first'"),
        ({"near_duplicates": {"gap_cost": float("nan")}}, "out of range"),
        ({"run": {"task_seconds": float("inf")}}, "out of range"),
        ({"run": {"batch_documents": 10**30}}, "out of range"),
        ({"run": {"worker_memory_bytes": 1000}}, "at least 300_000_000"),
        ({"batch_documents": 3}, r"it is a key of \[run\]"),
        ({"sources": {"fields": {"text": "body", "html": "body"}}}, "a column holds one of them"),
        ({"sources": {"csv": {"quote": "''"}}}, "must be one character"),
        ({"sources": {"csv": {"delimiter": ""}}}, "one or more characters"),
        ({"sources": {"csv": {"delimiter": "'", "quote": "'"}}}, "is also the delimiter"),
        ({"sources": {"csv": {"delimeter": ";"}}}, "did you mean 'delimiter'"),
        ({"noise": {"packs": []}}, "unknown key 'packs'"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_hint(data: dict[str, Any], told: str) -> None:
    with pytest.raises(UserError, match=told):
        settings.parse(data)


def test_the_fingerprint_follows_what_decides_and_nothing_else() -> None:
    plain = settings.parse({})
    assert fingerprint(plain) == fingerprint(settings.parse({"run": {"batch_documents": 3}}))
    assert fingerprint(plain) != fingerprint(settings.parse({"noise": {"min_odds": 9.0}}))
    assert fingerprint(plain) != fingerprint(settings.parse({"evidence": {"rule_packs": ["any"]}}))
