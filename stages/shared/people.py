"""Names of people: split a byline into them, and tell them from accounts, roles, outlets and agencies."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from stages.shared.agencies import AGENCIES, Agencies
from stages.shared.characters import letters, one_line
from stages.shared.data_files import read_data
from stages.shared.dates import OF_PUBLICATION, OF_UPDATES, month_names

_WORDS = read_data("people")
#: Parts of patterns: the nouns for an author, what stands before names with a colon or without, and what needs one.
NOUN = f"(?:{'|'.join(_WORDS['author_patterns'])})"
BY = rf"(?:{'|'.join(sorted([*_WORDS['by'], *_WORDS['more_authors']], key=len, reverse=True))}|{NOUN})"
DEPARTMENT = f"(?:{'|'.join(_WORDS['departments'])})"


def _alternatives(name: str) -> str:
    return "|".join(map(re.escape, _WORDS[name]))


_CAPITALISED = "|".join(form for word in ("and", "und", "et") for form in (word.title(), word.upper()))
_BETWEEN_NAMES = (
    rf"\s*[;|/\n•·\u200b、，／]\s*|\s*,\s*(?:(?:and|und|et)\s+)?|\s+(?:{_CAPITALISED})\s+"
    rf"|\s+(?:{_alternatives('joiners')})\s+(?=[^\W\d_a-z])|\s+[-–—+×]\s+|\s+x\s+(?=[^\W\d_a-z])"
)
_BEFORE_NAMES = re.compile(
    r"^(?:(?:(?:\w+(?:ed|en|t|é)|art[ií]c[uo]lo|artigo|article|story|ein artikel|ein beitrag|artikel|un article"
    r"|posted|foto)\s+)?"
    rf"(?:{BY}(?:\s+by)?\s*(?:\s|:)[\s:]*|{DEPARTMENT}\s*:[\s:]*))+",
    re.IGNORECASE,
)
#: "By" in Swahili, Tagalog and Persian, and "from": names as well, where no two words follow.
_BEFORE_TWO = re.compile(r"^(?:N[aA]|N[iI]|[Ff]rom|از)\s+(?=[^\W\d_a-z]\S*\s+[^\W\d_a-z])")
_MONTH_NAMES = frozenset(month_names())
_MONTH = "|".join(sorted(map(re.escape, _MONTH_NAMES), key=len, reverse=True))
_GLUED_BY = re.compile(r"^(?:By|Von|Par|Por)(?=[A-ZÀ-Þ][a-zß-ÿ])")
_GENRE_BY = re.compile(
    rf"^(?:(?:eine?|ett?|een|an?|un[ea]?|uma?)\s+)?(?:{_alternatives('genres')})(?:\s+\w+(?:ée?s?|is|ed|ad[oa]s?|at[oai]|t))?"
    rf"\s*(?::\s*|(?:{'|'.join(_WORDS['by'])})\s*:?\s+)(?=[^\W\d_])",
    re.IGNORECASE,
)
#: Words for what somebody else made, with a colon or "by"; words for text before them include the authors.
_OTHERS = re.compile(
    rf"(?P<text>\b(?:{'|'.join(_WORDS['departments'])}|story|written|geschrieben)\s*(?:and|und|et|y|e|&|,|/|\+)\s*)?"
    rf"[\s.,;|/(–—-]*\b(?:{'|'.join(_WORDS['others'])})(?:\s+(?:and|und|&)\s+\w+)?\s*(?::|(?:{'|'.join(_WORDS['by'])})\b)",
    re.IGNORECASE,
)
#: The same after a name, in brackets: "Tomás Okoro (photos)".
_OF_OTHERS = re.compile(
    rf"[(\[]\s*(?:{'|'.join(_WORDS['others'])})(?:\s*(?:&|/|,|and|und)\s*\w+)?\s*[)\]]\s*$", re.IGNORECASE
)
_WIRES = (
    r"(?:\w+\s+)?(?:news\s+)?wires?(?:\s+(?:services?|reports?))?|news services|agenc(?:y|ies|es|ias)|agenzie"
    r"|agenturen?|agenturmaterial|staff|others?|team|redaktion|redacción|autres"
)
_AND_WIRES = re.compile(
    rf"\s*(?:,|/|\b(?:and|und|et|y|e|with|mit|avec|con)\b|&)\s*(?:the\s+)?(?:{_WIRES})\W*$", re.IGNORECASE
)
#: A name in capitals before words that are not: "ANA LINDQVIST Vellén News".
_IN_CAPITALS = r"[A-ZÀ-Þ]['’.-]?[A-ZÀ-Þ][A-ZÀ-Þ'’.-]*\s+"
_CAPITALS_FIRST = re.compile(
    rf"^((?:(?:[A-ZÀ-Þ]\.\s*)+{_IN_CAPITALS}|{_IN_CAPITALS}(?:[A-ZÀ-Þ]\.\s+)?{_IN_CAPITALS})(?:{_IN_CAPITALS}){{0,2}})(?=[A-ZÀ-Þ][a-zß-ÿ])"
)
_TITLED_ROLE = re.compile(
    r"(?<=\w)\s+(?=(?:Senior|Chief|Staff|Special|Deputy|Managing|Executive|Associate)\s|(?:[Pp]eriodista|[Rr]edactora?|[Rr]eporter(?:in)?"
    r"|[Rr]edakteurin|[Kk]orrespondent(?:in)?|[Jj]ournaliste?|[Gg]iornalista|[Rr]édact(?:eur|rice)|[Cc]orrespondante?)\b)"
)
_CJK_MEDIA = r"(?:本报|本報|実習|特約|新华社|見習|见习|特约|实习)"
_CJK_LABELS = r"(?:取材・)?文|(?:作|筆|著)者|记者|記者|撰文|撰稿|執筆者?|编译|編譯|责编|ライター|글(?:[·・]사진)?"
_CJK_AFTER = r"(?:\s*[:：／/・|丨＝=]\s*|\s+|(?<=[记記]者))"
_CJK_LABEL = re.compile(
    rf"^(?:[（(【\[]?\s*{_CJK_MEDIA}?(?:{_CJK_LABELS})\s*[:：／/丨＝]?\s+)|^{_CJK_MEDIA}?(?:{_CJK_LABELS})\s*[:：／/丨＝]\s*|^기자\s+"
)
_KOREAN_ROLE = r"(?:선임|객원|인턴|수습|전문)?\s?(?:기자|특파원)"
_CJK_ROLE = re.compile(
    rf"\s*(?:[（(](?:記者|记者)[）)]|{_KOREAN_ROLE}|논설위원|記者|记者|編集委員|論説委員|特派員|報道|さん)$"
)
_BETWEEN_CJK_ROLES = re.compile(
    rf"(?<=[가-힣])\s*{_KOREAN_ROLE}\s*[,·]?\s*(?=[가-힣])|(?<=[\u4e00-\u9fff])(?<!見習|见习|実習|实习|特約|特约)\s*[記记]者\s+(?=[\u4e00-\u9fff])"
)
_CJK_NAME = re.compile(
    r"[\u4e00-\u9fff々ヶ]{2,5}|[가-힣]{2,4}|[ァ-ヺー]+・[ァ-ヺー・]+|[\u4e00-\u9fff々]{1,3}[ぁ-ゖ]{1,4}"
)
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_ARTICLES = frozenset(("the", "der", "die", "das", "los", "las", "les"))
_AFTER_NAMES = re.compile(
    rf"\s*(?:[(\[<].*|\s\S+@\S.*|\s(?:{'|'.join(_WORDS['verbs'])})\s[^\W\d_A-ZÀ-Þ].*|\s(?:at|in|from)\sthe\s.*|\s(?i:{_alternatives('places')})\s+(?i:(?:the|der|die|das)\s+)?[^\W\d_a-z].*"
    rf"|\s(?i:{_alternatives('days')})\s+(?:\W?\d|(?i:{_MONTH})\.?\s+\d).*|\s[@#]\w.*"
    rf"|\s+(?:(?i:{_alternatives('weekdays')})\.?,?\s+)?(?:(?i:{_MONTH})\.?,?\s+)?\d.*"
    rf"|(?:\s+(?i:{_alternatives('buttons')})\b)+"
    rf"|(?:\s(?i:last|first|originally|zuletzt))?\W(?i:{OF_PUBLICATION}|{OF_UPDATES}).*)$"
)
_ROLE = re.compile(rf"\b(?:{'|'.join(_WORDS['role_patterns'])})\b", re.IGNORECASE)
_ORGANIZATION = re.compile(rf"\b(?:{'|'.join(_WORDS['organization_patterns'])})\b", re.IGNORECASE)
_NO_NAME = re.compile(r"[@\d<>{}_?!=#%:：]|https?:|www\.|\.(?:com|org|net|de)\b|\w{2}\.[a-z]{2,4}$", re.IGNORECASE)
_NO_NAME_WORDS = frozenset(_WORDS["other_words"].split())
_ACCOUNTS = frozenset(_WORDS["accounts"].split())
_PARTICLES = frozenset(_WORDS["particles"].split())
_NAME_WORD = re.compile(
    r"(?:[^\W\d_]?['’]|(?:al|el|as|ad|an|ar|ash|at|az|ben)-)?"
    r"[^\W\d_a-zß-öø-ÿ][^\W\d_]*(?:['’.-]+[^\W\d_]+)*[.,]?$|(?:[^\W\d_]\.-?)+$"
)
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
    parts = name_parts(_BEFORE_NAMES.sub("", of_authors(one_line(text))), words)
    people = (person(account_name(part) if lone else part) for part in parts if not _OF_OTHERS.search(part))
    nobody = sites | _ACCOUNTS
    people = (without_outlet(without_agency(name, words.agencies), sites) for name in people)
    names = [name for name in people if is_name(name) and letters(name) not in nobody and not words.has_role(name)]
    if not lone:
        names = [name for name in names if is_whole(name)]  # a word alone is as often a button
    return [name for name in names if not is_credited(name, words.agencies)]


def of_authors(text: str) -> str:
    """Return what a byline says of the authors: not who took the pictures, translated, or sent the news.

    >>> of_authors("Words: Ana Lindqvist. Pictures: Tomás Okoro"), of_authors("By Ana Lindqvist and wires")
    ('Words: Ana Lindqvist', 'By Ana Lindqvist')
    >>> of_authors("Text und Fotos: Ana Lindqvist"), of_authors("Übersetzt von Tomás Okoro")
    ('Text: Ana Lindqvist', '')
    """
    other = _OTHERS.search(text)
    if other and other["text"]:
        text = f"{text[: other.start()]}Text: {text[other.end() :].lstrip(' :')}"
    elif other:
        text = text[: other.start()]
    return _AND_WIRES.sub("", _BETWEEN_CJK_ROLES.sub("、", text))


def name_parts(text: str, words: BylineWords = BYLINE_WORDS) -> list[str]:
    """Split a byline into what may be names; after a role, a comma sets off what its holder belongs to.

    >>> name_parts("Ana Lindqvist, Senior Analyst, Harbour Speech Project and Tomás Okoro")
    ['Ana Lindqvist', 'Senior Analyst', 'Tomás Okoro']
    """
    parts, at, is_after_role = [], 0, False
    for mark in [*words.between.finditer(text), None]:
        part = text[at : mark.start()] if mark else text[at:]
        if not is_after_role and part:
            parts.append(part)
        is_list = mark is not None and mark[0].strip() == ","
        is_after_role = is_list and (is_after_role or (len(parts) > 1 and _ROLE.search(part) is not None))
        at = mark.end() if mark else at
    return parts


def without_agency(name: str, agencies: Agencies = AGENCIES) -> str:
    """Remove the agency that follows a whole name with nothing set between.

    >>> without_agency("Ana Lindqvist Reuters"), without_agency("Thomson Reuters")
    ('Ana Lindqvist', 'Thomson Reuters')
    """
    found = agencies.pattern.search(name)
    rest = _JOINER_LAST.sub("", name[: found.start()].strip()) if found and found.end() == len(name) else ""
    return rest if len(rest.split()) > 1 else name


_JOINER_LAST = re.compile(rf"\s+(?:{_alternatives('joiners')})$")


def without_outlet(name: str, sites: frozenset[str]) -> str:
    """Remove the name of the outlet that follows a whole name with nothing set between.

    >>> without_outlet("Ana Lindqvist Vellén Review", frozenset({"vellénreview"}))
    'Ana Lindqvist'
    """
    words = name.split()
    ends = (at for at in range(_MIN_WHOLE, len(words)) if letters("".join(words[at:])) in sites)
    return " ".join(words[: next(ends, len(words))])


def is_credited(name: str, agencies: Agencies = AGENCIES) -> bool:
    """Tell if a name is that of an agency, in whatever case, or holds one.

    >>> is_credited("Afp"), is_credited("Mara Quill")
    (True, False)
    """
    return letters(name) in agencies.by_form or agencies.pattern.search(name) is not None


def person(part: str) -> str:
    """Return a name without what stands around it, in a name's own case.

    >>> person("by Ana Lindqvist in Port Vellén"), person("TOMÁS OKORO"), person("Tomás Okoro Jr.")
    ('Ana Lindqvist', 'Tomás Okoro', 'Tomás Okoro Jr.')
    """
    part = _SYMBOLS.sub(" ", part).strip()
    part = _CJK_LABEL.sub("", _GENRE_BY.sub("", _GLUED_BY.sub("", part)))
    bare = _AFTER_NAMES.sub("", _BEFORE_TWO.sub("", _BEFORE_NAMES.sub("", part))).strip(" .,:-–—\"'“”„*：（）【】〔〕")
    bare = without_role_before(undoubled(without_role(bare)))
    if bare.isupper() and len(bare) > 4:
        return " ".join(word.title() if len(word) > 2 else word for word in bare.split())
    is_shortened = part.endswith(_SUFFIXES) or (part.endswith(".") and part[-2:-1].isupper())
    return f"{bare}." if is_shortened and not bare.endswith(".") else bare


_SUFFIXES = (" Jr.", " Sr.")  # of names: the full stop is a part of them, as after an initial

#: Icons of the page beside a name: arrows, dingbats, emoji.
_SYMBOLS = re.compile("[\u2190-\u21ff\u2300-\u2bff\ufe0e\ufe0f\U0001f000-\U0001faff]+")


def without_role(name: str) -> str:
    """Remove a role, or the name of an outlet, that follows a name with nothing set between.

    >>> without_role("Ana Lindqvist Senior Reporter"), without_role("ANA LINDQVIST Vellén News")
    ('Ana Lindqvist', 'ANA LINDQVIST')
    >>> without_role("안병준 기자")
    '안병준'
    """
    if (capitals := _CAPITALS_FIRST.match(name)) is not None:
        return capitals[1].strip()
    if _CJK.search(name):
        return cjk_name(name)
    words = name.split()
    if len(words) > _MIN_WHOLE + 1 and _ROLE.fullmatch(words[-1]) and _DESK.fullmatch(words[-2]):
        return " ".join(words[:-2])
    first, *_ = _TITLED_ROLE.split(name, maxsplit=1)
    return first if len(first.split()) > 1 and not first.split()[0].isupper() else name


def without_role_before(name: str) -> str:
    """Remove roles and kinds of articles that stand before a whole name with nothing set between.

    >>> without_role_before("Chief Reporter Ana Lindqvist"), without_role_before("EXCLUSIVE Ana Lindqvist")
    ('Ana Lindqvist', 'Ana Lindqvist')
    >>> without_role_before("Political Editor Ana Lindqvist")
    'Ana Lindqvist'
    >>> without_role_before("Ana Lindqvist"), without_role_before("Chief Reporter")
    ('Ana Lindqvist', 'Chief Reporter')
    """
    words = name.split()
    while len(words) > _MIN_WHOLE and _is_before_names(words[0]):
        words = words[1:]
    if len(words) > _MIN_WHOLE + 1 and _DESK.fullmatch(words[0]) and _ROLE.fullmatch(words[1]):
        words = words[2:]
    return " ".join(words) if len(words) >= _MIN_WHOLE and not _is_before_names(words[0]) else name


_MIN_WHOLE = 2  # words of a whole name
_OUR = re.compile(r"our|unsere?[rnm]?|notre|nuestr[oa]|nostr[oa]|noss[oa]|onze")
_DESK = re.compile("|".join(_WORDS["desks"]), re.IGNORECASE)


def _is_before_names(word: str) -> bool:
    form = word.casefold()
    return _OUR.fullmatch(form) is not None or form in _WORDS["genres"] or _ROLE.fullmatch(word) is not None


def cjk_name(text: str) -> str:
    """Return the name in a text of Chinese, Japanese or Korean: the one word of the length and letters of a name.

    >>> cjk_name("この記事の筆者 松岡大地 すべて見る"), cjk_name("高橋 健太"), cjk_name("记者王小明")
    ('松岡大地', '高橋 健太', '王小明')
    """
    bare = _CJK_ROLE.sub("", _CJK_LABEL.sub("", text).strip())
    bare = re.sub(r"^(?:本报|本報)?(?:记者|記者)(?=[\u4e00-\u9fff]{2,4}$)", "", bare)
    words = bare.split()
    if len(words) == 2 and len(bare) <= _MAX_CJK_NAME and all(map(_HAN.fullmatch, words)):
        return bare
    names = [word for word in words if _CJK_NAME.fullmatch(word)]
    return names[0] if len(names) == 1 else bare


_HAN = re.compile(r"[\u4e00-\u9fff々ヶ]{1,3}")
_MAX_CJK_NAME = 7  # characters, a blank among them: three each for family and given name


def cjk_byline(text: str) -> list[str]:
    """Return the names in a line of Chinese, Japanese or Korean that is a byline by its words, and nothing else.

    >>> cjk_byline("〔記者王小明／台北報導〕"), cjk_byline("作者：王小明"), cjk_byline("记者 王小明 李大伟")
    (['王小明'], ['王小明'], ['王小明', '李大伟'])
    >>> cjk_byline("안병준·김철수 기자"), cjk_byline("港务局表示九天")
    (['안병준', '김철수'], [])
    """
    bare = _CJK_SOURCE.sub("", text).strip(_CJK_BRACKETS)
    found = _CJK_LABELLED.fullmatch(bare) if len(bare) <= _MAX_CJK_BYLINE else None
    if found is None:
        return []
    named = found["after"] or found["before"] or found["han"]
    parts = [cjk_name(part) for part in re.split(r"[、，,／/・·\s]+", named) if part]
    return [part for part in parts if _CJK_NAME.fullmatch(part) and not _CJK_PLACE.search(part)]


_MAX_CJK_BYLINE = 40  # characters
_CJK_BRACKETS = " 【】〔〕（）()[]"
#: Who sent a report or where it came from, before the byline.
_CJK_SOURCE = re.compile(r"^(?:来源|來源)\s*[:：]\s*\S+\s+|^\(?[가-힣]{2,4}\s?=\s?(?:[가-힣]+\)\s*)?")
_CJK_LABELLED = re.compile(
    rf"{_CJK_MEDIA}?(?:{_CJK_LABELS}){_CJK_AFTER}(?P<after>\S.*)"
    rf"|(?:기자\s+)?(?P<before>[가-힣]{{2,4}}(?:\s*[·,]\s*[가-힣]{{2,4}})*)\s*{_KOREAN_ROLE}(?:\s\S+@\S+)?(?:\s?=)?"
    r"|(?P<han>[\u4e00-\u9fff々]{2,5})(?:\s+(?:記者|记者|編集委員|論説委員|特派員)|[（(](?:記者|记者)[）)])"
)
#: A place from which somebody reports, where a name could be.
_CJK_PLACE = re.compile(r"(?:報導|报道|報道|電|电|讯|訊)$")


def undoubled(name: str) -> str:
    """Return a name once that is written twice in a row, as for screens and for readers of screens.

    >>> undoubled("Ana Lindqvist Ana Lindqvist"), undoubled("Ana LindqvistAna Lindqvist"), undoubled("Ana Lindqvist")
    ('Ana Lindqvist', 'Ana Lindqvist', 'Ana Lindqvist')
    """
    words = name.split()
    half = len(words) // 2
    if half > 1 and words[:half] == words[half:]:
        return " ".join(words[:half])
    middle = len(name) // 2
    return name[:middle] if len(words) == _GLUED_WORDS and name[:middle] == name[middle:] else name


_GLUED_WORDS = 3  # of a whole name of two words that is written twice without a space between


def account_name(text: str) -> str:
    """Return the name in what a publishing system calls an author.

    >>> account_name("ana.lindqvist"), account_name("ana lindqvist"), account_name("Ana Lindqvist")
    ('Ana Lindqvist', 'Ana Lindqvist', 'Ana Lindqvist')
    >>> account_name("ana.lindqvist@vellen.example"), account_name("Ana lindqvist"), account_name("Ana writes")
    ('Ana Lindqvist', 'Ana Lindqvist', 'Ana Writes')
    """
    bare = _MAIL.sub("", text.strip())
    is_account = _ACCOUNT.fullmatch(bare)
    return re.sub(r"[._-]", " ", bare).title() if is_account else text


_ACCOUNT = re.compile(r"[a-zà-ÿ]{2,}[._-][a-zà-ÿ]{4,}|[a-zà-ÿA-ZÀ-Þ][a-zß-ÿ]+ [a-zà-ÿ]{3,}")
_MAIL = re.compile(r"@\S+\.\w+$")


def in_order(name: str) -> str:
    """Return a name with the family name last, where it is set first with a comma.

    >>> in_order("Lind, Ana"), in_order("van der Stone, Mara Ada"), in_order("Ana Lind, Vellen Times")
    ('Ana Lind', 'Mara Ada van der Stone', 'Ana Lind, Vellen Times')
    """
    family, comma, given = name.partition(", ")
    particles = [word for word in family.split()[:-1] if not word.islower()]
    is_turned = comma and not particles and re.fullmatch(r"[^\W\d_][\w.'’-]+(?: [^\W\d_][\w.'’-]*)?", given)
    is_name_alone = is_turned and not _SUFFIX.fullmatch(given) and letters(given) not in AGENCIES.by_form
    return f"{given} {family}" if is_name_alone else name


_SUFFIX = re.compile(r"(?i)(?:jr|sr|ii|iii|phd|md|esq)\.?")


def is_name(text: str) -> bool:
    """Tell if this can be the name of a person: up to five words with capitals, and no word that names never have.

    >>> is_name("J. R. de la Stone"), is_name("Read more"), is_name("Port Anning Herald")
    (True, False, False)
    """
    words = _NICKNAME.sub(" ", text).split()
    n_capital = sum(word.casefold() not in _PARTICLES for word in words)
    least = 2 if _CJK.search(text) else 3
    if not least <= len(text) <= 60 or not 0 < n_capital <= _MAX_NAME_WORDS or _NO_NAME.search(text):
        return False
    if _ORGANIZATION.search(text) or _ROLE.search(text):
        return False
    if _CJK.search(text):
        return len(text) <= _MAX_CJK_TEXT and not (_NO_CJK_NAME.search(text) or _CJK_PLACE.search(text))
    if _CASELESS.search(text):
        return len(words) <= _MAX_NAME_WORDS
    return are_words_of_name(words)


def are_words_of_name(words: list[str]) -> bool:
    """Tell if words have the capitals of a name, and none of them is a word of other lines.

    >>> are_words_of_name(["Ada", "van", "Quill"]), are_words_of_name(["The", "Quill"])
    (True, False)
    """
    if words[0].islower() and sum(not word.islower() for word in words) < _MIN_WHOLE:
        return False  # "do Vellén": what a place or an outlet stands after
    if words[0].casefold() in _ARTICLES or any(word.casefold().strip(".,") in _NO_NAME_WORDS for word in words):
        return False
    return all(_NAME_WORD.match(word) or word.casefold() in _PARTICLES for word in words) and not words[-1].islower()


_MAX_NAME_WORDS = 5
_MAX_CJK_TEXT = 20  # characters, with a role
_NICKNAME = re.compile(r"""\s["“'‘„][^"”'’“]{2,20}["”'’“]\s|\s\([^)]{2,20}\)\s""")
#: Of outlets, labels and sentences, and no part of a name.
_NO_CJK_NAME = re.compile(
    r"新聞|新闻|日報|日报|通信|通讯|編集|编辑|編輯|部$|デジタル|ニュース|放送|電視|电视|記事|すべて|会社|公司|[翻譯译訳者]$|[のを。:：]|신문|뉴스|일보|방송|통신|편집"
)


def unique(names: Iterable[str]) -> list[str]:
    """Return names in their order, each once; case and punctuation make no other name.

    >>> unique(["Ana Lindqvist", "ANA LINDQVIST", "Tomás Okoro"])
    ['Ana Lindqvist', 'Tomás Okoro']
    """
    return list({letters(name): name for name in reversed(list(names))}.values())[::-1]


def is_whole(name: str) -> bool:
    """Tell if a name is more than one word, where its script has spaces between family name and given name.

    >>> is_whole("Ana"), is_whole("Ana Lindqvist"), is_whole("高橋健太")
    (False, True, True)
    """
    return " " in name or _CJK_NAME.fullmatch(name) is not None


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


_DATE_LABEL = re.compile(f"{OF_PUBLICATION}|{OF_UPDATES}", re.IGNORECASE)


def is_lone_name(text: str, sites: frozenset[str]) -> bool:
    """Tell if this can be the one word that a person goes by: no account, agency, outlet or other word of bylines.

    >>> is_lone_name("Dominique", frozenset()), is_lone_name("Redaktion", frozenset())
    (True, False)
    """
    form = letters(text)
    nobody = form in _ACCOUNTS or form in _NO_NAME_WORDS or form in AGENCIES.by_form or form in _MONTH_NAMES
    if nobody or any(site.startswith(form) for site in sites) or not re.fullmatch(r"[^\W\d_]{2,30}", text):
        return False
    return not any(words.search(text) for words in (_ORGANIZATION, _ROLE, _NO_NAME, _DATE_LABEL))
