"""Passage matching: the documents of a run, chunk by chunk in canonical order, against history and each other.

    <folder>/evidence/<name>.<kind>.arrow     the evidence of the batches (see near_duplicates.evidence)
    <folder>/dealt/<chunk>/…                  the same by chunks, where there are several
    <folder>/found/<part>.<chunk>.arrow       the passages of the documents of one part of the tables
    <folder>/relations/<part>.<chunk>.arrow   which of those documents are versions or copies of others
    <folder>/segments/<chunk>/                the segment of each chunk
    <folder>/segment/                         the segment of the whole run

Memory is that of one chunk; the result is the same for any size of chunks.
"""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import feather

from pipeline.freed import give_back
from pipeline.passages import passage_index, segments
from pipeline.passages.merging import join
from pipeline.passages.passage_index import PassageIndex
from pipeline.passages.segments import SegmentWriter, StoredSegment
from pipeline.settings import Settings as PipelineSettings
from pipeline.storage.ids import as_bytes, places_in
from pipeline.storage.output_folder import OutputFolder
from pipeline.storage.tables import dataset
from stages import near_duplicates
from stages.near_duplicates import FOUND, RELATIONS, Evidence, Resolution, Settings
from stages.near_duplicates.history import Segment

#: Files of evidence that are distributed to chunks at once. Chosen by hand; not tuned.
DEALT = 16
#: Candidate pairs above which a chunk is matched in halves: so many take some 700 MB.
MOST_PAIRS = 30_000_000
#: Words above which a chunk ends before it has `documents`: so many take some 900 MB with all that is found in them.
MOST_WORDS = 5_000_000
#: Runs of so many chunks have smaller ones: 12 million words took 27 s and 790 MB in chunks of 2 million, 29 s and
#: 1,290 MB in such of 5 million, 30 s and 560 MB in such of 0.6 million. A chunk reads the entries of all chunks
#: before it, so large runs need large ones.
FEW_CHUNKS, FEW_WORDS = 24, 2_000_000
#: Documents of published runs that are read at once when the index is rebuilt. Chosen by hand; not tuned.
READ = 1000
#: Segments of a run's chunks that are joined into one: their bucket entries stay as they are, all other columns are
#: written anew. Chosen by hand; not tuned.
CHUNKS_JOINED = 16
SEGMENT = "segment"
#: Work folder of a resolution on Spark, and what of it is done.
SPARK = "spark"


class Matched(NamedTuple):
    """Numbers of passages that a run has found, and of the clusters that began with it."""

    passages: int
    clusters: int


@dataclass(frozen=True)
class PassageMatching:
    """The task of matching one run: the folder of its evidence, the passage index of earlier runs, the settings."""

    folder: Path
    settings: Settings
    index: PassageIndex
    run: str
    documents: int  # of a chunk, which is matched at once
    threads: int
    most_pairs: int = MOST_PAIRS
    most_words: int = MOST_WORDS


def resolve(matching: PassageMatching, parts: Mapping[int, Sequence[str]]) -> Matched:
    """Match the documents of all parts, given the names of each part's evidence files; write the results beside them.

    `resolution_of` reads it back, part by part.
    """
    folder = matching.folder
    shutil.rmtree(folder / SPARK, ignore_errors=True)  # void from now on: other files take the place of its own
    for name in ("found", "relations"):
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / name).mkdir()
    names = [name for part in parts for name in parts[part]]
    homes = _homes(folder, parts)
    give_back()  # taken by template mining
    counts = np.zeros(2, np.int64)
    for number, extension in enumerate(extensions(matching, names)):
        for name, table in (("found", extension.found), ("relations", extension.relations)):
            _put_by_part(folder / name, number, table, homes)
        counts += len(extension.found), pc.sum(extension.found["is_canonical"]).as_py() or 0
        del extension, table  # else they stay in memory while the next chunk is matched
    return Matched(*counts.tolist())


def hold_at_most(folder: Path, parts: Mapping[int, Sequence[str]], most: int) -> bool:
    """Tell if all parts have at most so many documents together, by the lengths of as few files as show it."""
    documents = 0
    for name in itertools.chain.from_iterable(parts.values()):
        path = evidence_path(folder, name, "documents")
        documents += len(feather.read_table(path, columns=["doc_id"], memory_map=True))
        if documents > most:
            return False
    return most > 0


def resolution_of(folder: Path, part: int) -> Resolution:
    """Read what was found for the documents of a part."""
    return Resolution(_read(folder / "found", part, FOUND), _read(folder / "relations", part, RELATIONS))


