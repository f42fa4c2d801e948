"""`clean find`: documents of a corpus by words, address, file or id, or all of them, the newest first."""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.text import Text

from pipeline.console import counted, in_one_line
from pipeline.errors import UserError, in_short
from pipeline.reports.explain_terminal import Hanging
from pipeline.reports.folding import find_folded, fold_column, folded
from pipeline.reports.lookup import look_up, nearest
from pipeline.reports.matches import SHORT_ID, described
from pipeline.storage.reader import Corpus
from pipeline.storage.selection import Selection
from stages.shared.characters import SYLLABLES

COLUMNS = ["doc_id", "outlet", "published", "title", "url", "language", "page_kind", "n_words", "duplicate_share"]
#: Documents that an address, a file or the beginning of an id may stand for.
MAX_NAMED = 10_000
#: Characters of the text that are shown before a word that was found in it, and after.
BEFORE, AFTER = 40, 90
HEADS = ("id", "outlet", "day", "words", "copied")
#: Columns that titles need beside the others, and the indent of a title below them. Chosen by hand.
ROOM_FOR_TITLES, INDENT = 50, 4
_NEVER = datetime.min.replace(tzinfo=UTC)
#: A query that names documents and is no word: an address, a host, a path, a file, an id or much of one.
_NAME = re.compile(r"\S*(?:://|[/\\]|\.[a-z]{2,6}\b)\S*|[0-9a-f]{8,32}", re.IGNORECASE)
_UNSPACED = re.compile(f"[{SYLLABLES}]")
_LETTERS = r"[\pL\pM\pN]"


class ListedDocument(NamedTuple):
    """A document of the list. `found_in`: the column that has all words, "" where none were asked for."""

    doc_id: str
    outlet: str
    published: datetime | None
    title: str | None
    url: str | None
    language: str | None
    page_kind: str
    n_words: int
    duplicate_share: float
    found_in: str
    snippet: str | None

    def as_dict(self) -> dict[str, Any]:
        """Return the document as values that `json_line` writes."""
        return self._asdict()


@dataclass
class DocumentList:
    """The first documents of a list, at most `limit`, and how many there are in all."""

    limit: int
    query: str = ""
    total: int = 0
    in_title: int = 0
    _heap: list[tuple[tuple[bool, float, int], ListedDocument]] = field(default_factory=list)

    def offer(self, document: ListedDocument) -> None:
        """Take a document in if it is among the first: titles before texts, then the newest, then the first id."""
        self.total += 1
        self.in_title += document.found_in == "title"
        age = (document.published or _NEVER).timestamp()
        entry = ((document.found_in != "text", age, -int(document.doc_id, 16)), document)
        if len(self._heap) < self.limit:
            heapq.heappush(self._heap, entry)
        elif entry[0] > self._heap[0][0]:
            heapq.heapreplace(self._heap, entry)

    def documents(self) -> list[ListedDocument]:
        """Return the documents in their order."""
        return [document for _, document in sorted(self._heap, key=lambda entry: entry[0], reverse=True)]

    def as_dict(self) -> dict[str, Any]:
        """Return the list as plain JSON types."""
        shown = [each.as_dict() for each in self.documents()]
        return {"query": self.query, "total": self.total, "in_title": self.in_title, "documents": shown}


def find(corpus: Corpus, words: Sequence[str], selection: Selection, limit: int) -> DocumentList:
    """List the selected documents that have all words in their title, or else in their text; all without words.

    A single argument that looks like an address, a file or an id names documents instead. The tables are read batch by
    batch, and memory holds `limit` documents.
    """
    found = DocumentList(limit, " ".join(words).encode(errors="replace").decode().strip())
    if words and not found.query:
        raise UserError("an empty text was given to look for. Leave it out to list all documents, or give a word.")
    named = _named(corpus, found.query)
    patterns = [] if named is not None else [word_pattern(word) for word in folded(found.query).split()]
    for batch in selection.documents(corpus, [*COLUMNS, "text"] if patterns else COLUMNS):
        rows = batch if named is None else batch.filter(pc.is_in(batch["doc_id"], named))
        for document in _documents(rows, patterns, found.query):
            found.offer(document)
    return found


def _named(corpus: Corpus, query: str) -> pa.Array | None:
    """Return the ids of the documents that a query names; None where it does not look like a name, or names none."""
    if not _NAME.fullmatch(query):
        return None
    result = look_up(corpus, query, MAX_NAMED)
    ids = pa.array([each.doc_id for each in result.documents], pa.string())
    return ids if result.total and result.by != "title" else None


def _documents(batch: pa.RecordBatch, patterns: list[str], query: str) -> Iterator[ListedDocument]:
    """Yield the documents of a batch that have all words."""
    where: list[str] = [""] * len(batch)
    snippets: list[str | None] = [None] * len(batch)
    if patterns:
        in_title, in_text = (_have(batch[name], patterns) for name in ("title", "text"))
        batch, kept = _either(batch, in_title, in_text)
        where = ["title" if each else "text" for each in kept]
        texts = batch["text"].to_pylist()
        snippets = [
            None if place == "title" else snippet(text, query) for place, text in zip(where, texts, strict=True)
        ]
    rows = batch.select(COLUMNS).to_pylist()
    for row, place, words in zip(rows, where, snippets, strict=True):
        yield ListedDocument(**row, found_in=place, snippet=words)


