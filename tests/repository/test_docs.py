"""Docs that cannot rot: what they must name is compared with the code."""

import re
from pathlib import Path

import pytest

from pipeline import sources
from pipeline.cli import app
from pipeline.storage.tables import TABLES, WHOLE
from stages.catalog import reasons


def test_the_tables_reference_names_every_column(repository: Path) -> None:
    text = (repository / "docs" / "reference" / "tables.md").read_text(encoding="utf-8")
    for name, schema in (TABLES | WHOLE).items():
        section = text.split(f"\n## {name}\n")[1].split("\n## ")[0]
        assert [column for column in schema.names if f"`{column}`" not in section] == [], name


REASONS = {"source": sources.REASONS} | reasons()


@pytest.mark.parametrize("stage", REASONS)
def test_the_tables_reference_explains_every_reason(repository: Path, stage: str) -> None:
    text = (repository / "docs" / "reference" / "tables.md").read_text(encoding="utf-8").split("### Reasons")[1]
    assert [reason for reason in REASONS[stage] if f"`{reason}`" not in text] == []


def test_the_readme_shows_every_command(repository: Path) -> None:
    text = (repository / "README.md").read_text(encoding="utf-8")
    commands = [command.name or command.callback.__name__ for command in app.registered_commands if command.callback]
    assert [name for name in commands if f"clean {name}" not in text] == []


def test_the_list_of_decisions_names_each_by_its_title(repository: Path) -> None:
    folder = repository / "docs" / "decisions"
    listed = (folder / "README.md").read_text(encoding="utf-8")
    for page in folder.glob("0*.md"):
        title = page.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
        assert f"- {int(page.name[:4])}: [{title}]({page.name})\n" in listed


def test_links_between_the_documents_lead_somewhere(repository: Path) -> None:
    """Pages of the reference that the code writes are there once the site is built, which looks at links to them."""
    written = (repository / "docs" / "reference").resolve()
    for page in [*repository.glob("*.md"), *repository.glob("docs/**/*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            place = (page.parent / target).resolve()
            assert place.exists() or written in place.parents, f"{page.name}: {target}"
