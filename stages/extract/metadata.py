"""What a page says about its article: address, title, authors, time of publication, language.

Where a page says a thing in several places, the order is: what the source knew, JSON-LD, meta tags (OpenGraph among
them), the markup of the page; for dates htmldate comes last, for authors trafilatura's search for bylines. The last two
are the dear ones (a third of the time of an extraction), so they run only where all others are silent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from html import unescape
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from htmldate import find_date
from lxml.etree import LxmlError, XPath

Tree = Any  # lxml ships no type information
Node = dict[str, Any]  # one thing described in JSON-LD

_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # no news page is older than the web

_ARTICLE_TYPES = re.compile(r"(?:Article|Posting|Report|Review)$")
_PAGE_TYPES = re.compile(r"(?:WebPage|VideoObject|ItemPage)$")

_TITLE_TAGS = ("og:title", "twitter:title", "headline", "dc.title", "parsely-title", "sailthru.title", "title")
_SITE_TAGS = ("og:site_name", "application-name", "twitter:app:name:iphone", "dc.publisher", "publisher")
_AUTHOR_TAGS = (
    *("author", "article:author", "parsely-author", "sailthru.author", "byl", "dc.creator", "dcterms.creator"),
    *("citation_author", "dcsext.author", "og:article:author", "authors"),
)
_DATE_TAGS = (
    *("article:published_time", "og:article:published_time", "og:published_time", "datepublished", "published_time"),
    *(
        "parsely-pub-date",
        "sailthru.date",
        "pubdate",
        "publishdate",
        "publish-date",
        "publication_date",
        "publish_date",
    ),
    *("article.published", "cxenseparse:recs:publishtime", "rnews:datepublished", "citation_publication_date"),
    *("dc.date.issued", "dcterms.issued", "dc.date", "dcterms.created", "dcterms.date", "date"),
)


class Metadata(NamedTuple):
    """The columns of a document that its page can fill."""

    url: str | None = None
    title: str | None = None
    authors: list[str] | None = None
    published: datetime | None = None
    language: str | None = None

    @classmethod
    def known(cls, document: dict[str, Any]) -> Metadata:
        """What the source knew about a document; an empty value is no knowledge."""
        return cls(**{name: document[name] or None for name in cls._fields})


class Described(NamedTuple):
    """The structured part of a page: its meta tags by name, its JSON-LD, and the names its site goes by."""

    tags: dict[str, list[str]]
    article: Node
    sites: frozenset[str]


def read_metadata(tree: Tree, known: Metadata, ceiling: datetime) -> Metadata:
    """`known`, completed by what the page says. No date after `ceiling` (and a day, for time zones) is believed."""
    described = describe(tree, known.url)
    return Metadata(
        url=known.url or find_url(tree, described),
        title=known.title or find_title(tree, described),
        authors=known.authors or find_authors(tree, described),
        published=known.published or find_published(tree, described, known.url, ceiling + timedelta(days=1)),
        language=known.language or find_language(tree, described),
    )


def describe(tree: Tree, url: str | None) -> Described:
    """Read the structured part of a page once, for all that look into it."""
    tags = meta_tags(tree)
    article = main_article(list(linked_data(tree)))
    names = [*(value for name in _SITE_TAGS for value in tags.get(name, ())), *_names(article.get("publisher"))]
    host = host_of(url or "")
    domain = [host, host.rpartition(".")[0]]
    return Described(tags, article, frozenset(filter(None, map(letters, names + domain))))


def host_of(url: str) -> str:
    """The host of an address, nothing where there is none.

    >>> host_of("https://www.vellen-times.example/2021/storm"), host_of("http://[storm")
    ('vellen-times.example', '')
    """
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def meta_tags(tree: Tree) -> dict[str, list[str]]:
    """The contents of the meta tags of a page by name, property or itemprop, in their order."""
    tags: dict[str, list[str]] = {}
    for tag in tree.iter("meta"):
        name, content = tag.get("property") or tag.get("name") or tag.get("itemprop"), tag.get("content")
        if name and content and not content.isspace():
            tags.setdefault(name.strip().lower(), []).append(one_line(content))
    return tags


def linked_data(tree: Tree) -> Iterator[Node]:
    """The things that the JSON-LD of a page describes, outermost first; data that does not parse describes nothing."""
    for script in tree.iter("script"):
        if "ld+json" in (script.get("type") or "") and script.text:
            yield from parse_linked_data(script.text)


def parse_linked_data(text: str) -> Iterator[Node]:
    """The things in one piece of JSON-LD, graphs and lists opened.

    >>> [node.get("@type") for node in parse_linked_data('{"@graph": [{"@type": "WebPage"}, {"@type": "Article"}]}')]
    [None, 'WebPage', 'Article']
    """
    try:
        data = json.loads(text.strip().removesuffix(";"), strict=False)
    except (ValueError, RecursionError):
        return
    waiting = [data]
    while waiting:
        here = waiting.pop(0)
        if isinstance(here, list):
            waiting = here + waiting
        elif isinstance(here, dict):
            yield here
            waiting = [here[key] for key in ("@graph", "mainEntity", "mainEntityOfPage") if key in here] + waiting


def main_article(nodes: list[Node]) -> Node:
    """The article among the things described, else the page; its authors looked up where they are only referred to."""
    for types in (_ARTICLE_TYPES, _PAGE_TYPES):
        for node in nodes:
            if any(types.search(t) for t in as_list(node.get("@type")) if isinstance(t, str)):
                by_id = {n["@id"]: n for n in nodes if isinstance(n.get("@id"), str)}
                authors = [_resolved(author, by_id) for author in as_list(node.get("author"))]
                return {**node, "author": authors}
    return {}


def _resolved(author: Any, by_id: dict[str, Node]) -> Any:
    if isinstance(author, dict) and isinstance(author.get("@id"), str) and not author.get("name"):
        return by_id.get(author["@id"], author)
    return author


def as_list(value: Any) -> list[Any]:
    """JSON-LD gives one thing bare and several in a list: always the list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _strings(value: Any) -> list[str]:
    return [one_line(text) for text in as_list(value) if isinstance(text, str) and text.strip()]


