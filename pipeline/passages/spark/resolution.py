"""The steps of a resolution on Spark, each with a checkpoint: what is done is not done again.

    order       documents in canonical order, which cuts them into pieces
    pieces      the evidence of each piece, numbered
    copies      exact copies; look-ups of digests, ids and versions
    columns     the columns of the segment that tell of documents
    verified    candidate pairs and their matches
    connected   which sentences are connected by matches
    roles       clusters: the role of each match
    tables      FOUND and RELATIONS by parts, the rest of the segment

The driver sees counts only: some numbers for each piece and each partition.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.durable import move, remove, replacing
from pipeline.errors import UserError
from pipeline.passages import matching as local
from pipeline.passages.matching import SEGMENT, Matched, PassageMatching
from pipeline.passages.segments import ENTRIES, WRITTEN, Covered, FileColumn, Written, seal
from stages.near_duplicates.history import ENTRY, PART, ROWS, Entries, Segment, after

from . import components, copies, pairs, pieces, results, roles
from .columns import band_bounds, write_columns
from .exchange import CONFIGURATION
from .work import BASE, LOOK_UPS, Pieces, Work

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

#: Numbers of parts that fit into columns of 32 bits.
MOST_PARTS = 1 << 31
TOO_MANY_PARTS = (
    "more than {:,} paragraphs in one corpus, with those of {}: the passage index numbers them in 32 bits. Clean "
    "outlets or years into output folders of their own"
)
#: Documents of a batch, about: from it the driver guesses how many there are.
BATCH = 256


@dataclass(frozen=True)
class Plan:
    """How the work is cut: the tables are the same for any values."""

    #: Documents of a piece: some 20 MB of words and as many of buckets.
    documents: int = 4096
    #: Tasks among which what is not shared out by pieces is shared out; None: as many as there will be pieces.
    partitions: int | None = None
    #: Pieces whose buckets of a band fit into one task: some 1 MB of each.
    pieces_at_once: int = 16
    #: Edges between sentences that fit into one task.
    edges: int = components.MOST_EDGES
    #: Keep the work folder, to look at what each step made.
    keep_work: bool = False


def resolve(
    spark: SparkSession, matching: PassageMatching, parts: Mapping[int, Sequence[str]], plan: Plan | None = None
) -> Matched:
    """Match the documents of all parts as `pipeline.passages.matching.resolve` does, on the executors of a session.

    The folder of the matching is shared by driver and executors. Call it again after a failure: it goes on after the
    last step that was done.
    """
    plan = plan or Plan()
    history = tuple(matching.index.history)
    work = Work(matching.folder, matching.settings, history, after(history), plan.keep_work)
    batches = sum(map(len, parts.values()))
    if not batches:
        return local.resolve(matching, parts)
    steps = Steps(work, fingerprint(matching, parts, plan))
    partitions = plan.partitions or max(spark.sparkContext.defaultParallelism, batches * BATCH // plan.documents)
    with configured(spark):
        pieces.put_batches(work, parts)
        counts = steps.once("order", lambda: pieces.put_in_order(spark, work, batches, partitions))
        if not sum(counts):
            return local.resolve(matching, parts)
        cut = pieces.pieces_of(steps.once("pieces", lambda: pieces.deal(spark, work, counts, plan.documents)))
        if work.base[PART] + int(cut.parts[-1]) > MOST_PARTS:
            raise UserError(TOO_MANY_PARTS.format(MOST_PARTS, matching.folder))
        return Resolving(spark, matching, work, steps, cut, plan, partitions).matched()


@dataclass(frozen=True)
class Resolving:
    """A resolution whose documents are cut into pieces."""

    spark: SparkSession
    matching: PassageMatching
    work: Work
    steps: Steps
    cut: Pieces
    plan: Plan
    partitions: int

    @property
    def slices(self) -> int:
        """Return into how many slices the buckets of a band are cut: a power of two."""
        return 1 << max(0, (self.cut.number - 1) // self.plan.pieces_at_once).bit_length()

    def matched(self) -> Matched:
        """Carry out the steps after `pieces`."""
        spark, work, cut, once, partitions = self.spark, self.work, self.cut, self.steps.once, self.partitions
        once("copies", lambda: copies.find_copies(spark, work, cut, partitions))
        once("documents", lambda: copies.sort_documents(spark, work, cut, partitions))
        columns = once("columns", lambda: write_columns(spark, work, cut, [*BASE, *LOOK_UPS]))
        once("verified", lambda: pairs.verify_pairs(spark, work, cut, self.slices, partitions))
        once("connected", lambda: components.connect(spark, work, cut, self.plan.edges))
        members = once("roles", lambda: roles.give_roles(spark, work, cut, partitions))
        columns |= once("members", lambda: write_columns(spark, work, cut, [*ROWS, ENTRIES]))
        found = once("tables", lambda: results.write_tables(spark, work, cut, members, partitions))
        columns |= once("begun", lambda: write_columns(spark, work, cut, ["begun"]))
        if (work.aside / "segment").exists():
            self.close(columns)
        return Matched(*found)

    def close(self, columns: Mapping[str, Any]) -> None:
        """Put the segment of the run into its place, and free the disk of what it was made of."""
        work, settings = self.work, self.work.settings
        bounds = band_bounds(work, settings.bands, self.slices)
        entries = Entries(0, bounds, FileColumn(work.aside / f"segment/{ENTRIES}.bin", ENTRY, bounds[-1]))
        like = Segment(work.base, (entries,), self.cut.outlets, {})
        lengths = {name: columns[name]["length"] for name in WRITTEN}
        digests = {name: columns[name]["digest"] for name in WRITTEN}
        covered = Covered((self.matching.index.covered, self.matching.index.covered), (self.matching.run,))
        stored = seal(work.aside / "segment", Written(lengths, digests), like, covered, settings)
        move(stored.folder, work.folder / SEGMENT)
        for path in [] if self.plan.keep_work else [*work.aside.iterdir()]:
            if path != self.steps.folder:
                remove(path)


class Steps:
    """Answers of the steps that are done, as long as nothing that they depend on has changed."""

    def __init__(self, work: Work, depends_on: str) -> None:
        self.folder = work.aside / "steps"
        begun = self.folder / "depends_on"
        if not begun.exists() or begun.read_text(encoding="utf-8") != depends_on:
            shutil.rmtree(work.aside, ignore_errors=True)
            self.folder.mkdir(parents=True)
            with replacing(begun) as aside:
                aside.write_text(depends_on, encoding="utf-8")

    def once(self, name: str, step: Callable[[], Any]) -> Any:
        """Carry out a step unless it is done, and return its answer."""
        path = self.folder / f"{name}.json"
        if not path.exists():
            answer = step()
            with replacing(path) as aside:
                aside.write_text(json.dumps(answer), encoding="utf-8")
        return json.loads(path.read_text(encoding="utf-8"))


def fingerprint(matching: PassageMatching, parts: Mapping[int, Sequence[str]], plan: Plan) -> str:
    """Digest what the steps depend on."""
    index = matching.index
    known = [repr(matching.settings), plan.documents, plan.pieces_at_once, list(index.runs), after(index.history)]
    batches = {str(part): list(names) for part, names in parts.items()}
    return hashlib.sha256(json.dumps([known, batches]).encode()).hexdigest()


@contextmanager
def configured(spark: SparkSession) -> Iterator[None]:
    """Set CONFIGURATION for a block, and restore what was set before."""
    before = {name: spark.conf.get(name, None) for name in CONFIGURATION}
    for name, value in CONFIGURATION.items():
        spark.conf.set(name, value)
    try:
        yield
    finally:
        for name, old in before.items():
            if old is None:
                spark.conf.unset(name)
            else:
                spark.conf.set(name, old)
