"""The drift check: a night unlike those before it is reported, and one too far from them publishes nothing."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipeline import drift, settings
from pipeline.api import RunReport, RunRequest, clean
from pipeline.cli import app
from pipeline.errors import DriftError
from pipeline.storage.output_folder import OutputFolder
from pipeline.tally import OutletTally

CHOSEN = drift.Settings()
WORDS = ["gull", "rope", "tide", "crane", "ferry", "net", "buoy", "anchor", "cable", "mast", "lantern", "quay"]


def manifest(documents: int = 100, **shares: float) -> dict[str, Any]:
    """An earlier run: each outlet had 50 documents and a share of its words cut."""
    counted = {
        name: {"documents": 50, "words_in": 10_000, "words_out": round(10_000 * (1 - share))}
        for name, share in shares.items()
    }
    return {"counts": {"documents_out": documents}, "outlets": counted}


def tonight(documents: int = 50, **shares: float) -> dict[str, OutletTally]:
    return {name: OutletTally(documents, 10_000, round(10_000 * (1 - share))) for name, share in shares.items()}


NIGHTS = [manifest(plume=share) for share in (0.10, 0.12, 0.11, 0.10, 0.13, 0.11)]


def flagged(found: list[drift.Drift]) -> list[tuple[str | None, str, bool]]:
    return [(one.outlet, one.figure, one.refused) for one in found]


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (0.11, []),
        (0.14, []),
        (0.20, [("plume", "cut_share", False)]),
        (0.03, [("plume", "cut_share", False)]),
        (0.35, [("plume", "cut_share", True)]),
        (0.95, [("plume", "cut_share", True)]),
    ],
)
def test_an_outlet_far_from_its_usual_share_is_reported_and_one_several_times_it_stops_the_run(
    share: float, expected: list[tuple[str, str, bool]]
) -> None:
    assert flagged(drift.find(tonight(plume=share), 100, NIGHTS, CHOSEN)) == expected


def test_an_outlet_that_is_usually_cut_by_half_stops_the_run_where_hardly_anything_is_left() -> None:
    nights = [manifest(plume=share) for share in (0.5, 0.52, 0.51, 0.5, 0.49)]
    assert flagged(drift.find(tonight(plume=0.9), 100, nights, CHOSEN)) == [("plume", "cut_share", True)]


def test_one_bad_night_does_not_become_usual() -> None:
    nights = [*NIGHTS, manifest(plume=0.9)]
    assert flagged(drift.find(tonight(plume=0.9), 100, nights, CHOSEN)) == [("plume", "cut_share", True)]


def test_an_outlet_whose_share_always_varies_is_not_reported() -> None:
    nights = [manifest(plume=share) for share in (0.05, 0.3, 0.12, 0.25, 0.08, 0.2)]
    assert drift.find(tonight(plume=0.35), 100, nights, CHOSEN) == []


def test_first_runs_have_no_history_to_depart_from() -> None:
    for n in range(CHOSEN.min_runs):
        assert drift.find(tonight(plume=0.9), 1, NIGHTS[:n], CHOSEN) == []


def test_small_outlets_never_trip() -> None:
    assert drift.find(tonight(documents=19, plume=0.9), 100, NIGHTS, CHOSEN) == []


def test_manifests_of_runs_before_there_was_a_drift_check_are_read() -> None:
    assert drift.find(tonight(plume=0.9), 100, [{"counts": {"documents_out": 100}}] * 9, CHOSEN) == []


def test_far_fewer_documents_than_on_the_lowest_nights_stop_the_run() -> None:
    nights = [manifest(documents) for documents in (400, 420, 390, 150, 140, 410, 400)]
    assert drift.find({}, 60, nights, CHOSEN) == []
    assert flagged(drift.find({}, 40, nights, CHOSEN)) == [(None, "documents", True)]


def test_an_outlet_that_is_missing_is_reported_and_does_not_stop_the_run() -> None:
    nights = [manifest(plume=0.1, gazette=0.2) for _ in range(7)]
    assert flagged(drift.find(tonight(plume=0.1), 100, nights, CHOSEN)) == [("gazette", "documents", False)]


def test_an_outlet_that_was_rarely_there_is_not_missed() -> None:
    nights = [manifest(plume=0.1, gazette=0.2) if n % 2 else manifest(plume=0.1) for n in range(12)]
    assert drift.find(tonight(plume=0.1), 100, nights, CHOSEN) == []


@pytest.mark.parametrize(
    "change", [{"min_runs": 1}, {"recent_runs": 3}, {"max_cut_times": 1.0}, {"min_drift": 1.5}, {"drift_spreads": 0.0}]
)
def test_limits_that_make_no_sense_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="drift"):
        drift.Settings(**change)


# ---------------------------------------------------------------- nights, end to end


def write_night(path: Path, day: int, documents: int = 24, broken: bool = False) -> Path:
    """A night of two invented outlets. On a broken one the gazette's pages are little but menus and links."""
    with path.open("w", encoding="utf-8") as file:
        for n in range(documents):
            chance = random.Random(1000 * day + n)
            story = "\n\n".join(
                f"The {' '.join(chance.choices(WORDS, k=14))} came in before noon, the harbour master said."
                for _ in range(1 if broken and n % 2 else 3)
            )
            menu = "\n\n".join(f"Read more: {' '.join(chance.choices(WORDS, k=12))}" for _ in range(9))
            text = f"{story}\n\n{menu}" if broken and n % 2 else f"{story}\n\nRead more: The storm in pictures"
            record = {"id": f"{day}-{n}", "outlet": ("plume", "gazette")[n % 2], "text": text}
            file.write(json.dumps(record) + "\n")
    return path


