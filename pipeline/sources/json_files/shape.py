"""The shape of a JSON file: where in it the articles are, found out from its beginning.

A file may be a list, a list inside an object (`articles`, `response.docs`, `hits.hits`), a dictionary from id to
article, one article, a table, or any of these several times over. Of several lists the one whose objects look most
like articles is read.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pipeline.sources.columns import MAX_DEPTH, columns_of, flattened
from pipeline.sources.fields import OTHER, SAMPLE, TELLING, choose, rank_of, words_of
from pipeline.sources.json_files.text import EACH_ELEMENT, EACH_MEMBER, Path
from pipeline.sources.record_dates import ways_to_read
from pipeline.sources.settings import Fields
from pipeline.sources.values import is_nothing, whole_text

#: Levels of a file in which lists of articles are looked for; GraphQL's `data.articles.edges[].node` has five.
MAX_LEVELS = 7
#: Elements of each list that are looked at in the search, and members of each object.
ELEMENTS, MEMBERS = 20, 60
#: Members that are all of a kind into which the search goes: the first ones may hold an empty list.
MEMBERS_INSIDE = 3
#: Names of what is above a list that name its outlet, and the names that records get for them.
FEED_NAMES = {"title": "feed_title", "name": "feed_title", "home_page_url": "feed", "link": "feed"}
#: The fields that an object around a list can hold for all of its records.
OF_ALL = ("outlet", "published", "authors")
_SHORT = 300  # characters of a name, or of a value that is no text
LONGEST_NAME_OF_OUTLET = 60  # characters
#: Names of the parts of a data set.
PARTS = frozenset(
    ("train", "training", "test", "testing", "dev", "devel", "valid", "validation", "eval", "all", "other", "unknown",
     "true", "false", "fake", "real", "positive", "negative", "neutral", "results", "data", "articles", "news", "posts")
)  # fmt: skip


@dataclass(frozen=True)
class JsonShape:
    """Where the records of a file are: the path to them, and how each becomes one.

    `outer` maps names of single values around a list to the columns that records get from them; `key` is the column
    of the names of members that led to a record. `columns` is set where records are arrays, and `table` where the file
    holds its columns one after another.
    """

    path: Path = ()
    outer: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)  # values around the list, by column
    key: str | None = None
    columns: tuple[str, ...] | None = None
    table: bool = False
    note: str = ""
    sure: bool = True  # a text was found there

    @property
    def key_at(self) -> int:
        """The position of the member's name among the names that led to a record."""
        above = self.path[: -1 - self.path[::-1].index(EACH_MEMBER)]
        return len(above) - above.count(EACH_ELEMENT)


@dataclass(frozen=True)
class _Candidate:
    """A place in a file where articles may be, with the first values there and the single values around it."""

    path: Path
    values: Sequence[Any]
    outer: Mapping[str, Any]

    def score(self) -> tuple[float, int]:
        """Rate how much the values look like articles: by their texts, and by the fields that articles have."""
        objects = [each for each in self.values if isinstance(each, Mapping)]
        columns = columns_of(_without_lists(each) for each in objects)
        choice = choose(columns, Fields())
        roles = sum(bool(choice.of(role)) for role in TELLING)
        names = choice.columns_of_text()
        text = sum(columns[name].total for name in names[:1] if name in columns) / max(1, len(objects))
        text *= min(len(objects), 2)  # many short notes are no articles
        is_one = EACH_ELEMENT not in self.path and EACH_MEMBER not in self.path
        if is_one and not any(rank_of(name, "text") is not None or rank_of(name, "html") is not None for name in names):
            text = 0
        return text * (1 + roles) if roles or not is_one else text / 2, len(objects) * roles


def _without_lists(value: Mapping[str, Any], depth: int = 1) -> Mapping[str, Any]:
    """Leave the lists of objects out of an object: they are what it is compared with, if they are no paragraphs."""
    own = {name: each for name, each in value.items() if not _is_list_of_others(name, each)}
    if depth >= MAX_DEPTH:
        return own
    return {name: _without_lists(each, depth + 1) if isinstance(each, Mapping) else each for name, each in own.items()}


def _is_list_of_others(name: str, value: Any) -> bool:
    """Return True for a list of objects that are neither the text of the object around them nor its authors."""
    if not (isinstance(value, list) and value and isinstance(value[0], Mapping)):
        return False
    if rank_of(name, "text") is not None:
        titled = any(rank_of(inner, "title") is not None for inner, _ in flattened(value[0]))
        return titled and not _are_pieces(value)
    return rank_of(name, "authors") is None and not _are_pieces(value)


