"""Extract: turns a page of HTML into the text of its article and fills columns from its metadata.

The page is read into blocks, and a judge learned on the pages of many publishers decides of each whether it is story;
where what the page says leaves it in doubt, what trafilatura takes is its most important evidence. Around it: a look at
the page before and after it is parsed, one parse whose tree serves text and metadata alike, a time limit, and a plain
extractor for pages that cannot be finished. Documents that are no pages pass untouched. A page that yields nothing is
a `failed` row that says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pyarrow as pa

from stages.contract import DOCUMENT, Outcome, replace_column
from stages.extract.block_features import Hints, describe, hints_in
from stages.extract.block_judge import (
    LEAST_TAKEN,
    JudgedBlock,
    Judgement,
    is_sure,
    judge,
    judgement_of,
    least_unasked,
    weigh_alone,
)
from stages.extract.blocks import Blocks, read_blocks
from stages.extract.dom_hints import Boxes, HintedLine, boxes_of, hinted_lines
from stages.extract.forums import is_thread, with_posts
from stages.extract.indexed_tree import IndexedTree
from stages.extract.metadata import Metadata, PageMetadata, find_url, read_metadata
from stages.extract.outline import outline_of
from stages.extract.page import PageError, Tree, parse, parse_head, prune, read_article, read_freely
from stages.extract.page_facts import links_in, page_facts
from stages.extract.plain import plain_text
from stages.extract.quality_checks import (
    FailedCheck,
    Neighbours,
    article_body,
    articles_beside,
    failed_check,
    second_text,
    unmixed,
)
from stages.extract.script_story import story_in_scripts
from stages.extract.standfirsts import with_standfirsts
from stages.extract.structured_metadata import read_structured_metadata
from stages.extract.time_limit import PATIENCE as PATIENCE
from stages.extract.time_limit import TimeIsUp, time_limit
from stages.extract.titles import stated_titles
from stages.ledger import LedgerRows, Subject, subjects
from stages.shared.characters import letters

#: Reasons for which the plain extractor is tried. The others say that there is nothing to be found.
BEYOND_THE_FIRST = frozenset({"too_large", "too_deep", "timed_out", "extractor_error"})


#: Characters of story, as judged, without which a page where trafilatura finds none has none: the same number below
#: which trafilatura itself looks for more (its MIN_EXTRACTED_SIZE).
LEAST_ALONE = 250

#: Reasons of this stage in the ledger; docs/reference/tables.md explains each.
REASONS = (
    *("no_text", "too_large", "too_deep", "timed_out", "worker_died", "out_of_memory", "not_html"),
    *("extractor_error", "fallback", "consent_notice", "cut_short", "paywall", "several_articles", "page_block"),
    "script_data",
)


@dataclass(frozen=True, slots=True)
class Settings:
    """Limits for reading pages.

    A page longer than `max_html_chars` (its scripts not counted), nested deeper than `max_depth`, or not read within
    `seconds` of processor time goes to the plain extractor. No date after `latest` is believed, nor one after the day
    of the crawl where that is known: a limit from the clock would give another result tomorrow.
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
    """The text and metadata read from a page, and what went wrong. An empty text: the page yields none."""

    text: str
    metadata: Metadata
    trouble: PageError | None = None
    lines: Sequence[LineEvidence] = ()
    failed: Sequence[FailedCheck] = ()
    way: str | None = None  # by which a second text was read, where the first failed a check
    dropped: Sequence[JudgedBlock] = ()  # what the first extractor took and the judge did not keep
    facts: dict[str, Any] | None = None  # what the page says of its own kind
    shown: str | None = None  # what the page shows where the article was read from its scripts


class LineEvidence(NamedTuple):
    """A line of an article, the hint of the place it stands in, and its probability of being story."""

    line: str
    hint: str | None
    story: float | None


class CheckedText(NamedTuple):
    """The text that was taken, the check that the first one failed, and the way by which a second was read."""

    text: str
    failed: FailedCheck | None = None
    way: str | None = None


def run(documents: pa.Table, settings: Settings) -> Outcome:
    """Replace every page by its article; a page without one is not carried on."""
    ledger = LedgerRows("extract", REASONS)
    if "html" not in documents["kind"].unique().to_pylist():
        return Outcome(documents, ledger.table())
    carried, rows = documents.select(DOCUMENT.names), documents.select(_READ).to_pylist()
    for subject, document in zip(subjects(documents), rows, strict=True):
        if document["kind"] == "html":
            reading = read_document(document, settings)
            document |= {"text": reading.text, **reading.metadata._asdict()}
            document["line_evidence"] = [line._asdict() for line in reading.lines] or None
            document["page_facts"] = reading.facts
            _report(reading, subject, ledger)
    for name in _WRITTEN:
        carried = replace_column(carried, name, [document[name] for document in rows])
    stay = [bool(document["text"]) or document["kind"] != "html" for document in rows]
    return Outcome(carried if all(stay) else carried.filter(pa.array(stay)), ledger.table())


