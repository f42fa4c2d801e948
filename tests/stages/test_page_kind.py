"""Page kind: pages and texts of every kind as case files, the setting that leaves kinds out, and what it must not do.

A case of tests/cases/page_kind gives a `text` with a paragraph on each line, which is judged as a text and as a page of
these paragraphs, or `html`, the body of a page; and `title`, `url`, `json_ld` and `body_class`, where it has them.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import settings
from pipeline.errors import UserError
from stages import page_kind
from stages.catalog import stages_of
from stages.contract import RAW_DOCUMENT, Outcome
from tests.helpers.cases import Case, marks_of, read_cases

PIECES = {
    "story": (
        "The harbour of Port Anning opened again on Monday after nine days of storm, the harbour master said.",
        "Forty boats had waited outside the bar, and the first of them sold its catch before noon.",
        "Nobody in the ice house could remember such a swell, and the oldest skippers had counted the days.",
        "The town will mend the outer wall in April, when the stone from the quarry has been brought down.",
    ),
    "geschichte": (
        "Der Hafen von Grauenfels ist nach neun Tagen Sturm wieder offen, teilte die Hafenmeisterin am Montag mit.",
        "Vierzig Boote hatten vor der Einfahrt gewartet, und das erste verkaufte seinen Fang noch vor dem Mittag.",
        "Im Eishaus konnte sich niemand an eine solche Dünung erinnern, und die Alten hatten die Tage gezählt.",
        "Die Stadt will die Außenmauer im April ausbessern, wenn der Stein aus dem Bruch gekommen ist.",
    ),
    "historia": (
        "El puerto de Sotomar volvió a abrir el lunes después de nueve días de tormenta, dijo la capitana del puerto.",
        "Cuarenta barcos habían esperado delante de la barra, y el primero vendió su pesca antes del mediodía.",
        "Nadie en la lonja recordaba un oleaje así, y los patrones más viejos habían contado los días en la pared.",
        "La ciudad reparará el muro exterior en abril, cuando haya llegado la piedra de la cantera.",
    ),
}


def html_of(case: Case) -> str:
    """Make the page of a case."""
    lines = case.get("text", "").strip().split("\n")
    heading = f"<h1>{case['title']}</h1>" if "title" in case else ""
    body = case.get("html") or heading + "".join(f"<p>{line}</p>" for line in lines)
    for name, paragraphs in PIECES.items():
        body = body.replace(f"{{{name}}}", "".join(f"<p>{each}</p>" for each in paragraphs))
    data = f'<script type="application/ld+json">{case["json_ld"]}</script>' if "json_ld" in case else ""
    title = f"<title>{case['title']}</title>" if "title" in case else ""
    body = f'<body class="{case.get("body_class", "")}"><article>{body}</article></body>'
    return f"<html><head>{title}{data}</head>{body}</html>"


def prepared(case: Case, kind: str, skip: tuple[str, ...] = ()) -> Outcome:
    """Run the stages before the noise stage on a case, as a page or as a text."""
    raw = html_of(case) if kind == "html" else case["text"].strip().replace("\n", "\n\n")
    row = {"doc_id": "0" * 32, "source_uri": "case", "outlet": "o", "kind": kind, "raw_sha256": "0"}
    known = {"url": case.get("url"), "title": case.get("title") if kind == "text" else None, "published": None}
    documents = pa.Table.from_pylist([row | known | {"raw": raw.encode()}], schema=RAW_DOCUMENT)
    chosen = settings.parse({"page_kind": {"skip": list(skip)}})
    outcome = Outcome(documents, pa.table({}))
    for stage in stages_of("prepare"):
        outcome = stage.module.run(outcome.documents, getattr(chosen, stage.name))
    return outcome


def forms() -> list[Any]:
    """Make a parameter of every case and every form that it is judged in."""
    return [
        pytest.param(case, kind, marks=marks_of({"expect": "pass"} | case), id=f"{name}-{kind}")
        for name, case in read_cases("page_kind")
        for kind in (("text", "html") if "text" in case else ("html",))
    ]


@pytest.mark.parametrize(("case", "kind"), forms())
def test_a_page_is_of_the_kind_that_its_case_names(case: Case, kind: str) -> None:
    assert prepared(case, kind).documents["page_kind"].to_pylist() == [case.get("expected", "article")]


def test_every_kind_has_cases_in_two_languages() -> None:
    found = [case.get("expected", "article") for _, case in read_cases("page_kind")]
    assert {kind for kind in page_kind.KINDS if found.count(kind) >= 2} == set(page_kind.KINDS)


@pytest.mark.parametrize(("case", "kind"), forms())
def test_nothing_is_left_out_unless_the_settings_say_so(case: Case, kind: str) -> None:
    assert len(prepared(case, kind).documents) == 1


@pytest.mark.parametrize("skipped", [kind for kind in page_kind.KINDS if kind != "article"])
def test_a_kind_to_skip_is_left_out_with_a_row_that_says_why(skipped: str) -> None:
    case, kind = next(form.values for form in forms() if form.values[0].get("expected") == skipped)
    outcome = prepared(case, str(kind), skip=(skipped,))
    assert len(outcome.documents) == 0
    [row] = outcome.ledger.to_pylist()
    assert (row["stage"], row["action"], row["reason"], row["after"]) == (
        "page_kind", "skipped", "not_an_article", skipped,
    )  # fmt: skip
    assert row["rule"]
    assert row["measured"] >= row["limit"]


def test_other_kinds_stay_where_one_is_skipped() -> None:
    recipe = next(case for _, case in read_cases("page_kind") if case.get("expected") == "recipe")
    assert len(prepared(recipe, "text", skip=("index", "stub")).documents) == 1


@pytest.mark.parametrize("skip", [["blog"], ["article"]])
def test_a_kind_that_cannot_be_skipped_is_refused(skip: list[str]) -> None:
    with pytest.raises((UserError, ValueError), match=r"skip"):
        settings.parse({"page_kind": {"skip": skip}})


@given(st.lists(st.text(max_size=40), max_size=12))
def test_any_text_has_a_kind(paragraphs: list[str]) -> None:
    case = {"text": "\n".join(paragraphs).replace("\r", " ")}
    for found in prepared(case, "text").documents["page_kind"].to_pylist():
        assert found in page_kind.KINDS
