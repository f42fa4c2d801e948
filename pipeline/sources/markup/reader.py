"""Reader of markup in angle brackets that is no page of HTML. `source_uri` of a document is `file#number`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from pipeline.sources.addresses import Input
from pipeline.sources.documents import Problem, failed, skipped, too_large
from pipeline.sources.markup import encoding, feeds, tei
from pipeline.sources.markup.elements import role_of
from pipeline.sources.markup.formats import format_of, outline_of
from pipeline.sources.markup.shapes import MarkupFormat, NoArticle, Refusal
from pipeline.sources.markup.split import TOO_LARGE, Piece, Splitter
from pipeline.sources.markup.text import flat
from pipeline.sources.markup.tree import Names, Parsed, parse
from pipeline.sources.records import BEFORE_CHARACTERS, Columns, Record, reading_note
from pipeline.sources.settings import Settings
from pipeline.sources.streams import Stream
from pipeline.sources.values import clean
from stages.ledger import Subject

#: Bytes of a file by which its format, and the element that is an article, are found.
HEAD = 1 << 20
#: Words between two articles that are worth a row: fewer are numbers, separators and labels. Chosen by hand.
MIN_WORDS_BETWEEN = 12
_ROOT = re.compile(r"<(?:([\w.\-]+):)?[^\W\d][\w.\-]*(?=[\s/>])")
_LONGEST_LABEL = 300


def records(source: Input, stream: Stream, settings: Settings, _columns: Columns = None) -> Iterator[Record | Problem]:
    """Read the articles of a file."""
    raw = stream.peek(HEAD)
    if not raw.strip():
        yield skipped(clean(source.uri), "empty", "the file is empty")
        return
    charset = encoding.charset_of(raw)
    head, code = encoding.decoded_head(raw, charset)
    form = format_of(head, code, whole=len(raw) < HEAD)
    if isinstance(form, Refusal):
        yield skipped(clean(source.uri), "no_text", form.why)
        return
    name = form.unit.names[0].decode(code)
    if form.found:
        one = f"the file, one <{name}>, as one document" if form.is_one else f"each <{name}> as a document"
        yield reading_note(source, "element", f"reading {one}")
    reading = _Reading(source, settings, form, charset, names_in(head, form), name)
    pieces = Splitter(encoding.pieces_of(stream, charset), form.unit, settings.max_row_bytes)
    for piece in pieces:
        yield from reading.article(piece) if piece.is_article else reading.between(piece)
    yield from reading.end()


def names_in(head: str, form: MarkupFormat) -> Names:
    """Return the names of a file: without the prefix that its root has."""
    root = _ROOT.search(head)
    outline = outline_of(head[:100_000])
    return Names(dict(outline.namespaces), own=(root and root[1]) or "", fold=form.unit.fold)


@dataclass
class _Reading:
    """The state of reading one file."""

    source: Input
    settings: Settings
    form: MarkupFormat
    charset: encoding.Charset
    names: Names
    name: str  # of the element that is an article
    number: int = 0
    around: dict[str, str] = field(default_factory=dict)
    against: bool = False  # the charset declared was not believed

    @property
    def uri(self) -> str:
        """The address of the article that is read."""
        return f"{clean(self.source.uri)}#{self.number}"

    def article(self, piece: Piece) -> Iterator[Record | Problem]:
        """Yield what an element holds, and a row if it is broken."""
        self.number += 1
        if piece.broken == TOO_LARGE:
            yield too_large(self.uri, piece.size, self.settings.max_row_bytes)
            return
        parsed = self._parsed(piece.content)
        trouble = piece.broken or ("" if self.form.loose else parsed.trouble)
        if trouble:
            yield _mended(self.uri, trouble)
        yield from self._read(parsed.root[0] if len(parsed.root) else parsed.root)

    def _read(self, element: Element) -> Iterator[Record | Problem]:
        for at, found in enumerate(self.form.read(element, self.around)):
            uri = self.uri if at == 0 else f"{self.uri}.{at + 1}"
            if isinstance(found, NoArticle):
                yield skipped(uri, "not_a_page", clean(found.why))
            else:
                yield Record(uri, found)

    def _parsed(self, content: bytes) -> Parsed:
        decoded = encoding.decode(content, self.charset)
        self.against |= decoded.against
        return parse(decoded.text, self.names)

    def between(self, piece: Piece) -> Iterator[Problem]:
        """Learn what the elements around say, and report a text that belongs to no article."""
        if piece.content.isspace():
            return
        parsed = self._parsed(piece.content)
        self.around.update(_labels(parsed, self.form))
        words = " ".join(parsed.root.itertext()).split()
        unbegun = self.form.unit.compile(rb"</NAME\s*>").search(piece.content)  # its start tag is broken
        if (self.number or unbegun) and len(words) >= MIN_WORDS_BETWEEN:
            why = f"{len(words)} words behind article {self.number} that belong to no <{self.name}>"
            before = clean(" ".join(words)[:BEFORE_CHARACTERS])
            yield failed(f"{self.uri}+", "malformed", why, before=before)

    def end(self) -> Iterator[Problem]:
        """Say what was found out about the file as a whole."""
        if self.against:
            yield reading_note(self.source, "charset", f"declared as {self.charset.declared}, but its bytes are UTF-8")
        if not self.number:
            yield skipped(clean(self.source.uri), "no_text", f"{self.form.name} with no <{self.name}> in it")


def _mended(uri: str, trouble: str) -> Problem:
    """Build the row of an article whose markup is broken, and which was read all the same."""
    return Problem(
        Subject(None, None, uri), "marked", "malformed", rule="markup", after=clean(f"read all the same: {trouble}")
    )


def _labels(parsed: Parsed, form: MarkupFormat) -> Mapping[str, str]:
    """Return the attributes and short texts of the elements that are around the next article."""
    found: dict[str, str] = {}
    if form.read is tei.read_division:
        return tei.header_of(parsed.root)
    chain, element = [parsed.root], parsed.root
    for _ in range(parsed.open):
        element = element[-1]
        chain.append(element)
    for outer in chain:
        texts = {child.tag: flat(child) for child in reversed(outer) if not len(child)} if outer.tag else {}
        labels = {**outer.attrib, **texts}
        inner = {f"{each.tag}.{child.tag}": flat(child) for each in outer if each.tag in _HEADERS for child in each}
        own = {f"{outer.tag}.{key}": value for key, value in labels.items() if not form.found or role_of(key)}
        own |= feeds.authors_of_site(outer)
        found |= {key: value for key, value in (own | inner).items() if 0 < len(value) <= _LONGEST_LABEL}
    return found


#: Elements that say something about all articles, and are closed before the first.
_HEADERS = frozenset(("channel", "siteinfo"))