def _names(value: Any) -> list[str]:
    """The names of things in JSON-LD, given as text or as things."""
    found = []
    for thing in as_list(value):
        found += _strings(thing.get("name") if isinstance(thing, dict) else thing)
    return found


def one_line(text: str) -> str:
    """`text` without entities and line breaks.

    >>> one_line(" Floods &amp; storms:\\n what now? ")
    'Floods & storms: what now?'
    """
    return " ".join(unescape(text).split())


def letters(text: str) -> str:
    """`text` for comparing: letters and digits alone, case folded.

    >>> letters("The Port-Vellén Times!")
    'theportvelléntimes'
    """
    return "".join(c for c in text.casefold() if c.isalnum())


# Address and language


def find_url(tree: Tree, described: Described) -> str | None:
    """The address that the page calls its own."""
    links = [link.get("href") for link in tree.iter("link") if (link.get("rel") or "").lower() == "canonical"]
    for url in [*links, *described.tags.get("og:url", ())]:
        if url and re.match(r"https?://[^/\s]+\.[^\s]+$", url.strip()):
            return str(url.strip())
    return None


def find_language(tree: Tree, described: Described) -> str | None:
    """The language that the page says it is in, as a code of two or three letters."""
    said = [tree.get("lang"), *_strings(described.article.get("inLanguage")), *described.tags.get("og:locale", ())]
    for text in said:
        if text and (code := re.match(r"([a-z]{2,3})(?![a-z])", text.strip().lower())):
            return code[1]
    return None


# Title

_MIN_SHARED_WORDS = 0.6  # of the shorter of two titles, for them to be two forms of one
_WORD = re.compile(r"\w+")
_SEPARATOR = re.compile(r"\s+[-–—|·•»«:/~]+\s+|\s*[|»]\s*|:\s+")


def find_title(tree: Tree, described: Described) -> str | None:
    """The headline: where the page's heading and its description agree, the shorter form; else the description.

    The heading is what readers saw, while meta titles are worded for search engines; but a heading on its own may be
    the name of a section, and may hold a kicker.
    """
    tagged = [value for name in _TITLE_TAGS for value in described.tags.get(name, ())]
    named = [one_line(title.text_content()) for title in tree.iter("title") if title.getparent().tag == "head"]
    said = _strings(described.article.get("headline")) + tagged + [without_last_part(text) for text in named]
    titles = [title for text in said if (title := without_site(text, described.sites))]
    headings = [text for heading in tree.iter("h1") if (text := one_line(" ".join(heading.itertext())))]
    for title in titles:
        heading = max(headings, key=lambda text: _shared_words(text, title), default="")
        if same_title(heading, title):
            return title if letters(title) != letters(heading) and letters(title) in letters(heading) else heading
    return next(iter(titles + headings), None)


def without_last_part(title: str) -> str:
    """The title of a page without what comes after its last separator, where that is the shorter part by far.

    >>> without_last_part("Harbour of Port Vellén closed after storm | Coast Agency")
    'Harbour of Port Vellén closed after storm'
    >>> without_last_part("Harbour closed - what now?")
    'Harbour closed - what now?'
    """
    breaks = list(_SEPARATOR.finditer(title))
    if not breaks or len(title[: breaks[-1].start()].split()) < 2 * len(title[breaks[-1].end() :].split()):
        return title
    return title[: breaks[-1].start()]


