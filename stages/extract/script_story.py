"""Script stories: the article of a page that shows none itself, found in the data of its scripts.

Such a page is drawn in the browser. Its data hold a headline beside a body, in the names and forms of some content
management system: markup, paragraphs, blocks of an editor. What is found is written as the page that a browser would
show, and read as any other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from html import escape, unescape
from typing import Any, NamedTuple

from stages.extract.page import PageError
from stages.extract.script_bodies import ADDRESSES, MAX_LEVELS, TAG, is_prose, markup_of, referred
from stages.extract.script_data import script_values
from stages.extract.titles import n_words, same_title
from stages.shared.characters import letters, one_line

Node = Mapping[str, Any]

#: Names of the fields of articles in data, in small letters and without what says that they are an article's; the
#: surest first.
_HEADLINES = ("headline", "headlines", "title", "hed", "heading", "titletext", "titleplain")
_BODIES = (
    *("body", "bodyhtml", "bodytext", "bodycontent", "content", "contenthtml", "contentelements", "contentblocks"),
    *("text", "textcontent", "html", "fulltext", "maintext", "story", "article", "blocks", "paragraphs", "components"),
    *("elements", "sections", "richtext", "markdown", "contents", "rawcontent", "value"),
)
_AUTHORS = (
    "authors",
    "author",
    "byline",
    "bylines",
    "creator",
    "creators",
    "credits",
    "writers",
    "reporters",
    "contributors",
)
_DATES = (
    *("datepublished", "published", "publishedat", "publisheddate", "publishdate", "publishedon", "publicationdate"),
    *("pubdate", "firstpublished", "firstpublishedat", "firstpublishdate", "displaydate", "date", "datetime"),
    *("publishtime", "timestamp", "createdat", "created", "createddate"),
)
_FIELDS = frozenset((*_HEADLINES, *_BODIES, *_AUTHORS, *_DATES))
_OF_ARTICLE = re.compile(r"^(?:article|story|post|news|page|content)(?=.)")
#: Objects that hold fields of the object around them.
_WITHIN = frozenset(
    ("attributes", "fields", "frontmatter", "metadata", "meta", "data", "head", "header", "node", *_BODIES)
)
#: Keys under which an object keeps the text that it stands for.
_TEXT_KEYS = (
    *("rendered", "basic", "main", "default", "name", "displayname", "fullname", "byline", "text", "title", "value"),
    *("original", "html", "plain", "en", "iso", "date", "by"),
)
#: Objects that are looked at in a page, and levels to which they are nested: pages of news have up to 40,000 and 30.
MAX_OBJECTS, MAX_DEPTH = 200_000, 60


class Story(NamedTuple):
    """An article in the data of a page: its fields, and its body as markup."""

    headline: str
    body: str
    authors: tuple[str, ...] = ()
    published: str | None = None
    address: str | None = None

    @property
    def is_dated_or_signed(self) -> bool:
        """True for what has a day or an author, as articles do and notices do not."""
        return bool(self.authors or self.published)

    def as_page(self, html: str) -> str:
        """Return the page that a browser would show: the head as it is, and the article."""
        facts = {"headline": self.headline, "author": [{"name": name} for name in self.authors]}
        dated = {"datePublished": self.published} if self.published else {}
        data = json.dumps({"@type": "NewsArticle", **facts, **dated}).replace("<", "\\u003c")
        head = _BODY.split(_SCRIPTS.sub("", html[:_MAX_HEAD]), maxsplit=1)[0]
        linked = f'<script type="application/ld+json">{data}</script>'
        return (
            f"{head}{linked}</head><body><article><h1>{escape(self.headline)}</h1>{self.body}</article></body></html>"
        )


_BODY = re.compile(r"</head\s*>|<body\b", re.IGNORECASE)
_SCRIPTS = re.compile(r"<script\b(?![^<>]*ld\+json)[^<>]*>[^<]*+(?:<(?!/script)[^<]*+)*+</script[^<>]*>", re.IGNORECASE)
_MAX_HEAD = 2_000_000


def story_in_scripts(html: str, titles: Sequence[str], url: str | None, *, shows_text: bool) -> Story | None:
    """Find the article in the data of a page; None where there is none. Raises a PageError for several that it may be.

    The page's titles and its address say which one it is. Where a page says neither and shows no text, the only
    article is taken, if it has a day or an author, as notices about cookies have not.
    """
    found = list(dict.fromkeys(story for value in script_values(html) for story in stories_in(value)))
    if named := longest_of_each([story for story in found if is_titled(story, titles) or is_at(story, url)]):
        return max(named, key=lambda story: len(story.body))
    others = longest_of_each([story for story in found if story.is_dated_or_signed])
    if not others or shows_text:
        return None
    if len(others) > 1 or any(n_words(title) >= _HEADLINE_WORDS for title in titles):
        told = f"{len(others)} with another headline" if len(others) == 1 else f"{len(others)}"
        raise PageError("no_text", f"no article in the page, and in the data of its scripts {told}")
    return others[0]


_HEADLINE_WORDS = 5  # of the title of a page, for it to be a headline and no name of a site


def longest_of_each(stories: Iterable[Story]) -> list[Story]:
    """Return the stories, of those with one headline the longest: data hold teasers and forms of one article.

    >>> [len(each.body) for each in longest_of_each([Story("Late", "a"), Story("Late!", "ab"), Story("Shut", "abc")])]
    [2, 3]
    """
    longest: dict[str, Story] = {}
    for story in stories:
        form = letters(story.headline)
        if form not in longest or len(story.body) > len(longest[form].body):
            longest[form] = story
    return list(longest.values())


def is_titled(story: Story, titles: Iterable[str]) -> bool:
    """Tell if a title of the page holds the headline of a story.

    >>> late = Story("Ferry late", "")
    >>> is_titled(late, ["Ferry late | Holm Post"]), is_titled(late, ["Holm Post"])
    (True, False)
    """
    return any(same_title(story.headline, title) for title in titles)


def is_at(story: Story, url: str | None) -> bool:
    """Tell if a story has the address of the page, or a slug that the address ends with.

    >>> is_at(Story("", "", (), None, "/news/ferry-late"), "https://holmpost.example/news/ferry-late/?ref=x")
    True
    >>> is_at(Story("", "", (), None, "late"), "https://holmpost.example/news/ferry-late")
    False
    """
    own = re.split(r"[?#]", story.address or "", maxsplit=1)[0].strip("/")
    page = re.split(r"[?#]", url or "", maxsplit=1)[0].rstrip("/")
    return bool(own) and (page == own or page.endswith(f"/{own}"))


def stories_in(value: Any) -> Iterator[Story]:
    """Iterate over the articles in a value, the outermost first.

    >>> text = "<p>The ferry to Holm was late again. Nobody was told why. The next one sails at six.</p>" * 5
    >>> [each.headline for each in stories_in({"props": {"post": {"title": {"rendered": "Late"}, "body": text}}})]
    ['Late']
    """
    refs = value if isinstance(value, dict) else {}
    waiting: list[tuple[Any, int]] = [(value, 0)]
    seen: set[int] = set()
    while waiting and len(seen) < MAX_OBJECTS:
        each, depth = waiting.pop()
        if id(each) in seen or depth > MAX_DEPTH:
            continue
        seen.add(id(each))
        if isinstance(each, dict) and (story := story_of(each, refs)):
            yield story
        inner = each.values() if isinstance(each, dict) else each
        waiting += [(one, depth + 1) for one in reversed(list(inner)) if isinstance(one, (dict, list))]


def story_of(node: Node, refs: Node) -> Story | None:
    """Return the article that an object is, None for another object."""
    fields = fields_of(node)
    headline = first_text(fields, _HEADLINES)
    if not headline:
        return None
    bodies = (markup_of(fields[name], refs) for name in _BODIES if name in fields)
    body = max(filter(is_prose, bodies), key=len, default="")
    if not body:
        return None
    authors = tuple(dict.fromkeys(name for key in _AUTHORS for name in names_in(fields.get(key), refs)))
    dates = (date_of(fields[key]) for key in _DATES if key in fields)
    places = (node.get(key) for key in ADDRESSES)
    address = next((place for place in places if isinstance(place, str) and place.strip("/")), None)
    return Story(headline, body, authors[:_MOST_AUTHORS], next(filter(None, dates), None), address)


_MOST_AUTHORS = 20


def fields_of(node: Node) -> dict[str, Any]:
    """Return the fields that an object and the objects within it hold, by the plain form of their names.

    >>> fields_of({"storyTitle": "Late", "frontmatter": {"date": "2031-01-04", "title": "Shut"}})["title"]
    'Late'
    """
    found: dict[str, Any] = {}
    inner = (each for key, each in node.items() if isinstance(each, dict) and plain(key) in _WITHIN)
    for each in (node, *inner):
        for key, value in each.items():
            name = plain(key)
            if name in _FIELDS and value not in (None, "", [], {}):
                found.setdefault(name, value)
    return found


def plain(key: str) -> str:
    """Write the name of a field in small letters, without marks and what says that it is an article's.

    >>> plain("articleTitle"), plain("content_elements"), plain("content")
    ('title', 'contentelements', 'content')
    """
    name = re.sub(r"[\W_]", "", key[:60]).lower()
    rest = _OF_ARTICLE.sub("", name)
    return name if name in _FIELDS or rest not in _FIELDS else rest


def first_text(fields: Node, names: Iterable[str]) -> str:
    """Return the first field that is a text on a line."""
    return next((text for name in names if name in fields and (text := line_of(fields[name]))), "")


def line_of(value: Any, depth: int = 1) -> str:
    """Return the text of a field without markup, of an object the one that it stands for; "" for none.

    >>> line_of({"basic": "Ferry <i>late</i> &amp; full"}), line_of([{"text": "Late"}]), line_of(7)
    ('Ferry late & full', 'Late', '')
    """
    if isinstance(value, dict) and depth < MAX_LEVELS:
        small = {key.lower(): each for key, each in value.items()}
        return next((text for key in _TEXT_KEYS if (text := line_of(small.get(key), depth + 1))), "")
    if isinstance(value, list) and len(value) == 1 and depth < MAX_LEVELS:
        return line_of(value[0], depth + 1)
    text = one_line(unescape(TAG.sub("", value))) if isinstance(value, str) and len(value) <= _MAX_LINE else ""
    return text if len(text) <= _MAX_LINE else ""


_MAX_LINE = 500  # characters of a headline or a name


def names_in(value: Any, refs: Node, depth: int = 1) -> Iterator[str]:
    """Iterate over the names that a field of authors holds."""
    value = referred(value, refs)
    if depth > MAX_LEVELS:
        return
    if isinstance(value, list):
        for each in value[:_MOST_AUTHORS]:
            yield from names_in(each, refs, depth + 1)
        return
    if isinstance(value, dict):
        holders = [each for key in _HOLDERS if (each := value.get(key)) and isinstance(each, (dict, list))]
        if holders:
            yield from names_in(holders[0], refs, depth + 1)
            return
        parts = [value.get(key) for key in ("firstName", "lastName")]
        if all(isinstance(part, str) for part in parts):
            value = " ".join(map(str, parts))
    if name := line_of(value):
        yield name


_HOLDERS = ("by", "nodes", "edges", "node", "data", "attributes", "items")


def date_of(value: Any) -> str | None:
    """Return the moment that a field holds, of a number that of seconds or milliseconds since 1970.

    >>> date_of("2031-01-04T10:00:00Z"), date_of(1925632000), date_of(True), date_of("soon")
    ('2031-01-04T10:00:00Z', '2031-01-08T09:46:40+00:00', None, None)
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        seconds = value / 1000 if value > _MOST_SECONDS else value
        return datetime.fromtimestamp(seconds, UTC).isoformat() if _LEAST_SECONDS < seconds < _MOST_SECONDS else None
    text = line_of(value)
    return text if re.search(r"\d{4}", text) else None


_LEAST_SECONDS, _MOST_SECONDS = 10**8, 10**10  # 1973 to 2286
