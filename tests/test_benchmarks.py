"""The benchmarks' own instruments: what they measure is what is there."""

import importlib
import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from stages.near_duplicates import normal_form
from stages.near_duplicates.settings import Settings

ARTICLES = [
    "The ferry to Holm sails again from Monday.\nNine days of storm had kept her in port, the harbour office said.",
    "After nine days of storm the ferry to Holm sails again.\nThe ferry to Holm sails again from Monday.",
    "Barley bread is baked on the island from Monday on.\nShort.",
    "The harbour office said nine days of storm had kept her in port; the ferry to Holm sails again from Monday.",
]


@pytest.fixture
def benchmark_scripts(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(repository / "benchmarks"))


def script(name: str) -> ModuleType:
    return importlib.import_module(name)


@pytest.mark.usefixtures("benchmark_scripts")
def test_memory_is_that_of_all_processes_and_of_the_largest() -> None:
    child = "held = b'x' * 60_000_000; print(flush=True); input()"
    parent = (
        "import subprocess, sys, time\n"
        "pipes = dict(stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)\n"
        "children = [subprocess.Popen([sys.executable, '-c', sys.argv[1]], **pipes) for _ in range(2)]\n"
        "[each.stdout.readline() for each in children]\n"
        "time.sleep(1)\n"
        "[each.communicate('done\\n') for each in children]"
    )
    measured = script("measuring").measure([sys.executable, "-c", parent, child])
    assert measured.exit_code == 0
    assert measured.seconds >= 1
    assert measured.peak_megabytes > 120
    assert 60 < measured.largest_process_megabytes < 120


@pytest.mark.usefixtures("benchmark_scripts")
def test_the_oracle_finds_every_pair_of_paragraphs_with_common_word_pairs() -> None:
    curve, scripts = script("lsh_curve"), script("near_duplicates")
    articles = [{"id": str(n), "outlet": f"outlet-{n}", "text": text} for n, text in enumerate(ARTICLES)]
    documents = scripts.documents_table(articles)
    corpus = curve.resolution.in_canonical_order(curve.near_duplicates.evidence(documents, Settings()), Settings())
    found = curve.pairs_with_common_word_pairs(corpus.words, corpus.first, corpus.document, 3)
    texts = dict(zip(documents["doc_id"].to_pylist(), ARTICLES, strict=True))
    words = [
        normal_form(texts[corpus.documents["doc_id"][int(document)].as_py()].split("\n")[paragraph])
        for document, paragraph in zip(corpus.document, corpus.paragraph, strict=True)
    ]
    expected = [
        a << 32 | b
        for b in range(len(words))
        for a in range(b)
        if corpus.document[a] != corpus.document[b]
        and sum(pair in set(pairwise(words[a])) for pair in pairwise(words[b])) >= 3
    ]
    assert sorted(expected) == found.tolist()
    assert len(expected) >= 5


@pytest.mark.usefixtures("benchmark_scripts")
def test_what_a_peer_finds_is_written_as_tables(tmp_path: Path) -> None:
    import pyarrow.dataset as ds

    peers = script("peers")
    articles = [{"id": "a", "outlet": "holm", "text": "One.\n\nTwo."}, {"id": "b", "outlet": "star", "text": "Two."}]
    rows = peers.write_paragraphs(articles, tmp_path / "paragraphs.jsonl")
    clusters = tmp_path / "clusters.jsonl"
    clusters.write_text("".join(json.dumps({"id": n, "cluster": "7"}) + "\n" for n in (1, 2)), encoding="utf-8")
    peers.write_tables(rows, clusters, tmp_path / "out")
    passages = ds.dataset(tmp_path / "out/passages", partitioning="hive").to_table().to_pylist()
    assert [(row["paragraph"], row["end"]) for row in passages] == [(1, 4), (0, 4)]
    assert len({row["doc_id"] for row in passages}) == 2


@pytest.mark.usefixtures("benchmark_scripts")
def test_the_middle_of_rounds_is_the_median_of_times_and_the_peak_of_memory() -> None:
    peers, measuring = script("peers"), script("measuring")
    rounds = [
        peers.Row("peer", "1", measuring.Measured(seconds, memory, memory, "", 0, ""), seconds / 2, {}, 1.0)
        for seconds, memory in ((5.0, 10.0), (1.0, 30.0), (2.0, 20.0))
    ]
    row = peers.middle(rounds)
    assert (row.measured.seconds, row.measured.peak_megabytes, row.work_seconds) == (2.0, 30.0, 1.0)
    assert np.isclose(row.load, 1.0)


@pytest.mark.long
def test_benchmarks_without_the_labelled_data_say_so(repository: Path, tmp_path: Path) -> None:
    command = [sys.executable, str(repository / "benchmarks/run_all.py"), "--shared", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Not run, since the labelled data are not in" in done.stdout
