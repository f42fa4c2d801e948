"""`trafilatura.extract` in a loop, a process for each of two cores; comments off, with metadata.

trafilatura_loop.py FOLDER_OF_HTML
"""

import json
import multiprocessing
import sys
from pathlib import Path

import trafilatura

CORES = 2


def extracted(paths):
    """How many of these pages yield something."""
    found = [trafilatura.extract(path.read_bytes(), include_comments=False, with_metadata=True) for path in paths]
    return sum(bool(each) for each in found)


if __name__ == "__main__":
    pages = sorted(Path(sys.argv[1]).glob("*.html"))
    with multiprocessing.Pool(CORES) as pool:
        done = pool.map(extracted, [pages[at::CORES] for at in range(CORES)], chunksize=1)
    print(json.dumps({"documents": sum(done)}))
