"""Mail: messages, saved pages (MHTML) and mailboxes. The HTML part of a message is its page, else its text part."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from email.utils import parseaddr
from typing import Any, NamedTuple

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
            is_quoted = line.content.startswith(b">") and _QUOTED.match(line.content)
            if size <= settings.max_row_bytes:
                held.append(line.content[1:] if is_quoted else line.content)
        blank = not line.content or line.content.isspace()
    if held:
        yield from _message(f"{clean(source.uri)}:{number}", held, size, settings)


_QUOTED = re.compile(rb">+From ")


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
        message = parsed(raw)
        parts = list(_leaves(message))
    except (RecursionError, ValueError, LookupError, AttributeError, TypeError) as error:
        yield failed(uri, "malformed", clean(f"no mail: {type(error).__name__}: {error}")[:200])
        return
    yield from (_left_out(uri, part) for part in parts if part.is_other)
    yield Record(uri, _values(message, [part for part in parts if not part.is_other]))


#: Headers that end with a blank line, and nothing else in front of it: the parser of Python mends all others.
_HEADERS = re.compile(rb"(?:[!-9;-~]+:[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*)+(?=\r?\n)")
_HEADER = re.compile(r"[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*")
_BLANK = re.compile(rb"\r?\n")


def parsed(raw: bytes) -> Message:
    """Parse a message; of one without parts only the headers, since the parser walks through its lines one by one."""
    headers = _HEADERS.match(raw)
    if headers is None:
        return BytesParser().parsebytes(raw)
    message = Message()
    for header in _HEADER.findall(headers[0].decode("ascii", "surrogateescape")):
        message.set_raw(*message.policy.header_source_parse(header.splitlines(keepends=True)))
    if message.get_content_maintype() in ("multipart", "message"):
        return BytesParser().parsebytes(raw)
    message.set_payload(_BLANK.sub(b"", raw[headers.end() :], count=1).decode("ascii", "surrogateescape"))
    return message


class _Leaf(NamedTuple):
    """A part of a message that holds content, its type, and if it is attached or no text."""

    part: Message
    type: str
    is_other: bool


def _left_out(uri: str, leaf: _Leaf) -> Problem:
    name = _header_text(leaf.part.get_filename() or leaf.part.get("Content-Location") or "")
    return skipped(uri, "not_a_page", f"a part of a message: {leaf.type} {name}".strip()[:300])


def _values(message: Message, parts: list[_Leaf]) -> dict[str, Any]:
    """Return the fields of a message: the HTML part as its page, else its text parts as its text."""
    page = next((leaf.part for leaf in parts if leaf.type in _PAGES), None)
    values = _facts(message, page)
    if page is not None:
        return {**values, "html": _content(page)}
    texts = [_content(leaf.part) for leaf in parts if leaf.type == "text/plain"]
    return {**values, "text": b"\n\n".join(text for text in texts if text.strip())}


_PAGES = ("text/html", "application/xhtml+xml")


def _leaves(message: Message) -> Iterator[_Leaf]:
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
            of_type = part.get_content_type()
            is_text = of_type.startswith("text/") or of_type in _PAGES
            yield _Leaf(part, of_type, _is_attached(part) or not is_text)


def _is_attached(part: Message) -> bool:
    return str(part.get("Content-Disposition") or "").strip().lower().startswith("attachment")


def _content(part: Message) -> bytes:
    """Return the bytes of a part in UTF-8 if its charset is known and right, else as they are."""
    raw = part.get_payload(decode=True)
    content = raw if isinstance(raw, bytes) else b""
    simple = _TYPE.fullmatch(str(part.get("Content-Type", "")))  # the library takes all that is allowed apart, slowly
    charset = simple[1].lower() if simple else str(part.get_content_charset() or "")
    try:
        return content.decode(charset).encode() if charset and not _declares_another(content, charset) else content
    except (LookupError, ValueError):
        return content


_TYPE = re.compile(r'[a-z]+/[a-z]+;\s?charset="?([A-Za-z0-9-]+)"?')


def _declares_another(content: bytes, charset: str) -> bool:
    """Return True for a part in UTF-8, or a page that names its charset: the decode stage reads it best."""
    return (
        charset.replace("_", "-").lower() in ("utf-8", "utf8", "us-ascii")
        or re.search(rb"<meta[^>]{0,200}charset", content[:2000], re.IGNORECASE) is not None
    )


def _facts(message: Message, page: Message | None) -> dict[str, Any]:
    headers = {name.lower(): value for name, value in reversed(message.items())}  # the first of a name counts
    name, address = _name_and_address(_header_text(headers.get("from", "")))
    location = headers.get("snapshot-content-location") or (page is not None and page.get("Content-Location")) or ""
    is_list = any(headers.get(each) for each in ("list-id", "list-unsubscribe", "list-post"))
    is_page = str(location).startswith(("http://", "https://"))
    values = {
        "title": _header_text(headers.get("subject", "")),
        "published": "" if is_page else _header_text(headers.get("date", "")),
        "authors": name if "@" not in name and not is_page else "",
        "outlet": registered_domain(f"http://{address.partition('@')[2]}/") if is_list and "@" in address else "",
        "url": str(location) if is_page else "",
        "id": str(headers.get("message-id") or "").strip(" <>"),
    }
    return {key: value for key, value in values.items() if value}


def _name_and_address(value: str) -> tuple[str, str]:
    """Return name and address of a sender; the library, which reads all that is allowed, takes ten times as long.

    >>> _name_and_address("Holm Post <post@holm.example>"), _name_and_address('"Lind, Ana" <ana@holm.example>')
    (('Holm Post', 'post@holm.example'), ('Lind, Ana', 'ana@holm.example'))
    """
    simple = _SENDER.fullmatch(value)
    return (simple[1], simple[2]) if simple else parseaddr(value)


_SENDER = re.compile(r"([\w'-]+(?: [\w'-]+)*) <([\w.+-]+@[\w.-]+)>")


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
