"""Derived data: kept on disk, and never anything but a copy of what would be computed."""

from pathlib import Path

import pytest

from stages.shared import derived


def made(calls: list[int], result: object = "table") -> object:
    calls.append(1)
    return result


def test_what_was_computed_before_is_not_computed_again(tmp_path: Path) -> None:
    calls: list[int] = []
    for _ in range(3):
        assert derived.derived("quay", b"one", lambda: made(calls), [tmp_path]) == "table"
    assert len(calls) == 1
    assert derived.derived("quay", b"two", lambda: made(calls, "other"), [tmp_path]) == "other"
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("damage", [b"", b"damaged", None])
def test_a_damaged_copy_is_made_anew(tmp_path: Path, damage: bytes | None) -> None:
    calls: list[int] = []
    derived.derived("quay", b"one", lambda: made(calls), [tmp_path])
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-1] if damage is None else damage)
    assert derived.derived("quay", b"one", lambda: made(calls), [tmp_path]) == "table"
    assert len(calls) == 2
    assert derived.derived("quay", b"one", lambda: made(calls), [tmp_path]) == "table"
    assert len(calls) == 2


def test_where_nothing_can_be_kept_it_is_computed_each_time(tmp_path: Path) -> None:
    occupied = tmp_path / "file"
    occupied.touch()
    calls: list[int] = []
    for _ in range(2):
        assert derived.derived("quay", b"one", lambda: made(calls), [occupied / "kept"]) == "table"
    assert len(calls) == 2


def test_what_another_version_kept_is_removed(tmp_path: Path) -> None:
    (tmp_path / "quay.0000.0000").write_bytes(b"of another version")
    (tmp_path / "pier.0000.0000").write_bytes(b"of another name")
    derived.derived("quay", b"one", lambda: "table", [tmp_path])
    assert sorted(path.name.split(".")[0] for path in tmp_path.iterdir()) == ["pier", "quay"]


def test_an_error_is_raised_and_not_kept(tmp_path: Path) -> None:
    def fail() -> str:
        raise ValueError("a bad pattern")

    for _ in range(2):
        with pytest.raises(ValueError, match="bad pattern"):
            derived.derived("quay", b"one", fail, [tmp_path])
    assert list(tmp_path.iterdir()) == []
