"""Every fuzzing target (tests/helpers/fuzz.py) on a few hundred examples; longer where `FUZZ_SECONDS` says so."""

import os
import subprocess
import sys
from pathlib import Path

import hypothesis
import pytest
from hypothesis import strategies as st

from tests.helpers.fuzz import SEEDS, TARGETS
from tests.helpers.fuzz_readers import READERS, read_fuzzed, seeds_of

SECONDS = int(os.environ.get("FUZZ_SECONDS", "600"))


def spoiled(target: str) -> st.SearchStrategy[bytes]:
    """Bytes of any kind, and seeds of the target with a part cut out, doubled or overwritten."""

    def spoil(seed: bytes, begin: int, end: int, put_in: bytes) -> bytes:
        first, last = sorted((begin % (len(seed) + 1), end % (len(seed) + 1)))
        return seed[:first] + put_in + seed[last:]

    place = st.integers(0, 10_000)
    return st.binary(max_size=300) | st.builds(
        spoil, st.sampled_from(SEEDS[target]), place, place, st.binary(max_size=40)
    )


@pytest.mark.parametrize("target", sorted(TARGETS))
@hypothesis.given(data=st.data())
@hypothesis.settings(max_examples=150, suppress_health_check=list(hypothesis.HealthCheck))
def test_a_target_keeps_its_laws_on_spoiled_bytes(target: str, data: st.DataObject) -> None:
    TARGETS[target](data.draw(spoiled(target)))


@pytest.mark.parametrize("target", sorted(TARGETS))
def test_a_target_keeps_its_laws_on_its_seeds(target: str) -> None:
    for seed in SEEDS[target]:
        TARGETS[target](seed)


@pytest.mark.parametrize("reader", sorted(READERS))
def test_every_reader_reads_its_sound_files_and_halves_of_them(reader: str) -> None:
    suffix = reader.removeprefix("reader.")
    for seed in seeds_of(suffix):
        read_fuzzed(suffix, seed)
        read_fuzzed(suffix, seed[: len(seed) // 2])


@pytest.mark.long
@pytest.mark.parametrize("target", sorted(TARGETS | READERS))
def test_fuzzing_finds_nothing(target: str, tmp_path: Path, repository: Path) -> None:
    pytest.importorskip("atheris", reason="atheris has no wheel for this Python or system")
    command = [sys.executable, "-m", "tests.helpers.fuzz", target, "--seconds", str(SECONDS), "--corpus", str(tmp_path)]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, timeout=SECONDS + 300, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
