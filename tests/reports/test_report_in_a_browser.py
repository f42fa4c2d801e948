"""The page of `clean report` in Debian's Chromium: nothing is loaded, only our script runs, axe finds nothing."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pipeline.reports.page import report_page
from tests.helpers.hostile_texts import hostile_texts

sync_api = pytest.importorskip("playwright.sync_api")
axe = pytest.importorskip("axe_playwright_python.sync_playwright")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium: apt-get install chromium")


class Opened(NamedTuple):
    """A page in the browser, and what it said and asked for since it was opened."""

    page: Any
    console: list[str]
    requests: list[str]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    options = ["--no-sandbox", "--disable-gpu"]
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def hostile_page(copied_attacks: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(str(report_page(copied_attacks, None, tmp_path_factory.mktemp("hostile") / "page.html")))


def opened(browser: Any, path: Path, **options: Any) -> Opened:
    found = Opened(browser.new_page(**options), [], [])
    found.page.on("console", lambda message: found.console.append(message.text))
    found.page.on("pageerror", lambda error: found.console.append(str(error)))
    found.page.on("request", lambda request: found.requests.append(request.url))
    found.page.goto(path.as_uri())
    return found


def unfold(page: Any, which: str = "details") -> None:
    page.evaluate(f"document.querySelectorAll('{which}').forEach((each) => {{ each.open = true; }})")


def test_hostile_texts_stay_text_and_no_request_leaves(browser: Any, hostile_page: Path) -> None:
    found = opened(browser, hostile_page)
    unfold(found.page)
    assert found.page.title() == "Run attacks · copydesk report"
    shown = " ".join(found.page.inner_text("main").split())
    printed = [each.name for each in hostile_texts() if each.paragraph[:40] in shown or each.title[:40] in shown]
    assert len(printed) > 10
    assert "</script><script>alert(1)</script> outlet-0" in shown
    assert found.console == []
    assert found.requests == [hostile_page.as_uri()]


def test_the_charts_are_drawn_and_can_be_used_by_keyboard(browser: Any, sample_run: Path, tmp_path: Path) -> None:
    path = Path(str(report_page(sample_run, None, tmp_path / "page.html")))
    found = opened(browser, path, viewport={"width": 400, "height": 800})
    page = found.page
    assert page.locator("#flow-chart .link").count() == 28
    assert page.locator("#clusters figure.timeline svg").count() == 1
    page.locator("#flow-chart .node").first.focus()
    assert "words printed later by" in page.inner_text("#flow-chart figcaption")
    assert page.evaluate("document.documentElement.scrollWidth") == 400
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#clusters figure.timeline svg").count() > 15
    assert found.console == []


def test_axe_finds_no_violation_in_light_and_dark(browser: Any, hostile_page: Path) -> None:
    page = opened(browser, hostile_page, color_scheme="dark").page
    unfold(page, "details:first-of-type")
    page.evaluate(f"{Path(axe.__file__).with_name('axe.min.js').read_text(encoding='utf-8')}; 0")
    violations = page.evaluate("axe.run({ resultTypes: ['violations'], preload: false })")["violations"]
    page.emulate_media(color_scheme="light")  # changes colours alone
    violations += page.evaluate("axe.run({ runOnly: ['color-contrast'], preload: false })")["violations"]
    assert [(each["id"], each["impact"], each["nodes"][0]["html"]) for each in violations] == []
