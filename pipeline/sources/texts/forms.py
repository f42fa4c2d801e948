"""Forms of text files: find the form by the head of a file, and read its articles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from pipeline.sources.documents import Problem
from pipeline.sources.records import Record
from pipeline.sources.settings import Settings
from pipeline.sources.texts import evidence
from pipeline.sources.texts.beginnings import ids_in_front, same_label_in_front
from pipeline.sources.texts.exports import export_in
from pipeline.sources.texts.lines import Head, TextLine
from pipeline.sources.texts.lists import articles_in_lines, list_in
from pipeline.sources.texts.pieces import marked_pieces, rules_between_subjects
from pipeline.sources.texts.references import references_in
from pipeline.sources.texts.source_lines import sources_on_top


class Form(Protocol):
    """A way to keep many articles in a text file."""

    @property
    def told(self) -> str:
        """The form in words, for the person who reads the file."""

    def records(self, uri: str, lines: Iterator[TextLine], settings: Settings) -> Iterator[Record | Problem]:
        """Read the records of a text."""


def form_of(head: Head) -> Form | None:
    """Return the form of a text that surely holds several records; None if it is one article, or seems to be."""
    for find in (
        references_in,
        export_in,
        list_in,
        ids_in_front,
        marked_pieces,
        same_label_in_front,
        sources_on_top,
        articles_in_lines,
    ):
        if form := find(head):
            return form
    return None


def doubt_of(head: Head) -> str:
    """Say why a text without a known form is no article; empty if nothing speaks against it."""
    if evidence.words_in_columns(head.filled):
        return "a word on each line, with or without tags, as in CoNLL files"
    if evidence.words_with_tags(head.filled):
        return "a tag at each word"
    if rules_between_subjects(head):
        return "rules between long pieces that share no subject"
    if evidence.looks_mixed(head.filled):
        return "a text whose parts share no subject"
    return ""


ASK = (
    "{}: it seems to hold many articles and does not show where each begins. Give them as JSON Lines or one file each; "
    'if each line is an article, set [sources] kind = "lines"; if it is one article, one_document = true'
)
