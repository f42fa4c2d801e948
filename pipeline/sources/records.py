"""Records of JSON, CSV, Parquet and other tables: find out which columns hold what, and make documents of them."""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from html import unescape
from typing import Any, NamedTuple, TypeGuard

import orjson
import pyarrow as pa

from pipeline.sources.addresses import Input
from pipeline.sources.columns import SampleColumn, columns_of
from pipeline.sources.cut_texts import without_mark
from pipeline.sources.documents import Facts, Problem, RawDocument, document_id, failed, skipped, too_large
from pipeline.sources.fields import Choice, choose, choose_inside, words_of
from pipeline.sources.fragments import is_escaped, is_fragment, is_page, text_of_fragment, unescaped
from pipeline.sources.json_columns import json_columns, with_objects
from pipeline.sources.outlet_titles import may_end_with_outlet, without_outlet
from pipeline.sources.outlets import outlet_of, own_address, registered_domain
from pipeline.sources.record_dates import Moment, Order, moment_of, order_in, ways_to_read
from pipeline.sources.settings import Settings
from pipeline.sources.split_dates import JOINER, value_of
from pipeline.sources.surrogates import in_percent
from pipeline.sources.texts.markdown import text_of_markdown
from pipeline.sources.values import as_authors, as_field, as_text, clean, is_nothing, to_bytes, whole_text
from pipeline.sources.wrapped_addresses import ARCHIVES, unwrapped
from stages.ledger import Subject

#: The columns that are wanted of a table; None: all.
Columns = Collection[str] | None
#: What to do about addresses without texts.
FETCH = (
    "nothing is fetched here: fetch the pages first, for example with `wget --warc-file=news -i ADDRESSES`, "
    "and give the news.warc.gz"
)
BEFORE_CHARACTERS = 200  # of a value, in the ledger row about it
#: Records and code points of an input that are looked at before its columns are chosen. Enough for columns that are
#: empty in most records; the records are held in memory.
SAMPLE_RECORDS, SAMPLE_CHARACTERS = 500, 8_000_000


class Record(NamedTuple):
    """A record of an input: where it stands, and its values by column."""

    uri: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Records:
    """The records of one input. `read` begins again at the first one; None reads all columns.

    `again` is False for what can be read only once, and `narrow` True where reading fewer columns is faster.
    """

    read: Callable[[Columns], Iterator[Record | Problem]]
    again: bool = True
    narrow: bool = False

    def unfolded(self, names: frozenset[str]) -> Records:
        """Return the same records with objects in the place of the JSON in some columns."""

        def read(wanted: Columns) -> Iterator[Record | Problem]:
            whole = {name: name.partition(".")[0] for name in wanted or ()}
            columns = None if wanted is None else [each if each in names else name for name, each in whole.items()]
            return (unfolded(each, names) for each in self.read(columns))

        return replace(self, read=read)


def unfolded(found: Record | Problem, names: frozenset[str]) -> Record | Problem:
    """Return a record with objects in the place of the JSON in some columns."""
    return found._replace(values=with_objects(found.values, names)) if isinstance(found, Record) else found


class Content(NamedTuple):
    """The bytes of a document, their kind and charset."""

    kind: str
    raw: bytes
    charset: str | None


def lookup(record: Mapping[str, Any], name: str) -> Any:
    """Return the value of a field; a dotted name leads into nested objects unless the record has that exact name.

    >>> lookup({"meta": {"link": "a"}, "meta.link": "b"}, "meta.link"), lookup({"meta": {"link": "a"}}, "meta.link")
    ('b', 'a')
    """
    if name in record:
        return record[name]
    for at, mark in enumerate(name):
        if mark == "." and isinstance(inner := record.get(name[:at]), Mapping):
            return lookup(inner, name[at + 1 :])
    return None


def first_value(record: Mapping[str, Any], names: Sequence[str]) -> Any:
    """Return the first value that is not empty; None if all are."""
    for name in names:
        if not is_nothing(value := lookup(record, name)):
            return value
    return None


# ---------------------------------------------------------------- the layout of an input


