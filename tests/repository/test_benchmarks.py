"""The benchmarks' own instruments measure right: memory, processor time, scores and tables."""

import importlib
import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

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
def test_memory_is_measured_of_all_processes_and_of_the_largest() -> None:
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
def test_processor_time_is_measured_of_all_processes() -> None:
    child = "import time\nwhile time.process_time() < 0.5: pass\ntime.sleep(0.5)"
    parent = "import subprocess, sys; [subprocess.run([sys.executable, '-c', sys.argv[1]]) for _ in range(2)]"
    measured = script("measuring").measure([sys.executable, "-c", parent, child])
    assert measured.processor_seconds > 0.9  # it is counted in ticks of a hundredth
    assert measured.seconds - measured.processor_seconds > 0.9, "a sleeping process uses no processor"


@pytest.mark.usefixtures("benchmark_scripts")
def test_the_oracle_finds_every_pair_of_paragraphs_with_common_word_pairs() -> None:
    curve, scripts = script("lsh_curve"), script("near_duplicates")
    articles = [{"id": str(n), "outlet": f"outlet-{n}", "text": text} for n, text in enumerate(ARTICLES)]
    documents = scripts.documents_table(articles)
    corpus = curve.numbering.in_canonical_order(curve.near_duplicates.evidence(documents), Settings())
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
def test_the_clusters_of_a_peer_are_written_as_tables(tmp_path: Path) -> None:
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


def row(name: str, seconds: float, work: float | None = None) -> Any:
    measured = script("measuring").Measured(seconds, 1234.5, 1000.0, "", 0, "", 7.5)
    score = {"precision": 0.98765, "recall": 0.5, "f1": 0.6}
    return script("peers").Row(name, "1.2", measured, work, score, 0.25)


@pytest.mark.usefixtures("benchmark_scripts")
def test_times_of_peers_stand_beside_those_of_the_stage() -> None:
    peers = script("peers")
    rows = [row("whole run", 10.0), row(peers.STAGE.name, 4.0, 2.0), row("a peer", 100.0, 80.0)]
    head, rule, whole, stage, peer = peers.table(rows, {}, paragraphs=20_000)
    assert head.count("|") == rule.count("|") == len(peers.COLUMNS) + 1
    assert whole == "| whole run | 1.2 | 10.0 | 2.50 | 7.5 | – | 2,000 | 1,234 | 0.988 | 0.500 | 0.600 | 0.2 |"
    assert stage.startswith(f"| {peers.STAGE.name} | 1.2 | 4.0 | 1.00 | 7.5 | 2.00 | 10,000 |")
    assert peer.startswith("| a peer | 1.2 | 100.0 | 25.00 | 7.5 | 80.00 | 250 |")


@pytest.mark.usefixtures("benchmark_scripts")
def test_without_the_stage_times_are_compared_with_nothing() -> None:
    assert "| 100.0 | – | 7.5 | 80.00 |" in script("peers").table([row("a peer", 100.0, 80.0)], {}, 20_000)[-1]


@pytest.mark.usefixtures("benchmark_scripts")
def test_a_peer_that_failed_is_a_line_with_the_reason() -> None:
    peers = script("peers")
    *_, line = peers.table([row("a peer", 1.0)], {"another": "it said: a | b\nand no more"}, 20_000)
    assert line.startswith("| another | | it said: a / b and no more |")
    assert line.count("|") == len(peers.COLUMNS) + 1


@pytest.mark.usefixtures("benchmark_scripts")
def test_a_peer_that_fails_ends_nothing_and_is_not_tried_again() -> None:
    peers, tried = script("peers"), []

    def fail() -> None:
        tried.append("bad")
        raise peers.FailedError("pip install bad ended with exit code 1: no such package")

    tries = [("good", lambda: row("good", 1.0)), ("bad", fail)] * 2
    rounds, failed = peers.attempt(tries)
    assert {name: len(rows) for name, rows in rounds.items()} == {"good": 2}
    assert failed == {"bad": "pip install bad ended with exit code 1: no such package"}
    assert tried == ["bad"]


@pytest.mark.usefixtures("benchmark_scripts")
@pytest.mark.parametrize(
    ("code", "limit", "reason"),
    [
        ("raise SystemExit('no luck')", 600, "peer.py ended with exit code 1: no luck"),
        ("import time; time.sleep(60)", 1, "peer.py was stopped after 1 s"),
        ("print('done')", 600, "it ended without its last line, but with 'done'"),
    ],
)
def test_the_error_says_how_a_peer_ended(tmp_path: Path, code: str, limit: int, reason: str) -> None:
    peers, program = script("peers"), tmp_path / "peer.py"
    program.write_text(code, encoding="utf-8")
    task = peers.Task([], tmp_path / "paragraphs", tmp_path / "cache", limit, gold=None)
    with pytest.raises(peers.FailedError, match=reason):
        peers.run_peer(peers.Peer("peer", str(program), "copydesk"), task)


@pytest.mark.usefixtures("benchmark_scripts")
def test_a_peer_without_its_programs_says_which(tmp_path: Path) -> None:
    peers = script("peers")
    task = peers.Task([], tmp_path / "paragraphs", tmp_path / "cache", 1, gold=None)
    peer = peers.Peer("peer", "peer.py", "copydesk", programs=("no-such-java",))
    with pytest.raises(peers.FailedError, match="it needs no-such-java on the PATH"):
        peers.run_peer(peer, task)


@pytest.mark.usefixtures("benchmark_scripts")
def test_an_environment_is_made_once_and_again_when_its_packages_change(tmp_path: Path) -> None:
    peers, environments, commands = script("peers"), script("peer_environments"), []

    def measure(command: list[str]) -> object:
        commands.append(command[1:3])
        (tmp_path / "passim/bin").mkdir(parents=True, exist_ok=True)
        return script("measuring").Measured(1.0, 0.0, 0.0, "", 0, "")

    source = tmp_path / "checkout"
    (source / "passim").mkdir(parents=True)
    made = [["-m", "venv"], ["-m", "pip"]]
    for text, expected in (("a = 1", made), ("a = 1", []), ("a = 2", made)):
        (source / "passim/seriatim.py").write_text(text, encoding="utf-8")
        environments.environment("passim", peers.passim(source).packages, tmp_path, measure)
        assert commands == expected
        commands.clear()


@pytest.mark.usefixtures("benchmark_scripts")
def test_every_benchmark_is_run_by_make_bench_all_or_left_out_for_a_reason_and_documented(repository: Path) -> None:
    run_all = script("run_all")
    programs = {path.name for path in (repository / "benchmarks").glob("*.py") if "__main__" in path.read_text()}
    run = {step.command[0] for step in run_all.steps(Path("shared"), "sample", peers=True)}
    assert run | set(run_all.LEFT_OUT) == programs - {"run_all.py"}
    documented = (repository / "docs/method/benchmarks.md").read_text(encoding="utf-8")
    assert [name for name in sorted(programs) if f"benchmarks/{name}" not in documented] == []


@pytest.mark.long
def test_benchmarks_without_the_labelled_data_say_so(repository: Path, tmp_path: Path) -> None:
    command = [sys.executable, str(repository / "benchmarks/run_all.py"), "--shared", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Not run, since the labelled data are not in" in done.stdout
