"""Explanations: what was cut and why, in words; on a terminal, as HTML and as JSON."""

import io
import json
import os
import pty
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from pipeline import settings
from pipeline.console import PlainConsole, json_line
from pipeline.reports.explain import Explanation, explain_document, explain_file
from pipeline.reports.explain_html import html_pages
from pipeline.reports.explain_json import as_json
from pipeline.reports.explain_terminal import render
from pipeline.reports.lookup import look_up_one
from pipeline.storage.reader import Corpus
from tests.helpers.command import clean
from tests.helpers.hostile_texts import write_articles

STEERING = set("\x1b\x07\r\x9b\u202e\u202c\u2066\u2028")


@pytest.fixture(scope="module")
def lift(sample_run: Path) -> Explanation:
    corpus = Corpus(sample_run)
    return explain_document(corpus, look_up_one(corpus, "lift off broken elevator").doc_id)


def printed(explanation: Explanation, width: int = 1000) -> str:
    console = PlainConsole(width=width, file=io.StringIO(), force_terminal=True, color_system=None)
    with console.capture() as captured:
        console.print(render(explanation), crop=False)
    return captured.get()


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> list[Explanation]:
    path = write_articles(tmp_path_factory.mktemp("hostile") / "news.jsonl")
    return list(explain_file(str(path), settings.parse({})))


@pytest.mark.parametrize(
    "told",
    [
        "By Petra Lunn for the Daily Plume  [moved to authors: byline (rule en.byline, a strong rule)]",
        "[moved to published and updated: date (rule en.date-line, a strong rule)]",
        "1555 shares  [cut: social (rule en.share-count, a strong rule)]",
        "275 View comments  [cut: comment (rule en.comment-prompt, a strong rule)]",
        "Follow us on Pinboard, like us on Facebook and tell your nan  [cut: social (",
        "otter",
        "repair edited: line breaks in 27 places: '\\r' → ''",
        "first: meridian  2025-03-07 19:45",
        "differs from the first: ",
        "82% the same as the first",
        "177 of 389 words cut or moved",
    ],
)
def test_an_explanation_says_in_words_what_was_done_and_where_copies_stand(lift: Explanation, told: str) -> None:
    assert told in printed(lift) or told in printed(lift).casefold()


def test_odds_are_told_with_what_was_needed_and_never_as_shares(lift: Explanation) -> None:
    said = printed(lift)
    assert re.search(r"\[cut: caption \(rule en\.open-sentence, a likely rule; line model, odds \d+ to 1; needed", said)
    assert "is enough" not in said


def test_teasers_of_other_stories_are_no_captions(lift: Explanation) -> None:
    teasers = [
        row for row in lift.taken() if row["before"].strip().startswith(("Otter chaos", "Star wreck", "Shell shock"))
    ]
    assert [row["reason"] for row in teasers] == ["related"] * 3


@pytest.mark.parametrize("width", [20, 40, 80])
def test_narrow_terminals_break_lines_between_words_only(lift: Explanation, width: int) -> None:
    said = printed(lift, width)
    assert lift.document is not None
    assert lift.document["source_uri"] in said
    assert lift.doc_id is not None and lift.doc_id in said
    long = [line for line in said.splitlines() if len(line) > max(width, 32)]
    assert [line for line in long if len(line.split()) > 2] == []


def test_the_pieces_of_a_paragraph_make_up_its_text(sample_run: Path) -> None:
    corpus = Corpus(sample_run)
    for query in ("lift off broken elevator", "brackmere bus driver", "warring sides"):
        explanation = explain_document(corpus, look_up_one(corpus, query).doc_id)
        for paragraph in explanation.paragraphs():
            assert "".join(words for words, _ in paragraph.pieces()) == paragraph.text
        kept = [each.number for each in explanation.paragraphs() if each.number is not None]
        assert explanation.document is not None
        assert len(kept) == explanation.document["text"].count("\n\n") + 1