def without_site(title: str, sites: frozenset[str]) -> str:
    """`title` without the name of its site before or after it; nothing where it is the name alone.

    >>> without_site("Harbour closed - News | The Vellén Times", frozenset({"thevelléntimes"}))
    'Harbour closed - News'
    >>> without_site("The Vellén Times", frozenset({"thevelléntimes"}))
    ''
    """
    if letters(title) in sites:
        return ""
    breaks = list(_SEPARATOR.finditer(title))
    for mark in breaks:
        if letters(title[mark.end() :]) in sites:
            return title[: mark.start()].strip()
        if letters(title[: mark.start()]) in sites:
            return title[mark.end() :].strip()
    return title.strip()


def same_title(one: str, other: str) -> bool:
    """Are these two forms of one title?

    >>> same_title("Harbour closed after storm", "Storm: Harbour closed - Port Vellén")
    True
    >>> same_title("News", "Harbour closed after storm")
    False
    """
    first, second = letters(one), letters(other)
    shorter, longer = sorted((first, second), key=len)
    if shorter and shorter in longer and len(shorter) * 4 >= len(longer):
        return True
    fewest = min(len(_WORD.findall(one)), len(_WORD.findall(other)))
    return _shared_words(one, other) >= _MIN_SHARED_WORDS * max(fewest, 3)


def _shared_words(one: str, other: str) -> int:
    return len(set(_WORD.findall(one.casefold())) & set(_WORD.findall(other.casefold())))


# Authors

_BETWEEN_NAMES = re.compile(
    r"\s*[;|/\n•·]\s*|\s*,\s*(?:and\s+|und\s+|et\s+)?|\s+(?:and|und|et|&|y|e|och|og|en)\s+(?=[^\W\d_a-z])"
)
_BEFORE_NAMES = re.compile(
    r"^(?:\w+(?:ed|en|t|é)\s+)?(?:words\s+|text\s*:?\s*)?(?:by|von|par|por|di|door|av|af)\b[\s:]+", re.IGNORECASE
)
_ORGANIZATION = re.compile(
    r"\b(?:GmbH|e\. ?V|AG|SE|KG|Inc|Ltd|LLC|SA|SAS|BV|Verlag|Redaktion|Newsroom|News|Press|Agency|Agencies|Media"
    r"|Foundation|Department|Ministry|Institute?|Stiftung|\w*[Vv]erband|Desk|Team|Group|Magazine?|Zeitung)\b",
    re.IGNORECASE,
)
_NO_NAME = re.compile(r"[@\d<>{}_]|https?:|www\.|\.(?:com|org|net|de)\b", re.IGNORECASE)
_ACCOUNTS = frozenset(
    (
        *("admin", "administrator", "author", "autor", "auteur", "editor", "editors", "editorial", "redaktion"),
        *("redaction", "redaccion", "redazione", "staff", "newsroom", "newsdesk", "webmaster", "wordpress", "user"),
        *(
            "unknown",
            "anonymous",
            "onlineredaktion",
            "staffwriter",
            "staffreporter",
            "none",
            "null",
            "noauthor",
            "follow",
        ),
    )
)


def find_authors(tree: Tree, described: Described) -> list[str] | None:
    """The people that wrote the article; not the outlet, nor an account of its publishing system."""
    said = [author for author in described.article.get("author", ()) if not _is_a(author, "Organization")]
    people = [author for author in said if _is_a(author, "Person")]  # a person may have given a site its name
    tagged = [value for name in _AUTHOR_TAGS for value in described.tags.get(name, ())]
    nobody: frozenset[str] = frozenset()
    for names, sites in ((_names(people), nobody), (_names(said), described.sites), (tagged, described.sites)):
        if found := unique(name for text in names for name in split_names(text, sites)):
            return found
    return byline(tree, described.sites) or None


def _is_a(author: Any, kind: str) -> bool:
    return isinstance(author, dict) and any(kind in str(t) for t in as_list(author.get("@type")))


#: Elements that may be bylines. No regular expressions: lxml calls Python for every test of one, and trafilatura's
#: search of the same kind takes a fifth of the time of a whole extraction. Looking at attributes rather than at
#: elements finds the same in less than half of the time.
_BYLINES = XPath(
    "//@class[contains(., 'uthor') or contains(., 'yline')]/.. | //@id[contains(., 'uthor')]/.."
    " | //@itemprop[contains(., 'author')]/.. | //@rel[.='author']/.."
)
_AUTHOR_NAME = re.compile("author[-_]{0,2}name", re.IGNORECASE)
_MAX_BYLINE_CHARS = 120
_MAX_BYLINE_NAMES = 5
_NOT_OF_THE_ARTICLE = frozenset(("aside", "nav", "footer", "figure", "form"))


