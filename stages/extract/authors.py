"""Who wrote an article: the people that its byline and its description name, and the agencies that they credit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from lxml.etree import XPath

from stages.extract.described import Described, Tree, is_a, letters, names_in, one_line
from stages.extract.header import Header, Line

Element = Any  # lxml ships no type information

_AUTHOR_TAGS = (
    *("author", "article:author", "article:author_name", "parsely-author", "sailthru.author", "byl", "dc.creator"),
    *("dcterms.creator", "citation_author", "dcsext.author", "og:article:author", "authors", "cxenseparse:author"),
)

#: The news agencies of the world under the names that bylines give them.
AGENCIES = {
    **dict.fromkeys(("reuters", "thomsonreuters", "rtrs"), "Reuters"),
    **dict.fromkeys(("ap", "associatedpress", "theassociatedpress", "apnews"), "AP"),
    **dict.fromkeys(("afp", "agencefrancepresse"), "AFP"),
    **dict.fromkeys(("dpa", "deutschepresseagentur", "dpaafx", "dpainfocom"), "dpa"),
    **dict.fromkeys(("sid", "sportinformationsdienst"), "SID"),
    **{
        name.lower(): name for name in ("APA", "EFE", "ANSA", "PTI", "ANI", "IANS", "AAP", "TASS", "Interfax", "Xinhua")
    },
    **{name.lower(): name for name in ("UPI", "KNA", "epd", "ANP", "Belga", "NTB", "Ritzau", "PAP", "CTK", "MTI")},
    **{name.lower(): name for name in ("Lusa", "Kyodo", "Yonhap", "Bernama", "Antara", "TT", "STT", "spotonnews")},
    **dict.fromkeys(("pa", "pamedia", "pressassociation"), "PA"),
    **dict.fromkeys(("canadianpress", "thecanadianpress"), "Canadian Press"),
    **dict.fromkeys(("keystonesda", "sda", "ats"), "Keystone-SDA"),
    **dict.fromkeys(("europapress",), "Europa Press"),
    **dict.fromkeys(("bloomberg", "bloombergnews"), "Bloomberg"),
}

_BETWEEN_NAMES = re.compile(
    r"\s*[;|/\n•·]\s*|\s*,\s*(?:(?:and|und|et)\s+)?"
    r"|\s+(?:and|und|et|&|y|e|och|og|en|ve|i|with|mit|avec|con)\s+(?=[^\W\d_a-z])|\s+[-–—]\s+"
)
_BY = (
    r"(?:by|von|par|por|di|de|da|door|av|af|auteur|autor(?:(?:/|:|\*|_)?in(?:nen)?|a|es|i)?|autore|author|authors|text"
    r"|texte|texto|testo|tekst|words|redaktion|protokoll|interview|reporter|redacción|auteurs|scritto da|από|от|بقلم)"
)
_BEFORE_NAMES = re.compile(
    rf"^(?:(?:(?:\w+(?:ed|en|t|é)|article|story|ein artikel|ein beitrag|artikel|un article|posted|foto)\s+)?{_BY}"
    r"(?:\s+by)?\s*(?:\s|:)[\s:]*)+",
    re.IGNORECASE,
)
#: A byline in so many words: the label stands before the names, or on a line of its own.
_LABELLED = re.compile(
    rf"^(?:(?:\w+(?:ed|en|t|é)|article|story|ein artikel|ein beitrag|artikel|un article|posted)\s+)?{_BY}\b\s*:?\s*",
    re.IGNORECASE,
)
_AFTER_NAMES = re.compile(
    r"\s*(?:[(\[<].*|\s(?i:in|aus|für|for|at|of|pour|para|à|a|dans|from)\s+(?i:(?:the|der|die|das)\s+)?[^\W\d_a-z].*"
    r"|\s(?i:on|am|le|el|il|op|den)\s+\W?\d.*|\s(?i:published|updated|veröffentlicht)\b.*)$"
)
_ROLE = re.compile(
    r"\b(?:staff|writers?|reporters?|editors?|correspondents?|contributors?|columnists?|freelance|producers?|bureau"
    r"|redakteur\w*|reporter\w*|korrespondent\w*|volontär\w*|mitarbeiter\w*|leiter\w*|pressesprecher\w*|chef\w*|autor\w*"
    r"|journalist\w*|rédact\w+|redact\w+|correspons\w+|periodist\w+|giornalist\w+|redattor\w+|fotograf\w*|photograph\w*)\b",
    re.IGNORECASE,
)
_ORGANIZATION = re.compile(
    r"\b(?:GmbH|e\. ?V|AG|SE|KG|Inc|Ltd|LLC|SA|SAS|BV|Verlag|Redaktion|Newsroom|News|Press|Presse|Agency|Agencies|Media"
    r"|Foundation|Department|Ministry|Institute?|Stiftung|\w*[Vv]erband|Desk|Team|Group|Magazine?|Zeitung|Online|Today"
    r"|Bund|Agenturen|Archiv|Pressestelle|Abteilung|University|Universität|Verein|Service|Times|Post|Daily|Journal"
    r"|Herald|Gazette|Tribune|Network|TV|Radio|Editorial|Board|Council|Association|Society|Club|Partei|Center|Centre"
    r"|Zentrum|Redacción|Rédaction|Redazione|Agencias|Agenzia|Agence|Noticias|Digital|Germany|USA)\b",
    re.IGNORECASE,
)
_NO_NAME = re.compile(r"[@\d<>{}_?!=#%]|https?:|www\.|\.(?:com|org|net|de)\b", re.IGNORECASE)
_NO_NAME_WORDS = frozenset(
    (
        *(
            "uhr",
            "min",
            "minuten",
            "minutes",
            "read",
            "lesezeit",
            "kommentare",
            "comments",
            "comment",
            "share",
            "teilen",
        ),
        *(
            "published",
            "updated",
            "posted",
            "quelle",
            "source",
            "foto",
            "photo",
            "more",
            "mehr",
            "follow",
            "all",
            "alle",
        ),
        *(
            "artikel",
            "article",
            "story",
            "beiträge",
            "posts",
            "about",
            "über",
            "the",
            "and",
            "und",
            "your",
            "subscribe",
        ),
        *("email", "print", "drucken", "merken", "seite", "page", "january", "monday", "dezember", "reading", "time"),
        *("view", "profile", "profil", "website", "archive", "images", "getty", "imago", "contact", "kontakt"),
    )
)
_ACCOUNTS = frozenset(
    (
        *("admin", "administrator", "author", "autor", "auteur", "editor", "editors", "editorial", "redaktion"),
        *("redaction", "redaccion", "redazione", "staff", "newsroom", "newsdesk", "webmaster", "wordpress", "user"),
        *("unknown", "anonymous", "onlineredaktion", "staffwriter", "staffreporter", "none", "null", "noauthor"),
        *("follow", "agencies", "agencias", "agenturen", "correspondent", "guest", "gastautor", "gast", "online"),
    )
)
_NAME_WORD = re.compile(r"(?:[^\W\d_]['’])?[^\W\d_a-zß-öø-ÿ][^\W\d_]*(?:['’.-]+[^\W\d_]+)*[.,]?$|(?:[^\W\d_]\.-?)+$")
_PARTICLES = frozenset(
    (
        *("al", "bin", "da", "das", "de", "del", "della", "den", "der", "di", "do", "dos", "du", "el", "la", "le"),
        *("les", "ter", "ten", "van", "von", "vom", "y", "zu", "zum", "zur"),
    )
)
_CASELESS = re.compile(r"[\u0590-\u08ff\u0900-\u1cff\u3040-\u9fff\uac00-\ud7a3]")


class Credits(NamedTuple):
    """The people that wrote an article, and the agencies that its byline credits."""

    authors: list[str]
    wire: list[str]


def find_credits(tree: Tree, described: Described, header: Header) -> Credits:
    """The people that wrote the article; not the outlet, nor an account of its publishing system.

    What readers see comes first where it and the description name other people: descriptions often name the account
    that put the article on the page, or the first of several authors. A name that the description shortens to one
    word is completed by the byline.
    """
    said = [author for author in described.article.get("author", ()) if not is_a(author, "Organization")]
    people = unique(
        n for text in names_in([a for a in said if is_a(a, "Person")]) for n in split_names(text, lone=True)
    )
    tagged = described.tagged(*_AUTHOR_TAGS)
    others = [
        unique(name for text in names_in(said) for name in split_names(text, described.sites)),
        unique(name for text in tagged for name in split_names(text, described.sites)),
    ]
    shown = shown_names(header, described.sites)
    authors = reconciled([shown, people, *others])
    if not shown and not any(" " in name for name in authors):
        authors = reconciled([authors, marked_names(tree, described.sites)])
    if not authors:
        authors = labelled_names(tree, described.sites)
    credited = [*names_in(described.article.get("author")), *tagged, *bylines_of(header)]
    return Credits(authors, agencies_in(credited))


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


def same_person(short: str, long: str) -> bool:
    """Can two names be one person's?

    >>> same_person("Ana", "Ana Lindqvist"), same_person("A. Lindqvist", "Ana Lindqvist")
    (True, True)
    """
    if letters(short) == letters(long):
        return True
    one, other = short.casefold().split(), long.casefold().split()
    if len(one) == 1:
        return one[0] in other
    return one[-1] == other[-1] and one[0][0] == other[0][0] and (len(one[0].strip(".")) == 1)


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
    is_marked = _BYLINE_MARK.search(line.marks) is not None
    found: list[str] = []
    for part in _BETWEEN_PARTS.split(line.text):
        label = _LABELLED.match(part)
        is_label = label is not None and (label[0].rstrip().endswith(":") or _is_by(label[0]))
        said = below if label and is_label and label.end() == len(part) else part
        names = [name for name in split_names(said, sites) if " " in name] if is_label or is_marked or found else []
        if found and not names:
            break
        found += names
    return unique(found)


_BETWEEN_PARTS = re.compile(r"\s+[-–—]+\s+|\s*[|•·]\s*")


def _is_by(label: str) -> bool:
    """Is a label without a colon one that only names follow ("By", "Von"), and not a word of prose?"""
    return letters(label).endswith(("by", "von", "par", "por", "door", "av", "af")) or label.strip() in (
        "Di",
        "De",
        "Da",
    )


_BYLINE_MARK = re.compile(r"author|byline|autor|auteur|verfasser|redakteur|writer|\bfn\b|firma|autore", re.IGNORECASE)
_NOT_BY = re.compile(r"comment|related|social|share|caption|teaser", re.IGNORECASE)

#: Elements that may be bylines. No regular expressions: lxml calls Python for every test of one, and trafilatura's
#: search of the same kind takes a fifth of the time of a whole extraction. Looking at attributes rather than at
#: elements finds the same in less than half of the time.
_BYLINES = XPath(
    "//@class[contains(., 'uthor') or contains(., 'yline')]/.. | //@id[contains(., 'uthor')]/.."
    " | //@itemprop[contains(., 'author')]/.. | //@rel[.='author']/.."
)
_AUTHOR_NAME = re.compile("author[-_]{0,2}name", re.IGNORECASE)
_MAX_BYLINE_CHARS = 120
_MAX_BYLINE_NAMES = 6
_NOT_OF_THE_ARTICLE = frozenset(("aside", "nav", "footer", "figure", "form"))


def marked_names(tree: Tree, sites: frozenset[str]) -> list[str]:
    """The names in the first of the most surely marked elements of a page that holds names and little else."""
    for element in sorted(_BYLINES(tree), key=_doubt):
        text = one_line(" ".join(element.itertext()))
        names = unique(split_names(text, sites)) if len(text) <= _MAX_BYLINE_CHARS else []
        names = [name for name in names if " " in name]  # a word alone is as often a button
        if 0 < len(names) <= _MAX_BYLINE_NAMES and not _belongs_elsewhere(element):
            return names
    return []


def _doubt(element: Element) -> int:
    """How little the marks of an element say that it is a byline; 0 is the surest."""
    marks, classes = {element.get(name) for name in ("rel", "itemprop", "class", "id")}, element.get("class") or ""
    if marks & {"author", "author name"}:
        return 0
    if _AUTHOR_NAME.search(classes):
        return 1
    return 2 if "yline" in classes or "author" in (element.get("itemprop") or "") else 3


def _belongs_elsewhere(element: Element) -> bool:
    """Is this within a box beside the article, or in somebody's comment?"""
    return any(
        a.tag in _NOT_OF_THE_ARTICLE or "comment" in f"{a.get('class') or ''} {a.get('id') or ''}".casefold()
        for a in (element, *element.iterancestors())
    )


