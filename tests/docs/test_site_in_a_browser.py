"""The documentation site in Debian's Chromium: axe finds nothing serious, no request leaves, the search answers."""

import importlib
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.helpers.folders import ROOT

pytest.importorskip("playwright.sync_api")
pytest.importorskip("mkdocs")
axe = pytest.importorskip("axe_playwright_python.sync_playwright")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium: apt-get install chromium")

PAGES = ("index.html", "tutorial/first-run.html", "reference/settings.html", "reference/tables.html")


@pytest.fixture(scope="module")
def screenshots() -> ModuleType:
    sys.path.insert(0, str(ROOT / "docs" / "_site"))
    try:
        return importlib.import_module("screenshots")
    finally:
        sys.path.pop(0)


@pytest.fixture(scope="module")
def browser(screenshots: ModuleType) -> Iterator[Any]:
    with screenshots.chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def address(screenshots: ModuleType, site: Path) -> Iterator[str]:
    with screenshots.served(site) as served:
        yield served


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_and_no_request_leaves(browser: Any, address: str, scheme: str) -> None:
    page = browser.new_page(color_scheme=scheme)
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: said.append(str(error)))
    for path in PAGES:
        page.goto(f"{address}/{path}", wait_until="networkidle")
        found = axe.Axe().run(page).response["violations"]
        serious = {one["id"]: one["nodes"][0]["html"] for one in found if one["impact"] in ("serious", "critical")}
        assert serious == {}, path
    assert [url for url in asked if not url.startswith((address, "data:", "blob:"))] == []
    assert said == []
    page.close()


def test_the_search_answers_without_a_server(browser: Any, site: Path) -> None:
    page = browser.new_page()
    page.goto((site / "index.html").as_uri(), wait_until="load")
    page.fill("input[name=query]", "min_documents_share")
    page.wait_for_selector(".md-search-result__link[href*='reference/settings.html']", timeout=15_000)
    page.close()


def test_a_narrow_screen_does_not_scroll_sideways(browser: Any, address: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    for path in PAGES:
        page.goto(f"{address}/{path}", wait_until="load")
        assert page.evaluate("document.documentElement.scrollWidth") == 390, path
    page.close()
