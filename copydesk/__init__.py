"""copydesk for Python: clean a text, read a corpus, start a run, in names that are safe to import.

    import copydesk

    article = copydesk.clean_text(page)        # one text or page
    report = copydesk.run("news/", "out")      # the same as `clean run news/ --out out`

Everything here is `pipeline.api`'s, loaded when it is first used: importing this costs nothing that is not needed.
`python -m copydesk` is the command `clean`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from pipeline import __version__

if TYPE_CHECKING:
    from pipeline.api import (
        Article,
        CopiedSpan,
        Copies,
        Document,
        DriftError,
        Filters,
        LedgerRow,
        LockHeldError,
        Paragraph,
        Passage,
        Progress,
        PublishedCorpus,
        RepairedText,
        RowStream,
        RunReport,
        RunRequest,
        Selection,
        Settings,
        StoreError,
        TooManyFailedError,
        UserError,
        WorkerLostError,
        clean,
        clean_text,
        find_copies,
        forget,
        load_settings,
        open_corpus,
        output_location,
        repair,
        run,
        settings,
        strip_noise,
    )

__all__ = [
    "Article",
    "CopiedSpan",
    "Copies",
    "Document",
    "DriftError",
    "Filters",
    "LedgerRow",
    "LockHeldError",
    "Paragraph",
    "Passage",
    "Progress",
    "PublishedCorpus",
    "RepairedText",
    "RowStream",
    "RunReport",
    "RunRequest",
    "Selection",
    "Settings",
    "StoreError",
    "TooManyFailedError",
    "UserError",
    "WorkerLostError",
    "__version__",
    "clean",
    "clean_text",
    "find_copies",
    "forget",
    "load_settings",
    "open_corpus",
    "output_location",
    "repair",
    "run",
    "settings",
    "strip_noise",
]


def __getattr__(name: str) -> Any:
    """Load a name of the API when it is first used."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module("pipeline.api"), name)
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