_LABEL_OF_NAMES = re.compile(
    r"^\W*(?:autor(?:(?:/|:|\*|_)?in(?:nen)?)?|author|authors|text|von|by|auteur|autore)\s*(?P<colon>:?)\s*(?P<names>.*)$",
    re.IGNORECASE,
)


_LABEL_STARTS = frozenset("aAtTvVbB(/|-–—:")


def labelled_names(tree: Tree, sites: frozenset[str]) -> list[str]:
    """The names after the first label of a page such as "Author:" or "Text:", on its line or on the next."""
    waiting = False
    for piece in tree.itertext():
        text = piece.strip()
        if not text:
            continue
        may_be_label = text[0] in _LABEL_STARTS and len(text) <= _MAX_BYLINE_CHARS
        label = _LABEL_OF_NAMES.match(" ".join(text.split())) if may_be_label else None
        said = label["names"] if label and (label["colon"] or not label["names"]) else text if waiting else ""
        if said and len(said) <= _MAX_BYLINE_CHARS:
            names = [name for name in split_names(said, sites) if " " in name]
            if 0 < len(names) <= _MAX_BYLINE_NAMES:
                return names
        waiting = label is not None and not label["names"]
    return []


def split_names(text: str, sites: frozenset[str] = frozenset(), *, lone: bool = False) -> list[str]:
    """The names of people in a byline; `lone`: a word alone is a name.

    >>> split_names("By Ana Lindqvist and Tomás Okoro, The Vellén Times", frozenset({"thevelléntimes"}))
    ['Ana Lindqvist', 'Tomás Okoro']
    >>> split_names("Von MARA QUILL (Port Anning), Chefredakteurin")
    ['Mara Quill']
    >>> split_names("admin"), split_names("Staff Writer"), split_names("Reuters")
    ([], [], [])
    """
    parts = (
        person(account_name(part) if lone else part)
        for part in _BETWEEN_NAMES.split(one_line(_BEFORE_NAMES.sub("", one_line(text))))
    )
    nobody = sites | _ACCOUNTS
    names = [name for name in parts if is_name(name) and letters(name) not in nobody]
    if any(" " in name for name in names) or not lone:
        names = [name for name in names if " " in name or lone]
    return [name for name in names if letters(name) not in AGENCIES]


