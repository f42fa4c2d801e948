"""Look-up of documents in a corpus: by id, by address, by the file they were read from, or by words of their title."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from unicodedata import normalize

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.errors import UserError, in_short
from pipeline.reports.folding import fold_column, folded
from pipeline.reports.matches import BestMatches, By, FoundDocument, LookupResult, described
from pipeline.sources.addresses import literally
from pipeline.storage.reader import Corpus
from pipeline.storage.tables import dataset
from stages.shared.addresses import one_address

#: Documents that are named where a query fits several, and suggestions where it fits none.
NAMED, SUGGESTED = 20, 3
#: From so many digits on, a query that is hexadecimal is an id and no word of a title ("decade", "2031").
SURE_ID = 8
#: Letters of a word that a suggestion must have at least, and words of a query that are looked for.
MIN_STEM, MAX_STEMS = 3, 12
COLUMNS = ("doc_id", "outlet", "published", "title", "url", "source_uri")

_HEXADECIMAL = re.compile(r"[0-9a-f]{1,32}")
#: A host with or without a path, as people copy it from an address bar.
_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}(?::\d+)?(?:[/?#]\S*)?", re.IGNORECASE)
#: Where a query has none of them, it is words of a title before it is the name of a folder.
_SIGNS_OF_A_PATH = "/.@#:!"
_WORD = re.compile(r"\w+")


# ---------------------------------------------------------------- what a query means


def look_up(corpus: Corpus, query: str, limit: int = NAMED) -> LookupResult:
    """Find the documents of a corpus that a query names: an id (ours or the source's), an address, a file, title words.

    They are tried in that order (title words before a name that has no sign of a path), and the first that finds
    something counts. Tables are read batch by batch. Raises UserError where the query is empty.
    """
    query = query.encode(errors="replace").decode().strip()  # an argument may hold bytes that are no text
    if not query:
        raise UserError(
            f"no document was named. Give an id, an address, a file or words of a title ({_place(corpus)})."
        )
    for by, find in _meanings(query):
        best = BestMatches(limit)
        find(corpus, query, best)
        if best.total:
            return LookupResult(query, by, best.documents(), best.total)
    return LookupResult(query, "title")


Finder = Callable[[Corpus, str, BestMatches], None]


def _meanings(query: str) -> Iterator[tuple[By, Finder]]:
    """Yield the ways to read a query, the likeliest first."""
    if _HEXADECIMAL.fullmatch(query.lower()):
        yield "id", _by_id
    yield "id", _by_source_id
    if "://" in query:
        yield "address", _by_address
    if any(sign in query for sign in _SIGNS_OF_A_PATH):
        yield "file", _by_file
    if "://" not in query and _HOST.fullmatch(query):
        yield "address", _by_address
    yield "title", _by_title
    yield "file", _by_file


def look_up_one(corpus: Corpus, query: str) -> FoundDocument:
    """Find the one document that a query names. Raises UserError where none or several fit, and names the nearest."""
    matches = look_up(corpus, query)
    if not matches.total:
        raise nothing_found(corpus, query)
    if matches.total > 1:
        named = "; ".join(map(described, matches.documents[:SUGGESTED]))
        raise UserError(f"{query!r} fits {matches.total:,} documents in {_place(corpus)}: {named} … Give an id.")
    return matches.documents[0]


# ---------------------------------------------------------------- ways to find


def _by_id(corpus: Corpus, query: str, best: BestMatches) -> None:
    """Find ids by their beginning; a short one may be a word of a title as well."""
    beginning = query.lower()
    starts = pc.starts_with(pc.field("doc_id"), beginning)
    for document in _documents(corpus, starts):
        best.offer(0, document)
    if not best.total:
        for document in _failed(corpus, starts):
            best.offer(0, document)
    if best.total and len(beginning) < SURE_ID:
        titles = BestMatches(best.limit)
        _by_title(corpus, query, titles)
        for document in titles.documents() if titles.best <= _WHOLE_WORDS else ():
            best.offer(0, document)


def _by_source_id(corpus: Corpus, query: str, best: BestMatches) -> None:
    """Find the documents that their source calls so."""
    for document in _documents(corpus, pc.field("source_id") == query):
        best.offer(0, document)


def _by_address(corpus: Corpus, query: str, best: BestMatches) -> None:
    """Find the documents whose address is another form of the same, or the very place they were read from."""
    wanted = one_address(_with_scheme(query))
    for document in _documents(corpus, _of_host(wanted) | (pc.field("source_uri") == query)):
        if query == document.source_uri or (document.url and one_address(document.url) == wanted):
            best.offer(0, document)


def _by_file(corpus: Corpus, query: str, best: BestMatches) -> None:
    """Find the documents that were read from a file, from a folder, or from one place in a file."""
    names = {query.removeprefix("./").rstrip("/") or query}
    if (path := Path(query)).is_absolute() and path.is_relative_to(here := Path.cwd()):
        names.add(str(path.relative_to(here)))
    pattern = "|".join(f"(?:^|[/!]){literally(name)}(?:$|[:#@!/])" for name in sorted(names))
    of_file = pc.match_substring_regex(pc.field("source_uri"), pattern)
    for document in _documents(corpus, of_file):
        best.offer(0, document)
    if not best.total:
        for document in _failed(corpus, of_file):
            best.offer(0, document)


#: How well a title fits, best first. All but the first whatever the case and the accents.
_AS_TYPED, _SAME, _PHRASE, _WHOLE_WORDS, _PARTS_OF_WORDS = range(5)


def _by_title(corpus: Corpus, query: str, best: BestMatches) -> None:
    """Find the documents whose title has all words of the query; whole words go before parts of words."""
    words = _words(query)
    if not words:
        return
    title = fold_column(pc.field("title"))
    has_all = pc.match_substring(title, words[0])
    for word in words[1:]:
        has_all &= pc.match_substring(title, word)
    for document in _documents(corpus, has_all):
        as_typed = normalize("NFC", document.title or "") == normalize("NFC", query)
        best.offer(_AS_TYPED if as_typed else _fit(words, _words(document.title or "")), document)


def _fit(words: Sequence[str], title: Sequence[str]) -> int:
    """Rank how well a title fits.

    >>> [_fit(["ferry", "late"], _words(title)) for title in ("Ferry late", "The ferry, late again", "Late: a ferry")]
    [1, 2, 3]
    >>> _fit(["ferry", "late"], _words("Plates for ferrymen"))
    4
    """
    if words == title:
        return _SAME
    if f" {' '.join(words)} " in f" {' '.join(title)} ":
        return _PHRASE
    return _WHOLE_WORDS if set(words) <= set(title) else _PARTS_OF_WORDS


def _words(text: str) -> list[str]:
    return _WORD.findall(folded(text))


def _with_scheme(query: str) -> str:
    return query if "://" in query else f"https://{query}"


def _of_host(address: str) -> Any:
    """Select addresses that name a host: few of them need to be compared in their common form."""
    return pc.match_substring(pc.field("url"), re.split(r"[/?]", address)[0], ignore_case=True)


# ---------------------------------------------------------------- rows


def _documents(corpus: Corpus, wanted: Any) -> Iterator[FoundDocument]:
    """Yield the published documents that fit an expression, batch by batch, oldest run first."""
    for run in corpus.runs:
        for batch in dataset(corpus.out, "documents", run).to_batches(columns=list(COLUMNS), filter=wanted):
            for row in batch.to_pylist():
                yield FoundDocument(run=run, **row)


def _failed(corpus: Corpus, wanted: Any) -> Iterator[FoundDocument]:
    """Yield the documents that no run published: the ledger has their ids."""
    wanted = wanted & pc.is_valid(pc.field("doc_id")) & pc.is_in(pc.field("action"), pa.array(["failed", "skipped"]))
    seen: set[str] = set()
    for run in corpus.runs:
        for batch in dataset(corpus.out, "ledger", run).to_batches(columns=["doc_id", "source_uri"], filter=wanted):
            for row in batch.to_pylist():
                if row["doc_id"] not in seen:
                    seen.add(row["doc_id"])
                    yield FoundDocument(run=run, **row)


# ---------------------------------------------------------------- where nothing fits, or several


def nearest(corpus: Corpus, query: str, limit: int = SUGGESTED) -> tuple[FoundDocument, ...]:
    """Find the documents whose id, title, address or file has the most beginnings of a query's words."""
    stems = [word[: max(MIN_STEM, 2 * len(word) // 3)] for word in _words(query) if len(word) >= MIN_STEM][:MAX_STEMS]
    if not stems:
        return ()
    best, has_any = BestMatches(limit), pc.scalar(False)
    for stem in stems:
        for column in ("title", "url", "source_uri"):
            has_any |= pc.match_substring(fold_column(pc.field(column)), stem)
        has_any |= pc.starts_with(pc.field("doc_id"), stem)
    for document in _documents(corpus, has_any):
        words = folded(f"{document.doc_id} {document.title} {document.url} {document.source_uri}")
        best.offer(-sum(stem in words for stem in stems), document)
    return best.documents()


def nothing_found(corpus: Corpus, query: str) -> UserError:
    """Make the error that says that no document fits, with the nearest ones and what to try."""
    message = f"no document {in_short(query)!r} in {_place(corpus)}: no id, address, file or title is like it."
    if near := nearest(corpus, query.encode(errors="replace").decode()):
        return UserError(f"{message} Nearest: {'; '.join(map(described, near))}.")
    return UserError(f"{message} `clean find --out {in_short(corpus.out)}` lists the documents.")


def _place(corpus: Corpus) -> str:
    return f"{in_short(corpus.out)}/"
