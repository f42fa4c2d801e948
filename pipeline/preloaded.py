"""What every worker needs, loaded once by the server that workers are forked from: importing this is all it takes.

The language model, and the compiled features of the line model. Nothing here may start a thread: forking a process that
has some can deadlock.
"""

from pipeline import cli, settings, work  # `cli`, because a worker imports its parent's main module anew
from pipeline.noise_data import noise_settings
from stages import language

__all__ = ["cli", "work"]

language.identifier()
_line_model = noise_settings(settings.parse({})).line_model
if _line_model is not None:
    _line_model.predict([["The harbour opened again on Monday.", "Share this story"]])
