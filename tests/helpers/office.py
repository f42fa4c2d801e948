"""Office documents, books and PDFs for tests, made by hand so that no library is needed."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
DC = 'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
ODF = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0"'
)


def archive(parts: Mapping[str, str]) -> bytes:
    """Return a zip archive of texts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as written:
        for name, content in parts.items():
            stored = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            written.writestr(name, content, compress_type=stored)
    return out.getvalue()


def docx(body: str, title: str = "", creator: str = "", created: str = "") -> bytes:
    """Return a Word document with this XML as its body."""
    core = f"<dc:title>{title}</dc:title><dc:creator>{creator}</dc:creator><dcterms:created>{created}</dcterms:created>"
    return archive(
        {
            "[Content_Types].xml": "<Types/>",
            "word/document.xml": f"<w:document {W}><w:body>{body}</w:body></w:document>",
            "docProps/core.xml": f"<core {DC}>{core}</core>",
        }
    )


def paragraphs(*texts: str) -> str:
    """Return paragraphs of a Word document."""
    return "".join(f"<w:p><w:r><w:t>{escape(text)}</w:t></w:r></w:p>" for text in texts)


def odt(body: str, title: str = "", creator: str = "") -> bytes:
    """Return an OpenDocument text with this XML as its body."""
    meta = f"<dc:title>{title}</dc:title><meta:initial-creator>{creator}</meta:initial-creator>"
    return archive(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": f"<office:document-content {ODF}><office:body><office:text>{body}</office:text>"
            "</office:body></office:document-content>",
            "meta.xml": f"<office:document-meta {ODF} {DC}><office:meta>{meta}</office:meta></office:document-meta>",
        }
    )


def epub(pages: Mapping[str, str], publisher: str) -> bytes:
    """Return a book with these pages."""
    items = "".join(f'<item id="{at}" href="{name}" media-type="x"/>' for at, name in enumerate(pages))
    refs = "".join(f'<itemref idref="{at}"/>' for at in range(len(pages)))
    return archive(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<container><rootfile full-path="OEBPS/a.opf"/></container>',
            "OEBPS/a.opf": f"<package {DC}><metadata><dc:title>A</dc:title><dc:publisher>{publisher}</dc:publisher>"
            f"<dc:date>2016-12-25</dc:date></metadata><manifest>{items}"
            '<item id="n" href="nav.xhtml" properties="nav"/></manifest>'
            f'<spine><itemref idref="n"/>{refs}<itemref idref="gone"/></spine></package>',
            "OEBPS/nav.xhtml": "<html><body>Contents</body></html>",
            **{f"OEBPS/{name}": page for name, page in pages.items()},
        }
    )


def pdf(pages: Sequence[Sequence[str]], info: str = "") -> bytes:
    """Return a PDF with these lines on its pages."""
    objects = ["<</Type/Catalog/Pages 2 0 R>>", "", "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>", f"<<{info}>>"]
    kids = []
    for lines in pages:
        drawn = "BT /F1 11 Tf 14 TL 50 750 Td " + " ".join(f"({line}) Tj T*" for line in lines) + " ET"
        objects.append(f"<</Length {len(drawn)}>>\nstream\n{drawn}\nendstream")
        resources = "/Resources<</Font<</F1 3 0 R>>>>/MediaBox[0 0 612 792]"
        objects.append(f"<</Type/Page/Parent 2 0 R{resources}/Contents {len(objects)} 0 R>>")
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<</Type/Pages/Kids[{' '.join(kids)}]/Count {len(kids)}>>"
    out, offsets = "%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    trailer = f"trailer\n<</Size {size}/Root 1 0 R/Info 4 0 R>>\nstartxref\n{len(out)}\n%%EOF\n"
    return (out + f"xref\n0 {size}\n0000000000 65535 f \n{table}" + trailer).encode("latin-1")
