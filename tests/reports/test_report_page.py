"""The page of `clean report`: its numbers are those of the tables, and it can be made of any corpus."""

import json
import re
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import api, settings
from pipeline.api import RunRequest
from pipeline.errors import UserError
from pipeline.reports.html_safety import content_policy
from pipeline.reports.page import report_page
from pipeline.reports.page.collected import Collected, collect
from pipeline.reports.page.differences import word_differences
from pipeline.reports.page.rendering import render
from pipeline.reports.page.scope import Scope
from pipeline.reports.sampling import Samples
from pipeline.reports.verify import check
from pipeline.storage.location import output_location
from pipeline.storage.reader import Corpus
from pipeline.storage.tables import dataset
from tests.helpers import command


def cleaned(out: Path, source: Path, run: str, **sections: dict[str, object]) -> Path:
    api.clean(RunRequest([str(source)], out, settings.parse(sections), workers=1, run_id=run))
    return out


def of_run(out: Path, *runs: str) -> Collected:
    corpus = Corpus(out)
    return collect(Scope(corpus, list(runs) or corpus.runs[-1:]))


@pytest.fixture(scope="module")
def sample(sample_run: Path) -> Collected:
    return of_run(sample_run)


STORY = "The ferry to Holm sails again from Monday, the harbour office said after nine days of storm and high water."
MASTER = "Never in forty winters had she been tied to the quay for so long, said Mara Quill, the master of the harbour."


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output folder of two nights: the second has two more printings of what the first published."""
    folder = tmp_path_factory.mktemp("nights")
    for run, outlets in {"one": ("plume", "courier"), "two": ("star", "radio")}.items():
        for outlet in outlets:
            (folder / run / outlet).mkdir(parents=True)
            text = f"{STORY}\n\nReaders of the {outlet} wrote to us about {outlet} boats. {MASTER}\n"
            (folder / run / outlet / "story.txt").write_text(text)
        cleaned(folder / "out", folder / run, run)
    return folder / "out"


# ---------------------------------------------------------------- numbers


def test_records_and_words_add_up(sample: Collected) -> None:
    for steps in (sample.funnel.records, sample.funnel.words):
        totals = [step.n for step in steps if step.kind == "total"]
        lost = [step.n for step in steps[1:] if step.kind != "total"]
        assert totals[0] - sum(lost) == totals[-1]
    assert sample.funnel.records[-1].n == sample.documents.n
    assert sum(step.n for step in sample.funnel.in_short(sample.funnel.words)) == sum(
        step.n for step in sample.funnel.words
    )


def test_the_heat_map_has_the_numbers_of_the_table_of_flows(sample: Collected, sample_run: Path) -> None:
    rows = dataset(sample_run, "flows", "sample").to_table().to_pylist()
    assert {pair: flow.n_words for pair, flow in sample.copies.matrix.items()} == {
        (row["from_outlet"], row["to_outlet"]): row["n_words"] for row in rows
    }
    assert sample.copies.n_words == sum(row["n_words"] for row in rows)


def test_words_by_rule_are_those_of_the_manifest(sample: Collected, sample_run: Path) -> None:
    manifest = Corpus(sample_run).store.manifest("sample")
    assert {rule: n for rule, n in sample.ledger.rule_words.items() if rule != "none named"} == {
        each["rule"]: each["words"] for each in manifest["counts"]["rules"]
    }


def test_a_cluster_shows_its_canonical_wording_first_and_each_other_one_once(sample: Collected) -> None:
    assert len(sample.clusters.shown) == 20
    for cluster in sample.clusters.shown:
        assert cluster.wordings[0].is_canonical
        texts = [" ".join(wording.printings[0].text.split()) for wording in cluster.wordings]
        assert all(texts)
        assert len(set(texts)) == len(texts)
        assert len(cluster.printings) == cluster.n_printings
    sizes = [(cluster.n_outlets, cluster.n_printings) for cluster in sample.clusters.shown]
    assert sizes == sorted(sizes, reverse=True)


@given(st.lists(st.integers(), unique=True), st.randoms(use_true_random=False))
def test_samples_do_not_depend_on_the_order_of_rows(values: list[int], order: object) -> None:
    one, other = Samples[str, int](3), Samples[str, int](3)
    for value in values:
        one.offer("all", str(value), value)
    order.shuffle(values)  # type: ignore[attr-defined]
    for value in values:
        other.offer("all", str(value), value)
    assert one.of("all") == other.of("all")
    assert one.seen == other.seen


WORDS = st.lists(st.sampled_from(["ferry", "Holm,", "sails", "£11.3", "“never”", "a", "\n", "’tis"])).map(" ".join)


@given(WORDS, WORDS)
def test_differences_give_back_both_wordings(canonical: str, other: str) -> None:
    pieces = word_differences(canonical, other)
    without = {"same", "added"}, {"same", "left_out"}
    for text, kinds in zip((other, canonical), without, strict=True):
        assert "".join("".join(p.text for p in pieces if p.kind in kinds).split()) == "".join(text.split())


# ---------------------------------------------------------------- the page


class Outline(HTMLParser):
    """Collects elements, ids and links of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def values(self, attribute: str) -> Iterator[str]:
        return (attributes[attribute] or "" for _, attributes in self.tags if attribute in attributes)


