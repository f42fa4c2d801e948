"""The documentation site: built strictly, complete, and without a request to anybody."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

pytest.importorskip("mkdocs")
pytest.importorskip("material")
pytest.importorskip("mkdocstrings")


#: Attributes that hold an address which a browser fetches by itself.
FETCHED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href"}


class Loaded(HTMLParser):
    """What a browser fetches for a page by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        address = dict(attrs).get(FETCHED.get(tag, ""))
        if address and dict(attrs).get("rel") not in ("canonical", "next", "prev"):
            self.addresses.append(address)


def test_no_page_fetches_anything_from_elsewhere(site: Path) -> None:
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 60
    for page in pages:
        loaded = Loaded()
        loaded.feed(page.read_text(encoding="utf-8"))
        assert [address for address in loaded.addresses if re.match(r"(?:[a-z]+:)?//", address)] == [], page


def test_no_style_sheet_fetches_anything_from_elsewhere(site: Path) -> None:
    for sheet in site.rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        assert re.findall(r"url\([\"']?(?:https?:)?//[^)]*\)|@import[^;]*//[^;]*", text) == [], sheet


def test_search_finds_commands_settings_and_reasons_without_a_server(site: Path) -> None:
    index = json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))
    titles = {document["title"] for document in index["docs"]}
    assert {"clean run", "[near_duplicates]", "Reasons", "Rules and labels"} <= titles


def test_the_python_api_is_shown_name_by_name(site: Path) -> None:
    import copydesk

    text = (site / "reference" / "api.html").read_text(encoding="utf-8")
    names = [name for name in copydesk.__all__ if not name.startswith("_")]
    assert [name for name in names if f'id="copydesk.{name}"' not in text] == []
    assert "<blockquote>" not in text  # as which examples would be shown


def test_every_rule_is_shown_with_its_examples(site: Path) -> None:
    text = (site / "reference" / "rules" / "en.html").read_text(encoding="utf-8")
    assert 'id="en-share-prompt"' in text
    assert "Share this article" in text


def test_what_a_page_links_to_in_the_repository_is_in_the_site(site: Path) -> None:
    assert "[drift]" in (site / "repository" / "config" / "nightly.toml.txt").read_text(encoding="utf-8")
