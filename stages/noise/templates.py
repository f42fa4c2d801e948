"""Templates: what an outlet prints on page after page, learned from its own documents.

`evidence` per shard, `learn` over all shards, `supports_in` per document. A paragraph counts once for all documents
that share their longest paragraph: a wire story printed twice is no template. What other outlets print too is no
template either: it is copied news, or furniture so common that the rule packs know it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from stages.contract import PARAGRAPH_BREAK
from stages.noise.view import ends_closed

EVIDENCE = pa.schema(
    [
        pa.field("outlet", pa.string(), nullable=False),
        pa.field("mask", pa.int64(), nullable=False),
        pa.field("masked", pa.string(), nullable=False),
        pa.field("example", pa.string(), nullable=False),
        pa.field("sketch", pa.int64(), nullable=False),
    ]
)
TEMPLATES = pa.schema(
    [
        pa.field("outlet", pa.string(), nullable=False),
        pa.field("mask", pa.int64(), nullable=False),
        pa.field("masked", pa.string(), nullable=False),
        pa.field("example", pa.string(), nullable=False),
        pa.field("support", pa.int64(), nullable=False),  # documents of the outlet that hold it
        pa.field("share", pa.float64(), nullable=False),  # of the outlet's documents
        pa.field("elsewhere", pa.int64(), nullable=False),  # documents of other outlets that hold it
    ]
)
NUMBER = re.compile(r"\d+(?:[.,:/]\d+)*")
NAME_RUN = re.compile(r"(?<=\s)(?:[A-ZÀ-ÖØ-Þ][\w'’.-]+)(?:\s+[A-ZÀ-ÖØ-Þ][\w'’.-]+)+")


@dataclass(frozen=True, slots=True)
class Limits:
    """When a paragraph that recurs is a template."""

    min_support: int = 8  # documents of the outlet; below, chance and running stories look alike
    min_share: float = 0.01  # of the outlet's documents
    max_elsewhere: float = 0.25  # documents of other outlets per document of its own
    max_words: int = 60

    def __post_init__(self) -> None:
        if self.min_support < 2:
            raise ValueError(f"min_support must be at least 2, not {self.min_support}")


def mask_of(paragraph: str) -> str:
    """A paragraph with what changes from page to page masked: numbers, and names where it is no sentence.

    >>> mask_of("2 min read · a report by Mara Quill on 12 May")
    '0 min read · a report by Name on 0 May'
    >>> mask_of("The council met in Port Anning on 3 May 2031.")
    'The council met in Port Anning on 0 May 0.'
    """
    masked = NUMBER.sub("0", " ".join(paragraph.split()))
    return masked if ends_closed(paragraph) else NAME_RUN.sub("Name", masked)


def digest(text: str) -> int:
    """A 64-bit digest with sign, as the tables hold it."""
    return int(np.int64(np.uint64(xxhash.xxh3_64_intdigest(text.encode()))))


def evidence(documents: pa.Table, limits: Limits | None = None) -> pa.Table:
    """One row for every paragraph of these documents that could be a template, once a document."""
    limits = limits or Limits()
    rows: list[tuple[str, int, str, str, int]] = []
    for outlet, text in zip(documents["outlet"].to_pylist(), documents["text"].to_pylist(), strict=True):
        paragraphs = text.split(PARAGRAPH_BREAK)
        sketch = digest(mask_of(max(paragraphs, key=len)))
        masks = {mask_of(p): p for p in reversed(paragraphs) if p and len(p.split()) <= limits.max_words}
        rows += [(outlet, digest(masked), masked, example, sketch) for masked, example in masks.items()]
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(EVIDENCE)
    return pa.Table.from_arrays([pa.array(c, f.type) for c, f in zip(columns, EVIDENCE, strict=True)], schema=EVIDENCE)


def learn(rows: pa.Table, limits: Limits | None = None) -> pa.Table:
    """The templates that the evidence of all shards together supports, by outlet and mask."""
    limits = limits or Limits()
    sizes = rows.group_by("outlet").aggregate([("sketch", "count_distinct")]).rename_columns(["outlet", "documents"])
    own = rows.group_by(["outlet", "mask"]).aggregate(
        [("sketch", "count_distinct"), ("masked", "min"), ("example", "min")]
    ).rename_columns(["outlet", "mask", "support", "masked", "example"])  # fmt: skip
    everywhere = own.group_by("mask").aggregate([("support", "sum")]).rename_columns(["mask", "everywhere"])
    joined = own.join(sizes, "outlet").join(everywhere, "mask")
    joined = joined.append_column("share", pc.divide(pc.cast(joined["support"], pa.float64()), joined["documents"]))
    joined = joined.append_column("elsewhere", pc.subtract(joined["everywhere"], joined["support"]))
    found = joined.filter(
        pc.and_(
            pc.and_(
                pc.greater_equal(joined["support"], limits.min_support),
                pc.greater_equal(joined["share"], limits.min_share),
            ),
            pc.less_equal(
                joined["elsewhere"], pc.multiply(pc.cast(joined["support"], pa.float64()), limits.max_elsewhere)
            ),
        )
    )
    return found.select(TEMPLATES.names).cast(TEMPLATES).sort_by([("outlet", "ascending"), ("mask", "ascending")])


def supports_in(documents: Sequence[tuple[str, Sequence[str]]], templates: pa.Table) -> list[dict[int, int]]:
    """For each document (outlet, paragraphs): the support of those of its paragraphs that are templates."""
    known = {
        (outlet, mask): support
        for outlet, mask, support in zip(
            *(templates[name].to_pylist() for name in ("outlet", "mask", "support")), strict=True
        )
    }
    outlets = {outlet for outlet, _ in known}
    found = []
    for outlet, paragraphs in documents:
        masks = [(at, digest(mask_of(p))) for at, p in enumerate(paragraphs)] if outlet in outlets else []
        found.append({at: known[outlet, mask] for at, mask in masks if (outlet, mask) in known})
    return found
