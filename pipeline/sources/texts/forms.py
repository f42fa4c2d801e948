"""Forms of text files: find the form by the head of a file, and read its articles."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from pipeline.sources.documents import Problem
from pipeline.sources.records import Record
from pipeline.sources.settings import Settings
from pipeline.sources.texts import evidence
from pipeline.sources.texts.beginnings import ids_in_front, same_label_in_front
from pipeline.sources.texts.exports import export_in
from pipeline.sources.texts.fixed_widths import fixed_widths_in
from pipeline.sources.texts.front_matters import front_matters_in
from pipeline.sources.texts.headed_articles import headed_articles
from pipeline.sources.texts.header import LONGEST_HEADLINE
from pipeline.sources.texts.headings import articles_under_headings, sections
from pipeline.sources.texts.lines import Head, TextLine
from pipeline.sources.texts.lists import articles_in_lines, list_in
from pipeline.sources.texts.pieces import between_rules, marked_pieces
from pipeline.sources.texts.references import references_in
from pipeline.sources.texts.source_lines import sources_on_top
from pipeline.sources.texts.subjects import drifts, share_no_subject
from pipeline.sources.texts.text_analysis import marked_texts_in
from pipeline.sources.texts.treebanks import docstarts_in, treebank_in


class Form(Protocol):
    """A way to keep many articles in a text file."""

    @property
    def told(self) -> str:
        """The form in words, for the person who reads the file."""

    def records(self, uri: str, lines: Iterator[TextLine], settings: Settings) -> Iterator[Record | Problem]:
        """Read the records of a text."""


#: The forms, the surest first.
FINDERS: tuple[Callable[[Head], Form | None], ...] = (
    references_in,
    front_matters_in,
    treebank_in,
    docstarts_in,
    marked_texts_in,
    export_in,
    list_in,
    fixed_widths_in,
    ids_in_front,
    marked_pieces,
    same_label_in_front,
    articles_under_headings,
    sources_on_top,
    headed_articles,
    articles_in_lines,
)


def form_of(head: Head, finders: Sequence[Callable[[Head], Form | None]] = FINDERS) -> Form | None:
    """Return the form of a text that surely holds several records; None if it is one article, or seems to be."""
    for find in finders:
        if form := find(head):
            return form
    return None


def doubt_of(head: Head) -> str:
    """Say why a text without a known form is no article; empty if nothing speaks against it."""
    if evidence.words_in_columns(head.filled):
        return "a word on each line, with or without tags, as in CoNLL files"
    if evidence.is_chat(head.filled):
        return "a chat, with a time and a name before each message"
    if not head.marks.isdisjoint(evidence.BEFORE_TAGS) and evidence.words_with_tags(head.filled):
        return "a tag at each word"
    if evidence.is_table_of_r(head.filled):
        return "a table with blanks between its columns, as write.table of R writes it (write.csv writes what is read)"
    for where, parts in _ways_to_cut(head):
        if share_no_subject(parts):
            return f"a text whose parts {where} share no subject"
    return "a text whose parts share no subject" if drifts(head.filled) else ""


def _ways_to_cut(head: Head) -> Iterator[tuple[str, list[str]]]:
    """Yield the parts of a text by all that may separate articles in it."""
    yield "on each line", head.filled
    for _, found in sections(head):
        yield "under its headings", ["\n".join(section[1:]) for section in found]
    for parts in between_rules(head):
        yield "between rules", parts
    if any(gap in head.text for gap in _IN_WIDE_GAPS):
        yield "between blank lines", _WIDE_GAP.split(head.text)
    yield "under its headlines", under_headlines(head)


def under_headlines(head: Head) -> list[str]:
    """Cut a text at lines that look like headlines: short ones without an end, a longer line below each."""
    if len(head.text) < MIN_HEADLINES * LEAST_LETTERS:
        return []
    found: list[list[str]] = [[]]
    for line, below in itertools.pairwise([*head.filled, ""]):
        if len(line) <= LONGEST_HEADLINE and len(below) > len(line) and not _SENTENCE_END.search(line):
            found.append([])
        else:
            found[-1].append(line)
    parts = ["\n".join(part) for part in found if part]
    return parts if len(parts) >= MIN_HEADLINES else []


#: Headlines that are marked by nothing but being short are believed from so many on: a newsletter had seven.
#: Letters of a part, at least.
MIN_HEADLINES, LEAST_LETTERS = 8, 200
_IN_WIDE_GAPS = ("\n\n\n", " \n", "\t\n")
_WIDE_GAP = re.compile(r"\n(?:[ \t]*\n){2,}")
_SENTENCE_END = re.compile(r"[.!?。！？:;,…][\"'”’»)\]]*$")
ASK = (
    "{}: it seems to hold many articles and does not show for sure where each begins. Give them as JSON Lines or one "
    'file each; if each line is an article, set [sources] kind = "lines"; if each heading begins one, '
    'kind = "headings"; if it is one article, one_document = true'
)
