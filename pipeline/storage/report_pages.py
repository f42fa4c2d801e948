"""Pages of `clean report` beside the tables, under `reports/`: their names, how they are told, how they are removed."""

from __future__ import annotations

from pathlib import Path

from pipeline.durable import remove
from pipeline.errors import UserError, in_short
from pipeline.storage.protocol import OutputLocation

FOLDER = "reports"
#: Stands at the beginning of every page: a file without it is somebody else's, and is never overwritten or removed.
MARK = '<meta name="generator" content="copydesk report">'
#: Bytes of a file in which the mark is looked for. It stands in the first 300.
LOOKED_AT = 2000


def default_target(out: OutputLocation, name: str) -> OutputLocation:
    """Return where the page of a run is written if nobody says otherwise."""
    return out / FOLDER / f"{name}.html"


def is_page(path: OutputLocation) -> bool:
    """Tell if a file is a page that `clean report` wrote. An empty file is nobody's."""
    with path.open("rb") as file:
        beginning = file.read(LOOKED_AT)
    return not beginning or MARK.encode() in beginning


def check_target(target: OutputLocation) -> None:
    """Raise UserError where a page must not be written: over a folder, or over a file that is no page of ours."""
    if target.is_dir():
        raise UserError(f"{in_short(target)} is a folder. Name a file in it, as {in_short(target)}/report.html.")
    if target.exists() and not is_page(target):
        raise UserError(
            f"{in_short(target)} exists and is no report of `clean report`: it was not overwritten. Name another file."
        )


def remove_pages(out: OutputLocation) -> list[OutputLocation]:
    """Remove all pages beside the tables and return them: they quote texts, and can be made again."""
    found: list[OutputLocation] = list((out / FOLDER).glob("*.html"))
    pages = [path for path in found if is_page(path)]
    for path in pages:
        remove(path) if isinstance(path, Path) else path.unlink()
    return pages
