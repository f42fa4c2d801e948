"""Labels that are kept: the text stays, a ledger row names it, and fields are filled all the same."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from pipeline import settings
from pipeline.errors import UserError
from pipeline.settings.rule_packs import noise_settings
from stages import noise
from stages.contract import DOCUMENT, PARAGRAPH_BREAK

CAPTION = "Pictured: the ferry Alba at the quay of Holm"
LINES = (
    "Share this article",
    "By Mara Quill",
    "The ferry to Holm sails again from Monday, the harbour office said after nine days of storm.",
    CAPTION,
    "Nobody was hurt when the Alba broke her ropes on Thursday night, the office said in a statement.",
    "ADVERTISEMENT",
)


def cleaned(*lines: str, **values: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The document after the stage, and its ledger rows."""
    row: dict[str, object] = dict.fromkeys(DOCUMENT.names)
    row |= {"doc_id": "d1", "source_uri": "x", "outlet": "quay", "kind": "text", "raw_sha256": "0", "language": "en"}
    row |= {"text": PARAGRAPH_BREAK.join(lines or LINES)}
    chosen = noise_settings(settings.parse({"noise": values, "evidence": {"line_model": False}}))
    outcome = noise.run(pa.Table.from_pylist([row], schema=DOCUMENT), chosen)
    return outcome.documents.to_pylist()[0], outcome.ledger.to_pylist()


def test_what_is_kept_stays_and_is_marked_where_it_stood_in_the_text_that_came() -> None:
    document, ledger = cleaned(keep=["caption"])
    assert document["text"].split(PARAGRAPH_BREAK) == [LINES[2], CAPTION, LINES[4]]
    (marked,) = (row for row in ledger if row["reason"] == "caption")
    assert (marked["action"], marked["rule"], marked["before"]) == ("marked", "en.pictured", CAPTION)
    assert (marked["paragraph"], marked["start"]) == (3, None), "nothing was changed, so nothing is to be undone"


def test_without_it_the_same_is_cut() -> None:
    document, ledger = cleaned()
    assert document["text"].split(PARAGRAPH_BREAK) == [LINES[2], LINES[4]]
    assert [row["action"] for row in ledger if row["reason"] == "caption"] == ["cut"]


def test_a_byline_that_is_kept_fills_the_authors() -> None:
    document, ledger = cleaned(keep=["byline"])
    assert document["authors"] == ["Mara Quill"]
    assert document["text"].startswith("By Mara Quill\n\n")
    assert [row["action"] for row in ledger if row["reason"] == "byline"] == ["marked"]


TEASER = "Caption: The lifeboat of Port Anning in a new coat of paint"
WITH_TEASER = (LINES[2], CAPTION, LINES[4], "Read more:", TEASER)


@pytest.mark.parametrize(
    ("keep", "stay", "go"),
    [
        ([], set(), {"related", "caption"}),
        (["caption"], {"caption"}, {"related"}),
        (["related"], {"related"}, {"caption"}),
        (["related", "caption"], {"related", "caption"}, set()),
    ],
)
def test_a_line_below_read_more_is_kept_by_the_label_that_the_ledger_shows(
    keep: list[str], stay: set[str], go: set[str]
) -> None:
    document, ledger = cleaned(*WITH_TEASER, keep=keep)
    labels = {CAPTION: "caption", "Read more:": "related", TEASER: "related"}
    assert {row["before"].strip(): row["reason"] for row in ledger} == labels
    assert {row["reason"] for row in ledger if row["action"] == "marked"} == stay
    assert {row["reason"] for row in ledger if row["action"] == "cut"} == go
    assert document["text"].split(PARAGRAPH_BREAK) == [line for line in WITH_TEASER if labels.get(line, "") not in go]


def test_a_label_that_does_not_exist_is_refused_with_the_nearest() -> None:
    with pytest.raises(UserError, match=r"keep: unknown label 'captions' \(did you mean 'caption'"):
        settings.parse({"noise": {"keep": ["captions"]}})


def test_the_name_of_the_outlet_is_no_author() -> None:
    row: dict[str, object] = dict.fromkeys(DOCUMENT.names)
    row |= {"doc_id": "d1", "source_uri": "x", "outlet": "brackmere-star", "kind": "text", "raw_sha256": "0"}
    row |= {"text": PARAGRAPH_BREAK.join(["By Mara Quill, Brackmere Star", LINES[2], LINES[4]]), "language": "en"}
    rules = noise_settings(settings.parse({"evidence": {"line_model": False}}))
    for authors, expected in ((None, ["Mara Quill"]), (["Mara Quill", "The Brackmere Star"], ["Mara Quill"])):
        table = pa.Table.from_pylist([row | {"authors": authors}], schema=DOCUMENT)
        assert noise.run(table, rules).documents["authors"].to_pylist() == [expected]
