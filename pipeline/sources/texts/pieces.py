"""Pieces of a text between marks: "Document 3 of 100", rules, "<<<ARTICLE>>>"; and the labelled lines in them."""

from __future__ import annotations

import re
import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from pipeline.sources.documents import Problem, skipped, too_large
from pipeline.sources.fields import OTHER, rank_of, words_of
from pipeline.sources.records import Record
from pipeline.sources.settings import Settings
from pipeline.sources.texts.header import ROLES, header_of
from pipeline.sources.texts.lines import Head, TextLine
from pipeline.sources.texts.source_lines import article_below, source_line
from pipeline.sources.texts.subjects import LONG_FOR_AN_ARTICLE
from stages.shared.words import count_as_spaced


class TextPiece(NamedTuple):
    """The lines between two marks: the number of the first one, and their size."""

    number: int
    lines: list[str]
    size: int


#: Tells the mark between pieces from other lines.
IsMark = Callable[[str], bool]
#: Reads a piece; None if it is no article, such as a table of contents in front.
ReadPiece = Callable[[Sequence[str]], "Mapping[str, Any] | None"]


@dataclass(frozen=True)
class PieceForm:
    """How a text with many articles is cut and its pieces are read; a mark may end a piece or begin the next."""

    is_mark: IsMark
    read: ReadPiece
    told: str
    mark_is_last: bool = False  # the mark is the last line of a piece and belongs to it
    mark_is_first: bool = False  # ... or the first one
    has_preface: bool = False  # in front of the first mark stands no article

    def records(self, uri: str, lines: Iterator[TextLine], settings: Settings) -> Iterator[Record | Problem]:
        """Read the records of a text, a piece each."""
        cut = pieces(lines, self.is_mark, self.mark_is_last, settings.max_document_bytes, self.mark_is_first)
        for at, piece in enumerate(cut):
            where = f"{uri}:{piece.number}"
            if piece.size > settings.max_document_bytes:
                yield too_large(where, piece.size, settings.max_document_bytes)
                continue
            values = None if self.has_preface and at == 0 else self.read(piece.lines)
            if values is not None:
                yield Record(where, values)
            elif _has_letters(piece.lines):
                yield skipped(where, "empty", "no article: what stands around the articles of the file")


def _has_letters(lines: Iterable[str]) -> bool:
    return any(map(str.isalpha, "".join(lines)))


def pieces(
    lines: Iterable[TextLine], is_mark: IsMark, mark_is_last: bool, max_size: int, mark_is_first: bool = False
) -> Iterator[TextPiece]:
    """Cut a text at its marks. Lines beyond the largest document are counted and not held."""
    held: list[str] = []
    number, size = 1, 0
    for line in lines:
        marked = is_mark(line.text)
        if marked and mark_is_first and size:
            yield TextPiece(number, held, size)
            held, size = [], 0
        if not marked or mark_is_last or mark_is_first:
            number = number if held or size else line.number
            size += line.size + 1
            held += [line.text] if size <= max_size else []
        if marked and not mark_is_first:
            yield TextPiece(number, held, size)
            held, size = [], 0
    if size:
        yield TextPiece(number, held, size)


# ---------------------------------------------------------------- marks

_NUMBERED = re.compile(
    r"\W*(?P<before>[^\W\d_]{3,12}\.?)?\s*(?:no\.?|nr\.?|#)?\s*(?P<at>\d{1,6})\s*(?:[^\W\d_]{1,4}|/)\s*(?P<of>\d{1,6})"
    r"(?:\s+(?P<after>[^\W\d_]{3,12}))?\W*$",
    re.IGNORECASE,
)
#: Words for a document, by their beginnings: "Document 1 of 100" and its like in exports of all languages.
_DOCUMENT = re.compile(
    r"do[ck]um|artic|artí|artik|record|item|stor|result|résult|notic|notíc|nachricht|treffer|text|doc\b|news|докум|стат|έγγρ",
    re.IGNORECASE,
)
_BRACKETED = re.compile(
    r"(?:<{2,}|\[{2,}|#{3,}|={3,}|-{3,}|\*{3,}|@{2,}|%{2,}|~{3,}|<\|)\s*[\w .:-]{0,40}?\s*"
    r"(?:>{2,}|\]{2,}|#{3,}|={3,}|-{3,}|\*{3,}|@{2,}|%{2,}|~{3,}|\|>)$"
)
#: Of these, the ones that say that an article begins or ends, and not an update, a quotation or an advertisement.
_DOCUMENT_MARK = re.compile(
    r"\W{2,6}(?:(?:end|begin|start|new|of|next)[\W_]*){0,2}(?:article|document|doc|text|story|record|item|sep|endoftext"
    r"|artikel|artículo|dokument|статья|документ|文章|文档)[\W\d_]*$",
    re.IGNORECASE,
)
_RULE = re.compile(r"[-=_*#~+.•·]{5,}$|(?:[-*=#~_+•]\s+){2,}[-*=#~_+•]$")


