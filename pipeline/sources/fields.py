"""Field guessing: which columns of a user's records hold the text, the title, the outlet and the other fields.

By name first, then by the values: a column called "date" that holds no dates is none, and a file whose columns have
names that nobody knows still has one with long texts. The names are in data/field_names.toml.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from pathlib import Path

from pipeline.sources.columns import SampleColumn, names_of
from pipeline.sources.record_dates import ways_to_read
from pipeline.sources.settings import Fields
from pipeline.sources.split_dates import JOINER, finest, joined

#: Letters whose stroke or dot is no accent that Unicode takes off.
_LETTERS = str.maketrans("ıłøđð", "ilodd")
#: Code points of a column's name that is looked up; names in use have up to 60.
LONGEST_NAME = 200
_WORDS = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_DATA = tomllib.loads((Path(__file__).parent / "data" / "field_names.toml").read_text(encoding="utf-8"))
AROUND, PARENTS, INNER = (frozenset(_DATA["around"][key]) for key in ("words", "parents", "inner"))
OTHER = frozenset(_DATA["other"]["words"])


def _plain(part: str) -> str:
    """Write a name without case, accents and marks between words.

    >>> _plain("Article Body"), _plain("articleBody"), _plain("publish_date"), _plain("Veröffentlicht"), _plain("$date")
    ('articlebody', 'articlebody', 'publishdate', 'veroffentlicht', 'date')
    """
    return "".join(words_of(part))


@lru_cache(maxsize=4096)
def words_of(name: str) -> tuple[str, ...]:
    """Split a name into its words, in lower case and without accents. Of a monstrous name, its beginning.

    >>> words_of("datePublished"), words_of("news_title"), words_of("Fecha de publicación"), words_of("HTMLBody")
    (('date', 'published'), ('news', 'title'), ('fecha', 'de', 'publicacion'), ('html', 'body'))
    """
    spread = unicodedata.normalize("NFKD", _CAMEL.sub(" ", name[:LONGEST_NAME])).casefold().translate(_LETTERS)
    bare = "".join(each for each in spread if not unicodedata.combining(each))
    return tuple(_WORDS.findall(unicodedata.normalize("NFC", bare)))


#: The rank of each name of a field: 0 for the surest.
NAMES: dict[str, dict[str, int]] = {
    role: {_plain(name): rank for rank, name in reversed(list(enumerate(names)))}
    for role, names in _DATA["names"].items()
}
PARTS_OF_DATES: dict[str, frozenset[str]] = {
    part: frozenset(map(_plain, names)) for part, names in _DATA["parts_of_dates"].items()
}
ROLES = tuple(each.name for each in fields(Fields))

#: Values of a column that are looked at for what they are.
SAMPLE = 50
#: What a name loses for each word around it and each level above it, in ranks. Chosen by hand: a name that is known as
#: it stands goes before one with words around it.
RANKS_A_WORD, RANKS_A_LEVEL = 200, 50
#: Code points above which a value is no title, no byline and no name of an outlet, as medians. Chosen by hand.
LONGEST_TITLE, LONGEST_BYLINE, LONGEST_OUTLET = 400, 300, 120


@dataclass(frozen=True)
class Choice:
    """The columns that hold each field, in the order in which they are tried; and the fields found out, not set."""

    columns: Mapping[str, tuple[str, ...]]
    guessed: frozenset[str] = frozenset()

    def of(self, role: str) -> tuple[str, ...]:
        """Return the columns of a field."""
        return self.columns.get(role, ())

    def columns_of_text(self) -> list[str]:
        """Return the columns of texts and pages, each of two that are read together by itself."""
        return [*(part for name in self.of("text") for part in name.split(JOINER)), *self.of("html")]

    def all_columns(self) -> frozenset[str]:
        """Return every column that holds a field."""
        names = [name for each in self.columns.values() for name in each]
        joined_ones = [*self.of("published"), *self.of("text")]
        return frozenset([*names, *(part for name in joined_ones for part in name.split(JOINER))])

    def in_words(self) -> str:
        """Say which columns that are not called like their field were chosen; empty if there are none.

        >>> Choice({"text": ("content",), "title": ("title",), "outlet": ("domain",)}, frozenset(ROLES)).in_words()
        '`content` as the text, `domain` as the outlet'
        """
        first = {role: names[0] for role, names in self.columns.items() if names and role in self.guessed}
        told = [role for role in _ORDER_OF_TELLING if first.get(role, role) != role]
        return ", ".join(f"`{first[role]}` as {_TOLD[role]}" for role in told)


_TOLD = {
    "text": "the text", "html": "the page", "title": "the title", "outlet": "the outlet", "url": "the address",
    "authors": "the authors", "published": "the date", "id": "the id", "deck": "the standfirst",
}  # fmt: skip
_ORDER_OF_TELLING = tuple(_TOLD)


#: Fields in the order in which they choose their columns: those that are surest to tell by their values first.
_CHOOSING = ("html", "text", "url", "outlet", "published", "authors", "title", "id", "deck", "dateline", "wire")


def choose_inside(columns: Mapping[str, SampleColumn], settings: Fields, objects: Collection[str]) -> Choice:
    """Choose columns where some hold whole articles as objects: what is in these counts as if it stood beside them."""
    whole: dict[str, str] = {}
    for name in columns:
        above, _, inner = name.partition(".")
        whole[inner if above in objects and inner and inner not in columns and inner not in whole else name] = name
    choice = choose({short: replace(columns[name], name=short) for short, name in whole.items()}, settings)
    long = {
        role: tuple(JOINER.join(whole.get(part, part) for part in name.split(JOINER)) for name in names)
        for role, names in choice.columns.items()
    }
    return replace(choice, columns=long)


def choose(columns: Mapping[str, SampleColumn], settings: Fields) -> Choice:
    """Choose the columns of each field: those that the settings name, else by names and values."""
    given = {role: name for role in ROLES if (name := getattr(settings, role))}
    chosen: dict[str, tuple[str, ...]] = {role: (name,) for role, name in given.items()}
    for role in _CHOOSING:
        if role not in given:
            free = _free(columns, chosen)
            found = _CHOOSERS[role](role, _open_to(role, free, chosen))
            chosen[role] = found or ((role,) if role in free and not _is_object(role, free[role]) else ())
            if role == "text" and chosen.get("html"):  # only a name says which text stands for a page that is missing
                chosen[role] = tuple(name for name in found if rank_of(name, role) is not None)
    return Choice({role: names for role, names in chosen.items() if names}, frozenset(ROLES) - given.keys())


def _open_to(role: str, free: Mapping[str, SampleColumn], chosen: Mapping[str, tuple[str, ...]]) -> list[SampleColumn]:
    """Return the columns among which a field may choose."""
    return _beside(free, chosen) if role == "published" else list(free.values())


def _beside(columns: Mapping[str, SampleColumn], chosen: Mapping[str, tuple[str, ...]]) -> list[SampleColumn]:
    """Leave out the columns outside the object that holds the text where columns of dates stand inside: an envelope,
    such as that of Kafka, has a time of its own.

    >>> dates = {name: SampleColumn(name, ["2031-01-04"]) for name in ("timestamp", "value.date", "value.id")}
    >>> [each.name for each in _beside(dates, {"text": ("value.text",)})], len(_beside(dates, {"text": ("text",)}))
    (['value.date', 'value.id'], 3)
    """
    above = next(iter(chosen.get("text", ())), "").split(JOINER)[0].rpartition(".")[0]
    inside = [each for name, each in columns.items() if above and name.startswith(f"{above}.")]
    named = [each for each in inside if rank_of(each.name, "published") is not None]
    return inside if any(share_of_dates(each) > 0.5 for each in named) else list(columns.values())


def _is_object(role: str, column: SampleColumn) -> bool:
    """Return True for objects called like a text: what is about a page, and not the page itself."""
    return role in ("text", "html") and bool(column.values) and not column.texts


#: Fields that tell articles from other texts, such as paragraphs and comments.
TELLING = ("title", "url", "published", "authors", "outlet")


def fields_of_articles(
    columns: Mapping[str, SampleColumn], settings: Fields, objects: Collection[str] = ()
) -> tuple[int, float]:
    """Count the fields of an article that the columns of a table hold, and give the length of its texts.

    Without a text it is no table of articles (0, 0.0). A number in the place of an outlet refers to another table.
    """
    choice = choose_inside(columns, settings, objects)
    names = [*choice.of("html"), *choice.columns_of_text()]
    text = next((columns[each] for each in names if each in columns), None)
    if text is None or not text.texts:
        return 0, 0.0
    firsts = ((role, choice.of(role)[:1]) for role in TELLING)
    told = [(role, columns[name]) for role, names in firsts for name in names if name in columns]
    return 1 + sum(role != "outlet" or not column.holds_numbers() for role, column in told), text.length


def _free(columns: Mapping[str, SampleColumn], chosen: Mapping[str, tuple[str, ...]]) -> dict[str, SampleColumn]:
    """Return the columns that no field has, and that are no part of the text."""
    taken = Choice(chosen).all_columns()
    text = chosen.get("text", ())
    return {name: column for name, column in columns.items() if name not in taken and not _is_part(name, text)}


def _is_part(name: str, whole: Iterable[str]) -> bool:
    return any(name.startswith(f"{each}.") for each in whole)


def _named(role: str, columns: Sequence[SampleColumn]) -> list[SampleColumn]:
    """Return the columns whose name fits a field, the surest first."""
    ranked = [(rank, column) for column in columns if (rank := rank_of(column.name, role)) is not None]
    return [column for _, column in sorted(ranked, key=lambda each: each[0])]


def _whole(columns: Sequence[SampleColumn]) -> list[SampleColumn]:
    """Leave out the parts of objects that are columns themselves."""
    names = [column.name for column in columns]
    return [column for column in columns if not _is_part(column.name, names)]


def _by_name(role: str, columns: Sequence[SampleColumn]) -> tuple[str, ...]:
    """Return the columns whose name and values fit a field, the surest name first."""
    return names_of(_whole([column for column in _named(role, columns) if _FITS[role](column)]))


def _published(role: str, columns: Sequence[SampleColumn]) -> tuple[str, ...]:
    """Return the columns of dates, the surest name first; one whose values are no dates only if there is no other."""
    columns = _of_articles(columns)
    named = [column for column in _named(role, columns) if column.values]
    dates = _whole([column for column in named if share_of_dates(column) > 0.5])
    parts = joined(columns, _part_of_a_date)
    if parts and all(column.name in parts.split(JOINER) for column in dates):
        return (parts,)
    return finest(dates, columns) or names_of([column for column in named if column.texts][:1]) or _by_values(columns)


def _of_articles(columns: Sequence[SampleColumn]) -> list[SampleColumn]:
    """Leave out moments of something else: of a crawl, and where tools for annotation have exported tasks, of the task.

    >>> [each.name for each in _of_articles([SampleColumn(name) for name in ("warc_date", "date", "created_at")])]
    ['date', 'created_at']
    >>> [each.name for each in _of_articles([SampleColumn(name) for name in ("annotator", "lead_time", "created_at")])]
    ['annotator', 'lead_time']
    """
    marks = {_plain(column.name) for column in columns} & _MARKS_OF_TASKS
    others = _MOMENTS_OF_TASKS if len(marks) >= _MARKS_NEEDED else frozenset()
    return [each for each in columns if _plain(each.name) not in others and "warc" not in words_of(each.name)]


#: Columns that Label Studio, Prodigy and the like write about a task, and those of its moments beside them.
_MARKS_OF_TASKS = frozenset(
    ("annotations", "annotator", "annotationid", "totalannotations", "completedby", "predictions", "drafts", "leadtime",
     "taskhash", "inputhash", "viewid", "annotationapprover", "cancelledannotations", "innerid")
)  # fmt: skip
_MARKS_NEEDED = 2
_MOMENTS_OF_TASKS = frozenset(("createdat", "created", "updatedat", "timestamp"))


def _part_of_a_date(name: str) -> str | None:
    """Return "year", "month" or "day" if a column is called so.

    >>> _part_of_a_date("date.Monat"), _part_of_a_date("pub_year"), _part_of_a_date("day of the week")
    ('month', 'year', None)
    """
    forms = {_plain(name.rpartition(".")[2]), *(form for form, _ in _forms(name))}
    return next((part for part, names in PARTS_OF_DATES.items() if not forms.isdisjoint(names)), None)


def _by_values(columns: Sequence[SampleColumn]) -> tuple[str, ...]:
    """Return the first column of dates in full, whatever it is called, unless its name says that it is another one."""
    named = [column for column in columns if not _is_other(column) and not column.holds_numbers()]
    return tuple(column.name for column in named if column.length >= 8 and share_of_dates(column) > 0.9)[:1]


def share_of_dates(column: SampleColumn) -> float:
    """Return the share of a column's first values that are dates, in whatever order of day and month."""
    values = column.values[:SAMPLE]
    return sum(ways_to_read(value) > 0 for value in values) / len(values) if values else 0.0


