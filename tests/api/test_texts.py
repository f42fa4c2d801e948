"""One text or page from Python: the same stages as a run, odd input as data, and threads."""

from __future__ import annotations

import pickle
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import copydesk
from pipeline.settings import parse
from pipeline.sources.values import clean as without_lone_surrogates
from pipeline.storage.reader import Corpus
from pipeline.storage.tables import read
from tests.helpers.folders import ROOT
from tests.helpers.hostile_texts import HostileText, hostile_texts

NEWS = ROOT / "corpus" / "news" / "daily-plume"
STORY = (
    "The ferry between the two islands was late again on Monday, the harbour master said.\n\n"
    "Share this article\n\n"
    "Nobody was hurt, and the next boat left at six in the evening as planned."
)


@pytest.fixture(scope="module")
def article() -> copydesk.Article:
    return copydesk.clean_text((sorted(NEWS.glob("*.txt"))[0]).read_bytes(), outlet="daily-plume")


def test_a_text_is_cleaned_as_a_run_cleans_it(sample_run: Path, article: copydesk.Article) -> None:
    """Templates and near-duplicates aside, which need a corpus: the sample has no template in this article."""
    rows = read(sample_run, "documents", Corpus(sample_run).runs).to_pylist()
    (published,) = (row for row in rows if row["source_uri"].endswith(sorted(NEWS.glob("*.txt"))[0].name))
    for name in ("text", "title", "deck", "published", "updated", "dateline", "language", "page_kind", "outlet"):
        assert getattr(article, name) == published[name], name
    assert list(article.authors) == published["authors"]
    assert article.trouble is None


def test_a_page_is_recognised_and_its_metadata_read() -> None:
    page = sorted((ROOT / "corpus" / "pages").rglob("*.html"))[0].read_bytes()
    as_bytes, as_text = copydesk.clean_text(page), copydesk.clean_text(page.decode())
    assert as_bytes == as_text
    assert all((as_bytes.title, as_bytes.url, as_bytes.outlet, as_bytes.published))
    assert "<" not in as_bytes.text
    assert copydesk.clean_text("<p>The ferry was late.</p><p>Nobody sank.</p>").paragraphs[1] == "Nobody sank."
    assert copydesk.clean_text("The <p> is a tag.", html=False).text == "The <p> is a tag."


def test_what_was_cut_is_in_the_ledger_and_can_be_put_back(article: copydesk.Article) -> None:
    cut = [row for row in article.ledger if row.stage == "noise" and row.action == "cut"]
    assert any("Share this article" in (row.before or "") and row.rule == "en.share-prompt" for row in cut)
    assert article.restore() == sorted(NEWS.glob("*.txt"))[0].read_bytes().decode("utf-8-sig")
    assert "Share this article" in article.restore("noise")
    assert "Share this article" in article.explain()
    assert "Share this article" not in article.text
    with pytest.raises(ValueError, match="before is one of repair, segment, noise, not 'decode'"):
        article.restore("decode")


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        ("", "source skipped it: empty"),
        (b" \n ", "source skipped it: empty"),
        (bytes(range(256)) * 4, "decode failed it: not text"),
        (b"%PDF-1.7 and so on", "decode failed it: not text"),
        ("<html><body><p></p></body></html>", "extract failed it: no text"),
        ("\0", "noise skipped it: no text left"),
    ],
)
def test_what_holds_no_article_is_no_error_but_says_why(text: str | bytes, trouble: str) -> None:
    found = copydesk.clean_text(text)
    assert (found.text, found.paragraphs) == ("", ())
    assert found.trouble is not None
    assert found.trouble.startswith(trouble)
    assert found.ledger
    assert found.explain()


@pytest.mark.parametrize(
    "text", ["word", "a\ud800b", "caf\udce9", "\u202egnp.exe\u2028", "x" * 100_000, "Late. " * 20_000]
)
def test_odd_texts_come_back_as_text(text: str) -> None:
    found = copydesk.clean_text(text)
    assert found.trouble is None
    assert found.text.encode()
    assert "\ud800" not in repr(found)


@pytest.mark.parametrize("text", [None, 3, ["a"], Path("a.txt")])
def test_what_is_no_text_is_a_type_error_in_words(text: Any) -> None:
    for function in (copydesk.clean_text, copydesk.strip_noise, copydesk.repair):
        with pytest.raises(TypeError, match="text must be str"):
            function(text)


