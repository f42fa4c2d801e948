"""Power cuts: whatever a disk kept of a run, of forgetting or of answers, the same command brings it to its end.

Every write, rename and fsync of a program is recorded. Then the folder is put into each state that a power cut could
have left (tests.helpers.crash_images), the command is given again, and its tables must be those of a program that
nobody disturbed. The long form takes all prefixes, the short one a sample.
"""

import random
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipeline import settings
from pipeline.api import RunRequest, clean, delete, forget
from pipeline.errors import UserError
from pipeline.reports.verify import check
from pipeline.runs.forgetting import remains
from pipeline.settings import template_answers
from pipeline.settings.template_answers import Answer, Decision
from pipeline.storage.forgotten import record_of
from pipeline.storage.output_folder import OutputFolder
from pipeline.storage.reader import Corpus
from pipeline.storage.tables import TABLES, WHOLE, folder_of, part_files, read_file
from tests.helpers.crash_images import VARIANTS, CrashImage, cuts, images, recorded
from tests.helpers.runs import rows, write_news

CHOSEN = settings.parse({"evidence": {"line_model": False}})
OTHER = settings.parse({"evidence": {"line_model": False}, "noise": {"keep": ["byline"]}})
DOCUMENTS = 6  # of a night
SAMPLE = 3  # power cuts of each scene in the short form, besides those after its last operation


@dataclass
class Scene:
    """A command on an output folder: what was there before, and the command."""

    folder: Path
    act: Callable[[Path], None]
    nights: int = 0  # published before

    @property
    def out(self) -> Path:
        return self.folder / "disk" / "out"

    def set_up(self) -> None:
        """Publish the nights before."""
        self.out.parent.mkdir()
        for number in range(self.nights):
            night(self.folder, self.out, number)

    def found(self) -> dict[str, list[str]]:
        """All rows of all tables, and flows."""
        return {name: rows(self.out, name) for name in (*TABLES, *WHOLE)}


def night(folder: Path, out: Path, number: int) -> None:
    source = folder / f"news-{number * DOCUMENTS}.jsonl"
    if not source.exists():
        write_news(folder, DOCUMENTS, number * DOCUMENTS)
    clean(RunRequest([str(source)], out, CHOSEN, workers=1, run_id=f"night-{number}"))


def seen_by_readers(out: Path) -> list[str]:
    """What somebody who reads the tables finds broken: a run is there as a whole, or not at all."""
    broken = []
    for documents in (out / "documents").glob("run=*"):
        run = documents.name.removeprefix("run=")
        try:
            counts = OutputFolder(out).manifest(run)["counts"]
            held = sum(len(read_file(path, "documents")) for path in part_files(documents))
            for name in TABLES:
                [read_file(path, name) for path in part_files(folder_of(out, name, run))]
                if len(part_files(folder_of(out, name, run))) != len(part_files(documents)):
                    broken.append(f"{run}: parts of {name} are missing")
        except Exception as error:
            broken.append(f"{run}: {type(error).__name__}: {error}")
            continue
        if held != counts["documents_out"] and not (out / "forgotten.json").exists():
            broken.append(f"{run}: {held} documents of {counts['documents_out']}")
    return broken


def violations(scene: Scene, one: CrashImage, expected: dict[str, list[str]]) -> list[str]:
    """Everything that is wrong with an image, and after the command was given again."""
    one.put(scene.out.parent)
    found = seen_by_readers(scene.out)
    if record_of(scene.out).done and not found:
        found += [f"forgotten, and still there: {each}" for each in remains(scene.out, OutputFolder(scene.out).runs())]
    try:
        scene.act(scene.out)
        found += [] if scene.found() == expected else ["other tables"]
        findings = check(Corpus(scene.out))
        found += findings.wrong + findings.remarks
    except Exception as error:
        found.append(f"{type(error).__name__}: {error}")
    return found


