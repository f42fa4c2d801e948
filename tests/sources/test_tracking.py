"""Tracking parameters leave the address; its identity and what came stay."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline import settings
from pipeline.api import RunRequest, clean
from pipeline.sources.documents import document_id
from pipeline.sources.tracking import without_tracking
from pipeline.storage.tables import read

STORY = "The ferry to Holm sails again from Monday, the harbour office said after nine days of storm."
CAME = "https://plume.example/lift?utm_source=rss&id=3"


@pytest.mark.parametrize(
    "url",
    [
        "https://plume.example/?gallery=4&global=1&cid=7&source=wire&ref=12&uid=9&eid=5",
        "https://plume.example/lift?b=2&a=1&q=%C3%A4#utm_source=rss",
        "https://plume.example/lift?",
        "urn:uuid:4b80da6f",
        "not an address",
    ],
)
def test_what_may_name_an_article_stays_to_the_letter(url: str) -> None:
    assert without_tracking(url) == url


def test_the_column_is_without_them_the_ledger_has_what_came_and_the_id_does_not_change(tmp_path: Path) -> None:
    record = {"url": CAME, "outlet": "daily-plume", "text": f"{STORY}\n\n{STORY.replace('Monday', 'Friday')}"}
    (tmp_path / "news.jsonl").write_text(json.dumps(record))
    clean(RunRequest([str(tmp_path / "news.jsonl")], tmp_path / "out", settings.parse({}), workers=1, run_id="one"))
    (row,) = read(tmp_path / "out", "documents", ["one"]).to_pylist()
    assert row["url"] == "https://plume.example/lift?id=3"
    assert row["doc_id"] == document_id("daily-plume", CAME, record["text"].encode())
    ledger = read(tmp_path / "out", "ledger", ["one"]).to_pylist()
    (edited,) = (each for each in ledger if each["reason"] == "tracking")
    assert (edited["action"], edited["before"], edited["after"]) == ("edited", CAME, row["url"])


def test_integers_of_the_ledger_stay_integers_in_pandas(sample_run: Path) -> None:
    pd = pytest.importorskip("pandas")
    for backend in ("pyarrow", "numpy_nullable"):
        ledger = pd.read_parquet(sample_run / "ledger", dtype_backend=backend)
        assert {str(ledger[name].dtype).lower() for name in ("paragraph", "start", "end")} <= {
            "int32",
            "int32[pyarrow]",
        }
