"""Settings of the sources: names of fields, forms of dates and files, and limits on size."""

from __future__ import annotations

from dataclasses import dataclass, field, fields


@dataclass(frozen=True, slots=True)
class Fields:
    """Our name of a field → its name in the user's records; dots lead into nested objects. None: it is found out."""

    id: str | None = None
    url: str | None = None
    outlet: str | None = None
    title: str | None = None
    deck: str | None = None
    authors: str | None = None
    published: str | None = None
    dateline: str | None = None
    wire: str | None = None
    text: str | None = None
    html: str | None = None


@dataclass(frozen=True, slots=True)
class Csv:
    """How CSV files are written. None: it is found out."""

    delimiter: str | None = None
    quote: str | None = None
    escape: str | None = None
    header: bool | None = None  # the first row names the columns

    def __post_init__(self) -> None:
        """Refuse marks that cannot separate or enclose anything."""
        for name in ("quote", "escape"):
            mark = getattr(self, name)
            if mark is not None and (len(mark) != 1 or mark in "\r\n"):
                raise ValueError(
                    f"sources.csv.{name} must be one character, not {mark!r}; leave it out to have it found out"
                )
        if self.delimiter is not None and (not self.delimiter or set(self.delimiter) & set("\r\n")):
            raise ValueError(f"sources.csv.delimiter must be one or more characters of a line, not {self.delimiter!r}")
        if self.quote is not None and self.quote in (self.delimiter, self.escape):
            raise ValueError(
                f"sources.csv.quote {self.quote!r} is also the delimiter or the escape; leave the escape out"
            )


@dataclass(frozen=True, slots=True)
class Settings:
    """Limits on inputs. Sizes are in bytes, after decompression."""

    outlet: str | None = None  # overrides what the documents say
    kind: str | None = None  # of all inputs; None: by suffix, then by content
    table: str | None = None  # of a database, or the sheet of a workbook; None: found out
    one_document: bool = False  # a text that seems to hold many articles is one all the same
    day_first: bool | None = None  # in dates such as 3/4/2016; None: found out from the other dates of the column
    date_format: str | None = None  # of dates, in the form of Python's strptime; None: all forms that are known
    fields: Fields = field(default_factory=Fields)
    csv: Csv = field(default_factory=Csv)
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
            if getattr(self.fields, each.name) == "":
                raise ValueError(f"sources.fields.{each.name} must not be empty; leave it out and it is found out")
        if self.fields.text and self.fields.text == self.fields.html:
            raise ValueError(f"sources.fields.text and .html are both {self.fields.text!r}: a column holds one of them")
        if self.outlet is not None and not self.outlet.isprintable():
            raise ValueError(f"sources.outlet must hold no control characters: {self.outlet!r}")
        if self.outlet is not None and not self.outlet.strip():
            raise ValueError("sources.outlet must not be empty; leave it out to take each document's own")
