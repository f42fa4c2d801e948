"""Tables in HTML, as databases and statistics programs write them and call them `.xls`: a row is an article."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from lxml import etree

from pipeline.sources.documents import Problem
from pipeline.sources.fields import ROLES, rank_of
from pipeline.sources.fragments import text_of_fragment
from pipeline.sources.records import Record
from pipeline.sources.texts.html_exports import tree_of

_FIRST_ROW = re.compile(rb"<table\b[^>]*>.{0,2000}?<tr\b[^>]*>(?P<row>.{0,20000}?)</tr", re.IGNORECASE | re.DOTALL)
_CELL = re.compile(rb"<t[hd]\b[^>]*>(.{0,500}?)(?=</t[hd]|<t[hd]\b|\Z)", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(rb"<[^>]{0,500}>")
#: Bytes in front of the table: a head with styles of Excel has a few thousand; a page of a website has more text there.
MAX_WORDS_IN_FRONT = 30


def is_table(head: bytes) -> bool:
    """Return True for a page that begins with a table whose first row names a text and another field.

    >>> is_table(b"<html><table><tr><th>Title<th>Text</tr>"), is_table(b"<table><tr><td>Home</td><td>News</td></tr>")
    (True, False)
    """
    found = _FIRST_ROW.search(head)
    if found is None or len(_TAG.sub(b" ", _without_head(head[: found.start()])).split()) > MAX_WORDS_IN_FRONT:
        return False
    cells = [_TAG.sub(b"", cell).strip() for cell in _CELL.findall(found["row"])]
    return names_fields([cell.decode("utf-8", "replace") for cell in cells])


def _without_head(page: bytes) -> bytes:
    return re.sub(rb"<(head|style|xml|script)\b.*?</\1\s*>|<!--.*?-->", b" ", page, flags=re.IGNORECASE | re.DOTALL)


def names_fields(names: Sequence[str]) -> bool:
    """Return True if the cells of a row are names of fields, a text's among them."""
    known = [{role for role in ROLES if rank_of(name, role) is not None} for name in names]
    return sum(map(bool, known)) > 1 and any(roles & {"text", "html"} for roles in known)


def rows_of(uri: str, page: bytes) -> Iterator[Record | Problem]:
    """Read the rows of the table, a record each."""
    tree = tree_of(uri, page)
    if isinstance(tree, Problem):
        yield tree
        return
    names: list[str] = []
    for number, row in enumerate(tree.iter("tr"), start=1):
        cells = [_text(cell) for cell in row if cell.tag in ("td", "th")]
        if not names and names_fields(cells):
            names = cells
        elif names and any(cells) and cells != names:
            yield Record(f"{uri}:{number}", dict(zip(names, cells, strict=False)))


def _text(cell: Any) -> str:
    return text_of_fragment(etree.tostring(cell, encoding="unicode", with_tail=False)).strip()
