"""Compilation ahead: what a power cut left of kernels."""

import pickle
from pathlib import Path

from pipeline.runs.compilation import kernels, remove_damaged


def test_kernels_that_a_power_cut_emptied_are_removed_and_whole_ones_stay(tmp_path: Path) -> None:
    for name, content in {"empty.nbi": b"", "zeros.nbc": bytes(100), "cut.nbc": pickle.dumps([1, 2])[:-1]}.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "whole.nbi").write_bytes(pickle.dumps("0.60") + pickle.dumps(("stamp", {})))
    remove_damaged(tmp_path.glob("*.nb[ci]"))
    assert [path.name for path in tmp_path.iterdir()] == ["whole.nbi"]


def test_the_kernels_that_are_kept_now_are_whole(sample_run: Path) -> None:
    assert all(path.read_bytes()[-1:] == b"." for path in kernels())
