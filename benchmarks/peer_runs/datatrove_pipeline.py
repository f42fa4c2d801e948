"""datatrove from raw input to documents without near-duplicates, two workers.

datatrove_pipeline.py (pages|articles) INPUT_FOLDER FOLDER

Reader, extractor, filters, MinHash, writer, with the settings of its own examples: trafilatura for pages, C4's filters,
MinHash of 5-word shingles in 14 bands of 8 rows. Its limit of a second a page is raised: a busy machine would lose
pages to it.
"""

import sys
from pathlib import Path

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup.minhash import (
    MinhashConfig,
    MinhashDedupBuckets,
    MinhashDedupCluster,
    MinhashDedupFilter,
    MinhashDedupSignature,
)
from datatrove.pipeline.extractors import Trafilatura
from datatrove.pipeline.filters.c4_filters import C4ParagraphFilter, C4QualityFilter
from datatrove.pipeline.readers import JsonlReader, WarcReader
from datatrove.pipeline.writers import JsonlWriter

WORKERS, SECONDS_A_PAGE = 2, 30


def run(name, steps, tasks):
    workers = min(WORKERS, tasks)
    LocalPipelineExecutor(steps, tasks=tasks, workers=workers, logging_dir=str(folder / "logs" / name)).run()


if __name__ == "__main__":
    kind, source, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    filtered, signatures, buckets, removed = (
        str(folder / name) for name in ("filtered", "signatures", "buckets", "ids")
    )
    config = MinhashConfig()
    begin = [WarcReader(source), Trafilatura(timeout=SECONDS_A_PAGE)] if kind == "pages" else [JsonlReader(source)]
    filters = [C4QualityFilter(), C4ParagraphFilter()]
    run(
        "documents",
        [*begin, *filters, JsonlWriter(filtered), MinhashDedupSignature(signatures, config=config)],
        WORKERS,
    )
    run("buckets", [MinhashDedupBuckets(signatures, buckets, config=config)], config.num_buckets)
    run("clusters", [MinhashDedupCluster(buckets, removed, config=config)], 1)
    run("filter", [JsonlReader(filtered), MinhashDedupFilter(removed), JsonlWriter(str(folder / "output"))], WORKERS)
