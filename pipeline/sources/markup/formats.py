"""The formats of markup, told by how a file begins, with the element of each that is an article."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from xml.etree.ElementTree import Element

from pipeline.sources.markup import doc_collections, elements, feeds, libraries, tei, wiki, wire
from pipeline.sources.markup.recognition import local
from pipeline.sources.markup.shapes import MarkupFormat, NoArticle, Outline, Refusal, Values
from pipeline.sources.markup.split import Unit
from pipeline.sources.markup.tree import Names, parse, without_sections

_START = re.compile(r"<([^\W\d][\w:.\-]*)(?=[\s/>])")
_NAMESPACE = re.compile(r"""\bxmlns:([\w.\-]+)\s*=\s*["']([^"'<]*)["']""")
_DIVISIONS = re.compile(
    rb"""\btype\s*=\s*["'](?:news[-_ ]?)?(?:article|story|item|report|artikel|articulo)s?["']""", re.IGNORECASE
)
#: Roots of files that hold no articles, and what they are.
_OTHER = {
    "urlset": "a sitemap: it holds addresses and no articles; fetch the pages and give them as HTML or WARC",
    "sitemapindex": "an index of sitemaps: it holds addresses and no articles; fetch the pages and give those",
    "opml": "a list of feeds (OPML): it holds addresses and no articles; fetch the feeds and give their files",
    "svg": "a drawing (SVG), which holds no articles",
    "html": "a page of HTML; name it .html, or set [sources] kind to html",
    "mets": "a description of a digitised volume (METS); give the files of its pages (ALTO)",
    "stylesheet": "a program (XSLT), which holds no articles",
    "schema": "a schema of XML, which holds no articles",
    "plist": "settings of a program (plist), which hold no articles",
    "project": "settings of a program, which hold no articles",
    "resources": "texts of a program, which hold no articles",
    "configuration": "settings of a program, which hold no articles",
}


def outline_of(head: str) -> Outline:
    """Look at the beginning of a file.

    >>> outline = outline_of('<?xml version="1.0"?><!-- <b> --><rss><channel/></rss>')
    >>> outline.root, sorted(outline.names)
    ('rss', ['channel', 'rss'])
    """
    bare = without_sections(head)
    starts = _START.findall(bare)
    return Outline(
        local(starts[0]) if starts else "",
        frozenset(map(local, starts)),
        dict(_NAMESPACE.findall(bare[:100_000])),
        head,
    )


def _unit(*names: str, nests: bool = False, having: re.Pattern[bytes] | None = None) -> Unit:
    return Unit(tuple(name.encode() for name in names), having, nests)


_FEED = MarkupFormat("a feed", _unit("item", "entry"), feeds.read)
_G2 = MarkupFormat(
    "NewsML-G2", _unit("newsItem", "packageItem", "conceptItem", "knowledgeItem", "planningItem"), wire.read_g2
)
_TEI = MarkupFormat("TEI", _unit("TEI", "TEI.2", nests=True), tei.read_tei)
_BNC = MarkupFormat("BNC XML", _unit("bncDoc"), libraries.read_bnc)
_ENDNOTE = MarkupFormat("EndNote's XML", _unit("record"), libraries.read_endnote)
_DOC = MarkupFormat("a collection of <doc>", _unit("doc"), doc_collections.read_doc, loose=True)
_ROOTS = {
    "rss": _FEED,
    "rdf": _FEED,
    "channel": _FEED,
    "feed": _FEED,
    "newsmessage": _G2,
    "newsitem": _G2,
    "packageitem": _G2,
    "conceptitem": _G2,
    "newsml": MarkupFormat("NewsML 1", _unit("NewsItem", nests=True), wire.read_newsml),
    "nitf": MarkupFormat("NITF", _unit("nitf"), wire.read_nitf),
    "mediawiki": MarkupFormat("a dump of MediaWiki", _unit("page"), wiki.read),
    "teicorpus": _TEI,
    "teicorpus.2": _TEI,
    "tei": _TEI,
    "tei.2": _TEI,
    "reuters": MarkupFormat("Reuters SGML", _unit("reuters"), doc_collections.read_reuters, loose=True),
    "lewis": MarkupFormat("Reuters SGML", _unit("reuters"), doc_collections.read_reuters, loose=True),
    "alto": MarkupFormat("ALTO", _unit("alto"), tei.read_alto),
    "pmc-articleset": MarkupFormat("JATS", _unit("article", nests=True), tei.read_jats),
    "doc": _DOC,
    "bncdoc": _BNC,
    "bnc": _BNC,
    "pma_xml_export": MarkupFormat("phpMyAdmin's XML", _unit("table"), elements.read_row),
}
#: Elements that are articles in whatever they are wrapped, the surest first.
_INSIDE = ("nitf", "newsml", "newsmessage", "reuters", "mediawiki", "rss", "teicorpus", "tei", "tei.2")