def _read(folder: Path, part: int, schema: pa.Schema) -> pa.Table:
    paths = sorted(folder.glob(f"{part:05d}.*.arrow"))
    return pa.concat_tables([schema.empty_table(), *(feather.read_table(path) for path in paths)])


class Homes(NamedTuple):
    """The part of each document: 20 bytes each, for as long as they are matched."""

    documents: NDArray[Any]  # ids as bytes, rising
    parts: NDArray[np.int32]


def _homes(folder: Path, parts: Mapping[int, Sequence[str]]) -> Homes:
    ids, homes = [as_bytes([])], [np.zeros(0, np.int32)]
    for part, names in parts.items():
        for name in names:
            documents = feather.read_table(evidence_path(folder, name, "documents"), columns=["doc_id"])["doc_id"]
            ids.append(as_bytes(documents))
            homes.append(np.full(len(documents), part, np.int32))
    joined = np.concatenate(ids)
    order = np.argsort(joined)
    return Homes(joined[order], np.concatenate(homes)[order])


def _put_by_part(folder: Path, chunk: int, table: pa.Table, homes: Homes) -> None:
    """Write rows by the part of their document."""
    for number, chosen in by_part(table, homes):
        feather.write_feather(chosen, result_path(folder, number, chunk), compression="lz4")


def by_part(table: pa.Table, homes: Homes) -> Iterator[tuple[int, pa.Table]]:
    """Split rows by the part of their document. Those of documents published earlier are of the first part."""
    places, known = places_in(homes.documents, as_bytes(table["doc_id"]))
    part = np.zeros(len(table), np.int32)
    part[known] = homes.parts[places[known]]
    for number in np.unique(part):
        yield int(number), table.filter(pa.array(part == number))


def result_path(folder: Path, part: int, chunk: int) -> Path:
    """Return the file of what a chunk gave a part."""
    return folder / f"{part:05d}.{chunk:05d}.arrow"


def evidence_path(folder: Path, name: str, kind: str) -> Path:
    """Return the file of the evidence of a batch."""
    return folder / "evidence" / f"{name}.{kind}.arrow"


def extensions(matching: PassageMatching, names: Sequence[str]) -> Iterator[near_duplicates.Extension]:
    """Match chunk by chunk and yield what each adds to history; at the end `<folder>/segment` holds all of it.

    A chunk with too many candidate pairs is matched in halves.
    """
    kept = _ChunkSegments(matching)
    chunks = in_chunks(matching, names)
    halves: list[list[Evidence]] = []  # of chunks that were too large, next one last
    while (shards := halves.pop() if halves else next(chunks, None)) is not None:
        writer = kept.next_writer()
        try:
            extension = _matched(matching, shards, kept.history, writer)
        except near_duplicates.TooManyPairsError:
            halves += reversed(_halves(shards, matching.settings))
            continue
        del shards  # else they stay in memory while the next chunk is read
        yield extension
        kept.add(extension.segment, writer)
        del extension  # likewise
        give_back()
    kept.close()
    give_back()


def _matched(
    matching: PassageMatching, shards: Sequence[Evidence], before: Sequence[Segment], writer: SegmentWriter
) -> near_duplicates.Extension:
    """Match a chunk against all history; its bucket entries go to disk at once."""
    most = matching.most_pairs if sum(len(each.documents) for each in shards) > 1 else None
    history = [*matching.index.history, *before]
    return near_duplicates.extend(
        shards, matching.settings, history, matching.threads, most, segments.EntriesFile(writer)
    )


class _ChunkSegments:
    """The segments of the chunks matched so far, joined as they become many."""

    def __init__(self, matching: PassageMatching) -> None:
        self.folder, self.run, self.settings = matching.folder, matching.run, matching.settings
        self.number = matching.index.covered
        shutil.rmtree(self.folder / "segments", ignore_errors=True)
        self.stored: list[StoredSegment] = []
        self.written = 0

    @property
    def history(self) -> list[Segment]:
        """The segments as the next chunk is matched against them."""
        return [each.segment for each in self.stored]

    def next_writer(self) -> SegmentWriter:
        """Begin the segment of a chunk; one that was begun and not added is thrown away."""
        return SegmentWriter(self._folder())

    def add(self, segment: Segment, writer: SegmentWriter) -> None:
        """Write the segment of a chunk."""
        span = (self.number, self.number)
        self.stored.append(segments.write(segment, writer, span, [self.run], self.settings))
        self.written += 1
        sizes = [each.segment.entry_count for each in self.stored]
        if chosen := passage_index.mergeable(sizes, CHUNKS_JOINED, 1 / passage_index.MERGED):
            self.stored[chosen] = [self._joined(self.stored[chosen])]

    def close(self) -> None:
        """Put the one segment of the whole run into its place, SEGMENT."""
        shutil.rmtree(self.folder / SEGMENT, ignore_errors=True)
        last = self.stored[0] if len(self.stored) == 1 else self._joined(self.stored)
        last.folder.rename(self.folder / SEGMENT)

    def _folder(self) -> Path:
        return self.folder / "segments" / f"{self.written:05d}"

    def _joined(self, stored: Sequence[StoredSegment]) -> StoredSegment:
        joined = join(stored, self._folder(), self.settings)
        self.written += 1
        for each in stored:
            shutil.rmtree(each.folder)
        return joined


