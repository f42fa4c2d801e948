"""Decode: turn the bytes of a document into text.

A byte order mark decides; then UTF-8, strict or with few bad sequences; then every legacy charset is scored by how
plausible its letters are, with the declaration and a detector as further evidence. Each run of undecodable bytes
becomes one U+FFFD and a ledger row.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from stages.contract import DOCUMENT, Outcome
from stages.decode.decoding import Decoded, EvidenceWeights, decode
from stages.ledger import LedgerRows, Subject, subjects

__all__ = ["Settings", "run"]

#: A text shorter than this is measured as if it were this long, so that one lost character does not fail a headline.
#: Chosen by hand; with max_garbage_share it allows five bad bytes in any text.
MIN_MEASURED_BYTES = 100
_CONTROLS = bytes({*range(0x20), 0x7F} - set(b"\t\n\f\r\x1b"))
_BINARY_MAGIC = (
    b"%PDF-",
    b"\x89PNG\r\n",
    b"\xff\xd8\xff",
    b"GIF8",
    b"PK\x03\x04",
    b"\x1f\x8b\x08",
    b"\x7fELF",
    b"RIFF",
    b"\x28\xb5\x2f\xfd",
)


#: Reasons of this stage in the ledger; docs/tables.md explains each.
REASONS = ("undecodable_bytes", "not_text")


@dataclass(frozen=True, slots=True)
class Settings:
    """Limits of UTF-8 and of garbage, and the weights of the evidence for a legacy charset."""

    #: Of the sequences outside ASCII. 0.02 saved 13 of 13 UTF-8 pages cut in mid-character and misread no legacy page.
    max_bad_utf8_share: float = 0.02
    #: Nats that a declaration, and the detector's vote, add to the log likelihood of the letters. Found on the samples
    #: of benchmarks/decode.py (docs/decisions/0006-decoding.md), together with EFFECTIVE_BYTES.
    declared_evidence: float = 12.0
    detected_evidence: float = 6.0
    #: Control characters and undecodable bytes among all bytes. Above this the document is no text: of random bytes a
    #: tenth are control characters.
    max_garbage_share: float = 0.05
    max_rows_per_document: int = 100

    def __post_init__(self) -> None:
        """Raise ValueError for a value out of range."""
        for name in ("max_bad_utf8_share", "max_garbage_share"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"decode.{name} is a share between 0 and 1, not {getattr(self, name)}")
        for name in ("declared_evidence", "detected_evidence", "max_rows_per_document"):
            if getattr(self, name) < 0:
                raise ValueError(f"decode.{name} must not be negative")


def garbage_share(decoded: Decoded) -> float:
    """Return the share of control characters and undecodable bytes among all bytes.

    >>> garbage_share(Decoded("The ferry is late.", "utf-8")), garbage_share(Decoded(chr(0) * 200, "utf-8"))
    (0.0, 1.0)
    """
    encoded = decoded.text.encode("utf-8", "replace")
    controls = len(encoded) - len(encoded.translate(None, _CONTROLS))
    undecodable = sum(end - start for start, end in decoded.undecodable)
    return (controls + undecodable) / max(MIN_MEASURED_BYTES, len(encoded))


def run(documents: pa.Table, settings: Settings) -> Outcome:
    """Decode raw documents (RAW_DOCUMENT); name those that hold no text in the ledger and drop them."""
    rows, texts, kept = LedgerRows("decode", REASONS), [], []
    columns = (documents[name].to_pylist() for name in ("raw", "charset", "kind"))
    evidence = EvidenceWeights(settings.declared_evidence, settings.detected_evidence)
    for at, (subject, raw, charset, kind) in enumerate(zip(subjects(documents), *columns, strict=True)):
        decoded = decode(raw, charset, kind == "html", settings.max_bad_utf8_share, evidence)
        garbage = 1.0 if raw.startswith(_BINARY_MAGIC) else garbage_share(decoded)
        if garbage > settings.max_garbage_share:
            rows.add(subject, "failed", "not_text", measured=garbage, limit=settings.max_garbage_share)
            continue
        _report(rows, subject, raw, decoded, settings.max_rows_per_document)
        texts.append(decoded.text)
        kept.append(at)
    return Outcome(_documents(documents.drop_columns(["raw"]).take(pa.array(kept, pa.int64())), texts), rows.table())


def _report(rows: LedgerRows, subject: Subject, raw: bytes, decoded: Decoded, max_rows: int) -> None:
    """Add a row for each run of undecodable bytes (`start`, `end` in bytes), then one that counts the others."""
    for start, end in decoded.undecodable[:max_rows]:
        rows.add(
            subject, "edited", "undecodable_bytes", rule=decoded.codec, start=start, end=end,
            before=raw[start:end].hex(), after="\ufffd",
        )  # fmt: skip
    remaining = len(decoded.undecodable) - max_rows
    if remaining > 0:
        rows.add(subject, "edited", "undecodable_bytes", rule=decoded.codec, measured=remaining, limit=max_rows)


def _documents(raw: pa.Table, texts: list[str]) -> pa.Table:
    """Make the table of documents; columns that later stages fill are null."""
    given = {"text": pa.array(texts, pa.large_string())} | {n: raw[n] for n in raw.column_names if n in DOCUMENT.names}
    columns = [given[f.name] if f.name in given else pa.nulls(len(texts), f.type) for f in DOCUMENT]
    return pa.Table.from_arrays(columns, schema=DOCUMENT)
