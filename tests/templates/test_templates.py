"""Templates: what an outlet repeats is cut, from the document on at which enough earlier ones hold it."""

import importlib
import io
import json
import random
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import feather
from rich.console import Console

from pipeline import settings
from pipeline.api import RunRequest, clean
from pipeline.reports.explain import Explanation, explain_document, explain_file
from pipeline.reports.explain_terminal import render
from pipeline.reports.verify import check
from pipeline.settings.rule_packs import noise_settings
from pipeline.storage.output_folder import OutputFolder
from pipeline.storage.reader import Corpus
from pipeline.storage.tables import read
from pipeline.templates import mining
from stages.contract import DOCUMENT, PARAGRAPH_BREAK
from stages.noise import Settings, run, templates
from stages.noise.templates import Answers, Counts, Limits, Rows

START = datetime(2031, 3, 1, tzinfo=UTC)
LINE = "Ahoy from the crew of the quayside desk"
PLACES = ["Westmark", "Port Anning", "Brackmere", "Halvenport", "Orrin", "Tollgate", "Kestrel Bay", "Grauenfels"]
THINGS = [
    "ferry",
    "crane",
    "buoy",
    "trawler",
    "pilot boat",
    "dredger",
    "lighthouse",
    "ice house",
    "quay wall",
    "net loft",
]
DEEDS = ["ran aground off", "was sold to a cousin of the mayor of", "lost its lamp near", "was painted green in"]


def story(n: int) -> str:
    """A story like no other, by its number."""
    chance = random.Random(n)
    paragraphs = [
        f"The {chance.choice(THINGS)} that {chance.choice(PLACES)} calls its {chance.choice(['oldest', 'last'])} "
        f"{chance.choice(DEEDS)} {chance.choice(PLACES)}, said clerk {''.join(chance.choices('aeioulmnrst', k=9))}."
        for _ in range(3)
    ]
    return PARAGRAPH_BREAK.join(paragraphs)


def article(n: int, outlet: str = "quay", *, above: str = "", below: str = "", text: str = "") -> dict[str, Any]:
    """An article of day `n` (articles without a day come last)."""
    return {
        "doc_id": f"{n:032x}",
        "outlet": outlet,
        "published": START + timedelta(days=n),
        "text": PARAGRAPH_BREAK.join(part for part in (above, text or story(n), below) if part),
    }


def table(*rows: dict[str, Any]) -> pa.Table:
    common = {"source_uri": "x", "kind": "text", "raw_sha256": "0", "language": "en"}
    return pa.Table.from_pylist([{n: (common | row).get(n) for n in DOCUMENT.names} for row in rows], schema=DOCUMENT)


def learned(
    documents: pa.Table, answers: Answers | None = None, shard: int = 1000, limits: Limits | None = None
) -> dict[tuple[str, str], int]:
    """The support of every paragraph that is a template where it stands, by document and words."""
    shards = [documents.slice(at, shard) for at in range(0, len(documents), shard)]
    found = [templates.evidence(one) for one in shards]
    known = pa.concat_tables([one.documents for one in found])
    placed = templates.in_order(known, np.zeros(len(known), np.bool_), {})
    columns = {name: np.concatenate([one.paragraphs[name].to_numpy() for one in found]) for name in Rows._fields}
    starts = np.repeat(np.arange(len(shards)) * shard, [len(one.paragraphs) for one in found])
    rows = Rows(**(columns | {"document": columns["document"] + starts}))
    weighed = templates.weigh(rows, placed, Counts.none(), limits or Limits(), answers or Answers())
    held = np.flatnonzero(weighed.automatic | weighed.accepted)
    return {
        (documents["doc_id"][d].as_py(), documents["text"][d].as_py().split(PARAGRAPH_BREAK)[p]): int(
            weighed.support[at]
        )
        for at, d, p in zip(held.tolist(), rows.document[held].tolist(), rows.paragraph[held].tolist(), strict=True)
    }


def pages_that_lose(found: dict[tuple[str, str], int], line: str = LINE) -> list[int]:
    return sorted(int(doc_id, 16) for doc_id, words in found if words == line)


# ---------------------------------------------------------------- what is a template


def test_a_line_is_a_template_from_the_page_on_at_which_enough_earlier_pages_hold_it() -> None:
    found = learned(table(*[article(n, above=LINE) for n in range(12)]))
    assert pages_that_lose(found) == [8, 9, 10, 11]
    assert [support for _, support in sorted(found.items())] == [8, 9, 10, 11]


