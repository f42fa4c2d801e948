"""Pairs of paragraphs that passim aligned, from what passim_run.py left: not part of what is measured.

passim_links.py PARAGRAPHS.jsonl CLUSTERS.jsonl FOLDER

passim reports passages of two articles that it aligned, and clusters of these. Taken here are the passages, character
by character as passim's own aligner lays them side by side: its clusters also join what only meets in a third article.
"""

import json
import sys
from bisect import bisect_right
from collections import Counter
from itertools import accumulate
from pathlib import Path
from types import SimpleNamespace

import pyarrow.parquet as pq
from passim import seriatim

LEAST_CHARACTERS = 25  # that are the same in both; as long as the runs of characters that passim looks up
PROBABILITY, BEAM, OFFSET = 0.8, 20, 20  # passim's defaults


def starts(paragraphs):
    """Where each paragraph of an article begins in its text, lines joined by a line break."""
    return list(accumulate((len(row["text"]) + 1 for row in paragraphs), initial=0))[:-1]


def same_characters(extent, first, second):
    """How many characters that two paragraphs, by their places in their articles, have in common in a passage."""
    anchors = [SimpleNamespace(**each) for each in extent["anchors"]]
    at, at2 = extent["begin"], extent["begin2"]
    line, line2, _ = seriatim.chunkAlign(
        at, at2, extent["text"], extent["text2"], anchors, PROBABILITY, BEAM, OFFSET
    )  # fmt: skip
    counts = Counter()
    for a, b in zip(line, line2, strict=False):
        if a.isalnum() and a.lower() == b.lower():
            counts[bisect_right(first, at) - 1, bisect_right(second, at2) - 1] += 1
        at, at2 = at + (a != "-"), at2 + (b != "-")
    return counts


def links(articles, output):
    by_uid = {}
    for part in (output / "out.json").glob("part-*"):
        for line in part.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            by_uid[row["uid"]] = articles[row["id"]]
    for extent in pq.read_table(output / "tmp/extents.parquet").to_pylist():
        first, second = by_uid[extent["uid"]], by_uid[extent["uid2"]]
        for (a, b), count in same_characters(extent, starts(first), starts(second)).items():
            if count >= LEAST_CHARACTERS:
                yield first[a]["id"], second[b]["id"]


if __name__ == "__main__":
    source, target, folder = map(Path, sys.argv[1:4])
    articles = {}
    with source.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            articles.setdefault(row["doc"], []).append(row)
    with target.open("w", encoding="utf-8") as file:
        for number, pair in enumerate(links(articles, folder / "output")):
            file.writelines(json.dumps({"id": each, "cluster": str(number)}) + "\n" for each in pair)