def test_the_same_tables_give_the_same_page(sample: Collected, sample_run: Path) -> None:
    assert render(sample) == render(of_run(sample_run))


def test_texts_that_try_to_be_markup_stay_text(copied_attacks: Path) -> None:
    found = of_run(copied_attacks)
    assert len(found.clusters.shown) == 20
    assert found.ledger.failures.seen
    page = render(found)
    outline = Outline(page)
    assert [tag for tag, _ in outline.tags if tag == "script"] == ["script"] * 2
    assert [tag for tag, _ in outline.tags if tag in ("img", "iframe", "object", "b") and tag != "b"] == []
    assert not [
        name for _, attributes in outline.tags for name in attributes if name.startswith("on") or name == "style"
    ]
    assert {each.partition(":")[0] for each in outline.values("href") if not each.startswith("#")} <= {"https", "http"}
    assert list(outline.values("src")) == []
    assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069\u2028\u2029]", page)


def test_the_policy_names_the_very_style_and_script_of_the_page(sample: Collected) -> None:
    page = render(sample)
    style = page.split("<style>")[1].split("</style>")[0]
    script = page.split("<script>")[1].split("</script>")[0]
    stated = next(attributes["content"] for _, attributes in Outline(page).tags if attributes.get("http-equiv"))
    assert stated == content_policy(style, script)
    assert "unsafe" not in stated


def test_ids_are_unique_and_links_within_the_page_lead_somewhere(sample: Collected) -> None:
    outline = Outline(render(sample))
    ids = list(outline.values("id"))
    assert len(set(ids)) == len(ids)
    assert {each[1:] for each in outline.values("href") if each.startswith("#")} <= set(ids)


def test_the_page_says_how_many_of_how_many(sample: Collected) -> None:
    page = render(sample)
    assert f"20 of {sample.clusters.n_clusters} shared passages" in page
    captions = sample.ledger.by_label.seen["caption"]
    assert f"8 of {captions} pieces" in page
    assert "with seed 1" in page


# ---------------------------------------------------------------- any corpus


def test_a_run_of_one_document_has_a_page(tmp_path: Path) -> None:
    (tmp_path / "only.txt").write_text(f"{STORY}\n")
    page = render(of_run(cleaned(tmp_path / "out", tmp_path / "only.txt", "only")))
    for sentence in ("it takes two documents", "No two documents share", "Nothing was cut", "first run of its corpus"):
        assert sentence in page


def test_a_column_that_an_older_version_did_not_write_counts_as_empty(sample_run: Path, tmp_path: Path) -> None:
    out = shutil.copytree(sample_run, tmp_path / "out")
    older = {"documents": ["language", "revision_of"], "passages": ["revision", "late"], "ledger": ["measured"]}
    for table, columns in older.items():
        for path in (out / table).rglob("*.parquet"):
            pq.write_table(pq.read_table(path, partitioning=None).drop_columns(columns), path)
    assert "unknown 76" in render(of_run(out))


def test_a_night_shows_passages_whose_canonical_printing_is_an_earlier_night_s(nights: Path) -> None:
    found = of_run(nights, "two")
    assert {cluster.n_outlets for cluster in found.clusters.shown} == {4}
    assert {cluster.canonical.outlet for cluster in found.clusters.shown} <= {"plume", "courier"}
    assert {STORY[:-1], MASTER[:-1]} <= {cluster.canonical.text.rstrip(".") for cluster in found.clusters.shown}
    assert [row.run for row in found.history.rows] == ["one", "two"]


def test_a_page_about_all_runs_adds_them_up(nights: Path, tmp_path: Path) -> None:
    both, each = of_run(nights, "one", "two"), [of_run(nights, "one"), of_run(nights, "two")]
    assert both.documents.n == 4
    assert both.funnel.words[0].n == sum(found.funnel.words[0].n for found in each)
    assert both.copies.n_words == sum(found.copies.n_words for found in each)
    assert command.clean("report", "--all-runs", "--out", str(nights), "-o", str(tmp_path / "all.html")) == 0
    assert "2 runs, one to two" in (tmp_path / "all.html").read_text()


