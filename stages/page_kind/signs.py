"""Signs: what speaks for a kind of page, each worth points; the kind with the most points wins if it has enough.

A sign names itself, so that a person can see why a page was called what it is. Signs of one kind are alternatives or
add up; what speaks for a story counts against the kinds that are none. docs/method/page-kinds.md has the table of
figures.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from stages.page_kind import shapes
from stages.page_kind.evidence import PageEvidence, wordings
from stages.shared.page_kinds import page_kind_words, pattern

#: Points from which a page is of another kind than `article`: one sure sign, or several that agree. With 2 twelve of
#: 496 articles were taken for something else, with 4 most pages of a kind are missed (docs/method/page-kinds.md).
ENOUGH = 3.0

#: Types of an article in JSON-LD; with "og:article", which many systems give every page, types that say so weakly.
_NEWS_TYPES = frozenset(
    ("NewsArticle", "ReportageNewsArticle", "AnalysisNewsArticle", "BackgroundNewsArticle", "Article", "BlogPosting",
     "OpinionNewsArticle", "TechArticle", "ReviewNewsArticle")
)  # fmt: skip
_ARTICLE_TYPES = _NEWS_TYPES | {"og:article"}
_INDEX_TYPES = ("CollectionPage", "ProfilePage", "SearchResultsPage", "og:profile")
_OTHER_TYPES = ("AboutPage", "ContactPage", "FAQPage", "Product", "JobPosting", "DefinedTerm", "og:product")
_PLAYED_TYPES = ("VideoObject", "AudioObject", "PodcastEpisode", "RadioEpisode", "TVEpisode", "MusicRecording")
_INDEX_CLASSES = frozenset(("archive", "author", "category", "tag", "search-results", "home", "blog", "search"))
_ERROR_CLASSES = frozenset(("error404", "error-404", "page-404", "error-page", "not-found"))
_THREAD = re.compile(r"t\d+(?:p\d+)?-|(?:viewtopic|showthread|threads?)\b")
#: The first and last paragraphs, where a page may say in its prose, too, of what kind it is, in so many words at most.
_HEAD, _FOOT, _NOTE = 3, 5, 50
_KICKER_LINES = 6  # the first lines, where a section stands above the headline
#: The points for an address, a section and a headline that name a kind.
_BY_ADDRESS = (("opinion", 3), ("press", 3), ("interview", 2), ("gallery", 2), ("liveblog", 2), ("forum", 2))
_BY_SECTION = (("opinion", 3), ("press", 3), ("interview", 2), ("gallery", 2), ("liveblog", 1), ("recipe", 1))
_BY_HEADLINE = (("opinion", 3), ("interview", 2), ("gallery", 2), ("liveblog", 2), ("recipe", 1))


class Sign(NamedTuple):
    """Something that speaks for a kind of page (or against it, with points below zero)."""

    kind: str
    name: str
    points: float


class KindFound(NamedTuple):
    """The kind of a page, its points, and the names of its signs."""

    kind: str
    points: float
    why: str | None


def judge(evidence: PageEvidence) -> KindFound:
    """Return the kind of a page: the one with the most points, if they are enough, else `article`."""
    signs = [sign for look in LOOKS for sign in look(evidence)]
    points = {sign.kind: 0.0 for sign in signs}
    for sign in signs:
        points[sign.kind] += sign.points
    kind = max(points, key=lambda kind: points[kind], default="article")  # the first of equals, in the order of LOOKS
    if points.get(kind, 0.0) < ENOUGH:
        return KindFound("article", 0.0, None)
    return KindFound(kind, points[kind], "+".join(sign.name for sign in signs if sign.kind == kind))


def types(evidence: PageEvidence) -> Iterator[Sign]:
    """Find the kinds that a page's own types name."""
    for kind, names in page_kind_words()["types"].items():
        if evidence.types.intersection(names):
            yield Sign(kind, "type", 3)


def places(evidence: PageEvidence) -> Iterator[Sign]:
    """Find the kinds that the address, the section and the line above the headline name."""
    for kind, points in _BY_ADDRESS if evidence.segments[:-1] else ():
        if any(map(pattern("segments", kind).match, evidence.segments[:-1])):
            yield Sign(kind, "address", points)
    kickers = [one.text.strip(" |>»:-–") for one in evidence.paragraphs[:_KICKER_LINES] if one.words <= 4]
    named = (*evidence.sections, *kickers)
    for kind, points in _BY_SECTION if _may_be("kickers", _BY_SECTION, "\n".join(named)) else ():
        if any(map(pattern("kickers", kind).match, named)):
            yield Sign(kind, "section", points)
    for kind, points in _BY_HEADLINE if _may_be("titles", _BY_HEADLINE, evidence.title) else ():
        if pattern("titles", kind).search(evidence.title):
            yield Sign(kind, "headline", points)


