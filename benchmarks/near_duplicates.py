"""Score and time the corpus stage alone, on labelled pairs and seeds, without the rest of the pipeline.

python benchmarks/near_duplicates.py SHARED        SHARED: the folder with data/, gold/, seeds/ and tools/gold.py
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from stages import near_duplicates
from stages.contract import DOCUMENT, PARAGRAPH_BREAK

SHARD = 200
THREADS = 2
ROUNDS = 7
FOLDS = 10


def documents_table(articles: list[dict[str, Any]]) -> pa.Table:
    """Articles (id, outlet, text) as cleaned documents: a paragraph a line."""
    rows = [
        {
            "doc_id": hashlib.sha256(f"{a['outlet']} {a['id']}".encode()).hexdigest()[:32], "source_id": a["id"],
            "source_uri": "benchmark", "outlet": a["outlet"], "kind": "text", "raw_sha256": "",
            "text": PARAGRAPH_BREAK.join(line.strip() for line in a["text"].split("\n") if line.strip()),
        }
        for a in articles
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=DOCUMENT)


def run(documents: pa.Table, settings: near_duplicates.Settings, seconds: dict[str, float]) -> near_duplicates.Removal:
    """The whole stage, shard by shard, timed."""
    shards = [documents[at : at + SHARD] for at in range(0, len(documents), SHARD)]
    began, busy = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(THREADS) as pool:
        evidence = list(pool.map(near_duplicates.evidence, shards))
    seconds["evidence"] = time.perf_counter() - began
    began = time.perf_counter()
    found = near_duplicates.resolve(evidence, settings, THREADS)
    seconds["resolve"], seconds["processor"] = time.perf_counter() - began, time.process_time() - busy
    began = time.perf_counter()
    parts = [near_duplicates.remove(shard, found, settings) for shard in shards]
    seconds["remove"] = time.perf_counter() - began
    return near_duplicates.Removal(*(pa.concat_tables(tables) for tables in zip(*parts, strict=True)))


def speed(documents: pa.Table, settings: near_duplicates.Settings) -> dict[str, float]:
    """The best of some rounds: paragraphs a second from texts to clusters, and to tables; and for clusters processor
    time of all threads, which other work moves less."""
    paragraphs = sum(len(text.split(PARAGRAPH_BREAK)) for text in documents["text"].to_pylist())
    rounds = [dict[str, float]() for _ in range(ROUNDS)]
    for seconds in rounds:
        run(documents, settings, seconds)
    to_clusters = min(each["evidence"] + each["resolve"] for each in rounds)
    to_tables = min(each["evidence"] + each["resolve"] + each["remove"] for each in rounds)
    return {
        "paragraphs_per_second": round(paragraphs / to_clusters),
        "with_remove": round(paragraphs / to_tables),
        "processor_us_per_paragraph": round(min(each["processor"] for each in rounds) / paragraphs * 1e6, 1),
    }


def write(removal: near_duplicates.Removal, out: Path) -> None:
    for name in ("documents", "paragraphs", "passages"):
        folder = out / name / "run=bench"
        folder.mkdir(parents=True)
        pq.write_table(getattr(removal, name), folder / "part-0.parquet")


def scored(articles: list[dict[str, Any]], gold: Any, settings: near_duplicates.Settings) -> tuple[Any, dict[str, Any]]:
    """`gold.Passages` of a run over the articles, and its seconds."""
    seconds: dict[str, float] = {}
    removal = run(documents_table(articles), settings, seconds)
    with tempfile.TemporaryDirectory() as out:
        write(removal, Path(out))
        figures = {**{name: round(value, 3) for name, value in seconds.items()},
                   "paragraphs": len(removal.paragraphs), "passages": len(removal.passages),
                   "clusters": len(removal.passages["cluster_id"].unique()),
                   "paragraphs_not_canonical": int((~removal.paragraphs["is_canonical"].to_numpy()).sum())}  # fmt: skip
        return gold.Passages(out), figures


def events(articles: list[dict[str, Any]]) -> dict[str, int]:
    """The event each article is about: articles hang together where the cosine of their words is at least 0.25."""
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415

    vectors = TfidfVectorizer(sublinear_tf=True, stop_words="english", min_df=2).fit_transform(
        a["text"] for a in articles
    )
    alike = vectors @ vectors.T
    alike.data[alike.data < 0.25] = 0
    alike.eliminate_zeros()
    _, event = connected_components(alike, directed=False)
    return {article["id"]: int(number) for article, number in zip(articles, event, strict=True)}


def by_event(
    runs: dict[float, Any], sets: dict[str, list[dict[str, Any]]], event: dict[str, int], gold: Any
) -> dict[str, Any]:
    """Figures of pairs in one of ten folds of events, at the strength that was best on the others, all together."""
    chosen: dict[tuple[str, int], bool] = {}

    def score(name: str, linked: dict[tuple[str, int], bool], folds: set[int]) -> dict[str, float]:
        known = SimpleNamespace(linked=lambda *pair: linked[name, pair[1]])
        of_folds = [pair | {"a": pair["pair"]} for pair in sets[name] if fold_of(pair, event) in folds]
        figures: dict[str, float] = gold.score_pairs(of_folds, known)
        return figures

    linked = {
        strength: {(name, p["pair"]): passages.linked(p["a_doc"], p["a"], p["b_doc"], p["b"])
                   for name, pairs in sets.items() for p in pairs}
        for strength, passages in runs.items()
    }  # fmt: skip
    for fold in range(FOLDS):
        others = set(range(FOLDS)) - {fold}
        best = max(linked, key=lambda strength: sum(score(name, linked[strength], others)["f1"] for name in sets))
        chosen |= {
            (name, p["pair"]): linked[best][name, p["pair"]]
            for name, pairs in sets.items() for p in pairs if fold_of(p, event) == fold
        }  # fmt: skip
    return {name: score(name, chosen, set(range(FOLDS))) for name in sets}


def fold_of(pair: dict[str, Any], event: dict[str, int]) -> int:
    """The fold of a pair: that of the earlier of its articles' events."""
    number = min(event[pair["a_doc"]], event[pair["b_doc"]])
    return int(hashlib.md5(str(number).encode()).hexdigest(), 16) % FOLDS


