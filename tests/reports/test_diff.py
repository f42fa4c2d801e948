"""`clean diff`: what differs between two runs, counted, sampled and shown, whatever the order of the rows."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline import settings
from pipeline.api import RunRequest
from pipeline.api import clean as run_clean
from pipeline.reports.diff import buckets
from pipeline.reports.diff.as_json import as_dict
from pipeline.reports.diff.compare import Chosen, compare
from pipeline.reports.diff.context import shown_cuts
from pipeline.reports.diff.counts import Comparison, CutCounts
from pipeline.reports.diff.sides import Side
from pipeline.storage.location import output_location
from pipeline.storage.reader import Corpus
from tests.helpers.command import clean
from tests.helpers.folders import ROOT

STORM = "The harbour office said on Monday that the ferry to Holm sails again after nine days of storm and repair."
FERRY = "About forty islanders had waited in the old school, where the council served soup and played records for them."
COUNCIL = (
    "The council of Holm wants a second ferry by spring, and a bridge for the letters that the ferry cannot carry."
)
HOSTILE = "Share this story \x1b[2J\x1b]0;owned\x07 \u202etxt.exe\u2066"


def article(name: str, *paragraphs: str, **fields: str) -> str:
    return json.dumps({"id": name, "outlet": "quay-post", "url": f"https://quay.example/{name}",
                       "title": f"Ferry news {name}", "text": "\n\n".join(paragraphs), **fields})  # fmt: skip


OLD = [
    article(
        "kept", "By Mara Quill", STORM, "Share this story", FERRY, "Copyright 2031 Quay Post. All rights reserved."
    ),
    article("page-changed", STORM, "Share this story"),
    article("only-old", COUNCIL, "Share this story"),
    article("other", "Share this story", COUNCIL, STORM, outlet="holm-star"),
    article("hostile", FERRY, HOSTILE, "Share this story"),
    article("late", FERRY.replace("forty", "fifty"), COUNCIL),
]
NEW = [
    *OLD[:1],
    article("page-changed", STORM, FERRY, "Share this story"),
    *OLD[3:],
    article("only-new", COUNCIL, FERRY),
]


def cleaned(folder: Path, name: str, lines: list[str], chosen: dict[str, object]) -> Side:
    source = folder / f"{name}.jsonl"
    source.write_text("\n".join(lines) + "\n", encoding="utf-8")
    out = folder / name
    run_clean(RunRequest([str(source)], out, settings.parse(chosen), workers=1, run_id=name))
    return Side(Corpus(out), (name,))


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> tuple[Side, Side]:
    """Two corpora: other settings, one page changed, one document gone, one come."""
    folder = tmp_path_factory.mktemp("diff")
    bare = {"evidence": {"rule_packs": ["any"]}, "noise": {"min_odds": 50.0}}
    return cleaned(folder, "old", OLD, {}), cleaned(folder, "new", NEW, bare)


@pytest.fixture(scope="module")
def found(sides: tuple[Side, Side]) -> Comparison:
    return compare(*sides, Chosen())


def unbalanced(found: Comparison) -> list[CutCounts]:
    counts = [found.cuts, *found.rules.values(), *found.outlet_cuts.values()]
    return [c for c in counts if c.new - c.old != c.appeared - c.vanished + c.taken_over - c.given_up]


def test_the_cuts_of_the_new_side_are_those_of_the_old_one_and_what_differs(found: Comparison) -> None:
    assert unbalanced(found) == []
    assert found.cuts.vanished > 0
    cuts = [
        (row["action"], row["rule"])
        for side in (found.old, found.new)
        for row in Corpus(side.corpus.out).store.table("ledger", side.runs[0]).to_table().to_pylist()
        if row["action"] in ("cut", "moved")
    ]
    assert found.cuts.old + found.cuts.new == len(cuts)


def test_a_side_does_not_differ_from_itself(sides: tuple[Side, Side]) -> None:
    found = compare(sides[0], sides[0], Chosen())
    assert found.is_equal
    assert (found.settings, found.versions, found.fates) == ([], [], {})
    assert found.documents.both == found.documents.old == len(OLD)


def test_the_sides_changed_round_give_the_mirror_image(sides: tuple[Side, Side], found: Comparison) -> None:
    mirrored = compare(*reversed(sides), Chosen())
    assert (mirrored.cuts.appeared, mirrored.cuts.vanished) == (found.cuts.vanished, found.cuts.appeared)
    assert (mirrored.passages.gained, mirrored.passages.lost) == (found.passages.lost, found.passages.gained)
    assert {(new, old) for old, new in mirrored.fates} == set(found.fates)
    assert mirrored.documents.changed_pages == found.documents.changed_pages


def test_a_changed_page_is_paired_by_its_address_and_documents_come_and_go(found: Comparison) -> None:
    assert found.documents.changed_pages == 1
    assert dict(found.fates) == {("carried on", "not there"): 1, ("not there", "carried on"): 1}
    assert found.documents.both == len(OLD) - 1


def test_only_the_settings_that_differ_are_named(found: Comparison) -> None:
    assert [(each.key, each.old, each.new) for each in found.settings] == [
        ("evidence.rule_packs", ["shipped"], ["any"]),
        ("noise.min_odds", 5.0, 50.0),
    ]


def test_the_number_of_buckets_changes_nothing(
    sides: tuple[Side, Side], found: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buckets, "BUCKET_DOCUMENTS", 1)
    again = compare(*sides, Chosen())
    dicts = [as_dict(each, shown_cuts(each, each.cut_samples.values())) for each in (again, found)]
    assert dicts[0] == dicts[1]


def test_samples_are_as_many_as_asked_for_and_another_seed_draws_others(sides: tuple[Side, Side]) -> None:
    drawn = [compare(*sides, Chosen(samples=1, seed=seed)).cut_samples for seed in range(6)]
    assert all(len(each.of(group)) == 1 for each in drawn for group in each.seen)
    assert len({repr(each.values()) for each in drawn}) > 1


def test_a_sample_stands_between_the_words_around_it(sides: tuple[Side, Side]) -> None:
    found = compare(*sides, Chosen(samples=50))
    around = [(each.before, each.after) for each in shown_cuts(found, found.cut_samples.values())]
    assert any(
        before.endswith("storm and repair.") and after.startswith("¶ About forty islanders") for before, after in around
    )


@pytest.mark.parametrize(
    ("chosen", "outlets"),
    [(Chosen(outlets=("holm-star",)), {"holm-star"}), (Chosen(), {"holm-star", "quay-post"})],
    ids=["one outlet", "all"],
)
def test_outlets_are_chosen(sides: tuple[Side, Side], chosen: Chosen, outlets: set[str]) -> None:
    found = compare(*sides, chosen)
    assert {name for name, counts in found.outlet_cuts.items() if counts.old} == outlets
    assert set(found.outlet_words) == outlets


def test_rules_are_chosen_by_rule_reason_or_pattern(sides: tuple[Side, Side], found: Comparison) -> None:
    everything = {name for name, _ in found.differing_rules()}
    for pattern, wanted in {
        "en.*": {name for name in everything if name.rule.startswith("en.")},
        "legal": {name for name in everything if name.reason == "legal"},
    }.items():
        chosen = compare(*sides, Chosen(rules=(pattern,)))
        assert {name for name, _ in chosen.differing_rules()} == wanted != set()
        assert unbalanced(chosen) == []


def folders(sides: tuple[Side, Side]) -> list[str]:
    return [str(side.corpus.out) for side in sides]


def test_the_page_of_two_folders_has_totals_tables_and_samples(
    sides: tuple[Side, Side], capsys: pytest.CaptureFixture[str]
) -> None:
    assert clean("diff", *folders(sides)) == 0
    said = capsys.readouterr().out
    for part in ("noise.min_odds  5.0 → 50.0", "words kept", "cuts by rule", "cuts by outlet", "kept now, cut before",
                 "carried on → not there", "paired by address", "[Share this story]"):  # fmt: skip
        assert part in said, part


def test_texts_cannot_steer_the_terminal(sides: tuple[Side, Side], capsys: pytest.CaptureFixture[str]) -> None:
    assert clean("diff", *folders(sides), "--limit", "50") == 0
    said = capsys.readouterr().out
    assert "txt.exe" in said
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", said)


@pytest.mark.parametrize(("options", "code"), [([], 0), (["--exit-code"], 1), (["--exit-code", "--json"], 1)])
def test_the_exit_code_tells_of_differences_only_when_asked(
    sides: tuple[Side, Side], options: list[str], code: int
) -> None:
    old, new = folders(sides)
    assert clean("diff", old, new, *options) == code
    assert clean("diff", old, old, *options) == 0


def test_runs_are_named_alone_or_behind_their_folder(
    sides: tuple[Side, Side], capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = folders(sides)
    assert clean("diff", "old", f"{new}/new", "--out", old, "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert [(said[side]["out"], said[side]["runs"]) for side in ("old", "new")] == [(old, ["old"]), (new, ["new"])]


@pytest.mark.parametrize("name", ["nowhere", "sunday/monday"])
def test_a_name_that_is_neither_run_nor_corpus_is_refused_in_words(
    sides: tuple[Side, Side], name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = folders(sides)
    assert clean("diff", name, new, "--out", old) == 2
    assert "The runs of" in capsys.readouterr().err


def test_the_guide_explains_every_key_of_the_json(found: Comparison) -> None:
    guide = (ROOT / "docs" / "how-to" / "compare-runs.md").read_text(encoding="utf-8")
    said = as_dict(found, shown_cuts(found, found.cut_samples.values()))
    keys = set(said) | {key for each in said.values() if isinstance(each, dict) for key in each}
    keys |= {
        key for each in said.values() if isinstance(each, list) for row in each if row for key in row if row != str(row)
    }
    keys |= set(said["samples"]["cuts"][0])
    assert [key for key in sorted(keys) if f"`{key}`" not in guide] == []


def test_a_run_with_the_sample_corpus_balances_too(sample_run: Path) -> None:
    side = Side(Corpus(sample_run), ("sample",))
    found = compare(side, replace(side), Chosen(samples=0))
    assert found.is_equal
    assert found.documents.both == 76


STRICT = "[noise]\nmin_odds = 50.0\n[evidence]\nrule_packs = ['any']\n"


@pytest.fixture
def strict(tmp_path: Path) -> str:
    (tmp_path / "strict.toml").write_text(STRICT, encoding="utf-8")
    return str(tmp_path / "strict.toml")


def cut_counts(said: dict[str, object]) -> dict[tuple[str, str], tuple[int, int]]:
    return {(row["reason"], row["rule"]): (row["appeared"], row["vanished"]) for row in said["cuts_by_rule"]}  # type: ignore[attr-defined]


def test_new_settings_are_tried_on_the_inputs_of_a_run_and_leave_nothing_behind(
    sides: tuple[Side, Side], strict: str, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("TMPDIR", str(tmp_path / "aside"))
    (tmp_path / "aside").mkdir()
    monkeypatch.setattr("tempfile.tempdir", None)
    out = folders(sides)[0]
    assert clean("diff", "--config", strict, "--out", out, "--json", "--workers", "1") == 0
    said = json.loads(capsys.readouterr().out)
    assert said["new"]["label"] == "the same 1 input, cleaned now with the settings given"
    assert (said["fates"], said["documents"]["both"]) == ([], len(OLD))
    assert said["cuts"]["vanished"] > 0
    assert list((tmp_path / "aside").iterdir()) == []
    assert Corpus(Path(out)).runs == ["old"]


def test_where_the_inputs_are_gone_the_texts_of_the_ledger_are_cleaned_twice(
    tmp_path: Path, strict: str, capsys: pytest.CaptureFixture[str]
) -> None:
    side = cleaned(tmp_path, "gone", OLD, {})
    out = str(side.corpus.out)
    assert clean("diff", "--config", strict, "--out", out, "--json", "--workers", "1") == 0
    from_inputs = json.loads(capsys.readouterr().out)
    (tmp_path / "gone.jsonl").unlink()
    assert clean("diff", "gone", "--config", strict, "--out", out, "--json", "--workers", "1") == 0
    said = json.loads(capsys.readouterr().out)
    assert any("gone.jsonl" in note for note in said["notes"])
    assert cut_counts(said) == cut_counts(from_inputs)
    ids = set(side.corpus.store.table("documents", "gone").to_table()["doc_id"].to_pylist())
    assert {sample["doc_id"] for sample in said["samples"]["cuts"]} <= ids


@pytest.mark.parametrize(
    ("arguments", "told"),
    [([], "name two runs"), (["old"], "name two runs"), (["old", "old", "--config", "x.toml"], "leave NEW out")],
    ids=["nothing", "one run", "two runs and settings"],
)
def test_what_is_compared_is_said_in_one_way(
    sides: tuple[Side, Side], arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert clean("diff", *arguments, "--out", folders(sides)[0]) == 2
    assert told in capsys.readouterr().err


def test_a_corpus_on_a_store_is_compared_and_searched_like_a_folder(
    sides: tuple[Side, Side], prefix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, store = Path(str(sides[0].corpus.out)), output_location(prefix)
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts):
            (store / path.relative_to(folder).as_posix()).write_bytes(path.read_bytes())
    assert clean("diff", str(folder), prefix, "--exit-code") == 0
    assert clean("diff", str(folder), f"{prefix}/old", "--exit-code") == 0
    assert clean("find", "ferry", "--out", prefix) == 0
    assert clean("why", "the ferry to Holm sails again", "--out", prefix) == 0
    said = capsys.readouterr().out
    assert said.count("no document, cut, column, text or passage differs") == 2
    assert "the first one first" in said


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("--rule=en.bylime", "neither side has a cut of en.bylime"),
        ("--outlet=quay", "neither side has a document of quay"),
    ],
)
def test_a_name_that_fits_nothing_is_said(
    sides: tuple[Side, Side], option: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert clean("diff", *folders(sides), option) == 0
    assert said in capsys.readouterr().out
