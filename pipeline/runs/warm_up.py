"""The warm-up of workers: the server that they are forked from imports this module once.

It loads what reads pages, the language model and what is compiled: the features of the line model and the kernels of near-duplicates, for
which the first run on a machine waits. Nothing here may leave a thread behind: forking a process with threads can
deadlock.
"""

import htmldate
import trafilatura

from pipeline import settings
from pipeline.runs import tasks
from pipeline.settings.rule_packs import noise_settings
from stages import language, near_duplicates

__all__ = ["htmldate", "tasks", "trafilatura"]

near_duplicates.leave_blas_out()
language.identifier()
near_duplicates.warm_up(near_duplicates.Settings())
_line_model = noise_settings(settings.parse({})).line_model
if _line_model is not None:
    _line_model.predict([["The harbour opened again on Monday.", "Share this story"]])
