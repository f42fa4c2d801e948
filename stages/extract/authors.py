"""Authors and agencies of an article, from its byline and the structured metadata of its page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from lxml.etree import XPath

from stages.extract.header import AUTHOR_LINK, Header, HeaderLine, is_small_byline, mark_of
from stages.extract.structured_metadata import StructuredMetadata, Tree, is_a, names_in, strings
from stages.shared.agencies import agencies_in
from stages.shared.characters import letters, one_line
from stages.shared.dates import day_matches
from stages.shared.people import (
    BY,
    DEPARTMENT,
    NOUN,
    cjk_byline,
    in_order,
    is_lone_name,
    is_name,
    is_whole,
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
    """The people who wrote an article, and the agencies that its byline credits."""

    authors: list[str]
    wire: list[str]


class Byline(NamedTuple):
    """The parts of a page that may name the authors: tree, structured metadata, header, and texts of the metadata."""

    tree: Tree
    header: Header
    sites: frozenset[str]  # names of the outlet
    stated: list[str]  # names in JSON-LD, those of organizations left out
    tagged: list[str]  # names in meta tags


def find_credits(tree: Tree, structured: StructuredMetadata, header: Header) -> Credits:
    """Find the people who wrote the article, and the agencies; not the outlet, nor an account of its publishing system.

    What readers see comes first where it and the structured metadata name other people: metadata often name the account
    that put the article on the page, or the first of several authors. A name that the metadata shorten to one word is
    completed by the byline.
    """
    given = structured.article.get("author", ())
    stated = [author for author in given if is_a(author, "Person") or not is_a(author, "Organization")]
    tagged = [*structured.tagged(*_AUTHOR_TAGS), *labelled_data(structured)]
    byline = Byline(tree, header, structured.sites | sections_of(structured), stated_names(stated), tagged)
    outlets = outlet_names(structured)
    people = unique(
        n
        for text in stated_names([a for a in stated if is_a(a, "Person")])
        for n in split_names(text, outlets, lone=True)
    )
    places = (byline.stated, *(structured.tagged(tag) for tag in _AUTHOR_TAGS if tag in structured.tags))
    places = (*places, labelled_data(structured))
    others = [unique(name for text in texts for name in split_names(as_named(text), byline.sites)) for texts in places]
    authors = [in_full(name, tree, byline.sites) for name in find_authors(byline, [people, *others])]
    return Credits(authors, agencies_in([*names_in(given), *tagged, *bylines_of(header)]))


def stated_names(authors: Sequence[Any]) -> list[str]:
    """Return the names of authors in JSON-LD, given name first."""
    return [as_named(name) for name in names_in(authors)]


def as_named(text: str) -> str:
    """Return the name in a text as metadata give it: family name first, or after an address of mail.

    >>> as_named("Lindqvist, Ana"), as_named("ana@vellen.example (Ana Lindqvist)")
    ('Ana Lindqvist', 'Ana Lindqvist')
    """
    sender = _SENDER.fullmatch(text)
    family, _, given = text.partition(", ")
    is_turned = " " not in family and _GIVEN.fullmatch(given)
    return sender[1] if sender else in_order(text) if is_turned else text


_SENDER = re.compile(r"\S+@\S+\s+\(([^)]+)\)")
_GIVEN = re.compile(r"[^\W\d_]+(?: [^\W\d_]\.?)?")


def labelled_data(structured: StructuredMetadata) -> list[str]:
    """Return the names in the two labelled texts that a page gives for cards, where the label is that of an author."""
    pairs = zip(structured.tagged(*_CARD_LABELS), structured.tagged(*_CARD_DATA), strict=False)
    return [name for label, name in pairs if _CARD_LABEL.match(label)]


_CARD_LABELS, _CARD_DATA = ("twitter:label1", "twitter:label2"), ("twitter:data1", "twitter:data2")
_CARD_LABEL = re.compile(
    rf"(?:(?:written|geschrieben|verfasst|escrito|écrit|scritto|skrevet|skriven)\s+)?(?:{BY})\W*$", re.I
)


def sections_of(structured: StructuredMetadata) -> frozenset[str]:
    """Collect the names of the sections that an article stands in: at times they are where an author should be."""
    stated = strings(structured.article.get("articleSection"))
    named = [*stated, *structured.tagged("article:section", "parsely-section", "section", "og:article:section")]
    return frozenset(letters(part) for text in named for part in (text, *text.split(",")))


_ARTICLE_FIRST = re.compile(r"(?i)(?:le|la|el|il|the|der|die|das|o|de|het)\s")


def outlet_names(structured: StructuredMetadata) -> frozenset[str]:
    """Collect the names of the site that no person has: those of two words and more that begin with an article."""
    named = [*structured.tagged("og:site_name"), *names_in(structured.article.get("publisher"))]
    return frozenset(letters(name) for name in named if _ARTICLE_FIRST.match(name))


def find_authors(byline: Byline, stated: Sequence[list[str]]) -> list[str]:
    """Find the authors: shown or stated in full, then marked, then labelled, then those that go by one word.

    `stated` are the names that structured metadata give, surest place first. Searches of the whole page run only while
    nobody is named.
    """
    shown = shown_names(byline.header, byline.sites)
    authors = reconciled([shown, *stated])
    if shown or any(map(is_whole, authors)):
        return authors
    marked = _BYLINES(byline.tree.getroottree())
    return (
        reconciled([authors, marked_names(marked, byline.sites)])
        or labelled_names(byline.tree, byline.sites)
        or names_set_apart(byline.header, byline.sites)
        or lone_name(marked, byline)
    )


def in_full(name: str, tree: Tree, sites: frozenset[str] = frozenset()) -> str:
    """Complete a first name where the page always gives it with the same other name.

    >>> from lxml.html import document_fromstring
    >>> in_full("Ana", document_fromstring("<div><p>By Ana</p><p>Ana Lindqvist writes about harbours.</p></div>"))
    'Ana Lindqvist'
    """
    if " " in name or len(name) < _MIN_FIRST_NAME or not name[0].isupper() or letters(name) in sites:
        return name
    following = re.findall(rf"(?<!\w){re.escape(name)}[ \xa0](?=([^\W\d_]+))", " ".join(tree.itertext()))
    others = {word for word in following if word != name and is_name(f"{name} {word}")}
    return f"{name} {others.pop()}" if len(others) == 1 else name


_MIN_FIRST_NAME = 3  # letters; shorter ones are initials


def reconciled(named: Sequence[list[str]]) -> list[str]:
    """Choose the names to believe of those that several places of a page give, surest place first.

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
    """Tell if one list of names holds all of another and more: more people, or whole names for first names."""
    if len(larger) < len(smaller):
        return False
    whole = [name for name in larger if is_whole(name)]
    held = [any(same_person(one, other) for other in larger) for one in smaller]
    says_more = len(larger) > len(smaller) or not all(map(is_whole, smaller))
    return all(held) and says_more and len(whole) == len(larger)


