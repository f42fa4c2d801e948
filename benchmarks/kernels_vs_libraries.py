"""Hand-made machines of the corpus stage against libraries that do the same: same result, processor time, ratio.

    python benchmarks/kernels_vs_libraries.py SHARED

Each machine stays in the stage only where the best library costs more than 5 % of the whole stage's processor time, or
where docs/decisions/0040-kernels-and-libraries.md gives another reason. Its tables of words are not here any more:
since they are C, only other loops in C can call them.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from near_duplicates import documents_table, load, run

from stages import near_duplicates
from stages.near_duplicates import candidates, numbering, signing
from stages.near_duplicates.kernels import buckets, minhash

ROUNDS = 5


class Inputs(NamedTuple):
    """Evidence on the real articles, and the candidate pairs of all bands before they are made distinct."""

    evidence: near_duplicates.Evidence
    corpus: numbering.NumberedEvidence
    pairs: Any
    stage_seconds: float


class Compared(NamedTuple):
    """A machine and what might replace it; of the pairs, and so of the stage's time, `part` is timed."""

    name: str
    ours: Callable[[], Any]
    libraries: dict[str, Callable[[], Any]]
    part: float = 1.0


def inputs(shared: Path) -> Inputs:
    settings = near_duplicates.Settings()
    documents = documents_table(load(shared)[1])
    evidence = near_duplicates.evidence(documents)
    corpus = numbering.in_canonical_order(evidence, settings)
    everyone, nobody = np.ones(len(corpus.document), bool), np.zeros(0, np.int64)
    entries_of = candidates.bucket_entries(corpus, everyone, settings)
    entries = map(entries_of, range(settings.bands))
    pairs = [buckets.pairs(each, nobody, nobody, 0, settings.bucket_cap) for each in entries]
    rounds = [dict[str, float]() for _ in range(ROUNDS)]
    for seconds in rounds:
        run(documents, settings, seconds)
    return Inputs(evidence, corpus, np.concatenate(pairs), min(each["processor"] for each in rounds))


def distinct_pairs(given: Inputs) -> Compared:
    return Compared(
        f"candidates.distinct: {len(given.pairs):,} candidate pairs, rising, each once",
        lambda: candidates.distinct(given.pairs.copy()),
        {
            "np.unique": lambda: np.unique(given.pairs),
            "pyarrow unique, np.sort": lambda: np.sort(pc.unique(pa.array(given.pairs)).to_numpy()),
        },
    )


def bucket_entries(given: Inputs) -> Compared:
    settings, everyone = near_duplicates.Settings(), np.ones(len(given.corpus.document), bool)
    units = signing.UnitBuckets(given.corpus, everyone, settings)
    bands = [units.entries(band) for band in range(settings.bands)]
    return Compared(
        f"candidates.distinct: the entries of {len(bands)} bands, {len(units.owners):,} units each",
        lambda: [candidates.distinct(band.copy()) for band in bands],
        {"np.unique": lambda: [np.unique(band) for band in bands]},
    )


def list_column(given: Inputs) -> Compared:
    column = given.evidence.paragraphs["words"]
    rows = np.random.default_rng(0).permutation(len(column))

    def take() -> tuple[Any, Any]:
        taken = column.take(pa.array(rows)).combine_chunks()
        return taken.offsets.to_numpy(), taken.values.to_numpy()

    return Compared(
        f"kernels.lists.place: {len(rows):,} lists in another order", lambda: numbering.flat_list(column, rows),
        {"pyarrow take": take},
    )  # fmt: skip


def signatures(given: Inputs) -> Compared:
    """MinHash of some paragraphs, hash by hash as datasketch is called."""
    from datasketch import MinHash  # noqa: PLC0415

    settings, words = near_duplicates.Settings(), given.corpus.words
    count = 1000
    begins, ends = given.corpus.first[:count], given.corpus.first[1 : count + 1]

    def datasketch() -> Any:
        rows = []
        for begin, end in zip(begins, ends, strict=True):
            hashes = np.empty(2 * (end - begin), np.uint32)
            n = minhash.shingle_hashes(words, begin, end, settings.shingle_words, hashes)
            signature = MinHash(settings.bands * settings.rows, settings.seed, hashfunc=int, scheme="affine32")
            signature.update_batch(hashes[:n].tolist())
            rows.append(signature.hashvalues)
        return np.array(rows)

    return Compared(
        f"kernels.minhash: the signatures of {count:,} paragraphs",
        lambda: signing.signatures(words, begins, ends, settings),
        {"datasketch": datasketch}, count / len(given.corpus.document),
    )  # fmt: skip


def equal(one: Any, other: Any) -> bool:
    if isinstance(one, list | tuple):
        return all(map(equal, one, other))
    return np.array_equal(one, other)


def seconds(function: Callable[[], Any]) -> float:
    """Best processor time of some rounds."""
    times = []
    for _ in range(ROUNDS):
        began = time.process_time()
        function()
        times.append(time.process_time() - began)
    return min(times)


def rows(compared: Compared, stage: float) -> list[str]:
    expected, ours = compared.ours(), seconds(compared.ours)
    lines = [f"| {compared.name} | {ours * 1e3:,.1f} | | | |"]
    for name, function in compared.libraries.items():
        same = "yes" if equal(function(), expected) else "NO"
        theirs = seconds(function)
        more = (theirs - ours) / compared.part / stage
        lines.append(f"| … {name} | {theirs * 1e3:,.1f} | {theirs / ours:.1f} | {more:+.1%} | {same} |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", type=Path, help="the folder with data/ and tools/gold.py")
    given = inputs(parser.parse_args().shared)
    print(f"evidence and resolve: {given.stage_seconds * 1e3:,.0f} ms of processor time\n")
    print("| machine | ms | times as long | of the stage | same result |\n|---|---|---|---|---|")
    for compare in (distinct_pairs, bucket_entries, list_column, signatures):
        print("\n".join(rows(compare(given), given.stage_seconds)), flush=True)


if __name__ == "__main__":
    main()
