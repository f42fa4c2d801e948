"""Schemas of the corpus stage: its published tables, and those that pass from step to step."""

from __future__ import annotations

from typing import NamedTuple

import pyarrow as pa

from stages.contract import TIMESTAMP

#: Published: one row a paragraph.
PARAGRAPHS = pa.schema(
    [
        pa.field("doc_id", pa.string(), nullable=False),
        pa.field("paragraph", pa.int32(), nullable=False),
        pa.field("text", pa.large_string(), nullable=False),
        pa.field("n_words", pa.int32(), nullable=False),
        pa.field("is_canonical", pa.bool_(), nullable=False),
        pa.field("duplicate_share", pa.float32(), nullable=False),
        pa.field("duplicate_of_doc", pa.string()),
        pa.field("duplicate_of_paragraph", pa.int32()),
        pa.field("origin", pa.string(), nullable=False),
    ]
)

#: Published: one row an occurrence of a passage.
PASSAGES = pa.schema(
    [
        pa.field("cluster_id", pa.string(), nullable=False),
        pa.field("doc_id", pa.string(), nullable=False),
        pa.field("paragraph", pa.int32(), nullable=False),
        pa.field("start", pa.int32(), nullable=False),
        pa.field("end", pa.int32(), nullable=False),
        pa.field("is_canonical", pa.bool_(), nullable=False),
        pa.field("similarity", pa.float32(), nullable=False),
        pa.field("numbers_differ", pa.bool_(), nullable=False),
        pa.field("contradicts", pa.bool_(), nullable=False),
        pa.field("late", pa.bool_(), nullable=False),
        pa.field("revision", pa.bool_(), nullable=False),
        pa.field("outlet", pa.string(), nullable=False),
        pa.field("published", TIMESTAMP),
    ]
)

#: Columns added to a document.
ADDITIONS = pa.schema(
    [
        pa.field("canonical_text", pa.large_string(), nullable=False),
        pa.field("n_words", pa.int32(), nullable=False),
        pa.field("duplicate_share", pa.float32(), nullable=False),
        pa.field("duplicate_of", pa.string()),
        pa.field("revision_of", pa.string()),
        pa.field("superseded_by", pa.string()),
    ]
)

#: Passages that `resolve` finds: a row an occurrence, its span in words of the paragraph.
FOUND = pa.schema(
    [
        pa.field("cluster_id", pa.string(), nullable=False),
        pa.field("doc_id", pa.string(), nullable=False),
        pa.field("paragraph", pa.int32(), nullable=False),
        pa.field("start_word", pa.int32(), nullable=False),
        pa.field("end_word", pa.int32(), nullable=False),
        pa.field("copied_start", pa.int32(), nullable=False),  # of its words, those copied from the canonical passage
        pa.field("copied_end", pa.int32(), nullable=False),
        pa.field("is_canonical", pa.bool_(), nullable=False),
        pa.field("similarity", pa.float32(), nullable=False),
        pa.field("numbers_differ", pa.bool_(), nullable=False),
        pa.field("contradicts", pa.bool_(), nullable=False),  # other names or a negation on one side
        pa.field("facts_differ", pa.bool_(), nullable=False),  # the whole sentence is not the canonical one's words
        pa.field("canonical_doc", pa.string(), nullable=False),
        pa.field("canonical_paragraph", pa.int32(), nullable=False),
        pa.field("shared", pa.bool_(), nullable=False),  # the canonical passage is another outlet's
        pa.field("wire", pa.bool_(), nullable=False),  # the article of the canonical passage credits an agency
        pa.field("late", pa.bool_(), nullable=False),  # published before the canonical passage, but met after it
        pa.field("revision", pa.bool_(), nullable=False),  # the canonical passage is in an earlier version
        pa.field("start", pa.int32()),  # of canonical passages, in code points, and whose they are
        pa.field("end", pa.int32()),
        pa.field("outlet", pa.string()),
        pa.field("published", TIMESTAMP),
    ]
)

#: Relations of documents to others met before them: of versions of one article the one published before it, and one
#: published after; the document that has its words, and the share of them that it has.
RELATIONS = pa.schema(
    [
        pa.field("doc_id", pa.string(), nullable=False),
        pa.field("revision_of", pa.string()),
        pa.field("superseded_by", pa.string()),
        pa.field("duplicate_of", pa.string()),
        pa.field("common_share", pa.float32()),
    ]
)

#: Evidence on documents: what the canonical order asks for, and what makes one a version of another.
DOCUMENT_EVIDENCE = pa.schema(
    [
        pa.field("doc_id", pa.string(), nullable=False),
        pa.field("outlet", pa.string(), nullable=False),
        pa.field("published", TIMESTAMP),
        pa.field("n_words", pa.int32(), nullable=False),
        pa.field("wire", pa.bool_(), nullable=False),
        pa.field("article", pa.int64(), nullable=False),  # the same for all versions of an article, 0 for unknown
    ]
)

#: Evidence on paragraphs: their words, hashed, and the word each sentence begins with; the units that are matched, as
#: spans of words. A very long paragraph has several rows; `offset` is the first word of each.
PARAGRAPH_EVIDENCE = pa.schema(
    [
        pa.field("doc_id", pa.string(), nullable=False),
        pa.field("paragraph", pa.int32(), nullable=False),
        pa.field("offset", pa.int32(), nullable=False),
        pa.field("words", pa.large_list(pa.int64()), nullable=False),
        pa.field("sentences", pa.large_list(pa.int32()), nullable=False),
        pa.field("begins", pa.large_list(pa.int32()), nullable=False),  # of each sentence, in code points
        pa.field("ends", pa.large_list(pa.int32()), nullable=False),
        pa.field("unit_begins", pa.large_list(pa.int32()), nullable=False),
        pa.field("unit_ends", pa.large_list(pa.int32()), nullable=False),
    ]
)


class Evidence(NamedTuple):
    """Evidence on some documents, as `resolve` needs it. Holds no text."""

    documents: pa.Table
    paragraphs: pa.Table


class Resolution(NamedTuple):
    """Passages (FOUND) and relations between documents (RELATIONS) of a corpus."""

    found: pa.Table
    relations: pa.Table


class Removal(NamedTuple):
    """The stage's outcome for some documents: their additions, the published tables, the ledger."""

    documents: pa.Table
    paragraphs: pa.Table
    passages: pa.Table
    ledger: pa.Table


#: Reasons of this stage in the ledger; docs/reference/tables.md explains each.
REASONS = ("near_duplicate", "duplicate_document")