def load(shared: Path) -> tuple[Any, list[dict[str, Any]], list[dict[str, Any]]]:
    sys.path.insert(0, str(shared / "tools"))
    import gold  # noqa: PLC0415

    with gzip.open(shared / "data/fnc_train.jsonl.gz", "rt", encoding="utf-8") as lines:
        articles = [json.loads(line) for line in lines]
    seeds = [{"id": name, "outlet": f"seed-{name}", "text": text} for name, text in gold.seed_gold()[0].items()]
    return gold, articles, seeds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", type=Path)
    shared = parser.parse_args().shared
    gold, articles, seeds = load(shared)
    settings = near_duplicates.Settings()
    began = time.perf_counter()
    run(documents_table(seeds), settings, {})
    print(f"first call, compiling or loading the kernels: {time.perf_counter() - began:.1f} s")
    passages, figures = scored(seeds, gold, settings)
    print("seeds", json.dumps(gold.score_seed_pairs(passages)))
    passages, figures = scored(articles, gold, settings)
    sets = {name: gold.pair_gold(shared / "gold" / name) for name in ("pairs_dev", "pairs_more")}
    for name, pairs in sets.items():
        print(name, json.dumps(gold.score_pairs(pairs, passages)))
    print(json.dumps(figures))
    print(f"best of {ROUNDS}", json.dumps(speed(documents_table(articles), settings)))
    runs = {}
    for strength in (6.0, 6.5, 7.0, 7.5, 8.0, 8.5):
        runs[strength] = scored(articles, gold, replace(settings, match_strength=strength))[0]
        print(f"match_strength {strength}", *(json.dumps(gold.score_pairs(p, runs[strength])) for p in sets.values()))
    print("strength chosen without the event of a pair", json.dumps(by_event(runs, sets, events(articles), gold)))


if __name__ == "__main__":
    main()
