"""The warm-up of workers: the server that they are forked from imports this module once.

It loads what reads pages, the language model, the rule packs and line model of the default settings, the kernels and
the tokenizer's tables. Nothing here may leave a thread behind: forking a process with threads can deadlock.
"""

import gc

import htmldate
import trafilatura

from pipeline import settings
from pipeline.runs import tasks
from pipeline.settings.rule_packs import noise_settings
from stages import language, near_duplicates

__all__ = ["htmldate", "tasks", "trafilatura"]

language.identifier()
noise_settings(settings.parse({}))
near_duplicates.normal_form("")
# A batch makes many objects and few circles: with Python's 700, the collector takes a twentieth of a worker's time.
gc.set_threshold(50_000)
# The collector of a worker need not look at what all of them share, and so does not copy its memory.
gc.freeze()
