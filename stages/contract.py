"""The contract between stages: the columns of a document, and the outcome that a stage returns.

A stage is a module with `Settings` (a frozen dataclass) and
`run(documents: pa.Table, settings: Settings) -> Outcome`.
"""

from __future__ import annotations

from typing import NamedTuple

import pyarrow as pa

TIMESTAMP = pa.timestamp("us", tz="UTC")
#: Evidence of a page on lines of its text: the line, what the page calls the place it stands in, such as "figcaption"
#: (null: nothing), and the probability that it is story, by the judge of page blocks.
LINE_EVIDENCE = pa.list_(
    pa.struct([pa.field("line", pa.string()), pa.field("hint", pa.string()), pa.field("story", pa.float32())])
)
#: What a page says of its own kind; null where a document is no page.
PAGE_FACTS = pa.struct(
    [
        pa.field("types", pa.list_(pa.string())),  # of schema.org; of OpenGraph after "og:"
        pa.field("sections", pa.list_(pa.string())),
        pa.field("classes", pa.list_(pa.string())),  # of its body
        pa.field("linked_share", pa.float32()),  # of the extracted text, in lines that are links
        pa.field("linked_lines", pa.int32()),  # of the extracted text
        pa.field("players", pa.int32()),
        pa.field("live_entries", pa.int32()),  # elements that call themselves entries of a live blog
    ]
)

#: Where a document comes from, and the metadata that its source gives: the first columns before and between stages.
_FROM_SOURCE = (
    pa.field("doc_id", pa.string(), nullable=False),
    pa.field("source_id", pa.string()),
    pa.field("source_uri", pa.string(), nullable=False),
    pa.field("outlet", pa.string(), nullable=False),
    pa.field("url", pa.string()),
    pa.field("title", pa.string()),
    pa.field("deck", pa.string()),
    pa.field("authors", pa.list_(pa.string())),
    pa.field("published", TIMESTAMP),
)

#: A document from a source: bytes, and the metadata that the source gives for them.
RAW_DOCUMENT = pa.schema(
    [
        *_FROM_SOURCE,
        pa.field("crawled", TIMESTAMP),
        pa.field("dateline", pa.string()),
        pa.field("wire", pa.list_(pa.string())),
        pa.field("kind", pa.string(), nullable=False),  # "html" or "text"
        pa.field("charset", pa.string()),  # as the transport declared it
        pa.field("raw", pa.large_binary(), nullable=False),
        pa.field("raw_sha256", pa.string(), nullable=False),
    ]
)

#: A document between stages. `text` is the input of the next stage: after decode the decoded page or text, after
#: extract the article, after segment paragraphs joined by PARAGRAPH_BREAK (and no other line break anywhere).
DOCUMENT = pa.schema(
    [
        *_FROM_SOURCE,
        pa.field("updated", TIMESTAMP),
        pa.field("crawled", TIMESTAMP),
        pa.field("dateline", pa.string()),
        pa.field("wire", pa.list_(pa.string())),
        pa.field("language", pa.string()),
        pa.field("language_confidence", pa.float32()),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("line_evidence", LINE_EVIDENCE),  # set by extract
        pa.field("page_facts", PAGE_FACTS),  # set by extract
        pa.field("text", pa.large_string(), nullable=False),
        pa.field("page_kind", pa.string()),  # set by page_kind
        pa.field("raw_sha256", pa.string(), nullable=False),
        pa.field("segmented_sha256", pa.string()),  # digest of segment's input, set by segment
    ]
)

#: Columns of DOCUMENT that serve the stages only and are not published.
WORKING_COLUMNS = frozenset({"crawled", "kind", "line_evidence", "page_facts"})

PARAGRAPH_BREAK = "\n\n"


class Outcome(NamedTuple):
    """The result of a stage: the documents it carries on (schema DOCUMENT), and its ledger rows (schema LEDGER)."""

    documents: pa.Table
    ledger: pa.Table


def replace_column(table: pa.Table, name: str, values: pa.Array | pa.ChunkedArray | list[object]) -> pa.Table:
    """Return `table` with new values in one column; its type and position stay."""
    at = table.schema.get_field_index(name)
    field = table.schema.field(at)
    if isinstance(values, list):
        values = pa.array(values, type=field.type)
    return table.set_column(at, field, values)
