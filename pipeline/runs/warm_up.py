"""The warm-up of workers: the server that they are forked from imports this module once.

It loads what reads pages, the language model and what is compiled: the features of the line model and the kernels of
near-duplicates. Nothing here may leave a thread behind: forking a process with threads can deadlock.
"""

import gc

import htmldate
import trafilatura

from pipeline.runs import compilation, tasks
from stages import language, near_duplicates

__all__ = ["htmldate", "tasks", "trafilatura"]

near_duplicates.leave_blas_out()
language.identifier()
for part in compilation.PARTS:
    compilation.compile_part(part)
# The collector of a worker need not look at what all of them share, and so does not copy its memory.
gc.freeze()
