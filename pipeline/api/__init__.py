"""The Python API: texts, corpora and runs, as `import copydesk` gives them.

import copydesk

article = copydesk.clean_text(page)                     # one text or page
report = copydesk.run("news/", "out")                   # a run, as `clean run` does it
"""

from pipeline.api.configuration import settings
from pipeline.api.runs import clean, forget, run
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
from pipeline.settings import load as load_settings
from pipeline.storage.location import output_location
from pipeline.storage.reader import Corpus
from pipeline.storage.rows import LedgerRow

__all__ = [
    "Article",
    "Corpus",
    "DriftError",
    "LedgerRow",
    "LockHeldError",
    "Progress",
    "RepairedText",
    "RunReport",
    "RunRequest",
    "Settings",
    "StoreError",
    "TooManyFailedError",
    "UserError",
    "WorkerLostError",
    "clean",
    "clean_text",
    "forget",
    "load_settings",
    "output_location",
    "repair",
    "run",
    "settings",
    "strip_noise",
]