def shown_names(header: Header, sites: frozenset[str]) -> list[str]:
    """Return the names in the first line near the heading that is a byline by its words or its marks.

    What says "by" right below the heading is no teaser's, whatever class its box has.
    """
    nearest = [*header.after, *reversed(header.before)]
    below = {id(line): after.text for line, after in zip(header.after, header.after[1:], strict=False)}
    for at, line in enumerate(nearest):
        is_first = at == 0 and bool(header.after) and _BY_FIRST.match(line.text) is not None
        marks = line.marks.replace("teaser", "") if is_first else line.marks
        if len(line.text) <= _MAX_BYLINE_CHARS and not is_of_another(marks):
            names = names_in_line(line, below.get(id(line), ""), sites)
            if 0 < len(names) <= _MAX_BYLINE_NAMES:
                return without_places(unique([*names, *names_beside(nearest[at + 1 :], line, sites)]), header)
    return []


def names_beside(lines: Sequence[HeaderLine], first: HeaderLine, sites: frozenset[str]) -> list[str]:
    """Return the names in the lines right after a byline that are marked as it is and hold a name and no more.

    >>> lines = [HeaderLine(text, "li authors") for text in ("@ana", "Tomás Okoro", "Storm", "Mara Quill")]
    >>> names_beside(lines, HeaderLine("Ana Lindqvist", "li authors"), frozenset())
    ['Tomás Okoro']
    """
    found: list[str] = []
    for line in lines[:_MAX_BYLINE_NAMES]:
        bare = _AND_BY_FIRST.sub("", line.text)
        names = split_names(bare, sites) if is_marked(line.marks) else []
        is_name_alone = len(names) == 1 and letters(names[0]) == letters(bare)
        if not is_name_alone and not line.text.startswith("@"):
            break
        found += names if is_name_alone and not is_of_another(line.marks) else []
    return found if is_marked(first.marks) else []