@dataclass(frozen=True)
class Layout:
    """How the records of an input are read: the columns of each field, and the form of its dates."""

    choice: Choice
    order: Order
    found_order: bool = False  # not set by the user, but seen in the column

    def in_words(self) -> str:
        """Say what was found out and is not what our own names say; empty if there is nothing."""
        order = f"dates with the {'day' if self.order.day_first else 'month'} first" if self.found_order else ""
        return ", ".join(filter(None, (self.choice.in_words(), order)))

    def as_json(self) -> str:
        """Return the settings of [sources] that read an input in this way."""
        fields = {role: clean(names[0]) for role, names in self.choice.columns.items()}
        day_first = {"day_first": self.order.day_first} if self.found_order else {}
        return orjson.dumps({**day_first, "fields": fields}).decode()


def documents_of_records(source: Input, settings: Settings, records: Records) -> Iterator[RawDocument | Problem]:
    """Read the records of an input: yield its documents, a problem for every other record, and what was found out."""
    breaks: list[Exception] = []
    begun = _begin(settings, records, breaks)
    layout = Layout(begun.choice, *order_of_dates(begun.columns, begun.choice, settings, begun.records))
    if told := layout.in_words():
        yield reading_note(source, "fields", f"reading {told}", layout.as_json())
    rest = begun.records.read(begun.choice.all_columns()) if records.narrow else begun.reading
    counts = _Counts()
    for each in rest:
        if isinstance(each, Problem):
            yield each
        else:
            yield from map(counts.look_at, from_record(source, settings, each, layout))
    if breaks and not records.narrow:
        raise breaks[0]
    for about, told in counts.in_words():
        yield reading_note(source, about, told)


class _Begun(NamedTuple):
    """An input of which the first records were looked at: all its records, its columns, and which hold what."""

    records: Records
    reading: Iterator[Record | Problem]
    columns: Mapping[str, SampleColumn]
    choice: Choice


def _begin(settings: Settings, records: Records, breaks: list[Exception]) -> _Begun:
    """Look at the first records of an input; where they hold no text but in JSON, at what is in that."""
    reading = records.read(None)
    head = list(_sample(_up_to_a_break(reading, breaks)))
    columns = columns_of(each.values for each in head if isinstance(each, Record))
    choice = choose(columns, settings.fields)
    if names := _in_json(head, columns, choice):
        records = records.unfolded(names)
        head = [unfolded(each, names) for each in head]
        reading = (unfolded(each, names) for each in reading)
        columns = columns_of(each.values for each in head if isinstance(each, Record))
        choice = choose_inside(columns, settings.fields, names)
    return _Begun(records, itertools.chain(head, reading), columns, choice)


def _in_json(head: Sequence[Record | Problem], columns: Mapping[str, SampleColumn], choice: Choice) -> frozenset[str]:
    """Return the columns of JSON in which a text has to be sought; none where another column holds one."""
    if any(name in columns for role in ("text", "html") for name in choice.of(role)):
        return frozenset()
    return json_columns(each.values for each in head if isinstance(each, Record))


def reading_note(source: Input, about: str, note: str, settings: str | None = None) -> Problem:
    """Build the row that says how an input is read, for the ledger, the manifest and the person who runs it.

    `settings` are those that would say the same, as JSON (see `clean init`).
    """
    subject = Subject(None, None, clean(source.uri))
    return Problem(subject, "marked", "read_as", rule=about, before=settings, after=clean(note))


def _up_to_a_break(reading: Iterator[Record | Problem], breaks: list[Exception]) -> Iterator[Record | Problem]:
    """Yield the records of an input up to where it cannot be read any further; keep what says so."""
    try:
        for each in reading:  # noqa: UP028 — `yield from` would close the reading with the sample
            yield each
    except (OSError, EOFError, pa.ArrowException) as error:
        breaks.append(error)


def sample_of(records: Records) -> list[Record | Problem]:
    """Return the first records of an input, as many as its columns are chosen by."""
    return list(_sample(records.read(None)))


def _sample(reading: Iterator[Record | Problem]) -> Iterator[Record | Problem]:
    """Yield the first records of an input."""
    characters = 0
    for number, each in enumerate(reading, start=1):
        yield each
        if isinstance(each, Record):
            characters += sum(len(value) for value in each.values.values() if isinstance(value, (str, bytes)))
        if number >= SAMPLE_RECORDS or characters >= SAMPLE_CHARACTERS:
            return


