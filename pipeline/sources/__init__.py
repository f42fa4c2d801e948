"""Sources: read the inputs that a user names into raw documents.

`plan` resolves inputs to files (an `InputError` for one that does not exist), `with_descriptions` adds what a table
says of files beside it, `batches` reads them, and `identity` gives size and digest for the manifest.
`pipeline.sources.kinds` says how to add a kind of input.
"""

from pipeline.sources.addresses import Input, is_url
from pipeline.sources.documents import REASONS, Problem, RawDocument, outcome
from pipeline.sources.future import future_dates
from pipeline.sources.inputs import Identity, InputError, apart_from, as_read, identity, is_regular, plan
from pipeline.sources.metadata_tables import with_descriptions
from pipeline.sources.reading import batches, documents, kind_name, read_all, read_as, refused, size_of
from pipeline.sources.settings import Fields, Settings
from pipeline.sources.strings import UNKNOWN_OUTLET, batch_of_string
from pipeline.sources.window import Window, window_of

__all__ = [
    "REASONS",
    "UNKNOWN_OUTLET",
    "Fields",
    "Identity",
    "Input",
    "InputError",
    "Problem",
    "RawDocument",
    "Settings",
    "Window",
    "apart_from",
    "as_read",
    "batch_of_string",
    "batches",
    "documents",
    "future_dates",
    "identity",
    "is_regular",
    "is_url",
    "kind_name",
    "outcome",
    "plan",
    "read_all",
    "read_as",
    "refused",
    "size_of",
    "window_of",
    "with_descriptions",
]
