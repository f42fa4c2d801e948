"""Settings of the sources: field names and limits on size."""

from __future__ import annotations

from dataclasses import dataclass, field, fields


@dataclass(frozen=True, slots=True)
class Fields:
    """Our name of a field → its name in the user's JSON Lines, CSV or Parquet; dots lead into nested objects."""

    id: str = "id"
    url: str = "url"
    outlet: str = "outlet"
    title: str = "title"
    authors: str = "authors"
    published: str = "published"
    text: str = "text"
    html: str = "html"


@dataclass(frozen=True, slots=True)
class Settings:
    """Limits on inputs. Sizes are in bytes, after decompression."""

    outlet: str | None = None  # overrides what the documents say
    fields: Fields = field(default_factory=Fields)
    max_document_bytes: int = 20_000_000
    #: One line of JSON Lines or one row of CSV: a page of the largest size, escaped, and its other fields.
    max_row_bytes: int = 64_000_000
    #: gzip cannot exceed 1,032:1; news compresses 3:1 to 20:1. The ratio is checked from `min_bomb_bytes` on, so that
    #: a short input of blanks is no bomb.
    max_compression_ratio: float = 500.0
    min_bomb_bytes: int = 64_000_000

    def __post_init__(self) -> None:
        """Refuse limits that would refuse everything."""
        for name in ("max_document_bytes", "max_row_bytes", "max_compression_ratio", "min_bomb_bytes"):
            if getattr(self, name) <= 0:
                raise ValueError(f"sources.{name} must be greater than 0, not {getattr(self, name)}")
        if self.max_row_bytes < self.max_document_bytes:
            raise ValueError(
                "sources.max_row_bytes must be at least sources.max_document_bytes: a row holds a document"
            )
        for each in fields(self.fields):
            if not getattr(self.fields, each.name):
                raise ValueError(f"sources.fields.{each.name} must not be empty; leave it out for {each.default!r}")
        if self.fields.text == self.fields.html:
            raise ValueError(f"sources.fields.text and .html are both {self.fields.text!r}: a column holds one of them")
        if self.outlet is not None and not self.outlet.isprintable():
            raise ValueError(f"sources.outlet must hold no control characters: {self.outlet!r}")
        if self.outlet is not None and not self.outlet.strip():
            raise ValueError("sources.outlet must not be empty; leave it out to take each document's own")