def person(part: str) -> str:
    """A name without what stands around it, in a name's own case.

    >>> person("by Ana Lindqvist in Port Vellén"), person("TOMÁS OKORO")
    ('Ana Lindqvist', 'Tomás Okoro')
    """
    bare = _AFTER_NAMES.sub("", _BEFORE_NAMES.sub("", part)).strip(" .,:-–—\"'“”„*")
    if bare.isupper() and len(bare) > 4:
        return " ".join(word.title() if len(word) > 2 else word for word in bare.split())
    if part[-2:-1].isupper() and part.endswith(".") and not bare.endswith("."):
        bare += "."
    return bare


def account_name(text: str) -> str:
    """The name in what a publishing system calls an author.

    >>> account_name("ana.lindqvist"), account_name("Ana Lindqvist")
    ('Ana Lindqvist', 'Ana Lindqvist')
    """
    return re.sub(r"[._]", " ", text).title() if re.fullmatch(r"[a-zà-ÿ]{2,}[._][a-zà-ÿ]{2,}", text) else text


def is_name(text: str) -> bool:
    """Can this be the name of a person? Up to five words with capitals, and no word that names never have.

    >>> is_name("J. R. de la Stone"), is_name("Read more"), is_name("Port Anning Herald")
    (True, False, False)
    """
    words = text.split()
    if not 3 <= len(text) <= 60 or len(words) > 5 or _NO_NAME.search(text):
        return False
    if _ORGANIZATION.search(text) or _ROLE.search(text):
        return False
    if _CASELESS.search(text):
        return True
    if any(word.casefold().strip(".,") in _NO_NAME_WORDS for word in words):
        return False
    return all(_NAME_WORD.match(word) or word.casefold() in _PARTICLES for word in words) and words[-1][0].isupper()


