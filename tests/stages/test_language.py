"""Language: cases as files, the packaged model alone, and the laws."""

from __future__ import annotations

import socket
from functools import cache

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from stages import language
from stages.contract import DOCUMENT
from stages.ledger import LEDGER
from tests.helpers.cases import cases, read_cases
from tests.helpers.examples import examples

DEFAULT = language.Settings()
SENTENCES = [case for name, case in read_cases("language") if name.startswith("sentences-")]


@pytest.mark.parametrize("case", cases("language"))
def test_the_language_is_the_one_its_file_names(case):
    found = language.detect(case["input"], case.get("declared"), DEFAULT)
    assert (found.code or "none") == case["expected"]


def documents(texts: list[str], declared: list[str | None]) -> pa.Table:
    plain = {
        name: [f"{name}-{number}" for number in range(len(texts))]
        for name in ("doc_id", "source_uri", "outlet", "kind", "raw_sha256")
    }
    values = {**plain, "text": texts, "language": declared}
    return pa.table({f.name: pa.array(values.get(f.name, [None] * len(texts)), f.type) for f in DOCUMENT}, DOCUMENT)


def test_furniture_in_another_language_does_not_decide():
    german = next(case["input"] for case in SENTENCES if case["expected"] == "de")
    furniture = ["Read more", "Share this story", "Sign up", "By Our Staff", "Photo: Getty Images", "Most popular"]
    assert language.detect("\n\n".join([*furniture, german, *furniture]), "en", DEFAULT).code == "de"


def test_confidence_is_high_for_a_sentence_and_missing_where_there_is_no_language():
    assert all(language.detect(case["input"], None, DEFAULT).confidence > 0.6 for case in SENTENCES)
    assert language.detect("12:30 34 55", None, DEFAULT) == language.UNKNOWN
    assert language.detect("", None, DEFAULT) == language.UNKNOWN


def test_no_network_is_asked(monkeypatch):
    def refuse(*arguments: object) -> None:
        raise AssertionError("the language stage asked the network")

    monkeypatch.setattr(socket, "socket", refuse)
    language.identifier.cache_clear()
    assert language.detect(SENTENCES[0]["input"], None, DEFAULT).code == "en"


@cache
def plain_identifier() -> LanguageIdentifier:
    """Make py3langid's own identifier, for the same languages."""
    plain = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    plain.set_languages(sorted(set(language.identifier().nb_classes)))
    return plain


@given(
    st.one_of(
        st.text(),
        st.sampled_from([case["input"] for case in SENTENCES]).flatmap(
            lambda s: st.permutations(s.split()).map(" ".join)
        ),
    )
)
@examples(60)
def test_every_language_has_the_score_that_the_library_gives_it(text: str) -> None:
    assert language.identifier().rank(text) == plain_identifier().rank(text)


@given(st.lists(st.one_of(st.text(max_size=40), st.sampled_from([case["input"] for case in SENTENCES])), max_size=20))
@examples(60)
def test_many_texts_at_once_get_what_the_library_says_of_each(texts: list[str]) -> None:
    assert language.identifier().classify_all(texts) == [plain_identifier().classify(text) for text in texts]


def test_a_second_run_changes_nothing():
    table = documents(
        [case["input"] for case in SENTENCES] + ["12:30", "OK", ""], [None] * len(SENTENCES) + ["fr-FR", None, "xx"]
    )
    once = language.run(table, DEFAULT)
    assert language.run(once.documents, DEFAULT).documents.equals(once.documents)
    assert once.documents.schema == DOCUMENT
    assert once.ledger.equals(LEDGER.empty_table())


@settings(max_examples=25)
@given(st.permutations(range(len(SENTENCES))), st.integers(1, 7))
def test_neither_batches_nor_order_decide_anything(order, size):
    texts = [SENTENCES[number]["input"][:30] for number in order]
    table = documents(texts, ["en"] * len(texts))
    whole = language.run(table, DEFAULT).documents.to_pylist()
    parts = [language.run(table.slice(at, size), DEFAULT).documents.to_pylist() for at in range(0, len(texts), size)]
    assert [row for part in parts for row in part] == whole


@given(st.text(max_size=200), st.one_of(st.none(), st.text(max_size=5)))
def test_any_text_gets_a_two_letter_code_or_none(text, declared):
    found = language.detect(text, declared, DEFAULT)
    assert found == language.UNKNOWN or (len(found.code) == 2 and 0 <= found.confidence <= 1)


@pytest.mark.parametrize("bad", [{"min_confidence": 1.5}, {"paragraphs": 0}, {"characters": 0}])
def test_settings_out_of_range_are_refused(bad):
    with pytest.raises(ValueError, match="must be"):
        language.Settings(**bad)
