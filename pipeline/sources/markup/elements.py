"""Elements of unknown names: find the one that is an article, and read its children and attributes as columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from xml.etree.ElementTree import Element

from pipeline.sources.fields import rank_of
from pipeline.sources.markup.shapes import NoArticle, Values
from pipeline.sources.markup.text import flat, has_own_text, paragraphs

#: Elements of text, by which an article is marked up in parts.
PARTS = frozenset(
    ("p", "para", "par", "paragraph", "section", "sec", "subsection", "part", "chapter", "div", "block", "s",
     "sentence", "comment", "comments", "h1", "h2", "h3", "h4", "ul", "ol", "li", "blockquote", "quote", "br",
     "lb", "line", "l", "a", "b", "i", "em", "strong", "span", "img", "figure")
)  # fmt: skip
_PARAGRAPHS = PARTS - {"section", "comment", "comments", "img", "figure"}
#: Words (of about six code points) of an element that holds prose, and of the text of a file that is one article.
#: Chosen by hand: descriptions of settings and of software are shorter, or a small part of their file.
MIN_WORDS, MIN_WORDS_OF_ONE, CODE_POINTS_A_WORD = 15, 40, 6
#: Share of its words that an article holds itself, and not in articles inside it, as an issue does. Chosen by hand.
MIN_SHARE = 0.2
MAX_DEPTH, MAX_VALUES = 12, 300
_ROLES = ("title", "published", "url", "outlet", "authors", "text", "deck")


@dataclass(eq=False)
class Place:
    """All elements that stand at one path of a sample: their number, and the text in them."""

    name: str
    count: int = 0
    direct: int = 0  # code points of text directly in them, and of their attributes
    fields: set[str] = field(default_factory=set)  # attributes with names of fields
    below: dict[str, Place] = field(default_factory=dict)

    @cached_property
    def words(self) -> int:
        """Return about how many words they hold."""
        return self.direct // CODE_POINTS_A_WORD + sum(each.words for each in self.below.values())

    def is_many(self, inside: Place) -> bool:
        """Return True if each of the elements around holds several of these."""
        return self.count > inside.count

    @cached_property
    def articles(self) -> list[Place]:
        """Return the elements directly below that are articles, several in one of these."""
        return [each for each in self.below.values() if each.is_many(self) and each.is_article]

    @cached_property
    def has_articles(self) -> bool:
        """Return True if there are several articles in one of these, at any depth."""
        return bool(self.articles) or any(each.has_articles for each in self.below.values())

    @cached_property
    def own_words(self) -> int:
        """Return about how many words they hold outside of articles in them."""
        articles = self.articles
        inner = (each.own_words for each in self.below.values() if each not in articles)
        return self.direct // CODE_POINTS_A_WORD + sum(inner)

    @cached_property
    def is_article(self) -> bool:
        """Return True if they hold prose and other fields."""
        named = {name for name, each in self.below.items() if each.words}
        fields = len(named | self.fields) + bool(self.direct and not named)
        if self.name.lower() in PARTS or fields < 2 or (self.count == 1 and self.has_articles):
            return False
        return self.own_words >= max(MIN_WORDS * self.count, MIN_SHARE * self.words)

    @property
    def unwrapped(self) -> Place:
        """Return the article that is all that these hold, such as the one article of an issue; else these."""
        only = next(iter(self.below.values())) if len(self.below) == 1 else None
        return only.unwrapped if only and only.is_article else self

    def names_an_article(self) -> bool:
        """Return True if their children are called like the text, or like title and date, of an article."""
        roles = {role_of(name) for name in (*self.below, *self.fields)}
        return "text" in roles or {"title", "published"} <= roles

    def largest_share(self) -> float:
        """Return the share of the words that stand in one field."""
        paragraphs = sum(each.words for name, each in self.below.items() if name.lower() in _PARAGRAPHS)
        largest = max([paragraphs, self.direct // CODE_POINTS_A_WORD, *(each.words for each in self.below.values())])
        return largest / max(1, self.words)


def places_in(root: Element) -> Place:
    """Gather the elements of a sample by their paths."""
    top = Place("", 1)
    stack = [(root, top, 0)]
    while stack:
        element, place, depth = stack.pop()
        for child in element:
            name = child.get("name", "") if is_keyed(child) else ""
            own = place.below.setdefault(f"{child.tag}={name}" if name else child.tag, Place(child.tag))
            own.count += 1
            own.direct += len((child.text or "").strip()) + sum(len((each.tail or "").strip()) for each in child)
            own.direct += sum(len(value) for key, value in child.attrib.items() if value != name)
            own.fields |= {key for key in child.attrib if role_of(key)}
            if depth < MAX_DEPTH:
                stack.append((child, own, depth + 1))
    return top


def role_of(name: str) -> str:
    """Return the field that a column of this name holds; empty if none is known."""
    return next((role for role in _ROLES if rank_of(name, role) is not None), "")


def is_keyed(element: Element) -> bool:
    """Return True for an element that says its name in an attribute, as in `<field name="title">`.

    >>> is_keyed(Element("field", {"name": "title"})), is_keyed(Element("source", {"name": "Holm Post"}))
    (True, False)
    """
    return (
        element.tag.lower() in _KEYED and bool(element.get("name")) and not any(child.get("name") for child in element)
    )


_ABOUT_VALUES = frozenset(("name", "nil", "type", "lang", "space", "null"))
_KEYED = frozenset(
    ("field", "column", "col", "str", "arr", "int", "long", "date", "bool", "float", "double", "property", "prop",
     "attribute", "attr", "string", "entry", "value", "cell", "var", "meta", "element", "data", "item", "param")
)  # fmt: skip


def article_in(top: Place) -> Place | None:
    """Find the element that is an article: the outermost one that holds prose and other fields.

    A container, such as an issue with a date and articles, holds no prose of its own.
    """
    for child in sorted(top.below.values(), key=lambda each: -each.words):
        if child.is_article:
            return child.unwrapped
        if (found := article_in(child)) is not None:
            return found
    return None


def texts_in(top: Place) -> Place | None:
    """Find a repeated element that holds nothing but prose; None if the largest text is no such element."""
    for child in sorted(top.below.values(), key=lambda each: -each.words):
        prose = child.words >= MIN_WORDS * child.count
        if child.is_many(top) and prose and child.name.lower() not in PARTS:
            return child
        if (found := texts_in(child)) is not None:
            return found
    return None


def read(element: Element, around: Mapping[str, str]) -> Iterator[Values | NoArticle]:
    """Read an element of an unknown name, with what the elements around it say."""
    values = values_of(element)
    yield {**{key: value for key, value in around.items() if key not in values}, **values}


def read_row(element: Element, _around: Mapping[str, str]) -> Iterator[Values | NoArticle]:
    """Read a row of an export of phpMyAdmin; the definition of a table is called alike."""
    yield values_of(element) if any(map(is_keyed, element)) else NoArticle("the definition of a table")


def values_of(element: Element) -> Values:
    """Return the children and attributes of an element by name; paragraphs and text of its own as its text."""
    values: Values = {}
    parts = [child for child in element if _is_part(child)]
    within = {id(child) for child in parts}
    for child in element:
        if id(child) in within:
            continue
        name = child.get("name", "") if is_keyed(child) else child.tag
        _add(values, name, _value_of(child))
    for key, value in element.attrib.items():
        values.setdefault(key, value)
    if parts or has_own_text(element):
        values.setdefault("text", _text_beside(element, parts))
    return values


def _is_part(element: Element) -> bool:
    """Return True for a paragraph, and for a section with paragraphs in it; the name of a section is a field."""
    name = element.tag.lower()
    if name in PARTS and len(element):
        return any(_is_part(child) for child in element) or name in _PARAGRAPHS
    return name in _PARAGRAPHS and not is_keyed(element)


def _add(values: Values, name: str, value: Any) -> None:
    """Add a value; several of one name become a list."""
    if name not in values:
        if len(values) < MAX_VALUES:
            values[name] = value
    elif isinstance(values[name], list):
        values[name].append(value)
    else:
        values[name] = [values[name], value]


def _text_beside(element: Element, parts: list[Element]) -> str:
    """Return the text of an element without its fields."""
    kept = {id(child) for child in parts}
    copy = Element(element.tag)
    copy.text = element.text
    for child in element:
        if id(child) not in kept:
            last = copy[-1] if len(copy) else None
            if last is None:
                copy.text = (copy.text or "") + (child.tail or "")
            else:
                last.tail = (last.tail or "") + (child.tail or "")
        else:
            copy.append(child)
    return paragraphs(copy)


def _value_of(element: Element) -> Any:
    """Return the value of a field: text, a list, or values by name."""
    if not len(element):
        text = paragraphs(element)
        if text:
            return " ".join(text.split()) if len(text) < 300 and "\n\n" not in text else text
        values = {key: value for key, value in element.attrib.items() if key.lower() not in _ABOUT_VALUES}
        return next(iter(values.values())) if len(values) == 1 else values
    names = [child.tag.lower() for child in element]
    if _is_text(element, names):
        return paragraphs(element)
    if len(set(names)) == 1 and not any(is_keyed(child) for child in element):
        return [_value_of(child) for child in element]
    return values_of(element)


def _is_text(element: Element, names: list[str]) -> bool:
    """Return True if an element is marked-up text: it has text of its own, or paragraphs, or many parts of prose."""
    if has_own_text(element) or any(name in _PARAGRAPHS for name in names):
        return True
    prose = [name for child, name in zip(element, names, strict=True) if len(flat(child)) > 60 and not is_keyed(child)]
    return len(set(names)) > 1 and len(prose) > len(set(prose)) and 2 * len(prose) > len(names)
