"""The same command again: answered before what cleans is imported, and only where there is no doubt."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline import settings, sources
from pipeline.api import RunRequest, clean
from pipeline.runs.up_to_date import OUTLETS, CommandOptions, run_that_did, sizes_of
from pipeline.settings import EvidenceSettings
from pipeline.storage.output_folder import OutputFolder
from tests.helpers.runs import MAIN, write_news


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `news`, cleaned into `out`."""
    folder = tmp_path_factory.mktemp("done")
    (folder / "news" / "more").mkdir(parents=True)
    for place, first in ((folder / "news", 0), (folder / "news" / "more", 3)):
        write_news(place, 3, first)
    (folder / "news" / "_notes.txt").write_text("not read")
    clean(
        RunRequest(
            [str(folder / "news")],
            folder / "out",
            settings.parse({}),
            1,
            run_id="one",
            command_digest=CommandOptions().digest(),
        )
    )
    return folder


@pytest.fixture
def copy(done: Path, tmp_path: Path) -> Path:
    """The same, to be spoilt; the inputs are where they were."""
    shutil.copytree(done / "out", tmp_path / "out")
    return tmp_path / "out"


def test_the_same_command_again_is_answered_before_what_cleans_is_imported(done: Path) -> None:
    script = (
        f"import sys\ntry: {MAIN}\nfinally: "
        f"print(sorted({{'numpy', 'pyarrow', 'pipeline.runs.clean'}} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", script, "run", str(done / "news"), "--out", str(done / "out")]
    told = subprocess.run(command, text=True, capture_output=True, check=True).stdout
    assert told == "nothing new: run one cleaned these inputs with these settings\n[]\n"


def test_it_looks_at_the_files_that_a_run_reads(done: Path) -> None:
    (done / "news" / ".hidden").mkdir(exist_ok=True)
    (done / "news" / ".hidden" / "page.html").write_text("not read either")
    planned = {each.uri for each in sources.plan([str(done / "news")])}
    assert set(sizes_of([str(done / "news")])) == planned
    assert run_that_did([str(done / "news")], done / "out", CommandOptions()) == "one"
    assert Path(EvidenceSettings().outlets) == OUTLETS


def leave(name: str) -> Callable[[Path], object]:
    """Something that stands in the output folder."""
    return lambda out: (out / name).write_text("") if "." in name[1:] else (out / name / "run").mkdir(parents=True)


def forget_the_commit(out: Path) -> None:
    shutil.rmtree(out / "documents")


def change_manifest(**changes: object) -> Callable[[Path], object]:
    def change(out: Path) -> None:
        path = OutputFolder(out).manifest_path("one")
        path.write_text(json.dumps(json.loads(path.read_text()) | changes))

    return change


@pytest.mark.parametrize(
    "spoil",
    [
        leave(".lock.holder"), leave(".staging"), leave("forgotten.json"), forget_the_commit,
        change_manifest(limit=3), change_manifest(window={"since": "2031-05-04T00:00:00+00:00", "until": None}),
        change_manifest(given=None), change_manifest(inputs=[{"uri": "elsewhere", "size": 1, "sha256": ""}]),
        lambda out: OutputFolder(out).manifest_path("one").write_text("{"),
    ],
)  # fmt: skip
def test_an_output_with_anything_unusual_is_left_to_the_run(
    done: Path, copy: Path, spoil: Callable[[Path], object]
) -> None:
    inputs = [str(done / "news")]
    assert run_that_did(inputs, copy, CommandOptions()) == "one"
    spoil(copy)
    assert run_that_did(inputs, copy, CommandOptions()) is None


def test_other_settings_are_another_command(done: Path, tmp_path: Path) -> None:
    chosen, evident = tmp_path / "my.toml", tmp_path / "evident.toml"
    chosen.write_text("[noise]\nmin_odds = 4.0\n")
    evident.write_text("[evidence]\nline_model = false\n")
    every = [
        CommandOptions(),
        CommandOptions(outlet="plume"),
        CommandOptions(history_days=3),
        CommandOptions(config=chosen),
    ]
    assert len({each.digest() for each in every}) == len(every)
    assert CommandOptions(config=evident).digest() is None
    assert CommandOptions(config=tmp_path / "none.toml").digest() is None
    assert all(run_that_did([str(done / "news")], done / "out", each) is None for each in every[1:])


def test_settings_from_a_pipe_are_left_to_be_read() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"[run]\nmax_failed_share = 0.9\n")
    os.close(writing)
    assert CommandOptions(config=Path(f"/dev/fd/{reading}")).digest() is None
    assert os.read(reading, 5) == b"[run]"
    os.close(reading)


def test_a_changed_answer_or_version_is_another_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    before = CommandOptions().digest()
    OUTLETS.mkdir(parents=True)
    (OUTLETS / "plume.toml").write_text('outlet = "plume"\n')
    after = CommandOptions().digest()
    assert len({before, after, CommandOptions().digest(version="another")}) == 3


@pytest.mark.parametrize("change", ["content", "more", "less", "pipe"])
def test_other_inputs_are_left_to_the_run(done: Path, tmp_path: Path, change: str) -> None:
    news, out = tmp_path / "news", tmp_path / "out"
    shutil.copytree(done / "news", news)
    clean(RunRequest([str(news)], out, settings.parse({}), 1, command_digest=CommandOptions().digest()))
    assert run_that_did([str(news)], out, CommandOptions())
    if change == "content":
        path = news / "news-0.jsonl"
        path.write_text(path.read_text().replace("Mara Quill", "Mara Quell"))
    elif change == "more":
        (news / "page.txt").write_text("The ferry sails again.")
    elif change == "less":
        (news / "more" / "news-3.jsonl").unlink()
    assert run_that_did([str(news)] if change != "pipe" else ["-"], out, CommandOptions()) is None
