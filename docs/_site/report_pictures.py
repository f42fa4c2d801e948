"""Pictures of the report for the documentation, of the invented sample corpus: docs/images/report-*.png.

    python docs/_site/report_pictures.py [FOLDER]

Needs Debian's chromium. Run it again when the report looks different, and look at what it made.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from pipeline import settings, sources
from pipeline.api import RunRequest, clean
from pipeline.reports.page import report_page

ROOT = Path(__file__).parents[2]
#: Each picture: the part of the page, its colours, the width of the window, and the height that is shown.
PICTURES = {
    "report-top": ("#main", "light", 1280, 900),
    "report-flows": ("#flows", "light", 1280, 790),
    "report-passages": ("#clusters", "dark", 1280, 840),
    "report-noise": ("#noise", "light", 1280, 800),
    "report-narrow": ("#flows", "dark", 400, 1000),
}
NIGHTS = ("2025-03-01", "2025-03-04", "2025-03-05", "2025-03-06", "2025-03-07", "2025-03-09", "2025-03-31")


def sample_run(out: Path, run: str, since: str | None = None, until: str | None = None) -> None:
    """Clean the sample corpus, or what is of some days."""
    window = sources.window_of(since, until)
    corpus = [str(ROOT / "corpus")]
    clean(RunRequest(corpus, out, settings.parse({}), workers=1, run_id=run, window=window, allow_drift=True))


def picture(browser: Any, page: Path, part: str, colours: str, width: int, height: int) -> bytes:
    """Open the page at a part of it and return what a window of this size shows."""
    tab = browser.new_page(viewport={"width": width, "height": height}, color_scheme=colours)
    tab.goto(page.as_uri())
    if part != "#main":
        top = f"document.querySelector('{part}').offsetTop + 20"
        tab.evaluate(f"scrollTo({{ top: {top}, behavior: 'instant' }})")
    found: bytes = tab.screenshot()
    tab.close()
    return found


def main() -> None:
    """Make all pictures."""
    images = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images"
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        whole, nights = Path(folder, "whole"), Path(folder, "nights")
        sample_run(whole, "sample")
        for since, until in pairwise(NIGHTS):
            sample_run(nights, f"night-{since}", since, until)
        pages = {out: Path(str(report_page(out, None, None))) for out in (whole, nights)}
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name, shown in PICTURES.items():
            (images / f"{name}.png").write_bytes(picture(chromium, pages[whole], *shown))
        drift = picture(chromium, pages[nights], "#drift", "light", 1280, 400)
        (images / "report-drift.png").write_bytes(drift)
        chromium.close()


if __name__ == "__main__":
    main()
