"""The Python API: texts, corpora and runs, as `import copydesk` gives them.

import copydesk

article = copydesk.clean_text(page)            # one text or page
copies = copydesk.find_copies([one, other])    # the passages that texts share
report = copydesk.run("news/", "out")          # a run, as `clean run` does it
corpus = copydesk.open_corpus("out")           # its documents, paragraphs, passages and ledger
"""

from pipeline.api.configuration import settings
from pipeline.api.copies import CopiedSpan, Copies, find_copies
from pipeline.api.corpora import Filters, PublishedCorpus, RowStream, open_corpus
from pipeline.api.runs import clean, delete, forget, run
from pipeline.api.texts import Article, RepairedText, clean_text, repair, strip_noise
from pipeline.errors import (
    DriftError,
    LockHeldError,
    StoreError,
    TooManyFailedError,
    UserError,
    WorkerLostError,
)
from pipeline.runs.report import Progress, RunReport
from pipeline.runs.request import RunRequest
from pipeline.settings import Settings
from pipeline.storage.location import output_location
from pipeline.storage.rows import Document, LedgerRow, Paragraph, Passage
from pipeline.storage.selection import Selection

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