# ---------------------------------------------------------------- JSON


def test_json_has_the_documented_shape(lift: Explanation, repository: Path) -> None:
    found = json.loads(json_line(as_json(lift)))
    span = next(span for each in found["paragraphs"] for span in each["spans"])
    copy = next(copy for each in found["paragraphs"] for copy in each["copies"])
    page = (repository / "docs" / "how-to" / "explain.md").read_text(encoding="utf-8")
    for name in {*found, *found["paragraphs"][0], *span, *copy, *copy["elsewhere"][0], *found["other_changes"][0]}:
        assert f"`{name}`" in page, f"docs/how-to/explain.md does not explain {name}"


def test_offsets_of_json_are_those_of_the_paragraph(lift: Explanation) -> None:
    for each in as_json(lift)["paragraphs"]:
        for span in each["spans"]:
            assert 0 <= span["start"] < span["end"] <= len(each["text"])
        for copy in each["copies"] if not each["spans"] else ():
            assert copy["text"] == each["text"][copy["start"] : copy["end"]]


# ---------------------------------------------------------------- HTML


class Tags(HTMLParser):
    """Collects the tags and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def tags_of(page: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Tags()
    parser.feed(page)
    return parser.found


def test_a_page_loads_nothing_and_shows_hostile_texts_as_text(hostile: list[Explanation]) -> None:
    page = "".join(html_pages(hostile))
    found = tags_of(page)
    assert {tag for tag, _ in found}.isdisjoint({"script", "img", "link", "iframe", "object", "form", "base"})
    assert [tag for tag, _ in found].count("style") == 1
    for _, attributes in found:
        assert not any(name.startswith("on") or name in ("src", "style") for name in attributes)
        assert (attributes.get("href") or "https:").startswith(("https:", "http:"))
    assert "default-src 'none'" in page
    assert "&lt;script&gt;alert(&#x27;title&#x27;)&lt;/script&gt; Ferry sails" in page
    assert len(hostile) >= 25
    assert not set(page) & STEERING


def test_a_page_shows_cuts_their_reasons_and_copies(lift: Explanation) -> None:
    page = "".join(html_pages([lift]))
    assert '<del class="moved">By Petra Lunn for the Daily Plume</del>' in page
    assert "moved to authors: byline (rule en.byline, a strong rule)" in page
    assert "first: meridian, 2025-03-07 19:45" in page
    assert "prefers-color-scheme: dark" in page


# ---------------------------------------------------------------- terminal, pager and command


def test_hostile_texts_do_not_steer_the_terminal(hostile: list[Explanation]) -> None:
    assert not set("".join(map(printed, hostile))) & STEERING


def in_terminal(*arguments: str, **environment: str) -> str:
    """Return what `clean` writes to a terminal of 24 lines."""
    ours, theirs = pty.openpty()
    os.set_blocking(ours, False)
    command = [sys.executable, "-c", "from pipeline.cli import main; main()", *arguments]
    chosen = {**os.environ, "TERM": "xterm", "COLUMNS": "80", "LINES": "24", **environment}
    written = b""
    with subprocess.Popen(command, stdout=theirs, stdin=subprocess.DEVNULL, env=chosen) as process:
        os.close(theirs)
        while True:
            ended = process.poll() is not None
            try:
                written += os.read(ours, 1 << 16)
            except BlockingIOError:
                if ended:
                    break
            except OSError:  # the other end is closed
                break
    os.close(ours)
    assert process.returncode == 0
    return written.decode()


def test_what_a_terminal_has_no_room_for_goes_through_the_pager(sample_run: Path, tmp_path: Path) -> None:
    pager = tmp_path / "pager"
    pager.write_text("#!/bin/sh\necho paged\nexec cat\n", encoding="utf-8")
    pager.chmod(0o755)
    call = ["explain", "lift off broken elevator", "--out", str(sample_run)]
    paged = in_terminal(*call, PAGER=str(pager))
    assert paged.startswith("paged") and "\x1b[" in paged and "Petra Lunn" in paged
    plain = in_terminal(*call, "--no-pager", PAGER=str(pager), NO_COLOR="1")
    assert "paged" not in plain and "\x1b[3" not in plain and "Petra Lunn" in plain


def test_a_reader_who_leaves_the_pager_early_sees_no_error(sample_run: Path) -> None:
    said = in_terminal("explain", "lift off broken elevator", "--out", str(sample_run), PAGER="head -n 1")
    assert "Traceback" not in said and "document" in said


@pytest.fixture
def call(sample_run: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*arguments: str) -> tuple[int, str, str]:
        code = clean("explain", *arguments, "--out", str(sample_run))
        done = capsys.readouterr()
        return code, done.out, done.err

    return run


def test_several_matches_are_listed_with_what_to_type(call: Any) -> None:
    code, said, _ = call("brackmere")
    assert code == 0
    first, *rows = said.splitlines()
    assert first == "3 documents fit:"
    assert rows[0].startswith(" 1  782a1580a700  brackmere-star")
    assert rows[-1].startswith("One of them: clean explain 782a1580a700 --out ")
    assert json.loads(call("brackmere", "--json")[1])["total"] == 3


def test_nothing_found_names_the_nearest(call: Any) -> None:
    code, _, said = call("elevater ended")
    assert code == 2
    assert "Nearest: b2eeed7b82bb" in said


def test_a_page_is_written_whole(call: Any, tmp_path: Path) -> None:
    code, said, _ = call("lift off broken elevator", "--html", str(tmp_path / "new" / "lift.html"))
    assert (code, said) == (0, f"written to {tmp_path}/new/lift.html\n")
    assert (tmp_path / "new" / "lift.html").read_text(encoding="utf-8").endswith("</html>\n")
    assert call("lift off broken elevator", "--html", "/dev/null/page.html")[0] == 2
    assert call("lift off broken elevator", "--html", "a.html", "--json")[0] == 2


def test_a_file_of_the_corpus_is_explained_from_it_and_anew_with_settings(
    call: Any, repository: Path, tmp_path: Path
) -> None:
    path = str(next((repository / "corpus" / "news" / "daily-plume").glob("*lift-off*")))
    assert "run        sample" in call(path)[1]
    (tmp_path / "own.toml").write_text("[noise]\nmin_odds = 4.0\n", encoding="utf-8")
    assert "run        sample" not in call(path, "--config", str(tmp_path / "own.toml"))[1]


class CountedRow(dict[str, Any]):
    """A ledger row that counts how often it is looked at."""

    looks = 0

    def __getitem__(self, key: str) -> Any:
        CountedRow.looks += 1
        return super().__getitem__(key)


def test_explaining_takes_twice_the_work_for_twice_the_lines() -> None:
    def work(lines: int) -> int:
        ledger = [CountedRow(stage="noise", start=9 * each, end=9 * each + 7) for each in range(0, lines, 2)]
        explanation = Explanation("a", None, "\n\n".join(["quay 10"] * lines), list(ledger))
        CountedRow.looks = 0
        assert sum(paragraph.number is None for paragraph in explanation.paragraphs()) == lines // 2
        return CountedRow.looks

    assert work(2000) < 2.1 * work(1000)


def test_a_span_over_several_paragraphs_is_told_in_each_of_them() -> None:
    ledger: list[Any] = [{"stage": "noise", "start": 2, "end": 17}, {"stage": "noise", "start": 18, "end": 20}]
    told = list(Explanation("a", None, "one two\n\nthree\n\nfour", ledger).paragraphs())
    assert [[(span.start, span.end) for span in each.spans] for each in told] == [[(2, 7)], [(0, 5)], [(0, 1), (2, 4)]]
    assert [each.number for each in told] == [0, None, 1]
