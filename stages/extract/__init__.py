"""Extract: a page of HTML becomes the text of its article, and what the page says about it becomes columns.

trafilatura finds the article. Around it: a look at the page before and after it is parsed, one parse whose tree serves
text and metadata alike, a time limit, and a plain second extractor for the pages that the first cannot finish.
Documents that are no pages pass untouched. A page that yields nothing is a `failed` row that says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pyarrow as pa

from stages.contract import DOCUMENT, Outcome
from stages.extract.dom_hints import CuedLine, boxes_of, cued_lines
from stages.extract.quality_checks import Doubt, article_body, articles_beside, doubt_about, second_text, unmixed
from stages.extract.standfirsts import with_lead
from stages.extract.metadata import Metadata, Seen, read_metadata
from stages.extract.page import PageError, Tree, parse, parse_head, prune, read_article, read_freely
from stages.extract.plain import plain_text
from stages.extract.time_limit import TimeIsUp, time_limit
from stages.ledger import LedgerRows, Subject, subjects

#: What the plain extractor is tried on. The other reasons say that there is nothing to be found.
BEYOND_THE_FIRST = frozenset({"too_large", "too_deep", "timed_out", "extractor_error"})


@dataclass(frozen=True, slots=True)
class Settings:
    """How pages are read.

    A page longer than `max_html_chars` (its scripts not counted), nested deeper than `max_depth`, or not read within
    `seconds` goes to the plain extractor. No date after `latest` is believed, nor one after the day of the crawl where
    that is known: a limit from the clock would give another result tomorrow.
    """

    max_html_chars: int = 2_000_000  # measurements.md: pages of 5 MB can take over 30 s; news pages end below 2 MB
    max_depth: int = 250  # the parser drops what lies deeper than 256
    seconds: float = 10.0
    latest: datetime = datetime(2100, 1, 1, tzinfo=UTC)

    def __post_init__(self) -> None:
        if self.max_html_chars < 1:
            raise ValueError(f"max_html_chars must be 1 or more, not {self.max_html_chars}")
        if not 1 <= self.max_depth <= 255:
            raise ValueError(f"max_depth must be between 1 and 255, not {self.max_depth}")
        if self.seconds <= 0:
            raise ValueError(f"seconds must be above 0, not {self.seconds}")
        if self.latest.tzinfo is None:
            raise ValueError(f"latest must say its time zone; {self.latest} does not")


class Reading(NamedTuple):
    """What was read from a page, and what stood in the way. No text: the page yields none."""

    text: str
    metadata: Metadata
    trouble: PageError | None = None
    cues: Sequence[CuedLine] = ()
    doubts: Sequence[Doubt] = ()
    way: str | None = None  # by which a second text was read, where there was a doubt about the first


class Taken(NamedTuple):
    """The text that was taken, what spoke against the first, and the way by which a second was read."""

    text: str
    doubt: Doubt | None = None
    way: str | None = None


def run(documents: pa.Table, settings: Settings) -> Outcome:
    """Every page replaced by its article; a page without one is not carried on."""
    ledger, carried = LedgerRows("extract"), []
    for subject, document in zip(subjects(documents), documents.to_pylist(), strict=True):
        if document["kind"] == "html":
            reading = read_document(document, settings)
            document |= {"text": reading.text, **reading.metadata._asdict()}
            document["cues"] = [cue._asdict() for cue in reading.cues] or None
            _report(reading, subject, ledger)
        if document["text"] or document["kind"] != "html":
            carried.append(document)
    return Outcome(pa.Table.from_pylist(carried, schema=DOCUMENT), ledger.table())


def read_document(document: dict[str, Any], settings: Settings) -> Reading:
    """The article and the metadata of one page; what the source knew about it already is kept."""
    html, known = document["text"], Metadata.known(document)
    ceiling = document["crawled"] or settings.latest
    try:
        with time_limit(settings.seconds):
            return read_whole(html, known, ceiling, settings)
    except TimeIsUp:
        trouble = PageError("timed_out", measured=settings.seconds, limit=settings.seconds)
    except PageError as error:
        trouble = error
    if trouble.reason not in BEYOND_THE_FIRST:
        return Reading("", known, trouble)
    return Reading(plain_text(html), read_metadata(parse_head(html), known, ceiling).metadata, trouble)


def read_whole(html: str, known: Metadata, ceiling: datetime, settings: Settings) -> Reading:
    """The article and the metadata of a page that is fit for the first extractor."""
    tree = read_page(html, settings)
    seen = read_metadata(tree, known, ceiling)  # before the article: that search takes the tree apart
    boxes, beside = boxes_of(tree), articles_beside(tree, seen.heading)
    taken = judged(first_text(tree, len(boxes.page), html, seen, settings), html, seen, settings)
    text, mixed = unmixed(taken.text, beside)
    led = with_lead(text, seen.metadata.title, seen.header, seen.structured)
    metadata = seen.metadata._replace(deck=seen.metadata.deck or led.deck)
    doubts = [doubt for doubt in (taken.doubt, mixed) if doubt is not None]
    return Reading(led.text, metadata, None, cued_lines(led.text, boxes, led.leads), doubts, taken.way)


def first_text(tree: Tree, n_chars: int, html: str, seen: Seen, settings: Settings) -> str:
    """What the first extractor finds; nothing, where the description of the page has the article all the same."""
    try:
        return read_article(tree, n_chars, lambda: read_page(html, settings)).text
    except PageError as error:
        if error.reason != "no_text" or not article_body(seen.structured):
            raise
        return ""


def judged(text: str, html: str, seen: Seen, settings: Settings) -> Taken:
    """A text as extracted, or a better one where something speaks against it."""
    doubt = doubt_about(text, seen.structured)
    if doubt is None:
        return Taken(text)
    ways = {"recall": lambda: read_freely(read_page(html, settings)), "plain": lambda: plain_text(html)}
    second = second_text(text, doubt, seen.structured, ways)
    return Taken(text, doubt) if second is None else Taken(second.text, doubt, second.way)


def read_page(html: str, settings: Settings) -> Tree:
    """The tree of a page, without what no article is in."""
    tree = parse(html, settings.max_html_chars, settings.max_depth)
    prune(tree)
    return tree


def _report(reading: Reading, subject: Subject, ledger: LedgerRows) -> None:
    """A row where a page was read another way than usual, or not at all."""
    for doubt in reading.doubts:
        way = "own_article" if doubt.reason == "several_articles" else reading.way
        ledger.add(subject, "marked", doubt.reason, rule=way, measured=doubt.measured, limit=doubt.limit)
    trouble = reading.trouble
    if trouble is None:
        return
    told = {"after": trouble.detail, "measured": trouble.measured, "limit": trouble.limit}
    if reading.text:
        ledger.add(subject, "marked", "fallback", rule=trouble.reason, **told)
    else:
        ledger.add(subject, "failed", trouble.reason, **told)