def _are_pieces(values: Sequence[Any]) -> bool:
    """Return True if the objects of a list are pieces of one text: paragraphs or lines, with no fields of their own.

    >>> _are_pieces([{"type": "text", "content": "The ferry sails."}, {"type": "image", "caption": "A ferry"}])
    True
    >>> _are_pieces([{"title": "Ferry late", "text": "It sails."}]), _are_pieces([{"date": "2031-01-04", "text": "No"}])
    (False, False)
    """
    pieces = [each for each in values[:ELEMENTS] if isinstance(each, Mapping) and whole_text(each)]
    return 2 * len(pieces) >= len(values[:ELEMENTS]) and not any(
        rank_of(name, role) is not None
        for each in pieces
        for name, value in flattened(each)
        for role in TELLING
        if not is_nothing(value)
    )


def shape_of(view: Any) -> JsonShape:
    """Find the shape of a file from the value that its beginning holds.

    >>> story = {"title": "Ferry late", "content": "The ferry to Holm was late again on Monday, said the office."}
    >>> shape_of([story, story]).path, shape_of({"status": "ok", "articles": [story, story]}).path, shape_of(story).path
    (('[]',), ('articles', '[]'), ())
    >>> shape_of({"a1": story, "a2": story}).path, shape_of({"title": ["Ferry late"], "text": ["It is."]}).table
    (('*',), True)
    """
    if columns := _columns_in(view):
        return columns
    best = max(_candidates(view, (), {}), key=_Candidate.score, default=None)
    if best is None:
        return JsonShape(sure=False)
    if not any(best.score()) and isinstance(view, list):
        return JsonShape((EACH_ELEMENT,))
    return _shape_at(best)


def _shape_at(best: _Candidate) -> JsonShape:
    shape = JsonShape(best.path, note=_in_words(best.path), sure=best.score()[0] > 0)
    if EACH_MEMBER in best.path:
        shape = replace(shape, key=_column_of_keys(best))
    objects = [each for each in best.values if isinstance(each, Mapping)]
    return _with_outer(shape, best.outer, objects) if len(best.path) > 1 else shape


def _in_words(path: Path) -> str:
    """Word where the records of a file are, for the note on how it is read; empty for a plain list.

    >>> _in_words(("response", "docs", "[]")), _in_words(("*", "[]")), _in_words(("[]",))
    ('reading the list `response.docs`', 'reading each member of the file as a list', '')
    """
    if path in ((), (EACH_ELEMENT,)):
        return ""
    if path[0] == EACH_MEMBER:
        return f"reading each member of the file as a {'record' if len(path) == 1 else 'list'}"
    name = ".".join(path[:-1]).replace(f".{EACH_ELEMENT}", EACH_ELEMENT)
    return f"reading the list `{name}`" if path[-1] == EACH_ELEMENT else f"reading each member of `{name}`"


# ---------------------------------------------------------------- places where articles may be


def _candidates(value: Any, path: Path, outer: Mapping[str, Any]) -> Iterator[_Candidate]:
    """Yield the places below a value where articles may be."""
    if len(path) > MAX_LEVELS:
        return
    if isinstance(value, Mapping):
        yield from _candidates_in_object(value, path, outer)
    elif isinstance(value, list) and any(isinstance(each, Mapping) for each in value[:ELEMENTS]):
        inner = (*path, EACH_ELEMENT)
        yield _Candidate(inner, value[:ELEMENTS], outer)
        first = next(each for each in value if isinstance(each, Mapping))
        for each in _candidates_in_object(first, inner, outer):
            if each.path != inner and not _is_text_of(first, each):
                yield each


def _is_text_of(article: Mapping[str, Any], candidate: _Candidate) -> bool:
    """Return True if what was found in an object with a headline or an address are the pieces of its text."""
    if candidate.path[-1] != EACH_ELEMENT or not _are_pieces(candidate.values):
        return False
    choice = choose(columns_of([_without_lists(article)]), Fields())
    return any(rank_of(name, role) is not None for role in ("title", "url") for name in choice.of(role))


