"""`clean why`: where a sentence went, and who had it first."""

import json
import re
from pathlib import Path

import pytest

from pipeline import settings
from pipeline.api import RunRequest
from pipeline.api import clean as run_clean
from pipeline.errors import UserError
from pipeline.reports.why.page import SentenceAnswer, answer
from pipeline.reports.why.sought import Sought
from pipeline.storage.reader import Corpus
from tests.helpers.command import clean
from tests.helpers.hostile_texts import OPENING

COPIED = (
    "The harbour office of Port Anning said on Monday that the ferry to Holm sails again after nine days of storm, "
    "and that no islander had gone hungry."
)
OWN = "“It’s good to be back,” said the mate, who had counted forty gulls on the old pier while he waited for her."
SHARE = "Share this story with your friends"


def article(number: int, outlet: str, *paragraphs: str, title: str | None = None) -> str:
    fields = {"id": str(number), "outlet": outlet, "url": f"https://{outlet}.example/{number}", "title": title}
    return json.dumps(fields | {"published": f"2031-05-0{number}T08:00:00Z", "text": "\n\n".join(paragraphs)})


ARTICLES = [
    article(1, "quay-post", COPIED, OWN, title="Ferry sails again"),
    article(2, "holm-star", "By Mara Quill", COPIED.replace("nine", "9"), SHARE, title="Back at sea"),
    article(
        3, "port-times", SHARE, COPIED, "The mayor of Holm had baked bread for everybody.", title="Bread and boats"
    ),
    article(
        4, "quay-post", "Six gulls were counted on the roof of the school.", OWN[:60], title="A title that no text has"
    ),
]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    folder = tmp_path_factory.mktemp("why")
    source = folder / "news.jsonl"
    source.write_text("\n".join(ARTICLES) + "\n", encoding="utf-8")
    run_clean(RunRequest([str(source)], folder / "out", settings.parse({}), workers=1))
    return Corpus(folder / "out")


def ask(corpus: Corpus, sentence: str, limit: int = 10) -> SentenceAnswer:
    return answer(corpus, sentence, limit)


def test_a_kept_sentence_is_found_with_its_paragraph(corpus: Corpus) -> None:
    place = ask(corpus, "had baked bread for everybody").places[0]
    assert (place.kind, place.document["outlet"], place.text[place.start : place.end]) == (
        "kept", "port-times", "had baked bread for everybody")  # fmt: skip


@pytest.mark.parametrize(
    "spelling",
    ['"It\'s good to be back," said', "«it’s   GOOD to be\nback,» said the mate", "It´s good to be back"],
    ids=["straight quotes", "other quotes, case and breaks", "an accent for an apostrophe"],
)
def test_quotes_white_space_and_case_do_not_count(corpus: Corpus, spelling: str) -> None:
    assert {place.document["outlet"] for place in ask(corpus, spelling).places} == {"quay-post"}


def test_a_cut_sentence_is_found_with_its_rule(corpus: Corpus) -> None:
    given = ask(corpus, "share this story with")
    assert {place.kind for place in given.places} == {"cut"}
    assert given.found.documents == 2
    assert all(place.row and place.row["reason"] for place in given.places)
    assert "cut: " in given.as_dict()["places"][0]["in_words"]


def test_a_moved_line_names_its_column(corpus: Corpus) -> None:
    said = ask(corpus, "By Mara Quill").as_dict()["places"][0]
    assert (said["kind"], said["in_words"].partition(":")[0]) == ("moved", "moved to authors")


def test_a_copied_sentence_names_who_had_it_first_and_everybody_who_has_it(corpus: Corpus) -> None:
    given = ask(corpus, "the ferry to Holm sails again after")
    members = [member for cluster in given.clusters for member in cluster.members]
    assert [place.document["outlet"] for place in given.places] == ["quay-post", "holm-star", "port-times"]
    assert given.clusters[0].members[0].outlet == "quay-post"
    assert given.clusters[0].members[0].is_canonical
    assert {member.outlet for member in members} == {"quay-post", "holm-star", "port-times"}
    canonical = [place.in_canonical_text for place in given.places]
    assert canonical[0]
    assert not all(canonical)


def test_words_that_stand_in_a_column_alone_are_found_there(corpus: Corpus) -> None:
    place = ask(corpus, "a title that no text").places[0]
    assert (place.kind, place.column) == ("column", "title")


def test_what_is_nowhere_comes_with_the_nearest_sentences(corpus: Corpus) -> None:
    given = ask(corpus, "The mayor of Anning had baked cakes for everybody")
    assert given.found.documents == 0
    assert given.nearest[0].text == "The mayor of Holm had baked bread for everybody."
    assert ask(corpus, "volcanic ash clouds closed every airport").nearest == []


def test_the_limit_keeps_the_earliest_and_counts_all(corpus: Corpus) -> None:
    given = ask(corpus, "the ferry to Holm sails again after", limit=1)
    assert [place.document["outlet"] for place in given.places] == ["quay-post"]
    assert sum(given.found.fates.values()) == 3


@pytest.mark.parametrize("text", ["", "two words", "!!! ??? ..."])
def test_less_than_three_words_are_refused(text: str) -> None:
    with pytest.raises(UserError, match="at least 3 words"):
        Sought(text)


def test_signs_that_mean_something_in_patterns_are_signs(corpus: Corpus) -> None:
    assert ask(corpus, "the ferry (to .* Holm").found.documents == 0


def test_the_command_answers_in_words_and_as_json(corpus: Corpus, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(corpus.out)
    assert clean("why", "the ferry to Holm sails again after", "--out", out) == 0
    said = capsys.readouterr().out
    for part in (
        "in 3 documents",
        "left out of canonical_text",
        "the first one first",
        "quay-post",
        "kept, paragraph 0",
    ):
        assert part in said, part
    assert clean("why", "the", "ferry", "to", "Holm", "--json", "--out", out) == 0
    assert json.loads(capsys.readouterr().out)["documents"] == 3
    assert clean("why", "nothing of this kind at all", "--out", out) == 0
    assert "nowhere" in capsys.readouterr().out


def test_texts_cannot_steer_the_terminal(hostile_run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for sentence in (OPENING, "the ferry \x1b[2J sails", "on the board"):
        assert clean("why", sentence, "--limit", "100", "--out", str(hostile_run)) == 0
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", capsys.readouterr().out)


def test_a_rule_of_ones_own_has_its_strength_though_no_settings_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "plume.toml").write_text(
        '[[rule]]\nid = "quay-watch"\nlabel = "related"\nstrength = "strong"\npattern = "^Quay watch"\n'
        'examples = ["Quay watch tonight at nine"]\ncounter_examples = ["The quay is open."]\n'
    )
    story = "The ferry to Holm sails again from Monday, the harbour office said after nine days of storm."
    (tmp_path / "in.jsonl").write_text(json.dumps({"id": "1", "text": f"{story}\n\nQuay watch every evening at nine"}))
    for run, extra in (("plain", []), ("own", [str(tmp_path / "plume.toml")])):
        chosen = settings.parse({"evidence": {"line_model": False, "extra_rule_packs": extra}})
        run_clean(RunRequest([str(tmp_path / "in.jsonl")], tmp_path / run, chosen, workers=1, run_id=run))
    assert clean("why", "Quay watch every evening", "--out", str(tmp_path / "own")) == 0
    assert "rule plume.quay-watch, a strong rule" in capsys.readouterr().out
    assert clean("diff", str(tmp_path / "plain"), str(tmp_path / "own")) == 0
    assert "rule plume.quay-watch, a strong rule" in capsys.readouterr().out
