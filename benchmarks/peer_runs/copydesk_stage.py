"""Our stage alone: PARAGRAPHS.jsonl in (id, doc, paragraph, text), CLUSTERS.jsonl out (id, cluster)."""

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa

from stages import near_duplicates
from stages.contract import DOCUMENT, PARAGRAPH_BREAK

source, target = map(Path, sys.argv[1:3])
SHARD = 200

rows = [json.loads(line) for line in source.open(encoding="utf-8")]
texts: dict[str, list[str]] = {}
for row in rows:
    texts.setdefault(row["doc"], []).append(row["text"])
blank = {"source_uri": "", "kind": "text", "raw_sha256": ""}
documents = pa.Table.from_pylist(
    [blank | {"doc_id": doc, "outlet": doc, "text": PARAGRAPH_BREAK.join(each)} for doc, each in texts.items()],
    schema=DOCUMENT,
)
settings = near_duplicates.Settings()
near_duplicates.normal_form("")  # loads the tables
began = time.perf_counter()
shards = [documents[at : at + SHARD] for at in range(0, len(documents), SHARD)]
threads = len(os.sched_getaffinity(0))
with ThreadPoolExecutor(threads) as pool:
    evidence = list(pool.map(near_duplicates.evidence, shards))
found = near_duplicates.resolve(evidence, settings, threads).found
seconds = time.perf_counter() - began
number = {(row["doc"], row["paragraph"]): row["id"] for row in rows}
with target.open("w", encoding="utf-8") as file:
    for row in found.select(["cluster_id", "doc_id", "paragraph"]).to_pylist():
        line = {"id": number[row["doc_id"], row["paragraph"]], "cluster": row["cluster_id"]}
        file.write(json.dumps(line) + "\n")
print(json.dumps({"work_seconds": seconds}))
