"""A page's tree with the places of the elements that are asked for by name.

A walk over all elements of a page takes a tenth of a millisecond, and its metadata alone would take a dozen.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Element = Any  # lxml ships no type information

_INDEXED = frozenset(("title", "meta", "link", "script", "h1", "h2", "h3", "time", "article"))


class IndexedTree:
    """The tree of a page that is not changed any more; it is searched as lxml's elements are."""

    def __init__(self, root: Element) -> None:
        self._root = root
        self._named: dict[str, list[tuple[int, Element]]] = {name: [] for name in _INDEXED}
        for place, element in enumerate(root.iter(*_INDEXED)):
            self._named[element.tag].append((place, element))

    def iter(self, *names: str) -> Iterator[Element]:
        """Iterate over the elements of some names, over all without names, in the order of the page.

        >>> from lxml.html import document_fromstring
        >>> page = IndexedTree(document_fromstring("<h2>Rain</h2><p>It fell.</p><h1>Wind</h1><h2>Sun</h2>"))
        >>> [each.text for each in page.iter("h1", "h2")], [each.text for each in page.iter("p")]
        (['Rain', 'Wind', 'Sun'], ['It fell.'])
        """
        if not names or not _INDEXED.issuperset(names):
            found: Iterator[Element] = self._root.iter(*names)
            return found
        places = [place for name in names for place in self._named[name]]
        return (element for _, element in (places if len(names) == 1 else sorted(places)))

    def itertext(self) -> Iterator[str]:
        """Iterate over the texts of the page."""
        texts: Iterator[str] = self._root.itertext()
        return texts

    def get(self, name: str) -> str | None:
        """Return an attribute of the outermost element."""
        value: str | None = self._root.get(name)
        return value

    def getroottree(self) -> Any:
        """Return the whole tree as lxml knows it, for XPath."""
        return self._root.getroottree()
