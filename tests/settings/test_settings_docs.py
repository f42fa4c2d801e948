"""The settings that the documentation shows are settings that work."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline import settings
from pipeline.settings.rule_packs import noise_settings

PAGES = ("own-rules.md", "settings.md", "keep-captions.md", "strictness.md")


def blocks(page: Path) -> list[str]:
    return re.findall(r"```toml[^\n]*\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("page", PAGES)
def test_the_settings_on_a_page_are_read(repository: Path, tmp_path: Path, page: str) -> None:
    (pack,) = (each for each in blocks(repository / "docs" / "how-to" / "own-rules.md") if each.startswith("[[rule]]"))
    (tmp_path / "my").mkdir()
    (tmp_path / "my" / "plume.toml").write_text(pack, encoding="utf-8")
    shown = [
        each for each in blocks(repository / "docs" / "how-to" / page) if each.startswith(("[noise]", "[evidence]"))
    ]
    assert shown
    for each in shown:
        (tmp_path / "my.toml").write_text(each, encoding="utf-8")
        noise_settings(settings.load(tmp_path / "my.toml"))
