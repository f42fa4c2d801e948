"""The output folder: publication by rename, one lock, leftovers of killed runs."""

import json
import multiprocessing
from pathlib import Path

import pytest

from pipeline.errors import LockHeldError, UserError
from pipeline.storage.output_folder import FOLDERS, OutputFolder
from pipeline.storage.tables import TABLES, WHOLE, write_part


def staged_run(store: OutputFolder, run: str) -> None:
    for name, schema in (TABLES | WHOLE).items():
        write_part(store.staging(run), name, 0, schema.empty_table())
    for name in set(FOLDERS) - {*TABLES, *WHOLE}:
        (store.staging(run) / name).mkdir(parents=True)
    (store.staging(run) / "manifest.json").write_text(json.dumps({"run_id": run, "started": run}))


def published_run(store: OutputFolder, run: str) -> None:
    staged_run(store, run)
    with store.lock() as lock:
        store.publish(run, lock)


def test_a_published_run_is_listed_with_its_manifest_and_leaves_nothing_staged(tmp_path: Path) -> None:
    store = OutputFolder(tmp_path)
    published_run(store, "monday")
    assert store.runs() == ["monday"]
    assert store.manifest("monday")["run_id"] == "monday"
    assert store.leftovers() == []


def test_runs_are_listed_in_the_order_in_which_they_started(tmp_path: Path) -> None:
    store = OutputFolder(tmp_path)
    for run in ("b", "a", "c"):
        published_run(store, run)
    assert store.runs() == ["a", "b", "c"]


@pytest.mark.parametrize("moves", range(len(FOLDERS) + 1))
def test_a_publication_killed_after_any_of_its_renames_is_all_or_nothing(
    tmp_path: Path, moves: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = OutputFolder(tmp_path)
    staged_run(store, "monday")
    done = 0
    rename = Path.rename

    def kill_after(source: Path, target: Path) -> Path:
        nonlocal done
        if done == moves:
            raise KeyboardInterrupt
        done += 1
        return rename(source, target)

    with pytest.raises(KeyboardInterrupt), store.lock() as lock:
        monkeypatch.setattr(Path, "rename", kill_after)
        store.publish("monday", lock)
    monkeypatch.undo()
    assert store.runs() == []
    assert store.leftovers()
    store.roll_back()
    assert store.leftovers() == []
    assert not list(tmp_path.rglob("*.parquet"))


def hold(out: Path, held: "multiprocessing.synchronize.Event", leave: "multiprocessing.synchronize.Event") -> None:
    with OutputFolder(out).lock():
        held.set()
        leave.wait(30)


def test_a_second_run_is_refused_while_the_first_holds_the_lock_and_not_after_it_was_killed(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    held, leave = context.Event(), context.Event()
    first = context.Process(target=hold, args=(tmp_path, held, leave))
    first.start()
    assert held.wait(30)
    with pytest.raises(LockHeldError, match=f"process {first.pid}"), OutputFolder(tmp_path).lock():
        pass
    first.kill()
    first.join()
    with OutputFolder(tmp_path).lock():
        pass


def test_an_output_folder_that_is_a_file_is_refused_with_a_hint(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(UserError, match="--out"), OutputFolder(tmp_path / "out").lock():
        pass