def without_places(names: Sequence[str], header: Header) -> list[str]:
    """Leave out names after the first that the story below has as places.

    >>> story = HeaderLine("The harbour of Port Vellén was closed on Monday after the storm tore two cranes down.", "p")
    >>> without_places(["Ana Lindqvist", "Port Vellén"], Header([], [story]))
    ['Ana Lindqvist']
    """
    if len(names) < 2:
        return list(names)
    prose = " ".join(line.text for line in header.after if len(line.text.split()) >= _MIN_PROSE_WORDS)
    places = {
        name for name in names[1:] if re.search(rf"\b{_AT_PLACES}\s{re.escape(name)}\b|^{re.escape(name)}\b", prose)
    }
    return [name for name in names if name not in places]


#: What a further name begins with, where it stands in a line of its own.
_AND_BY_FIRST = re.compile(rf"(?i)^(?:[,&]|and|und|et|y|e|en|och|og)?\s*(?:{BY}\s+)?")
_MIN_PROSE_WORDS = 12  # of a line below the heading that is prose, and no label or caption
_AT_PLACES = r"(?:in|at|near|from|to|of|aus|nach|bei|à|de|en|a|da|di|i|w|v|op|te|em)"


def names_in_line(line: HeaderLine, below: str, sites: frozenset[str]) -> list[str]:
    """Return the names in a line that is a byline; where it is no more than a label, those in the line below.

    >>> names_in_line(HeaderLine("04.05.2021 - Text: Ana Lindqvist", "p"), "", frozenset())
    ['Ana Lindqvist']
    >>> names_in_line(HeaderLine("By", "p"), "Ana Lindqvist", frozenset())
    ['Ana Lindqvist']
    >>> names_in_line(HeaderLine("Ana Lindqvist", "p"), "", frozenset())
    []
    """
    if cjk := cjk_byline(line.text):
        return cjk
    found: list[str] = []
    for part in byline_parts(without_place(without_first_day(line)), below):
        names = split_names(part, sites)
        if found and not names:
            break
        found += names
    return unique(found) or lower_case_name(line)


def without_first_day(line: HeaderLine) -> HeaderLine:
    """Remove a day and a time of day that a line begins with.

    >>> without_first_day(HeaderLine("Mon 3 May 2021 10:14 Ana Lindqvist", "byline")).text
    'Ana Lindqvist'
    """
    day = next(iter(day_matches(line.text)), None)
    if day is None or len(line.text[: day.start()].split()) > 1:
        return line
    rest = _TIME_FIRST.sub("", line.text[day.end() :])
    return line._replace(text=rest) if rest and rest[0].isupper() else line


_TIME_FIRST = re.compile(
    r"^[\s,|·•–-]*(?:\d\d?[:.h]\d\d(?:\s?[aApP]\.?[mM]\.?|\s?Uhr)?(?:\s[A-Z]{2,5}\b)?)?[\s,|·•–-]*"
)


