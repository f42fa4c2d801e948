"""What every stage agrees on: the columns of a document on its way, and what a stage returns.

A stage is a module with `Settings` (a frozen dataclass) and
`run(documents: pa.Table, settings: Settings) -> Outcome`.
"""

from __future__ import annotations

from typing import NamedTuple

import pyarrow as pa

TIMESTAMP = pa.timestamp("us", tz="UTC")
#: What a page calls lines of its text, such as "figcaption": the line, and the cue.
CUES = pa.list_(pa.struct([pa.field("line", pa.string()), pa.field("cue", pa.string())]))

#: A document as a source hands it over: bytes, and what the source says about them.
RAW_DOCUMENT = pa.schema(
    [
        pa.field("doc_id", pa.string(), nullable=False),
        pa.field("source_id", pa.string()),
        pa.field("source_uri", pa.string(), nullable=False),
        pa.field("outlet", pa.string(), nullable=False),
        pa.field("url", pa.string()),
        pa.field("title", pa.string()),
        pa.field("authors", pa.list_(pa.string())),
        pa.field("published", TIMESTAMP),
        pa.field("crawled", TIMESTAMP),
        pa.field("kind", pa.string(), nullable=False),  # "html" or "text"
        pa.field("charset", pa.string()),  # as the transport declared it
        pa.field("raw", pa.large_binary(), nullable=False),
        pa.field("raw_sha256", pa.string(), nullable=False),
    ]
)

#: A document between stages. `text` is what the next stage reads: after decode the decoded page or text, after
#: extract the article, after segment paragraphs joined by PARAGRAPH_BREAK (and no other line break anywhere).
DOCUMENT = pa.schema(
    [
        pa.field("doc_id", pa.string(), nullable=False),
        pa.field("source_id", pa.string()),
        pa.field("source_uri", pa.string(), nullable=False),
        pa.field("outlet", pa.string(), nullable=False),
        pa.field("url", pa.string()),
        pa.field("title", pa.string()),
        pa.field("deck", pa.string()),
        pa.field("authors", pa.list_(pa.string())),
        pa.field("published", TIMESTAMP),
        pa.field("updated", TIMESTAMP),
        pa.field("crawled", TIMESTAMP),
        pa.field("dateline", pa.string()),
        pa.field("wire", pa.list_(pa.string())),
        pa.field("language", pa.string()),
        pa.field("language_confidence", pa.float32()),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("cues", CUES),  # what the page called some lines of the text, set by extract
        pa.field("text", pa.large_string(), nullable=False),
        pa.field("raw_sha256", pa.string(), nullable=False),
        pa.field("segmented_sha256", pa.string()),  # digest of the text that segmentation saw, set by segment
    ]
)

PARAGRAPH_BREAK = "\n\n"


class Outcome(NamedTuple):
    """What a stage gives back: the documents it carries on, and a ledger row for everything it did."""

    documents: pa.Table
    ledger: pa.Table


def replace_column(table: pa.Table, name: str, values: pa.Array | pa.ChunkedArray | list[object]) -> pa.Table:
    """`table` with the values of one column replaced, its type and place kept."""
    at = table.schema.get_field_index(name)
    field = table.schema.field(at)
    if isinstance(values, list):
        values = pa.array(values, type=field.type)
    return table.set_column(at, field, values)
