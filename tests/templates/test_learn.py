"""`clean learn`, and the files with people's answers."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipeline import settings
from pipeline.api import RunRequest, clean
from pipeline.cli import app
from pipeline.errors import UserError
from pipeline.runs.start import fingerprint
from pipeline.settings import template_answers
from pipeline.settings.template_answers import Answer, Decision

LINES = {"quay": "Ahoy from the crew of the quayside desk", "mill": "From the mill with flour on our sleeves"}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two nights of two outlets: below every story a line of the outlet's own, and a related link, which rules cut."""
    folder = tmp_path_factory.mktemp("learn")
    for night in range(2):
        with (folder / f"night-{night}.jsonl").open("w", encoding="utf-8") as file:
            for n in range(12):
                outlet = ("quay", "mill")[n % 2]
                day = 10 * night + n // 2 + 1
                text = (
                    f"The ferry {'abcdefghijkl'[n] * (night + 3)} came in before noon, the harbour master said.\n\n"
                    f"Nobody had seen such a catch since the winter of {1900 + n + 12 * night}, a skipper said.\n\n"
                    f"{LINES[outlet]}\n\nRead more: The storm in pictures"
                )
                record = {"id": f"{night}-{n}", "outlet": outlet, "text": text, "title": f"Ferry {n} of night {night}"}
                file.write(json.dumps(record | {"published": f"2031-03-{day:02d}T08:00:00Z"}) + "\n")
        chosen = settings.parse({"evidence": {"line_model": False}})
        clean(RunRequest([str(folder / f"night-{night}.jsonl")], folder / "out", chosen, 1, run_id=f"night-{night}"))
    return folder / "out"


def invoke(corpus: Path, *options: str, said: str = "") -> Any:
    return CliRunner().invoke(app, ["learn", "--out", str(corpus), *options], input=said)


