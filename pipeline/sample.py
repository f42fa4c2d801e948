"""The sample corpus: the folder `corpus/` of a checkout, or its copy inside an installed wheel."""

from __future__ import annotations

import shutil
from pathlib import Path

from pipeline.errors import UserError, in_short

#: Its folders; what else lies beside them made it, and is not shipped.
PARTS = ("crawl", "feeds", "news", "pages")


def folder() -> Path:
    """Return the folder of the sample corpus."""
    inside_wheel = Path(__file__).parent / "_corpus"
    return inside_wheel if inside_wheel.is_dir() else Path(__file__).parent.parent / "corpus"


def copy_sample(target: Path) -> Path:
    """Copy the sample corpus to `news` in a folder, which is made, and return where it lies.

    Raises UserError for a folder that holds anything else.
    """
    news = target / "news"
    try:
        if news.is_dir() and sorted(each.name for each in news.iterdir()) == sorted(PARTS):
            return news
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise UserError(f"{in_short(target)}: there is something else here. Name another folder: clean demo FOLDER")
        for part in PARTS:
            shutil.copytree(folder() / part, news / part, copy_function=shutil.copyfile)
    except OSError as error:
        why = error.strerror or error
        raise UserError(
            f"{in_short(target)}: cannot be written ({why}). Name another folder: clean demo FOLDER"
        ) from None
    return news