def without_place(line: HeaderLine) -> HeaderLine:
    """Remove what stands between a name and a day in a line of three parts: a place.

    >>> without_place(HeaderLine("Ana Lindqvist | Port de Vellén | 08/01/2024", "author")).text
    'Ana Lindqvist'
    """
    parts = line.text.split(" | ")
    if len(parts) == _WITH_PLACE and len(day_matches(parts[-1])) == 1 and not _BY_FIRST.match(parts[1]):
        return line._replace(text=parts[0])
    return line


_WITH_PLACE = 3  # parts of a line: name, place and day
_BY_FIRST = re.compile(r"(?i)(?:by|von|par|por)\b")


def lower_case_name(line: HeaderLine) -> list[str]:
    """Return the name in a line that is marked as byline, says "by", and is in small letters.

    >>> [lower_case_name(HeaderLine(text, "div byline")) for text in ("by ana lindqvist", "by our staff")]
    [['Ana Lindqvist'], []]
    """
    small = _SMALL_NAME.fullmatch(line.text) if is_marked(line.marks) else None
    return split_names(small[1].title()) if small else []


_SMALL_NAME = re.compile(r"[Bb]y\s+([a-zà-ÿ]{2,}(?:[ -][a-zà-ÿ]{2,}){1,2})")


def byline_parts(line: HeaderLine, below: str) -> Iterator[str]:
    """Iterate over the parts of a line that may be names: those with a label or after it, all where the line is marked.

    >>> list(byline_parts(HeaderLine("3 May 2021 by Ana Lindqvist | Harbour", "p"), ""))
    ['by Ana Lindqvist', 'Harbour']
    """
    is_byline = is_marked(line.marks)
    for part in _BETWEEN_PARTS.split(_DASHES_FIRST.sub("", line.text)):
        label = _LABELLED.match(part)
        is_label = label is not None and (label[0].rstrip().endswith(":") or _is_by(label[0]) or _is_all(label))
        is_byline = is_byline or is_label
        if is_byline:
            yield below if label and is_label and label.end() == len(part) else part


_DASHES_FIRST = re.compile(r"^[-–—*•\s]+")
#: Boundaries between the parts of a line; a label after a time of day or a year begins a part.
_BETWEEN_PARTS = re.compile(
    r"\s+[-–—]+\s+|\s*[|•·]\s*|(?:(?<=\d)|(?<=Uhr)|(?<=[AaPp][Mm]))\s+(?=(?:by|von|par|por|door|av|af|autore?|author)\b)",
    re.IGNORECASE,
)


def _is_all(label: re.Match[str]) -> bool:
    """Tell if after a label that may be a word of prose there is a whole name and nothing else ("di Ana Lindqvist")."""
    name = label.string[label.end() :].strip()
    return is_whole(name) and is_name(name) and name[0].isupper()


def _is_by(label: str) -> bool:
    """Tell if a label without a colon is one that only names follow ("By", "Von"), and no word of prose."""
    return letters(label).endswith(
        ("by", "von", "par", "por", "door", "av", "af", "oleh", "testodi")
    ) or label.strip() in (
        "Di",
        "De",
        "Da",
    )


_BYLINE_MARK = re.compile(
    rf"{AUTHOR_LINK}|author|byline|autor|auteur|verfasser|redakteur|writer|\bfn\b|firma|autore|\bcite\b|signature|tacgia|tac-gia"
    r"|(?<![a-z])(?:skribent|journalist[ae]?|redact(?:or|eur)|reporter|penulis|contributor|forfatter|giornalista|yazar|szerzo"
    r"|kirjoittaja|toimittaja|columnist|opinionista)s?(?:[-_]?name)?(?![a-z])",
    re.IGNORECASE,
)
_NOT_BY = re.compile(
    r"comment|related|social|share|caption|teaser|blockquote|quote"
    r"|(?:image|img|photo|picture|foto|bild|media|figure|copyright|illustration)\w*[-_]*(?:author|autor|credit|by|source|info|text|legend)",
    re.IGNORECASE,
)


