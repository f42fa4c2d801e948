"""Names of people: split a byline into them, and tell them from accounts, roles, outlets and agencies."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from stages.shared.agencies import AGENCIES, Agencies
from stages.shared.characters import letters, one_line
from stages.shared.data_files import read_data
from stages.shared.dates import OF_PUBLICATION, OF_UPDATES

_WORDS = read_data("people")
#: Parts of patterns: the nouns for an author, what stands before names with a colon or without, and what needs one.
NOUN = f"(?:{'|'.join(_WORDS['author_patterns'])})"
BY = rf"(?:{'|'.join(_WORDS['by'])}|{NOUN})"
DEPARTMENT = f"(?:{'|'.join(_WORDS['departments'])})"


def _alternatives(name: str) -> str:
    return "|".join(map(re.escape, _WORDS[name]))


_CAPITALISED = "|".join(form for word in ("and", "und", "et") for form in (word.title(), word.upper()))
_BETWEEN_NAMES = (
    rf"\s*[;|/\n•·]\s*|\s*,\s*(?:(?:and|und|et)\s+)?|\s+(?:{_CAPITALISED})\s+"
    rf"|\s+(?:{_alternatives('joiners')})\s+(?=[^\W\d_a-z])|\s+[-–—]\s+"
)
_BEFORE_NAMES = re.compile(
    rf"^(?:(?:(?:\w+(?:ed|en|t|é)|article|story|ein artikel|ein beitrag|artikel|un article|posted|foto)\s+)?"
    rf"(?:{BY}(?:\s+by)?\s*(?:\s|:)[\s:]*|{DEPARTMENT}\s*:[\s:]*))+",
    re.IGNORECASE,
)
_AFTER_NAMES = re.compile(
    rf"\s*(?:[(\[<].*|\s(?i:{_alternatives('places')})\s+(?i:(?:the|der|die|das)\s+)?[^\W\d_a-z].*"
    rf"|\s(?i:{_alternatives('days')})\s+\W?\d.*|\s@\w.*"
    rf"|\W(?i:{OF_PUBLICATION}|{OF_UPDATES}).*)$"
)
_ROLE = re.compile(rf"\b(?:{'|'.join(_WORDS['role_patterns'])})\b", re.IGNORECASE)
_ORGANIZATION = re.compile(rf"\b(?:{'|'.join(_WORDS['organization_patterns'])})\b", re.IGNORECASE)
_NO_NAME = re.compile(r"[@\d<>{}_?!=#%]|https?:|www\.|\.(?:com|org|net|de)\b", re.IGNORECASE)
_NO_NAME_WORDS = frozenset(_WORDS["other_words"].split())
_ACCOUNTS = frozenset(_WORDS["accounts"].split())
_PARTICLES = frozenset(_WORDS["particles"].split())
_NAME_WORD = re.compile(r"(?:[^\W\d_]['’])?[^\W\d_a-zß-öø-ÿ][^\W\d_]*(?:['’.-]+[^\W\d_]+)*[.,]?$|(?:[^\W\d_]\.-?)+$")
_CASELESS = re.compile(r"[\u0590-\u08ff\u0900-\u1cff\u3040-\u9fff\uac00-\ud7a3]")


@dataclass(frozen=True)
class BylineWords:
    """Words of bylines that rule packs add: roles that are no part of a name, and words between two names."""

    roles: frozenset[str] = frozenset()
    joiners: tuple[str, ...] = ()
    agencies: Agencies = AGENCIES

    @cached_property
    def between(self) -> re.Pattern[str]:
        """The pattern of what stands between two names."""
        own = "|".join(map(re.escape, sorted(self.joiners, key=len, reverse=True)))
        return re.compile(_BETWEEN_NAMES + (rf"|\s+(?:{own})\s+" if own else ""))

    def has_role(self, name: str) -> bool:
        """Tell if a word of a name is a role."""
        return any(word.casefold().strip(".") in self.roles for word in name.split())


BYLINE_WORDS = BylineWords()


def split_names(
    text: str, sites: frozenset[str] = frozenset(), *, lone: bool = False, words: BylineWords = BYLINE_WORDS
) -> list[str]:
    """Return the names of people in a byline; `lone`: a word alone is a name.

    `sites` are names of the outlet, as `letters` gives them.

    >>> split_names("By Ana Lindqvist and Tomás Okoro, The Vellén Times", frozenset({"thevelléntimes"}))
    ['Ana Lindqvist', 'Tomás Okoro']
    >>> split_names("Von MARA QUILL (Port Anning), Chefredakteurin")
    ['Mara Quill']
    >>> split_names("admin"), split_names("Staff Writer"), split_names("Reuters")
    ([], [], [])
    """
    parts = words.between.split(one_line(_BEFORE_NAMES.sub("", one_line(text))))
    people = (person(account_name(part) if lone else part) for part in parts)
    nobody = sites | _ACCOUNTS
    names = [name for name in people if is_name(name) and letters(name) not in nobody and not words.has_role(name)]
    if not lone:
        names = [name for name in names if " " in name]  # a word alone is as often a button
    return [name for name in names if not is_credited(name, words.agencies)]


def is_credited(name: str, agencies: Agencies = AGENCIES) -> bool:
    """Tell if a name is that of an agency, in whatever case, or holds one.

    >>> is_credited("Afp"), is_credited("Mara Quill")
    (True, False)
    """
    return letters(name) in agencies.by_form or agencies.pattern.search(name) is not None


def person(part: str) -> str:
    """Return a name without what stands around it, in a name's own case.

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
    """Return the name in what a publishing system calls an author.

    >>> account_name("ana.lindqvist"), account_name("Ana Lindqvist")
    ('Ana Lindqvist', 'Ana Lindqvist')
    """
    return re.sub(r"[._]", " ", text).title() if re.fullmatch(r"[a-zà-ÿ]{2,}[._][a-zà-ÿ]{2,}", text) else text


def is_name(text: str) -> bool:
    """Tell if this can be the name of a person: up to five words with capitals, and no word that names never have.

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
    """Return names in their order, each once; case and punctuation make no other name.

    >>> unique(["Ana Lindqvist", "ANA LINDQVIST", "Tomás Okoro"])
    ['Ana Lindqvist', 'Tomás Okoro']
    """
    return list({letters(name): name for name in reversed(list(names))}.values())[::-1]


def same_person(short: str, long: str) -> bool:
    """Tell if two names can be one person's.

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
    """Tell if this can be the one word that a person goes by: no account, agency, outlet or other word of bylines.

    >>> is_lone_name("Dominique", frozenset()), is_lone_name("Redaktion", frozenset())
    (True, False)
    """
    form = letters(text)
    nobody = form in _ACCOUNTS or form in _NO_NAME_WORDS or form in AGENCIES.by_form
    if nobody or any(site.startswith(form) for site in sites) or not re.fullmatch(r"[^\W\d_]{2,30}", text):
        return False
    return not (_ORGANIZATION.search(text) or _ROLE.search(text) or _NO_NAME.search(text))