def _text(role: str, columns: Sequence[SampleColumn]) -> tuple[str, ...]:
    """Return the columns of the text: of those with a name for it the longest first; else the longest of all."""
    prose = [column for column in columns if _holds_text(column)]
    if two := _lead_and_rest(prose, columns):
        return (two,)
    named = _whole(_named(role, prose))
    long = [column for column in prose if column.holds_prose()]
    best = max(named, key=lambda column: (column.total, -(rank_of(column.name, role) or 0)), default=None)
    # A name that is also used for headlines or for data is believed only where its texts are no shorter than prose.
    if best and (best in long or not long):
        return (best.name, *_others(best, named, role))
    unnamed = [column for column in long if not _is_other(column)]
    if unnamed:
        return (max(unnamed, key=lambda column: column.total).name,)
    return names_of([column for column in _named(role, columns) if not column.values][:1])


def _lead_and_rest(prose: Sequence[SampleColumn], columns: Sequence[SampleColumn]) -> str:
    """Return the two columns in which some systems keep the lead of an article and its rest, joined; "" for none.

    >>> texts = ["The ferry to Holm was late again on Monday, said the office."]
    >>> columns = [SampleColumn(name, texts, texts) for name in ("introtext", "fulltext")]
    >>> _lead_and_rest(columns, columns), _lead_and_rest(columns[:1], columns)
    ('introtext+fulltext', '')
    """
    by_name = {_plain(column.name): column.name for column in prose}
    all_names = {_plain(column.name) for column in columns}
    for lead, rest, *others in _LEADS_AND_RESTS:
        if lead in by_name and rest in by_name and all_names.issuperset(others):
            return f"{by_name[lead]}{JOINER}{by_name[rest]}"
    return ""


