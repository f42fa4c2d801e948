"""text-dedup's MinHash with its own defaults but for the threshold; clusters are read from its union-find dump.

text_dedup_minhash.py PARAGRAPHS.jsonl CLUSTERS.jsonl FOLDER THRESHOLD
"""

import json
import pickle
import subprocess
import sys
import time
from pathlib import Path

source, target, folder, threshold = sys.argv[1:]
command = [
    sys.executable, "-m", "text_dedup.minhash", "--path", "json", "--data_files", source, "--split", "train",
    "--cache_dir", f"{folder}/cache", "--output", f"{folder}/output", "--column", "text",
    "--threshold", threshold, "--num_proc", "2", "--debug",
]  # fmt: skip
began = time.perf_counter()
subprocess.run(command, check=True, stdout=sys.stderr)
seconds = time.perf_counter() - began
with (Path(folder) / "output/uf.pkl").open("rb") as dump:  # our own run wrote it just now
    dumped = pickle.load(dump)
parent = getattr(dumped, "parent", dumped)


def leader(number):
    while parent.get(number, number) != number:
        number = parent[number]
    return number


with Path(target).open("w", encoding="utf-8") as file:
    file.writelines(json.dumps({"id": number, "cluster": str(leader(number))}) + "\n" for number in parent)
print(json.dumps({"work_seconds": seconds}))
