"""The sample corpus is what its sources make, holds what its README promises, and its truth speaks of what is there."""

from __future__ import annotations

import gzip
import importlib.util
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import ftfy
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from lxml import html

from tests.helpers.folders import ROOT

CORPUS = ROOT / "corpus"
LABELS = {
    *("title", "deck", "byline", "date", "caption", "credit", "nav", "related", "social", "signup", "legal", "ad"),
    *("embed", "comment", "placeholder", "duplicate", "junk"),
}


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


sample = load(ROOT / "benchmarks" / "sample.py")


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    return sample.read_truth(CORPUS / "_truth.json")


def story(document: dict[str, Any]) -> list[str]:
    """The story of a document of the truth, a text a paragraph."""
    numbers = [str(n) for n in range(len(document["lines"]))]
    return [document["clean"].get(n, document["lines"][int(n)]) for n in numbers if n not in document["labels"]]


# ---------------------------------------------------------------- the files


def test_the_files_are_what_the_sources_make():
    check = subprocess.run(
        [sys.executable, CORPUS / "_make.py", "--check"], capture_output=True, text=True, check=False
    )
    assert check.returncode == 0, check.stdout + check.stderr


def test_the_sources_make_the_same_bytes_whatever_the_hash_seed():
    code = (
        "import hashlib, runpy; files, truth = runpy.run_path('corpus/_make.py')['build']();"
        "print(hashlib.sha256(repr((sorted(files.items()), truth)).encode()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


def test_the_check_names_a_file_that_was_changed(tmp_path):
    make = load(CORPUS / "_make.py")
    make.HERE = tmp_path
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "same.txt").write_bytes(b"same")
    (tmp_path / "news" / "other.txt").write_bytes(b"changed")
    (tmp_path / "news" / "stray.txt").write_bytes(b"stray")
    files = {"news/same.txt": b"same", "news/other.txt": b"other", "news/missing.txt": b"missing"}
    assert make.outdated(files) == ["news/missing.txt", "news/other.txt", "news/stray.txt"]


def test_the_corpus_is_as_large_and_as_mixed_as_promised(truth):
    documents = truth["documents"]
    languages = Counter(d["language"] for d in documents)
    assert len(documents) >= 72
    assert len({d["outlet"] for d in documents}) >= 8
    assert len({d["event"] for d in documents}) >= 8
    assert languages["en"] >= 40 and languages["de"] >= 10 and languages["fr"] >= 8 and languages["es"] >= 3
    assert {Path(d["path"]).suffix for d in documents} == {".txt", ".html", ".jsonl", ".gz"}


def test_the_corpus_stays_small():
    assert sum(p.stat().st_size for p in CORPUS.rglob("*") if p.is_file()) < 1_500_000


def test_no_story_is_shorter_than_a_real_one(truth):
    sizes = {d["id"]: (len(story(d)), sum(len(p.split()) for p in story(d))) for d in truth["documents"]}
    assert {k: v for k, v in sizes.items() if v[0] < 6 or v[1] < 130 or v[1] > 500} == {}


def test_every_kind_of_furniture_is_there(truth):
    labels = Counter(label for d in truth["documents"] for label in d["labels"].values())
    assert set(labels) == LABELS
    captions = [x for d in truth["documents"] for x in d["lines"] if "/49 " in x]
    assert len(captions) == 49


# ---------------------------------------------------------------- the truth


def test_every_label_and_clean_text_belongs_to_a_line(truth):
    for document in truth["documents"]:
        numbers = {str(n) for n in range(len(document["lines"]))}
        assert set(document["labels"]) <= numbers
        assert set(document["clean"]) <= numbers - set(document["labels"])
        assert all(document["lines"][int(n)] != text for n, text in document["clean"].items())


def test_every_clean_text_is_its_line_with_something_left_out(truth):
    for document in truth["documents"]:
        for number, text in document["clean"].items():
            rest = iter(document["lines"][int(number)])
            assert all(character in rest for character in text), (document["id"], number)


def test_every_passage_stands_in_a_story_paragraph_of_its_document(truth):
    stories = {d["id"]: story(d) for d in truth["documents"]}
    for pair in truth["pairs"]:
        for side in ("a", "b"):
            assert any(pair[f"{side}_text"] in paragraph for paragraph in stories[pair[side]]), pair


def test_there_are_pairs_of_every_kind(truth):
    kinds = Counter(pair["kind"] for pair in truth["pairs"])
    assert kinds["reuse"] >= 200 and kinds["quote"] >= 80 and kinds["paraphrase"] >= 15
    assert kinds["template"] >= 15 and kinds["translated"] >= 10 and kinds["negated"] >= 6
    assert sum(pair["numbers_differ"] for pair in truth["pairs"]) >= 30
    assert len({(p["a"], p["b"]) for p in truth["pairs"] if p["whole"]}) >= 1


