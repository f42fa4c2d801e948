"""Reading: open inputs, find their kind, and yield batches of documents; failures become ledger rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import closing, nullcontext

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.sources.addresses import STDIN, Input
from pipeline.sources.documents import Problem, RawDocument, failed, outcome, skipped
from pipeline.sources.inputs import StoreReadError, is_regular, not_given, open_input
from pipeline.sources.kinds import LOOK_AHEAD, Kind, kind_called, kind_of_content, known_suffixes
from pipeline.sources.records import clean
from pipeline.sources.settings import Settings
from pipeline.sources.streams import BombError, Readable, Stream
from pipeline.sources.window import Window
from stages.contract import Outcome

UNKNOWN = "neither name nor content says what it is; give it a suffix: {}"
JSON_ARRAY = "it looks like a JSON array; JSON Lines are read, an object a line: jq -c '.[]' makes them of it"
#: Assumed memory of a problem (a guess, not measured), so that a flood of them is split into batches too.
PROBLEM_BYTES = 1_000
ARRAY = re.compile(rb"\s*\[\s*\{")


def documents(source: Input, settings: Settings) -> Iterator[RawDocument | Problem]:
    """Read one input: yield its documents, and a problem for everything that is no document."""
    try:
        if not source.named and not is_regular(source):
            yield skipped(clean(source.uri), "unknown_kind", "a pipe, socket or device, not a file")
            return
        opened = open_input(source)
        with nullcontext() if source.uri == STDIN else closing(opened):  # type: ignore[type-var]
            yield from _read(source, opened, settings)
    except BombError as error:
        yield failed(clean(source.uri), "too_large", str(error))
    except StoreReadError as error:
        raise not_given(source, error) from None
    except (OSError, EOFError, pa.ArrowException) as error:
        # The error number marks what the system refused, to be tried again; broken content has no number.
        number = error.errno if isinstance(error, OSError) else None
        yield failed(clean(source.uri), "unreadable", clean(f"{type(error).__name__}: {error}"), measured=number)


def _read(source: Input, opened: Readable, settings: Settings) -> Iterator[RawDocument | Problem]:
    kind = kind_called(source.kind) if source.kind else None
    if kind and kind.seeks:
        yield from kind.read(source, opened, settings)
        return
    stream = Stream(opened, settings)
    kind = kind or _kind_by_content(source, stream)
    if kind is None:
        array = ARRAY.match(stream.peek(LOOK_AHEAD))
        yield skipped(clean(source.uri), "unknown_kind", JSON_ARRAY if array else UNKNOWN.format(known_suffixes()))
    elif kind.seeks:
        reopened = open_input(source)  # the stream has read the beginning of the first one
        with closing(reopened):  # type: ignore[type-var]
            yield from kind.read(source, reopened, settings)
    else:
        yield from kind.read(source, stream, settings)


def _kind_by_content(source: Input, stream: Stream) -> Kind | None:
    # A name with no suffix says nothing; one with a suffix that we do not know says: probably no article.
    plain_text = source.named or "." not in source.name
    name = kind_of_content(stream.peek(LOOK_AHEAD), plain_text=plain_text)
    return kind_called(name) if name else None


def refused(ledger: pa.Table) -> set[str]:
    """List the files that the system refused to open or read; another run has to try them again."""
    not_read = pc.and_(pc.equal(ledger["reason"], "unreadable"), pc.is_valid(ledger["measured"]))
    return set(ledger["source_uri"].filter(not_read).to_pylist())


def batches(
    inputs: Sequence[Input],
    settings: Settings,
    max_documents: int = 256,
    max_bytes: int = 32_000_000,
    window: Window | None = None,
) -> Iterator[Outcome]:
    """Read all inputs, in their order, into tables of at most `max_documents` documents, with ledger rows.

    A table is complete once it holds `max_bytes` of content, so it exceeds that by at most one document.
    """
    found: list[RawDocument] = []
    problems: list[Problem] = []
    size = 0
    window = window or Window()
    for each in (window.look_at(each) for source in inputs for each in documents(source, settings)):
        if isinstance(each, RawDocument):
            found.append(each)
            size += len(each.raw)
        else:
            problems.append(each)
            size += PROBLEM_BYTES
        if len(found) >= max_documents or size >= max_bytes:
            yield outcome(found, problems)
            found, problems, size = [], [], 0
    if found or problems:
        yield outcome(found, problems)
