"""Articles that follow one another without a mark, each with a headline over its byline or day, or with its address."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.sources.documents import Problem, too_large
from pipeline.sources.records import Record
from pipeline.sources.settings import Settings
from pipeline.sources.texts.header import LONGEST_HEADLINE, header_of
from pipeline.sources.texts.headings import facts_in
from pipeline.sources.texts.lines import Head, TextLine
from stages.shared.words import count_as_spaced

_ADDRESS = re.compile(r"https?://\S+$", re.IGNORECASE)
_ADDRESSES = re.compile(r"^https?://", re.MULTILINE)
_SENTENCE_END = re.compile(r"[.!?。！？:;,…][\"'”’»)\]]*$")
#: Lines of a block that names an article, at most: headline, standfirst or section, byline, day.
MAX_LINES = 4
#: Words below each headline, as a median and at least. Chosen by hand: a caption with its credit has fewer.
MIN_WORDS = 40


@dataclass(frozen=True)
class HeadedForm:
    """How such a file is read: an article begins where a block names one."""

    by_address: bool
    told: str

    def records(self, uri: str, lines: Iterator[TextLine], settings: Settings) -> Iterator[Record | Problem]:
        """Read the records of a text, an article each."""
        for number, size, article in articles(lines, settings.max_document_bytes, self.by_address):
            if size > settings.max_document_bytes:
                yield too_large(f"{uri}:{number}", size, settings.max_document_bytes)
            elif _filled(article):
                yield Record(f"{uri}:{number}", values_of(article, self.by_address))


def articles(lines: Iterator[TextLine], limit: int, by_address: bool) -> Iterator[tuple[int, int, list[str]]]:
    """Cut a text where articles begin: yield the number of the first line, the size and the lines of each."""
    held: list[str] = []
    number, size = 1, 0
    for block in _blocks(lines):
        if size and _begins([line.text for line in block], by_address):
            yield number, size, held
            held, number, size = [], block[0].number, 0
        for line in block:
            size += line.size + 1
            held += [line.text] if size <= limit else []
    if size:
        yield number, size, held


def _blocks(lines: Iterator[TextLine]) -> Iterator[list[TextLine]]:
    """Yield the lines up to the next blank one and the blank ones behind it; of a long run its lines one by one."""
    block: list[TextLine] = []
    for line in lines:
        if block and ((not block[-1].text.strip() and line.text.strip()) or len(block) > MAX_LINES):
            yield block
            block = []
        block.append(line)
    if block:
        yield block


def _begins(block: Sequence[str], by_address: bool) -> bool:
    filled = [line.strip() for line in block if line.strip()]
    if by_address:
        return bool(filled) and _ADDRESS.match(filled[0]) is not None
    return bool(_facts_under(filled))


def _facts_under(block: Sequence[str]) -> dict[str, str]:
    """Return what the lines under a headline say, if all of them name its author or its day; else nothing.

    >>> _facts_under(["Ferry late again", "By Ana Lind", "4 January 2031"])
    {'authors': 'Ana Lind', 'published': '4 January 2031'}
    >>> _facts_under(["The ferry is late.", "By Ana Lind"]), _facts_under(["Ferry late", "By Ana Lind", "It sails."])
    ({}, {})
    """
    if not 2 <= len(block) <= MAX_LINES or not _may_be_headline(block[0]):
        return {}
    found = [facts_in(line) for line in block[1:]]
    return {name: value for each in found for name, value in each.items()} if all(found) else {}


def _may_be_headline(line: str) -> bool:
    return 0 < len(line) <= LONGEST_HEADLINE and not _SENTENCE_END.search(line)


def values_of(article: Sequence[str], by_address: bool) -> dict[str, Any]:
    """Read an article with its headline and what stands below it."""
    begin = next(at for at, line in enumerate(article) if line.strip())
    if by_address and (header := header_of(article)):
        return {**header.values, "text": "\n".join(article[header.size :]).strip()}
    end = next((at for at in range(begin, len(article)) if not article[at].strip()), len(article))
    facts = _facts_under([line.strip() for line in article[begin:end]])
    if not facts:
        return {"text": "\n".join(article).strip()}
    return {"title": article[begin].strip(), **facts, "text": "\n".join(article[end:]).strip()}


def headed_articles(head: Head) -> HeadedForm | None:
    """Find articles that each begin with a headline over a byline or day, or with an address; the first one on top."""
    for by_address, are_there in ((True, _are_addresses), (False, _are_headlines)):
        if not are_there(head):
            continue
        lines = (TextLine(at, line, len(line)) for at, line in enumerate(head.lines, start=1))
        found = [values_of(lines, by_address) for _, _, lines in articles(lines, 1 << 30, by_address) if _filled(lines)]
        if len(found) > 1 and all(_is_article(each) for each in found):
            top = "an address" if by_address else "a headline over its author or day"
            told = f"articles with {top} on top of each; [sources] one_document = true reads it as one"
            return HeadedForm(by_address, told)
    return None


def _are_addresses(head: Head) -> bool:
    """Return True if two lines begin with an address: in other texts no article is looked for below any."""
    return head.text.count("://") > 1 and len(_ADDRESSES.findall(head.text)) > 1


def _are_headlines(head: Head) -> bool:
    """Return True if two lines may be headlines, each over a line that names its author or its day."""
    number = 0
    for line, below in itertools.pairwise(head.lines):
        if below and line and _may_be_headline(line.strip()) and facts_in(below.strip()):
            number += 1
    return number > 1


def _filled(lines: Sequence[str]) -> bool:
    return any(line.strip() for line in lines)


def _is_article(values: dict[str, Any]) -> bool:
    return bool(values.get("title")) and count_as_spaced(values["text"]) >= MIN_WORDS