def test_pages_are_counted_in_the_order_of_publication_whatever_order_they_are_read_in() -> None:
    articles = [article(n, above=LINE) for n in range(12)]
    assert learned(table(*articles[::-1])) == learned(table(*articles))


def test_pages_without_a_time_come_last() -> None:
    articles = [article(n, above=LINE) for n in range(12)]
    articles[0]["published"] = None
    assert pages_that_lose(learned(table(*articles))) == [0, 9, 10, 11]


def test_what_changes_from_page_to_page_is_masked() -> None:
    articles = [article(n, below=f"{n} min read · told by Mara {'Quill' if n % 2 else 'Okoro'}") for n in range(12)]
    assert len(learned(table(*articles))) == 4


FIGURES_THAT_ARE_NEWS = [
    "Weather in Port Anning: {0} °C, wind {1} knots",
    "Anning – Holm {0}:{1} (1:{0})",
    "Dax {0},234 Punkte, {1},2 Prozent im Plus",
    "Pleamar 0{0}:10, bajamar 1{1}:20",
    "Lottozahlen: {0} {1} 28 31 40 42",
    "Euro : {0},08 dollar · Once d’or : {1} 400 dollars",
    "Mortgage rates today: {0}.1 percent for 30 years, {1}.9 percent for 15",
]


@pytest.mark.parametrize("line", FIGURES_THAT_ARE_NEWS)
def test_a_line_whose_masked_part_is_its_content_is_no_template(line: str) -> None:
    assert learned(table(*[article(n, above=line.format(n % 10, n % 7)) for n in range(30)])) == {}


@pytest.mark.parametrize("line", FIGURES_THAT_ARE_NEWS[:3])
def test_a_line_of_figures_that_never_change_is_a_template(line: str) -> None:
    assert len(learned(table(*[article(n, above=line.format(4, 5)) for n in range(12)]))) == 4


@pytest.mark.parametrize(
    "line",
    [
        "Posted on {0} May 2031, 1{1}:40",
        "Stand: {0}.5.2031, 1{1}:40 Uhr",
        "Publicado el {0} de mayo de 2031 a las 1{1}:40",
        "Published May {0}, 2031 at 1{1}:40",
        "{0} min read · told by Mara Quill on {1} May",
    ],
)
def test_a_day_and_an_hour_are_masked(line: str) -> None:
    assert len(learned(table(*[article(n, above=line.format(1 + n % 10, n % 7)) for n in range(12)]))) == 4


def test_a_story_printed_many_times_is_no_template() -> None:
    assert learned(table(*[article(n, text=story(0)) for n in range(30)])) == {}


def test_copies_of_one_story_with_a_line_of_their_own_count_as_one_page() -> None:
    assert learned(table(*[article(n, text=story(0), above=LINE) for n in range(30)])) == {}


def test_a_notice_longer_than_any_paragraph_does_not_make_all_pages_one_story() -> None:
    notice = "This newspaper keeps to the code of the harbour press and mends what it got wrong. " * 3
    found = learned(table(*[article(n, below=notice.strip()) for n in range(12)]))
    assert pages_that_lose(found, notice.strip()) == [8, 9, 10, 11]


def test_a_line_that_other_outlets_print_too_is_no_template() -> None:
    line = "Nobody was hurt, the coast guard of the harbour said."
    articles = [
        article(2 * n + at, outlet, above=line) for n in range(20) for at, outlet in enumerate(("quay", "mill"))
    ]
    assert learned(table(*articles)) == {}


def test_a_line_on_one_page_in_two_hundred_is_no_template() -> None:
    articles = [article(n, above=LINE if n % 200 == 0 else "") for n in range(2400)]
    assert learned(table(*articles)) == {}


@pytest.mark.parametrize("line", ["FALSE", "– Mara Quill", "12", "* * *"])
def test_a_line_of_less_than_two_words_of_its_own_is_no_template(line: str) -> None:
    assert learned(table(*[article(n, above=line) for n in range(20)])) == {}


