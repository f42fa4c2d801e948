"""Decode: turn the bytes of a document into text.

A byte order mark decides; then strict UTF-8; then every charset, UTF-8 among them, is scored by how plausible its
characters are, with the declaration as further evidence. Bytes that the charset cannot decode become U+FFFD, or what
they surely were in another charset, and every choice that differs from the declaration has a ledger row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from stages.contract import DOCUMENT, Outcome
from stages.decode.decoding import Decoded, decode
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


#: Reasons of this stage in the ledger; docs/reference/tables.md explains each.
REASONS = ("charset", "undecodable_bytes", "stray_bytes", "mojibake", "not_text")


@dataclass(frozen=True, slots=True)
class Settings:
    """The weight of a declaration, and limits of garbage and of rows."""

    #: Nats that a declaration adds to the log likelihood of the characters in its charset. Found on the development
    #: half of benchmarks/encoding_detection.py (docs/decisions/0006-decoding.md), together with choice.EFFECTIVE_BYTES.
    declared_evidence: float = 10.0
    #: Control characters and undecodable bytes among all bytes. Above this the document is no text: of random bytes a
    #: tenth are control characters.
    max_garbage_share: float = 0.05
    max_rows_per_document: int = 100

    def __post_init__(self) -> None:
        """Raise ValueError for a value out of range."""
        if not 0 <= self.max_garbage_share <= 1:
            raise ValueError(f"decode.max_garbage_share is a share between 0 and 1, not {self.max_garbage_share}")
        for name in ("declared_evidence", "max_rows_per_document"):
            if getattr(self, name) < 0:
                raise ValueError(f"decode.{name} must not be negative")


def garbage_share(decoded: Decoded, raw: bytes) -> float:
    """Return the share of control characters and undecodable bytes among all bytes.

    >>> garbage_share(Decoded("The ferry is late.", "utf-8"), b"The ferry is late.")
    0.0
    >>> garbage_share(Decoded(chr(0) * 200, "utf-8"), bytes(200))
    1.0
    """
    is_utf8 = decoded.codec == "utf-8"
    encoded = raw if is_utf8 and not decoded.mended else decoded.text.encode("utf-8", "replace")
    controls = len(encoded) - len(encoded.translate(None, _CONTROLS))
    # What is chosen to be UTF-8 has valid sequences: there a run is one lost character, as a lone surrogate is.
    runs = decoded.undecodable
    undecodable = len(runs) if is_utf8 else sum(end - start for start, end in runs)
    return (controls + undecodable) / max(MIN_MEASURED_BYTES, len(encoded))


def run(documents: pa.Table, settings: Settings) -> Outcome:
    """Decode raw documents (RAW_DOCUMENT); name those that hold no text in the ledger and drop them."""
    rows, texts, kept = LedgerRows("decode", REASONS), [], []
    columns = (documents[name].to_pylist() for name in ("raw", "charset", "kind"))
    for at, (subject, raw, charset, kind) in enumerate(zip(subjects(documents), *columns, strict=True)):
        decoded = decode(raw, charset, kind == "html", settings.declared_evidence)
        garbage = 1.0 if raw.startswith(_BINARY_MAGIC) else garbage_share(decoded, raw)
        if garbage > settings.max_garbage_share:
            rows.add(subject, "failed", "not_text", measured=garbage, limit=settings.max_garbage_share)
            continue
        _report(rows, subject, raw, decoded, settings.max_rows_per_document)
        texts.append(decoded.text)
        kept.append(at)
    return Outcome(_documents(documents.drop_columns(["raw"]).take(pa.array(kept, pa.int64())), texts), rows.table())


def _report(rows: LedgerRows, subject: Subject, raw: bytes, decoded: Decoded, max_rows: int) -> None:
    """Add rows for the charset, for runs of stray and undecodable bytes, and for pieces read once more."""
    _report_charset(rows, subject, raw, decoded)
    codec = decoded.codec
    unread = [(start, end, codec, "\ufffd") for start, end in decoded.undecodable]
    _report_bytes(rows, subject, raw, "undecodable_bytes", unread, max_rows)
    _report_bytes(rows, subject, raw, "stray_bytes", list(decoded.strays), max_rows)
    for piece in decoded.mended[:max_rows]:
        rows.add(
            subject, "edited", "mojibake", rule=piece.codec, start=piece.start, end=piece.end,
            before=piece.before, after=piece.after,
        )  # fmt: skip
    _count_others(rows, subject, "mojibake", codec, len(decoded.mended) - max_rows, max_rows)


def _report_charset(rows: LedgerRows, subject: Subject, raw: bytes, decoded: Decoded) -> None:
    """Add a row if the text is in another charset than declared, or in none that was declared and not UTF-8."""
    if decoded.codec == "utf-8" and raw.isascii():
        return
    others = [
        codec for codec in decoded.declared if codec != decoded.codec and not _reads_alike(raw, codec, decoded.text)
    ]
    if others or (not decoded.declared and decoded.codec != "utf-8"):
        rows.add(
            subject, "edited", "charset", rule=decoded.codec, before=others[0] if others else None, after=decoded.codec
        )


def _reads_alike(raw: bytes, codec: str, text: str) -> bool:
    try:
        return raw.decode(codec) == text
    except UnicodeDecodeError:
        return False


def _report_bytes(
    rows: LedgerRows,
    subject: Subject,
    raw: bytes,
    reason: str,
    runs: Sequence[tuple[int, int, str, str]],
    max_rows: int,
) -> None:
    """Add a row for each run of bytes (`start`, `end` in bytes), then one that counts the others."""
    for start, end, codec, after in runs[:max_rows]:
        before = raw[start:end].hex()
        rows.add(subject, "edited", reason, rule=codec, start=start, end=end, before=before, after=after)
    _count_others(rows, subject, reason, runs[0][2] if runs else "", len(runs) - max_rows, max_rows)


def _count_others(rows: LedgerRows, subject: Subject, reason: str, rule: str, remaining: int, max_rows: int) -> None:
    if remaining > 0:
        rows.add(subject, "edited", reason, rule=rule, measured=remaining, limit=max_rows)


def _documents(raw: pa.Table, texts: list[str]) -> pa.Table:
    """Make the table of documents; columns that later stages fill are null."""
    given = {"text": pa.array(texts, pa.large_string())} | {n: raw[n] for n in raw.column_names if n in DOCUMENT.names}
    columns = [given[f.name] if f.name in given else pa.nulls(len(texts), f.type) for f in DOCUMENT]
    return pa.Table.from_arrays(columns, schema=DOCUMENT)
