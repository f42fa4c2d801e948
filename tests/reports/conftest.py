"""Fixtures of the tests of reports."""

import json
from pathlib import Path

import pytest

from pipeline import api, settings
from pipeline.api import RunRequest
from tests.helpers.hostile_texts import hostile_texts

#: Characters of a hostile text that is printed twice here: the huge ones take seconds.
SHORT = 2_000


@pytest.fixture(scope="session")
def copied_attacks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output folder of a run in which two outlets print each hostile text: it is a passage and a caption."""
    folder = tmp_path_factory.mktemp("attacks")
    short = [each for each in hostile_texts() if len(each.text) < SHORT]
    rows = [
        {"id": f"{each.id} {night}", "outlet": f"{outlet} {each.outlet}", "url": each.url, "title": each.title,
         "published": f"2031-05-0{night}T06:00:00Z", "text": f"{outlet} heard this on day {night}.\n\n{each.paragraph} "
         f"Everybody on the quay read it on Monday.\n\nPicture: {each.title} Photo by Mara Quill"}
        for each in short
        for night, outlet in ((1, "plume"), (2, "</script><script>alert(1)</script>"))
    ]  # fmt: skip
    broken = ['{"text": "<img src=x onerror=alert(1)>', '{"title": "<script>alert(2)</script>"}']
    lines = "\n".join([*map(json.dumps, rows), *broken])
    (folder / "in.jsonl").write_text(lines + "\n", encoding="utf-8")
    chosen = settings.parse({"run": {"max_failed_share": 1.0}})
    api.clean(RunRequest([str(folder / "in.jsonl")], folder / "out", chosen, workers=1, run_id="attacks"))
    return folder / "out"