def shown(document: dict[str, Any]) -> str:
    """The words of a document as its file gives them, tags and encoding undone."""
    path = CORPUS / document["path"]
    if path.suffix == ".jsonl":
        records = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
        return ftfy.fix_text(next(r["text"] for r in records if r["id"] == document["source_id"]))
    raw = path.read_bytes()
    if raw.startswith(b"\xff\xfe"):
        return raw.decode("utf-16")
    for encoding in ("utf-8", "cp1252"):
        try:
            text = raw.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    return (
        html.fromstring(text.encode(), parser=html.HTMLParser(encoding="utf-8")).text_content()
        if "<html" in text
        else ftfy.fix_text(text)
    )


def test_every_line_of_the_truth_can_be_read_in_its_file(truth):
    for document in truth["documents"]:
        if document["path"].endswith(".gz"):
            continue
        text = sample.words(shown(document).replace("\u200b", ""))
        have = " ".join(text)
        for line in document["lines"]:
            assert " ".join(sample.words(line)) in have, (document["id"], line)


def test_the_crawls_hold_a_record_for_every_page_and_three_that_are_none(truth):
    crawls = [gzip.decompress(path.read_bytes()) for path in sorted((CORPUS / "crawl").glob("*/*.warc.gz"))]
    crawl = b"".join(crawls).decode("utf-8", "replace")
    addresses = [line.split(" ", 1)[1] for line in crawl.splitlines() if line.startswith("WARC-Target-URI: ")]
    pages = [d["url"] for d in truth["documents"] if d["path"].endswith(".gz")]
    assert Counter(addresses) == Counter(pages + truth["no_pages"])


# ---------------------------------------------------------------- the score


def as_run(truth: dict[str, Any], out: Path, cleaned: bool) -> None:
    """Tables as a run would write them: one that made no mistake, or one that did nothing."""
    documents, paragraphs, places = [], [], {}
    for document in truth["documents"]:
        texts = story(document) if cleaned else document["lines"]
        known = {
            name: document[name] for name in ("title", "authors", "language", "dateline", "wire", "source_id", "url")
        }
        row = {
            "doc_id": document["id"],
            "source_uri": "/somewhere/corpus/" + document["path"],
            "text": "\n\n".join(texts),
        }
        published = pa.scalar(document["published"]).cast(pa.timestamp("us", tz="UTC")).as_py()
        original = next((p["a"] for p in truth["pairs"] if p["whole"] and p["b"] == document["id"]), None)
        documents.append(row | known | {"published": published, "duplicate_of": original if cleaned else None})
        for number, text in enumerate(texts):
            paragraphs.append({"doc_id": document["id"], "paragraph": number, "text": text})
            places[document["id"], text] = number
    passages = (
        [row for n, pair in enumerate(truth["pairs"]) for row in as_passages(pair, n, paragraphs)] if cleaned else []
    )
    empty = {"doc_id": "", "paragraph": 0, "start": 0, "end": 0, "cluster_id": "", "numbers_differ": False}
    for name, rows in {"documents": documents, "paragraphs": paragraphs, "passages": passages or [empty]}.items():
        folder = out / name / "run=one"
        folder.mkdir(parents=True)
        pq.write_table(pa.Table.from_pylist(rows), folder / "part-0.parquet")


def as_passages(pair: dict[str, Any], number: int, paragraphs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if pair["label"] not in sample.COPIED:
        return []
    found = []
    for side in ("a", "b"):
        words = pair[f"{side}_text"]
        where = next(p for p in paragraphs if p["doc_id"] == pair[side] and words in p["text"])
        start = where["text"].index(words)
        span = {"doc_id": pair[side], "paragraph": where["paragraph"], "start": start, "end": start + len(words)}
        found.append(span | {"cluster_id": str(number), "numbers_differ": pair["numbers_differ"]})
    return found


def test_a_run_without_a_mistake_scores_full_marks(truth, tmp_path):
    as_run(truth, tmp_path, cleaned=True)
    figures = sample.score(tmp_path, CORPUS / "_truth.json")
    assert figures["line_f1"] >= 0.999
    assert figures["body_words_lost"] < 0.0005  # difflib's alignment is not the best there is
    for name, value in figures.items():
        if isinstance(value, str):
            found, total = map(int, value.split("/"))
            assert found == (0 if name.endswith("wrongly_linked") else total), (name, value)


def test_a_run_that_did_nothing_scores_nothing(truth, tmp_path):
    as_run(truth, tmp_path, cleaned=False)
    figures = sample.score(tmp_path, CORPUS / "_truth.json")
    assert figures["line_recall"] == 0
    assert figures["body_words_lost"] == 0
    assert figures["noise_words_left"] == 1
    assert figures["reuse_found"].startswith("0/")
