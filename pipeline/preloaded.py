"""What every worker needs, loaded once by the server that workers are forked from: importing this is all it takes.

The language model, and what is compiled: the features of the line model, the kernels of near-duplicates, for which the
first run on a machine waits. Nothing here may leave a thread behind: forking a process that has some can deadlock.
"""

from pipeline import cli, settings, work  # `cli`, because a worker imports its parent's main module anew
from pipeline.noise_data import noise_settings
from stages import language, near_duplicates

__all__ = ["cli", "work"]

language.identifier()
near_duplicates.warm_up(near_duplicates.Settings())
_line_model = noise_settings(settings.parse({})).line_model
if _line_model is not None:
    _line_model.predict([["The harbour opened again on Monday.", "Share this story"]])
