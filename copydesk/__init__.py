"""copydesk for Python: clean a text, read a corpus, start a run, in names that are safe to import.

    import copydesk

    article = copydesk.clean_text(page)            # one text or page
    copies = copydesk.find_copies([one, other])    # the passages that texts share
    report = copydesk.run("news/", "out")          # the same as `clean run news/ --out out`
    corpus = copydesk.open_corpus("out")           # its documents, paragraphs, passages and ledger

Everything here is `pipeline.api`'s, loaded when it is first used: importing this costs nothing that is not needed.
`python -m copydesk` is the command `clean`.
"""

# Imports nothing: `python -m copydesk` comes by here before it has taken the working directory off the path.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from pipeline import __version__
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
        delete,
        find_copies,
        forget,
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
    "delete",
    "find_copies",
    "forget",
    "open_corpus",
    "output_location",
    "repair",
    "run",
    "settings",
    "strip_noise",
]


def __getattr__(name: str) -> object:
    """Load a name of the API when it is first used."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - see above

    module = import_module("pipeline" if name == "__version__" else "pipeline.api")
    value: object = getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
