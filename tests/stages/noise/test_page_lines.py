"""Documents that the line model's second pass learns from: lines of web pages, labelled from afar. All invented."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

SENTENCE = "The harbour office of Port Anning said that the ferry {} would lie at the quay until the storm is over."
STORY = [SENTENCE.format(name) for name in ("Alba", "Berta", "Clara")]
MENU = [f"Section number {number}" for number in range(60)]
LABELLED = ["Share this page", "Nobody knows."]


@pytest.fixture
def page_lines(monkeypatch: pytest.MonkeyPatch, repository: Path) -> Any:
    pytest.importorskip("sklearn")
    monkeypatch.syspath_prepend(str(repository / "benchmarks"))
    import page_lines

    return page_lines


def page_of(page_lines: Any, has_extract: bool = True) -> Any:
    """A page with a menu of 60 lines, a story of three and a share prompt, and one line of which nothing is known."""
    menu = "".join(f'<li><a href="/{line[-2:].strip()}">{line}</a></li>' for line in MENU)
    story = "".join(f"<p>{line}</p>" for line in [*STORY, *LABELLED])
    html = f"<html><body><nav><ul>{menu}</ul></nav><article>{story}</article></body></html>"
    kinds = dict.fromkeys(STORY, page_lines.STORY) | {LABELLED[0]: page_lines.FURNITURE, LABELLED[1]: -1}

    def truth(lines: list[str]) -> Any:
        return np.array([kinds.get(line, page_lines.UNMATCHED) for line in lines])

    return page_lines.Source("https://courier.example/storm", html, truth, has_extract)


def test_a_page_gives_a_document_of_all_its_lines_and_one_of_those_around_its_story(page_lines: Any) -> None:
    whole, around = page_lines.documents_of(page_of(page_lines), np.random.default_rng(0))
    assert (whole.form, around.form) == ("whole", "around")
    assert whole.lines[-5:] == around.lines[-5:] == [*STORY, *LABELLED]
    assert len(whole.lines) == 65
    assert 5 <= len(around.lines) < 5 + page_lines.ABOVE


def test_lines_are_story_furniture_or_in_doubt(page_lines: Any) -> None:
    whole, _ = page_lines.documents_of(page_of(page_lines), np.random.default_rng(0))
    of_line = {line: whole.labels.get(at, "body") for at, line in enumerate(whole.lines)}
    assert [of_line[line] for line in (*STORY, *LABELLED)] == ["body"] * 3 + ["noise", "unsure"]
    assert {of_line[line] for line in MENU} == {"noise"}  # what no labelled line matches, and is short


def test_few_of_the_lines_far_from_the_story_are_learned_from(page_lines: Any) -> None:
    whole, around = page_lines.documents_of(page_of(page_lines), np.random.default_rng(0))
    assert (whole.weights[-25:] > 0).all()
    assert 0 < (whole.weights[:40] > 0).sum() < 20
    assert (around.weights > 0).all()


def test_a_page_without_a_labelled_extract_gives_one_more_document(page_lines: Any) -> None:
    forms = [one.form for one in page_lines.documents_of(page_of(page_lines, False), np.random.default_rng(0))]
    assert forms == ["whole", "around", "extract"]


def test_a_page_of_which_no_story_is_known_gives_none(page_lines: Any) -> None:
    page = page_of(page_lines)._replace(truth=lambda lines: np.full(len(lines), page_lines.FURNITURE))
    assert list(page_lines.documents_of(page, np.random.default_rng(0))) == []
