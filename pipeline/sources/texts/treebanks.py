"""Treebanks and tagged words that say where a document begins (`# newdoc`, -DOCSTART-): their words joined again."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.sources.documents import Problem, skipped, too_large
from pipeline.sources.markup.vertical import NO_SPACE, joined_words
from pipeline.sources.records import Record
from pipeline.sources.settings import Settings
from pipeline.sources.texts.header import role_of
from pipeline.sources.texts.lines import Head, TextLine

_NEW_DOCUMENT = re.compile(r"#\s*newdoc\b(?:\s+id\s*=\s*(?P<id>\S.*))?\s*$")
_NEW_PARAGRAPH = re.compile(r"#\s*newpar\b")
_SAID = re.compile(r"#\s*(?P<name>[\w:.-]+)\s*=\s*(?P<value>\S.*)$")
#: A word of a treebank: its number and nine more columns. A range ("3-4") is a word as written, its parts are not.
_WORD = re.compile(r"(?P<first>\d+)(?:-(?P<last>\d+))?\t(?P<form>[^\t]+)\t(?:[^\t]*\t){7}(?P<misc>[^\t]*)$")


@dataclass(frozen=True)
class TreebankForm:
    """How a treebank is read: what stands behind `# text =` as the sentence, else its words."""

    told: str = "a treebank (CoNLL-U), each # newdoc as a document"

    def records(self, uri: str, lines: Iterator[TextLine], settings: Settings) -> Iterator[Record | Problem]:
        """Read the records of a file, a document each."""
        for number, size, document in documents(lines, settings.max_row_bytes):
            where = f"{uri}:{number}"
            if size > settings.max_row_bytes:
                yield too_large(where, size, settings.max_row_bytes)
            elif _NEW_DOCUMENT.match(document[0]):
                yield Record(where, document_of(document))
            elif any(map(_WORD.match, document)):
                yield skipped(where, "empty", "sentences in front of the first # newdoc")


@dataclass(frozen=True)
class DocstartForm:
    """How words with tags are read, one on a line, sentences apart by blank lines, as CoNLL-2003 has them."""

    told: str = "words with tags (CoNLL), each -DOCSTART- as a document"

    def records(self, uri: str, lines: Iterator[TextLine], settings: Settings) -> Iterator[Record | Problem]:
        """Read the records of a file, a document each."""
        for number, size, document in documents(lines, settings.max_row_bytes, _DOCSTART):
            where = f"{uri}:{number}"
            if size > settings.max_row_bytes:
                yield too_large(where, size, settings.max_row_bytes)
            elif text := text_of_words(document):
                yield Record(where, {"text": text})
            elif _DOCSTART.match(document[0]):
                yield skipped(where, "empty", "a document without words")


_DOCSTART = re.compile(r"-DOCSTART-(?:\s|$)")


def text_of_words(lines: Sequence[str]) -> str:
    """Join the words in the first column of lines; a blank line ends a sentence.

    >>> text_of_words(["-DOCSTART- -X- O", "", "It PRP O", "sails VBZ O", ". . O", "", "At IN O", "six CD O", ". . O"])
    'It sails. At six.'
    """
    rows = [line.split(maxsplit=1) for line in lines if not _DOCSTART.match(line)]
    sentences = (list(group) for is_word, group in itertools.groupby(rows, key=bool) if is_word)
    return " ".join(joined_words(row[0] for row in each) for each in sentences)


def docstarts_in(head: Head) -> DocstartForm | None:
    """Find words with tags in documents that -DOCSTART- begins."""
    return DocstartForm() if head.filled and _DOCSTART.match(head.filled[0]) else None


def documents(
    lines: Iterator[TextLine], limit: int, begins: re.Pattern[str] = _NEW_DOCUMENT
) -> Iterator[tuple[int, int, list[str]]]:
    """Cut a file where documents begin: yield the number of the first line, the size and the lines of each."""
    held: list[str] = []
    number, size = 1, 0
    for line in lines:
        if begins.match(line.text) and held:
            yield number, size, held
            held, number, size = [], line.number, 0
        size += line.size + 1
        held += [line.text] if size <= limit or not held else []
    if held:
        yield number, size, held


def document_of(lines: Sequence[str]) -> dict[str, Any]:
    """Read a document: its id, what its comments say in front of the first sentence, and its paragraphs.

    >>> document_of(["# newdoc id = a1", "# title = Ferry late", "# text = It sails.", "# newpar", "# text = At six."])
    {'id': 'a1', 'title': 'Ferry late', 'text': 'It sails.\\n\\nAt six.'}
    """
    found = _NEW_DOCUMENT.match(lines[0])
    values: dict[str, Any] = {"id": found["id"]} if found and found["id"] else {}
    paragraphs: list[list[str]] = [[]]
    for is_blank, group in itertools.groupby(lines[1:], key=lambda line: not line.strip()):
        if not is_blank:
            _read_sentences(list(group), values, paragraphs)
    return {**values, "text": "\n\n".join(" ".join(each) for each in paragraphs if each)}


def _read_sentences(lines: Sequence[str], values: dict[str, Any], paragraphs: list[list[str]]) -> None:
    """Add a sentence to the last paragraph, or to a new one; what its comments say goes into the values."""
    written = ""
    for line in lines:
        said = _SAID.match(line)
        if _NEW_PARAGRAPH.match(line):
            paragraphs.append([])
        elif said and said["name"] == "text":
            written = said["value"].strip()
            paragraphs[-1].append(written)
        elif said and not any(paragraphs) and (role := role_of(said["name"], said["value"])):
            values.setdefault(role, said["value"].strip())
    if not written and (sentence := sentence_of(lines)):
        paragraphs[-1].append(sentence)


def sentence_of(lines: Sequence[str]) -> str:
    """Join the words of a sentence as they are written."""
    words: list[str] = []
    covered = 0
    for match in filter(None, map(_WORD.match, lines)):
        if int(match["first"]) > covered:
            covered = int(match["last"] or 0)
            words += [match["form"], *([NO_SPACE] if "SpaceAfter=No" in match["misc"] else [])]
    return joined_words(words)


def treebank_in(head: Head) -> TreebankForm | None:
    """Find a treebank that says where its documents begin."""
    if "# newdoc" not in head.text or not any(map(_NEW_DOCUMENT.match, head.lines)):
        return None
    return TreebankForm() if any(map(_WORD.match, head.lines)) else None
