"""Office documents: DOCX, ODT and EPUB are read from their archives, RTF with a library; older ones are named."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import IO, Any
from urllib.parse import unquote

from lxml import etree

from pipeline.extras import how_to_install
from pipeline.sources.addresses import Input
from pipeline.sources.compression import BombError
from pipeline.sources.documents import Problem, RawDocument, failed, skipped, too_large
from pipeline.sources.records import Record
from pipeline.sources.settings import Settings
from pipeline.sources.streams import Stream
from pipeline.sources.texts.files import read_extracted, read_records
from pipeline.sources.values import clean

Found = Iterator[RawDocument | Problem]

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_DC = "{http://purl.org/dc/elements/1.1/}"
#: Files of an EPUB that are read, and bytes of a part of an archive. Chosen by hand, far above what news has.
MAX_CHAPTERS = 5000
_PLACEHOLDER = re.compile(
    r"(?:microsoft (?:office )?(?:word|excel|powerpoint)\b.*"
    r"|(?:untitled|unbenannt|sans titre|document|dokument|documento|word document|titel"
    r"|title|title of document)[ _-]?\d*"
    r"|\S+\.(?:docx?|odt|rtf|pdf|indd|qxd|qxp|txt|html?|tex|dvi|ps))$",
    re.IGNORECASE,
)
_NOBODY = re.compile(
    r"(?:user|admin(?:istrator)?|owner|author|unknown|unbekannt|microsoft(?: office)?(?: user)?|python-docx|apache poi"
    r"|benutzer|utilisateur|usuario|default|pc|windows user)\d*$",
    re.IGNORECASE,
)


def facts_of(title: str | None, authors: str | None, published: str | None) -> dict[str, Any]:
    """Return the metadata of a document without what programs write where nobody has written anything.

    >>> facts_of("Microsoft Word - Document1", "Administrator", None), facts_of("Ferry late", "Ana Lind", "2016-12-25")
    ({}, {'title': 'Ferry late', 'authors': 'Ana Lind', 'published': '2016-12-25'})
    """
    title = "" if not title or _PLACEHOLDER.match(title.strip()) else title.strip()
    authors = "" if not authors or _NOBODY.match(authors.strip()) else authors.strip()
    values = {"title": title, "authors": authors, "published": (published or "").strip()}
    return {name: value for name, value in values.items() if value}


# ---------------------------------------------------------------- archives


def _part(archive: zipfile.ZipFile, name: str, settings: Settings) -> bytes:
    """Read a part of an archive. Raises `BombError` if it unpacks to more than a row may hold."""
    limit = settings.max_row_bytes
    with archive.open(name) as part:
        content = part.read(limit + 1)
    if len(content) > limit:
        raise BombError(f"{name} unpacks to more than {limit:,} bytes")
    return content


def _tree(content: bytes) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=False)
    tree = etree.fromstring(content, parser)
    if tree is None:
        raise ValueError("no XML")
    return tree


def _read_archive(read: Any, source: Input, opened: IO[bytes], settings: Settings) -> Found:
    uri = clean(source.uri)
    try:
        with zipfile.ZipFile(opened) as archive:
            yield from read(source, archive, settings)
    except KeyError as error:
        yield failed(uri, "unreadable", clean(f"the document has no part {error.args[0]!r}"))
    except (zipfile.BadZipFile, zlib.error, ValueError, etree.LxmlError, NotImplementedError, RuntimeError) as error:
        yield failed(uri, "unreadable", clean(f"a broken document: {type(error).__name__}: {error}")[:300])


def read_docx(source: Input, opened: IO[bytes], settings: Settings) -> Found:
    """Read a Word document: one article, or an export of many."""
    yield from _read_archive(_docx, source, opened, settings)


def read_odt(source: Input, opened: IO[bytes], settings: Settings) -> Found:
    """Read an OpenDocument text."""
    yield from _read_archive(_odt, source, opened, settings)


def read_epub(source: Input, opened: IO[bytes], settings: Settings) -> Found:
    """Read the pages of an electronic book, each a document: such books of news hold an article on each."""
    yield from _read_archive(_epub, source, opened, settings)


def _docx(source: Input, archive: zipfile.ZipFile, settings: Settings) -> Found:
    text = text_of_docx(_tree(_part(archive, "word/document.xml", settings)))
    values: dict[str, Any] = {}
    if "docProps/core.xml" in archive.namelist():
        core = _tree(_part(archive, "docProps/core.xml", settings))
        values = facts_of(_first(core, f"{_DC}title"), _first(core, f"{_DC}creator"), _first(core, "{*}created"))
    yield from _told(source, text, values, settings)


def _told(source: Input, text: str, values: dict[str, Any], settings: Settings) -> Found:
    if not text.strip():
        yield skipped(clean(source.uri), "empty", "the document holds no text, perhaps only pictures of it")
    elif len(text.encode("utf-8", "replace")) > settings.max_document_bytes:
        yield too_large(clean(source.uri), len(text), settings.max_document_bytes)
    else:
        yield from read_extracted(source, text, values, settings)


def _first(tree: Any, tag: str) -> str | None:
    found = tree.find(f".//{tag}")
    return None if found is None else "".join(found.itertext())


#: Text of deleted passages, of codes of fields, and of the second copy that Word keeps of text boxes.
_NOT_SHOWN = frozenset((f"{_W}delText", f"{_W}instrText", f"{_W}del", f"{_W}moveFrom"))
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"


def text_of_docx(tree: Any) -> str:
    """Return the text of a Word document, a line for each paragraph; of a table, a line for each row."""
    return _lines_of(_docx_pieces(tree))


def _docx_pieces(root: Any) -> Iterator[str]:
    breaks = {f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}tab": "\t", f"{_W}noBreakHyphen": "-"}
    hidden = 0
    for event, node in etree.iterwalk(root, events=("start", "end")):
        if node.tag in _NOT_SHOWN or node.tag == _FALLBACK:
            hidden += 1 if event == "start" else -1
        elif hidden:
            continue
        elif event == "start":
            is_setting = node.tag == f"{_W}tab" and node.getparent().tag == f"{_W}tabs"
            yield "" if is_setting else breaks.get(node.tag, "")
            yield node.text or "" if node.tag == f"{_W}t" else ""
        elif node.tag == f"{_W}p":
            yield "\x00" if _is_in_row(node, f"{_W}tc") else "\n\n"
        elif node.tag == f"{_W}tr":
            yield "\n\n"


def _is_in_row(node: Any, cell: str) -> bool:
    """Return True for the only paragraph of a cell: cells with more hold a layout, not data."""
    parent = node.getparent()
    beside = (node.getprevious(), node.getnext())
    return parent is not None and parent.tag == cell and all(each is None or each.tag != node.tag for each in beside)


def _lines_of(pieces: Iterator[str]) -> str:
    lines = re.sub(r"\x00+(?=\n)", "", "".join(pieces)).replace("\x00", "\t").split("\n")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.strip() for line in lines)).strip()


def _odt(source: Input, archive: zipfile.ZipFile, settings: Settings) -> Found:
    tree = _tree(_part(archive, "content.xml", settings))
    body = tree.find("{*}body")
    text = _lines_of(_odt_pieces(tree if body is None else body))
    values: dict[str, Any] = {}
    if "meta.xml" in archive.namelist():
        meta = _tree(_part(archive, "meta.xml", settings))
        author = _first(meta, "{*}initial-creator") or _first(meta, f"{_DC}creator")
        values = facts_of(_first(meta, f"{_DC}title"), author, _first(meta, "{*}creation-date"))
    yield from _told(source, text, values, settings)


_ODT_HIDDEN = frozenset((f"{_TEXT}tracked-changes", f"{_TEXT}sequence-decls", f"{_TEXT}bookmark-start"))


def _odt_pieces(root: Any) -> Iterator[str]:
    breaks = {f"{_TEXT}line-break": "\n", f"{_TEXT}tab": "\t", f"{_TEXT}s": " "}
    inside = hidden = 0
    for event, node in etree.iterwalk(root, events=("start", "end")):
        is_block = node.tag in (f"{_TEXT}p", f"{_TEXT}h")
        hidden += (node.tag in _ODT_HIDDEN) * (1 if event == "start" else -1)
        if hidden or not isinstance(node.tag, str):
            continue
        if event == "start":
            inside += is_block
            yield breaks.get(node.tag, "")
            yield node.text or "" if inside else ""
            continue
        inside -= is_block
        if is_block:
            cell = node.getparent()
            in_row = cell is not None and str(cell.tag).endswith("}table-cell") and len(cell) == 1
            yield "\x00" if in_row else "\n\n"
        elif str(node.tag).endswith("}table-row"):
            yield "\n\n"
        yield node.tail or "" if inside else ""


# ---------------------------------------------------------------- books


def _epub(source: Input, archive: zipfile.ZipFile, settings: Settings) -> Found:
    container = _tree(_part(archive, "META-INF/container.xml", settings))
    package_path = next(iter(container.xpath("//*[local-name()='rootfile']/@full-path")), "")
    package = _tree(_part(archive, package_path, settings))
    outlet = _first(package, f"{_DC}publisher") or _first(package, f"{_DC}title") or ""
    values = {"outlet": outlet, "published": _first(package, f"{_DC}date") or ""}
    yield from read_records(source, _chapters(source, archive, package_path, package, values, settings), settings)


def _chapters(
    source: Input, archive: zipfile.ZipFile, path: str, package: Any, values: dict[str, Any], settings: Settings
) -> Iterator[Record | Problem]:
    items = {item.get("id"): item for item in package.iter("{*}item")}
    spine = [items.get(each.get("idref")) for each in package.iter("{*}itemref")]
    names = set(archive.namelist())
    for item in spine[:MAX_CHAPTERS]:
        name = _inside(path, item.get("href") or "") if item is not None else ""
        uri = f"{clean(source.uri)}!{clean(name)}"
        if item is None or name not in names:
            yield failed(uri, "malformed", "the book names a page that it does not hold")
        elif "nav" in (item.get("properties") or "").split():
            yield skipped(uri, "not_a_page", "the table of contents of a book")
        else:
            yield Record(uri, {**values, "id": name, "html": _part(archive, name, settings)})


def _inside(package: str, href: str) -> str:
    """Return the name in the archive of a file that a package names.

    >>> _inside("OEBPS/content.opf", "a/../page%201.xhtml")
    'OEBPS/page 1.xhtml'
    """
    parts: list[str] = []
    for part in (PurePosixPath(package).parent / unquote(href.partition("#")[0])).parts:
        parts = parts[:-1] if part == ".." else [*parts, part]
    return "/".join(parts)


# ---------------------------------------------------------------- other forms


def read_rtf(source: Input, stream: Stream, settings: Settings) -> Found:
    """Read rich text."""
    uri = clean(source.uri)
    try:
        from striprtf.striprtf import rtf_to_text  # noqa: PLC0415 — an extra
    except ImportError:
        yield failed(uri, "unreadable", f"it is rich text (RTF); to read it: {how_to_install('office')}")
        return
    raw = stream.read_up_to(settings.max_document_bytes + 1)
    if len(raw) > settings.max_document_bytes:
        yield too_large(uri, len(raw), settings.max_document_bytes)
        return
    marked = raw.decode("latin-1")
    try:
        text: str = rtf_to_text(marked, encoding="cp1252", errors="replace")  # type: ignore[no-untyped-call]
    except (ValueError, LookupError, IndexError, TypeError, RecursionError, AttributeError) as error:
        yield failed(uri, "unreadable", clean(f"broken rich text: {type(error).__name__}: {error}")[:300])
        return
    title, author = (_rtf_info(marked, name) for name in ("title", "author"))
    yield from _told(source, re.sub(r"\n(?=\S)", "\n\n", text).strip(), facts_of(title, author, None), settings)


def _rtf_info(marked: str, name: str) -> str:
    match = re.search(rf"\{{\\{name} ([^\\{{}}]{{1,300}})\}}", marked[:100_000])
    return match[1].strip() if match else ""


def read_doc(source: Input, _opened: Stream, _settings: Settings) -> Found:
    """Say how an old Word document can be read."""
    why = "it is an old Word document (.doc); save it as .docx, or: soffice --headless --convert-to docx FILE"
    yield failed(clean(source.uri), "unreadable", why)
