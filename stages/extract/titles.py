"""Headline of a page: its heading, reconciled with the titles in its structured metadata."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from lxml.etree import XPath

from stages.extract.structured_metadata import StructuredMetadata, Tree, strings
from stages.shared.characters import UNSPACED, letters, one_line

Element = Any  # lxml ships no type information

_TITLE_TAGS = ("og:title", "twitter:title", "headline", "dc.title", "parsely-title", "sailthru.title", "title")
_MIN_SHARED_WORDS = 0.6  # of the shorter of two titles, for them to be two forms of one
_MIN_LONE_WORDS = 5  # of the only heading of a page, for it to be the headline whatever its description says
_MIN_PART_WORDS = 3  # of a part of a title, for an element that says the same to be the headline
_WORD = re.compile(r"\w+")
_MIN_SECTIONS = 3  # parts of a title, for the shorter ones around the longest to be names of sections and site
_MAX_SEPARATORS = 6  # of a title, that are looked at
_LEADING_DAY = re.compile(r"^(?:\d{1,2}[./]\s?\d{1,2}[./]\s?\d{4}|\d{4}-\d\d-\d\d)\s*(?:[-–—:|]\s*)?(?=\w)")
_SEPARATOR = re.compile(r"\s+[-–—|·•»«:/~]+\s+|\s*[|»｜丨]\s*|:\s+")

#: Parts of a heading that are not the headline: the line above it, and the day.
_KICKER = re.compile(
    r"kicker|dachzeile|oberzeile|spitzmarke|super-?title|over-?line|eyebrow|topline|strapline|roofline|pre-?title|pre-?headline|rubrik|ressort"
    r"|category|breadcrumb|sr-only|visually-?hidden|permalink|cintillo|antetitulo|occhiello|surtitre",
    re.IGNORECASE,
)
_IN_ADDRESSES = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_MAX_HEADING_WORDS = 30  # more are a paragraph in the clothes of a heading
_STORY_CHARS = 150  # of a paragraph that begins the story
_LOWER_HEADINGS = ("h2", "h3", "h4", "strong", "b")


class Headline(NamedTuple):
    """The title of a page, and the element that shows it, where one does."""

    text: str | None
    element: Element = None


class Heading(NamedTuple):
    """An element that may show the title, its text, its text without the kicker, and the letters of elements in it."""

    element: Element
    text: str
    bare: str
    pieces: frozenset[str] = frozenset()


class Stated(NamedTuple):
    """The titles that a page gives beside the one it shows, surest first; the one that JSON-LD and OpenGraph agree on;
    and the words of its address.
    """

    titles: Sequence[str]
    agreed: str | None = None
    slug: str = ""


def find_headline(tree: Tree, structured: StructuredMetadata, url: str | None) -> Headline:
    """Find the headline: the text of the heading that agrees with the structured metadata, else the latter's title.

    The heading is what readers saw, while meta titles are worded for search engines; but a heading on its own may be
    the name of a section, and may hold a kicker.
    """
    headline = headline_shown(tree, structured, url)
    if not headline.text:
        return headline._replace(text=None)
    bare = without_section(headline.text, url or "")
    said = [*meant_titles(structured), *("".join(title.itertext()) for title in tree.iter("title"))]
    is_whole = any(letters(headline.text) in letters(title) for title in said)
    return headline._replace(text=headline.text if is_whole else bare)


def headline_shown(tree: Tree, structured: StructuredMetadata, url: str | None) -> Headline:
    """Find the headline as the page says it, with the name of a section where that stands before it."""
    stated = Stated(stated_titles(tree, structured), agreed_title(structured), slug_of(url or ""))
    firsts = first_headings(tree)
    named = [each for each in firsts if not in_navigation(each.element)]
    sites = structured.sites | sites_of_titles(tree)
    headings = [each for each in named if letters(each.text) not in sites]
    if (agreed := agreed_headline(headings, stated)) is not None:
        return agreed
    if is_alone(headings):
        return shown_lower(tree, meant_titles(structured)) or Headline(headings[0].bare, headings[0].element)
    is_misled = bool(firsts) and not named  # by first headings that are part of the navigation
    may_be_unstated = is_misled or (len(headings) != 1 and not meant_titles(structured))
    if (lower := lower_headline(tree, stated, is_misled, may_be_unstated)) is not None:
        return lower
    shown = first_shown(headings + named)
    return first_stated(stated) or (shown if shown.text else marked_headline(tree))


def sites_of_titles(tree: Tree) -> frozenset[str]:
    """Return the letters of the names that stand after the headline in the title of a page, as a lower heading shows.

    A site may have its own name as first heading, and the headline below it as second.
    """
    whole = [one_line(title.text_content()) for title in tree.iter("title") if title.getparent().tag == "head"]
    breaks = [(title[: mark.start()], title[mark.end() :]) for title in whole for mark in _SEPARATOR.finditer(title)]
    if not breaks:
        return frozenset()
    shown = {letters(joined(read_texts(element))) for element in tree.iter("h2", "h3")}
    return frozenset(
        letters(site) for head, site in breaks if n_words(head) >= _MIN_PART_WORDS and letters(head) in shown
    )


def marked_headline(tree: Tree) -> Headline:
    """Return the first element that is no heading but marked as the headline; one without text where there is none."""
    for element in _MARKED(tree.getroottree()):
        text = joined(read_texts(element))
        if 0 < n_words(text) <= _MAX_HEADING_WORDS and not in_navigation(element):
            return Headline(text, element)
    return Headline(None)


_TITLE_CLASSES = ("headline", "title", "article-title", "entry-title", "post-title", "article-headline")
#: Elements by their item property or by classes that content systems give the headline.
_MARKED = XPath(
    "//@itemprop[.='headline']/.. | //@class["
    + " or ".join(f"contains(concat(' ', ., ' '), ' {name} ')" for name in _TITLE_CLASSES)
    + "]/.."
)


def first_headings(tree: Tree) -> list[Heading]:
    """Return the first headings of a page that hold some text and are no kicker."""
    shown = (heading_of(element) for element in tree.iter("h1") if not is_kicker(element))
    return [each for each in shown if each.text]


def first_stated(stated: Stated) -> Headline | None:
    """Return the surest title of the structured metadata as headline, None where they give none."""
    return Headline(stated.titles[0]) if stated.titles else None


def lower_headline(tree: Tree, stated: Stated, is_misled: bool, may_be_unstated: bool) -> Headline | None:
    """Find the headline in an element that is no first heading: one that shows a title, else one above the story."""
    lower = (stated_above_story(tree, stated) if is_misled else None) or lower_heading(tree, stated.titles)
    if lower is not None:
        return Headline(form_of(lower, stated), lower.element)
    above = headings_above_story(tree) if may_be_unstated else []
    return Headline(above[-1].bare, above[-1].element) if above else None


def shown_lower(tree: Tree, titles: Sequence[str]) -> Headline | None:
    """Return the first heading of a lower level that says what a title of the metadata says; None where none does."""
    forms = {letters(title) for title in titles if n_words(title) >= _MIN_LONE_WORDS}
    for element in tree.iter("h2", "h3") if forms else ():
        text = joined(read_texts(element))
        if letters(text) in forms and not in_navigation(element):
            return Headline(text, element)
    return None


def in_navigation(element: Element) -> bool:
    """Tell if an element is part of a menu, a breadcrumb or the foot of a page: a heading there names no article."""
    for outer in (element, *element.iterancestors()):
        is_named = outer.tag in ("nav", "footer", "aside") or outer.get("role") in ("navigation", "dialog")
        if is_named or is_hidden(outer) or _NAVIGATION.search(f"{outer.get('class') or ''} {outer.get('id') or ''}"):
            return len(one_line(outer.text_content())) <= _MAX_NAVIGATION_CHARS
    return False


def is_hidden(element: Element) -> bool:
    """Tell if the attributes of an element say that readers do not see it."""
    is_marked = element.get("hidden") is not None or element.get("aria-hidden") == "true"
    return is_marked or _HIDDEN.search(element.get("style") or "") is not None


_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
#: A box that is called navigation and holds more text than this has the article in it.
_MAX_NAVIGATION_CHARS = 1500
_NAVIGATION = re.compile(
    r"bread-?_?crumb|(?:^|\s)(?:nav(?:bar|igation)?|menu|modal|cookie[\w-]*|logo|branding|site-?_?(?:title|name|logo|header))(?:\s|$)",
    re.IGNORECASE,
)


def is_alone(headings: Sequence[Heading]) -> bool:
    """Tell if a page has one heading, long enough for a headline whatever its structured metadata say."""
    return len(headings) == 1 and n_words(headings[0].bare) >= _MIN_LONE_WORDS


def n_words(text: str) -> int:
    """Count the words of a text; in scripts without spaces, two characters are taken for one.

    >>> n_words("Storm closes harbour"), n_words("港务局表示九天")
    (3, 4)
    """
    return len(text.split()) + len(UNSPACED.findall(text)) // 2


def first_shown(headings: Sequence[Heading]) -> Headline:
    """Return the first of some headings as headline, one without text where there is none.

    One that is made of links only is that of the site, where there is another.
    """
    own = [each for each in headings if not is_made_of_links(each.element)] or headings
    return Headline(own[0].bare, own[0].element) if own else Headline(None)


def is_made_of_links(element: Element) -> bool:
    """Tell if all text of an element is in links."""
    linked = "".join(letters("".join(link.itertext())) for link in element.iter("a"))
    return bool(linked) and linked == letters("".join(element.itertext()))


def agreed_headline(headings: Sequence[Heading], stated: Stated) -> Headline | None:
    """Return the heading that agrees with a title of the structured metadata, None where none does."""
    for title in stated.titles:
        heading = max(headings, key=lambda each: shared_words(each.text, title), default=None)
        if heading is not None and same_title(heading.text, title):
            return Headline(form_of(heading, stated), heading.element)
    return None


def agreed_title(structured: StructuredMetadata) -> str | None:
    """Return the title that JSON-LD and OpenGraph give alike, letter for letter; None where they differ."""
    linked, opened = (
        [without_site(text, structured.sites) for text in texts]
        for texts in (strings(structured.article.get("headline")), structured.tagged("og:title"))
    )
    forms = {letters(title) for title in opened}
    return next((title for title in linked if title and letters(title) in forms), None)


def meant_titles(structured: StructuredMetadata) -> list[str]:
    """Collect the titles that structured metadata give the article; the title of a page may be that of a section."""
    return strings(structured.article.get("headline")) + structured.tagged(*_TITLE_TAGS)


def stated_titles(tree: Tree, structured: StructuredMetadata) -> list[str]:
    """Collect the titles in the structured metadata of a page, surest first, without the name of the site."""
    named = [one_line(title.text_content()) for title in tree.iter("title") if title.getparent().tag == "head"]
    stated = meant_titles(structured) + [main_part(text) for text in named]
    if cut := [text for text in stated if is_cut_short(text)]:
        whole = [*stated, *(joined(read_texts(element)) for element in tree.iter("h1"))]
        given_whole = {text for text in cut if any(goes_on_from(text, other) for other in whole)}
        stated = [text for text in stated if text not in given_whole]
    return [title for text in stated if (title := without_day(without_site(text, structured.sites)))]


def is_cut_short(title: str) -> bool:
    """Tell if a title ends in the points that stand for its rest.

    >>> is_cut_short("Harbour closed after st..."), is_cut_short("Harbour closed …"), is_cut_short("Harbour closed.")
    (True, True, False)
    """
    return title.rstrip().endswith(("...", "…", "[...]", "[…]"))


def goes_on_from(cut: str, whole: str) -> bool:
    """Tell if a text has the words that another one has points for.

    >>> goes_on_from("Harbour shut...", "Harbour shut after storm"), goes_on_from("So it goes…", "So it goes… | Leaf")
    (True, False)
    """
    begun = cut.rstrip(" .…[]")
    return whole.startswith(begun) and re.match(r"\s?\w", whole[len(begun) :]) is not None


def joined(pieces: Iterable[str]) -> str:
    """Join the pieces of text in a heading: with spaces, but for punctuation and the large first letter of a word.

    >>> joined(["Storm", ": ", "Harbour", " closed", "!"]), joined(["S", "torm closes harbour"])
    ('Storm: Harbour closed!', 'Storm closes harbour')
    """
    return one_line(_WITHIN.sub(lambda found: found[1] or "", _SEAM.join(pieces)).replace(_SEAM, " "))


_SEAM = "\x1f"
_WITHIN = re.compile(
    rf"\x1f+(?=[,.;:!?…»”’)])|(?<={UNSPACED.pattern})\x1f+(?={UNSPACED.pattern})|(?<=[«„“‘(])\x1f+"
    r"|^(\s*[^\W\d_])\x1f+(?=[a-zß-ÿ])"
)


def read_texts(element: Element) -> Iterable[str]:
    """Return the texts in an element without the readings above Japanese words."""
    is_ruby = next(element.iter("ruby"), None) is not None
    texts: Iterable[str] = element.xpath(_WITHOUT_READINGS) if is_ruby else element.itertext()
    return texts


_WITHOUT_READINGS = ".//text()[not(ancestor::rt or ancestor::rp)]"


def heading_of(element: Element) -> Heading:
    """Read an element as a heading."""
    text = without_day(joined(read_texts(element)))
    aside = [part for part in element.iterdescendants() if is_kicker(part) or is_badge(part)]
    bare = text
    for part in aside:
        bare = one_line(bare.replace(one_line(" ".join(part.itertext())), " ", 1)).strip(" :|–-") or text
    pieces = frozenset(letters(" ".join(part.itertext())) for part in element.iterdescendants())
    return Heading(element, text, bare, pieces)


def without_section(title: str, url: str) -> str:
    """Remove the name of a section before a title, which a folder in the address has as well.

    >>> without_section("Press release: Harbour closed", "https://vellen-times.example/press-releases/harbour-closed")
    'Harbour closed'
    >>> without_section("Harbour: what happens now", "https://vellen-times.example/news/harbour-what-happens-now")
    'Harbour: what happens now'
    """
    mark = _SEPARATOR.search(title)
    form = letters(title[: mark.start()]) if mark else ""
    if mark is None or len(form) < _MIN_SECTION_LETTERS:
        return title
    folders = [letters(folder) for folder in re.split(r"[/?#]", url)[3:-1]]
    is_section = any(folder.startswith(form) and len(folder) <= len(form) + _MAX_ENDING for folder in folders)
    return title[mark.end() :] if is_section else title


_MIN_SECTION_LETTERS, _MAX_ENDING = 5, 2  # letters of a name of a section, and of the ending of its plural


def slug_of(url: str) -> str:
    """Join the words of the last part of an address, where it is made of words.

    >>> slug_of("https://vellen-times.example/2021/harbour-closed-after-storm-4711.html"), slug_of("https://x.example/")
    ('harbourclosedafterstorm', '')
    """
    parts = [part for part in re.split(r"[/?#]", url)[3:] if part.count("-") + part.count("_") >= _MIN_PART_WORDS]
    words = re.split(r"[-_.,]+", max(parts, key=len, default="").casefold())
    return "".join(word for word in words if word.isalpha() and word not in ("html", "htm", "php"))


def is_slug(text: str, slug: str) -> bool:
    """Tell if an address gives the words of a text, in the letters that addresses have.

    >>> is_slug("Häfen geschlossen nach Sturm", "haefengeschlossennachsturm")
    True
    """
    if not slug or len(text.split()) <= _MIN_PART_WORDS:
        return False
    folded = letters(text).translate(_IN_ADDRESSES)
    plain = unicodedata.normalize("NFKD", letters(text)).encode("ascii", "ignore").decode()
    return slug in (folded, plain)


def is_kicker(element: Element) -> bool:
    """Tell if a part of a heading is the line above the headline, or the day."""
    return (
        element.tag == "time" or _KICKER.search(f"{element.get('class') or ''} {element.get('id') or ''}") is not None
    )


def is_badge(element: Element) -> bool:
    """Tell if a part of a heading is a badge of a word or two ("Live", "Premium"), or a button."""
    is_named = element.tag in ("button", "svg") or _BADGE.search(element.get("class") or "") is not None
    return is_named and len(" ".join(element.itertext()).split()) <= _MAX_BADGE_WORDS


_BADGE = re.compile(
    r"(?:^|[\s_-])(?:label|badge|flag|premium|pay-?wall|plus-?icon|sponsored)(?:$|[\s_-])", re.IGNORECASE
)
_MAX_BADGE_WORDS = 2  # such as "Live" or "Subscribers only"


def form_of(heading: Heading, stated: Stated) -> str:
    """Choose the form of a title, of those that heading, structured metadata and address give.

    A kicker stays where JSON-LD and OpenGraph both hold it. Else what is within a heading goes only where a title of
    the structured metadata lacks it, and none holds the whole heading.

    >>> form_of(Heading(None, "Coast Harbour closed", "Coast Harbour closed"), Stated(["Harbour closed"]))
    'Harbour closed'
    >>> stated = Stated(["Harbour closed again"], slug="coastharbourclosedagain")
    >>> form_of(Heading(None, "Coast Harbour closed again", ""), stated)
    'Coast Harbour closed again'
    >>> storm, titles = Heading(None, "Storm Harbour closed", "Harbour closed"), ["Storm: Harbour closed"]
    >>> form_of(storm, Stated(titles)), form_of(storm, Stated(titles, titles[0]))
    ('Harbour closed', 'Storm: Harbour closed')
    """
    titles = stated.titles
    forms = [letters(title) for title in titles]
    whole, bare = letters(heading.text), letters(heading.bare)
    if stated.agreed and bare and (is_with_kicker(stated.agreed, bare) or is_made_of(stated.agreed, heading)):
        return stated.agreed
    if bare not in ("", whole) and any(bare in form for form in forms) and not is_kicker_of(heading.bare, titles):
        return heading.bare
    if (piece := own_piece(heading, titles)) is not None:
        return piece
    if whole in forms:
        return set_apart(heading.text, titles[forms.index(whole)])
    return said_within(heading.text, stated)


def is_made_of(title: str, heading: Heading) -> bool:
    """Tell if a title is a kicker, a colon and a headline, and the heading shows both in elements of their own.

    >>> pieces = frozenset({"storm", "harbourclosed"})
    >>> is_made_of("Storm: Harbour closed", Heading(None, "Storm : Harbour closed", "", pieces))
    True
    """
    mark = next(re.finditer(r":\s", title), None)
    is_whole = letters(title) == letters(heading.text)
    return mark is not None and is_whole and letters(title[: mark.start()]) in heading.pieces


def is_kicker_of(text: str, titles: Sequence[str]) -> bool:
    """Tell if a text is what some titles have before a colon, and none of them is made of it alone.

    >>> is_kicker_of("Storm", ["Storm: Harbour closed"]), is_kicker_of("Harbour closed", ["Storm: Harbour closed"])
    (True, False)
    """
    form = letters(text)
    kickers = {letters(title[: mark.start()]) for title in titles for mark in _COLON.finditer(title)}
    return form in kickers and form not in map(letters, titles)


def set_apart(shown: str, said: str) -> str:
    """Return the title as said where it sets apart a kicker that the heading only shows apart, else as shown.

    >>> set_apart("Storm Harbour closed", "Storm: Harbour closed"), set_apart("Storm - harbour", "Storm: harbour")
    ('Storm: Harbour closed', 'Storm - harbour')
    """
    is_plain = " : " in shown or not _SEPARATOR.search(shown)
    return said if _COLON.search(said) and is_plain else shown


def said_within(shown: str, stated: Stated) -> str:
    """Return the title that is within a heading, where no other place of the page says the heading as a whole."""
    titles, whole = stated.titles, letters(shown)
    is_said = any(whole in letters(title) for title in titles) or is_slug(shown, stated.slug)
    if is_cut_short(shown):
        return next((title for title in titles if letters(title).startswith(whole)), shown)
    long_ones = (title for title in titles if n_words(title) >= _MIN_PIECE_WORDS and not is_said)
    within = (title for title in long_ones if letters(title) in whole and not goes_on(shown, title))
    return next(within, shown)


def goes_on(shown: str, title: str) -> bool:
    """Tell if a heading goes on with a sentence after the title that it begins with.

    >>> goes_on("Harbour shut. Mayor: nobody asked", "Harbour shut"), goes_on("Harbour shut Premium", "Harbour shut")
    (True, False)
    """
    rest = shown[len(title) :] if shown.casefold().startswith(title.casefold()) else ""
    return _SENTENCE_END.match(rest) is not None and n_words(rest) >= _MIN_PART_WORDS


_SENTENCE_END = re.compile(r"[.!?…:;–—-]|\s[–—-]\s")


def own_piece(heading: Heading, titles: Sequence[str]) -> str | None:
    """Return the title, or part of one, that a heading holds beside a kicker or the name of the site; None for none."""
    parts = [part for title in titles for part in parts_of(title) if letters(part) in heading.pieces]
    if len({letters(part) for part in parts}) > 1:  # headline and site, both within the heading
        return max(parts, key=len)
    is_said = letters(heading.text) in map(letters, titles)
    candidates = titles if is_said else (*titles, *parts)
    return next((title for title in candidates if is_own_piece(heading, title, letters(title))), None)


def is_own_piece(heading: Heading, title: str, form: str) -> bool:
    """Tell if a title is what one of the elements in a heading holds, or its end with nothing set before it: a kicker
    stands before it.

    >>> science = "Science Observatory opens for four days"
    >>> title, form = "Observatory opens for four days", "observatoryopensforfourdays"
    >>> is_own_piece(Heading(None, science, ""), title, form)
    True
    >>> is_own_piece(Heading(None, science.replace(" ", ": ", 1), ""), title, form)
    False
    >>> is_own_piece(Heading(None, science.replace(" ", ": ", 1), "", frozenset({form})), title, form)
    True
    """
    whole = letters(heading.text)
    if form == whole or n_words(title) < _MIN_PIECE_WORDS or not whole.endswith(form):
        return False
    first = title.split(maxsplit=1)[0]
    before = heading.text[: heading.text.find(first)]
    is_end = n_words(title) > _MIN_PART_WORDS and first in heading.text.split()
    return form in heading.pieces or (is_end and not _SEPARATOR.search(before + " "))


_MIN_PIECE_WORDS = 2  # of an element in a heading that is the headline


_COLON = re.compile(r":\s|\s[–—-]\s")
_MAX_KICKER_WORDS = 8  # of the short line above a headline


def is_with_kicker(title: str, bare: str) -> bool:
    """Tell if a title is a kicker, a colon, and the letters of a headline without it.

    >>> is_with_kicker("Storm: Harbour closed", "harbourclosed"), is_with_kicker("Harbour closed", "harbourclosed")
    (True, False)
    """
    form = letters(title)
    if form == bare or not form.endswith(bare):
        return False
    kicker = next(
        (title[: mark.start()] for mark in _COLON.finditer(title) if letters(title[mark.end() :]) == bare), ""
    )
    return 0 < len(kicker.split()) <= _MAX_KICKER_WORDS


def lower_heading(tree: Tree, titles: Sequence[str]) -> Heading | None:
    """Find the element that shows a title of the structured metadata, or a part of it, where no first heading does."""
    parts = [part for title in titles for part in parts_of(title) if is_large_part(part, title)]
    whole = {letters(title) for title in titles} - {""}
    wanted = whole | {letters(part) for part in parts}
    if not wanted:
        return None
    longest = max(map(len, titles)) * 2
    of_part = None
    for element in tree.iter(*_LOWER_HEADINGS):
        text = one_line(" ".join(element.itertext()))
        if len(text) <= longest and letters(text) in wanted and not in_navigation(element):
            if letters(text) in whole:
                return heading_of(element)
            of_part = element if of_part is None else of_part
    return None if of_part is None else heading_of(of_part)


def is_large_part(part: str, title: str) -> bool:
    """Tell if a part of a title has more than half of its words: less is as well the name of a series or a section."""
    return n_words(part) >= _MIN_PART_WORDS and n_words(part) > n_words(_SEPARATOR.sub(" ", title)) / 2


def headings_above_story(tree: Tree) -> list[Heading]:
    """Return the headings of some words before the first long paragraph of a page."""
    above = []
    for element in tree.iter(*_HEADINGS, "p"):
        text = one_line(" ".join(element.itertext()))
        is_heading = element.tag != "p" and _MIN_LONE_WORDS <= n_words(text) <= _MAX_HEADING_WORDS
        if is_heading and not in_navigation(element):
            above.append(heading_of(element))
        elif element.tag == "p" and len(text) >= _STORY_CHARS:
            break
    return above


def stated_above_story(tree: Tree, stated: Stated) -> Heading | None:
    """Return the first heading before the story that shows a title of the structured metadata, with a kicker or not."""
    forms = {letters(title) for title in stated.titles}
    above = headings_above_story(tree)
    return next((each for each in above if forms & {letters(each.text), letters(each.bare), *each.pieces}), None)


def parts_of(title: str) -> list[str]:
    """Return the parts between any two separators of a title, longest first.

    >>> parts_of("Coast Agency - News » Harbour closed again")
    ['News » Harbour closed again', 'Harbour closed again', 'Coast Agency - News', 'Coast Agency', 'News']
    """
    marks = list(_SEPARATOR.finditer(title))[:_MAX_SEPARATORS]
    starts, ends = [0, *(mark.end() for mark in marks)], [*(mark.start() for mark in marks), len(title)]
    runs = [title[start:end] for start in starts for end in ends if start < end]
    return sorted((run for run in runs if run != title), key=len, reverse=True)


def main_part(title: str) -> str:
    """Return the headline in the title of a page: not the short part at its end, nor sections around a longer part.

    >>> main_part("Coast Agency Vellén - Harbour closed after the first storm - Port - News")
    'Harbour closed after the first storm'
    >>> main_part("Harbour of Port Vellén closed after storm | Coast Agency")
    'Harbour of Port Vellén closed after storm'
    >>> main_part("Harbour closed again | News | Coast Agency")
    'Harbour closed again'
    """
    separators = {mark[0] for mark in _SEPARATOR.finditer(title)}
    parts = re.split(_SEPARATOR, title)
    longest, *others = sorted(parts, key=n_words, reverse=True)
    is_first = longest == parts[0] and all(mark.strip() in _BARS for mark in separators)
    fewest = _MIN_PART_WORDS if is_first else _MIN_LONE_WORDS
    if len(separators) != 1 or len(parts) < _MIN_SECTIONS or n_words(longest) < fewest:
        return without_last_part(title)
    return longest if n_words(longest) > n_words(others[0]) else without_last_part(title)


_BARS = frozenset("|｜丨")  # no sentence has one: what stands before the first is the headline


def without_day(title: str) -> str:
    """Remove a day written before a title.

    >>> without_day("23.01.2031 - Harbour closed after storm"), without_day("1. Mai - Feiertag")
    ('Harbour closed after storm', '1. Mai - Feiertag')
    """
    return _LEADING_DAY.sub("", title)


def without_last_part(title: str) -> str:
    """Remove what comes after the last separator of a title, where that is the shorter part by far.

    >>> without_last_part("Harbour of Port Vellén closed after storm | Coast Agency")
    'Harbour of Port Vellén closed after storm'
    >>> without_last_part("Harbour closed - what now?"), without_last_part("Ferry sinks off Anning: three missing")
    ('Harbour closed - what now?', 'Ferry sinks off Anning: three missing')
    """
    breaks = [mark for mark in _SEPARATOR.finditer(title) if ":" not in mark[0]]
    if not breaks or n_words(title[: breaks[-1].start()]) < 2 * n_words(title[breaks[-1].end() :]):
        return title
    return title[: breaks[-1].start()]


def without_site(title: str, sites: frozenset[str]) -> str:
    """Remove the name of the site before or after a title; empty where it is the name alone.

    >>> without_site("Harbour closed - News | The Vellén Times", frozenset({"thevelléntimes"}))
    'Harbour closed - News'
    >>> without_site("The Vellén Times", frozenset({"thevelléntimes"}))
    ''
    >>> [without_site(f"Harbour closed{end}", frozenset({"leaf"})) for end in ("_Leaf", " [Leaf]")]
    ['Harbour closed', 'Harbour closed']
    """
    if letters(title) in sites:
        return ""
    breaks = list(_SEPARATOR.finditer(title))
    for mark in breaks:
        if letters(title[mark.end() :]) in sites:
            return title[: mark.start()].strip()
        if letters(title[: mark.start()]) in sites:
            return title[mark.end() :].strip()
    tail = next((mark for mark in _BEFORE_SITE.finditer(title) if letters(title[mark.end() :]) in sites), None)
    return title[: tail.start()].strip() if tail and letters(title[: tail.start()]) else title.strip()


#: What stands before the name of a site where no space or nothing but a bracket sets it apart.
_BEFORE_SITE = re.compile(r"\s*(?:[_(\[|–—-]|\s[-–—_|(\[])\s*(?=\w)")


def same_title(one: str, other: str) -> bool:
    """Tell if two texts are forms of one title.

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
    return shared_words(one, other) >= _MIN_SHARED_WORDS * max(fewest, 3)


def shared_words(one: str, other: str) -> int:
    """Count the different words that two texts share.

    >>> shared_words("Storm closes the harbour", "Harbour closed by the storm")
    3
    """
    return len(set(_WORD.findall(one.casefold())) & set(_WORD.findall(other.casefold())))
