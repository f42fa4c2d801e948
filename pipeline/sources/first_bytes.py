"""Kinds of binary files by their first bytes; what reads a kind is imported when a file of it comes."""

from __future__ import annotations

import re
import struct
import tarfile

from pipeline.sources.tables.arrow_messages import SCHEMA, Message

ZIP, ZIP_END, ZIP_HEADER = b"PK\x03\x04", b"PK\x05\x06", 30
#: Names of the first member by which documents and programs that are ZIP archives are told.
_DOCUMENTS = (b"[Content_Types].xml", b"mimetype", b"_rels/", b"docProps/", b"xl/", b"word/", b"ppt/", b"META-INF/")
TAR_BLOCK = tarfile.BLOCKSIZE
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OPEN_DOCUMENT = b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet"
ARROW_FILE, ARROW_STREAM, OLD_FEATHER, ORC_MAGIC = b"ARROW1", b"\xff\xff\xff\xff", b"FEA1", b"ORC"
AVRO_MAGIC, SQLITE_MAGIC = b"Obj\x01", b"SQLite format 3\0"


def is_zip(head: bytes) -> bool:
    """Return True if the first bytes are those of an archive, and not of a workbook, a book or another document.

    >>> header = b"PK\\x03\\x04" + bytes(26)
    >>> is_zip(header + b"a.txt"), is_zip(header + b"xl/workbook.xml"), is_zip(b"PK")
    (True, False, False)
    """
    return head.startswith(ZIP_END) or (head.startswith(ZIP) and not is_office(head))


def is_office(head: bytes) -> bool:
    """Return True if the first bytes are those of a document or program that is a ZIP archive."""
    return head.startswith(ZIP) and head.startswith(_DOCUMENTS, ZIP_HEADER)


def is_tar(head: bytes) -> bool:
    """Return True if the first bytes are the header of a tar archive, by its sum.

    >>> is_tar(tarfile.TarInfo("a.txt").tobuf()), is_tar(b"a.txt" + bytes(600))
    (True, False)
    """
    if not _MAY_BE_SUM.match(head, _SUM_AT):  # taking a header apart takes as long as all other checks together
        return False
    try:
        tarfile.TarInfo.frombuf(head[:TAR_BLOCK], "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True


#: Where the sum of a header stands, and what `tarfile` takes for a number: octal digits, or binary behind a mark.
_SUM_AT = 148
_MAY_BE_SUM = re.compile(rb"[\x80\xff]|[\s\x1c-\x1f+_oO0-7-]{0,7}\0|[\s\x1c-\x1f+_oO0-7-]{8}")


def is_docx(head: bytes) -> bool:
    """Return True for the archive of a Word document."""
    return head.startswith(ZIP) and b"word/" in head


def is_odt(head: bytes) -> bool:
    """Return True for the archive of an OpenDocument text."""
    return head.startswith(ZIP) and b"mimetypeapplication/vnd.oasis.opendocument.text" in head[:200]


def is_epub(head: bytes) -> bool:
    """Return True for the archive of an electronic book."""
    return head.startswith(ZIP) and b"mimetypeapplication/epub+zip" in head[:200]


def is_rtf(head: bytes) -> bool:
    """Return True for rich text."""
    return head.startswith(b"{\\rtf")


def is_doc(head: bytes) -> bool:
    """Return True for an old Word document, by the name of its stream."""
    return head.startswith(OLE_MAGIC) and "WordDocument".encode("utf-16-le") in head


def is_pdf(head: bytes) -> bool:
    """Return True for PDF, also behind a few bytes that some servers put in front."""
    return head.find(b"%PDF-", 0, 1024) >= 0 and not head.lstrip().startswith(b"<")


def is_arc(head: bytes) -> bool:
    """Return True if a file with this beginning is an ARC file."""
    return head.startswith(b"filedesc:")


def is_arrow(head: bytes) -> bool:
    """Return True if the first bytes are those of a Feather or Arrow file, or of a stream with its schema.

    >>> is_arrow(b"ARROW1\\0\\0"), is_arrow(b"FEA1"), is_arrow(b"\\xff\\xff\\xff\\xff\\x10\\x01\\0\\0" + bytes(64))
    (True, True, False)
    """
    return head.startswith((ARROW_FILE, OLD_FEATHER)) or (head.startswith(ARROW_STREAM) and _is_schema(head))


def _is_schema(head: bytes) -> bool:
    try:
        return struct.unpack_from("<i", head, 4)[0] > 0 and Message(head[8:]).kind == SCHEMA
    except (struct.error, IndexError):
        return False


def is_orc(head: bytes) -> bool:
    """Return True if the first bytes are those of an ORC file."""
    return head.startswith(ORC_MAGIC) and len(head) > 3 and not head[3:4].isalnum()


def is_avro(head: bytes) -> bool:
    """Return True if the first bytes are those of an Avro container file."""
    return head.startswith(AVRO_MAGIC)


def is_sqlite(head: bytes) -> bool:
    """Return True if the first bytes are those of a database."""
    return head.startswith(SQLITE_MAGIC)


def is_xlsx(head: bytes) -> bool:
    """Return True if the first bytes are those of an Excel workbook."""
    return is_office(head) and (b"xl/" in head or b"spreadsheetml" in head) and b"word/document" not in head


def is_ods(head: bytes) -> bool:
    """Return True if the first bytes are those of an OpenDocument spreadsheet."""
    return head.startswith(OPEN_DOCUMENT, 30)


def is_xls(head: bytes) -> bool:
    """Return True if the first bytes are those of an old workbook, where its contents are listed at the beginning."""
    return head.startswith(OLE_MAGIC) and "Workbook".encode("utf-16-le") in head