#: Joomla; Factiva; data sets of Dow Jones, where other columns tell that a snippet is the lead and no summary.
_LEADS_AND_RESTS = (
    ("introtext", "fulltext"),
    ("lp", "td"),
    ("snippet", "body", "an", "publicationdatetime"),
)


def _holds_text(column: SampleColumn) -> bool:
    return bool(column.texts) and column.holds_words() and not column.holds_addresses()


def _is_other(column: SampleColumn) -> bool:
    """Return True if a column's name says that it holds something else than a field of an article."""
    return not OTHER.isdisjoint(words_of(column.name))


def _others(best: SampleColumn, named: Sequence[SampleColumn], role: str) -> list[str]:
    """Return the columns to look in where the best one is empty: whole texts, no summaries."""
    ranks = {column.name: rank for column in named if (rank := rank_of(column.name, role)) is not None}
    whole = [name for name, rank in ranks.items() if name != best.name and rank < NAMES["text"]["description"]]
    return sorted(whole, key=lambda name: ranks[name])


def _html(role: str, columns: Sequence[SampleColumn]) -> tuple[str, ...]:
    """Return the columns that hold pages of HTML, by name and value; else one of whole pages, whatever it is called."""
    named = _by_name(role, columns)
    pages = [column.name for column in columns if column.texts and column.holds_pages()]
    return tuple(dict.fromkeys([*(name for name in named if name in pages), *pages[:1], *named]))


