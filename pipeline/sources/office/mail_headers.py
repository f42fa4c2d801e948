"""The header lines by which mails and mailboxes are told from other texts."""

from __future__ import annotations

import re

_HEADER = re.compile(rb"([!-9;-~]{1,76}):(?:[ \t]|\r?$)", re.MULTILINE)
_MAIL_NAMES = frozenset(
    (b"from", b"to", b"subject", b"date", b"message-id", b"mime-version", b"received", b"return-path", b"newsgroups",
     b"content-type", b"snapshot-content-location", b"delivered-to", b"x-mozilla-status", b"reply-to", b"sender")
)  # fmt: skip
#: Names that no text but a message has; one of them is needed, or the first two of _MAIL_NAMES.
_SURE = frozenset((b"message-id", b"mime-version", b"received", b"return-path", b"newsgroups", b"delivered-to"))
ENVELOPE = re.compile(rb"From \S+.*\d{2}:\d{2}.*\d{4}")
_BYTES_OF_HEADERS = 64_000  # lists of receivers can be long


def is_message(head: bytes) -> bool:
    r"""Return True for a mail: nothing but header lines up to the first blank line, and names that only mail has.

    >>> is_message(b"From: a@b.example\nMessage-ID: <1@b>\n\nIt sails."), is_message(b"From: Holm\n\nLate.")
    (True, False)
    """
    beginning = head[:_BYTES_OF_HEADERS].removeprefix(b"\xef\xbb\xbf")
    if not _HEADER.match(beginning):  # few files are split into lines
        return False
    lines = re.split(rb"\r?\n", beginning)
    names: set[bytes] = set()
    for line in lines:
        if not line:
            break
        match = _HEADER.match(line)
        if not match and not (names and line[:1] in b" \t"):
            return False
        names |= {match[1].lower()} if match else set()
    known = names & _MAIL_NAMES
    return len(known) >= 2 and (not _SURE.isdisjoint(names) or {b"from", b"subject"} <= known)


def is_mailbox(head: bytes) -> bool:
    r"""Return True for a mailbox: it begins with an envelope line and a message.

    >>> is_mailbox(b"From a@b.example Sun Dec 25 10:00:00 2016\nFrom: a@b.example\nSubject: Late\n\nIt sails.")
    True
    """
    if not head.startswith(b"From "):
        return False
    line, _, behind = head.partition(b"\n")
    return ENVELOPE.match(line.rstrip()) is not None and is_message(behind.lstrip(b">"))
