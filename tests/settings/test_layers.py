"""Layers of settings: what is found by itself, what is stronger, and what a message names."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline import found_settings, settings
from pipeline.errors import UserError
from pipeline.found_settings import SettingsFile, settings_file, variables
from pipeline.settings.rule_packs import noise_settings
from pipeline.settings.strictness import LIMITS
from tests.helpers.command import clean

RULE = """
[[rule]]
id = "plume-app"
label = "signup"
pattern = '(?i)^get the plume app\\b'
max_words = 12
examples = ["Get the Plume app for breaking news"]
counter_examples = ["Get the plume apple-white, the milliner said, and never pink."]
"""


@pytest.fixture(autouse=True)
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty working folder with a folder of news."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "news").mkdir()
    yield tmp_path


def found(*inputs: str) -> Path | None:
    file = settings_file(None, inputs=inputs)
    return file and file.path


def test_the_file_of_the_inputs_folder_is_nearer_than_that_of_the_working_folder(desk: Path) -> None:
    assert found("news") is None
    (desk / "copydesk.toml").write_text("")
    assert found("news") == found("news/may.txt") == found("-") == Path("copydesk.toml")
    (desk / "news" / "copydesk.toml").write_text("")
    for each in ("news", "news/", "news/may.txt", "news/*.txt"):
        assert found(each) == Path("news/copydesk.toml"), each
    assert found("https://plume.example/lift") == found() == Path("copydesk.toml")
    assert settings_file(Path("my.toml"), inputs=["news"]) == SettingsFile(Path("my.toml"), named=True)
    assert settings_file(None, no_config=True, inputs=["news"]) is None


def test_a_folder_that_may_not_be_entered_holds_no_settings(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    locked = desk / "locked"
    locked.mkdir(mode=0o000)
    monkeypatch.chdir("/")
    user = os.geteuid()
    if user == 0:  # root may enter any folder, and the user 65534 ("nobody") not even one of root's
        os.seteuid(65534)
    try:
        assert settings_file(None, inputs=[str(locked), str(locked / "news")]) is None
    finally:
        os.seteuid(user)


def test_two_files_beside_inputs_are_refused(desk: Path) -> None:
    for each in ("news", "more"):
        (desk / each).mkdir(exist_ok=True)
        (desk / each / "copydesk.toml").write_text("")
    with pytest.raises(UserError, match="have a settings file each"):
        found("news", "more")
    with pytest.raises(UserError, match="contradict"):
        settings_file(Path("my.toml"), no_config=True)


def test_a_file_that_came_with_the_news_cannot_say_where_tables_go(desk: Path) -> None:
    (desk / "news" / "copydesk.toml").write_text('[store]\nendpoint_url = "https://elsewhere.example"\n')
    with pytest.raises(UserError, match=r"cannot set \[store\]"):
        settings.load_layers(settings_file(None, inputs=["news"]), {}, {})
    assert settings.load(desk / "news" / "copydesk.toml").store.endpoint_url


def test_options_are_stronger_than_variables_than_the_file_than_the_defaults(desk: Path) -> None:
    (desk / "copydesk.toml").write_text("[noise]\nmin_odds = 6.0\nmin_odds_per_word = 0.6\nlikely_rule_odds = 3.0\n")
    environment = {"COPYDESK_NOISE__MIN_ODDS": "7", "COPYDESK_NOISE__MIN_ODDS_PER_WORD": "0.7"}
    loaded = settings.load_layers(settings_file(None), environment, {"noise": {"min_odds": 8.0}})
    chosen = loaded.settings.noise
    assert (chosen.min_odds, chosen.min_odds_per_word, chosen.likely_rule_odds) == (8.0, 0.7, 3.0)
    assert [(each.key[-1], each.origin) for each in loaded.changed] == [
        ("min_odds", "command line"),
        ("min_odds_per_word", "COPYDESK_NOISE__MIN_ODDS_PER_WORD"),
        ("likely_rule_odds", "copydesk.toml"),
    ]


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("COPYDESK_NOISE__MIN_ODD", "8", "COPYDESK_NOISE__MIN_ODD, .*did you mean 'min_odds'"),
        ("COPYDESK_NOISE_MIN_ODDS", "8", "did you mean COPYDESK_NOISE__MIN_ODDS"),
        ("COPYDESK_NOIZE__MIN_ODDS", "8", "did you mean COPYDESK_NOISE__MIN_ODDS"),
        ("COPYDESK_NOISE__MIN_ODDS", "many", "Expected `float`"),
        ("COPYDESK_NOISE", "8", None),
        ("COPYDESK_OUT", "corpus", None),
    ],
)
def test_a_variable_that_cannot_be_meant_is_refused_with_the_nearest(name: str, value: str, told: str | None) -> None:
    if told is None:
        assert variables({name: value}) == {}
        return
    with pytest.raises(UserError, match=told):
        settings.load_layers(None, variables({name: value}), {})


def test_variables_hold_values_as_toml_has_them() -> None:
    chosen = settings.load_layers(
        None,
        {
            "COPYDESK_NOISE__KEEP": '["caption", "credit"]',
            "COPYDESK_NEAR_DUPLICATES__DROPPED": "mark",
            "COPYDESK_SOURCES__FIELDS__TEXT": "content.body",
            "COPYDESK_SOURCES__ONE_DOCUMENT": "true",
        },
        {},
    ).settings
    assert chosen.noise.keep == ("caption", "credit")
    assert chosen.near_duplicates.dropped == "mark"
    assert (chosen.sources.fields.text, chosen.sources.one_document) == ("content.body", True)


def test_the_names_of_sections_are_those_of_the_settings() -> None:
    assert sorted(found_settings.SECTIONS) == sorted(field.name for field in dataclasses.fields(settings.Settings))


# ---------------------------------------------------------------- strictness


@pytest.mark.parametrize("word", LIMITS)
def test_a_word_of_strictness_stands_for_its_limits(word: str) -> None:
    chosen = settings.load(None, {"noise": {"strictness": word}}).noise
    assert {name: getattr(chosen, name) for name in LIMITS[word]} == LIMITS[word]


def test_balanced_is_the_default() -> None:
    assert settings.load(None, {"noise": {"strictness": "balanced"}}) == settings.load(None)


def test_a_key_beside_the_word_wins_and_a_word_of_a_stronger_layer_wins_over_both(desk: Path) -> None:
    (desk / "copydesk.toml").write_text('[noise]\nstrictness = "precision"\nmin_odds = 6.0\n')
    file = settings_file(None)
    assert settings.load_layers(file, {}, {}).settings.noise.min_odds == 6.0
    stronger = settings.load_layers(file, {}, {"noise": {"strictness": "recall"}}).settings.noise
    assert stronger.min_odds == LIMITS["recall"]["min_odds"]


# ---------------------------------------------------------------- rules of one's own


def test_a_pack_is_found_beside_the_settings_file_and_its_rules_are_added(desk: Path) -> None:
    (desk / "press" / "my").mkdir(parents=True)
    (desk / "press" / "my" / "plume.toml").write_text(RULE)
    (desk / "press" / "own.toml").write_text('[evidence]\nextra_rule_packs = ["my/plume.toml"]\nline_model = false\n')
    ids = {rule.id for pack in noise_settings(settings.load(desk / "press" / "own.toml")).packs for rule in pack.rules}
    assert {"plume.plume-app", "any.headline"} <= ids


def test_rules_are_left_out_by_their_ids() -> None:
    def ids(*without: str) -> set[str]:
        evidence = {"without_rules": list(without), "line_model": False}
        packs = noise_settings(settings.parse({"evidence": evidence})).packs
        return {rule.id for pack in packs for rule in pack.rules}

    assert ids() - ids("en.byline", "any.headline") == {"en.byline", "any.headline"}
    with pytest.raises(UserError, match=r"there is no rule 'en\.bylin'; did you mean 'en\.byline'"):
        ids("en.bylin")


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        (RULE.replace("\\b", ""), "rule plume.plume-app finds its counter-example 'Get the plume apple-white"),
        (RULE.replace("Get the Plume app", "The Plume app"), "rule plume.plume-app does not find its example"),
        (RULE.replace("[[rule]]", "[[span]]"), r"mark what goes with \[\[ and \]\]"),
    ],
)
def test_a_rule_that_contradicts_its_examples_is_refused_when_it_is_read(desk: Path, rule: str, told: str) -> None:
    (desk / "plume.toml").write_text(rule)
    with pytest.raises(UserError, match=told):
        noise_settings(settings.parse({"evidence": {"extra_rule_packs": [str(desk / "plume.toml")]}}))


# ---------------------------------------------------------------- the command line


def test_config_shows_what_set_each_changed_value(
    desk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (desk / "copydesk.toml").write_text('[noise]\nkeep = ["caption"]\n')
    monkeypatch.setenv("COPYDESK_NOISE__MIN_ODDS", "8")
    assert clean("config") == 0
    out, err = capsys.readouterr()
    assert err == "settings: copydesk.toml, COPYDESK_NOISE__MIN_ODDS\n"
    assert out.splitlines()[:3] == [
        "# Not at its default, and what set it:",
        '#     [noise] keep = ["caption"]    (copydesk.toml)',
        "#     [noise] min_odds = 8.0    (COPYDESK_NOISE__MIN_ODDS)",
    ]
    assert clean("config", "--no-config") == 0
    assert "keep = []" in capsys.readouterr().out
