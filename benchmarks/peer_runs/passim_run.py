"""passim with its own defaults and the options given, on Spark's local[2], whole articles in.

passim_run.py PARAGRAPHS.jsonl CLUSTERS.jsonl FOLDER [PASSIM OPTION ...]

passim_links.py reads what it finds, afterwards. passim takes connected components from GraphFrames, whose Java part is
in no package of pip's; here a few lines on the driver find the same components in less time.
"""

import json
import os
import sys
import time
from pathlib import Path

from passim import seriatim
from pyspark.sql import SparkSession

CORES = 2
SPAN = "struct<uid: bigint, begin: int, end: int>"


class Components:
    """What passim asks of a GraphFrame."""

    def __init__(self, vertices, edges):
        self.vertices, self.edges = vertices, edges

    def cache(self):
        self.vertices, self.edges = self.vertices.cache(), self.edges.cache()

    def connectedComponents(self):  # noqa: N802
        parent = {tuple(row.id): tuple(row.id) for row in self.vertices.collect()}
        for row in self.edges.select("src", "dst").collect():
            a, b = leader(parent, tuple(row.src)), leader(parent, tuple(row.dst))
            parent[max(a, b)] = min(a, b)
        numbers = {each: number for number, each in enumerate(parent)}
        rows = [(each, numbers[leader(parent, each)]) for each in parent]
        return SparkSession.getActiveSession().createDataFrame(rows, f"id {SPAN}, component bigint")


def leader(parent, each):
    while parent[each] != each:
        parent[each] = parent[parent[each]]
        each = parent[each]
    return each


def write_input(articles, folder):
    """A file for each core: passim has as many tasks as its input has parts."""
    folder.mkdir(parents=True)
    for number in range(CORES):
        documents = [{"id": name, "text": "\n".join(articles[name])} for name in list(articles)[number::CORES]]
        text = "".join(json.dumps(document) + "\n" for document in documents)
        (folder / f"{number}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    source, folder = Path(sys.argv[1]), Path(sys.argv[3])
    articles = {}
    with source.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            articles.setdefault(row["doc"], []).append(row["text"])
    write_input(articles, folder / "input")
    os.environ["PYSPARK_SUBMIT_ARGS"] = f"--master local[{CORES}] --conf spark.ui.enabled=false pyspark-shell"
    os.environ["PYSPARK_PYTHON"] = sys.executable
    seriatim.GraphFrame = Components
    began = time.perf_counter()
    seriatim.main([*sys.argv[4:], str(folder / "input"), str(folder / "output")])
    print(json.dumps({"work_seconds": time.perf_counter() - began}))
