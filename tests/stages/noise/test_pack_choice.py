"""Packs of a document in no known language: those of its words, else of its script."""

from __future__ import annotations

import tomllib

import pyarrow as pa
import pytest

from stages import noise
from stages.contract import DOCUMENT, PARAGRAPH_BREAK
from stages.noise.pack_choice import packs_for
from stages.noise.rules import RulePack, parse_pack
from tests.helpers.folders import ROOT
from tests.stages.noise.shipped import PACKS

CASES = ROOT / "tests" / "cases"
SENTENCES = tomllib.loads((CASES / "noise_prose.toml").read_text("utf-8"))
FURNITURE = tomllib.loads((CASES / "noise_furniture.toml").read_text("utf-8"))
#: Languages whose frequent words are mostly the same.
TWINS = {"no": {"da"}, "da": {"no"}}
LATIN = {"cs", "da", "de", "en", "es", "fi", "fr", "id", "it", "nl", "no", "pl", "pt", "sv", "tr", "vi"}
STORIES = {
    "en": "The ferry was back in the harbour after the storm, and the office said they have not been told of more.",
    "de": "Die Fähre ist nach dem Sturm wieder auf dem Fluss, und das Amt hat sich nicht mit der Werft geeinigt.",
    "es": "El barco está en el puerto desde el lunes, pero los marineros no han sido oídos por nadie, según una nota.",
    "ru": "Паром не вышел из порта, но это было уже после шторма, и они так и не узнали, что с ним будет.",
    "el": "Το πλοίο δεν είναι στο λιμάνι και από τη Δευτέρα θα μείνει στην άλλη πλευρά του ποταμού με τους επιβάτες.",
    "ko": "이 배는 지난 월요일 항구를 떠난 것으로 밝혔다. 또 그 이유는 더 알 수 없는 것이 있다고 말했다.",
    "hi": "नाव को सोमवार से घाट में रखा गया है और यह नहीं कहा गया कि वह कब तक के लिए है।",
    "ar": "قال مكتب الميناء إن العبارة التي كانت في الميناء منذ الاثنين لم تبحر إلى الجزيرة بعد هذه العاصفة.",
    "zh": "渡轮在风暴之后从港口出发，船长说他们已经把箱子搬到了南码头，但是这不是最后的决定，也就有人被将信将疑。",
    "ja": "フェリーは嵐の後に港を出たが、船長はまだ箱を南の岸壁に移していないと話した。",
}


def names(text: str) -> set[str]:
    return {pack.name for pack in packs_for(None, text, PACKS)} - {"any"}


def cut(text: str, language: str | None) -> set[str]:
    row: dict[str, object] = dict.fromkeys(DOCUMENT.names)
    row |= {"doc_id": "d1", "source_uri": "x", "outlet": "quay", "kind": "text", "raw_sha256": "0"}
    documents = pa.Table.from_pylist([row | {"text": text, "language": language}], schema=DOCUMENT)
    return {row["before"].strip() for row in noise.run(documents, noise.Settings(packs=PACKS)).ledger.to_pylist()}


@pytest.mark.parametrize("language", STORIES)
def test_a_few_words_tell_the_pack_of_a_text(language: str) -> None:
    assert names(STORIES[language]) == {language}


@pytest.mark.parametrize("language", SENTENCES)
def test_a_text_in_no_known_language_meets_the_packs_of_its_own(language: str) -> None:
    chosen = names(PARAGRAPH_BREAK.join(SENTENCES[language] * 2))
    assert language in chosen
    assert len(chosen - {language} - TWINS.get(language, set())) <= 2


@pytest.mark.parametrize("language", SENTENCES)
def test_what_is_cut_where_the_language_is_known_is_cut_where_it_is_not(language: str) -> None:
    lines = [line for lines in FURNITURE[language].values() for line in lines]
    pairs = zip(SENTENCES[language], lines, strict=False)
    text = PARAGRAPH_BREAK.join(part for pair in pairs for part in pair)
    known = cut(text, language)
    assert known
    assert known <= cut(text, None)


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("Ferry 3, Quay 7", LATIN),
        ("Паром, 3 000 ₽", {"ru", "uk"}),
        ("相关新闻", {"zh", "ja"}),
        ("フェリー", {"ja"}),
        ("무단 전재 금지", {"ko"}),
        ("စာမျက်နှာ", set()),
        ("12:30 · 3/9", {pack.name for pack in PACKS if pack.words}),
        ("", {pack.name for pack in PACKS if pack.words}),
    ],
)
def test_the_script_decides_where_words_do_not(text: str, chosen: set[str]) -> None:
    assert names(text) == chosen


@pytest.mark.parametrize("first", ["de", "es", "ru", "ko", "ja", "ar"])
def test_a_text_in_two_languages_meets_the_packs_of_both(first: str) -> None:
    assert {first, "en"} <= names(STORIES[first] + PARAGRAPH_BREAK + STORIES["en"])


def test_a_long_text_with_a_few_words_of_others_by_chance_is_in_none_of_their_languages() -> None:
    names_ = " ".join(f"quay{number}" for number in range(400))
    assert names(f"{names_} the of and to that") == LATIN
    assert names(f"{names_} {STORIES['en']} He is with them, but this was from a mate who will go.") == {"en"}


def test_a_known_language_is_never_guessed() -> None:
    for language in ("de", "ro", "en-GB"):
        chosen = {pack.name for pack in packs_for(language, STORIES["en"], PACKS)}
        assert chosen == {"any", language.split("-")[0]} & {pack.name for pack in PACKS}


def test_a_users_pack_without_words_holds_wherever_the_language_is_not_known() -> None:
    own = parse_pack({"languages": ["de"], "rule": []}, "plume")
    told = parse_pack({"words": ["Quayem", "quayom", "quays", "quayu", "the"]}, "xx")
    assert told.words >= {"quayem", "the"}
    chosen = packs_for(None, STORIES["en"], (*PACKS, own, told))
    assert [pack.name for pack in chosen] == ["en", "plume", "any"]
    text = "quayem quayom quays quayu" + PARAGRAPH_BREAK + "Ferry"
    assert [pack.name for pack in packs_for(None, text, (*PACKS, told))] == ["xx", "any"]


def test_every_shipped_pack_but_any_has_words_to_tell_it_by() -> None:
    assert {pack.name for pack in PACKS if len(pack.words) < 24} == {"any"}
    assert [pack.name for pack in PACKS if any(word != word.casefold().strip() for word in pack.words)] == []


def test_packs_of_one_text_are_chosen_alike_in_any_order() -> None:
    some: tuple[RulePack, ...] = tuple(reversed(PACKS))
    for story in STORIES.values():
        assert {pack.name for pack in packs_for(None, story, some)} - {"any"} == names(story)