def is_marked(marks: str) -> bool:
    """Tell if the marks of a line call it a byline.

    >>> is_marked("div byline"), is_marked("p")
    (True, False)
    """
    return any(map(_is_byline_mark, marks.split()))


def is_of_another(marks: str) -> bool:
    """Tell if the marks of a line call it the name of a photographer, a commentator or the like.

    >>> is_of_another("span image-author"), is_of_another("p author")
    (True, False)
    """
    return any(map(_is_mark_of_another, marks.split()))


@lru_cache(maxsize=20_000)  # lines have different marks, made of the same words
def _is_byline_mark(word: str) -> bool:
    return _BYLINE_MARK.search(word) is not None


@lru_cache(maxsize=20_000)
def _is_mark_of_another(word: str) -> bool:
    return _NOT_BY.search(word) is not None


#: Elements that may be bylines. No regular expressions: lxml calls Python for every test of one, and trafilatura's
#: search of the same kind takes a fifth of the time of a whole extraction. Looking at attributes rather than at
#: elements finds the same in less than half of the time.
_BYLINES = XPath(
    "//@class[contains(., 'uthor') or contains(., 'yline') or contains(., 'yLine')]/.. | //@id[contains(., 'uthor')]/.."
    " | //@itemprop[contains(., 'author')]/.. | //@rel[.='author']/.."
    " | //@href[contains(., '/author') or contains(., '/autor') or contains(., '/auteur')]/../self::a"
)
_AUTHOR_NAME = re.compile("author[-_]{0,2}name", re.IGNORECASE)
_MAX_BYLINE_CHARS = 120  # of a line that names authors; longer ones are prose
_MAX_BYLINE_NAMES = 6  # more are a list, as of contributors or of all who work there
_NOT_OF_THE_ARTICLE = frozenset(("aside", "nav", "footer", "figure", "form"))


def marked_names(bylines: Sequence[Element], sites: frozenset[str]) -> list[str]:
    """Return the names in the most surely marked element of a page that holds names and little else."""
    for element in sorted(bylines, key=_uncertainty):
        text = one_line(" ".join(element.itertext()))
        names = unique(split_names(text, sites)) if len(text) <= _MAX_BYLINE_CHARS else []
        if 0 < len(names) <= _MAX_BYLINE_NAMES and not _belongs_elsewhere(element):
            return names
    return []


def names_set_apart(header: Header, sites: frozenset[str]) -> list[str]:
    """Return the names in the line right above or below the story that is set in bold or italics and holds no more.

    >>> prose = HeaderLine("The harbour was closed on Monday after the storm tore two cranes from their rails.", "p")
    >>> names_set_apart(Header([], [HeaderLine("Ana Lindqvist/Tomás Okoro", "p strong"), prose]), frozenset())
    ['Ana Lindqvist', 'Tomás Okoro']
    """
    prose = [line for line in header.after if len(line.text.split()) >= _MIN_PROSE_WORDS]
    if not prose:
        return []
    text = " ".join(line.text for line in prose)
    above = header.after[: header.after.index(prose[0])]
    last = last_paragraph(prose[0].element)
    if (signed := names_signed(last, sites)) and not any(name.split()[-1] in text for name in signed):
        return signed
    for line in (*above[-1:], *last_line(last)):
        names = split_names(line.text, sites) if _SET_APART.search(line.marks) else []
        is_all = letters("".join(names)) == letters(line.text)
        if is_all and not any(name.split()[-1] in text for name in names):
            return names
    return []


_SET_APART = re.compile(r"\bp (?:strong|b|em|i)\b(?: (?:strong|b|em|i)\b)*$")


def last_paragraph(element: Element) -> Element:
    """Return the last paragraph with a text of the box that holds a given one; None where that is no short line."""
    while element is not None and element.tag != "p":
        element = element.getparent()
    parent = element.getparent() if element is not None else None
    if parent is None:
        return None
    paragraphs = [each for each in parent.iterchildren("p", "footer") if one_line(each.text_content())]
    is_short = len(paragraphs) >= _MIN_PARAGRAPHS and len(paragraphs[-1].text_content()) <= _MAX_BYLINE_CHARS
    return paragraphs[-1] if is_short else None


