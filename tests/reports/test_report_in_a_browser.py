"""The page of `clean report` in Debian's Chromium: nothing is loaded, only our script runs, axe finds nothing."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pipeline import api, settings
from pipeline.api import RunRequest
from pipeline.reports.page import report_page
from tests.helpers.hostile_articles import write_hostile_articles

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
def hostile_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    source = write_hostile_articles(folder / "in.jsonl")
    for run in ("one", "two"):
        api.clean(RunRequest([str(source)], folder / "out", settings.parse({}), workers=1, run_id=run))
        source.write_text(source.read_text().replace("nine days", "ten days"))
    return Path(str(report_page(folder / "out", ["one"], folder / "hostile.html")))


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
    assert found.page.title() == "Run one · copydesk report"
    assert "<script>document.title = 'taken'</script>" in found.page.inner_text("main")
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


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation(browser: Any, hostile_page: Path, scheme: str) -> None:
    page = opened(browser, hostile_page, color_scheme=scheme).page
    unfold(page, "details:first-of-type, td details")
    page.evaluate(f"{Path(axe.__file__).with_name('axe.min.js').read_text(encoding='utf-8')}; 0")
    answer = page.evaluate("axe.run()")
    assert [(each["id"], each["impact"], each["nodes"][0]["html"]) for each in answer["violations"]] == []