def byline(tree: Tree, sites: frozenset[str]) -> list[str]:
    """The names in the first of the most surely marked elements of a page that holds names and little else."""
    for element in sorted(_BYLINES(tree), key=_doubt):
        text = one_line(" ".join(element.itertext()))
        names = unique(split_names(text, sites)) if len(text) <= _MAX_BYLINE_CHARS else []
        names = [name for name in names if " " in name]  # a word alone is as often a button
        if 0 < len(names) <= _MAX_BYLINE_NAMES and not _belongs_elsewhere(element):
            return names
    return []


def _doubt(element: Any) -> int:
    """How little the marks of an element say that it is a byline; 0 is the surest."""
    marks, classes = {element.get(name) for name in ("rel", "itemprop", "class", "id")}, element.get("class") or ""
    if marks & {"author", "author name"}:
        return 0
    if _AUTHOR_NAME.search(classes):
        return 1
    return 2 if "yline" in classes or "author" in (element.get("itemprop") or "") else 3


def _belongs_elsewhere(element: Any) -> bool:
    """Is this within a box beside the article, or in somebody's comment?"""
    return any(
        a.tag in _NOT_OF_THE_ARTICLE or "comment" in f"{a.get('class') or ''} {a.get('id') or ''}".casefold()
        for a in (element, *element.iterancestors())
    )


def split_names(text: str, sites: frozenset[str] = frozenset()) -> list[str]:
    """The names of people in a byline.

    >>> split_names("By Ana Lindqvist and Tomás Okoro, The Vellén Times", frozenset({"thevelléntimes"}))
    ['Ana Lindqvist', 'Tomás Okoro']
    >>> split_names("admin")
    []
    """
    parts = (_BEFORE_NAMES.sub("", part).strip(" .,:-–—") for part in _BETWEEN_NAMES.split(one_line(text)))
    return [name for name in parts if _is_name(name) and letters(name) not in sites | _ACCOUNTS]


def _is_name(text: str) -> bool:
    """Can this be the name of a person? Two to six words, or one with more than an abbreviation's letters."""
    words = text.split()
    if not 3 <= len(text) <= 60 or len(words) > 6 or _NO_NAME.search(text) or _ORGANIZATION.search(text):
        return False
    return text != text.lower() or text.isascii() is False


def unique(names: Iterable[str]) -> list[str]:
    """`names` in their order, each once; case and punctuation make no other name."""
    return list({letters(name): name for name in reversed(list(names))}.values())[::-1]


# Time of publication


def find_published(tree: Tree, described: Described, url: str | None, latest: datetime) -> datetime | None:
    """When the article was published, to the second where the page says so, else midnight UTC of the day."""
    said = [
        *_strings(described.article.get("datePublished")),
        *(value for name in _DATE_TAGS for value in described.tags.get(name, ())),
        *_strings(described.article.get("dateCreated")),
        *(e.get("datetime") or e.get("content") for e in tree.iterfind(".//*[@itemprop='datePublished']")),
    ]
    for text in said:
        moment = parse_time(text or "")
        if moment is not None and _EARLIEST <= moment <= latest:
            return moment
    return parse_time(_day_from_markup(tree, url, latest))


def _day_from_markup(tree: Tree, url: str | None, latest: datetime) -> str:
    """The day as htmldate finds it in the address, the markup and date lines, nothing where it finds none.

    Not by its extensive search, which guesses from any number on a page (on 270 pages 9 wrong days beside 13 right):
    who published first decides which copy is canonical, so a wrong date is worse than none. The last day is handed
    over because htmldate's own is today.
    """
    first, last = _EARLIEST.date().isoformat(), latest.date().isoformat()
    try:
        day = find_date(tree, extensive_search=False, original_date=True, url=url, min_date=first, max_date=last)
        return day or ""
    except (LxmlError, ValueError, TypeError, AttributeError, LookupError, OverflowError):
        return ""  # a page on which the search fails has no date that it can find


def parse_time(text: str) -> datetime | None:
    """A moment in UTC from ISO 8601 or the dates of mail; without a time zone it is taken for UTC.

    >>> parse_time("2021-03-04T00:30:00+01:00").isoformat()
    '2021-03-03T23:30:00+00:00'
    >>> parse_time("2021-03-04").isoformat()
    '2021-03-04T00:00:00+00:00'
    >>> parse_time("last Thursday") is None
    True
    """
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(text.strip())
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError, TypeError, IndexError):
            continue
    return None
