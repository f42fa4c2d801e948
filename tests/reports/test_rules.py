"""`clean rules`: a rule in full, what it cut, and what rules of one's own would cut before a run."""

import io
import sys
from pathlib import Path

import pytest

from pipeline import settings
from pipeline.errors import UserError
from pipeline.reports.rule_trial import try_on_corpus
from pipeline.reports.rule_use import SAMPLES, use_of_rule
from pipeline.reports.rules import find_rule
from pipeline.settings import Settings
from pipeline.storage.reader import Corpus
from pipeline.storage.tables import read
from tests.helpers.command import clean

OWN = """
[[rule]]
id = "bang"
label = "junk"
pattern = '^Some wars end with a bang\\.'
examples = ["Some wars end with a bang. This one did."]

[[rule]]
id = "never"
label = "junk"
pattern = '^A sentence that nobody wrote$'
examples = ["A sentence that nobody wrote"]
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A settings file with a pack of one's own."""
    (tmp_path / "plume.toml").write_text(OWN, encoding="utf-8")
    path = tmp_path / "own.toml"
    path.write_text(f'[evidence]\nrule_packs = ["shipped", "{tmp_path}/plume.toml"]\n', encoding="utf-8")
    return path


def test_a_rule_is_shown_in_full_with_what_it_cut(sample_run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert clean("rules", "en.share-count", "--out", str(sample_run)) == 0
    said = capsys.readouterr().out
    for part in ("social", "strong: cuts unless", "up to 25 words", "noise/en.toml", "1555 shares", "shares?|likes?"):
        assert part in said
    assert f"in {sample_run}/ it cut 7 times, 14 words" in said and "daily-plume" in said


@pytest.mark.parametrize("rule", ["en.date-line", "model", "any.agency-end"])
def test_counts_of_a_rule_are_those_of_the_ledger(sample_run: Path, rule: str) -> None:
    corpus = Corpus(sample_run)
    use = use_of_rule(corpus, rule)
    rows = read(sample_run, "ledger", corpus.runs, ["rule", "action", "doc_id", "before"]).to_pylist()
    rows = [row for row in rows if row["rule"] == rule and row["action"] in ("cut", "moved")]
    assert (use.times, use.documents) == (len(rows), len({row["doc_id"] for row in rows}))
    assert sum(use.outlets.values()) == use.times
    assert 0 < len(use.samples()) <= SAMPLES
    assert {each.text for each in use.samples()} <= {row["before"] for row in rows}


@pytest.mark.parametrize(
    ("name", "near"), [("byline", "en.byline"), ("en.bylin", "en.byline"), ("en.date_line", "en.date")]
)
def test_an_unknown_rule_is_told_with_the_nearest(name: str, near: str) -> None:
    with pytest.raises(UserError, match=f"no rule '{name}'.*{near}"):
        find_rule(Settings(), name)


def test_without_a_corpus_a_rule_is_shown_without_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert clean("rules", "html:figcaption", "--out", str(tmp_path)) == 0
    said = capsys.readouterr().out
    assert "DOM hint" in said and "caption, strong" in said and "nothing to count" in said


def test_a_text_on_standard_input_is_tried(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    story = "The ferry to Holm sails again from Monday, the harbour office said after nine days of storm."
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(f"Share this story\n\n{story}\n".encode())))
    assert clean("rules", "--try", "-") == 0
    said = capsys.readouterr().out
    assert "Share this story  [cut: social (rule en.share-prompt, a strong rule)]" in said
    assert "standard-input" not in said


def test_new_rules_are_tried_on_the_published_texts(
    sample_run: Path, own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trial = try_on_corpus(Corpus(sample_run), settings.load(own))
    assert {rule: use.times for rule, use in trial.uses.items()} == {"plume.bang": 1, "plume.never": 0}
    assert trial.documents == 76
    assert clean("rules", "--try-on", str(sample_run), "--config", str(own)) == 0
    said = capsys.readouterr().out
    assert "2 new rules, tried on 76 documents" in said
    assert "Some wars end with a bang" in said and "daily-plume" in said
    assert "would cut nothing: plume.never" in said


def test_a_trial_without_a_new_rule_says_what_to_do(sample_run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert clean("rules", "--try-on", str(sample_run)) == 2
    assert "none is new" in capsys.readouterr().err
    assert clean("rules", "en.byline", "--try-on", str(sample_run)) == 2
    assert "one at a time" in capsys.readouterr().err