def _either(batch: pa.RecordBatch, in_title: pa.Array, in_text: pa.Array) -> tuple[pa.RecordBatch, list[bool]]:
    wanted = pc.or_(in_title, in_text)
    return batch.filter(wanted), in_title.filter(wanted).to_pylist()


def _have(texts: pa.Array, patterns: list[str]) -> pa.Array:
    """Tell for each text if all patterns are found in it, whatever the case and the accents."""
    plain = fold_column(texts)
    have = pa.array([True] * len(texts), pa.bool_())
    for pattern in patterns:
        have = pc.and_(have, pc.fill_null(pc.match_substring_regex(plain, pattern), False))
    return have


def word_pattern(word: str) -> str:
    """Return a pattern of RE2 for a folded word: a whole one, its beginning if it ends with `*`.

    Scripts without spaces have no whole words to find.

    >>> text = pa.array(["the ferries"])
    >>> [pc.match_substring_regex(text, word_pattern(word)).to_pylist() for word in ("ferr", "ferr*")]
    [[False], [True]]
    """
    beginning = word.rstrip("*")
    literally = re.sub(r"[^\w\s]", lambda sign: "\\" + sign[0], beginning)
    if _UNSPACED.search(word):
        return literally
    end = "" if beginning != word else f"(?:$|[^{_LETTERS[1:]})"
    return f"(?:^|[^{_LETTERS[1:]}){literally}{end}"


def snippet(text: str, query: str) -> str | None:
    """Return the words of a text around the first one of a query that stands in it.

    >>> snippet("On Monday the old ferry sailed.", "FERRY old"), snippet("L’hôtel est fermé.", "hotel")
    ('On Monday the old ferry sailed.', 'L’hôtel est fermé.')
    """
    found = (find_folded(text, word.rstrip("*")) for word in query.split())
    places = [at for at in found if at >= 0]
    if not places:
        return None
    start, end = max(0, places[0] - BEFORE), places[0] + AFTER
    words = " ".join(text[start:end].split())
    return ("…" if start else "") + words + ("…" if end < len(text) else "")


# ---------------------------------------------------------------- shown


def render(corpus: Corpus, found: DocumentList, selection: Selection) -> RenderableType:
    """Render the list for a terminal: what to type, outlet, day, words, share of them that is canonical elsewhere."""
    if not found.total:
        return Text(_nothing(corpus, found, selection), style="yellow")
    return Group(_Lines(found.documents()), Text(f"\n{_end(corpus, found, selection)}", style="dim"))


@dataclass(frozen=True)
class _Lines:
    """The lines of a list: titles stand below where a terminal has no room for them beside the other columns."""

    documents: Sequence[ListedDocument]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the lines."""
        heads, *cells = _aligned([HEADS, *map(_cells, self.documents)])
        is_wide = options.max_width >= len(heads) + ROOM_FOR_TITLES
        yield Text(f"{heads}  title" if is_wide else heads, style="dim")
        for each, line in zip(self.documents, cells, strict=True):
            title = Text(in_one_line(each.title or "(no title)"), style="" if each.title else "dim")
            if is_wide:
                yield Hanging(title, f"{line}  ", len(line) + 2, first_style="")
            else:
                yield from (Text(line), Hanging(title, indent=INDENT))
            if each.snippet:
                indent = len(line) + 2 if is_wide else INDENT
                yield Hanging(Text(in_one_line(each.snippet), style="dim"), indent=indent)


def _cells(each: ListedDocument) -> tuple[str, ...]:
    day = f"{each.published:%Y-%m-%d}" if each.published else ""
    copied = f"{each.duplicate_share:.0%}" if each.duplicate_share else ""
    return each.doc_id[:SHORT_ID], in_one_line(each.outlet), day, f"{each.n_words:,}", copied


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Write rows as lines whose cells stand below each other, the last two columns to the right.

    >>> _aligned([("id", "words", "copied"), ("b2ee", "1,212", "39%")])
    ['id    words  copied', 'b2ee  1,212     39%']
    """
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        blanks = [" " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)]
        left = [cell + blank for cell, blank in zip(row[:-2], blanks[:-2], strict=True)]
        lines.append("  ".join([*left, *(blank + cell for cell, blank in zip(row[-2:], blanks[-2:], strict=True))]))
    return lines


def _end(corpus: Corpus, found: DocumentList, selection: Selection) -> str:
    shown = min(found.limit, found.total)
    what = (
        f"{shown:,} of {counted(found.total, 'document')}" if shown < found.total else counted(found.total, "document")
    )
    chosen = f" ({in_one_line(selection.in_words())})" if selection.in_words() else ""
    titles = f", {found.in_title:,} by the title, the others by the text" if 0 < found.in_title < found.total else ""
    more = "; --limit shows more" if shown < found.total else ""
    return f"{what}{chosen}{titles}; newest first{more}.\nclean explain ID --out {corpus.out} shows one."


def _nothing(corpus: Corpus, found: DocumentList, selection: Selection) -> str:
    chosen = selection.in_words()
    among = f" among those chosen ({chosen})" if chosen else ""
    if not found.query:
        return in_one_line(f"no document in {in_short(corpus.out)}/{among}.")
    said = f"no document in {in_short(corpus.out)}/{among} has all of {found.query!r} in its title or text."
    near = "; ".join(map(described, nearest(corpus, found.query)))
    return in_one_line(
        f"{said} Nearest: {near}." if near else f"{said} Try fewer words, or the beginning of one: ferr*"
    )
