"""Pages through the whole of `clean run`, scored on labelled strings, beside trafilatura alone.

    python benchmarks/pages.py --shared SHARED [--settings FILE]

F1 of the strings that a page's article holds (`with`) and does not hold (`without`), as in benchmarks/extraction.py.
A page that is no document of the run counts as empty. Title, date and authors: right/given/labelled; people: authors
again, of the labels that name people. After all pages, every other one, and the rest.

The line model of the noise stage was trained on most of these pages; `--settings` with `[evidence] line_model = false`
shows what the run is worth without it.
"""

from __future__ import annotations

import argparse
import logging
import tempfile
from pathlib import Path

import pyarrow as pa
from extraction import Page, Read, plain, read_pages, score_metadata, score_text, with_metadata

from pipeline import settings
from pipeline.api import RunRequest, clean
from pipeline.storage.tables import dataset


def clean_run(warc: Path, pages: list[Page], config: Path | None) -> list[tuple[Page, Read]]:
    """What a run made of each page."""
    with tempfile.TemporaryDirectory() as out:
        clean(RunRequest([str(warc)], Path(out), settings.load(config), workers=2, run_id="pages"))
        columns = ["url", "text", "title", "authors", "published"]
        documents: pa.Table = dataset(Path(out), "documents", "pages").to_table(columns)
    found = {(row["url"] or "").strip(): row for row in documents.to_pylist()}
    nothing = dict.fromkeys(columns)
    rows = [(page, found.get(page.url.strip(), nothing)) for page in pages]
    return [
        (page, Read(row["text"] or "", row["title"], "; ".join(row["authors"] or []), row["published"]))
        for page, row in rows
    ]


def table_row(name: str, found: list[tuple[Page, Read]]) -> str:
    text, rest = score_text((page, read.text) for page, read in found), score_metadata(found)
    wanted, unwanted = text.present + text.missing, text.absent + text.unwanted
    shares = (text.f1, text.present / (text.present + text.unwanted), text.present / wanted)
    cells = [f"{share:.3f}" for share in shares]
    cells += [f"{text.present}/{wanted}", f"{text.absent}/{unwanted}", str(sum(not read.text for _, read in found))]
    return f"| {name} | {' | '.join([*cells, *rest.values()])} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True, help="the folder with data/")
    parser.add_argument("--settings", type=Path)
    arguments = parser.parse_args()
    logging.disable(logging.CRITICAL)
    warc = arguments.shared / "data/pages.warc.gz"
    pages = read_pages(warc, arguments.shared / "data/pages_expected.json")
    variants = {
        "trafilatura, defaults": [(page, plain()(page)) for page in pages],
        "trafilatura, comments off, with metadata": [(page, with_metadata(page)) for page in pages],
        "clean run": clean_run(warc, pages, arguments.settings),
    }
    for part, chosen in (("all", slice(None)), ("every other", slice(0, None, 2)), ("the rest", slice(1, None, 2))):
        print(f"\n{part}: {len(pages[chosen])} pages\n")
        print("| | F1 | precision | recall | present | absent | empty | title | date | authors | people |")
        print("|---|---|---|---|---|---|---|---|---|---|---|")
        for name, found in variants.items():
            print(table_row(name, found[chosen]))


if __name__ == "__main__":
    main()