# ---------------------------------------------------------------- files and commands


def test_the_guide_shows_its_pictures_and_they_are_small(repository: Path) -> None:
    pictures = {path.name: path.stat().st_size for path in (repository / "docs" / "images").glob("report-*.png")}
    guide = (repository / "docs" / "how-to" / "report.md").read_text(encoding="utf-8")
    assert set(pictures) == set(re.findall(r"images/(report-[a-z]+\.png)", guide))
    assert max(pictures.values()) < 200_000


def test_the_page_beside_the_tables_disturbs_nobody(
    sample_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = shutil.copytree(sample_run, tmp_path / "out")
    assert command.clean("report", "--out", str(out)) == 0
    page = out / "reports" / "sample.html"
    assert capsys.readouterr().out == f"report: {page}\n"
    findings = check(Corpus(out))
    assert (findings.wrong, findings.remarks) == ([], [])
    assert command.clean("report", "sample", "--out", str(out)) == 0  # over its own page
    document = dataset(out, "documents", "sample").to_table(["doc_id"])[0][0].as_py()
    api.forget(out, settings.parse({}), doc_id=document)
    assert not page.exists()


def test_a_file_of_somebody_else_s_is_not_overwritten(
    sample_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = tmp_path / "thesis.html"
    mine.write_text("<p>years of work</p>")
    assert command.clean("report", "--out", str(sample_run), "-o", str(mine)) == 2
    assert "is no report" in capsys.readouterr().err
    assert command.clean("run", str(tmp_path), "--out", str(tmp_path / "out"), "--report", str(mine)) == 2
    assert not (tmp_path / "out").exists()
    assert mine.read_text() == "<p>years of work</p>"
    with pytest.raises(UserError, match="is a folder"):
        report_page(sample_run, None, tmp_path)


def test_a_page_that_cannot_be_written_leaves_the_run_published_and_its_summary_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "story.txt").write_text(STORY)
    (tmp_path / "file").touch()
    order = ["run", str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--run-id", "monday"]
    assert command.clean(*order, "--report", str(tmp_path / "file" / "page.html")) == 2
    said = capsys.readouterr()
    assert said.out.startswith("run monday\n")
    assert "clean: run monday is published; its report was not written: cannot write " in said.err
    assert Corpus(tmp_path / "out").runs == ["monday"]
    assert command.clean(*order, "--report", str(tmp_path / "file" / "page.html"), "--log-format", "json") == 2
    last = json.loads(capsys.readouterr().err.splitlines()[-1])
    assert last["message"].startswith("no run was published; its report was not written: cannot write ")


def test_progress_counts_the_parts_that_were_read(nights: Path, tmp_path: Path) -> None:
    told: list[tuple[str, int, int | None]] = []
    report_page(nights, ["one", "two"], tmp_path / "page.html", lambda *each: told.append(each))
    assert told == [("report", done, 6) for done in range(6)]


def test_a_run_names_its_report_in_its_last_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "story.txt").write_text(f"{STORY}\n")
    order = ["run", str(tmp_path / "story.txt"), "--out", str(tmp_path / "out"), "--run-id", "one"]
    assert command.clean(*order, "--report", "default") == 0
    page = tmp_path / "out" / "reports" / "one.html"
    assert capsys.readouterr().out.splitlines()[-1] == f"report: {page}"
    page.unlink()
    assert command.clean(*order[:-2], "--report", "default") == 0  # nothing new: about the newest run
    assert page.exists()


def test_unknown_runs_and_two_wishes_are_refused(sample_run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.clean("report", "nightly", "--out", str(sample_run)) == 2
    assert "no run 'nightly'" in capsys.readouterr().err
    assert command.clean("report", "sample", "--all-runs", "--out", str(sample_run)) == 2


@pytest.mark.usefixtures("credentials")
def test_the_page_of_a_corpus_on_a_store_is_written_beside_it(prefix: str, tmp_path: Path) -> None:
    (tmp_path / "story.txt").write_text(f"{STORY}\n")
    out = output_location(prefix)
    chosen = settings.parse({"store": {"work_folder": str(tmp_path / "work")}})
    api.clean(RunRequest([str(tmp_path / "story.txt")], out, chosen, workers=1, run_id="one"))
    page = report_page(out, None, None)
    assert page == out / "reports" / "one.html"
    assert check(Corpus(out)).wrong == []
    assert report_page(out, ["one"], tmp_path / "here.html").is_file()
    api.forget(out, chosen, doc_id=dataset(out, "documents", "one").to_table(["doc_id"])[0][0].as_py())
    assert not page.exists()