def test_a_person_decides_before_any_count_does() -> None:
    key = templates.key_of("quay", templates.digest(templates.mask_of(LINE)))
    articles = table(*[article(n, above=LINE) for n in range(12)])
    assert pages_that_lose(learned(articles, Answers(accepted=frozenset([key])))) == list(range(12))
    assert learned(articles, Answers(refused=frozenset([key]))) == {}


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(0, 4)), max_size=40), st.integers(1, 7))
def test_shards_decide_nothing_and_counts_are_those_of_plain_counting(
    drawn: list[tuple[int, int, int]], shard: int
) -> None:
    lines = ["Ahoy from the desk", "Read the tide table", "Ask the pilot", "Buy a chart today"]
    articles = [
        article(n, f"outlet-{outlet}", above=lines[line], text=story(of)) | {"published": START + timedelta(days=of)}
        for n, (line, outlet, of) in enumerate(drawn)
    ]
    limits = Limits(min_support=2)
    assert not articles or learned(table(*articles), shard=shard, limits=limits) == counted_plainly(articles, limits)


def counted_plainly(articles: list[dict[str, Any]], limits: Limits) -> dict[tuple[str, str], int]:
    """The definition in plain Python, one document after the other."""
    found: dict[tuple[str, str], int] = {}
    told: set[tuple[str, int]] = set()
    pages: dict[str, list[set[str]]] = {}
    for one in sorted(articles, key=lambda a: (a["published"], a["doc_id"])):
        paragraphs = one["text"].split(PARAGRAPH_BREAK)
        own = pages.setdefault(one["outlet"], [])
        for words in dict.fromkeys(paragraphs):
            support = sum(words in page for page in own)
            others = sum(words in page for outlet, some in pages.items() if outlet != one["outlet"] for page in some)
            enough = support >= max(limits.min_support, limits.min_share * len(own))
            if enough and others <= limits.max_elsewhere * support:
                found[one["doc_id"], words] = support
        if (same := (one["outlet"], templates.sketch(paragraphs))) not in told:
            told.add(same)
            own.append(set(paragraphs))
    return found


# ---------------------------------------------------------------- what the stage does with it


def chosen(doc_id: str, paragraph: str, support: int, accepted: bool = False) -> pa.Table:
    mask = templates.digest(templates.mask_of(paragraph))
    row = {"doc_id": doc_id, "mask": mask, "support": support, "accepted": accepted}
    return pa.Table.from_pylist([row], schema=templates.CHOSEN)


def test_the_ledger_names_the_template_and_how_many_earlier_pages_hold_it() -> None:
    documents = table(article(1, above=LINE))
    outcome = run(documents, Settings(), chosen(f"{1:032x}", LINE, 37))
    (row,) = outcome.ledger.to_pylist()
    assert (row["reason"], row["measured"], row["limit"], row["before"]) == ("template", 37, 20, LINE + PARAGRAPH_BREAK)
    assert templates.mask_in(row["rule"]) == ("quay", templates.digest(LINE))
    assert row["before"] + outcome.documents["text"][0].as_py() == documents["text"][0].as_py()


def test_where_the_model_has_no_say_more_pages_must_hold_a_template() -> None:
    documents = table(article(1, above=LINE))
    assert [run(documents, Settings(), chosen(f"{1:032x}", LINE, n)).ledger.num_rows for n in (8, 19, 20)] == [0, 0, 1]
    with_model = replace(noise_settings(settings.parse({})), packs=())
    rows = run(documents, with_model, chosen(f"{1:032x}", LINE, 8)).ledger.to_pylist()
    assert [(row["reason"], row["limit"]) for row in rows] == [("template", 8)]


def test_a_paragraph_of_the_story_stays_however_many_pages_hold_it() -> None:
    background = (
        "The ferry ran aground in March after its pilot had warned the harbour board for years, and forty people spent "
        "the night on a sandbank before a trawler from Westmark found them."
    )
    documents = table(article(1, below=background))
    with_model = noise_settings(settings.parse({}))
    assert run(documents, with_model, chosen(f"{1:032x}", background, 12)).ledger.num_rows == 0


def test_what_a_person_accepted_is_cut_whatever_its_support() -> None:
    outcome = run(table(article(1, above=LINE)), Settings(), chosen(f"{1:032x}", LINE, 0, accepted=True))
    assert outcome.documents["text"].to_pylist() == [story(1)]


