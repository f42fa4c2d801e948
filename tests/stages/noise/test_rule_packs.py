"""Rule packs as files: found by listing the folder, matched by the languages they name, refused by name."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pytest

from pipeline import settings
from pipeline.errors import UserError
from pipeline.settings.rule_packs import evidence_digest, read_evidence, shipped_folder, shipped_packs
from stages import noise
from stages.contract import DOCUMENT, PARAGRAPH_BREAK
from stages.noise.matcher import compile_packs
from stages.noise.paragraph_shapes import line_of
from stages.noise.rules import keywords_of
from tests.helpers.folders import ROOT
from tests.stages.noise.shipped import PACKS

LANGUAGES = (
    "ar", "cs", "da", "de", "el", "en", "es", "fi", "fr", "hi", "id", "it", "ja", "ko", "nl", "no", "pl", "pt", "ru",
    "sv", "tr", "uk", "vi", "zh",
)  # fmt: skip
STORY = "The ferry ran aground off the coast on Monday, and nobody was hurt, the harbour office said."
PACK = """
[[rule]]
id = "plea"
label = "signup"
pattern = '^Zaprenumerujte quay\\.example$'
examples = ["Zaprenumerujte quay.example"]
counter_examples = ["Zaprenumerujte je slovo."]
"""
LINE = "Zaprenumerujte quay.example"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The packs' folder of a copy of the tree's configuration."""
    shutil.copytree(ROOT / "config", tmp_path / "config")
    return tmp_path / "config" / "noise"


def chosen(folder: Path, *names: str) -> noise.Settings:
    evidence = {"line_model": False} | ({"rule_packs": list(names)} if names else {})
    return read_evidence(settings.parse({"evidence": evidence}), folder)


def cut(stage: noise.Settings, language: str | None) -> list[tuple[str, str]]:
    """Rule and text of what is cut from a story with a foreign line below it."""
    row: dict[str, object] = dict.fromkeys(DOCUMENT.names)
    row |= {"doc_id": "d1", "source_uri": "x", "outlet": "quay", "kind": "text", "raw_sha256": "0"}
    row |= {"text": PARAGRAPH_BREAK.join([STORY, LINE]), "language": language}
    ledger = noise.run(pa.Table.from_pylist([row], schema=DOCUMENT), stage).ledger.to_pylist()
    return [(row["rule"], row["before"].strip()) for row in ledger]


def test_a_rule_in_a_new_language_is_one_new_file(folder: Path) -> None:
    before = evidence_digest(settings.parse({}).evidence, folder)
    assert cut(chosen(folder), "xx") == []
    (folder / "xx.toml").write_text(PACK)
    assert cut(chosen(folder), "xx") == [("xx.plea", LINE)]
    assert cut(chosen(folder), "de") == []
    assert evidence_digest(settings.parse({}).evidence, folder) != before
    (pack,) = (pack for pack in chosen(folder).packs if pack.name == "xx")
    found: dict[str, tuple[noise.Rule, ...]] = {}
    lines = [*pack.rules[0].examples, *pack.rules[0].counter_examples]
    compile_packs((pack,)).read({line: line_of(line) for line in lines}, found)
    assert [bool(found[line]) for line in lines] == [True, False]


def test_keywords_of_a_new_language_are_in_its_file_too(folder: Path) -> None:
    (folder / "xx.toml").write_text('counter_words = ["quayom"]\nbyline_words = ["Quayem"]\n' + PACK)
    keywords = keywords_of(chosen(folder).packs)
    assert keywords.counter.match("3 quayom 12")
    assert keywords.byline.match("Quayem Mara Quill")


@pytest.mark.parametrize(
    ("name", "languages", "fires"),
    [
        ("plume", "", {"de", "en", "xx", None}),
        ("plume", 'languages = ["de", "xx"]', {"de", "xx", None}),
        ("xx", "", {"xx", None}),
        ("xx", 'languages = ["en"]', {"en", None}),
    ],
)
def test_a_users_pack_fires_in_the_languages_that_it_names(
    tmp_path: Path, name: str, languages: str, fires: set[str | None]
) -> None:
    path = tmp_path / f"{name}.toml"
    path.write_text(f"{languages}\n{PACK}")
    stage = chosen(shipped_folder(), "shipped", str(path))
    assert len(stage.packs) == len(PACKS) + 1
    assert {language for language in ("de", "en", "xx", None) if cut(stage, language)} == fires


def test_every_shipped_pack_but_any_names_its_language() -> None:
    assert {pack.name: pack.languages for pack in PACKS} == {
        "any": (), **{code: (code,) for code in LANGUAGES}
    }  # fmt: skip
    assert [path.stem for path in shipped_packs(shipped_folder())] == [pack.name for pack in PACKS]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("xx.tml", PACK, "xx.tml is no rule pack: a pack is a file whose name ends in .toml"),
        ("notes.md", "notes", "notes.md is no rule pack"),
        ("xx.toml", "[[rule]", "xx.toml is not valid TOML"),
        ("xx.toml", "[[rules]]\nid = 'a'", "xx.toml: rule pack xx: unknown key 'rules' (did you mean 'rule'?)"),
        ("xx.toml", "languages = ['deutsch']", "xx.toml: rule pack xx: languages: 'deutsch' is no language code"),
        ("xx.toml", "languages = []", "xx.toml: rule pack xx: languages: name one at least"),
        ("line_words.toml", "function = 'the'", "line_words.toml: word lists: missing reporting"),
        ("line_model.json", "{}", "line_model.json, "),
    ],
)
def test_unknown_and_broken_files_of_the_folder_are_refused_by_name(
    folder: Path, name: str, content: str, message: str
) -> None:
    (folder / name).write_text(content)
    with pytest.raises(UserError) as refused:
        read_evidence(settings.parse({}), folder)
    assert message in str(refused.value)


def test_hidden_files_of_the_folder_are_left_alone(folder: Path) -> None:
    (folder / ".xx.toml.swp").write_text("?")
    assert [pack.name for pack in chosen(folder).packs] == [pack.name for pack in PACKS]


def test_two_packs_of_one_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "en.toml").write_text(PACK)
    with pytest.raises(UserError, match=r"two packs are named 'en' \(.*Rename one"):
        chosen(shipped_folder(), "shipped", str(tmp_path / "en.toml"))
    assert [pack.name for pack in chosen(shipped_folder(), "en", "shipped", "en").packs] == [
        "en",
        *(pack.name for pack in PACKS if pack.name != "en"),
    ]


def test_the_digest_of_the_evidence_covers_every_file_that_decides(folder: Path) -> None:
    evidence = settings.parse({}).evidence
    digests = {evidence_digest(evidence, folder)}
    for file in sorted(folder.iterdir()):
        with file.open("a") as end:
            end.write("\n")
        digests.add(evidence_digest(evidence, folder))
    assert len(digests) == 1 + len(list(folder.iterdir()))
    (folder / "nl.toml").rename(folder / "xx.toml")
    assert evidence_digest(evidence, folder) not in digests