def order_of_dates(
    columns: Mapping[str, SampleColumn], choice: Choice, settings: Settings, records: Records
) -> tuple[Order, bool]:
    """Find the order of day and month: as set, else in the sample, else in the whole column; True if it was not set."""
    if settings.date_format or settings.day_first is not None:
        return Order(settings.day_first, settings.date_format), False
    names = [name.split(JOINER)[0] for name in choice.of("published")]
    values = [value for name in names if name in columns for value in columns[name].values]
    day_first = order_in(values)
    if day_first is None and records.again and any(ways_to_read(value) == 2 for value in values):
        whole = (each.values for each in _up_to_a_break(records.read(frozenset(names)), []) if isinstance(each, Record))
        day_first = order_in(value for each in whole if (value := first_value(each, names)) is not None)
    return Order(day_first), day_first is not None


class _Counts:
    """Counts the texts of an input, its dates, and what was wrong with either."""

    def __init__(self) -> None:
        self.texts = self.dates = self.bad = self.cut = 0
        self.bad_date = self.mark = ""

    def look_at(self, found: RawDocument | Problem) -> RawDocument | Problem:
        if isinstance(found, RawDocument):
            self.texts += 1
            self.dates += found.published is not None
        elif found.reason == "cut_short":
            self.cut += 1
            self.mark = self.mark or (found.before or "")
        elif found.rule == "published" and not found.measured:
            self.bad += 1
            self.bad_date = self.bad_date or f"{found.before!r}: {found.after}"
        return found

    def in_words(self) -> Iterator[tuple[str, str]]:
        """Say what a person should know: the field that it is about, and what it is."""
        if self.bad > self.dates:
            told = f"{self.bad:,} of {self.bad + self.dates:,} dates are not understood, such as {self.bad_date}"
            yield "published", told
        if self.cut:
            who = f"{self.cut:,} of {self.texts:,} texts were cut short by the service that gave them"
            yield "text", f"{who}, such as “{self.mark}”: fetch the pages to have them whole"


# ---------------------------------------------------------------- one record


def from_record(source: Input, settings: Settings, record: Record, layout: Layout) -> Iterator[RawDocument | Problem]:
    """Yield problems with single fields and then the document, or one problem in its place."""
    uri, values = record
    choice = _choice_for(values, layout.choice, settings)
    source_id = as_field(first_value(values, choice.of("id")))
    content = content_of(values, choice)
    if content is None:
        expected = source.named or bool(layout.choice.of("text") or layout.choice.of("html"))
        yield _without_text(uri, values, choice, source_id, expected=expected)
        return
    if len(content.raw) > settings.max_document_bytes:
        yield too_large(uri, len(content.raw), settings.max_document_bytes, source_id)
        return
    content, cut = _without_mark(content)
    facts, problems = facts_of(values, choice, layout.order)
    document = raw_document(source, settings, content, uri, facts)
    for problem in filter(None, (cut, *problems)):
        yield replace(problem, subject=document.subject)
    yield document


def facts_of(values: Mapping[str, Any], choice: Choice, order: Order) -> tuple[Facts, list[Problem]]:
    """Return the metadata of a record, and problems with single values, whose subject is still to be set."""
    published, bad = _published(values, choice.of("published"), order)
    facts, wrapped = _unwrapped(_facts(values, choice, published))
    facts, named = _without_name(facts)
    return facts, [each for each in (bad, wrapped, named) if each]


def _without_mark(content: Content) -> tuple[Content, Problem | None]:
    """Take off a text the mark of a service that cut it short; a page says more about itself."""
    whole = without_mark(content.raw) if content.kind == "text" else None
    if whole is None or not whole.mark:
        return content, None
    told = "the service that gave the text cut it short"
    problem = Problem(_NOBODY, "edited", "cut_short", "text", whole.mark, told, measured=whole.missing)
    return content._replace(raw=whole.raw), problem


def _unwrapped(facts: Facts) -> tuple[Facts, Problem | None]:
    """Take the address of a record out of that of an archive or of a link that leads on to it."""
    url = unwrapped(facts.url) if facts.url else None
    if url == facts.url:
        return facts, None
    return facts._replace(url=url), Problem(_NOBODY, "edited", "wrapped_address", "url", facts.url, url)