def _may_be(table: str, kinds: Sequence[tuple[str, int]], text: str) -> bool:
    """Tell if a text may hold a wording of some kinds."""
    return bool(text) and wordings(table, *(kind for kind, _ in kinds)).may_be_in(text)


def opinion(evidence: PageEvidence) -> Iterator[Sign]:
    """Find what speaks for an opinion: the outlet's distance from it, and an author who says "I" throughout."""
    ends = [*evidence.paragraphs[:_HEAD], *evidence.paragraphs[-_FOOT:]]
    if any(evidence.lines_with("opinion", ends, _NOTE)):
        yield Sign("opinion", "disclaimer", 3)
    if not shapes.in_first_person(evidence.title, evidence.language):
        return
    yield Sign("opinion", "headline in the first person", 2)
    if shapes.first_person_share(evidence) >= shapes.PERSONAL:
        yield Sign("opinion", "first person", 1)


def interview(evidence: PageEvidence) -> Iterator[Sign]:
    """Find what speaks for an interview: questions with answers, or two speakers in turn."""
    turns = shapes.question_turns(evidence)
    if turns >= shapes.MIN_TURNS:
        yield Sign("interview", "questions", 2)
        if shapes.addressed(evidence):
            yield Sign("interview", "questions to a person", 1)
    if shapes.speaker_turns(evidence) >= shapes.MIN_TURNS:
        yield Sign("interview", "speakers", 3)


def numbered(evidence: PageEvidence) -> Iterator[Sign]:
    """Find what speaks for a list: a headline that counts its items, and numbered ones, or headings, below."""
    counts = shapes.counts_items(evidence.title)
    if counts:
        yield Sign("list", "headline counts", 1)
    if shapes.numbered_headings(evidence) >= shapes.MANY_ITEMS:
        yield Sign("list", "numbered headings", 3)
    elif shapes.numbered_items(evidence) >= shapes.MIN_ITEMS:
        yield Sign("list", "numbered", 2)
    elif counts and shapes.alternating_headings(evidence) >= shapes.MIN_ITEMS:
        yield Sign("list", "headings", 2)


def recipe(evidence: PageEvidence) -> Iterator[Sign]:
    """Find what speaks for a recipe: amounts, and the headings of its parts."""
    units = pattern("amounts", "units")
    begun = (evidence.paragraphs[at] for at in evidence.numbered)
    if sum([one.words <= 12 and bool(units.match(one.text)) for one in begun]) >= 3:
        yield Sign("recipe", "amounts", 2)
    headings = [one.text.strip(" :") for one in evidence.paragraphs if one.words <= 6]
    for name in ("ingredients", "preparation"):
        if any(map(pattern("kickers", name).match, headings)):
            yield Sign("recipe", name, 2 if name == "ingredients" else 1)
    if any(pattern("segments", "recipe").match(segment) for segment in evidence.segments[:-1]):
        yield Sign("recipe", "address", 1)


def liveblog(evidence: PageEvidence) -> Iterator[Sign]:
    """Find what speaks for a live blog: entries that begin with a time of day, in order."""
    entries = shapes.timed_entries(evidence)
    if entries >= shapes.MIN_ENTRIES:
        yield Sign("liveblog", "times of day", 3 if entries >= shapes.MANY_ENTRIES else 2)
    if evidence.live_entries >= shapes.MIN_ENTRIES:
        yield Sign("liveblog", "entries", 2)


def gallery(evidence: PageEvidence) -> Iterator[Sign]:
    """Find what speaks for a gallery: pictures that are counted, and little prose."""
    if shapes.counted_pictures(evidence) >= 3:
        yield Sign("gallery", "counted pictures", 3)
    if evidence.prose_words < 80:
        yield Sign("gallery", "little prose", 1)
    elif evidence.types & _NEWS_TYPES or shapes.longest_prose(evidence) >= 4:
        yield Sign("gallery", "story", -1)


def forum(evidence: PageEvidence) -> Iterator[Sign]:
    """Find what speaks for a forum: headers of posts."""
    posts = sum(1 for _ in evidence.lines_with("post", evidence.paragraphs, 12))
    if posts:
        yield Sign("forum", "posts", min(3, posts))
    if any(_THREAD.match(segment) for segment in evidence.segments):
        yield Sign("forum", "thread", 1)


def press(evidence: PageEvidence) -> Iterator[Sign]:
    """Find what speaks for a press release: its wording at the beginning or the end."""
    outside_prose = (one for one in evidence.paragraphs[_HEAD:] if not one.is_prose)
    head = evidence.lines_with("press", evidence.paragraphs[:_HEAD], _NOTE)
    if any(head) or any(evidence.lines_with("press", outside_prose, 25)):
        yield Sign("press", "wording", 3)


