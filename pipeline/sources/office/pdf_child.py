"""The process that takes the text out of one PDF: the file comes on standard input, JSON goes to standard output."""

from __future__ import annotations

import json
import re
import sys
from typing import Any

_DATE = re.compile(r"D:(\d{4})(\d{2})?(\d{2})?(\d{2})?(\d{2})?(\d{2})?(?:Z|([+-]\d{2})'?(\d{2})?)?")


def main(max_bytes: int, max_pages: int, max_memory: int, max_seconds: int) -> dict[str, Any]:
    """Read the PDF on standard input within limits."""
    _limit(max_memory, max_seconds)
    import pypdfium2  # noqa: PLC0415 — an extra, and after the limits

    content = sys.stdin.buffer.read(max_memory // 4)
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        return {"error": "it is protected by a password" if "assword" in str(error) else f"{error}"}
    texts, size = [], 0
    for at in range(min(len(document), max_pages)):
        texts.append(_text_of_page(document, at))
        size += len(texts[-1])
        if size > max_bytes:
            break
    facts = document.get_metadata_dict()
    return {
        "text": "\n\n".join(filter(None, texts)), "pages": len(document), "title": facts.get("Title", ""),
        "author": facts.get("Author", ""), "date": iso_of(facts.get("CreationDate", "")),
    }  # fmt: skip


def _limit(max_memory: int, max_seconds: int) -> None:
    try:
        import resource  # noqa: PLC0415 — POSIX only
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (max_memory, max_memory))
    resource.setrlimit(resource.RLIMIT_CPU, (max_seconds, max_seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _text_of_page(document: Any, at: int) -> str:
    """Return the text of a page; of one that is broken, nothing."""
    try:
        page = document[at]
        text: str = page.get_textpage().get_text_bounded(errors="replace")
        page.close()
    except (RuntimeError, ValueError):
        return ""
    return joined_lines(text)


#: A hyphen at the end of a line, as PDFium marks it.
_HYPHEN = re.compile(r"(?<=\w)[\ufffe\x02]\n?(?=\w)")


def joined_lines(text: str) -> str:
    r"""Return the lines of a page, with words that were hyphenated at the end of a line made whole.

    >>> joined_lines("The har\ufffe\r\nbour office")
    'The harbour office'
    """
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    return _HYPHEN.sub("", plain).replace("\ufffe", "-").strip()


def iso_of(date: str) -> str:
    """Return a date of PDF in ISO 8601.

    >>> iso_of("D:20161225100000+01'00'"), iso_of("D:201612"), iso_of("now")
    ('2016-12-25T10:00:00+01:00', '', '')
    """
    match = _DATE.match(date or "")
    if not match or not match[3]:
        return ""
    clock = f"T{match[4]}:{match[5]}:{match[6]}" if match[6] else ""
    zone = f"{match[7]}:{match[8] or '00'}" if match[7] and clock else ""
    return f"{match[1]}-{match[2]}-{match[3]}{clock}{zone}"


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(*map(int, sys.argv[1:5]))))
