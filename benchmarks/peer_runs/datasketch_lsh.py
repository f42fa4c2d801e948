"""The usual recipe with datasketch: MinHash of whole paragraphs, every pair that shares a bucket is a cluster.

datasketch_lsh.py PARAGRAPHS.jsonl CLUSTERS.jsonl SHINGLE_WORDS (THRESHOLD | BANDS ROWS)
"""

import json
import re
import sys
import time

from datasketch import MinHash, MinHashLSH

source, target, shingle_words, *plan = sys.argv[1:]
size = int(shingle_words)
with open(source, encoding="utf-8") as lines:  # noqa: PTH123
    rows = [json.loads(line) for line in lines]
began = time.perf_counter()


def shingles(text: str) -> list[bytes]:
    words = re.findall(r"\w+", text.lower())
    return [" ".join(words[at : at + size]).encode() for at in range(max(1, len(words) - size + 1))]


if len(plan) == 1:
    num_perm, index = 128, MinHashLSH(threshold=float(plan[0]), num_perm=128)
else:
    bands, per_band = map(int, plan)
    num_perm = bands * per_band
    index = MinHashLSH(num_perm=num_perm, params=(bands, per_band))
signatures = MinHash.bulk([shingles(row["text"]) for row in rows], num_perm=num_perm)
pairs = []
for row, signature in zip(rows, signatures, strict=True):
    pairs += [(other, row["id"]) for other in index.query(signature)]
    index.insert(row["id"], signature)
seconds = time.perf_counter() - began
with open(target, "w", encoding="utf-8") as file:  # noqa: PTH123
    for cluster, pair in enumerate(pairs):
        file.writelines(json.dumps({"id": each, "cluster": str(cluster)}) + "\n" for each in pair)
print(json.dumps({"work_seconds": seconds}))