def told(corpus: Path, *options: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(invoke(corpus, "--json", *options).stdout)
    return found


def test_what_recurs_is_told_with_its_counts_over_all_runs(corpus: Path) -> None:
    (one,) = [one for one in told(corpus, "--outlet", "quay") if one["paragraph"] == LINES["quay"]]
    assert (one["support"], one["elsewhere"], one["status"]) == (12, 0, "automatic")
    assert (one["first_seen"][:10], one["last_seen"][:10]) == ("2031-03-01", "2031-03-16")
    assert len(one["documents"]) == 5
    assert one["template"].startswith("template:quay/")


def test_what_rules_cut_anyway_is_told_with_them(corpus: Path) -> None:
    cut = {one["paragraph"]: one["cut_by"] for one in told(corpus)}
    assert cut["Read more: The storm in pictures"]
    assert cut[LINES["quay"]] == []


def test_templates_are_listed_for_people_by_outlet(corpus: Path) -> None:
    shown = invoke(corpus, "--min-support", "10").stdout
    assert shown.index("mill") < shown.index(LINES["mill"]) < shown.index("quay") < shown.index(LINES["quay"])
    assert "12 pages  automatic  2031-03-01 to 2031-03-16" in shown


def test_little_support_is_left_out_when_more_is_asked_for(corpus: Path) -> None:
    assert told(corpus, "--min-support", "13") == []


def test_an_outlet_that_repeats_nothing_is_an_error_that_names_the_way_on(corpus: Path) -> None:
    result = invoke(corpus, "--outlet", "quai")
    assert isinstance(result.exception, UserError)
    assert "clean learn" in str(result.exception)


def test_answers_are_kept_and_not_asked_again(corpus: Path, tmp_path: Path) -> None:
    result = invoke(corpus, "--review", "--outlets", str(tmp_path), said="accept\nr\n")
    assert result.exit_code == 0
    assert "all were asked: 2 answered" in result.stdout
    assert {(one.outlet, one.paragraph, one.decision.value) for one in template_answers.load(tmp_path)} == {
        ("mill", LINES["mill"], "accept"),
        ("quay", LINES["quay"], "refuse"),
    }
    assert {one["status"] for one in told(corpus, "--outlets", str(tmp_path)) if not one["cut_by"]} == {
        "accepted",
        "refused",
    }
    assert "0 answered, 0 not asked" in invoke(corpus, "--review", "--outlets", str(tmp_path)).stdout


@pytest.mark.parametrize(("said", "answered"), [("q\n", 0), ("a\nq\n", 1), ("a\n", 1), ("", 0), ("what?\na\n", 1)])
def test_a_review_may_be_left_or_run_out_of_answers_and_keeps_those_it_has(
    corpus: Path, tmp_path: Path, said: str, answered: int
) -> None:
    result = invoke(corpus, "--review", "--outlets", str(tmp_path), said=said)
    assert result.exit_code == 0
    assert f"{answered} answered, {2 - answered} not asked yet" in " ".join(result.stdout.split())
    assert ("stopped" if "q" in said else "the answers ended") in result.stdout
    assert len(template_answers.load(tmp_path)) == answered


def test_a_word_that_is_no_answer_is_asked_again(corpus: Path, tmp_path: Path) -> None:
    assert "'yes' is no answer" in invoke(corpus, "--review", "--outlets", str(tmp_path), said="yes\nq\n").stdout


def test_an_empty_answer_skips(corpus: Path, tmp_path: Path) -> None:
    assert "all were asked: 0 answered" in invoke(corpus, "--review", "--outlets", str(tmp_path), said="\ns\n").stdout


# ---------------------------------------------------------------- files of answers


def test_what_a_person_wrote_into_a_file_stays_when_an_answer_is_added(tmp_path: Path) -> None:
    path = tmp_path / "my-own-name.toml"
    path.write_text(
        '# Ask Mara first.\noutlet = "quay"\n\n[[template]]  # the masthead\nanswer = "accept"\nparagraph = "Quay"\n'
    )
    template_answers.save(tmp_path, [Answer("quay", LINES["quay"], Decision.refuse)])
    assert path.read_text().startswith('# Ask Mara first.\noutlet = "quay"\n\n[[template]]  # the masthead')
    assert len(template_answers.load(tmp_path)) == 2
    assert [each.name for each in tmp_path.iterdir()] == ["my-own-name.toml"]


@pytest.mark.parametrize("outlet", [
    "quay.example", "../up", "a/b", "ÜBER uns", ".", "x" * 300, '"quoted"', "\U00020000" * 80, "\U0001f6a2" * 80,
    "海" * 90, "quay\ud800", "\udcff", "a\nb", "a\x00b", "\u2028", "nul.", " ",
])  # fmt: skip
def test_any_outlet_has_a_file_of_its_own_inside_the_folder(tmp_path: Path, outlet: str) -> None:
    folder = tmp_path / "config" / "outlets"
    template_answers.save(
        folder, [Answer(outlet, LINES["quay"], Decision.accept), Answer("other", "Line", Decision.accept)]
    )
    held = outlet.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # as the tables hold it
    assert {one.outlet for one in template_answers.load(folder)} == {held, "other"}
    assert len(list(folder.iterdir())) == 2
    assert [each.name for each in tmp_path.iterdir()] == ["config"]


def test_a_file_that_names_another_outlet_is_not_added_to(tmp_path: Path) -> None:
    (tmp_path / "quay.toml").write_text('outlet = "The Quay"\n')
    template_answers.save(tmp_path, [Answer("quay", LINES["quay"], Decision.accept)])
    assert [one.outlet for one in template_answers.load(tmp_path)] == ["quay"]
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('outlets = "quay"', "unknown key 'outlets'; did you mean 'outlet'?"),
        ("", "outlet is missing"),
        ('outlet = "quay"\n[template]\nanswer = "accept"', "two brackets"),
        ('outlet = "quay"\n[[template]]\nanswer = "acept"\nparagraph = "x"', "not 'acept'; did you mean 'accept'?"),
        ('outlet = "quay"\n[[template]]\nanswer = "accept"', "paragraph is missing"),
        ('outlet = "quay"\n[[template]]\nanswer = "accept"\npargraph = "x"', "did you mean 'paragraph'?"),
        ('outlet = "quay', "not valid TOML"),
        (
            'outlet = "quay"\n[[template]]\nanswer = "accept"\nparagraph = "7 min"\n'
            '[[template]]\nanswer = "refuse"\nparagraph = "8 min"',
            "both accepts and refuses",
        ),
    ],
)
def test_a_file_that_is_wrong_is_refused_before_any_work(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "quay.toml").write_text(text)
    (tmp_path / "news.txt").write_text("The ferry is afloat.")
    chosen = settings.parse({"evidence": {"outlets": str(tmp_path)}})
    with pytest.raises(UserError) as raised:
        clean(RunRequest([str(tmp_path / "news.txt")], tmp_path / "out", chosen, 1))
    assert message in str(raised.value)
    assert not (tmp_path / "out").exists()


def test_a_changed_answer_makes_another_run_of_the_same_settings_and_a_comment_does_not(tmp_path: Path) -> None:
    chosen = settings.parse({"evidence": {"outlets": str(tmp_path)}})
    template_answers.save(tmp_path, [Answer("quay", LINES["quay"], Decision.accept)])
    before = fingerprint(chosen)
    path = tmp_path / "quay.toml"
    path.write_text("# Mara agrees.\n" + path.read_text())
    assert fingerprint(chosen) == before
    path.write_text(path.read_text().replace("accept", "refuse"))
    assert fingerprint(chosen) != before
