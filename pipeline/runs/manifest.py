"""The manifest of a run: settings, versions, inputs, counts, outlets and drift as JSON."""

from __future__ import annotations

import datetime
import json
import platform
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version

from pipeline import __version__, settings
from pipeline.drift import Drift
from pipeline.runs.context import RunContext
from pipeline.runs.readings import ReadingNote
from pipeline.runs.start import fingerprint
from pipeline.sources import Identity
from pipeline.tally import Tally

#: Libraries whose version can change what a run does.
LIBRARIES = ("trafilatura", "ftfy", "pyarrow", "numpy")


def write_manifest(
    context: RunContext,
    inputs: Sequence[Identity],
    readings: Sequence[ReadingNote],
    tally: Tally,
    drift: Sequence[Drift],
) -> None:
    """Write the manifest beside the staged tables; `inputs` are the identities of what was read."""
    finished = datetime.datetime.now(datetime.UTC)
    request, start = context.request, context.start
    manifest = {
        "run_id": context.run_id,
        "started": start.started.isoformat(),
        "resumed": context.begun.isoformat() if start.resumed else None,
        "finished": finished.isoformat(),
        "seconds": round((finished - context.begun).total_seconds(), 3),
        "fingerprint": fingerprint(context.settings),
        "settings": settings.as_dict(context.settings),
        "settings_from": request.settings_from,
        "versions": versions(),
        "workers": request.workers,
        "limit": request.limit,
        "window": request.window.as_dict(),
        "given": request.command_digest,
        "inputs": [each._asdict() for each in inputs],
        "read_as": [each.as_dict() for each in readings],
        "counts": tally.as_dict(),
        "outlets": {name: asdict(counts) for name, counts in sorted(tally.outlets.items())},
        "drift": [each.as_dict() for each in drift],
    }
    text = json.dumps(manifest, indent=2, ensure_ascii=False, default=str)
    # A file name that is not UTF-8 has lone surrogates, which JSON can only hold escaped.
    (context.workspace.folder / "manifest.json").write_text(text, encoding="utf-8", errors="backslashreplace")


def versions() -> dict[str, str]:
    """Return the versions of copydesk, Python and the libraries that a run depends on."""
    return {"copydesk": __version__, "python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}
