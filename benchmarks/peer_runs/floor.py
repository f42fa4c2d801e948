"""The floor of any program that keeps articles: reading JSON Lines, a digest of each text, compressing; one core.

floor.py FOLDER_OF_JSONL TARGET
"""

import hashlib
import json
import sys
from pathlib import Path

import orjson
import zstandard

source, target = map(Path, sys.argv[1:3])
count = 0
with target.open("wb") as file, zstandard.ZstdCompressor(level=1).stream_writer(file) as compressed:
    for path in sorted(source.glob("*.jsonl")):
        with path.open("rb") as lines:
            for line in lines:
                text = orjson.loads(line)["text"].encode()
                compressed.write(hashlib.sha256(text).digest() + text)
                count += 1
print(json.dumps({"documents": count}))