def cut_everywhere(scene: Scene, sample: int | None) -> dict[str, list[str]]:
    """Violations by image, of all power cuts or of a sample of so many; prints how many there were."""
    scene.set_up()
    with recorded(scene.out.parent) as recorder:
        scene.act(scene.out)
    expected = scene.found()
    every, end = cuts(recorder), len(recorder.operations) - recorder.begin
    chosen = every if sample is None else [*random.Random(1).sample(every, sample), *every[-len(VARIANTS) :]]
    left = list(images(recorder, chosen))
    wrong: dict[str, list[str]] = {}
    for one in left:
        if broken := violations(scene, one, expected):
            broken = [each.replace(str(scene.folder), "") for each in broken]
            wrong[f"{one.variant} after {one.prefix} of {end}"] = broken
    kinds = Counter(each.split(":")[0] for broken in wrong.values() for each in broken)
    print(f"{end} operations, {len(left)} images of {len(chosen)} cuts of {len(every)}, {len(wrong)} wrong: {kinds}")
    return wrong


def scenes(folder: Path) -> dict[str, Scene]:
    def forget_one(out: Path) -> None:
        try:
            forget(out, CHOSEN, outlet="outlet-1")
        except UserError:
            assert record_of(out).done
            assert record_of(out).doc_ids

    def recount(out: Path) -> None:
        shutil.rmtree(out / "index", ignore_errors=True)
        night(folder, out, 2)

    def delete_one(out: Path) -> None:
        try:
            delete(out, CHOSEN, ["night-1"])
        except UserError:
            assert record_of(out).done
            assert OutputFolder(out).runs() == ["night-0", "night-2"]

    def again(out: Path) -> None:
        """The second night with other settings: nothing of it is cut."""
        source = [str(folder / f"news-{DOCUMENTS}.jsonl")]
        clean(RunRequest(source, out, OTHER, workers=1, run_id="night-1b", again=True))

    return {
        "first": Scene(folder, lambda out: night(folder, out, 0)),
        "second": Scene(folder, lambda out: night(folder, out, 1), nights=1),
        "merging": Scene(folder, lambda out: night(folder, out, 3), nights=3),
        "recount": Scene(folder, recount, nights=2),
        "forget": Scene(folder, forget_one, nights=2),
        "delete": Scene(folder, delete_one, nights=3),
        "again": Scene(folder, again, nights=3),
    }


@pytest.mark.parametrize("name", ["first", "merging", "forget", "delete", "again"])
def test_a_power_cut_at_some_points_loses_nothing(tmp_path: Path, name: str) -> None:
    assert cut_everywhere(scenes(tmp_path)[name], SAMPLE) == {}


@pytest.mark.long
@pytest.mark.parametrize("name", ["first", "second", "merging", "recount", "forget", "delete", "again"])
def test_a_power_cut_at_any_point_loses_nothing(tmp_path: Path, name: str) -> None:
    assert cut_everywhere(scenes(tmp_path)[name], None) == {}


# ---------------------------------------------------------------- clean learn


ANSWERS = [
    Answer("quay", "Ahoy from the crew of the quayside desk", Decision.accept),
    Answer("mill", "From the mill with flour on our sleeves", Decision.refuse),
    Answer("quay", "Write to the harbour office", Decision.refuse),
]


@pytest.mark.parametrize("variant", VARIANTS)
def test_an_answer_that_was_saved_is_there_after_a_power_cut_at_any_point(tmp_path: Path, variant: str) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    saved = []
    with recorded(disk) as recorder:
        for one in ANSWERS:
            template_answers.save(disk / "config" / "outlets", [one])
            recorder.look()
            saved.append(len(recorder.operations) - recorder.begin)
    every = list(images(recorder, cuts(recorder, (variant,))))
    assert len(every) >= len(ANSWERS)
    for each in every:
        each.put(disk)
        found = set(template_answers.load(disk / "config" / "outlets"))
        assert any(found == set(ANSWERS[:n]) for n in range(len(ANSWERS) + 1)), each.prefix
        assert len(found) >= sum(end <= each.prefix for end in saved), each.prefix
        template_answers.save(disk / "config" / "outlets", ANSWERS[len(found) :])
        assert set(template_answers.load(disk / "config" / "outlets")) == set(ANSWERS)
