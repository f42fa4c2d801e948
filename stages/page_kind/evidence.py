"""Evidence on the kind of a document: its paragraphs with their shapes, and what its page and its address say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import chain
from typing import Any, NamedTuple

import pyarrow as pa

from stages.contract import PARAGRAPH_BREAK
from stages.page_kind.wordings import Wordings
from stages.shared.addresses import segments_of
from stages.shared.page_kinds import page_kind_words, pattern
from stages.shared.words import count_words_of

#: Ends of a sentence, and the quotes and brackets that may follow: so few that a paragraph's last characters hold them.
_ENDS, _ASKING = frozenset(".!?…。！？؟।:"), frozenset("?？؟;")
_CLOSING, _END_CHARS = "\"'”’»“)]›」』", 12
_COUNTER = re.compile(
    r"(?:^|[(\s|])(?P<at>\d{1,3})\s?(?:/|of|von|de|di|van|sur|из|z|av)\s?(?P<all>\d{1,3})(?=$|[)\s|.:,–-])",
    re.IGNORECASE,
)
_FIGURE = re.compile(r"[\d½¼¾⅓⅔⅛]")
_HEAD_CHARS = 80  # of a paragraph, where a counter stands, and the number, time or amount that it begins with
_MOST = 2000  # paragraphs that are looked at: a page of more is one of its kind by then
PROSE_WORDS = 12  # of a paragraph that ends as a sentence does, to be prose


class LineShape(NamedTuple):
    """A paragraph, its number of words, how it ends, and if it begins with a figure or nearly so."""

    text: str
    words: int
    closed: bool
    question: bool
    is_prose: bool  # sentences of a story; headings, captions, amounts and dates are not
    figure: bool  # among its first characters: most of what tells lists, live blogs and recipes begins with one


@dataclass(frozen=True)
class PageEvidence:
    """Everything that the kind of a document is read from."""

    title: str
    paragraphs: Sequence[LineShape]
    segments: Sequence[str]  # of the path of its address, in small letters
    language: str | None
    is_page: bool
    is_dated: bool
    is_signed: bool
    types: frozenset[str] = frozenset()  # of schema.org, and of OpenGraph after "og:"
    sections: tuple[str, ...] = ()
    classes: frozenset[str] = frozenset()
    linked_share: float = 0.0
    linked_lines: int = 0
    players: int = 0
    live_entries: int = 0

    @cached_property
    def words(self) -> int:
        """The words of the whole text."""
        return sum([one.words for one in self.paragraphs])

    @cached_property
    def prose_words(self) -> int:
        """The words in paragraphs of prose."""
        return sum([one.words for one in self.paragraphs if one.is_prose])

    @cached_property
    def prose(self) -> int:
        """The number of paragraphs of prose."""
        return sum([one.is_prose for one in self.paragraphs])

    @cached_property
    def counters(self) -> Sequence[re.Match[str] | None]:
        """The counter at the beginning of each paragraph."""
        return [counter_in(one) if one.figure else None for one in self.paragraphs]

    @cached_property
    def prose_runs(self) -> Sequence[Sequence[LineShape]]:
        """The runs of prose; captions with a counter are none."""
        runs: list[list[LineShape]] = [[]]
        for one, counter in zip(self.paragraphs, self.counters, strict=True):
            if one.is_prose and not counter:
                runs[-1].append(one)
            elif runs[-1]:
                runs.append([])
        return runs if runs[-1] else runs[:-1]

    @cached_property
    def numbered(self) -> Sequence[int]:
        """The places of the paragraphs with a figure among their first characters."""
        return [at for at, one in enumerate(self.paragraphs) if one.figure]

    def lines_with(self, name: str, paragraphs: Iterable[LineShape], most: int) -> Iterator[LineShape]:
        """Iterate over those of its paragraphs that have at most so many words and hold some wording."""
        some = [one for one in paragraphs if one.words <= most]
        if some and wordings("wording", name).may_be_in("\n".join([one.text for one in some])):
            found = pattern("wording", name)
            yield from (one for one in some if found.search(one.text))


def evidence_of_all(documents: Sequence[Mapping[str, Any]]) -> Iterator[PageEvidence]:
    """Gather what is seen of each document, a row of the columns that the stage reads."""
    lines = [lines_of(document["text"]) for document in documents]
    counts = iter(count_words_of(pa.array(chain.from_iterable(lines), pa.large_string())).to_pylist())
    for document, its in zip(documents, lines, strict=True):
        yield evidence_of(document, [shape_of(line, words) for line, words in zip(its, counts, strict=False)])


def lines_of(text: str) -> list[str]:
    """Return the paragraphs of a text that are looked at."""
    return [line for line in text.split(PARAGRAPH_BREAK)[:_MOST] if line.strip()]


def evidence_of(document: Mapping[str, Any], paragraphs: Sequence[LineShape]) -> PageEvidence:
    """Gather what is seen of a document with such paragraphs."""
    facts = document["page_facts"] or {}
    return PageEvidence(
        title=document["title"] or (paragraphs[0].text if paragraphs and not paragraphs[0].is_prose else ""),
        paragraphs=paragraphs,
        segments=segments_of(document["url"]),
        language=document["language"],
        is_page=document["page_facts"] is not None,
        is_dated=document["published"] is not None,
        is_signed=bool(document["authors"]),
        types=frozenset(facts.get("types") or ()),
        sections=tuple(facts.get("sections") or ()),
        classes=frozenset(facts.get("classes") or ()),
        linked_share=facts.get("linked_share") or 0.0,
        linked_lines=facts.get("linked_lines") or 0,
        players=facts.get("players") or 0,
        live_entries=facts.get("live_entries") or 0,
    )


def shape_of(paragraph: str, words: int) -> LineShape:
    """Describe a paragraph of so many words.

    >>> shape_of("Why did it not sail?", 5)
    LineShape(text='Why did it not sail?', words=5, closed=True, question=True, is_prose=False, figure=False)
    """
    last = paragraph[-_END_CHARS:].rstrip().rstrip(_CLOSING)[-1:]
    closed = last in _ENDS
    figure = _FIGURE.search(paragraph, 0, _HEAD_CHARS) is not None
    return LineShape(paragraph, words, closed, last in _ASKING, closed and words >= PROSE_WORDS, figure)


def counter_in(one: LineShape) -> re.Match[str] | None:
    """Find a counter such as "3/12" or "3 of 12" at the beginning of a paragraph."""
    return _COUNTER.search(one.text[:_HEAD_CHARS])


@cache
def wordings(table: str, *names: str) -> Wordings:
    """Compile some lists of wordings, to tell where none of them can be."""
    return Wordings([wording for name in names for wording in page_kind_words()[table].get(name, ())])