# ---------------------------------------------------------------- chunks


def in_chunks(matching: PassageMatching, names: Sequence[str]) -> Iterator[list[Evidence]]:
    """Yield the evidence of some files by chunks, in canonical order."""
    folder = matching.folder
    chunk, ends = _chunk_of_each(matching, names)
    chunks = int(chunk.max(initial=0)) + 1
    if chunks == 1:
        yield [read_evidence(folder, name) for name in names]
        return
    dealt = folder / "dealt"
    shutil.rmtree(dealt, ignore_errors=True)
    for begin in range(0, len(names), DEALT):
        end = min(begin + DEALT, len(names))
        shards = [read_evidence(folder, name) for name in names[begin:end]]
        _deal(dealt, begin, shards, chunk[ends[begin] : ends[end]])
    for number in range(chunks):
        yield _dealt(dealt / f"{number:05d}")
        shutil.rmtree(dealt / f"{number:05d}")


def _chunk_of_each(matching: PassageMatching, names: Sequence[str]) -> tuple[NDArray[np.int64], list[int]]:
    """Return the chunk of each document, file after file, and where each file's documents begin."""
    tables = [feather.read_table(evidence_path(matching.folder, name, "documents")) for name in names]
    documents = pa.concat_tables(tables)
    order = near_duplicates.canonical_order(documents, matching.settings)
    words = documents["n_words"].to_numpy()[order]
    begins = chunk_begins(words, matching.documents, words_of_chunks(int(words.sum()), matching.most_words))
    chunk = np.empty(len(order), np.int64)
    chunk[order] = np.searchsorted(begins, np.arange(len(order)), side="right") - 1
    return chunk, np.cumsum([0, *map(len, tables)]).tolist()


