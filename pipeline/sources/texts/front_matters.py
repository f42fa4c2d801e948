"""Articles one after another in a file, each with front matter of its own between lines of three hyphens."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.sources.documents import Problem, too_large
from pipeline.sources.records import Record
from pipeline.sources.settings import Settings
from pipeline.sources.texts.header import front_matter
from pipeline.sources.texts.lines import Head, TextLine
from pipeline.sources.texts.markdown import text_of_markdown

_FENCE = "---"
_FIELD = re.compile(r"[\"']?[^\W\d_][\w .-]{0,60}[\"']?\s*:(?:\s|$)|[ \t]+\S|- ")
#: Lines of front matter, at most. Chosen by hand: editors write up to thirty.
MAX_LINES = 100
#: Fences behind the first one: of its front matter, and both of another.
MIN_FENCES = 3


@dataclass(frozen=True)
class FrontMatterForm:
    """How such a file is read; the texts of Markdown lose their marks."""

    is_markdown: bool
    told: str = "articles with front matter on top of each; [sources] one_document = true reads it as one"

    def records(self, uri: str, lines: Iterator[TextLine], settings: Settings) -> Iterator[Record | Problem]:
        """Read the records of a text, an article each."""
        for article in articles(lines):
            where, size = f"{uri}:{article[0].number}", sum(line.size + 1 for line in article)
            if size > settings.max_document_bytes:
                yield too_large(where, size, settings.max_document_bytes)
                continue
            text = "\n".join(line.text for line in article)
            values, rest = front_matter(text) or ({}, text)
            yield Record(where, {**values, "text": text_of_markdown(rest) if self.is_markdown else rest.strip()})


def articles(lines: Iterator[TextLine]) -> Iterator[list[TextLine]]:
    """Cut a text where front matter begins."""
    held: list[TextLine] = []
    fenced: list[TextLine] = []  # from a fence on: front matter, as long as its lines are fields
    for line in lines:
        is_fence = line.text.rstrip() == _FENCE
        if is_fence and len(fenced) > 1:
            if any(each.text.strip() for each in held):
                yield held
            held, fenced = [*fenced, line], []
        elif is_fence or (fenced and len(fenced) < MAX_LINES and _FIELD.match(line.text)):
            held += fenced if is_fence else []
            fenced = [line] if is_fence else [*fenced, line]
        else:
            held += [*fenced, line]
            fenced = []
    held += fenced
    if any(each.text.strip() for each in held):
        yield held


def front_matters_in(head: Head) -> FrontMatterForm | None:
    """Find articles with front matter each, the first one at the top of the file."""
    return _form_in(head, is_markdown=False)


def front_matters_in_markdown(head: Head) -> FrontMatterForm | None:
    """Find them in Markdown."""
    return _form_in(head, is_markdown=True)


def _form_in(head: Head, *, is_markdown: bool) -> FrontMatterForm | None:
    if head.text.count("\n---") < MIN_FENCES or not front_matter(head.text):
        return None
    found = list(articles(TextLine(at, line, len(line)) for at, line in enumerate(head.lines, start=1)))
    return FrontMatterForm(is_markdown) if len(found) > 1 and all(map(_is_article, found)) else None


def _is_article(lines: Sequence[TextLine]) -> bool:
    return front_matter("\n".join(line.text for line in lines)) is not None