#: What the lines that may separate articles begin with.
_FIRST_OF_MARKS = "-=_*#~+.•·<[@%"


def is_numbered(line: str) -> bool:
    """Return True for a line such as "Document 3 of 100"; of pages, for none.

    >>> [is_numbered(line) for line in ("  3 of 100 DOCUMENTS", "Dokument 3 von 100", "Page 3 of 4", "3 of 4 voters")]
    [True, True, False, False]
    """
    match = _NUMBERED.match(line) if len(line) < 120 else None
    words = f"{match['before'] or ''} {match['after'] or ''}" if match else ""
    return match is not None and int(match["at"]) <= int(match["of"]) and _DOCUMENT.search(words) is not None


def _kind_of_mark(line: str) -> str | None:
    """Return the form of a line that may separate articles, numbers in it left out."""
    line = line.strip()
    if not line or line[0] not in _FIRST_OF_MARKS or len(line) > 200:
        return None
    if _RULE.match(line):
        return line[0] * 5
    return re.sub(r"\d+", "0", line) if _BRACKETED.match(line) else None


def numbered_in(head: Head) -> bool:
    """Return True if a text holds at least two documents that are numbered, or one of one."""
    found = [match for line in head.short if is_numbered(line) and (match := _NUMBERED.match(line))]
    return bool(found) and len({match["of"] for match in found}) == 1 and found[0]["at"] == "1"


def marked_pieces(head: Head) -> PieceForm | None:
    """Find the mark that stands between the articles of a text: each piece has a header or labels of its own, or the
    mark is written in brackets and can be nothing else.
    """
    for kind in _commonest_marks(head):
        is_mark = _mark_of(kind)
        parts = [part for part in _parts(head, is_mark) if any(line.strip() for line in part)]
        if form := _form_of(parts, is_mark, kind):
            return form
    return None


def _commonest_marks(head: Head) -> list[str]:
    found = [kind for line in head.filled if (kind := _kind_of_mark(line))]
    return [kind for kind, _ in Counter(found).most_common(3)] if found else []


def _mark_of(kind: str) -> IsMark:
    return lambda line: _kind_of_mark(line) == kind


def _parts(head: Head, is_mark: IsMark) -> list[list[str]]:
    lines = (TextLine(at, line, len(line)) for at, line in enumerate(head.lines, start=1))
    return [piece.lines for piece in pieces(lines, is_mark, False, 1 << 30)]


#: Words of a piece between marks that say "article". Chosen by hand: shorter ones are entries of a list.
MIN_WORDS = 40


def between_rules(head: Head) -> Iterator[list[str]]:
    """Cut a text at the lines that may separate articles, the commonest first: yield the parts by each."""
    for kind in _commonest_marks(head):
        yield ["\n".join(part) for part in _parts(head, _mark_of(kind))]


def _form_of(parts: Sequence[Sequence[str]], is_mark: IsMark, kind: str) -> PieceForm | None:
    if len(parts) < 2 or statistics.median(sum(map(len, part)) for part in parts) > LONG_FOR_AN_ARTICLE:
        return None
    shown = kind.replace("0", "1").strip()
    told = f"articles with “{shown}” between them; [sources] one_document = true reads it as one"
    if found := labels_of_articles(parts):
        return PieceForm(is_mark, partial(labelled, labels=found[0], text=found[1]), told)
    with_header = sum(header_of(part) is not None for part in parts)
    if with_header >= 2 and with_header >= 0.9 * len(parts) - (len(parts) > 2):
        return PieceForm(is_mark, with_own_header, told)
    with_source = sum(article_below(part) is not None for part in parts)
    if with_source >= 2 and with_source >= 0.9 * len(parts) - (len(parts) > 2):
        return PieceForm(is_mark, article_below, told)
    words = [count_as_spaced(" ".join(part)) for part in parts]
    if _DOCUMENT_MARK.match(kind) and len(parts) >= 3 and statistics.median(words) >= MIN_WORDS:
        return PieceForm(is_mark, with_own_header, told)
    return None


def labels_of_articles(parts: Sequence[Sequence[str]]) -> tuple[frozenset[str], str] | None:
    """Return the labels of pieces that nearly all name a text and another field, and the label of the text."""
    labels = repeated_labels(parts)
    text = label_of_text(parts, labels)
    with_text = sum(_names_text(_labels_in(part, labels), text) for part in parts)
    return (labels, text) if text and with_text >= max(2, 0.9 * len(parts) - (len(parts) > 2)) else None


def _names_text(labels: Sequence[str], text: str) -> bool:
    """Return True if the labels of a piece name its text and another field."""
    others = {role for role in ROLES for label in labels if rank_of(label, role) is not None}
    return labels.count(text) == 1 and not others.isdisjoint(("title", "published", "url", "outlet"))


