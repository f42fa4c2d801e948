"""The outline of a page: its elements as arrays, made once for all that search a page without changing it.

Python walks a tree of libxml2 at a microsecond an element; a kernel reads the page as libxml2 writes it in a tenth.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from stages.extract.blocks import Element, source_of, value_in
from stages.native.kernel import Kernel

_OUTLINE = Kernel(
    "page_outline",
    *(np.uint8, int),  # a page
    *(np.int64, int),  # the columns of its elements, and room for how many
    *(np.int64, np.uint64, np.int64, int),  # places of names, and a table of them
    *(np.uint8, np.int64),  # its text without white space; numbers of elements and names
)
_COLUMNS = 7


class PageOutline(NamedTuple):
    """The elements of a page in their order. Tags, classes and ids are numbers of names; -1: has none."""

    names: list[str]
    tag: list[int]
    classes: list[int]
    ids: list[int]
    parent: list[int]
    end: list[int]  # number after that of the last element within
    text_begin: list[int]
    text_end: list[int]
    solid: str  # text of the page without white space
    has_items: bool  # of microdata

    def text(self, element: int) -> str:
        """Return the text of an element, without white space."""
        return self.solid[self.text_begin[element] : self.text_end[element]]

    def length(self, element: int) -> int:
        """Return the length of that text."""
        return self.text_end[element] - self.text_begin[element]

    def named(self, *tags: str) -> list[int]:
        """Return the elements of some names, in their order."""
        numbers = {number for number, name in enumerate(self.names) if name in tags}
        return [at for at, tag in enumerate(self.tag) if tag in numbers]

    def name(self, number: int) -> str | None:
        """Return a name by its number."""
        return self.names[number] if number >= 0 else None


def outline_of(tree: Element) -> PageOutline:
    """Make the outline of a parsed page.

    >>> from lxml.html import document_fromstring
    >>> page = outline_of(document_fromstring("<p class=late>Rain <b>again</b></p>"))
    >>> [page.names[tag] for tag in page.tag], page.text(2), page.name(page.classes[2]), page.parent
    (['html', 'body', 'p', 'b'], 'Rainagain', 'late', [-1, 0, 1, 2])
    """
    return outline_in(source_of(tree))


def outline_in(source: bytes) -> PageOutline:
    """Make the outline of a page that is written as XML."""
    room = source.count(b"<") + 1
    slots = 1 << (6 * room).bit_length()
    columns, places = np.empty((_COLUMNS, room), np.int64), np.empty((2, 3 * room), np.int64)
    text, found = np.empty(len(source) + 1, np.uint8), np.zeros(2, np.int64)
    table = (np.zeros(slots, np.uint64), np.zeros(slots, np.int64))
    page = np.frombuffer(source, np.uint8)
    n_bytes = _OUTLINE(page, len(source), columns, room, places, *table, slots, text, found)
    n_elements, n_names = found.tolist()
    spans = zip(*places[:, :n_names].tolist(), strict=True)
    names = [value_in(source, begin, end) for begin, end in spans]
    tag, classes, ids, parent, end, text_begin, text_end = columns[:, :n_elements].tolist()
    solid = text[:n_bytes].tobytes().decode("utf-8", "replace")
    return PageOutline(names, tag, classes, ids, parent, end, text_begin, text_end, solid, b" itemtype=" in source)