_WRITTEN = ("text", *Metadata._fields, "line_evidence", "page_facts")  # columns
_READ = (*_WRITTEN, "kind", "crawled")


def read_document(document: dict[str, Any], settings: Settings) -> Reading:
    """Read the article and the metadata of one page; what the source knew about it already is kept."""
    html, known = document["text"], Metadata.known(document)
    ceiling = min(document["crawled"] or settings.latest, settings.latest)
    try:
        with time_limit(settings.seconds):
            return read_shown_or_data(html, known, ceiling, settings)
    except TimeIsUp:
        trouble = PageError("timed_out", measured=settings.seconds, limit=settings.seconds)
    except PageError as error:
        trouble = error
    if trouble.reason not in BEYOND_THE_FIRST:
        return Reading("", known, trouble)
    return Reading(plain_text(html), read_metadata(parse_head(html), known, ceiling).metadata, trouble)


class Page(NamedTuple):
    """A page as read before its blocks are judged: its pruned tree, its blocks and its metadata."""

    tree: Tree
    blocks: Blocks
    hints: Hints
    read: PageMetadata
    boxes: Boxes
    beside: Neighbours
    facts: dict[str, Any]


class FirstText(NamedTuple):
    """The text that trafilatura took of a page, why there is none, if so, and if trafilatura was asked at all."""

    text: str = ""
    trouble: PageError | None = None
    asked: bool = True


def look_at(html: str, known: Metadata, ceiling: datetime, settings: Settings) -> Page:
    """Read all that the judgement of a page's blocks and the checks of its text need."""
    tree, players = parse(html, settings.max_html_chars, settings.max_depth)
    blocks, title = read_blocks(tree), tree.findtext(".//title")
    prune(tree)
    indexed, outline = IndexedTree(tree), outline_of(tree)
    read = read_metadata(indexed, known, ceiling)
    boxes, beside = boxes_of(outline), articles_beside(indexed, read.heading)
    facts = page_facts(tree, outline, players, read.structured)
    return Page(tree, blocks, hints_in(read.structured, title), read, boxes, beside, facts)


def read_shown_or_data(html: str, known: Metadata, ceiling: datetime, settings: Settings) -> Reading:
    """Read a page; where it shows next to nothing, the article in the data of its scripts, if there is one."""
    trouble = None
    try:
        shown = read_whole(html, known, ceiling, settings)
    except PageError as error:
        if error.reason != "no_text":
            raise
        shown, trouble = Reading("", known), error
    if len(shown.text) < LEAST_ALONE and "<script" in html.lower():
        head = parse_head(html)
        structured = read_structured_metadata(head, known.url)
        titles = [*stated_titles(head, structured), *filter(None, [shown.metadata.title])]
        url = known.url or find_url(head, structured)
        if story := story_in_scripts(html, titles, url, shows_text=bool(shown.text)):
            read = read_whole(story.as_page(html), known, ceiling, settings)
            return read._replace(shown=shown.text)
    if trouble:
        raise trouble
    return shown


def read_whole(html: str, known: Metadata, ceiling: datetime, settings: Settings) -> Reading:
    """Read the article and the metadata of a page that is fit for the first extractor."""
    page = look_at(html, known, ceiling, settings)
    judgement, taken = judge_blocks(page, html, settings)
    read = page.read
    if is_thread(page.facts["types"], read.metadata.url):
        judgement = with_posts(judgement, page.blocks)
    checked = checked_text(judged_text(page, judgement, taken), html, read, settings)
    text, mixed = unmixed(checked.text, page.beside)
    introduced = with_standfirsts(text, read.metadata.title, read.header, read.structured)
    metadata = read.metadata._replace(deck=read.metadata.deck or introduced.deck)
    hints = hinted_lines(introduced.text, page.boxes, introduced.standfirsts)
    hints = [*hints, *heading_line(introduced.text, read)]
    lines = line_evidence(introduced.text, hints, judgement)
    failed = [check for check in (checked.failed, mixed) if check is not None]
    dropped = [] if checked.way else dropped_blocks(judgement, taken)
    facts = page.facts | links_in(introduced.text, page.boxes)
    return Reading(introduced.text, metadata, None, lines, failed, checked.way, dropped, facts)


def judge_blocks(page: Page, html: str, settings: Settings) -> tuple[Judgement, FirstText]:
    """Judge the blocks of a page by what it says itself; only where that leaves a doubt, ask trafilatura as well.

    The search of trafilatura takes the page's tree apart, and a third of the time of all that is done to a page.
    """
    if not page.blocks.blocks:
        return Judgement([]), first_text(page, html, settings)
    described = describe(page.blocks, page.hints)
    alone = weigh_alone(page.blocks, described)
    if is_sure(page.blocks, alone):
        return judgement_of(page.blocks, described, alone), FirstText(asked=False)
    taken = first_text(page, html, settings)
    return judge(page.blocks, described, taken.text), taken


