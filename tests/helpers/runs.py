"""Small runs for tests: news to clean, a run over them, and its rows as text."""

import json
import random
from pathlib import Path
from typing import Any

from pipeline import settings
from pipeline.api import RunReport, RunRequest, clean
from pipeline.storage.output_folder import OutputFolder
from pipeline.storage.tables import read

#: The program `clean`, for `python -c`.
MAIN = "from pipeline.cli import main; main()"

STORY = (
    "The harbour of Port Anning opened again on Monday after nine days of storm, the harbour master said.\n\n"
    "Forty boats had waited outside the bar, and the first of them sold its catch before noon.\n\n"
    "“We have not seen such a swell since my father's time,” said Mara Quill, who runs the ice house."
)


def write_news(folder: Path, n: int, first: int = 0) -> Path:
    """A JSON Lines file of `n` stories, each its own by a number and a few words."""
    path = folder / f"news-{first}.jsonl"
    words = ["gull", "rope", "tide", "crane", "ferry", "net", "buoy", "anchor", "cable", "mast", "lantern", "quay"]
    with path.open("w", encoding="utf-8") as file:
        for i in range(first, first + n):
            extra = " ".join(random.Random(i).choices(words, k=12))
            text = f"{STORY}\n\nBoat number {i} carried {extra}, its log says.\n\nRead more: The storm in pictures"
            file.write(json.dumps({"id": str(i), "outlet": f"outlet-{i % 3}", "text": text}) + "\n")
    return path


def run(path: Path | str, out: Path, *, workers: int = 2, **options: Any) -> RunReport:
    chosen = settings.parse(options.pop("settings", {}))
    return clean(RunRequest([str(path)], out, chosen, workers, **options))


def rows(out: Path, name: str, without: tuple[str, ...] = ("run",)) -> list[str]:
    """The rows of a table over all runs, as sorted text."""
    table = read(out, name, OutputFolder(out).runs())
    return sorted(json.dumps(row, default=str, sort_keys=True) for row in table.drop_columns(list(without)).to_pylist())