def with_own_header(lines: Sequence[str]) -> dict[str, Any] | None:
    """Read a piece with or without a header."""
    header = header_of(lines)
    values, kept, size = header or ({}, [], 0)
    text = "\n".join([*kept, *([""] if kept else []), *lines[size:]]).strip()
    return {**values, "text": text} if _has_letters(text) else None


# ---------------------------------------------------------------- labels

#: The fields that are looked for in labels.
LABELLED = (*ROLES, "text")
_LABEL = re.compile(r"(?P<name>[^\W\d_][^\n:：]{0,39}?)\s{0,3}(?::(?=\s|$)|：)\s*(?P<value>.*)$")


def label_in(line: str) -> str | None:
    """Return the label that a line begins with; None if it has none."""
    match = _LABEL.match(line)
    return match["name"] if match and len(match["name"].split()) <= 5 else None


def repeated_labels(parts: Sequence[Sequence[str]]) -> frozenset[str]:
    """Return the labels that begin a line in half of the pieces and more: they name fields, whatever their language."""
    counts = Counter(name for part in parts for name in set(filter(None, map(label_in, part))))
    return frozenset(name for name, count in counts.items() if count >= max(2, len(parts) / 2))


def _labels_in(part: Sequence[str], labels: frozenset[str]) -> list[str]:
    return [name for line in part if (name := label_in(line)) in labels and name]


def label_of_text(parts: Sequence[Sequence[str]], labels: frozenset[str]) -> str:
    """Return the label behind which the text stands: of those with a name for it, else of all, the one with most words,
    if it has as many as an article; empty if there is none.
    """
    words: Counter[str] = Counter()
    beside: Counter[str] = Counter()
    for part in parts:
        for name, value in _by_label(part, labels).items():
            words[name] += count_as_spaced(value)
            beside[name] += count_as_spaced(value.partition("\n")[0])
    named = [label for label in labels if rank_of(label, "text") is not None]
    unknown = [label for label in labels if not is_field(label) and beside[label] >= MIN_TEXT_WORDS * len(parts)]
    return max(named or unknown, key=lambda label: (words[label], label), default="")


#: Words in the line of an unknown label, on average, from which on it is taken for the text. Other fields have fewer.
MIN_TEXT_WORDS = 12


def is_field(name: str) -> bool:
    """Return True if a label is known to name a field, or something else about an article."""
    known = any(rank_of(name, role) is not None for role in LABELLED)
    return known or (len(name.split()) <= 3 and bool(OTHER & set(words_of(name))))


def _by_label(lines: Sequence[str], labels: frozenset[str]) -> dict[str, str]:
    """Return the lines behind each label, those in front of the first one under an empty name."""
    found: dict[str, list[str]] = {"": []}
    current = ""
    for line in lines:
        match = _LABEL.match(line)
        if match and match["name"] in labels and not is_numbered(line):
            current = match["name"]
            found.setdefault(current, []).append(match["value"])
        elif not is_numbered(line) and not _RULE.match(line.strip()):
            found[current].append(line)
    return {name: "\n".join(each).strip() for name, each in found.items()}


def labelled(lines: Sequence[str], labels: frozenset[str], text: str) -> dict[str, Any] | None:
    """Read a piece whose fields stand behind labels: the text may have many paragraphs, other fields one.

    >>> labelled(["Ferry late", "", "Full text: It sails.", "", "At six."], frozenset(["Full text"]), "Full text")
    {'title': 'Ferry late', 'Full text': 'It sails.\\n\\nAt six.'}
    """
    values = _by_label(lines, labels)
    first = values.pop("")
    if not any(values.values()):
        return None
    if any(rank_of(name, "outlet") is not None for name in values if name.casefold() != "publisher"):
        values = {name: value for name, value in values.items() if name.casefold() != "publisher"}
    values = _with_source(values)
    if rank_of(text, "text") is None and text in values:
        values = {**values, "text": values.pop(text)}
    return _with_first(values, first)


def _with_source(values: dict[str, str]) -> dict[str, str]:
    """Part the outlet and the day, where both stand behind one label: "Source: Holm Post. (Jan. 4, 2031): p1"."""
    if any(rank_of(name, "published") is not None for name in values):
        return values
    named = [name for name in values if rank_of(name, "outlet") is not None]
    parts = source_line(values[named[0]]) if named else None
    return {**values, named[0]: parts.outlet, "published": parts.day} if parts else values


def _with_first(values: dict[str, str], first: str) -> dict[str, Any]:
    """Put the lines in front of the first label in their place: the title, or the beginning of the text."""
    if not first or first in values.values():
        return values
    if "\n" not in first and not any(rank_of(name, "title") is not None for name in values):
        return {"title": first, **values}
    named = [name for name in values if rank_of(name, "text") is not None and values[name]]
    longest = max(named, key=lambda name: len(values[name]), default="")
    return {**values, longest: f"{first}\n\n{values[longest]}"} if longest else {**values, "text": first}