def test_a_line_on_every_page_is_not_the_title_of_any() -> None:
    outcome = run(table(article(1, above=LINE)), noise_settings(settings.parse({})), chosen(f"{1:032x}", LINE, 37))
    assert outcome.documents["title"].to_pylist() == [None]
    assert outcome.documents["text"].to_pylist() == [story(1)]


def test_a_template_of_one_document_is_none_of_another() -> None:
    outcome = run(table(article(2, above=LINE)), Settings(), chosen(f"{1:032x}", LINE, 37))
    assert outcome.ledger.num_rows == 0


def test_a_rule_of_the_ledger_leads_back_to_its_template() -> None:
    for outlet, mask in (("plume", -1), ("a/b", 2**63 - 1), ("", -(2**63))):
        assert templates.mask_in(templates.rule_of(outlet, mask)) == (outlet, mask)


# ---------------------------------------------------------------- nights


def write(path: Path, articles: list[dict[str, Any]]) -> Path:
    records = [
        one | {"id": one["doc_id"], "published": one["published"] and one["published"].isoformat()} for one in articles
    ]
    path.write_text("".join(json.dumps(one) + "\n" for one in records), encoding="utf-8")
    return path


def news(days: int) -> list[dict[str, Any]]:
    """Two outlets, a story a day each; each has a line above all stories, and one begins another line on day 20."""
    chance = random.Random(7)
    found = []
    for day in range(days):
        below = "Ring the harbour desk on 4711" if day >= 20 or chance.random() < 0.2 else ""
        found.append(article(2 * day, "quay", above=LINE, below=below))
        found.append(
            article(
                2 * day + 1, "mill", above="From the mill, with flour on its sleeves", below=below if day % 9 else ""
            )
        )
    return found


def cuts(out: Path) -> list[tuple[str, ...]]:
    rows = read(
        out, "ledger", OutputFolder(out).runs(), ["source_id", "reason", "rule", "before", "measured"]
    ).to_pylist()
    names = ("source_id", "rule", "before", "measured")
    return sorted(tuple(str(row[name]) for name in names) for row in rows if row["reason"] == "template")


def night(out: Path, path: Path, articles: list[dict[str, Any]], **more: Any) -> None:
    write(path, articles)
    clean(RunRequest([str(path)], out, settings.parse(more), workers=1))


