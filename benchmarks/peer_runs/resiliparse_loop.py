"""resiliparse's main content as text in a loop, a process for each of two cores; it takes no metadata.

resiliparse_loop.py FOLDER_OF_HTML
"""

import json
import multiprocessing
import sys
from pathlib import Path

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.encoding import bytes_to_str, detect_encoding
from resiliparse.parse.html import HTMLTree

CORES = 2


def extracted(paths):
    """How many of these pages yield something."""
    count = 0
    for path in paths:
        data = path.read_bytes()
        tree = HTMLTree.parse(bytes_to_str(data, detect_encoding(data)))
        count += bool(extract_plain_text(tree, main_content=True, comments=False))
    return count


if __name__ == "__main__":
    pages = sorted(Path(sys.argv[1]).glob("*.html"))
    with multiprocessing.Pool(CORES) as pool:
        done = pool.map(extracted, [pages[at::CORES] for at in range(CORES)], chunksize=1)
    print(json.dumps({"documents": sum(done)}))