def _without_name(facts: Facts) -> tuple[Facts, Problem | None]:
    """Take the name of the outlet off the end of a title, where the record says by itself that it is its outlet."""
    if not facts.title or not may_end_with_outlet(facts.title):
        return facts, None
    names = [each for each in (facts.outlet, registered_domain(facts.url)) if each]
    title = without_outlet(facts.title, names)
    if title == facts.title:
        return facts, None
    problem = Problem(_NOBODY, "edited", "outlet_in_title", "title", facts.title, title)
    return facts._replace(title=title), problem


def _choice_for(values: Mapping[str, Any], choice: Choice, settings: Settings) -> Choice:
    """Return the columns of a record: those of its input, or its own if it has none of the columns of the text."""
    wanted = [*choice.of("html"), *choice.of("text")]
    if "text" not in choice.guessed or any(_has(values, name) for name in wanted):
        return choice
    own = choose(columns_of([values]), settings.fields)
    return own if own.of("text") or own.of("html") else choice


def _has(values: Mapping[str, Any], name: str) -> bool:
    return any(lookup(values, each) is not None for each in (name, *name.split(JOINER)))


def _without_text(
    uri: str, values: Mapping[str, Any], choice: Choice, source_id: str | None, *, expected: bool
) -> Problem:
    """Build the problem of a record without text: one that has the column is empty, one that has not fails.

    In a file that nobody named and that has no texts at all, such as a list of tags beside the articles, none is
    `expected`.
    """
    wanted = [*choice.of("html"), *choice.of("text")]
    if any(name in values or _has(values, name) for name in wanted):
        where = f"nothing in {', '.join(f'`{name}`' for name in wanted)}"
        has_address = first_value(values, choice.of("url")) is not None
        return skipped(uri, "empty", clean(f"{where}; {FETCH}" if has_address else where), source_id)
    why = f"no column that holds a text in: {', '.join(sorted(map(str, values)))}"
    way = FETCH if choice.of("url") else '[sources.fields] text = "NAME" names one'
    told = f"{clean(why[: 4 * BEFORE_CHARACTERS])}; {way}"
    return failed(uri, "no_text", told, source_id=source_id) if expected else skipped(uri, "no_text", told, source_id)


def _facts(values: Mapping[str, Any], choice: Choice, published: datetime | None) -> Facts:
    def of(role: str) -> Any:
        return first_value(values, choice.of(role))

    return Facts(
        source_id=as_field(of("id")),
        url=as_field(_address(of("url"))),
        outlet=_outlet(as_field(of("outlet"))),
        title=_line(of("title")),
        deck=_line(of("deck")),
        authors=as_authors(of("authors")),
        published=published,
        dateline=as_field(of("dateline")),
        wire=as_authors(of("wire")),
    )


def _line(value: Any) -> str | None:
    """Return a headline or a standfirst, without the markup that some systems put around it."""
    text = as_field(value)
    return text_of_fragment(text) if text and is_fragment(text) else text


def _address(value: Any) -> Any:
    return in_percent(value) if isinstance(value, str) else value


def _outlet(name: str | None) -> str | None:
    """Return the name of an outlet; of one given by an address, the domain, unless it is that of an archive."""
    if not name or not name.startswith(("http://", "https://", "www.")):
        return name
    domain = registered_domain(unwrapped(name))
    return None if domain in ARCHIVES else domain


def content_of(record: Mapping[str, Any], choice: Choice) -> Content | None:
    """Return the page of a record, else its text, else None."""
    for kind in ("html", "text"):
        for name in choice.of(kind):
            text = _text_in(record, name)
            if text is not None and not is_nothing(text):
                return content_as(kind, text_of_markdown(text) if _is_markdown(text, name) else text)
    return None


def _is_markdown(text: str | bytes, name: str) -> TypeGuard[str]:
    """Return True for the text of a column that is called Markdown, as crawlers for language models write pages.

    >>> _is_markdown("# Ferry late", "data.markdown"), _is_markdown("# Ferry late", "text")
    (True, False)
    """
    return isinstance(text, str) and "markdown" in words_of(name.rpartition(".")[2])