def mined(folder: Path, documents: pa.Table, rows_at_once: int) -> list[pa.Table]:
    """Mine three prepared files: the templates of each, the counts, the table of templates."""
    names = [f"{at:06d}" for at in range(3)]
    for kind in ("prepared", "masks"):
        (folder / kind).mkdir(parents=True)
    for at, name in enumerate(names):
        part = documents.slice(at * len(documents) // 3, (at + 1) * len(documents) // 3 - at * len(documents) // 3)
        feather.write_feather(part, folder / "prepared" / f"{name}.arrow")
        mining.keep_evidence(folder, name, part)
    mining.mine(mining.MiningTask(folder, names, [], Limits(), Answers(), rows_at_once))
    with pa.ipc.open_file(folder / "index" / "templates" / "counts.arrow") as counts:
        found = [*(mining.chosen_in(folder, name) for name in names), counts.read_all()]
    return [*found, pq.read_table(folder / "templates" / "part-00000.parquet")]


def test_how_many_paragraphs_are_weighed_at_once_decides_nothing(tmp_path: Path) -> None:
    documents = table(*news(40))
    whole, ranges = mined(tmp_path / "whole", documents, 1_000_000), mined(tmp_path / "ranges", documents, 50)
    assert [len(one) > 0 for one in whole] == [True] * 5
    assert all(one.equals(other) for one, other in zip(whole, ranges, strict=True))


def test_nights_in_order_of_publication_cut_what_one_run_over_all_of_them_cuts(tmp_path: Path) -> None:
    articles = news(40)
    night(tmp_path / "one", tmp_path / "news.jsonl", articles, run={"batch_documents": 9})
    for start, end in ((0, 7), (7, 30), (30, 31), (31, 80)):
        night(tmp_path / "nights", tmp_path / "news.jsonl", articles[start:end])
    assert cuts(tmp_path / "nights") == cuts(tmp_path / "one")
    assert len({rule for _, rule, *_ in cuts(tmp_path / "one")}) >= 2
    assert check(Corpus(tmp_path / "nights")).wrong == []


def test_a_story_that_an_earlier_night_printed_does_not_count_again(tmp_path: Path) -> None:
    for n in range(10):
        night(tmp_path / "out", tmp_path / "news.jsonl", [article(n, above=LINE, text=story(0))])
    assert cuts(tmp_path / "out") == []


def test_counts_that_somebody_removed_are_counted_again_from_the_tables(tmp_path: Path) -> None:
    articles = news(20)
    for start in (0, 10, 20):
        night(tmp_path / "kept", tmp_path / "news.jsonl", articles[start : start + 10])
        shutil.rmtree(tmp_path / "removed" / "index", ignore_errors=True)
        night(tmp_path / "removed", tmp_path / "news.jsonl", articles[start : start + 10])
    assert cuts(tmp_path / "removed") == cuts(tmp_path / "kept") != []
    assert OutputFolder(tmp_path / "removed").uncounted() == []


def test_the_table_tells_what_recurs_over_all_runs_so_far(tmp_path: Path) -> None:
    articles = [article(n, above=LINE) for n in range(10)]
    for start in (0, 5):
        night(tmp_path / "out", tmp_path / "news.jsonl", articles[start : start + 5])
    rows = read(tmp_path / "out", "templates", OutputFolder(tmp_path / "out").runs()).to_pylist()
    told = [
        (row["support"], row["first_seen"], row["last_seen"], row["status"]) for row in rows if row["example"] == LINE
    ]
    days = [one["published"] for one in articles]
    assert told == [(5, days[0], days[4], "proposed"), (10, days[0], days[9], "automatic")]


def test_accepted_templates_are_cut_and_refused_ones_are_not(tmp_path: Path) -> None:
    folder = tmp_path / "outlets"
    folder.mkdir()
    articles = [article(n, above=LINE, below="Ring the harbour desk on 4711") for n in range(12)]
    answers = [("accept", "Ring the harbour desk on 12"), ("refuse", LINE)]
    rows = "".join(f'[[template]]\nanswer = "{verdict}"\nparagraph = "{words}"\n' for verdict, words in answers)
    (folder / "quay.toml").write_text(f'outlet = "quay"\n{rows}')
    night(tmp_path / "out", tmp_path / "news.jsonl", articles, evidence={"outlets": str(folder)})
    assert len(cuts(tmp_path / "out")) == 12
    assert all(LINE not in before for _, _, before, _ in cuts(tmp_path / "out"))


def shown_of(explanation: Explanation) -> str:
    """Return what `clean explain` prints of the changes."""
    console = Console(width=1000, record=True, file=io.StringIO())
    console.print(render(explanation, only_changes=True))
    return console.export_text()


def test_explain_says_in_words_why_a_template_went(tmp_path: Path) -> None:
    night(tmp_path / "out", tmp_path / "news.jsonl", [article(n, above=LINE) for n in range(12)])
    ids = read(
        tmp_path / "out", "documents", OutputFolder(tmp_path / "out").runs(), ["doc_id", "source_id"]
    ).to_pylist()
    last = max(ids, key=lambda row: row["source_id"])["doc_id"]
    shown = shown_of(explain_document(Corpus(tmp_path / "out"), last))
    assert "11 earlier pages of this outlet carry this paragraph" in shown


def test_explaining_a_file_shows_what_a_person_accepted(tmp_path: Path) -> None:
    (tmp_path / "outlets").mkdir()
    (tmp_path / "outlets" / "quay.toml").write_text(
        f'outlet = "quay"\n[[template]]\nanswer = "accept"\nparagraph = "{LINE}"\n'
    )
    path = write(tmp_path / "news.jsonl", [article(1, above=LINE)])
    (found,) = explain_file(str(path), settings.parse({"evidence": {"outlets": str(tmp_path / "outlets")}}))
    assert "accepted" in shown_of(found)


# ---------------------------------------------------------------- what is safe


def test_no_story_that_invented_outlets_repeat_is_cut_and_most_of_their_furniture_is(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A floor for the curve of docs/method/noise.md, on fewer articles."""
    monkeypatch.syspath_prepend(str(repository / "benchmarks"))
    benchmark = importlib.import_module("templates")
    truth = benchmark.invented(250)
    found = [truth.furniture[cut] for cut in benchmark.cuts(truth.documents, 8, with_model=True)]
    assert found.count(False) == 0
    assert found.count(True) >= 0.6 * sum(truth.furniture.values())
