"""Hooks of MkDocs: pages generated from the code, folders of pages in the navigation, files of the repository as links.

What is generated is never committed, so it cannot say something else than the code does.
"""

from __future__ import annotations

import posixpath
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[2]
for folder in (ROOT, Path(__file__).parent):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

import reference_api  # noqa: E402
import reference_commands  # noqa: E402
import reference_rules  # noqa: E402
import reference_settings  # noqa: E402

LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#)([^)#\s]+)")
#: Where files of the repository that a page links to lie in the site, as text that browsers show.
REPOSITORY = "repository"


def generated_pages() -> dict[str, str]:
    """Return the pages of the reference that the code writes: path below docs/, and Markdown."""
    pages = {
        "reference/commands.md": reference_commands.page(),
        "reference/settings.md": reference_settings.page(),
        "reference/api.md": reference_api.page(),
    }
    return pages | reference_rules.pages()


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put every page of a folder into the navigation where it says `folder/*`."""
    pages = sorted(path.relative_to(config.docs_dir).as_posix() for path in Path(config.docs_dir).rglob("*.md"))
    pages = sorted({*pages, *generated_pages()})
    named = set(_named(config.nav))
    config.nav = _expanded(config.nav, lambda folder: [p for p in pages if _belongs(p, folder) and p not in named])
    return config


def _belongs(page: str, folder: str) -> bool:
    return posixpath.dirname(page) == folder and not page.startswith("_site/")


def _named(entries: Any) -> list[str]:
    if isinstance(entries, str):
        return [entries]
    values = entries.values() if isinstance(entries, dict) else entries or []
    return [name for value in values for name in _named(value)]


def _expanded(entries: list[Any], pages_of: Callable[[str], list[str]]) -> list[Any]:
    expanded: list[Any] = []
    for entry in entries:
        if isinstance(entry, str) and entry.endswith("/*"):
            expanded += pages_of(entry.removesuffix("/*"))
        elif isinstance(entry, dict):
            expanded.append({k: _expanded(v, pages_of) if isinstance(v, list) else v for k, v in entry.items()})
        else:
            expanded.append(entry)
    return expanded


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages, and the files of the repository that pages link to."""
    for path, text in generated_pages().items():
        files.append(File.generated(config, path, content=text))
    for target in sorted({target for file in files.documentation_pages() for target in _linked(file)}):
        files.append(File.generated(config, f"{REPOSITORY}/{target}.txt", content=(ROOT / target).read_bytes()))
    return files


def _linked(file: File) -> list[str]:
    found = (_of_repository(file.src_uri, link) for link in LINK.findall(file.content_string))
    return [target for target in found if target]


def _of_repository(page: str, link: str) -> str | None:
    """Return the path in the repository of a link that leads out of docs/, None for any other."""
    target = posixpath.normpath(posixpath.join("docs", posixpath.dirname(page), link))
    return None if target.startswith(("docs/", "..")) or not (ROOT / target).is_file() else target


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Lead links to files of the repository to their copies in the site, and links to folders to their first page."""

    def leading(match: re.Match[str]) -> str:
        link, here = match[1], posixpath.dirname(page.file.src_uri)
        if target := _of_repository(page.file.src_uri, link):
            return posixpath.relpath(f"{REPOSITORY}/{target}.txt", here or ".")
        if link.endswith("/"):
            return f"{link}{'README' if (ROOT / 'docs' / here / link / 'README.md').is_file() else 'index'}.md"
        return link

    return LINK.sub(leading, markdown)


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Give the theme's search a name, which screen readers say."""
    return output.replace(
        'data-md-component="search" role="dialog"', 'data-md-component="search" role="dialog" aria-label="Search"'
    )