def index(evidence: PageEvidence) -> Iterator[Sign]:
    """Find what speaks for an index page or an archive: links, teasers, pagers. A page with a story is none."""
    if is_story(evidence):
        return
    named = any(pattern("segments", "index").match(segment) for segment in evidence.segments[-2:])
    if named or (evidence.is_page and not evidence.segments and not evidence.is_dated):
        yield Sign("index", "address", 1)
    if evidence.classes & _INDEX_CLASSES and "single" not in evidence.classes:
        yield Sign("index", "classes", 2)
    if evidence.types.intersection(_INDEX_TYPES):
        yield Sign("index", "type", 1)
    if evidence.types & _NEWS_TYPES:
        yield Sign("index", "article type", -3)
    yield from links(evidence)
    yield from teasers(evidence)


def links(evidence: PageEvidence) -> Iterator[Sign]:
    """Find lines that are links: most of the text, or headings without a story between them."""
    if evidence.linked_share >= 0.25:
        yield Sign("index", "links", 2 if evidence.linked_share >= 0.5 else 1)
    if evidence.linked_lines >= 5 and shapes.longest_prose(evidence) <= 2:
        yield Sign("index", "linked headings", 2)


def teasers(evidence: PageEvidence) -> Iterator[Sign]:
    """Find the shape of an index page: teasers cut off, days, pagers, short lines without a story."""
    more = shapes.cut_off(evidence)
    if more >= 3:
        yield Sign("index", "teasers", 2 if more >= 5 else 1)
    days = shapes.dated_lines(evidence)
    if days >= 4:
        yield Sign("index", "days", 2)
    if any(evidence.lines_with("pager", evidence.paragraphs, 14)):
        yield Sign("index", "pager", 1)
    if len(evidence.paragraphs) >= 8 and evidence.prose_words < 0.3 * evidence.words:
        yield Sign("index", "short lines", 1)


def is_story(evidence: PageEvidence) -> bool:
    """Tell if a text holds a story: prose paragraphs one after the other, that make up most of it."""
    return shapes.longest_prose(evidence) >= 4 and evidence.prose_words >= 0.5 * evidence.words


def stub(evidence: PageEvidence) -> Iterator[Sign]:
    """Find what speaks for a page without a text: an error, a consent wall, a player with a few lines."""
    if evidence.classes & _ERROR_CLASSES:
        yield Sign("stub", "classes", 3)
    short = evidence.prose_words <= 50 and evidence.words <= 250
    if short and any(evidence.lines_with("error", evidence.paragraphs, 60)):
        yield Sign("stub", "error", 3)
    if shapes.consent_share(evidence) >= shapes.CONSENT:
        yield Sign("stub", "consent", 3)
    if evidence.words <= 300 and shapes.longest_prose_words(evidence) <= 90:
        yield from played(evidence)
    if evidence.types & _NEWS_TYPES:
        yield Sign("stub", "article type", -2)


def played(evidence: PageEvidence) -> Iterator[Sign]:
    """Find what speaks for a film or a sound with a few lines about it."""
    if evidence.types.intersection(_PLAYED_TYPES) or any(
        name.startswith(("og:video", "og:music")) for name in evidence.types
    ):
        yield Sign("stub", "type", 2)
    wording = sum(1 for _ in evidence.lines_with("player", evidence.paragraphs, 20))
    if wording:
        yield Sign("stub", "player wording", 2 if wording < 3 else 3)
    if evidence.players:
        yield Sign("stub", "player", 1)


def other(evidence: PageEvidence) -> Iterator[Sign]:
    """Find what speaks for a page that is no journalism: its type, its address, no day, no author."""
    if evidence.types.intersection(_OTHER_TYPES):
        yield Sign("other", "type", 2)
    if any(pattern("segments", "other").match(segment) for segment in evidence.segments):
        yield Sign("other", "address", 2)
    if "page" in evidence.classes and not evidence.classes & {"single", "single-post"}:
        yield Sign("other", "classes", 1)
    if evidence.is_page and not evidence.is_dated and not evidence.is_signed:
        yield Sign("other", "no day, no author", 1)
        if "og:website" in evidence.types:
            yield Sign("other", "website", 1)
    if evidence.is_page and not evidence.types & _ARTICLE_TYPES:
        yield Sign("other", "no article type", 1)
    elif evidence.types & _NEWS_TYPES:
        yield Sign("other", "article type", -2)


#: The order decides between kinds of equal points: the surer ones first.
LOOKS: Sequence[Callable[[PageEvidence], Iterator[Sign]]] = (
    types, places, liveblog, recipe, interview, numbered, gallery, forum, press, opinion, stub, index, other,
)  # fmt: skip
