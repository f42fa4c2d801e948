"""The dataset card of an output location: `README.md`, by which `load_dataset("out")` of Hugging Face opens each table.

The card names the tables and says nothing of what is in them: it is the same for every corpus, so that no run,
forgetting or deletion can make it untrue, and a program that was killed can leave it unwritten but not wrong.
Its second line holds a digest of the rest. A card that somebody changed does not fit it and is theirs from then on.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import xxhash

from pipeline.durable import remove, replacing

if TYPE_CHECKING:
    from pipeline.storage.s3_bucket import Bucket

NAME = "README.md"
MARK = "# Written by copydesk ({}). It is written anew with each run, unless you change it: then it is yours.\n"
MEANING = {
    "documents": "the cleaned articles, with title, authors, time, outlet and language",
    "paragraphs": "their paragraphs, with the share of each that stands elsewhere, and where",
    "passages": "every copied passage, to the character, in clusters around a canonical one",
    "ledger": "what was cut, moved and mended in these articles, by which rule",
    "templates": "lines that recur across the articles of an outlet",
    "flows": "which outlet printed whose words, how many and how soon",
}
HOW = """read the sources, mended their encoding, cut page furniture (captions, navigation, share prompts,
bylines, advertisements) and marked passages that several documents print. Every cut is a row of `ledger`, with
its rule and evidence. Cleaning makes mistakes in both directions; the ledger shows where."""
LICENCE = """The texts belong to those who wrote them. Name their licence here, and in the first lines of this file,
before you publish."""

_BODY = f"""# A news corpus

```python
from datasets import load_dataset

documents = load_dataset("PATH", split="train")                # this folder, or its name on the Hub
passages = load_dataset("PATH", "passages", split="train")     # or any other table
```

| configuration | holds |
|---|---|
{{tables}}

Each run of `clean` added a folder `run=…` to every table. `data_files="documents/run=2031-05-03/*.parquet"` loads one
run alone. A table that has no row in any run opens with `streaming=True` only. How each run came about (inputs,
settings, versions, counts) is in `runs/*.json`.

## How it was cleaned

copydesk {HOW}

## Licence

{LICENCE}
"""


def card() -> str:
    """Return the text of the card."""
    rest = f"{_front_matter()}---\n\n{_BODY.format(tables=_tables())}"
    return f"---\n{MARK.format(digest_of(rest))}{rest}"


def is_ours(text: str) -> bool:
    """Tell if a card is as some version of this program wrote it.

    >>> is_ours(card()), is_ours(card() + "More."), is_ours("# My corpus\\n"), is_ours("")
    (True, False, False, False)
    """
    lines = text.split("\n", 2)
    return len(lines) == 3 and f"{lines[1]}\n" == MARK.format(digest_of(lines[2])) and lines[0] == "---"


def write_card(out: Path) -> None:
    """Write the card into an output folder, if there is none or an older one of ours."""
    path = out / NAME
    if not _is_somebody_elses(path) and (not path.exists() or path.read_bytes() != card().encode()):
        with replacing(path) as aside:
            aside.write_bytes(card().encode())


def remove_card(out: Path) -> None:
    """Remove the card from an output folder without tables, if it is ours."""
    if not _is_somebody_elses(out / NAME):
        remove(out / NAME)


def put_card(bucket: Bucket) -> None:
    """Put the card on a store, if there is none or an older one of ours."""
    found, new = bucket.look(NAME), card().encode()
    if found is None:
        bucket.put_if(NAME, new, IfNoneMatch="*")
    elif found.content != new and is_ours(found.content.decode(errors="replace")):
        bucket.put_if(NAME, new, IfMatch=found.etag)


def drop_card(bucket: Bucket) -> None:
    """Remove the card from a store without tables, if it is ours."""
    found = bucket.look(NAME)
    if found and is_ours(found.content.decode(errors="replace")):
        bucket.remove([NAME])


def _is_somebody_elses(path: Path) -> bool:
    """Tell if something stands there that this program did not write, or that it may not read."""
    try:
        return path.is_symlink() or not is_ours(path.read_bytes().decode(errors="replace"))
    except FileNotFoundError:
        return False
    except OSError:
        return True


def _front_matter() -> str:
    """Return the YAML that the Hub and `load_dataset` read, but its first lines."""
    lines = ["# license: name the licence of the texts here", "pretty_name: A news corpus"]
    lines += ["tags:", "- news", "- text reuse", "configs:"]
    for table in MEANING:
        lines += [f"- config_name: {table}", *(["  default: true"] if table == "documents" else []), "  data_files:"]
        lines += ["  - split: train", f"    path: {table}/run=*/part-*.parquet"]
    return "\n".join(lines) + "\n"


def _tables() -> str:
    return "\n".join(f"| `{name}` | {MEANING[name]} |" for name in MEANING)


def digest_of(text: str) -> str:
    """Return the digest of what follows the mark."""
    return xxhash.xxh3_64(text.encode()).hexdigest()
