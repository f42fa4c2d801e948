"""What the name of a person is, and what it is not: accounts, roles, outlets, agencies; with the words that tell."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

from stages.extract.dates import OF_PUBLICATION, OF_UPDATES
from stages.extract.described import letters, one_line

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
    r"\s*[;|/\n•·]\s*|\s*,\s*(?:(?:and|und|et)\s+)?|\s+(?:And|AND|Und|UND|Et|ET)\s+"
    r"|\s+(?:and|und|et|&|y|e|och|og|en|ve|i|with|mit|avec|con)\s+(?=[^\W\d_a-z])|\s+[-–—]\s+"
)
NOUN = r"(?:auteurs?|autor(?:(?:/-?|:|\*|_)?in(?:nen)?|a|as|en|es|i)?|autore|authors?)"
BY = rf"(?:by|von|par|por|di|de|da|door|av|af|{NOUN}|scritto da|από|от|بقلم)"
#: Words that need a colon to be a label: without one they are part of what they stand before ("Redaktion Hafenblatt").
DEPARTMENT = r"(?:text|texte|texto|testo|tekst|words|redaktion|protokoll|interview|reporter|redacción)"
_BEFORE_NAMES = re.compile(
    rf"^(?:(?:(?:\w+(?:ed|en|t|é)|article|story|ein artikel|ein beitrag|artikel|un article|posted|foto)\s+)?"
    rf"(?:{BY}(?:\s+by)?\s*(?:\s|:)[\s:]*|{DEPARTMENT}\s*:[\s:]*))+",
    re.IGNORECASE,
)
_AFTER_NAMES = re.compile(
    r"\s*(?:[(\[<].*|\s(?i:in|aus|für|for|at|of|pour|para|à|a|dans|from)\s+(?i:(?:the|der|die|das)\s+)?[^\W\d_a-z].*"
    r"|\s(?i:on|am|le|el|il|op|den|em|på)\s+\W?\d.*"
    rf"|\W(?i:{OF_PUBLICATION}|{OF_UPDATES}).*)$"
)
_ROLE = re.compile(
    r"\b(?:\w*(?:leiter|redakteur|reporter|korrespondent)(?:in)?\b|staff|writers?|reporters?|editors?|correspondents?|contributors?|columnists?|freelance|producers?|bureau"
    r"|redakteur\w*|reporter\w*|korrespondent\w*|volontär\w*|mitarbeiter\w*|leiter\w*|pressesprecher\w*|chef\w*|autor\w*"
    r"|journalist\w*|rédact\w+|redact\w+|correspons\w+|periodist\w+|giornalist\w+|redattor\w+|fotograf\w*|photograph\w*)\b",
    re.IGNORECASE,
)
_ORGANIZATION = re.compile(
    r"\b(?:GmbH|e\. ?V|AG|SE|KG|Inc|Ltd|LLC|SA|SAS|BV|Verlag|Redaktion|Newsroom|News|Press|Presse|Agency|Agencies|Today"
    r"|Foundation|Department|Ministry|Institute?|Stiftung|\w*[Vv]erband|Desk|Team|Group|Magazine?|Zeitung|Online|M[eé]dias?"
    r"|Universit\w+|Agricultur\w+|Sciences?|College|School|Hochschule|\w*klinik\w*|Hospital|Academy|Akademie|\w*team"
    r"|Bund|Agenturen|Archiv|Pressestelle|Abteilung|Verein|Service|Times|Post|Daily|Journal"
    r"|Herald|Gazette|Tribune|Network|TV|Radio|Editorial|Board|Council|Association|Society|Club|Partei|Center|Centre"
    r"|Zentrum|Redacción|Rédaction|Redazione|Agencias|Agenzia|Agence|Noticias|Digital|Germany|USA)\b",
    re.IGNORECASE,
)
_NO_NAME = re.compile(r"[@\d<>{}_?!=#%]|https?:|www\.|\.(?:com|org|net|de)\b", re.IGNORECASE)
_NO_NAME_WORDS = frozenset(
    word
    for line in (
        "uhr min minuten minutes read lesezeit kommentare comments comment share teilen published updated posted",
        "quelle source foto photo more mehr follow all alle artikel article story beiträge posts about über the",
        "and und your subscribe email print drucken merken seite page january monday dezember reading time view",
        "profile profil website archive images getty imago contact kontakt",
    )
    for word in line.split()
)
_ACCOUNTS = frozenset(
    word
    for line in (
        "admin administrator author autor auteur editor editors editorial redaktion redaction redaccion redazione",
        "staff newsroom newsdesk webmaster wordpress user publisher unknown anonymous onlineredaktion staffwriter",
        "staffreporter none null noauthor follow agencies agencias agenturen correspondent guest gastautor gast",
        "online",
    )
    for word in line.split()
)
_NAME_WORD = re.compile(r"(?:[^\W\d_]['’])?[^\W\d_a-zß-öø-ÿ][^\W\d_]*(?:['’.-]+[^\W\d_]+)*[.,]?$|(?:[^\W\d_]\.-?)+$")
_PARTICLES = frozenset(
    word
    for line in ("al bin da das de del della den der di do dos du el la le les ter ten van von vom y zu zum zur",)
    for word in line.split()
)
_CASELESS = re.compile(r"[\u0590-\u08ff\u0900-\u1cff\u3040-\u9fff\uac00-\ud7a3]")


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
    if not lone:
        names = [name for name in names if " " in name]  # a word alone is as often a button
    return [name for name in names if letters(name) not in AGENCIES and not any(map(is_agency, name.split()))]


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


def is_lone_name(text: str, sites: frozenset[str]) -> bool:
    """Can this be the one word that a person goes by? No account, agency or outlet, nor what else stands in bylines.

    >>> is_lone_name("Dominique", frozenset()), is_lone_name("Redaktion", frozenset())
    (True, False)
    """
    form = letters(text)
    nobody = form in _ACCOUNTS or form in _NO_NAME_WORDS or form in AGENCIES
    if nobody or any(site.startswith(form) for site in sites) or not re.fullmatch(r"[^\W\d_]{2,30}", text):
        return False
    return not (_ORGANIZATION.search(text) or _ROLE.search(text) or _NO_NAME.search(text))


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