def test_a_text_beyond_the_limit_says_so() -> None:
    found = copydesk.clean_text(STORY, settings={"sources": {"max_document_bytes": 100}})
    assert found.trouble == f"source failed it: too large ({len(STORY)}, limit 100)"


def test_a_language_that_is_given_is_taken_as_said() -> None:
    assert copydesk.clean_text(STORY, language="de-AT").language == "de"
    assert copydesk.clean_text(STORY).language == "en"
    with pytest.raises(copydesk.UserError, match="language 'klingon' is not known"):
        copydesk.clean_text(STORY, language="klingon")


def test_strip_noise_leaves_characters_alone() -> None:
    told = "The cafÃ© by the harbour was shut again on Monday, the owner said.\n\nShare this article"
    assert copydesk.strip_noise(told).text == told.partition("\n")[0]
    assert copydesk.clean_text(told).text == told.partition("\n")[0].replace("Ã©", "é")


def test_repair_tells_what_it_mended() -> None:
    text, changes = copydesk.repair("The cafÃ© &amp; bar\r\n\ud800")
    assert text == "The café & bar\n\ufffd"
    assert [row.reason for row in changes] == ["mojibake", "entities", "line_breaks"]
    assert copydesk.repair("") == ("", ())


def test_settings_come_as_a_dictionary_a_file_or_a_value(tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text('[language]\nfixed = "fr"\n', encoding="utf-8")
    given = [{"language": {"fixed": "fr"}}, tmp_path / "my.toml", str(tmp_path / "my.toml")]
    assert {copydesk.clean_text(STORY, settings=each).language for each in given} == {"fr"}
    both = copydesk.settings({"language": {"characters": 40}}, file=tmp_path / "my.toml")
    assert (both.language.fixed, both.language.characters) == ("fr", 40)
    assert copydesk.settings() == parse({})
    with pytest.raises(copydesk.UserError, match="did you mean 'language'"):
        copydesk.settings({"langage": {}})
    for wrong in (3, ["noise"]):
        with pytest.raises(TypeError, match="settings are"):
            copydesk.clean_text(STORY, settings=wrong)  # type: ignore[arg-type]
    with pytest.raises(copydesk.UserError, match="not a single value"):
        copydesk.settings({"noise": 3})  # type: ignore[dict-item]


def test_threads_get_the_same_answers() -> None:
    page = sorted((ROOT / "corpus" / "pages").rglob("*.html"))[1].read_bytes()
    texts: list[str | bytes] = [STORY, page, "word", (sorted(NEWS.glob("*.txt"))[0]).read_bytes()]
    alone = [copydesk.clean_text(text) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(copydesk.clean_text, texts * 5)) == alone * 5


def test_an_alarm_of_the_caller_still_rings() -> None:
    rang = []
    before = signal.signal(signal.SIGALRM, lambda *_: rang.append(time.monotonic()))
    try:
        signal.setitimer(signal.ITIMER_REAL, 60)
        copydesk.clean_text("<html><body><p>" + "The ferry was late again on Monday. " * 20)
        assert 0 < signal.getitimer(signal.ITIMER_REAL)[0] < 60
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert not rang


def test_an_article_made_by_hand_has_no_ledger() -> None:
    with pytest.raises(ValueError, match="made by hand"):
        copydesk.Article("The ferry was late.").restore()


@pytest.mark.parametrize(
    "case", [case for case in hostile_texts() if len(case.text) < 50_000], ids=lambda case: case.name
)
def test_hostile_texts_stay_text_and_can_be_restored(case: HostileText) -> None:
    found = copydesk.clean_text(case.text, html=False)
    assert found.trouble is None
    if case.text == without_lone_surrogates(case.text):  # else decoding finds out what they stand for
        assert found.restore() == case.text
    assert found.restore().encode()
    assert "\x1b" not in found.explain()


def test_an_article_is_a_plain_row_and_can_be_sent_to_another_process(article: copydesk.Article) -> None:
    row = article.as_dict()
    assert row["authors"] == list(article.authors)
    assert row["text"] == article.text
    assert not [name for name in row if name.startswith("_")]
    assert pickle.loads(pickle.dumps(article)).ledger == article.ledger
