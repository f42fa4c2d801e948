"""datatrove's first three MinHash steps with its own defaults (5-word shingles, 14 bands of 8 rows), two workers.

datatrove_minhash.py PARAGRAPHS.jsonl CLUSTERS.jsonl FOLDER
"""

import json
import struct
import sys
import time
from pathlib import Path

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup.minhash import (
    MinhashConfig,
    MinhashDedupBuckets,
    MinhashDedupCluster,
    MinhashDedupSignature,
)
from datatrove.pipeline.readers import JsonlReader

WORKERS = 2


def run(name, steps, tasks):
    LocalPipelineExecutor(
        steps, tasks=tasks, workers=min(WORKERS, tasks), logging_dir=str(folder / "logs" / name)
    ).run()


if __name__ == "__main__":
    source, target, folder = map(Path, sys.argv[1:])
    lines = source.read_text(encoding="utf-8").splitlines()
    shares = [lines[: len(lines) // 2], lines[len(lines) // 2 :]]
    (folder / "input").mkdir(parents=True)
    for number, share in enumerate(shares):
        (folder / f"input/{number}.jsonl").write_text("\n".join(share) + "\n", encoding="utf-8")
    config = MinhashConfig()
    began = time.perf_counter()
    reader = JsonlReader(str(folder / "input"))
    run("signatures", [reader, MinhashDedupSignature(str(folder / "signatures"), config=config)], WORKERS)
    run(
        "buckets",
        [MinhashDedupBuckets(str(folder / "signatures"), str(folder / "buckets"), config=config)],
        config.num_buckets,
    )
    clusters = MinhashDedupCluster(
        str(folder / "buckets"), str(folder / "clusters"), config=config, save_cluster_id=True
    )
    run("clusters", [clusters], 1)
    seconds = time.perf_counter() - began
    with target.open("w", encoding="utf-8") as file:
        for number, share in enumerate(shares):
            path = folder / f"clusters/{number:06d}.clusters"
            for row, cluster in struct.iter_unpack("<2I", path.read_bytes() if path.exists() else b""):
                file.write(json.dumps({"id": json.loads(share[row])["id"], "cluster": str(cluster)}) + "\n")
    print(json.dumps({"work_seconds": seconds}))
