"""Imports of small jobs: what a job does not need is not imported, because importing is most of its time."""

import subprocess
import sys
from pathlib import Path

#: Readers, and the modules that they alone import.
READERS = (
    "pipeline.sources.archives.zip_files", "pipeline.sources.csv_files.rows", "pipeline.sources.json_files.records",
    "pipeline.sources.markup.reader", "pipeline.sources.office.mail", "pipeline.sources.office.pdf",
    "pipeline.sources.office.word_processors", "pipeline.sources.tables.arrow_files", "pipeline.sources.tables.avro",
    "pipeline.sources.tables.parquet", "pipeline.sources.tables.sqlite_files", "pipeline.sources.tables.workbooks",
    "pipeline.sources.web.arc", "pipeline.sources.web.warc",
)  # fmt: skip
PAGES = ("trafilatura", "htmldate", "babel", "courlan")
REMOTE = ("fsspec", "asyncio", "urllib3", "botocore", "http.client")
OTHERS = ("datasketch", "sqlite3")
MAIN = "from pipeline.cli import main\ntry: main()\nexcept SystemExit: pass"


def imported(code: str, names: tuple[str, ...], *arguments: object) -> list[str]:
    """Run code in a process of its own and return which of the modules it imported."""
    told = f"{code}\nimport sys\nprint('imported', *[each for each in {names!r} if each in sys.modules])"
    command = [sys.executable, "-c", told, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1].split()[1:]


def test_a_text_needs_no_reader_of_another_kind_and_nothing_that_reads_pages(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("The ferry is late again.\n\nThe harbour of Vellen waits for a new engine.\n")
    names = (*READERS, *PAGES, *REMOTE, *OTHERS)
    assert imported(MAIN, names, "run", tmp_path / "one.txt", "--out", tmp_path / "out", "--quiet") == []
    assert (tmp_path / "out" / "documents").is_dir()


def test_a_text_in_python_needs_no_reader_and_nothing_that_reads_pages() -> None:
    code = "import copydesk; copydesk.clean_text('The ferry is late again.')"
    assert imported(code, (*READERS, *PAGES, *REMOTE, *OTHERS)) == []


def test_commands_that_read_a_corpus_need_no_reader_and_nothing_that_reads_pages(sample_run: Path) -> None:
    """In one process, whose start takes longer than a command."""
    each = "import sys\nout = sys.argv[1]\nfor words in (['runs'], ['find', 'ferry'], ['verify']):\n"
    code = f"{each}    sys.argv = ['clean', *words, '--out', out]\n    {MAIN.replace(chr(10), chr(10) + '    ')}"
    assert imported(code, (*READERS, *PAGES, *REMOTE), sample_run) == []