def unique(names: Iterable[str]) -> list[str]:
    """`names` in their order, each once; case and punctuation make no other name."""
    return list({letters(name): name for name in reversed(list(names))}.values())[::-1]


def bylines_of(header: Header) -> list[str]:
    """The lines near a heading that name who wrote the article, or where the words come from."""
    near = [line for line in (*header.after[:8], *header.before[-3:]) if len(line.text) <= _MAX_BYLINE_CHARS]
    return [
        line.text for line in near if _BYLINE_MARK.search(line.marks) or _LABELLED.match(line.text) or _is_source(line)
    ]


def _is_source(line: Line) -> bool:
    return re.match(r"(?i)(?:source|quelle|fuente|fonte|bron)\b", line.text) is not None


def agencies_in(texts: Iterable[str]) -> list[str]:
    """The agencies that some bylines credit, each once, in their order.

    >>> agencies_in(["Von Mara Quill, dpa", "By AP and Reuters staff"])
    ['dpa', 'AP', 'Reuters']
    """
    found = []
    for text in texts:
        parts = re.split(r"[\s,;/|()]+", text)
        pairs = [f"{a} {b}" for a, b in pairwise(parts)]
        found += [AGENCIES[letters(part)] for part in (*pairs, *parts) if is_agency(part)]
    return list(dict.fromkeys(found))


def is_agency(words: str) -> bool:
    """Is this how an agency is written? Short names only in the case that is theirs.

    >>> is_agency("dpa"), is_agency("AP"), is_agency("pa"), is_agency("ap")
    (True, True, False, False)
    """
    name = AGENCIES.get(letters(words))
    return name is not None and (len(words) > 4 or words in (name, name.upper()))