def heading_line(text: str, read: PageMetadata) -> list[HintedLine]:
    r"""Return the line of an article that is its heading with more than the title, such as a kicker before it.

    >>> page = PageMetadata(Metadata(title="Harbour closed"), None, None, heading_text="Storm Harbour closed")
    >>> heading_line("Storm Harbour closed\nIt rained.", page)
    [HintedLine(line='Storm Harbour closed', hint='headline')]
    """
    said, title = letters(read.heading_text), letters(read.metadata.title or "")
    if not title or title == said or title not in said:
        return []
    return [HintedLine(line, "headline") for line in text.split("\n")[:_TOP_LINES] if letters(line) == said]


_TOP_LINES = 8  # of an article, among which its heading stands


def dropped_blocks(judgement: Judgement, taken: FirstText) -> list[JudgedBlock]:
    """Return the blocks that did not stay though trafilatura took them or, where it was not asked, the story goes on
    below them; none where nothing stayed.
    """
    if not judgement.text:
        return []
    return taken_and_left(judgement, taken.text) if taken.asked else left_amid_story(judgement)


def left_amid_story(judgement: Judgement) -> list[JudgedBlock]:
    """Return the blocks of more than a few words that did not stay between two that did."""
    kept = [at for at, judged in enumerate(judgement.blocks) if judged.keep]
    amid = judgement.blocks[kept[0] : kept[-1]]
    return [each for each in amid if not each.keep and len(each.block.text) >= _A_FEW_WORDS]


def taken_and_left(judgement: Judgement, taken: str) -> list[JudgedBlock]:
    """Return the blocks that trafilatura took and the judge did not keep.

    A block of a few words is one of them only if it is a line of what trafilatura took: a menu's word may stand in any.
    """
    dropped = [judged for judged in judgement.blocks if judged.taken and not judged.keep]
    lines = {letters(line) for line in taken.split("\n")} if dropped else set()
    return [each for each in dropped if len(each.block.text) >= _A_FEW_WORDS or letters(each.block.text) in lines]


_A_FEW_WORDS = 40  # characters


def line_evidence(text: str, hints: Sequence[HintedLine], judgement: Judgement) -> list[LineEvidence]:
    """Collect what the page says of the lines of its article; of lines that are alike the likeliest story counts."""
    hinted = {each.line: each.hint for each in hints}
    story: dict[str, float] = {}
    for judged in judgement.blocks:
        for line in judged.block.line.split("\n"):
            story[line] = max(story.get(line, 0.0), judged.probability)
    lines = dict.fromkeys(text.split("\n"))
    return [LineEvidence(line, hinted.get(line), story.get(line)) for line in lines if line in hinted or line in story]


def first_text(page: Page, html: str, settings: Settings) -> FirstText:
    """Extract the article by trafilatura; return an empty text and why, where it finds none."""
    try:
        return FirstText(read_article(page.tree, len(page.boxes.page), lambda: read_page(html, settings)).text)
    except PageError as error:
        if error.reason != "no_text":
            raise
        return FirstText("", error)


def judged_text(page: Page, judgement: Judgement, taken: FirstText) -> str:
    """Return the story as judged, else what trafilatura took. Raise a PageError where there is too little of either."""
    text = judgement.text or taken.text
    if taken.trouble and len(text) < LEAST_ALONE and not article_body(page.read.structured):
        raise taken.trouble
    return text


def checked_text(text: str, html: str, page: PageMetadata, settings: Settings) -> CheckedText:
    """Return a text as extracted, or a better one where it fails a quality check."""
    failed = failed_check(text, page.structured)
    if failed is None:
        return CheckedText(text)
    ways = {"recall": lambda: read_freely(read_page(html, settings)), "plain": lambda: plain_text(html)}
    second = second_text(text, failed, page.structured, ways)
    return CheckedText(text, failed) if second is None else CheckedText(second.text, failed, second.way)


def read_page(html: str, settings: Settings) -> Tree:
    """Parse a page and remove the elements that no article is in."""
    tree = parse(html, settings.max_html_chars, settings.max_depth).tree
    prune(tree)
    return tree


def _report(reading: Reading, subject: Subject, ledger: LedgerRows) -> None:
    """Add ledger rows for a page that was read another way than usual, or not at all."""
    for check in reading.failed:
        way = "own_article" if check.reason == "several_articles" else reading.way
        ledger.add(subject, "marked", check.reason, rule=way, measured=check.measured, limit=check.limit)
    for judged in reading.dropped:
        limit = LEAST_TAKEN if judged.taken else least_unasked(judged.block)
        found = {"measured": judged.probability, "limit": limit, "before": judged.block.text}
        ledger.add(subject, "cut", "page_block", rule=f"judge:{judged.label}", **found)
    if reading.shown is not None:
        found = {"measured": len(reading.shown), "limit": LEAST_ALONE, "before": reading.shown or None}
        ledger.add(subject, "marked", "script_data", **found)
    trouble = reading.trouble
    if trouble is None:
        return
    facts = {"after": trouble.detail, "measured": trouble.measured, "limit": trouble.limit}
    if reading.text:
        ledger.add(subject, "marked", "fallback", rule=trouble.reason, **facts)
    else:
        ledger.add(subject, "failed", trouble.reason, **facts)