def last_line(paragraph: Element) -> list[HeaderLine]:
    """Return the last paragraph of a story as a line, where it is all in bold or italics."""
    if paragraph is None:
        return []
    text = one_line(paragraph.text_content())
    apart = [e for e in paragraph.iter("strong", "b", "em", "i") if one_line(e.text_content()) == text]
    return [HeaderLine(text, f"p {apart[0].tag}")] if apart else []


def names_signed(paragraph: Element, sites: frozenset[str]) -> list[str]:
    """Return the names with which the last paragraph of a story signs it: after a dash, in brackets, or after a label.

    >>> from lxml.html import fragment_fromstring
    >>> lines = ("— Ana Lind", "(Ana Lind)", "Reporting by Ana Lind; Editing by Tomás Okoro", "Ana Lind")
    >>> [names_signed(fragment_fromstring(f"<p>{line}</p>"), frozenset()) for line in lines]
    [['Ana Lind'], ['Ana Lind'], ['Ana Lind'], []]
    """
    signed = _SIGNED.match(one_line(paragraph.text_content())) if paragraph is not None else None
    if signed is None or not signed["mark"] + (signed["label"] or ""):
        return []
    names = split_names(signed["names"].rstrip(" )]+*"), sites)
    return names if letters("".join(names)) == letters(_BETWEEN_SIGNED.sub("", signed["names"])) else []


_SIGNED = re.compile(
    r"^(?P<mark>[-–—(\[]*)\s*(?:(?P<label>reporting by|(?:story|text|written|words) by"
    r"|(?:text|texte|texto|testo|autor|autorin|author)\s*:|By|Von|Par|Por)\s+)?(?P<names>[^;.:]+)(?:[;.].*)?[)\]]*[\s+*]*$",
    re.IGNORECASE,
)
_BETWEEN_SIGNED = re.compile(r"(?i)\b(?:and|und|et|y|e)\b")


_MIN_PARAGRAPHS = 3  # of a story, for its last to be looked at


def _uncertainty(element: Element) -> int:
    """Rate how little the marks of an element say that it is a byline; 0 is the surest."""
    marks, classes = {element.get(name) for name in ("rel", "itemprop", "class", "id")}, element.get("class") or ""
    if marks & {"author", "author name"}:
        return 0
    if _AUTHOR_NAME.search(classes) or AUTHOR_LINK in mark_of(element):
        return _SURE
    return 2 if "yline" in classes or "author" in (element.get("itemprop") or "") else 3


_SURE = 1  # up to here a mark is one of an author and of nothing else


def lone_name(marked: Sequence[Element], byline: Byline) -> list[str]:
    """Return the one word that an author goes by, where nobody is named in full: a first name, initials, a pen name.

    Believed of lines near the heading that say "by" or are marked, of the surest marks, and of structured metadata.
    """
    texts = [*lone_parts(byline.header), *(one_line(" ".join(each.itertext())) for each in marked if is_sure(each))]
    names = [person(text) for text in texts]
    stated = map(person, (*byline.stated, *byline.tagged))
    names += [name for name in stated if name[:1].isupper() or len(name) <= _MAX_INITIALS]
    return next(([name] for name in names if is_lone_name(name, byline.sites)), [])


def lone_parts(header: Header) -> list[str]:
    """Return the parts of lines near a heading that say "by" or link to an author."""
    near = [line for line in (*header.after, *reversed(header.before)) if not is_of_another(line.marks)]
    lines = [line for line in near if len(line.text) <= _MAX_BYLINE_CHARS]
    return [
        part for line in lines for part in byline_parts(line, "") if AUTHOR_LINK in line.marks or _BY_ONE.match(part)
    ]