def format_of(head: str, charset: str, *, whole: bool) -> MarkupFormat | Refusal:
    """Find the format of a file by its beginning; `whole` is True if that is all of it.

    An element of an unknown name is looked for by the bytes of its name in `charset`.
    """
    outline = outline_of(head)
    if not outline.root:
        return Refusal(
            "called XML or SGML, but there are no elements in it; name it by what it is, or set [sources] kind"
        )
    if outline.root in _OTHER:
        return Refusal(_OTHER[outline.root])
    return _known(outline) or _found(outline, charset, whole=whole)


def _known(outline: Outline) -> MarkupFormat | None:
    """Return the format of a known root, or of a known element inside an unknown one."""
    root, names = outline.root, outline.names
    if root in ("tei", "tei.2"):
        return _tei(outline)
    if "rec-number" in names and "ref-type" in names:
        return _ENDNOTE
    if "goid" in names and names & {"pubfrosting", "titleatt"}:
        return MarkupFormat("a record of ProQuest", _unit("record"), libraries.read_proquest)
    if root == "workbook" and "worksheet" in names:
        return MarkupFormat("Excel's XML", _unit("row"), sheet_reader())
    return _ROOTS.get(_telling(root, names))


def _telling(root: str, names: frozenset[str]) -> str:
    """Return the name that tells the format: the root's, or that of an element inside an unknown one."""
    if root in ("rdf", "channel") and not names & {"item", "entry"}:
        return ""
    if root == "article" and names & {"article-meta", "journal-meta"}:
        return "pmc-articleset"
    if root in _ROOTS:
        return root
    inside = next((name for name in _INSIDE if name in names), "")
    return inside or ("doc" if "doc" in names and names & {"docno", "docid"} else "")


def _tei(outline: Outline) -> MarkupFormat:
    """Return the format of TEI; where one text holds many articles, each of them is read by itself."""
    texts = len(re.findall(r"<(?:\w+:)?TEI(?:\.2)?[\s>]", outline.head))
    divisions = re.findall(r"<(?:\w+:)?div\d?\s[^<>]*>", outline.head)
    if texts == 1 and sum(_DIVISIONS.search(each.encode()) is not None for each in divisions) > 1:
        names = tuple({re.sub(r"<(?:\w+:)?(div\d?).*", r"\1", each, flags=re.DOTALL) for each in divisions})
        return MarkupFormat(
            "TEI", Unit(tuple(sorted(name.encode() for name in names)), _DIVISIONS, nests=True), tei.read_division
        )
    return _TEI


def _found(outline: Outline, charset: str, *, whole: bool) -> MarkupFormat | Refusal:
    """Find the element that is an article in a file of unknown names."""
    names = Names(dict(outline.namespaces), fold=False)
    top = elements.places_in(parse(outline.head, names).root)
    place = elements.article_in(top)
    if place is None:
        place = elements.texts_in(top) or _single(top)
    if place is None:
        return Refusal(
            f"XML whose root is <{outline.root}>: no element in it holds the text of an article; if one does, convert "
            "the file to JSON Lines with a column `text`"
        )
    is_one = place.count == 1 and whole
    fewest = elements.MIN_WORDS if place.names_an_article() else elements.MIN_WORDS_OF_ONE
    if is_one and (place.words < fewest or place.largest_share() < 0.5):
        return Refusal(f"XML whose root is <{outline.root}>: it holds data, and no text as long as an article")
    unit = Unit((place.name.encode(charset, "replace"),), None, place.name in _inside(place), fold=False)
    return MarkupFormat("XML", unit, elements.read, found=True, is_one=is_one)


def _single(top: elements.Place) -> elements.Place | None:
    """Return the root of a file that is one text in paragraphs."""
    roots = list(top.below.values())
    return roots[0] if len(roots) == 1 and roots[0].count == 1 else None


def _inside(place: elements.Place) -> set[str]:
    """Return the names of all elements below."""
    return {name for each in place.below.values() for name in (each.name, *_inside(each))}


def sheet_reader() -> Callable[[Element, Mapping[str, str]], Iterator[Values | NoArticle]]:
    """Return a reader of the rows of Excel's XML, the first of which names the columns."""
    header: list[str] = []

    def read(row: Element, _around: Mapping[str, str]) -> Iterator[Values | NoArticle]:
        cells: dict[int, str] = {}
        at = 0
        for cell in row.iter("cell"):
            at = int(index) - 1 if (index := cell.get("index", "")).isdigit() else at
            cells[at] = "".join(cell.itertext()).strip()
            at += 1
        if not header:
            header.extend(cells.get(each, "") for each in range(max(cells, default=-1) + 1))
        elif any(cells.values()):
            yield {
                header[each] if each < len(header) and header[each] else f"column {each + 1}": cells[each]
                for each in cells
            }

    return read
