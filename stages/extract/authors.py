"""Who wrote an article: the people that its byline and its description name, and the agencies that they credit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from lxml.etree import XPath

from stages.extract.structured_metadata import StructuredMetadata, Tree, is_a, names_in
from stages.shared.agencies import agencies_in
from stages.shared.characters import letters, one_line
from stages.extract.header import AUTHOR_LINK, Header, Line, mark_of
from stages.shared.people import (
    BY,
    DEPARTMENT,
    NOUN,
    is_lone_name,
    is_name,
    person,
    same_person,
    split_names,
    unique,
)

Element = Any  # lxml ships no type information

_AUTHOR_TAGS = (
    *("author", "article:author", "article:author_name", "parsely-author", "sailthru.author", "byl", "dc.creator"),
    *("dcterms.creator", "citation_author", "dcsext.author", "og:article:author", "authors", "cxenseparse:author"),
)

#: A byline in so many words: the label stands before the names, or on a line of its own.
_LABELLED = re.compile(
    rf"^(?:(?:\w+(?:ed|en|t|é)|article|story|ein artikel|ein beitrag|artikel|un article|posted)\s+)?"
    rf"(?:{BY}|{DEPARTMENT})\b\s*:?\s*",
    re.IGNORECASE,
)


class Credits(NamedTuple):
    """The people that wrote an article, and the agencies that its byline credits."""

    authors: list[str]
    wire: list[str]


def find_credits(tree: Tree, structured: StructuredMetadata, header: Header) -> Credits:
    """The people that wrote the article; not the outlet, nor an account of its publishing system.

    What readers see comes first where it and the description name other people: descriptions often name the account
    that put the article on the page, or the first of several authors. A name that the description shortens to one
    word is completed by the byline.
    """
    given = structured.article.get("author", ())
    said = [author for author in given if is_a(author, "Person") or not is_a(author, "Organization")]
    people = unique(
        n for text in names_in([a for a in said if is_a(a, "Person")]) for n in split_names(text, lone=True)
    )
    tagged = structured.tagged(*_AUTHOR_TAGS)
    places = (names_in(said), *(structured.tagged(tag) for tag in _AUTHOR_TAGS if tag in structured.tags))
    others = [unique(name for text in texts for name in split_names(text, structured.sites)) for texts in places]
    shown = shown_names(header, structured.sites)
    bylines: list[Element] = []
    authors = reconciled([shown, people, *others])
    if not shown and not any(" " in name for name in authors):
        bylines = _BYLINES(tree)
        authors = reconciled([authors, marked_names(bylines, structured.sites)])
    if not authors:
        authors = labelled_names(tree, structured.sites)
    if not authors:
        authors = lone_name(bylines, header, [*names_in(said), *tagged], structured.sites)
    authors = [in_full(name, tree, structured.sites) for name in authors]
    credited = [*names_in(structured.article.get("author")), *tagged, *bylines_of(header)]
    return Credits(authors, agencies_in(credited))


def in_full(name: str, tree: Tree, sites: frozenset[str] = frozenset()) -> str:
    """A first name as the page gives it in full, where it always gives it with the same other name.

    >>> from lxml.html import document_fromstring
    >>> in_full("Ana", document_fromstring("<div><p>By Ana</p><p>Ana Lindqvist writes about harbours.</p></div>"))
    'Ana Lindqvist'
    """
    if " " in name or len(name) < _MIN_FIRST_NAME or not name[0].isupper() or letters(name) in sites:
        return name
    said = re.findall(rf"(?<!\w){re.escape(name)}[ \xa0](?=([^\W\d_]+))", " ".join(tree.itertext()))
    others = {word for word in said if word != name and is_name(f"{name} {word}")}
    return f"{name} {others.pop()}" if len(others) == 1 else name


_MIN_FIRST_NAME = 3


def reconciled(named: Sequence[list[str]]) -> list[str]:
    """The names to believe, of those that several places of a page give, surest place first.

    >>> reconciled([[], ["Ana"], ["Ana Lindqvist"]])
    ['Ana Lindqvist']
    >>> reconciled([[], ["Ana Lindqvist"], ["Ana Lindqvist", "Tomás Okoro"]])
    ['Ana Lindqvist', 'Tomás Okoro']
    """
    given = [names for names in named if names]
    if not given:
        return []
    best = given[0]
    for other in given[1:]:
        if covers(other, best):
            best = other
    return best


def covers(larger: Sequence[str], smaller: Sequence[str]) -> bool:
    """Does one list of names hold all of another and say more: more people, or whole names for first names?"""
    if len(larger) < len(smaller):
        return False
    whole = [name for name in larger if " " in name]
    held = [any(same_person(one, other) for other in larger) for one in smaller]
    says_more = len(larger) > len(smaller) or any(" " not in name for name in smaller)
    return all(held) and says_more and len(whole) == len(larger)


def shown_names(header: Header, sites: frozenset[str]) -> list[str]:
    """The names in the first line near the heading that is a byline, by its words or by its marks."""
    nearest = [*header.after, *reversed(header.before)]
    below = {id(line): after.text for line, after in zip(header.after, header.after[1:], strict=False)}
    for line in nearest:
        if len(line.text) <= _MAX_BYLINE_CHARS and not _NOT_BY.search(line.marks):
            names = names_in_line(line, below.get(id(line), ""), sites)
            if 0 < len(names) <= _MAX_BYLINE_NAMES:
                return names
    return []


def names_in_line(line: Line, below: str, sites: frozenset[str]) -> list[str]:
    """The names in a line that is a byline; where it is no more than a label, those in the line below.

    >>> names_in_line(Line("04.05.2021 - Text: Ana Lindqvist", "p"), "", frozenset())
    ['Ana Lindqvist']
    >>> names_in_line(Line("By", "p"), "Ana Lindqvist", frozenset())
    ['Ana Lindqvist']
    >>> names_in_line(Line("Ana Lindqvist", "p"), "", frozenset())
    []
    """
    found: list[str] = []
    for said in said_in_byline(line, below):
        names = split_names(said, sites)
        if found and not names:
            break
        found += names
    return unique(found)


def said_in_byline(line: Line, below: str) -> Iterator[str]:
    """The parts of a line that may be names: those with a label, all where the line is marked, and those that follow.

    >>> list(said_in_byline(Line("3 May 2021 by Ana Lindqvist | Harbour", "p"), ""))
    ['by Ana Lindqvist', 'Harbour']
    """
    is_byline = _BYLINE_MARK.search(line.marks) is not None
    for part in _BETWEEN_PARTS.split(line.text):
        label = _LABELLED.match(part)
        is_label = label is not None and (label[0].rstrip().endswith(":") or _is_by(label[0]))
        is_byline = is_byline or is_label
        if is_byline:
            yield below if label and is_label and label.end() == len(part) else part


#: What parts the things of a line, a time of day or a year before a label among it.
_BETWEEN_PARTS = re.compile(
    r"\s+[-–—]+\s+|\s*[|•·]\s*|(?:(?<=\d)|(?<=Uhr)|(?<=[AaPp][Mm]))\s+(?=(?:by|von|par|por|door|av|af|autore?|author)\b)",
    re.IGNORECASE,
)


def _is_by(label: str) -> bool:
    """Is a label without a colon one that only names follow ("By", "Von"), and not a word of prose?"""
    return letters(label).endswith(("by", "von", "par", "por", "door", "av", "af")) or label.strip() in (
        "Di",
        "De",
        "Da",
    )


_BYLINE_MARK = re.compile(
    rf"{AUTHOR_LINK}|author|byline|autor|auteur|verfasser|redakteur|writer|\bfn\b|firma|autore", re.IGNORECASE
)
_NOT_BY = re.compile(r"comment|related|social|share|caption|teaser", re.IGNORECASE)

#: Elements that may be bylines. No regular expressions: lxml calls Python for every test of one, and trafilatura's
#: search of the same kind takes a fifth of the time of a whole extraction. Looking at attributes rather than at
#: elements finds the same in less than half of the time.
_BYLINES = XPath(
    "//@class[contains(., 'uthor') or contains(., 'yline') or contains(., 'yLine')]/.. | //@id[contains(., 'uthor')]/.."
    " | //@itemprop[contains(., 'author')]/.. | //@rel[.='author']/.."
    " | //@href[contains(., '/author') or contains(., '/autor') or contains(., '/auteur')]/../self::a"
)
_AUTHOR_NAME = re.compile("author[-_]{0,2}name", re.IGNORECASE)
_MAX_BYLINE_CHARS = 120
_MAX_BYLINE_NAMES = 6
_NOT_OF_THE_ARTICLE = frozenset(("aside", "nav", "footer", "figure", "form"))


def marked_names(bylines: Sequence[Element], sites: frozenset[str]) -> list[str]:
    """The names in the first of the most surely marked elements of a page that holds names and little else."""
    for element in sorted(bylines, key=_doubt):
        text = one_line(" ".join(element.itertext()))
        names = unique(split_names(text, sites)) if len(text) <= _MAX_BYLINE_CHARS else []
        if 0 < len(names) <= _MAX_BYLINE_NAMES and not _belongs_elsewhere(element):
            return names
    return []


def _doubt(element: Element) -> int:
    """How little the marks of an element say that it is a byline; 0 is the surest."""
    marks, classes = {element.get(name) for name in ("rel", "itemprop", "class", "id")}, element.get("class") or ""
    if marks & {"author", "author name"}:
        return 0
    if _AUTHOR_NAME.search(classes) or AUTHOR_LINK in mark_of(element):
        return _SURE
    return 2 if "yline" in classes or "author" in (element.get("itemprop") or "") else 3


_SURE = 1  # doubt up to which a mark is one of an author and of nothing else


def lone_name(bylines: Sequence[Element], header: Header, said: Sequence[str], sites: frozenset[str]) -> list[str]:
    """The one word that an author goes by, where a page names nobody in full: a first name, initials, a pen name.

    Believed of lines near the heading that say "by" or are marked, of the surest marks, and of the description.
    """
    near = [line for line in (*header.after, *reversed(header.before)) if not _NOT_BY.search(line.marks)]
    lines = [line for line in near if len(line.text) <= _MAX_BYLINE_CHARS]
    shown = [
        part for line in lines for part in said_in_byline(line, "") if AUTHOR_LINK in line.marks or _BY_ONE.match(part)
    ]
    marked = [one_line(" ".join(element.itertext())) for element in bylines if is_sure(element)]
    names = [person(text) for text in (*shown, *marked)]
    names += [name for name in map(person, said) if name[:1].isupper() or len(name) <= _MAX_INITIALS]
    return next(([name] for name in names if is_lone_name(name, sites)), [])


_BY_ONE = re.compile(
    r"(?:(?:geschrieben|verfasst|erstellt|written|posted|published) )?(?:by|von|par|por|door|av|af)\b", re.IGNORECASE
)
_MAX_INITIALS = 4


def is_sure(element: Element) -> bool:
    """Is an element marked as an author's name and nothing else, and part of the article?"""
    return _doubt(element) <= _SURE and not _belongs_elsewhere(element)


