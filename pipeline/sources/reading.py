"""Reading: open inputs, find their kind, and yield batches of documents; failures become ledger rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from itertools import chain

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.sources.addresses import STDIN, Input
from pipeline.sources.archives.members import Member, unpacked, uri_of
from pipeline.sources.compression import BombError, Readable
from pipeline.sources.descriptions import with_description
from pipeline.sources.documents import Problem, RawDocument, failed, outcome, skipped
from pipeline.sources.inputs import StoreReadError, is_hidden, is_regular, leads_nowhere, not_given, open_input
from pipeline.sources.kinds import (
    LOOK_AHEAD,
    Kind,
    kind_against_name,
    kind_called,
    kind_of_content,
    kind_of_name,
    known_suffixes,
)
from pipeline.sources.records import Columns, Record, Records, documents_of_records, reading_note
from pipeline.sources.refusals import is_about_its_folder, no_news, way_out
from pipeline.sources.settings import Settings
from pipeline.sources.streams import Stream
from pipeline.sources.texts.evidence import is_prose
from pipeline.sources.tracking import with_plain_address
from pipeline.sources.values import clean
from pipeline.sources.window import Window
from stages.contract import Outcome

UNKNOWN = "neither name nor content says what it is; if it is one of {}, name it so or set [sources] kind"
EMPTY = "the file is empty"
#: Levels of archives that are opened.
MAX_NESTED = 2
#: Assumed memory of a problem (a guess, not measured), so that a flood of them is split into batches too.
PROBLEM_BYTES = 1_000


def documents(source: Input, settings: Settings) -> Iterator[RawDocument | Problem]:
    """Read one input: yield its documents, and a problem for everything that is no document."""
    try:
        if why := _why_not_read(source):
            yield skipped(clean(source.uri), "unknown_kind", why)
            return
        if source.notes:
            yield from (reading_note(source, "files", told) for told in source.notes)
            return
        opened = open_input(source)
        with nullcontext() if source.uri == STDIN else closing(opened):  # type: ignore[type-var]
            found = _read(source, Stream(opened, settings), settings)
            yield from with_description(source, settings, found, source.described) if source.described else found
    except BombError as error:
        yield failed(clean(source.uri), "too_large", str(error))
    except StoreReadError as error:
        raise not_given(source, error) from None
    except (OSError, EOFError, pa.ArrowException) as error:
        # The error number marks what the system refused, to be tried again; broken content has no number.
        number = error.errno if isinstance(error, OSError) else None
        why = leads_nowhere(source) or f"{type(error).__name__}: {error}"
        yield failed(clean(source.uri), "unreadable", clean(why), measured=number)


def _why_not_read(source: Input) -> str:
    """Say why a file that the user did not name is not opened; nothing if it is."""
    if source.named:
        return ""
    if not is_regular(source):
        return "a pipe, socket or device, not a file"
    return "it is about the folder; name it to have it read" if is_about_its_folder(source.name) else ""


def _read(source: Input, stream: Stream, settings: Settings) -> Iterator[RawDocument | Problem]:
    kind = _kind_of(source, stream, settings)
    if told := way_out(source.name, stream.peek(64), settings.kind or source.kind, named=source.named):
        yield failed(clean(source.uri), "unreadable", told)
    elif kind is None:
        what = no_news(source.name, stream.peek(LOOK_AHEAD))
        why = what or (UNKNOWN.format(known_suffixes()) if stream.peek(1) else "")
        yield skipped(clean(source.uri), "unknown_kind", why) if why else skipped(clean(source.uri), "empty", EMPTY)
    elif kind.seeks and not stream.peek(1):
        yield skipped(clean(source.uri), "empty", EMPTY)
    elif kind.seeks and (stream.is_compressed or source.is_web or not is_regular(source)):
        with unpacked(stream) as content:
            yield from _of_kind(kind, replace(source, **content._asdict()), stream, settings)
    else:
        yield from _of_kind(kind, source, stream, settings)


def _kind_of(source: Input, stream: Stream, settings: Settings) -> Kind | None:
    """Return the kind that the settings say, else the name, unless the content shows another beyond doubt."""
    if settings.kind:
        return kind_called(settings.kind)
    head = stream.peek(LOOK_AHEAD)
    if source.kind:
        return kind_against_name(head, kind_called(source.kind))
    # A name with no suffix says nothing; one with a suffix that we do not know says: probably no article.
    plain_text = source.named or "." not in source.name or (is_prose(head) and not no_news(source.name, head))
    name = kind_of_content(head, plain_text=plain_text)
    return kind_called(name) if name else None


def _of_kind(kind: Kind, source: Input, stream: Stream, settings: Settings) -> Iterator[RawDocument | Problem]:
    if kind.records:
        records = partial(_records, kind, source, settings, [] if kind.seeks else [stream])
        yield from documents_of_records(source, settings, Records(records, is_regular(source), kind.narrow))
    elif kind.members:
        yield from _members(kind, source, stream, settings)
    elif kind.read:
        with _opened(kind, source, settings, [] if kind.seeks else [stream]) as opened:
            yield from kind.read(source, opened, settings)
    if kind.seeks and source.broken:  # nobody reads such an input to its end
        yield failed(clean(source.uri), "unreadable", source.broken)


def _records(
    kind: Kind, source: Input, settings: Settings, begun: list[Stream], columns: Columns
) -> Iterator[Record | Problem]:
    read = kind.records or kind.first_sheet
    with _opened(kind, source, settings, begun) as opened:
        yield from read(source, opened, settings, columns)  # type: ignore[misc]


@contextmanager
def _opened(kind: Kind, source: Input, settings: Settings, begun: list[Stream]) -> Iterator[Readable]:
    """Yield the stream that was begun already, if any, else the input opened anew."""
    if begun:
        yield begun.pop()
        return
    with closing(open_input(source)) as opened:  # type: ignore[type-var]
        yield opened if kind.seeks else Stream(opened, settings)


@contextmanager
def table_in(source: Input, settings: Settings) -> Iterator[Records | None]:
    """Give the records of an input that can be read twice, of a workbook those of its first sheet; None of others."""
    with closing(open_input(source)) as opened:  # type: ignore[type-var]
        stream = Stream(opened, settings)
        kind = _kind_of(source, stream, settings)
        if kind is None or not kind.holds_records:
            yield None
            return
        with unpacked(stream) if kind.seeks and stream.is_compressed else nullcontext() as content:
            where = replace(source, **content._asdict()) if content else source
            yield Records(partial(_records, kind, where, settings, []), narrow=kind.narrow)


def _members(kind: Kind, source: Input, stream: Stream, settings: Settings) -> Iterator[RawDocument | Problem]:
    """Read the files of an archive; an archive inside an archive once, and no deeper."""
    if source.depth >= MAX_NESTED:
        yield skipped(clean(source.uri), "unknown_kind", "an archive in an archive in an archive; unpack it")
        return
    with _opened(kind, source, settings, [] if kind.seeks else [stream]) as opened:
        found = False
        for each in kind.members(source, opened, settings):  # type: ignore[misc]
            if isinstance(each, Problem):
                yield each
            elif not is_hidden(each.name):
                yield from _member(source, each, settings)
            found = found or isinstance(each, Problem) or not is_hidden(each.name)
    if not found:
        yield skipped(clean(source.uri), "empty", "the archive holds no files")


def _member(archive: Input, member: Member, settings: Settings) -> Iterator[RawDocument | Problem]:
    name = clean(member.name)
    kind = kind_of_name(name)
    outlet, day = member.naming.of(name) if member.naming else ("", None)
    uri, depth = uri_of(archive, name), archive.depth + 1
    try:
        with unpacked(member.content) as (held, path, broken):
            inner = Input(uri, kind, False, name, path, held, broken, depth, outlet, day)
            yield from documents(inner, settings)
    except BombError as error:
        yield failed(uri, "too_large", str(error))


def kind_name(source: Input, settings: Settings) -> str:
    """Return the name of the kind that an input is read as; "unknown" for none, or if it can be read only once."""
    if not is_regular(source):
        return "unknown"
    try:
        with closing(open_input(source)) as opened:  # type: ignore[type-var]
            kind = _kind_of(source, Stream(opened, settings), settings)
    except OSError:
        return "unknown"
    return kind.name if kind else "unknown"


def refused(ledger: pa.Table) -> set[str]:
    """List the files that the system refused to open or read; another run has to try them again."""
    not_read = pc.and_(pc.equal(ledger["reason"], "unreadable"), pc.is_valid(ledger["measured"]))
    return set(ledger["source_uri"].filter(not_read).to_pylist())


def read_as(ledger: pa.Table) -> list[tuple[str, str]]:
    """List what was found out about how inputs are to be read: the input, and a note for a person."""
    found = ledger.filter(pc.equal(ledger["reason"], "read_as")).select(["source_uri", "after"])
    return list(zip(*(column.to_pylist() for column in found.columns), strict=True))


def read_all(inputs: Sequence[Input], settings: Settings, window: Window) -> Iterator[RawDocument | Problem]:
    """Read inputs, in their order: yield the documents in the window, and a problem for everything else."""
    raw = (each for source in inputs for each in documents(source, settings))
    return map(window.look_at, chain.from_iterable(map(with_plain_address, raw)))


def size_of(found: RawDocument | Problem) -> int:
    """Return the bytes that a document or a problem adds to its batch."""
    return len(found.raw) if isinstance(found, RawDocument) else PROBLEM_BYTES


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
    for each in read_all(inputs, settings, window or Window()):
        if isinstance(each, RawDocument):
            found.append(each)
        else:
            problems.append(each)
        size += size_of(each)
        if len(found) >= max_documents or size >= max_bytes:
            yield outcome(found, problems)
            found, problems, size = [], [], 0
    if found or problems:
        yield outcome(found, problems)
