"""Mail: messages, saved pages (MHTML) and mailboxes. The HTML part of a message is its page, else its text part."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from email.utils import parseaddr
from typing import Any

from pipeline.sources.addresses import Input
from pipeline.sources.documents import Problem, RawDocument, failed, skipped, too_large
from pipeline.sources.office.mail_headers import ENVELOPE
from pipeline.sources.outlets import registered_domain
from pipeline.sources.records import Record
from pipeline.sources.settings import Settings
from pipeline.sources.streams import Stream
from pipeline.sources.texts.files import read_records
from pipeline.sources.values import MAX_FIELD, clean

#: Parts and levels of a message that are read; news has below ten. Bounds for what attackers send.
MAX_PARTS, MAX_LEVELS = 1000, 20


def read_message(source: Input, stream: Stream, settings: Settings) -> Iterator[RawDocument | Problem]:
    """Read the one message of a file."""
    raw = stream.read_up_to(settings.max_row_bytes + 1)
    if raw[:20].strip().isdigit() or re.match(rb"\d{1,12}\s*\n", raw):  # Apple Mail writes the size in front
        raw = raw.partition(b"\n")[2]
    if len(raw) > settings.max_row_bytes:
        yield too_large(clean(source.uri), len(raw), settings.max_row_bytes)
    else:
        yield from read_records(source, records_of(clean(source.uri), raw), settings)


def read_mailbox(source: Input, stream: Stream, settings: Settings) -> Iterator[RawDocument | Problem]:
    """Read the messages of a mailbox, one after the other."""
    yield from read_records(source, _in_mailbox(source, stream, settings), settings)


def _in_mailbox(source: Input, stream: Stream, settings: Settings) -> Iterator[Record | Problem]:
    held: list[bytes] = []
    number, size, blank = 1, 0, True
    for line in stream.lines(settings.max_row_bytes):
        if blank and line.content.startswith(b"From ") and ENVELOPE.match(line.content.rstrip()):
            if held:
                yield from _message(f"{clean(source.uri)}:{number}", held, size, settings)
            held, size, number = [], 0, line.number + 1
        else:
            size += line.size + 1
            unquoted = line.content[1:] if re.match(rb">+From ", line.content) else line.content
            held += [unquoted] if size <= settings.max_row_bytes else []
        blank = not line.content.strip()
    if held:
        yield from _message(f"{clean(source.uri)}:{number}", held, size, settings)


def _message(uri: str, lines: list[bytes], size: int, settings: Settings) -> Iterator[Record | Problem]:
    if size > settings.max_row_bytes:
        yield too_large(uri, size, settings.max_row_bytes)
    else:
        yield from records_of(uri, b"\n".join(lines))


def records_of(uri: str, raw: bytes) -> Iterator[Record | Problem]:
    """Read a message: its parts that are no text become rows, the others one record."""
    if raw.count(b"\n--") > 20 * MAX_PARTS or raw.lower().count(b"multipart/") > 10 * MAX_LEVELS:
        yield failed(uri, "malformed", "a message of thousands of parts")
        return
    try:
        message = BytesParser().parsebytes(raw)
        parts = list(_leaves(message))
    except (RecursionError, ValueError, LookupError, AttributeError, TypeError) as error:
        yield failed(uri, "malformed", clean(f"no mail: {type(error).__name__}: {error}")[:200])
        return
    yield from (_left_out(uri, part) for part in parts if _is_other(part))
    yield Record(uri, _values(message, [part for part in parts if not _is_other(part)]))


def _is_other(part: Message) -> bool:
    """Return True for a part that is attached, or no text."""
    return _is_attached(part) or (part.get_content_maintype() != "text" and part.get_content_type() not in _PAGES)


def _left_out(uri: str, part: Message) -> Problem:
    name = _header_text(part.get_filename() or part.get("Content-Location") or "")
    return skipped(uri, "not_a_page", f"a part of a message: {part.get_content_type()} {name}".strip()[:300])


def _values(message: Message, parts: list[Message]) -> dict[str, Any]:
    """Return the fields of a message: the HTML part as its page, else its text parts as its text."""
    page = next((part for part in parts if part.get_content_type() in _PAGES), None)
    values = _facts(message, page)
    if page is not None:
        return {**values, "html": _content(page)}
    texts = [_content(part) for part in parts if part.get_content_type() == "text/plain"]
    return {**values, "text": b"\n\n".join(text for text in texts if text.strip())}


_PAGES = ("text/html", "application/xhtml+xml")


def _leaves(message: Message) -> Iterator[Message]:
    """Yield the parts of a message that hold content, in their order, without recursion."""
    stack: list[tuple[Message, int]] = [(message, 0)]
    found = 0
    while stack and found < MAX_PARTS:
        part, level = stack.pop()
        inner = part.get_payload()
        if isinstance(inner, list) and level < MAX_LEVELS:
            stack += [(each, level + 1) for each in reversed(inner) if isinstance(each, Message)]
        elif not isinstance(inner, list):
            found += 1
            yield part


def _is_attached(part: Message) -> bool:
    return str(part.get("Content-Disposition") or "").strip().lower().startswith("attachment")


def _content(part: Message) -> bytes:
    """Return the bytes of a part in UTF-8 if its charset is known and right, else as they are."""
    raw = part.get_payload(decode=True)
    content = raw if isinstance(raw, bytes) else b""
    charset = str(part.get_content_charset() or "")
    try:
        return content.decode(charset).encode() if charset and not _declares_another(content, charset) else content
    except (LookupError, ValueError):
        return content


def _declares_another(content: bytes, charset: str) -> bool:
    """Return True for a part in UTF-8, or a page that names its charset: the decode stage reads it best."""
    return (
        charset.replace("_", "-").lower() in ("utf-8", "utf8", "us-ascii")
        or re.search(rb"<meta[^>]{0,200}charset", content[:2000], re.IGNORECASE) is not None
    )


def _facts(message: Message, page: Message | None) -> dict[str, Any]:
    name, address = parseaddr(_header_text(message.get("From", "")))
    location = message.get("Snapshot-Content-Location") or (page is not None and page.get("Content-Location")) or ""
    is_list = any(message.get(each) for each in ("List-Id", "List-Unsubscribe", "List-Post"))
    is_page = str(location).startswith(("http://", "https://"))
    values = {
        "title": _header_text(message.get("Subject", "")),
        "published": "" if is_page else _header_text(message.get("Date", "")),
        "authors": name if "@" not in name and not is_page else "",
        "outlet": registered_domain(f"http://{address.partition('@')[2]}/") if is_list and "@" in address else "",
        "url": str(location) if is_page else "",
        "id": str(message.get("Message-ID") or "").strip(" <>"),
    }
    return {key: value for key, value in values.items() if value}


def _header_text(value: Any) -> str:
    r"""Decode the words of a header.

    >>> _header_text("=?utf-8?q?F=C3=A4hre?= =?utf-8?q?_late?="), _header_text("Late\n again")
    ('Fähre late', 'Late again')
    >>> _header_text("=?utf-8?b?RsOka?= late")
    '=?utf-8?b?RsOka?= late'
    """
    text = str(value)[:MAX_FIELD]
    if "=?" not in text:
        return " ".join(clean(text).split())
    try:
        parts = decode_header(text)
    except (ValueError, LookupError, MessageError):  # a word in base64 that is cut is no ValueError
        parts = [(text, None)]
    decoded = [_word(part, charset) for part, charset in parts]
    return " ".join(clean("".join(decoded)).split())


def _word(part: str | bytes, charset: str | None) -> str:
    if isinstance(part, str):
        return part
    try:
        return part.decode(charset if charset and charset != "unknown-8bit" else "utf-8")
    except (LookupError, ValueError):
        return part.decode("cp1252", "replace")