def _text_in(record: Mapping[str, Any], name: str) -> str | bytes | None:
    """Return the text of a column, or of several that hold a lead and the rest.

    >>> _text_in({"lp": "It is late.", "td": "It sails."}, "lp+td"), _text_in({"lp": "Late.", "td": None}, "lp+td")
    ('It is late.\\n\\nIt sails.', 'Late.')
    """
    if name in record or JOINER not in name:
        return whole_text(lookup(record, name))
    parts = (as_text(whole_text(lookup(record, part))) for part in name.split(JOINER))
    return "\n\n".join(filter(None, parts)) or None


def content_as(kind: str, value: str | bytes) -> Content:
    """Return the content of a field for texts or for pages; a page in a field for texts is one all the same."""
    if isinstance(value, bytes):
        return Content(kind, value, None)
    if kind == "text" and (prolog := _PROLOG.match(value)) and not is_page(value[prolog.end() :]):
        value = text_of_fragment(value[prolog.end() :])
    elif kind == "text" and is_page(value):
        kind = "html"
    elif kind == "text":
        value = _CDATA.sub(r"\1", unescaped(value) if is_escaped(value) else value)
        whole = unescape(value) if "&lt;" in value[:_ESCAPED] else value
        value = text_of_fragment(whole) if is_fragment(whole) else value
    return encoded(kind, value)


#: A text that was taken out of XML with its quotation marks.
_CDATA = re.compile(r"\A\s*<!\[CDATA\[(.*)\]\]>\s*\Z", re.DOTALL)
#: What stands in front of a whole document of XML, such as a note of Evernote.
_PROLOG = re.compile(r"\s*<\?xml\b[^<>]{0,200}>\s*(?:<!DOCTYPE\b[^<>\[]{0,500}>\s*)?")
#: Code points in which markup that was escaped as a whole shows itself.
_ESCAPED = 100


def encoded(kind: str, text: str) -> Content:
    """Return text as content. Lone surrogates stand for bytes of an unknown charset: the decode stage has to find it.

    >>> encoded("text", "café").charset, encoded("text", "caf\\udce9")
    ('utf-8', Content(kind='text', raw=b'caf\\xe9', charset=None))
    """
    raw = to_bytes(text)
    return Content(kind, raw, "utf-8" if _is_utf_8(raw) else None)


def _is_utf_8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


_NOBODY = Subject(None, None, "")


def _published(record: Mapping[str, Any], names: Sequence[str], order: Order) -> tuple[datetime | None, Problem | None]:
    """Return the moment of a record, and a problem if it is not understood or not said in full."""
    value = _date(record, names)
    if value is None:
        return None, None
    before = clean(f"{value}"[:BEFORE_CHARACTERS])
    try:
        moment: Moment = moment_of(value, order)
    except (ValueError, OverflowError, TypeError, IndexError) as error:
        why = f"published left empty: {error}"
        return None, Problem(_NOBODY, "edited", "bad_field", rule="published", before=before, after=why)
    if not moment.less:
        return moment.at, None
    after = f"{moment.at.date()}: {moment.less}"
    return moment.at, Problem(_NOBODY, "edited", "bad_field", rule="published", before=before, after=after, measured=1)


def _date(record: Mapping[str, Any], names: Sequence[str]) -> Any:
    """Return the first date that is not empty, put together where its parts have columns of their own."""
    for name in names:
        value = lookup(record, name)
        if is_nothing(value) and JOINER in name:
            value = value_of(record, name, lookup)
        if not is_nothing(value):
            return value
    return None


def raw_document(source: Input, settings: Settings, content: Content, uri: str, facts: Facts) -> RawDocument:
    """Build a document with its outlet, its id and the digest of its bytes."""
    address = facts.url or (own_address(content.raw) if content.kind == "html" else None)
    outlet = outlet_of(source, settings, facts.outlet, address)
    place = facts.url or "\0".join([clean(source.name), facts.source_id or ""])
    # Of a page the day in its file's name is mostly that of the crawl; the page says its own.
    published = facts.published or (source.day if content.kind == "text" else None)
    return RawDocument(
        doc_id=document_id(outlet, place, content.raw), source_id=facts.source_id, source_uri=clean(uri), outlet=outlet,
        url=facts.url, title=facts.title, deck=facts.deck, authors=facts.authors, published=published,
        crawled=facts.crawled, dateline=facts.dateline, wire=facts.wire, kind=content.kind, charset=content.charset,
        raw=content.raw, raw_sha256=hashlib.sha256(content.raw).hexdigest(),
    )  # fmt: skip