SMALL = {"drift": {"min_documents": 10, "min_runs": 3}, "evidence": {"line_model": False}}


def night(tmp_path: Path, day: int, **options: Any) -> RunReport:
    path = write_night(tmp_path / f"night-{day}.jsonl", day, **options.pop("news", {}))
    return clean(RunRequest([str(path)], tmp_path / "out", settings.parse(SMALL), 1, **options))


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four normal nights, none of which drifted."""
    folder = tmp_path_factory.mktemp("usual")
    for day in range(4):
        assert night(folder, day).drift == ()
    return folder


def test_a_broken_night_publishes_nothing_and_says_which_outlet_and_what_is_usual(usual: Path) -> None:
    before = OutputFolder(usual / "out").runs()
    with pytest.raises(DriftError, match=r"gazette: \d\d% of its words cut, usually \d+%.*--allow-drift") as raised:
        night(usual, 5, news={"broken": True})
    assert raised.value.exit_code == 1
    assert "plume" not in str(raised.value)
    assert OutputFolder(usual / "out").runs() == before
    assert OutputFolder(usual / "out").leftovers() == []


def test_a_night_of_hardly_any_documents_publishes_nothing(usual: Path) -> None:
    before = OutputFolder(usual / "out").runs()
    with pytest.raises(DriftError, match=r"4 documents, usually 24"):
        night(usual, 6, news={"documents": 4})
    assert OutputFolder(usual / "out").runs() == before


def test_a_broken_night_is_published_where_drift_is_allowed_and_its_manifest_says_so(tmp_path: Path) -> None:
    for day in range(3):
        night(tmp_path, day)
    report = night(tmp_path, 3, news={"broken": True}, allow_drift=True, run_id="broken")
    assert flagged(list(report.drift)) == [("gazette", "cut_share", True)]
    kept = OutputFolder(tmp_path / "out").manifest("broken")
    assert kept["drift"][0]["outlet"] == "gazette"
    assert kept["outlets"]["gazette"]["documents"] == 12
    assert 0 < kept["outlets"]["gazette"]["words_out"] < kept["outlets"]["gazette"]["words_in"]


def test_the_command_goes_on_with_allow_drift_and_tells_machines_what_drifts(tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text("[drift]\nmin_documents = 10\nmin_runs = 3\n[evidence]\nline_model = false\n")
    options = ["--out", str(tmp_path / "out"), "--config", str(tmp_path / "my.toml"), "--workers", "1", "--json"]
    for day in range(3):
        night(tmp_path, day)
    path = write_night(tmp_path / "broken.jsonl", 9, broken=True)
    allowed = CliRunner().invoke(app, ["run", str(path), *options, "--allow-drift", "--dry-run"])
    assert allowed.exit_code == 0, allowed.output
    summary = json.loads(allowed.stdout.splitlines()[-1])
    assert [(one["outlet"], one["refused"]) for one in summary["drift"]] == [("gazette", True)]
    assert summary["outlets"]["plume"]["documents"] == 12
