"""The corpus stage of a run: its documents, chunk by chunk in canonical order, against history and each other.

    <folder>/evidence/<name>.<kind>.arrow     what the batches say (see near_duplicates.evidence)
    <folder>/dealt/<chunk>/…                  the same by chunks, where there are several
    <folder>/found/<part>.<chunk>.arrow       the passages of the documents of one part of the tables
    <folder>/versions/<part>.<chunk>.arrow    which of those documents are versions of others
    <folder>/segments/<chunk>/                what is remembered of each chunk
    <folder>/segment/                         the same of the whole run

Memory is that of a chunk, whatever the corpus; the result is the same for any size of chunks.
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

from pipeline.passages import passage_index
from pipeline.passages.passage_index import PassageIndex, Stored
from pipeline.settings import Settings as PipelineSettings
from pipeline.storage.ids import as_bytes, places_in
from pipeline.storage.output_folder import OutputFolder
from pipeline.storage.tables import dataset
from stages import near_duplicates
from stages.near_duplicates import Evidence, Settings

#: Files of evidence that are dealt out to chunks at once.
DEALT = 16
#: Candidate pairs from which on a chunk is matched in halves: so many take some 700 MB.
MOST_PAIRS = 30_000_000
#: Documents of published runs that are read at once when the index is built anew.
READ = 1000
SEGMENT = "segment"


class Matched(NamedTuple):
    """How much a run has found."""

    passages: int
    clusters: int  # that began with it


@dataclass(frozen=True)
class Matcher:
    """Where the evidence of a run lies, what came before it, and how it is matched."""

    folder: Path
    settings: Settings
    index: PassageIndex
    run: str
    documents: int  # that are matched at once
    threads: int


def resolve(matcher: Matcher, parts: Mapping[int, Sequence[str]]) -> Matched:
    """The passages of the documents in the evidence files named by `parts` of the tables, put beside them."""
    folder = matcher.folder
    for name in ("found", "versions"):
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / name).mkdir()
    names = [name for part in parts for name in parts[part]]
    homes = _homes(folder, parts)
    pa.default_memory_pool().release_unused()  # what templates took
    counts = np.zeros(2, np.int64)
    for number, extension in enumerate(extensions(matcher, names)):
        for name, table in (("found", extension.found), ("versions", extension.versions)):
            _put_by_part(folder / name, number, table, homes)
        counts += len(extension.found), pc.sum(extension.found["is_canonical"]).as_py() or 0
        del extension, table  # or they would be held while the next chunk is matched
    return Matched(*counts.tolist())


def found_for(folder: Path, name: str, part: int) -> pa.Table:
    """What was found for the documents of a part: `found` or `versions`."""
    schema = {"found": near_duplicates.FOUND, "versions": near_duplicates.VERSIONS}[name]
    paths = sorted((folder / name).glob(f"{part:05d}.*.arrow"))
    return pa.concat_tables([schema.empty_table(), *(feather.read_table(path) for path in paths)])


class _Homes(NamedTuple):
    """The part of each document: 20 bytes for each, for as long as the run is matched."""

    documents: NDArray[Any]  # ids as bytes, rising
    parts: NDArray[np.int32]


def _homes(folder: Path, parts: Mapping[int, Sequence[str]]) -> _Homes:
    ids, homes = [as_bytes([])], [np.zeros(0, np.int32)]
    for part, names in parts.items():
        for name in names:
            documents = feather.read_table(_path(folder, name, "documents"), columns=["doc_id"])["doc_id"]
            ids.append(as_bytes(documents.to_pylist()))
            homes.append(np.full(len(documents), part, np.int32))
    joined = np.concatenate(ids)
    order = np.argsort(joined)
    return _Homes(joined[order], np.concatenate(homes)[order])


def _put_by_part(folder: Path, chunk: int, table: pa.Table, homes: _Homes) -> None:
    """Keep rows by the part of their document. Those of documents published earlier go with the first part."""
    places, known = places_in(homes.documents, as_bytes(table["doc_id"].to_pylist()))
    part = np.zeros(len(table), np.int32)
    part[known] = homes.parts[places[known]]
    for number in np.unique(part):
        chosen = table.filter(pa.array(part == number))
        feather.write_feather(chosen, folder / f"{number:05d}.{chunk:05d}.arrow", compression="lz4")


def _path(folder: Path, name: str, kind: str) -> Path:
    return folder / "evidence" / f"{name}.{kind}.arrow"


def extensions(matcher: Matcher, names: Sequence[str]) -> Iterator[near_duplicates.Extension]:
    """What each chunk adds to history. In the end `<folder>/segment` remembers all."""
    folder, settings, index = matcher.folder, matcher.settings, matcher.index
    number = index.covered
    segments: list[Stored] = []
    shutil.rmtree(folder / "segments", ignore_errors=True)
    chunks = in_chunks(folder, names, settings, matcher.documents)
    left: list[list[Evidence]] = []  # of chunks that were too large, next one last
    for at in itertools.count():
        shards = left.pop() if left else next(chunks, None)
        if shards is None:
            break
        most = MOST_PAIRS if sum(len(each.documents) for each in shards) > 1 else None
        try:
            history = [*index.history, *(each.segment for each in segments)]
            extension = near_duplicates.extend(shards, settings, history, matcher.threads, most)
        except near_duplicates.TooManyPairsError:
            left += reversed(_halves(shards, settings))
            continue
        yield extension
        kept = folder / "segments" / f"{at:05d}"
        segments.append(passage_index.write(extension.segment, kept, (number, number), [matcher.run], settings))
        del extension, shards  # likewise
        if chosen := passage_index.mergeable([len(each.segment.columns["entries"]) for each in segments]):
            segments[chosen] = [_merged(segments[chosen], folder / "segments" / f"{at:05d}m", settings)]
    target = folder / SEGMENT
    shutil.rmtree(target, ignore_errors=True)
    last = segments[0] if len(segments) == 1 else _merged(segments, folder / "segments" / "all", settings)
    last.folder.rename(target)


def _merged(segments: Sequence[Stored], folder: Path, settings: Settings) -> Stored:
    merged = passage_index.merge(segments, folder, settings)
    for each in segments:
        shutil.rmtree(each.folder)
    return merged


# ---------------------------------------------------------------- chunks


def in_chunks(folder: Path, names: Sequence[str], settings: Settings, chunk: int) -> Iterator[list[Evidence]]:
    """The evidence of some files by chunks of so many documents, in canonical order."""
    rank, ends = _ranks(folder, names, settings)
    chunks = max(1, -(-len(rank) // chunk))
    if chunks == 1:
        yield [_evidence(folder, name) for name in names]
        return
    dealt = folder / "dealt"
    shutil.rmtree(dealt, ignore_errors=True)
    for begin in range(0, len(names), DEALT):
        end = min(begin + DEALT, len(names))
        shards = [_evidence(folder, name) for name in names[begin:end]]
        _deal(dealt, begin, shards, rank[ends[begin] : ends[end]] // chunk)
    for number in range(chunks):
        yield [
            Evidence(*(feather.read_table(path.parent / f"{path.name[:6]}.{kind}.arrow") for kind in Evidence._fields))
            for path in sorted((dealt / f"{number:05d}").glob("*.documents.arrow"))
        ]
        shutil.rmtree(dealt / f"{number:05d}")


def _ranks(folder: Path, names: Sequence[str], settings: Settings) -> tuple[NDArray[np.int64], list[int]]:
    """The place of each document in canonical order, file after file, and where the documents of each file begin."""
    documents = [feather.read_table(_path(folder, name, "documents")) for name in names]
    order = near_duplicates.canonical_order(pa.concat_tables(documents), settings)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return rank, np.cumsum([0, *map(len, documents)]).tolist()


def _evidence(folder: Path, name: str) -> Evidence:
    return Evidence(*(feather.read_table(_path(folder, name, kind)) for kind in Evidence._fields))


def _halves(shards: Sequence[Evidence], settings: Settings) -> list[list[Evidence]]:
    """Evidence of the first half of some documents, and of the second."""
    order = near_duplicates.canonical_order(pa.concat_tables([each.documents for each in shards]), settings)
    half = np.zeros(len(order), np.int64)
    half[order[len(order) // 2 :]] = 1
    return [[evidence] for _, evidence in _by_chunk(shards, half)]


def _deal(folder: Path, begin: int, shards: Sequence[Evidence], chunk: NDArray[Any]) -> None:
    """Keep evidence by the chunk of its documents."""
    for number, evidence in _by_chunk(shards, chunk):
        target = folder / f"{number:05d}"
        target.mkdir(parents=True, exist_ok=True)
        for kind, table in evidence._asdict().items():
            feather.write_feather(table, target / f"{begin:06d}.{kind}.arrow", compression="lz4")


def _by_chunk(shards: Sequence[Evidence], chunk: NDArray[Any]) -> Iterator[tuple[int, Evidence]]:
    """Evidence by the chunk of its documents."""
    evidence = Evidence(*(pa.concat_tables(tables).combine_chunks() for tables in zip(*shards, strict=True)))
    part = chunk[pc.index_in(evidence.paragraphs["doc_id"], evidence.documents["doc_id"].combine_chunks()).to_numpy()]
    keys = evidence.paragraphs["key"].to_numpy()
    order = np.argsort(keys)
    unit = part[order][np.searchsorted(keys[order], evidence.units["key"].to_numpy())] if len(keys) else part
    for number in np.unique(chunk):
        chosen = zip(evidence, (chunk, part, unit), strict=True)
        yield int(number), Evidence(*(table.filter(pa.array(of == number)) for table, of in chosen))


# ---------------------------------------------------------------- building the index anew


def rebuild(out: Path, index: PassageIndex, chosen: Mapping[str, Settings], documents: int, threads: int) -> None:
    """Have the index know all published runs: those it lacks are read from the tables and matched again.

    What a run found is decided by its documents and by those before them, so it is found again, with the settings of
    that run. Which clusters have begun is what the tables say.
    """
    begun = _published_clusters(out, index.runs)
    for number, run in list(enumerate(index.runs))[index.covered :]:
        folder = index.folder / ".rebuilding"
        shutil.rmtree(folder, ignore_errors=True)
        names = _gather(out, run, folder, index.settings)
        for _ in extensions(Matcher(folder, chosen[run], index, run, documents, threads), names):
            pass  # what it found is published
        _tell_begun(folder / SEGMENT, begun, index.settings)
        index.publish(folder / SEGMENT, number)
        shutil.rmtree(folder)
        index.refresh()
        index.merge()


def up_to_date(index: PassageIndex, store: OutputFolder, settings: PipelineSettings, threads: int) -> int:
    """Have the index know all published runs; how many it did not. To be called with the lock held."""
    index.tidy()
    missing = index.missing()
    if missing:
        chosen = {run: settings_of(store.manifest(run), settings.near_duplicates) for run in missing}
        rebuild(store.out, index, chosen, settings.run.resolve_documents, threads)
    return len(missing)


def settings_of(manifest: Mapping[str, Any], now: Settings) -> Settings:
    """The settings by which a run matched, with the plan of bands that is wanted now."""
    told = manifest["settings"].get("near_duplicates", {})
    known = {field.name for field in fields(Settings)} - {"shingle_words", "bands", "rows", "seed", "bucket_cap"}
    try:
        return msgspec.convert(asdict(now) | {name: told[name] for name in known & set(told)}, Settings)
    except (msgspec.ValidationError, ValueError):  # those of another version
        return now


def _published_clusters(out: Path, runs: Sequence[str]) -> NDArray[np.bytes_]:
    """The ids of all clusters that have begun, rising: 32 bytes each."""
    canonical = pc.field("is_canonical")
    batches = (b for run in runs for b in dataset(out, "passages", run).to_batches(["cluster_id"], filter=canonical))
    begun = [np.array(batch["cluster_id"].to_pylist(), "S32") for batch in batches]
    return np.unique(np.concatenate([np.zeros(0, "S32"), *begun]))


def _gather(out: Path, run: str, folder: Path, settings: Settings) -> list[str]:
    """Evidence of a published run's documents, in files; their names."""
    (folder / "evidence").mkdir(parents=True)
    columns = ["doc_id", "outlet", "url", "published", "wire", "text"]
    names = []
    for number, batch in enumerate(dataset(out, "documents", run).to_batches(columns=columns, batch_size=READ)):
        evidence = near_duplicates.evidence(pa.table(batch), settings)
        for kind, table in evidence._asdict().items():
            feather.write_feather(table, _path(folder, f"{number:06d}", kind), compression="lz4")
        names.append(f"{number:06d}")
    return names


def _tell_begun(folder: Path, published: NDArray[np.bytes_], settings: Settings) -> None:
    """Have a segment say of which of its sentences the clusters are in the tables."""
    stored = passage_index.load(folder, settings)
    if stored is None:
        raise OSError(f"{folder} cannot be read back")
    sentences = near_duplicates.canonical_sentences(stored.segment, published)
    passage_index.replace(stored, "begun", sentences)