def _candidates_in_object(value: Mapping[str, Any], path: Path, outer: Mapping[str, Any]) -> Iterator[_Candidate]:
    if not path:  # names of fields lead into the objects of an article
        yield _Candidate(path, [value], outer)
    around = {**outer, **{name: each for name, each in value.items() if _is_single(each)}}
    members = [(name, each) for name, each in value.items() if isinstance(each, (Mapping, list)) and each]
    if like := _alike([each for _, each in members]):
        keyed = {**around, EACH_MEMBER: [name for name, _ in members]}
        yield from _candidates_in_members(like, (*path, EACH_MEMBER), keyed)
        return
    for name, each in members[:MEMBERS]:
        if not OTHER & set(words_of(name[:_SHORT])):
            yield from _candidates(each, (*path, name), around)


def _candidates_in_members(like: Sequence[Any], inner: Path, keyed: Mapping[str, Any]) -> Iterator[_Candidate]:
    """Yield the places in the members of an object that are all of a kind."""
    if isinstance(like[0], Mapping):
        yield _Candidate(inner, like[:ELEMENTS], keyed)
        for member in like[:MEMBERS_INSIDE]:
            yield from (each for each in _candidates_in_object(member, inner, keyed) if len(each.path) > len(inner))
    else:
        merged = list(itertools.chain.from_iterable(each[:ELEMENTS] for each in like[:ELEMENTS]))
        yield _Candidate((*inner, EACH_ELEMENT), merged, keyed)


def _alike(values: Sequence[Any]) -> list[Any]:
    """Return the values that are all objects, or all lists of objects, with the same members; none if they differ."""
    kinds = {type(each) for each in values}
    if len(values) < 2 or len(kinds) != 1:
        return []
    firsts = values if isinstance(values[0], Mapping) else [each[0] for each in values]
    if not all(isinstance(each, Mapping) and each for each in firsts):
        return []
    names = [set(each) for each in firsts[:ELEMENTS]]
    shared = [len(first & other) / len(first | other) for first, other in itertools.pairwise(names)]
    return list(values) if sum(shared) / len(shared) >= 0.5 else []


def _is_single(value: Any) -> bool:
    return not isinstance(value, (Mapping, list)) and not is_nothing(value) and len(str(value)) <= _SHORT


def _column_of_keys(best: _Candidate) -> str | None:
    """Return the column for the names of members: the id, the date or the outlet, by how they look; None for none."""
    names = [str(each) for each in best.outer.get(EACH_MEMBER, ())][:SAMPLE]
    if best.path[-1] == EACH_MEMBER:
        return "id"
    if names and all(ways_to_read(name) == 1 for name in names):
        return "date"
    if names and all(re.fullmatch(r"[\w-]+(?:\.[\w-]+)+", name) for name in names):
        return "domain"
    return "outlet" if len(names) > 1 and all(map(_is_name, names)) else None


def _is_name(text: str) -> bool:
    """Return True if a member may be called after an outlet, and is no id, no part of a data set and no verdict.

    >>> _is_name("Holm Post"), _is_name("train"), _is_name("a81"), _is_name("REAL")
    (True, False, False, False)
    """
    return len(text) <= LONGEST_NAME_OF_OUTLET and text.casefold() not in PARTS and not re.search(r"\d", text)


def _with_outer(shape: JsonShape, outer: Mapping[str, Any], objects: Sequence[Mapping[str, Any]]) -> JsonShape:
    """Give records what the objects around them say, where the records do not say it themselves."""
    choice = choose(columns_of(objects), Fields())
    taken = {str(name) for each in objects for name in each}
    if "username" in taken and not choice.of("title") and isinstance(outer.get("title"), str):
        shape, outer = _titled(shape, outer)
    missing = [role for role in OF_ALL if not choice.of(role) and (role, shape.key) != ("outlet", "domain")]
    names = {name: column for role in missing for name, column in _outer_names(role, outer, taken).items()}
    fixed = {column: outer[name] for name, column in names.items()} if _is_only_one(shape.path) else {}
    return replace(shape, outer={**shape.outer, **names}, fixed={**shape.fixed, **fixed})


def _titled(shape: JsonShape, outer: Mapping[str, Any]) -> tuple[JsonShape, Mapping[str, Any]]:
    """Give the posts of a thread its title, which is no name of an outlet."""
    fixed = {"title": outer["title"]} if _is_only_one(shape.path) else {}
    rest = {name: value for name, value in outer.items() if name not in FEED_NAMES}
    return replace(shape, outer={"title": "title"}, fixed=fixed), rest


