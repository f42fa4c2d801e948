"""copydesk for Python: clean a text, read a corpus, start a run, in names that are safe to import.

    import copydesk

    report = copydesk.clean(copydesk.RunRequest(["news/"], Path("out"), copydesk.load_settings(None), workers=2))
    print(report.tally.documents_out)

Everything here is `pipeline.api`'s, loaded when it is first used: importing this costs nothing that is not needed.
`python -m copydesk` is the command `clean`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from pipeline import __version__

if TYPE_CHECKING:
    from pipeline.api import (
        Corpus,
        Progress,
        RunReport,
        RunRequest,
        Settings,
        UserError,
        clean,
        forget,
        load_settings,
        output_location,
    )

__all__ = [
    "Corpus",
    "Progress",
    "RunReport",
    "RunRequest",
    "Settings",
    "UserError",
    "__version__",
    "clean",
    "forget",
    "load_settings",
    "output_location",
]


def __getattr__(name: str) -> Any:
    """Load a name of the API when it is first used."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module("pipeline.api"), name)
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