def _belongs_elsewhere(element: Element) -> bool:
    """Is this within a box beside the article, or in somebody's comment?"""
    return any(
        a.tag in _NOT_OF_THE_ARTICLE or "comment" in f"{a.get('class') or ''} {a.get('id') or ''}".casefold()
        for a in (element, *element.iterancestors())
    )


_LABEL_OF_NAMES = re.compile(
    rf"^\W*(?:(?P<sure>{NOUN}\b|(?:geschrieben|verfasst|erstellt) von|(?:written|posted) by|écrit par|escrito por"
    r"|scritto da)|text|von|by|par)\s*(?P<colon>:?)\s*(?P<names>.*)$",
    re.IGNORECASE,
)


_LABEL_STARTS = frozenset("aAeEgGpPsStTvVbBwW(/|-–—:")


def labelled_names(tree: Tree, sites: frozenset[str]) -> list[str]:
    """The names after the first label of a page such as "Author:" or "Text:", on its line or on the next."""
    waiting = False
    for piece in tree.itertext():
        text = piece.strip()
        if not text:
            continue
        may_be_label = text[0] in _LABEL_STARTS and len(text) <= _MAX_BYLINE_CHARS
        label = _LABEL_OF_NAMES.match(" ".join(text.split())) if may_be_label else None
        is_label = label and (label["colon"] or label["sure"] or not label["names"])
        said = label["names"] if label and is_label else text if waiting else ""
        if said and len(said) <= _MAX_BYLINE_CHARS:
            names = split_names(said, sites)
            if 0 < len(names) <= _MAX_BYLINE_NAMES:
                return names
        waiting = label is not None and not label["names"]
    return []


def bylines_of(header: Header) -> list[str]:
    """The lines near a heading that name who wrote the article, or where the words come from."""
    near = [line for line in (*header.after[:8], *header.before[-3:]) if len(line.text) <= _MAX_BYLINE_CHARS]
    return [
        line.text for line in near if _BYLINE_MARK.search(line.marks) or _LABELLED.match(line.text) or _is_source(line)
    ]


def _is_source(line: Line) -> bool:
    return re.match(r"(?i)(?:source|quelle|fuente|fonte|bron)\b", line.text) is not None