def _outer_names(role: str, outer: Mapping[str, Any], taken: Collection[str]) -> dict[str, str]:
    """Return the member around the records that holds a field, and the column that it becomes; none if none does."""
    ranks = {name: rank for name in outer if (rank := rank_of(name, role)) is not None and name not in taken}
    if ranks:
        name = min(ranks, key=ranks.__getitem__)
        return {name: name}
    feeds = [name for name in FEED_NAMES if isinstance(outer.get(name), str)] if role == "outlet" else []
    return {name: FEED_NAMES[name] for name in feeds[:1]}


def _is_only_one(path: Path) -> bool:
    """Return True if a path leads to one list, so that what is around it holds for the whole file."""
    return EACH_ELEMENT not in path[:-1] and EACH_MEMBER not in path[:-1]


# ---------------------------------------------------------------- tables


def _columns_in(view: Any) -> JsonShape | None:
    """Return the shape of a table: arrays of values, with names in the first or beside them, or columns."""
    if isinstance(view, list) and view and all(isinstance(each, str) for each in view):
        return JsonShape((EACH_ELEMENT,), note="reading a list of texts")
    if isinstance(view, list):
        return _of_arrays(view, (EACH_ELEMENT,), None)
    if not isinstance(view, Mapping):
        return None
    names, data = view.get("columns"), view.get("data")
    if isinstance(names, list) and isinstance(data, list) and all(isinstance(each, str) for each in names):
        return _of_arrays(data, ("data", EACH_ELEMENT), tuple(names))
    for name in ("data", "values", "rows"):
        rows = view.get(name)
        if isinstance(rows, list) and (found := _of_arrays(rows, (name, EACH_ELEMENT), None)):
            return found
    return JsonShape(table=True, note="reading the members of the file as columns") if _is_table(view) else None


def shape_of_rows(rows: Sequence[Any]) -> JsonShape:
    """Return the shape of a file with an array of values on each line."""
    return _of_arrays(rows, (), None) or JsonShape(sure=False)


def _of_arrays(rows: Sequence[Any], path: Path, names: tuple[str, ...] | None) -> JsonShape | None:
    if not rows or not all(isinstance(each, list) for each in rows) or not any(rows):
        return None
    if any(isinstance(each, (list, Mapping)) for row in rows[:1] for each in row):
        return None
    if names is None:
        names = _names_in(rows[0]) or tuple(str(number) for number, _ in enumerate(rows[0], start=1))
    return JsonShape(
        path, columns=names, note=f"reading arrays as rows of {', '.join(f'`{name}`' for name in names[:12])}"
    )


def _names_in(row: Sequence[Any]) -> tuple[str, ...] | None:
    """Return the names of columns that a first row holds; None if it holds values.

    >>> _names_in(["id", "headline", "body"]), _names_in([1, "Ferry late", "The ferry."])
    (('id', 'headline', 'body'), None)
    """
    if not all(isinstance(each, str) and len(each) <= 60 for each in row) or len(set(row)) < len(row):
        return None
    known = [name for name in row if any(rank_of(name, role) is not None for role in ("text", "html", "title", "id"))]
    return tuple(row) if known else None


def _is_table(view: Mapping[str, Any]) -> bool:
    """Return True if an object holds columns: lists, or objects with the same keys, of as many single values."""
    values = list(view.values())
    if not any(rank_of(name, role) is not None for name in view for role in ("text", "html")):
        return False
    if all(isinstance(each, list) for each in values):
        return _as_many([len(each) for each in values]) and all(map(_are_single, values))
    return all(isinstance(each, Mapping) for each in values) and _have_same_keys(values)


def _have_same_keys(columns: Sequence[Mapping[str, Any]]) -> bool:
    """Return True if objects have the same keys, with single values; the last one of a beginning may have fewer."""
    *keys, last = [list(each)[:ELEMENTS] for each in columns]
    first = keys[0] if keys else last
    alike = all(each == first for each in keys) and last == first[: len(last)] != []
    return alike and all(_are_single(list(each.values())) for each in columns)


def _as_many(lengths: Sequence[int]) -> bool:
    """Return True if all columns are as long; the last ones of a beginning may be shorter."""
    return len(set(lengths[:-1])) <= 1 and lengths[-1] <= lengths[0]


def _are_single(values: Sequence[Any]) -> bool:
    return not any(isinstance(each, Mapping) for each in values)