_BY_ONE = re.compile(
    r"(?:(?:geschrieben|verfasst|erstellt|written|posted|published) )?(?:by|von|par|por|door|av|af)\b", re.IGNORECASE
)
_MAX_INITIALS = 4  # letters of initials, which may be small


def is_sure(element: Element) -> bool:
    """Tell if an element is marked as an author's name and nothing else, and is part of the article."""
    in_footer = any(outer.tag == "footer" for outer in element.iterancestors())
    return _uncertainty(element) <= _SURE and not in_footer and not _belongs_elsewhere(element)


def _belongs_elsewhere(element: Element) -> bool:
    """Tell if an element is within a box beside the article, or in somebody's comment."""
    for outer in (element, *element.iterancestors()):
        marks = f"{outer.get('class') or ''} {outer.get('id') or ''}"
        if "comment" in marks.casefold() or outer.tag == "blockquote":
            return True
        if outer.tag in _NOT_OF_THE_ARTICLE and not (is_small_byline(outer) or is_own_footer(outer)):
            return True
    return is_of_another(mark_of(element))


def is_own_footer(element: Element) -> bool:
    """Tell if an element is the foot of an article, and not that of the page: it may name the author."""
    return element.tag == "footer" and any(outer.tag == "article" for outer in element.iterancestors())


_LABEL_OF_NAMES = re.compile(
    rf"^\W*(?:(?P<sure>{NOUN}\b|(?:geschrieben|verfasst|erstellt) von|(?:written|posted) by|écrit par|escrito por"
    r"|scritto da)|text|von|by|par)\s*(?P<colon>:?)\s*(?P<names>.*)$",
    re.IGNORECASE,
)


_LABEL_STARTS = frozenset("aAeEgGpPsStTvVbBwW(/|-–—:")


def labelled_names(tree: Tree, sites: frozenset[str]) -> list[str]:
    """Return the names after the first label of a page such as "Author:" or "Text:", on its line or on the next."""
    is_below_label = False
    for text in map(str.strip, tree.itertext()):
        if not text or not (is_below_label or may_be_label(text)):
            continue
        label = label_of(text)
        named = after_label(label)
        part = named if named is not None else text if is_below_label else ""
        if part and len(part) <= _MAX_BYLINE_CHARS:
            names = split_names(part, sites)
            if 0 < len(names) <= _MAX_BYLINE_NAMES and not is_quotation(text, tree):
                return names
        is_below_label = label is not None and not label["names"]
    return []


def is_quotation(text: str, tree: Tree) -> bool:
    """Tell if a text is part of a quotation, such as a post of a social network that the page shows."""
    return any(text in "".join(quotation.itertext()) for quotation in tree.iter("blockquote", "q"))


def label_of(text: str) -> re.Match[str] | None:
    """Match a label of names at the beginning of a text that is short enough for a byline."""
    return _LABEL_OF_NAMES.match(" ".join(text.split())) if may_be_label(text) else None


def may_be_label(text: str) -> bool:
    """Tell if a text is short enough for a byline and begins as labels do."""
    return text[0] in _LABEL_STARTS and len(text) <= _MAX_BYLINE_CHARS


def after_label(label: re.Match[str] | None) -> str | None:
    """Return the text after a label, empty where nothing follows; None where a word is no label."""
    if label is None or not (label["colon"] or label["sure"] or not label["names"]):
        return None
    return label["names"]


def bylines_of(header: Header) -> list[str]:
    """Return the lines near a heading that name the author of the article or its source."""
    short = [line for line in (*header.after[:8], *header.before[-3:]) if len(line.text) <= _MAX_BYLINE_CHARS]
    near = [line for line in short if not is_of_another(line.marks)]
    return [line.text for line in near if is_marked(line.marks) or _LABELLED.match(line.text) or _is_source(line)]


def _is_source(line: HeaderLine) -> bool:
    return re.match(r"(?i)(?:source|quelle|fuente|fonte|bron)\b", line.text) is not None
