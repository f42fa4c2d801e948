"""`make bench`: programs take turns, what fails is a row, and figures are shown beside ours."""

import importlib
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any
from xml.etree import ElementTree

import pytest

from pipeline import sources


@pytest.fixture(autouse=True)
def benchmark_scripts(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(repository / "benchmarks"))


def script(name: str) -> ModuleType:
    return importlib.import_module(name)


def found(name: str, *seconds: float, work: float | None = None, failed: str = "") -> Any:
    results = script("bench_results")
    return results.Found(name, "1.2", [results.Took(each, each * 2, 100 + each, work) for each in seconds], failed)


def bench(*jobs: Any) -> Any:
    return script("bench_results").Bench("a machine", "invented data", 3, 10_000_000, list(jobs))


def job(key: str, *programs: Any, amount: int = 540) -> Any:
    return script("bench_results").JobFound(key, f"job {key}", "pages", amount, list(programs))


def test_the_smallest_form_runs_our_programs_and_says_what_is_not_installed(repository: Path, tmp_path: Path) -> None:
    program = [sys.executable, str(repository / "benchmarks/bench.py"), "--smoke"]
    kept = tmp_path / "bench.json"
    done = subprocess.run(
        [*program, "--cache", str(tmp_path), "--json", str(kept)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    jobs = json.loads(kept.read_text(encoding="utf-8"))["jobs"]
    ours = [row for each in jobs for row in each["programs"] if row["name"] == "copydesk"]
    assert len(ours) == len(jobs) == 3
    assert all(row["rounds"][0]["seconds"] > 0 and row["rounds"][0]["processor"] > 0 for row in ours)
    reasons = {row["name"]: row["failed"] for each in jobs for row in each["programs"] if row["failed"]}
    assert "not installed" in reasons["datatrove, 2 workers"]
    again = subprocess.run([*program[:2], "--from", str(kept)], capture_output=True, text=True, check=True)
    assert again.stdout == done.stdout
    assert "| copydesk | 0.1.0 |" in done.stdout


def test_the_table_has_medians_and_their_multiples_of_ours() -> None:
    table = script("bench_results").table(bench(job("pages", found("copydesk", 4, 1, 2), found("datatrove", 20.0))))
    *_, ours, peer = table.split("\n")
    assert ours == "| **job pages** (540) | copydesk | 1.2 | 2.00 (3) | 1 | 4.00 | 1 | 270 | 104 |"
    assert peer == "|  | datatrove | 1.2 | 20.0 (1) | 10.0 | 40.0 | 10.0 | 27.0 | 120 |"


def test_near_duplicates_are_compared_by_the_work_alone() -> None:
    programs = found("copydesk", 2.0, work=0.5), found("datatrove", 60.0, work=55.0)
    *_, peer = script("bench_results").table(bench(job("near-duplicates", *programs))).split("\n")
    assert "| 55.0 (1) | 110 | 120 |" in peer


def test_what_could_not_be_measured_is_a_row_with_the_reason() -> None:
    table = script("bench_results").table(
        bench(job("pages", found("copydesk", 2.0), found("a", failed="it | said\nno")))
    )
    assert table.split("\n")[-1] == "|  | a | 1.2 | it / said no | | | | | |"


@pytest.mark.parametrize(("seconds", "met"), [(25.0, "yes"), (24.0, "no")])
def test_a_target_is_met_from_its_limit_on(seconds: float, met: str) -> None:
    shown = script("bench_results").targets(bench(job("articles", found("copydesk", 1.0), found("datatrove", seconds))))
    assert f"| articles a second beside datatrove | ≥ 25 × | {seconds} × | {met} |" in shown
    assert "| near-duplicates beside passim | ≥ 100 × | not measured | – |" in shown


def test_the_floor_is_compared_by_processor_time() -> None:
    shown = script("bench_results").targets(bench(job("articles", found("copydesk", 3.0), found("floor: read", 1.0))))
    assert "≤ 4 × | 3.00 × (1.67 and 5.00 MB of text a processor second) | yes |" in shown


def test_what_is_kept_is_read_as_it_was(tmp_path: Path) -> None:
    results = script("bench_results")
    whole = bench(job("pages", found("copydesk", 1.0, 2.0), found("datatrove", failed="no")))
    results.write(whole, tmp_path / "deep/bench.json")
    assert results.read(tmp_path / "deep/bench.json") == whole


def test_the_picture_has_a_bar_for_each_program_longer_the_slower_it_is(tmp_path: Path) -> None:
    whole = bench(job("pages", found("copydesk", 2.0), found("fast & small", 1.0), found("slow", 90.0)))
    for path in script("bench_plot").write(whole, tmp_path):
        bars = ElementTree.parse(path).findall("{http://www.w3.org/2000/svg}rect")
        ours, fast, slow = (float(bar.attrib["width"]) for bar in bars)
        assert fast < ours < slow


def test_a_job_that_only_we_do_is_no_part_of_the_picture() -> None:
    whole = bench(job("text", found("copydesk", 1.0), found("copydesk, empty caches", 2.0)))
    assert script("bench_plot").compared(whole) == []


def test_a_program_that_fails_is_a_row_and_not_tried_again(tmp_path: Path) -> None:
    bench_script, programs = script("bench"), script("bench_programs")
    asked = bench_script.Asked(bench_script.SMOKE, 3, tmp_path, True, 60, (), None)
    lines = tmp_path / "lines"
    count = ("{python}", "-c", f"open({str(lines)!r}, 'a').write('x'); raise SystemExit('no luck')")
    good = programs.Program("good", ("{python}", "-c", "pass"))
    inputs = script("bench_inputs").Inputs(tmp_path, 1, 1, 1, 1, "")
    rows = bench_script.measured(
        programs.Job("job", "a job", "text", (good, programs.Program("bad", count))), inputs, asked
    )
    assert [len(row.rounds) for row in rows.programs] == [3, 0]
    assert rows.programs[1].failed == "bad ended with exit code 1: no luck"
    assert lines.read_text() == "x"


def test_repeated_pages_and_articles_are_in_other_words_and_all_read(tmp_path: Path) -> None:
    inputs = script("bench_inputs").make(tmp_path, None, times=2, texts=3, most=4)
    assert (inputs.pages, inputs.articles) == (8, 12)
    batches = list(sources.batches(sources.plan([str(tmp_path / "warc")]), sources.Settings()))
    pages = [page for batch in batches for page in batch.documents.to_pylist()]
    assert len({page["url"] for page in pages}) == len({page["raw_sha256"] for page in pages}) == 8
    assert sum(len(batch.ledger) for batch in batches) == 0
    lines = [json.loads(line) for path in tmp_path.glob("articles/*") for line in path.read_text("utf-8").splitlines()]
    assert len({line["id"] for line in lines}) == len({line["text"] for line in lines}) == 12


def test_figures_take_the_place_of_those_before_on_the_page(repository: Path) -> None:
    program = script("bench")
    text = program.PAGE.read_text(encoding="utf-8")
    once = program.with_figures(text, bench(job("pages", found("copydesk", 3.0))))
    twice = program.with_figures(once, bench(job("pages", found("copydesk", 7.0))))
    assert "| 3.00 (1) |" in once
    assert "| 3.00 (1) |" not in twice
    assert "| 7.00 (1) |" in twice
    assert twice.startswith(text.partition(program.BEGIN)[0])
    assert twice.endswith(text.partition(program.END)[2])
