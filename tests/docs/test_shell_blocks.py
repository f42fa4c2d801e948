"""Commands of shell blocks, which show no output: each is carried out on a desk that has the files it names."""

from __future__ import annotations

import io
import re
import shlex
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipeline import settings
from pipeline.api import RunRequest
from pipeline.api import clean as clean_files
from tests.docs.test_examples import PAGES
from tests.helpers.command import clean
from tests.helpers.folders import ROOT
from tests.helpers.page_examples import blocks

S3_PAGE = ROOT / "docs" / "how-to" / "s3.md"  # tests/docs/test_s3_page.py runs it
#: Commands that are not carried out, by words of them: they install something, ask a person, or need Docker, AWS or a
#: cluster. tests/engines/test_spark_cluster.py starts one.
NOT_RUN = re.compile(
    r"^(?:make|pipx|pip|uv tool|docker|aws|export PATH|\.venv/bin/clean|clean --install|python\S* -m venv) ?|"
    r"/bin/pip install|\| clean learn|--engine spark"
)
A_RUN = re.compile(r"\b\d{4}-\d\d-\d\d(?:T\d\d-\d\d-\d\d)?(?= |$)")
STORY = (
    "The ferry to Holm sails again from Monday, the harbour office said after nine days of storm.\n\nShare this article"
)


PACK = """
[[rule]]
id = "points"
label = "signup"
pattern = '(?i)^collect \\d+ plume points\\b'
max_words = 12
examples = ["Collect 12 Plume Points for this story"]
counter_examples = ["Collect the plume at the points of the hat, the milliner said."]
"""


def lines_of(page: Path) -> list[str]:
    """The commands of a page that stand in blocks for a shell; a block without a language counts if it has `clean`."""
    found = []
    for block in blocks(page):
        lines = [line.strip() for line in block.body.replace("\\\n", " ").splitlines() if line.strip()]
        if block.language == "sh" or (not block.language and any(line.startswith("clean ") for line in lines)):
            found += [line for line in lines if not line.startswith(("'", "#"))]
    return found


def run_of(page: Path) -> list[str]:
    return [line for line in lines_of(page) if not NOT_RUN.search(line)]


def files_of(word: str) -> list[str]:
    """What a shell makes of a word; a pattern that no file fits stays as it is."""
    return sorted(map(str, Path().glob(word))) or [word] if "*" in word else [word]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, sample_run: Path) -> Path:
    """A folder with everything that pages name, and the sample corpus cleaned into `out` and `corpus`."""
    folder = tmp_path_factory.mktemp("desk")
    for name in ("out", "corpus"):
        shutil.copytree(sample_run, folder / name)
    for news in ("news", "srv/crawl", "pages"):
        (folder / news).mkdir(parents=True)
        (folder / news / "ferry.txt").write_text(STORY, "utf-8")
    (folder / "crawl").mkdir()
    shutil.copy(next((ROOT / "corpus" / "crawl").rglob("*.warc.gz")), folder / "crawl")
    shutil.copy(ROOT / "corpus" / "feeds" / "meridian.jsonl", folder / "articles.jsonl")
    shutil.copy(next((ROOT / "corpus" / "pages").rglob("*.html")), folder / "page.html")
    shutil.copy(ROOT / "config" / "nightly.toml", folder)
    (folder / "note.txt").write_text(STORY, "utf-8")
    (folder / "my.toml").write_text('[evidence]\nextra_rule_packs = ["plume.toml"]\n', "utf-8")
    (folder / "plume.toml").write_text(PACK, "utf-8")
    table = pq.read_table(folder / "out" / "documents", columns=["doc_id", "text"]).slice(0, 5)
    (folder / "my_dataset").mkdir()
    for path in ("my_dataset.parquet", "my_dataset/0.parquet"):
        pq.write_table(table.rename_columns(["id", "text"]), folder / path)
    return folder


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page != S3_PAGE and run_of(page)], ids=lambda page: str(page.relative_to(ROOT))
)
def test_the_commands_of_a_page_can_be_carried_out(
    page: Path, desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = shutil.copytree(desk, tmp_path / "desk")
    monkeypatch.chdir(folder)
    lines = run_of(page)
    for name in sorted({name for line in lines for name in A_RUN.findall(line)}):
        clean_files(RunRequest(["news/ferry.txt"], folder / "out", settings.parse({}), workers=1, run_id=name))
    document = pq.read_table(folder / "out" / "documents", columns=["doc_id"])["doc_id"][0].as_py()
    for line in lines:
        written = re.sub(r"/srv/|/var/lib/prometheus/node-exporter/", "srv/", line).replace("DOC_ID", document)
        ours, _, given = written.partition(" | ")[0].partition(" < ")
        words = [each for word in shlex.split(ours, comments=True)[1:] for each in files_of(word)]
        if given:
            monkeypatch.setattr(
                "sys.stdin", io.TextIOWrapper(io.BytesIO(Path(given.split("#")[0].strip()).read_bytes()))
            )
        assert clean(*words) == 0, f"{line}: {capsys.readouterr().err}"


def test_what_is_not_carried_out_is_known() -> None:
    """A block for a shell has commands of ours, or such as the list names."""
    others = {line for page in PAGES for line in run_of(page) if not line.startswith("clean ")}
    assert others == set()
