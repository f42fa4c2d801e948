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

from pipeline.sources.columns import columns_of
from pipeline.sources.fields import OTHER, SAMPLE, choose, rank_of, words_of
from pipeline.sources.json_files.text import EACH_ELEMENT, EACH_MEMBER, Path
from pipeline.sources.record_dates import ways_to_read
from pipeline.sources.settings import Fields
from pipeline.sources.values import is_nothing

#: Levels of a file in which lists of articles are looked for; GraphQL's `data.articles.edges[].node` has five.
MAX_LEVELS = 7
#: Elements of each list that are looked at in the search, and members of each object.
ELEMENTS, MEMBERS = 20, 60
#: The fields that make an object with a text an article, not a paragraph or a comment.
TELLING = ("title", "url", "published", "outlet", "authors")
#: Names of what is above a list that name its outlet, and the names that records get for them.
FEED_NAMES = {"title": "feed_title", "name": "feed_title", "home_page_url": "feed", "link": "feed"}
#: The fields that an object around a list can hold for all of its records.
OF_ALL = ("outlet", "published", "authors")
_SHORT = 300


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
        names = [*choice.of("text"), *choice.of("html")]
        text = sum(columns[name].total for name in names[:1] if name in columns) / max(1, len(objects))
        text *= min(len(objects), 2)  # many short notes are no articles
        is_one = EACH_ELEMENT not in self.path and EACH_MEMBER not in self.path
        if is_one and not any(rank_of(name, "text") is not None or rank_of(name, "html") is not None for name in names):
            text = 0
        return text * (1 + roles) if roles or not is_one else text / 2, len(objects) * roles


def _without_lists(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """Leave the lists of objects out of an object: they are what it is compared with, if they are no paragraphs."""
    return {
        name: each
        for name, each in value.items()
        if rank_of(name, "text") is not None
        or not (isinstance(each, list) and each and isinstance(each[0], Mapping) and not _is_byline(name))
    }


def _is_byline(name: str) -> bool:
    return rank_of(name, "authors") is not None


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
    """Say where records are.

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
            if each.path != inner:
                yield each


def _candidates_in_object(value: Mapping[str, Any], path: Path, outer: Mapping[str, Any]) -> Iterator[_Candidate]:
    if not path:  # names of fields lead into the objects of an article
        yield _Candidate(path, [value], outer)
    around = {**outer, **{name: each for name, each in value.items() if _is_single(each)}}
    members = [(name, each) for name, each in value.items() if isinstance(each, (Mapping, list)) and each]
    if like := _alike([each for _, each in members]):
        keyed = {**around, EACH_MEMBER: [name for name, _ in members]}
        yield from _candidates_in_members(like, (*path, EACH_MEMBER), keyed)
        if isinstance(like[0], list):
            return
    for name, each in members[:MEMBERS]:
        if not OTHER & set(words_of(name[:_SHORT])):
            yield from _candidates(each, (*path, name), around)


def _candidates_in_members(like: Sequence[Any], inner: Path, keyed: Mapping[str, Any]) -> Iterator[_Candidate]:
    """Yield the places in the members of an object that are all of a kind."""
    if isinstance(like[0], Mapping):
        yield _Candidate(inner, like[:ELEMENTS], keyed)
        yield from (each for each in _candidates_in_object(like[0], inner, keyed) if len(each.path) > len(inner))
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
    return None


def _with_outer(shape: JsonShape, outer: Mapping[str, Any], objects: Sequence[Mapping[str, Any]]) -> JsonShape:
    """Give records what the objects around them say, where the records do not say it themselves."""
    choice = choose(columns_of(objects), Fields())
    taken = {str(name) for each in objects for name in each}
    missing = [role for role in OF_ALL if not choice.of(role) and (role, shape.key) != ("outlet", "domain")]
    names = {name: column for role in missing for name, column in _outer_names(role, outer, taken).items()}
    fixed = {column: outer[name] for name, column in names.items()} if _is_only_one(shape.path) else {}
    return replace(shape, outer=names, fixed=fixed)


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
    if isinstance(data, list) and (found := _of_arrays(data, ("data", EACH_ELEMENT), None)):
        return found
    return JsonShape(table=True, note="reading the members of the file as columns") if _is_table(view) else None


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