def _title(role: str, columns: Sequence[SampleColumn]) -> tuple[str, ...]:
    """Return the columns of the headline by name; else the one column of short, distinct lines of several words."""
    if named := _by_name(role, [each for each in columns if not _is_person(each, columns)]):
        return named
    lines = [column for column in columns if len(column.texts) > 1 and column.distinct > 0.9 and _is_line(column)]
    return (lines[0].name,) if len(lines) == 1 else ()


def _authors(role: str, columns: Sequence[SampleColumn]) -> tuple[str, ...]:
    """Return the columns of authors by name; else those of the person who has an account, as posts name them."""
    return _by_name(role, columns) or names_of([each for each in columns if each.texts and _is_person(each, columns)])


def _is_person(column: SampleColumn, columns: Sequence[SampleColumn]) -> bool:
    """Return True for a name beside the name of an account in the same object: it is a person's, and no headline."""
    above, _, last = column.name.rpartition(".")
    if _plain(last) != "name":
        return False
    beside = {_plain(each.name.rpartition(".")[2]) for each in columns if each.name.rpartition(".")[0] == above}
    return not beside.isdisjoint(("username", "screenname"))


def _is_line(column: SampleColumn) -> bool:
    """Return True if the texts of a column are as long as headlines, made of words, and no field of another name."""
    named = _is_other(column) or any(rank_of(column.name, role) is not None for role in ("text", "deck"))
    spaces = sum(text.count(" ") for text in column.texts)
    return (
        20 <= column.length <= 200
        and spaces >= 3 * len(column.texts)
        and column.holds_words()
        and not (named or column.holds_addresses() or column.holds_numbers())
        and share_of_dates(column) < 0.5
    )


