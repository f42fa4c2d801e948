"""Rensa: R-MinHash of whole paragraphs, 5-word shingles, 14 bands of 8 rows; pairs whose estimate is 0.7 and more.

rensa_lsh.py PARAGRAPHS.jsonl CLUSTERS.jsonl
"""

import json
import re
import sys
import time

from rensa import RMinHash, RMinHashLSH

SHINGLE, BANDS, ROWS, THRESHOLD = 5, 14, 8, 0.7


def shingles(text):
    words = re.findall(r"\w+", text.lower())
    return [" ".join(words[at : at + SHINGLE]) for at in range(max(1, len(words) - SHINGLE + 1))]


source, target = sys.argv[1:3]
with open(source, encoding="utf-8") as lines:  # noqa: PTH123
    rows = [json.loads(line) for line in lines]
began = time.perf_counter()
signatures = RMinHash.from_token_sets([shingles(row["text"]) for row in rows], num_perm=BANDS * ROWS, seed=42)
index = RMinHashLSH(threshold=THRESHOLD, num_perm=BANDS * ROWS, num_bands=BANDS)
index.insert_many(signatures)
pairs = [
    (number, other)
    for number, candidates in enumerate(index.query_all(signatures))
    for other in candidates
    if other < number and signatures[number].jaccard(signatures[other]) >= THRESHOLD
]
seconds = time.perf_counter() - began
with open(target, "w", encoding="utf-8") as file:  # noqa: PTH123
    for cluster, pair in enumerate(pairs):
        file.writelines(json.dumps({"id": rows[each]["id"], "cluster": str(cluster)}) + "\n" for each in pair)
print(json.dumps({"work_seconds": seconds}))
