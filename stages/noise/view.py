"""What a rule sees of a document: its paragraphs, each with the few measures that rules ask about."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

#: A paragraph that ends in one of these, whatever quotes, brackets or stray marks come after it, ends as prose does.
CLOSED_END = re.compile(
    r"""[.!?…:;,。！？؟۔।]['"`´\u2018-\u201f«»‹›)\]\s·•|*>-]*(?:[(\[][^()\[\]]{1,120}[)\]][\s.]*)?$"""
)
COUNTED = re.compile(r"\d{1,3}/\d{1,3} ")  # a caption of a gallery, which no prose is judged by
NORMAL_WORD = re.compile(r"[^\W_]+")
SPEAKER = re.compile(r"[A-ZÀ-Þ][A-ZÀ-Þ .’'-]{2,40}, (?:HOST|BYLINE|ANCHOR|REPORTER|CORRESPONDENT): ")
#: The commonest marks beyond ASCII: a paragraph that has no others takes the fast way.
COMMON_MARKS = "“”‘’–—…"
#: ASCII in lower case, marks as spaces.
ASCII_FORM = bytes(ord(chr(n).lower()) if chr(n).isalnum() else 32 for n in range(128)) + bytes(128)


@dataclass(frozen=True, slots=True)
class View:
    """The paragraphs of a document and, in step with them, what rules ask about each."""

    paragraphs: tuple[str, ...]
    forms: tuple[str, ...]  # the normal form of each
    n_words: tuple[int, ...]
    closed: tuple[bool, ...]  # ends as prose does
    title: str | None
    outlet: str
    is_transcript: bool  # of a broadcast, some speakers named with what they are there
    is_prose: bool  # nearly all its long paragraphs end as prose does, so one that does not stands out


def look(paragraphs: list[str], title: str | None = None, outlet: str = "") -> View:
    """The view of a document.

    >>> look(["Harbour reopens", "The harbour opened again on Monday after the storm."]).closed
    (False, True)
    """
    n_words = tuple(len(p.split()) for p in paragraphs)
    closed = tuple(ends_closed(p) for p in paragraphs)
    forms = tuple(normal_form(p) for p in paragraphs)
    counts = [at for at, paragraph in enumerate(paragraphs) if not COUNTED.match(paragraph)]
    prose = is_prose(tuple(n_words[at] for at in counts), tuple(closed[at] for at in counts))
    transcript = any(SPEAKER.match(paragraph) for paragraph in paragraphs)
    return View(tuple(paragraphs), forms, n_words, closed, title, outlet, transcript, prose)


def is_prose(n_words: tuple[int, ...], closed: tuple[bool, ...]) -> bool:
    """Whether two thirds or more of the paragraphs of 25 words and more (of 12, where there are few) end as prose does.

    >>> is_prose((30, 4, 25), (True, False, True))
    True
    """
    ends = [end for words, end in zip(n_words, closed, strict=True) if words >= 25]
    if len(ends) < 3:
        ends = [end for words, end in zip(n_words, closed, strict=True) if words >= 12]
    return len(ends) > 0 and sum(ends) >= 2 / 3 * len(ends)


def ends_closed(paragraph: str) -> bool:
    """Whether a paragraph ends as prose does, quotes and brackets after the stop allowed.

    >>> ends_closed('“We are home.”'), ends_closed("Rescuers in the harbour"), ends_closed("It rained (again.)")
    (True, False, True)
    """
    return CLOSED_END.search(paragraph, max(0, len(paragraph) - 130)) is not None


def normal_form(paragraph: str) -> str:
    """A paragraph without case, marks and white space: two that differ in nothing else are the same line.

    >>> normal_form("  The Harbour — “open”! ")
    'the harbour open'
    """
    plain = paragraph
    for mark in () if paragraph.isascii() else COMMON_MARKS:
        plain = plain.replace(mark, " ")
    if plain.isascii():
        return " ".join(plain.encode().translate(ASCII_FORM).decode().split())
    return " ".join(NORMAL_WORD.findall(unicodedata.normalize("NFKC", paragraph).casefold()))