def words_of_chunks(words: int, most: int) -> int:
    """Return the words that chunks have at most in a run of so many: few ones, as long as that makes few chunks.

    >>> [words_of_chunks(words, 5_000_000) for words in (1_000_000, 72_000_000, 400_000_000)]
    [2000000, 3000000, 5000000]
    """
    return min(most, max(FEW_WORDS, words // FEW_CHUNKS))


def chunk_begins(words: NDArray[np.int32], documents: int, most_words: int) -> list[int]:
    """Return where chunks of documents begin, given the words of each: with as many words and documents as may be.

    >>> chunk_begins(np.array([5, 5, 5, 30, 1, 1, 1, 1], np.int32), 3, 12)
    [0, 2, 3, 4, 7]
    """
    ends = np.cumsum(words, dtype=np.int64)
    begins, begin = [0], 0
    while True:
        before = int(ends[begin - 1]) if begin else 0
        by_words = int(np.searchsorted(ends, before + most_words, side="right"))
        begin = min(begin + documents, max(begin + 1, by_words))
        if begin >= len(words):
            return begins
        begins.append(begin)


def read_evidence(folder: Path, name: str) -> Evidence:
    """Read the evidence of a batch."""
    return Evidence(*(feather.read_table(evidence_path(folder, name, kind)) for kind in Evidence._fields))


def _halves(shards: Sequence[Evidence], settings: Settings) -> list[list[Evidence]]:
    """Split evidence into the first and the second half of its documents, in canonical order."""
    order = near_duplicates.canonical_order(pa.concat_tables([each.documents for each in shards]), settings)
    half = np.zeros(len(order), np.int64)
    half[order[len(order) // 2 :]] = 1
    return [[evidence] for _, evidence in by_chunk(shards, half)]


def _deal(folder: Path, begin: int, shards: Sequence[Evidence], chunk: NDArray[Any]) -> None:
    """Write evidence by the chunk of its documents. Most of it is hashes, which compression makes no smaller."""
    for number, evidence in by_chunk(shards, chunk):
        target = folder / f"{number:05d}"
        target.mkdir(parents=True, exist_ok=True)
        for kind, table in evidence._asdict().items():
            feather.write_feather(table, target / f"{begin:06d}.{kind}.arrow", compression="uncompressed")


def _dealt(folder: Path) -> list[Evidence]:
    """Map the evidence of a chunk into memory."""
    shards = []
    for path in sorted(folder.glob("*.documents.arrow")):
        files = (path.with_name(path.name.replace(".documents.", f".{kind}.")) for kind in Evidence._fields)
        shards.append(Evidence(*(feather.read_table(file, memory_map=True) for file in files)))
    return shards


def by_chunk(shards: Sequence[Evidence], chunk: NDArray[Any]) -> Iterator[tuple[int, Evidence]]:
    """Split evidence by the chunk of its documents."""
    evidence = Evidence(*(pa.concat_tables(tables).combine_chunks() for tables in zip(*shards, strict=True)))
    part = chunk[pc.index_in(evidence.paragraphs["doc_id"], evidence.documents["doc_id"].combine_chunks()).to_numpy()]
    for number in np.unique(chunk):
        chosen = zip(evidence, (chunk, part), strict=True)
        yield int(number), Evidence(*(table.filter(pa.array(of == number)) for table, of in chosen))


# ---------------------------------------------------------------- rebuilding the index


def rebuild(out: Path, index: PassageIndex, chosen: Mapping[str, Settings], documents: int, threads: int) -> None:
    """Rebuild the index for the published runs that it lacks: match them again, from the tables.

    Matching depends on a run's documents and on those before them only, so it finds the same again with the settings
    of that run (`chosen`). Which clusters have begun is read from the tables.
    """
    begun = _published_clusters(out, index.runs)
    for number, run in list(enumerate(index.runs))[index.covered :]:
        folder = index.folder / ".rebuilding"
        shutil.rmtree(folder, ignore_errors=True)
        names = _gather(out, run, folder)
        for _ in extensions(PassageMatching(folder, chosen[run], index, run, documents, threads), names):
            pass  # the passages are published already
        _mark_begun(folder / SEGMENT, begun, index.settings)
        index.publish(folder / SEGMENT, number)
        shutil.rmtree(folder)
        index.refresh()
        index.merge()


def up_to_date(index: PassageIndex, store: OutputFolder, settings: PipelineSettings, threads: int) -> int:
    """Bring the index up to date with all published runs; return how many it lacked. Call it with the lock held."""
    index.tidy()
    missing = index.missing()
    if missing:
        chosen = {run: settings_of(store.manifest(run), settings.near_duplicates) for run in missing}
        rebuild(store.out, index, chosen, settings.run.resolve_documents, threads)
    return len(missing)


def settings_of(manifest: Mapping[str, Any], now: Settings) -> Settings:
    """Return the settings by which a run matched, with the bands of the current settings."""
    stated = manifest["settings"].get("near_duplicates", {})
    known = {field.name for field in fields(Settings)} - {"shingle_words", "bands", "rows", "seed", "bucket_cap"}
    try:
        return msgspec.convert(asdict(now) | {name: stated[name] for name in known & set(stated)}, Settings)
    except (msgspec.ValidationError, ValueError):  # those of another version
        return now


def _published_clusters(out: Path, runs: Sequence[str]) -> NDArray[np.bytes_]:
    """Return the sorted ids of all published clusters: 32 bytes each."""
    canonical = pc.field("is_canonical")
    batches = (b for run in runs for b in dataset(out, "passages", run).to_batches(["cluster_id"], filter=canonical))
    begun = [np.array(batch["cluster_id"].to_pylist(), "S32") for batch in batches]
    return np.unique(np.concatenate([np.zeros(0, "S32"), *begun]))


def _gather(out: Path, run: str, folder: Path) -> list[str]:
    """Write the evidence of a published run's documents to files, and return their names."""
    (folder / "evidence").mkdir(parents=True)
    columns = ["doc_id", "outlet", "url", "published", "wire", "text"]
    names = []
    for number, batch in enumerate(dataset(out, "documents", run).to_batches(columns=columns, batch_size=READ)):
        evidence = near_duplicates.evidence(pa.table(batch))
        for kind, table in evidence._asdict().items():
            feather.write_feather(table, evidence_path(folder, f"{number:06d}", kind), compression="lz4")
        names.append(f"{number:06d}")
    return names


def _mark_begun(folder: Path, published: NDArray[np.bytes_], settings: Settings) -> None:
    """Write into a segment which of its sentences are canonical in published clusters."""
    stored = segments.load(folder, settings)
    if stored is None:
        raise OSError(f"{folder} cannot be read back")
    sentences = near_duplicates.canonical_sentences(stored.segment, published)
    segments.replace(stored, "begun", sentences)