def _url(role: str, columns: Sequence[SampleColumn]) -> tuple[str, ...]:
    """Return the columns of addresses by name; else the one column of distinct addresses."""
    if named := _by_name(role, columns):
        return named
    others = [column for column in columns if _FITS["url"](column) and column.distinct > 0.9]
    return tuple(column.name for column in others if not _is_other(column))[:1]


_CHOOSERS: dict[str, Callable[[str, Sequence[SampleColumn]], tuple[str, ...]]] = {
    **dict.fromkeys(ROLES, _by_name),
    "text": _text,
    "html": _html,
    "title": _title,
    "url": _url,
    "published": _published,
    "authors": _authors,
}


def _short(limit: int, column: SampleColumn) -> bool:
    return 0 < column.length <= limit and not column.holds_numbers()


def _holds_paths(column: SampleColumn) -> bool:
    """Return True if most texts are paths: names with strokes between them, and no blanks."""
    return column.share(re.compile(r"[^\s/]*(?:/[^\s/]+){2,}/?$")) > 0.5


_FITS: dict[str, Callable[[SampleColumn], bool]] = {
    "id": lambda column: bool(column.texts) and column.length <= 500 and column.distinct > 0.9,
    "url": lambda column: column.holds_addresses() and column.distinct > 0.5 and not column.holds_home_pages(),
    "outlet": lambda column: _short(LONGEST_OUTLET, column) and not _FITS["url"](column),
    "title": lambda column: _short(LONGEST_TITLE, column) and not column.holds_addresses() and not _holds_paths(column),
    "authors": lambda column: bool(column.values) and column.length <= LONGEST_BYLINE and not column.holds_numbers(),
    "html": lambda column: column.share(re.compile(r"\s*<")) > 0.5,
    "deck": lambda column: _short(2 * LONGEST_TITLE, column),
    "dateline": lambda column: _short(LONGEST_OUTLET, column),
    "wire": lambda column: bool(column.values),
}


def rank_of(name: str, role: str) -> int | None:
    """Return how sure it is that a column of this name holds a field, 0 the surest; None if it is not.

    >>> rank_of("text", "text"), rank_of("record_title", "title"), rank_of("title.rendered", "title")
    (0, 200, 50)
    >>> rank_of("image.url", "url"), rank_of("date_download", "published"), rank_of("author.name", "title")
    (None, None, None)
    """
    if name.casefold() in _OF_OBJECTS:
        return None
    ranks = [rank + penalty for form, penalty in _forms(name) if (rank := NAMES[role].get(form)) is not None]
    return min(ranks, default=None)


#: Names that say something of an object only: the origin of an item is its feed, that of a record how it was got.
_OF_OBJECTS = frozenset(("origin",))


@lru_cache(maxsize=4096)
def _forms(name: str) -> tuple[tuple[str, int], ...]:
    """Return the forms of a column's name to look up, each with what it loses in ranks; none for a monstrous name."""
    if len(name) > LONGEST_NAME:
        return ()
    *above, last = name.split(".")
    forms = _forms_of_part(last) if all(_is_neutral(part) for part in above) else []
    inner = _plain(last) in INNER or last == "@id"  # by which JSON-LD calls a page by its address
    if above and above[-1] != "_source" and inner and all(_is_neutral(part) for part in above[:-1]):
        forms = [*forms, *_forms_of_part(above[-1])]
    return tuple((form, penalty + RANKS_A_LEVEL * len(above)) for form, penalty in forms)


def _is_neutral(part: str) -> bool:
    return part == "_source" or _plain(part) in PARENTS


def _forms_of_part(part: str) -> list[tuple[str, int]]:
    whole = _plain(part)
    words = words_of(part)
    inner = [word for word in words if word not in AROUND]
    forms = [(whole, 0)]
    if len(words) > 1 and inner and not OTHER & set(words):
        forms.append(("".join(inner), RANKS_A_WORD * (len(words) - len(inner))))
    return forms
