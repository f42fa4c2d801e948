"""RSS 0.9x, 1.0 and 2.0, and Atom: a document for each item or entry."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from xml.etree.ElementTree import Element

from pipeline.sources.markup.shapes import NoArticle, Values
from pipeline.sources.markup.text import attribute, first_text, flat, line_of_html, paragraphs, text_of_html
from pipeline.sources.wrapped_addresses import unwrapped

#: Where the text is looked for, the fullest first.
_BODIES = ("content:encoded", "content", "xhtml:body", "body", "fulltext", "full-text", "description", "summary",
           "itunes:summary", "excerpt:encoded")  # fmt: skip
_SHORT = ("description", "summary", "excerpt:encoded")
_DATES = ("pubdate", "published", "issued", "dc:date", "dc:issued", "dc:created", "date", "created", "wp:post_date_gmt",
          "wp:post_date", "updated", "modified")  # fmt: skip
#: Fields of one line, which hold no other field unless their end is missing.
_LINES = frozenset(("title", "link", "guid", "id", "dc:creator", *_DATES))
_FIELDS = frozenset((*_LINES, *_BODIES, "author", "category", "source"))
#: What exports of content management systems hold besides articles.
_NO_POSTS = re.compile(
    r"attachment|nav_menu_item|revision|custom_css|customize_changeset|oembed_cache|user_request|wp_\w+"
)
_UNPUBLISHED = frozenset(("draft", "auto-draft", "trash", "pending", "private", "inherit"))
_BLOGGER = re.compile(r"/kind#(\w+)")
_MAIL = re.compile(r"\s*[^\s@()<>]+@[^\s@()<>]+\s*\(([^()]+)\)\s*|(.*?)\s*<?[^\s@()<>]+@[^\s@()<>]+>?\s*")
#: The element of an export of WordPress that tells who an author is.
AUTHOR = "wp:author"
#: Longest standfirst, in code points; a longer one repeats the article. Chosen by hand.
_LONGEST_DECK = 400


def read(item: Element, around: Mapping[str, str]) -> Iterator[Values | NoArticle]:
    """Read an item of RSS or an entry of Atom."""
    first = _fields_of(item)
    if why := _no_article(item, first):
        yield NoArticle(why)
        return
    name, text = _body(first)
    title = line_of_html(next((flat(first[key]) for key in ("title", "dc:title") if key in first), ""))
    if _says_no_more(text, title, _outlet(first, {})):
        name = text = ""
    address = _address(item, first)
    values: Values = {
        "id": next((flat(first[key]) for key in ("guid", "id") if key in first), attribute(item, "about", "rdf:about")),
        "url": address,
        # A feed whose links lead through a search engine is a search, and no outlet.
        "outlet": _outlet(first, around if unwrapped(address) == address else {}),
        "title": title,
        "authors": _authors(item, first, around),
        "published": next((day for key in _DATES if key in first and (day := flat(first[key]))), ""),
        "text": text,
    }
    if deck := _deck(name, text, first):
        values["deck"] = deck
    yield values


def _fields_of(item: Element) -> dict[str, Element]:
    """Return the first element of each name; those in a title or address that is not closed count too."""
    first: dict[str, Element] = {}
    left = list(reversed(item))
    while left:
        element = left.pop()
        first.setdefault(element.tag, element)
        inside = [each for each in element if each.tag in _FIELDS] if element.tag in _LINES else []
        if inside:
            element[:] = [each for each in element if each.tag not in _FIELDS]
        left += reversed(inside)
    return first


def _no_article(item: Element, first: Mapping[str, Element]) -> str:
    kind, state = (flat(first[key]) if key in first else "" for key in ("wp:post_type", "wp:status"))
    if kind and _NO_POSTS.fullmatch(kind):
        return f"not a post but of the type {kind}"
    if state in _UNPUBLISHED:
        return f"not published: {state}"
    terms = (attribute(each, "term") for each in item.iter("category"))
    blogger = next((found[1] for term in terms if (found := _BLOGGER.search(term))), "post")
    return "" if blogger == "post" else f"not a post but a {blogger}"


def _body(first: Mapping[str, Element]) -> tuple[str, str]:
    """Return the element that holds the fullest text, and the text."""
    for name in _BODIES:
        if name in first and (text := _text(first[name])):
            return name, text
    return "", ""


def _says_no_more(text: str, title: str, outlet: str) -> bool:
    """Return True for a text that is the headline and the outlet again, as feeds of headlines have it.

    >>> _says_no_more("Ferry late  Holm Post", "Ferry late - Holm Post", "Holm Post"), _says_no_more("Late.", "F", "")
    (True, False)
    """
    words, of_title, of_outlet = (_WORD.findall(each.casefold()) for each in (text, title, outlet))
    return bool(of_outlet) and words in (of_title, [*of_title, *of_outlet])


_WORD = re.compile(r"\w+")


def _text(element: Element) -> str:
    """Return the text of an element that holds HTML, as text or as elements."""
    return paragraphs(element) if len(element) else text_of_html(element.text or "").strip()


def _deck(body: str, text: str, first: Mapping[str, Element]) -> str:
    """Return the description beside a full text, unless it is the beginning of it."""
    if body in _SHORT or body == "":
        return ""
    deck = next((" ".join(_text(first[name]).split()) for name in _SHORT if name in first), "")
    begins = deck[:40].rstrip(" .…[]")
    return deck if 0 < len(deck) <= _LONGEST_DECK and begins not in " ".join(text[:4000].split()) else ""


def _address(item: Element, first: Mapping[str, Element]) -> str:
    if "feedburner:origlink" in first:
        return flat(first["feedburner:origlink"])
    links = list(item.iter("link"))
    atom = [each for each in links if each.get("href")]
    best = [each for each in atom if each.get("rel", "alternate") == "alternate"]
    if best:
        return attribute(best[0], "href")
    if written := next((text for each in links if (text := flat(each))), ""):
        return written
    guid = flat(first["guid"]) if "guid" in first and first["guid"].get("ispermalink", "true") != "false" else ""
    found = (guid, attribute(item, "about", "rdf:about"), flat(first.get("id")))
    return next((each for each in found if each.startswith(("http://", "https://"))), "")


def _outlet(first: Mapping[str, Element], around: Mapping[str, str]) -> str:
    source = first.get("source")
    own = (first_text(source, "title") or flat(source)) if source is not None else ""
    publisher = flat(first.get("dc:publisher")) or flat(first.get("dc:source"))
    titles = (text for key, text in around.items() if key in ("channel.title", "feed.title", "rss.title"))
    found = (each for each in (own, publisher, *titles) if each and not each.startswith(("http://", "https://")))
    return line_of_html(next(found, ""))


def authors_of_site(channel: Iterable[Element]) -> dict[str, str]:
    """Return the names of the authors of an export of WordPress, by the names that they log in with."""
    people = [each for each in channel if each.tag == AUTHOR]
    shown = {first_text(each, "wp:author_login"): first_text(each, "wp:author_display_name") for each in people}
    return {f"{AUTHOR}.{login}": name for login, name in shown.items() if login and name}


def _authors(item: Element, first: Mapping[str, Element], around: Mapping[str, str]) -> list[str] | str:
    names = [flat(each) for each in item if each.tag == "dc:creator"]
    names = [around.get(f"{AUTHOR}.{name}", name) for name in names]
    names = names or [first_text(each, "name") or flat(each) for each in item if each.tag == "author"]
    names = names or [flat(first[key]) for key in ("itunes:author", "byline") if key in first]
    kept = [name for each in names if (name := _without_mail(line_of_html(each)))]
    return kept[0] if len(kept) == 1 else kept


def _without_mail(name: str) -> str:
    """Return a name without its address.

    >>> _without_mail("ana@holm.example (Ana Lind)"), _without_mail("Ana Lind <ana@holm.example>"), _without_mail("Ana")
    ('Ana Lind', 'Ana Lind', 'Ana')
    """
    found = _MAIL.fullmatch(name) if "@" in name and len(name) <= _LONGEST_DECK else None
    return name if found is None else (found[1] or found[2] or "").strip()
