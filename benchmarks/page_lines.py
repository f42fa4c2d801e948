"""Lines of whole web pages, labelled story or furniture from afar: by the body that is known of them, or by the lines
of an extract that a person labelled.

274 pages of publishers have a known body; 101 pages of `noise_more`, and 266 of the crawl, have a labelled extract. A
page gives up to three documents: all its lines; those around its story, as a loose extract has them; and what
trafilatura, asked for much, takes of it (of publishers' pages only: the labelled extracts of the others are that).
Lines whose match is in doubt are "unsure": they stand in their document and are not learned from.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import trafilatura
from fastwarc.warc import ArchiveIterator, WarcRecordType
from trafilatura.utils import decode_file
from train_block_judge import (
    FURNITURE,
    NOW,
    SETTINGS,
    STORY,
    UNMATCHED,
    shared_module,
    truth_of_lines,
    truth_of_publisher,
)

from stages.extract import look_at
from stages.extract.block_features import describe
from stages.extract.metadata import Metadata
from stages.extract.page import PageError

Truth = npt.NDArray[np.int64]
Extract = tuple[Sequence[str], Mapping[int, str], Mapping[int, str]]  # lines, labels and clean texts of an extract

#: What a line of each form weighs beside one that a person labelled. Chosen with three sets of weights in sight; all
#: gave the same within 0.005 of line F1 (docs/method/noise.md).
WEIGHTS = {"whole": 0.5, "around": 1.0, "extract": 0.5}
ABOVE, BELOW = 14, 30  # lines around the story in a loose extract, at most; drawn
#: Of the lines of a whole page, menus mostly, that are further from its story than this, so many are learned from.
NEAR_ABOVE, NEAR_BELOW, FAR_SHARE = 20, 30, 0.12
SHORT, MOSTLY_LINKS = 12, 0.6  # a line that no labelled one matches and that is so short, or so linked, is furniture


class PageLines(NamedTuple):
    """A document made from a page."""

    address: str
    form: str  # whole, around, extract
    lines: list[str]
    labels: dict[int, str]  # "noise" and "unsure"; a line without one is of the story
    weights: npt.NDArray[np.float64]  # of each line, in training


class Source(NamedTuple):
    """A page, and how its lines are matched with what is known of it."""

    address: str
    html: str
    truth: Callable[[list[str]], Truth]
    has_extract: bool  # a labelled one, so that none is made


def load_page_lines(shared: Path, known: Mapping[str, Extract], seed: int = 0) -> list[PageLines]:
    """Make documents of the pages of which something is known; `known` are extracts of the crawl, by page number."""
    rng = np.random.default_rng(seed)
    gold = shared_module(shared)
    sources = [*publishers(gold, shared), *labelled_pages(gold, shared), *crawled(gold, shared, known)]
    return [one for source in sources for one in documents_of(source, rng)]


def publishers(gold: Any, shared: Path) -> Iterator[Source]:
    """Yield the pages whose body is known."""
    for page in gold.read_jsonl(shared / "data/publishers.jsonl.gz"):
        yield Source(page["url"], page["html"], lambda texts, page=page: truth_of_publisher(gold, page, texts), False)


def labelled_pages(gold: Any, shared: Path) -> Iterator[Source]:
    """Yield the pages of the labelled extracts."""
    known = {doc: rest for doc, *rest in gold.noise_gold(gold.NOISE_SETS["more"])}
    for page in gold.read_jsonl(shared / "data/pages_more.jsonl.gz"):
        yield matched(gold, page["id"], page["html"], known[page["id"]])


def crawled(gold: Any, shared: Path, known: Mapping[str, Extract]) -> Iterator[Source]:
    """Yield the pages of the crawl whose extract is labelled, here or among the 80 extracts."""
    with (shared / "gold/noise_pages/docs.jsonl").open(encoding="utf-8") as file:
        names = {row["source_id"].strip(): row["doc"] for row in map(json.loads, file)}
    extracts = {doc: rest for doc, *rest in gold.noise_gold(gold.NOISE_SETS["pages"])}
    with (shared / "data/pages.warc.gz").open("rb") as file:
        records = ArchiveIterator(file, record_types=WarcRecordType.response, parse_http=True)
        for number, record in enumerate(records):
            address = record.headers["WARC-Target-URI"].strip()
            labelled = known.get(str(number)) or extracts.get(names.get(address, ""))
            if labelled:
                yield matched(gold, address, decode_file(record.reader.read()), labelled)


def matched(gold: Any, address: str, html: str, labelled: Extract) -> Source:
    """A page whose lines are matched with those of its labelled extract."""
    return Source(address, html, lambda texts: truth_of_lines(gold, {"gold": labelled}, texts), True)


def documents_of(source: Source, rng: np.random.Generator) -> Iterator[PageLines]:
    """Yield the documents of a page of which some story is known."""
    whole = whole_page(source)
    if whole is not None:
        lines, truth = whole
        story = np.flatnonzero(truth == STORY)
        first, last = int(story.min()), int(story.max())
        near = (np.arange(len(lines)) >= first - NEAR_ABOVE) & (np.arange(len(lines)) <= last + NEAR_BELOW)
        yield document(source, "whole", lines, truth, near | (rng.random(len(lines)) < FAR_SHARE))
        begin = max(0, first - int(rng.integers(ABOVE)))
        end = last + 1 + int(rng.integers(BELOW))
        yield document(source, "around", lines[begin:end], truth[begin:end])
    if not source.has_extract:
        found = trafilatura.extract(source.html, favor_recall=True, include_comments=False) or ""
        lines = [" ".join(line.split()) for line in found.split("\n") if line.strip()]
        truth = source.truth(lines) if lines else np.zeros(0, dtype=np.int64)
        if (truth == STORY).any():
            yield document(source, "extract", lines, truth)


def whole_page(source: Source) -> tuple[list[str], Truth] | None:
    """All lines of a page, and what they are; None where nothing of them is known to be the story."""
    try:
        seen = look_at(source.html, Metadata(url=None if "::" in source.address else source.address), NOW, SETTINGS)
        described = describe(seen.blocks, seen.hints)
    except PageError:
        return None
    lines = [" ".join(block.text.split()) for block in seen.blocks.blocks]
    used = [at for at, line in enumerate(lines) if line]
    lines = [lines[at] for at in used]
    truth = source.truth(lines) if lines else np.zeros(0, dtype=np.int64)
    if not (truth == STORY).any():
        return None
    linked = described.rows[used, described.names.index("linked")]
    plain = np.array([len(line.split()) < SHORT for line in lines]) | (linked > MOSTLY_LINKS)
    return lines, np.where((truth == UNMATCHED) & plain, FURNITURE, truth)


def document(
    source: Source, form: str, lines: list[str], truth: Truth, learned: npt.NDArray[np.bool_] | None = None
) -> PageLines:
    """Make a document of lines; those that are not learned from have no weight."""
    labels = {at: "noise" if one == FURNITURE else "unsure" for at, one in enumerate(truth.tolist()) if one != STORY}
    weights = np.full(len(lines), WEIGHTS[form])
    return PageLines(source.address, form, lines, labels, weights if learned is None else weights * learned)
