"""Nights against history: the same tables as one run over all of it, whatever becomes of the index."""

import errno
import gzip
import json
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import feather

from pipeline import settings
from pipeline.api import RunReport, RunRequest, clean
from pipeline.errors import UserError
from pipeline.passages import matching
from pipeline.passages.matching import PassageMatching
from pipeline.passages.merging import merge, within_cap
from pipeline.passages.passage_index import FOLDER, PassageIndex
from pipeline.passages.segments import SegmentWriter, load
from pipeline.reports.verify import check
from pipeline.runs import forgetting
from pipeline.runs.forgetting import forget, remains
from pipeline.runs.naming import Named
from pipeline.storage.forgotten import NAMING, RECORD, record_of
from pipeline.storage.output_folder import OutputFolder
from pipeline.storage.reader import Corpus
from pipeline.storage.tables import dataset, read
from stages import near_duplicates
from stages.near_duplicates import Settings, clusters
from stages.near_duplicates import history as near_history
from tests.helpers.runs import MAIN

NIGHT = datetime(2031, 5, 4, tzinfo=UTC)
#: What one run and many give alike. Where a document was read differs, of course.
COMPARED = {"documents": ("run", "source_uri"), "paragraphs": ("run",), "passages": ("run",)}


def write(folder: Path, articles: Sequence[dict[str, Any]]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "night.jsonl"
    path.write_text("".join(json.dumps(article, default=str) + "\n" for article in articles))
    return path


def run(path: Path, out: Path, **sections: Any) -> RunReport:
    return clean(RunRequest([str(path)], out, settings.parse(sections), workers=2))


def nights(tmp_path: Path, name: str, slices: Sequence[Sequence[dict[str, Any]]], **sections: Any) -> Path:
    """The output folder of a run for each slice."""
    for number, articles in enumerate(slices):
        run(write(tmp_path / f"{name}-{number}", articles), tmp_path / name, **sections)
    return tmp_path / name


def rows(out: Path, name: str) -> list[str]:
    table = read(out, name, OutputFolder(out).runs()).drop_columns(list(COMPARED[name]))
    return sorted(json.dumps(row, default=str, sort_keys=True) for row in table.to_pylist())


def assert_same(one: Path, other: Path) -> None:
    for name in COMPARED:
        assert rows(one, name) == rows(other, name), name


def assert_sound(out: Path) -> None:
    assert check(Corpus(out)).wrong == []


@pytest.fixture(scope="session")
def articles(sample_run: Path) -> list[dict[str, Any]]:
    """The sample corpus, cleaned, as articles with made-up times, in the order of publication; one thrice."""
    documents = dataset(sample_run, "documents", "sample").to_table().sort_by("doc_id").to_pylist()
    chance = random.Random(2)
    found = [
        {"url": f"https://{d['outlet']}/{n}", "outlet": d["outlet"], "title": d["title"], "text": d["text"],
         "published": NIGHT + timedelta(minutes=chance.randrange(20_000))}
        for n, d in enumerate(documents)
    ]  # fmt: skip
    for n, words in enumerate(("The bridge is open again.", "The bridge is open again, the council says.")):
        found.append(found[5] | {"text": f"{found[5]['text']}\n\n{words}", "published": NIGHT + timedelta(days=15 + n)})
    return sorted(found, key=lambda article: str(article["published"]))


def sliced(articles: Sequence[dict[str, Any]], n: int) -> list[Sequence[dict[str, Any]]]:
    bounds = [round(at * len(articles) / n) for at in range(n + 1)]
    return [articles[begin:end] for begin, end in pairwise(bounds)]


@pytest.fixture(scope="session")
def one_run(tmp_path_factory: pytest.TempPathFactory, articles: list[dict[str, Any]]) -> Path:
    return nights(tmp_path_factory.mktemp("one"), "out", [articles])


def test_nights_in_order_of_publication_give_the_tables_of_one_run(
    tmp_path: Path, articles: list[dict[str, Any]], one_run: Path
) -> None:
    many = nights(tmp_path, "many", sliced(articles, 6))
    assert len(OutputFolder(many).runs()) == 6
    assert_same(many, one_run)
    assert len(rows(one_run, "passages")) > 100
    assert_sound(many)
    assert len(list((many / FOLDER).glob("*"))) < 6


def test_how_many_documents_are_matched_at_once_decides_nothing(
    tmp_path: Path, articles: list[dict[str, Any]], one_run: Path
) -> None:
    assert_same(nights(tmp_path, "out", [articles], run={"resolve_documents": 7, "batch_documents": 10}), one_run)


def matched(folder: Path, documents: pa.Table, chosen: Settings, **more: int) -> list[pa.Table]:
    """Match documents against no history: what is found, and which are versions or copies."""
    (folder / "evidence").mkdir(parents=True)
    for kind, part in near_duplicates.evidence(documents)._asdict().items():
        feather.write_feather(part, folder / "evidence" / f"all.{kind}.arrow")
    index = PassageIndex(folder, [], chosen)
    task = PassageMatching(folder, chosen, index, "one", documents=1000, threads=1, **more)
    matching.resolve(task, {0: ["all"]})
    assert len(list((folder / "found").iterdir())) > (1 if more else 0)
    tables = matching.resolution_of(folder, 0)
    return [each.sort_by([(name, "ascending") for name in each.column_names]) for each in tables]


def test_a_chunk_with_too_many_candidate_pairs_is_matched_in_halves(tmp_path: Path, one_run: Path) -> None:
    documents = read(one_run, "documents", OutputFolder(one_run).runs())
    chosen = settings.parse({}).near_duplicates
    whole = matched(tmp_path / "whole", documents, chosen)
    halves = matched(tmp_path / "halves", documents, chosen, most_pairs=100)
    assert len(whole[0]) > 100
    assert all(one.equals(other) for one, other in zip(whole, halves, strict=True))


def test_a_chunk_ends_where_it_has_many_words(tmp_path: Path, one_run: Path) -> None:
    documents = read(one_run, "documents", OutputFolder(one_run).runs())
    chosen = settings.parse({}).near_duplicates
    whole = matched(tmp_path / "whole", documents, chosen)
    by_words = matched(tmp_path / "by words", documents, chosen, most_words=900)
    assert all(one.equals(other) for one, other in zip(whole, by_words, strict=True))


def test_how_many_texts_of_history_are_held_at_once_decides_nothing(
    tmp_path: Path, articles: list[dict[str, Any]], one_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clusters, "PAIRS_IN_TEXTS", 50)
    monkeypatch.setattr(near_history, "BLOCK", 100)
    assert_same(nights(tmp_path, "out", [articles], run={"resolve_documents": 20}), one_run)


def spoil(index: Path, how: str) -> None:
    segment = next(iter(sorted(index.glob("[0-9]*"))))
    if how == "gone":
        shutil.rmtree(index)
    elif how == "a segment gone":
        shutil.rmtree(segment)
    elif how == "cut":
        (segment / "words.bin").write_bytes((segment / "words.bin").read_bytes()[:-8])
    else:
        (segment / "segment.json").write_text("{}")


@pytest.mark.parametrize("how", ["gone", "a segment gone", "cut", "another format"])
def test_an_index_that_is_missing_or_damaged_is_built_anew(
    tmp_path: Path, articles: list[dict[str, Any]], one_run: Path, how: str
) -> None:
    *earlier, last = sliced(articles, 3)
    out = nights(tmp_path, "out", earlier)
    spoil(out / FOLDER, how)
    report = run(write(tmp_path / "last", last), out)
    assert any("built anew" in note for note in report.notes)
    assert_same(out, one_run)
    assert_sound(out)


def test_verify_tells_where_the_content_of_the_index_is_not_what_was_written(
    tmp_path: Path, articles: list[dict[str, Any]]
) -> None:
    out = nights(tmp_path, "out", [articles])
    assert_sound(out)
    (path,) = (out / FOLDER).glob("*/words.bin")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert [each for each in check(Corpus(out)).wrong if "words.bin" in each and "the next run builds it anew" in each]


def test_other_settings_of_matching_build_the_index_anew_and_keep_published_clusters(
    tmp_path: Path, articles: list[dict[str, Any]]
) -> None:
    *earlier, last = sliced(articles, 3)
    out = nights(tmp_path, "out", earlier)
    before = {row for name in COMPARED for row in rows(out, name)}
    report = run(write(tmp_path / "last", last), out, near_duplicates={"bands": 40, "seed": 7})
    assert report.notes == ("the index of history lacked 2 runs: built anew from the tables",)
    assert before <= {row for name in COMPARED for row in rows(out, name)}
    assert_sound(out)


def test_a_clock_that_was_set_back_does_not_change_the_order_of_runs(
    tmp_path: Path, articles: list[dict[str, Any]], one_run: Path
) -> None:
    first, *later = sliced(articles, 3)
    out = nights(tmp_path, "out", [first])
    (earliest,) = OutputFolder(out).runs()
    manifest = OutputFolder(out).manifest(earliest) | {"started": "2099-01-01T00:00:00+00:00"}
    OutputFolder(out).manifest_path(earliest).write_text(json.dumps(manifest))
    for number, night in enumerate(later):
        report = run(write(tmp_path / f"later-{number}", night), out)
        assert report.notes == ()
        assert OutputFolder(out).runs()[-1] == report.run_id
    assert_same(out, one_run)


def test_no_room_to_merge_segments_costs_no_run_and_the_next_one_merges(
    tmp_path: Path, articles: list[dict[str, Any]], one_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = SegmentWriter.add

    def no_room(writer: SegmentWriter, name: str, values: np.ndarray[Any, Any]) -> None:
        if writer.folder.name == ".merging":
            raise OSError(errno.ENOSPC, "No space left on device")
        add(writer, name, values)

    *earlier, last, rest = sliced(articles, 5)
    out = nights(tmp_path, "out", earlier)
    monkeypatch.setattr(SegmentWriter, "add", no_room)
    report = run(write(tmp_path / "last", last), out)
    assert "tidying up was left to the next run" in report.notes[-1]
    assert report.run_id in OutputFolder(out).runs()
    assert not (out / FOLDER / ".merging").exists()
    monkeypatch.undo()
    run(write(tmp_path / "rest", rest), out)
    assert len(list((out / FOLDER).glob("*"))) < 4
    assert_same(out, one_run)
    assert_sound(out)


def test_a_segment_of_a_run_that_was_not_committed_is_left_out(
    tmp_path: Path, articles: list[dict[str, Any]], one_run: Path
) -> None:
    *earlier, last = sliced(articles, 3)
    out = nights(tmp_path, "out", earlier)
    chosen = settings.parse({}).near_duplicates
    index = PassageIndex(out, OutputFolder(out).runs(), chosen)
    shutil.copytree(index.stored[-1].folder, out / FOLDER / "000002-000002")
    assert [each.span for each in PassageIndex(out, OutputFolder(out).runs(), chosen).stored] == [(0, 0), (1, 1)]
    run(write(tmp_path / "last", last), out)
    assert_same(out, one_run)


def test_segments_that_were_merged_but_not_yet_removed_are_read_once(
    tmp_path: Path, articles: list[dict[str, Any]], one_run: Path
) -> None:
    *earlier, last = sliced(articles, 3)
    out = nights(tmp_path, "out", earlier)
    chosen = settings.parse({}).near_duplicates
    index = PassageIndex(out, OutputFolder(out).runs(), chosen)
    merge(index.stored, index.folder / "000000-000001", chosen)
    assert [each.span for each in PassageIndex(out, OutputFolder(out).runs(), chosen).stored] == [(0, 1)]
    run(write(tmp_path / "last", last), out)
    assert_same(out, one_run)


def test_a_merged_segment_says_what_its_parts_said(tmp_path: Path, articles: list[dict[str, Any]]) -> None:
    out = nights(tmp_path, "out", sliced(articles, 2))
    chosen = settings.parse({}).near_duplicates
    index = PassageIndex(out, OutputFolder(out).runs(), chosen)
    merged = merge(index.stored, tmp_path / "merged", chosen)
    assert load(tmp_path / "merged", chosen) == merged
    one, other = (each.segment.columns for each in index.stored)
    for name in ("words", "doc_id", "begin"):
        whole = merged.segment.columns[name]
        assert len(whole) == len(one[name]) + len(other[name])
        assert (whole.take(np.array([len(whole) - 1])) == other[name].take(np.array([len(other[name]) - 1]))).all()
    ids = merged.segment.columns["id"].read(0, len(merged.segment.columns["id"]))
    assert (np.sort(ids) == ids).all()


def test_a_bucket_keeps_as_many_members_as_anybody_is_compared_with() -> None:
    entries = np.array([bucket << 32 | part for bucket in (-3, 5) for part in range(4)])
    assert (within_cap(entries, 3) & 0xFFFFFFFF).tolist() == [0, 1, 2, 0, 1, 2]


def test_versions_of_an_article_name_the_one_before(one_run: Path, articles: list[dict[str, Any]]) -> None:
    documents = read(one_run, "documents", OutputFolder(one_run).runs()).to_pylist()
    by_id = {row["doc_id"]: row for row in documents}
    revised = [row for row in documents if row["revision_of"]]
    assert len(revised) == 2
    for row in revised:
        before = by_id[row["revision_of"]]
        assert (before["url"], before["outlet"]) == (row["url"], row["outlet"])
        assert before["published"] < row["published"]
    assert {row["revision_of"] for row in revised} & {row["doc_id"] for row in revised}


#: What may be told otherwise of an article that is linked with one that came late.
OPEN = {
    "documents": {"canonical_text", "duplicate_share", "duplicate_of", "revision_of", "superseded_by"},
    "paragraphs": {"is_canonical", "duplicate_share", "duplicate_of_doc", "duplicate_of_paragraph", "origin"},
}


def linked(outs: Sequence[Path], late: set[str]) -> set[str]:
    """The documents that share a cluster with a late one, or with one that does, by ids."""
    members: dict[str, set[str]] = {}
    for out in outs:
        passages = read(out, "passages", OutputFolder(out).runs(), ["cluster_id", "doc_id"])
        for cluster, doc_id in zip(passages["cluster_id"].to_pylist(), passages["doc_id"].to_pylist(), strict=True):
            members.setdefault(cluster, set()).add(doc_id)
    found = set(late)
    while reached := {doc_id for each in members.values() if each & found for doc_id in each} - found:
        found |= reached
    return found


def assert_same_but_for_what_is_late(one: Path, late: Path, urls: set[str]) -> None:
    """Differences are exactly those that docs/method/history.md lists."""
    documents = read(late, "documents", OutputFolder(late).runs()).to_pylist()
    came_late = {row["doc_id"] for row in documents if row["url"] in urls}
    touched = linked([one, late], came_late)
    for name, may_differ in {**OPEN, "passages": set()}.items():
        told = []
        for out in (one, late):
            table = read(out, name, OutputFolder(out).runs()).drop_columns(list(COMPARED[name])).to_pylist()
            if name == "passages":
                table = [row for row in table if row["doc_id"] not in touched]
            kept = [
                {k: v for k, v in row.items() if not (row["doc_id"] in touched and k in may_differ)} for row in table
            ]
            told.append(sorted(json.dumps(row, default=str, sort_keys=True) for row in kept))
        assert told[0] == told[1], name
    passages = read(late, "passages", OutputFolder(late).runs()).to_pylist()
    assert {row["doc_id"] for row in passages if row["late"]} <= came_late
    newest = {(row["outlet"], row["url"]): row["published"] for row in sorted(documents, key=lambda d: d["published"])}
    old = {row["revision_of"] for row in documents} | {row["doc_id"] for row in documents if row["superseded_by"]}
    standing = [row for row in documents if row["doc_id"] not in old]
    assert {(row["outlet"], row["url"]): row["published"] for row in standing} == newest
    assert len(standing) == len(newest)


def delayed(articles: Sequence[dict[str, Any]], n: int, share: float) -> tuple[list[list[dict[str, Any]]], set[str]]:
    """Nights of which some articles come later than they were published, and the addresses of those."""
    chance, slices = random.Random(4), [list(each) for each in sliced(articles, n)]
    chosen = [(at, each) for at, night in enumerate(slices[:-1]) for each in night if chance.random() < share]
    for at, article in chosen:
        slices[at].remove(article)
        slices[chance.randrange(at + 1, n)].append(article)
    return slices, {article["url"] for _, article in chosen}


NO_TEMPLATES = {"noise": {"min_template_support": 1_000_000}}


def test_articles_that_come_late_change_what_is_linked_with_them_and_nothing_else(
    tmp_path: Path, articles: list[dict[str, Any]]
) -> None:
    slices, urls = delayed(articles, 4, 0.4)
    one, late = nights(tmp_path, "one", [articles], **NO_TEMPLATES), nights(tmp_path, "late", slices, **NO_TEMPLATES)
    assert_same_but_for_what_is_late(one, late, urls)
    assert any(row["late"] for row in read(late, "passages", OutputFolder(late).runs()).to_pylist())
    assert_sound(late)


@pytest.fixture(scope="session")
def real_articles(shared: Path) -> list[dict[str, Any]]:
    """1,683 real articles with made-up times within 30 days."""
    with gzip.open(shared / "data" / "fnc_train.jsonl.gz", "rt") as file:
        found = [json.loads(line) for line in file]
    chance = random.Random(5)
    times = sorted(NIGHT + timedelta(minutes=chance.randrange(43_200)) for _ in found)
    chance.shuffle(found)
    return [
        {"url": f"https://{a['outlet']}.example/{n}", "outlet": a["outlet"], "text": a["text"], "published": time}
        for n, (a, time) in enumerate(zip(found, times, strict=True))
    ]


@pytest.mark.long
@pytest.mark.shared
def test_thirty_nights_of_real_articles_give_the_tables_of_one_run(
    tmp_path: Path, real_articles: list[dict[str, Any]]
) -> None:
    one = nights(tmp_path, "one", [real_articles])
    many = nights(tmp_path, "many", sliced(real_articles, 30))
    assert_same(one, many)
    assert_sound(many)


@pytest.mark.long
@pytest.mark.shared
def test_real_articles_that_come_late_change_what_is_linked_with_them_and_nothing_else(
    tmp_path: Path, real_articles: list[dict[str, Any]]
) -> None:
    slices, urls = delayed(real_articles, 30, 0.05)
    one = nights(tmp_path, "one", [real_articles], **NO_TEMPLATES)
    late = nights(tmp_path, "late", slices, **NO_TEMPLATES)
    assert_same_but_for_what_is_late(one, late, urls)
    assert_sound(late)


def forgotten(out: Path, **what: str) -> int:
    store = OutputFolder(out)
    with store.lock():
        return forget(store, settings.parse({}), Named(**what))


def test_a_forgotten_article_is_in_no_table_and_in_no_index_and_stays_out(
    tmp_path: Path, articles: list[dict[str, Any]]
) -> None:
    out = nights(tmp_path, "out", sliced(articles, 2))
    passages = read(out, "passages", OutputFolder(out).runs())
    copied = passages.filter(passages["is_canonical"])["doc_id"][0].as_py()
    [row] = [row for row in read(out, "documents", OutputFolder(out).runs()).to_pylist() if row["doc_id"] == copied]
    assert forgotten(out, url=row["url"]) >= 1
    assert_sound(out)
    words = max(row["text"].split("\n\n"), key=len)
    for file in [path for path in out.rglob("*") if path.is_file()]:
        assert words.encode() not in file.read_bytes(), file
        assert row["url"].encode() not in file.read_bytes(), file
    again = articles[0] | {"url": row["url"], "outlet": row["outlet"], "text": f"{row['text']}\n\nIt was sunny."}
    new = articles[0] | {"url": "https://plume.example/new", "text": "A heron has nested on the roof of the library."}
    run(write(tmp_path / "again", [*articles, again, new]), out)
    ledger = read(out, "ledger", OutputFolder(out).runs()[-1:], ["reason"])["reason"].to_pylist()
    assert ledger.count("forgotten") == 1 + [article["url"] for article in articles].count(row["url"])
    assert_sound(out)
    assert row["url"] not in read(out, "documents", OutputFolder(out).runs())["url"].to_pylist()


def test_forgetting_that_was_killed_is_ended_by_the_next_run(
    tmp_path: Path, articles: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = nights(tmp_path, "out", sliced(articles, 2))
    outlet = articles[0]["outlet"]
    monkeypatch.setattr(forgetting, "_rewrite_templates", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        forgotten(out, outlet=outlet)
    monkeypatch.undo()
    assert any("not done" in each for each in check(Corpus(out)).wrong)
    new = articles[0] | {"url": "https://plume.example/new", "text": "A heron has nested on the roof of the library."}
    run(write(tmp_path / "new", [new]), out)
    assert_sound(out)
    left = read(out, "documents", OutputFolder(out).runs()).to_pylist()
    assert [row["url"] for row in left if row["outlet"] == outlet] == [new["url"]]


def forgetting_begun(out: Path, outlet: str) -> subprocess.Popen[bytes]:
    """`clean forget`, as soon as it has written down what to forget."""
    command = [sys.executable, "-c", MAIN, "forget", "--outlet", outlet, "--out", str(out)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while process.poll() is None and not (out / RECORD).exists() and time.monotonic() < until:
        time.sleep(0.005)
    return process


def killed_while_forgetting(out: Path, outlet: str, seconds: float) -> bool:
    """`clean forget`, killed after so many seconds; whether it was still at it."""
    process = forgetting_begun(out, outlet)
    time.sleep(seconds)
    process.kill()
    return process.wait() < 0


def seconds_of_forgetting(out: Path, outlet: str) -> float:
    """How long `clean forget` takes on this machine, once it is at it."""
    process, began = forgetting_begun(out, outlet), time.monotonic()
    assert process.wait(60) == 0
    return time.monotonic() - began


def forgotten_after_kills(tmp_path: Path, articles: list[dict[str, Any]], kills: int) -> None:
    """Whatever moment it is killed at, the next `clean forget` of the same name, or run, ends it."""
    outlet, hits, chance = articles[0]["outlet"], 0, random.Random(8)
    one = nights(tmp_path, "one", sliced(articles, 3))
    whole = tmp_path / "whole"
    shutil.copytree(one, whole)
    longest = seconds_of_forgetting(whole, outlet)
    for number in range(3 * kills):
        out = tmp_path / f"out-{number}"
        shutil.copytree(one, out)
        hits += killed_while_forgetting(out, outlet, chance.uniform(0, longest))
        if number % 2:
            with suppress(forgetting.NothingOfThatNameError):  # it was killed when all was done
                forgotten(out, outlet=outlet)
        else:
            run(tmp_path / "one-0" / "night.jsonl", out)
        assert_same(out, whole)
        assert_sound(out)
        assert not [path for path in out.rglob(".*.parquet") if path.name.startswith(".part")]
        shutil.rmtree(out)
        if hits >= kills:
            return
    raise AssertionError(f"only {hits} kills came in time")


def test_forgetting_that_is_killed_at_any_moment_is_ended_by_the_next_command(
    tmp_path: Path, articles: list[dict[str, Any]]
) -> None:
    forgotten_after_kills(tmp_path, articles, kills=2)


@pytest.mark.long
def test_forgetting_that_is_killed_forty_times_is_ended_by_the_next_command(
    tmp_path: Path, articles: list[dict[str, Any]]
) -> None:
    forgotten_after_kills(tmp_path, articles, kills=40)


def test_forgetting_removes_what_killed_runs_left_and_does_not_show_forgotten_pages_as_examples(
    tmp_path: Path,
) -> None:
    page = "Get the Plume Briefing at {}, says Mara {}"
    stories = [
        {"url": f"https://plume.example/{n}", "outlet": "daily-plume", "published": NIGHT + timedelta(hours=n),
         "text": f"{story(n)}\n\n{page.format(n, 'Quill' if n else 'Ferrier')}"} for n in range(12)
    ]  # fmt: skip
    out = nights(tmp_path, "out", [stories])
    before = read(out, "templates", OutputFolder(out).runs())
    assert any("Ferrier" in example for example in before["example"].to_pylist())
    left = OutputFolder(out).staging("killed")
    left.mkdir(parents=True)
    (left / "prepared.arrow").write_text(stories[0]["text"])
    assert forgotten(out, url=stories[0]["url"]) == 1
    assert forgotten(out, doc_id=record_of(out).doc_ids[0]) == 0
    assert_sound(out)
    after = read(out, "templates", OutputFolder(out).runs())
    assert len(after) == len(before)
    assert not any("Ferrier" in example for example in after["example"].to_pylist())
    assert not left.exists()


def story(number: int) -> str:
    """A story of its own."""
    words = random.Random(number).choices(
        ["gull", "rope", "tide", "crane", "ferry", "net", "buoy", "mast", "quay"], k=20
    )
    return f"Boat {number} sailed with {' '.join(words)}.\n\nIts log of day {number} says {' '.join(words[::-1])}."


def test_verify_tells_of_every_kind_of_remains(tmp_path: Path, articles: list[dict[str, Any]]) -> None:
    out = nights(tmp_path, "out", sliced(articles, 2))
    shutil.copytree(out, tmp_path / "before")
    passages = read(out, "passages", OutputFolder(out).runs())
    copied = passages.filter(passages["is_canonical"])["doc_id"][0].as_py()
    assert forgotten(out, doc_id=copied) == 1
    for name in (*NAMING, "index"):
        spoilt = tmp_path / f"spoilt-{name}"
        shutil.copytree(out, spoilt)
        shutil.rmtree(spoilt / name)
        shutil.copytree(tmp_path / "before" / name, spoilt / name)
        told = remains(spoilt, OutputFolder(spoilt).runs())
        assert told, name
        assert all(name in each for each in told)


def test_no_room_for_forgetting_is_told_in_words_and_the_next_run_ends_it(
    tmp_path: Path, articles: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    out = nights(tmp_path, "out", [articles])
    monkeypatch.setattr(forgetting, "_rewrite_templates", fail)
    with pytest.raises(UserError, match="What is to be forgotten is recorded, and not yet done"):
        forgotten(out, outlet=articles[0]["outlet"])
    monkeypatch.undo()
    assert run(tmp_path / "out-0" / "night.jsonl", out).run_id is None
    assert_sound(out)


def test_what_is_not_there_cannot_be_forgotten(one_run: Path) -> None:
    with pytest.raises(UserError, match="nothing was forgotten"):
        forgotten(one_run, url="https://plume.example/never")
