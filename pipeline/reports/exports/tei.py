"""Export as TEI P5: one `teiCorpus` with a `TEI` for each document.

Each has title, authors, outlet, time, address and language in its header, and its paragraphs in its body. Characters
that XML cannot hold are left out and counted; nothing else of a text is changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy

from lxml import etree
from lxml.builder import ElementMaker

from pipeline import __version__
from pipeline.reports.exports.documents import ChosenDocuments, ExportOptions, Row, plain
from pipeline.reports.exports.xml_text import xml_text
from stages.contract import PARAGRAPH_BREAK

NAMESPACE = "http://www.tei-c.org/ns/1.0"
TEI = ElementMaker(namespace=NAMESPACE, nsmap={None: NAMESPACE})
ID = "{http://www.w3.org/XML/1998/namespace}id"
NEEDED = ("doc_id", "text", "title", "authors", "outlet", "published", "url", "language", "page_kind")


def pieces(documents: ChosenDocuments, options: ExportOptions) -> Iterator[str]:
    """Yield the head of the corpus, a piece for each document, and the end."""
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<teiCorpus xmlns="{NAMESPACE}">\n{_text(_corpus_header())}\n'
    for row in documents.rows(NEEDED):
        options.counts["documents"] += 1
        yield _text(_document(_cleaned(row, options))) + "\n"
    yield "</teiCorpus>\n"


def _text(element: etree._Element) -> str:
    text: str = etree.tostring(element, encoding="unicode")
    return text


def _cleaned(row: Row, options: ExportOptions) -> Row:
    """Return the document with what XML can hold of it; each column once, so that nothing is counted twice."""
    found: Row = {"authors": [xml_text(each, options.counts) for each in row["authors"]], "published": row["published"]}
    for name in NEEDED:
        if name not in found:
            found[name] = xml_text(row[name] or "", options.counts)
    return found


def _corpus_header() -> etree._Element:
    description = TEI.fileDesc(
        TEI.titleStmt(TEI.title("A news corpus")),
        TEI.publicationStmt(TEI.p("Not published.")),
        TEI.sourceDesc(TEI.p("News of the outlets that the header of each text names.")),
    )
    cleaned = TEI.p(f"Page furniture was cut by copydesk {__version__}; the ledger of the corpus has every cut.")
    return TEI.teiHeader(description, TEI.encodingDesc(TEI.editorialDecl(cleaned)))


def _document(row: Row) -> etree._Element:
    paragraphs = [TEI.p(each) for each in row["text"].split(PARAGRAPH_BREAK)]
    text = TEI.text(TEI.body(TEI.div(*paragraphs, type=row["page_kind"])))
    return TEI.TEI(TEI.teiHeader(_file(row), _profile(row)), text, **{ID: f"d{row['doc_id']}"})


def _file(row: Row) -> etree._Element:
    published = [TEI.date(when=plain(row["published"]))] if row["published"] else []
    authors = [TEI.author(each) for each in row["authors"]]
    address = [TEI.idno(row["url"], type="URL")] if row["url"] else []
    bibliography = TEI.bibl(
        TEI.title(row["title"]),
        *map(deepcopy, authors),
        TEI.publisher(row["outlet"]),
        *map(deepcopy, published),
        *address,
    )
    return TEI.fileDesc(
        TEI.titleStmt(TEI.title(row["title"]), *authors),
        TEI.publicationStmt(TEI.publisher(row["outlet"]), *published),
        TEI.sourceDesc(bibliography),
    )


def _profile(row: Row) -> etree._Element:
    return TEI.profileDesc(TEI.langUsage(TEI.language(ident=row["language"] or "und")))
