"""Decode: bytes to text.

A byte order mark decides; then strict UTF-8, or nearly so; then every legacy charset is weighed by the letters it gives
with the declaration and a detector as further evidence. Bytes without a character become U+FFFD, each run with a row.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from stages.contract import DOCUMENT, Outcome
from stages.decode.decoding import Decoded, Evidence, decode
from stages.ledger import LedgerRows, Subject, subjects

__all__ = ["Settings", "run"]

FAIR_BYTES = 100
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


@dataclass(frozen=True, slots=True)
class Settings:
    """How bytes become text."""

    #: Of the sequences outside ASCII. 0.02 saved 13 of 13 UTF-8 pages cut in mid-character and misread no legacy page.
    max_bad_utf8_share: float = 0.02
    #: Nats of evidence: what a declaration, and the detector's vote, is worth against the likelihood of the letters.
    declared_evidence: float = 12.0
    detected_evidence: float = 6.0
    #: Control characters and undecodable bytes among all bytes: above this it is no text.
    max_garbage_share: float = 0.05
    max_rows_per_document: int = 100

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        for name in ("max_bad_utf8_share", "max_garbage_share"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"decode.{name} is a share between 0 and 1, not {getattr(self, name)}")
        for name in ("declared_evidence", "detected_evidence", "max_rows_per_document"):
            if getattr(self, name) < 0:
                raise ValueError(f"decode.{name} must not be negative")


def garbage_share(decoded: Decoded) -> float:
    """The share of control characters and undecodable bytes. Of random bytes, a tenth are control characters.

    A short text is measured as if it were of `FAIR_BYTES`, so that one lost character does not condemn a headline.

    >>> garbage_share(Decoded("The ferry is late.", "utf-8")), garbage_share(Decoded(chr(0) * 200, "utf-8"))
    (0.0, 1.0)
    """
    encoded = decoded.text.encode("utf-8", "replace")
    controls = len(encoded) - len(encoded.translate(None, _CONTROLS))
    undecodable = sum(end - start for start, end in decoded.undecodable)
    return (controls + undecodable) / max(FAIR_BYTES, len(encoded))


def run(documents: pa.Table, settings: Settings) -> Outcome:
    """Raw documents decoded; those that hold no text are not carried on."""
    rows, texts, kept = LedgerRows("decode"), [], []
    columns = (documents[name].to_pylist() for name in ("raw", "charset", "kind"))
    evidence = Evidence(settings.declared_evidence, settings.detected_evidence)
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
    """A row for each run of undecodable bytes (`start`, `end` in bytes of the page), a last one for all the others."""
    for start, end in decoded.undecodable[:max_rows]:
        rows.add(
            subject, "edited", "undecodable_bytes", rule=decoded.codec, start=start, end=end,
            before=raw[start:end].hex(), after="\ufffd",
        )  # fmt: skip
    left = len(decoded.undecodable) - max_rows
    if left > 0:
        rows.add(subject, "edited", "undecodable_bytes", rule=decoded.codec, measured=left, limit=max_rows)


def _documents(raw: pa.Table, texts: list[str]) -> pa.Table:
    """The table of documents; columns that later stages fill are null."""
    given = {"text": pa.array(texts, pa.large_string())} | {n: raw[n] for n in raw.column_names if n in DOCUMENT.names}
    columns = [given[f.name] if f.name in given else pa.nulls(len(texts), f.type) for f in DOCUMENT]
    return pa.Table.from_arrays(columns, schema=DOCUMENT)
