"""Export as a vertical: a token a line in `<doc>`, `<p>` and `<s>`, for Sketch Engine, CWB and BlackLab.

`<g/>` stands between two tokens without white space between them. Tokens and attributes are escaped as in XML, so that
no text can open or close a structure; characters that XML cannot hold are left out and counted. White space becomes one
space in attributes, and is not kept between tokens.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape

from pipeline.reports.exports.csv_files import cell
from pipeline.reports.exports.documents import ChosenDocuments, ExportOptions
from pipeline.reports.exports.tokens import Token, sentences
from pipeline.reports.exports.xml_text import xml_text

#: Columns that are no attributes of a document: its text, and what leads back to bytes that were read.
NOT_ATTRIBUTES = frozenset({"doc_id", "text", "canonical_text", "deck", "raw_sha256", "segmented_sha256", "source_uri"})
QUOTE = {'"': "&quot;"}


def pieces(documents: ChosenDocuments, options: ExportOptions) -> Iterator[str]:
    """Yield a piece for each document."""
    names = [name for name in options.columns if name not in NOT_ATTRIBUTES]
    for row in documents.rows(["doc_id", "text"]):
        options.counts["documents"] += 1
        attributes = "".join(f' {name}="{_attribute(row[name], options)}"' for name in names)
        body = "".join(map(_paragraph, sentences(xml_text(row["text"], options.counts))))
        yield f'<doc id="{row["doc_id"]}"{attributes}>\n{body}</doc>\n'


def _attribute(value: Any, options: ExportOptions) -> str:
    """Return a value in one line, with a bar between the values of a list, as Sketch Engine has it."""
    text = "|".join(value) if isinstance(value, list) else cell(value)
    return escape(" ".join(xml_text(str("" if text is None else text), options.counts).split()), QUOTE)


def _paragraph(found: list[list[Token]]) -> str:
    lines = ["<p>"]
    for place, sentence in enumerate(found):
        lines += ["<g/>"] if place and not sentence[0].apart else []
        lines.append("<s>")
        for number, token in enumerate(sentence):
            lines += ["<g/>"] if number and not token.apart else []
            lines.append(escape(token.text))
        lines.append("</s>")
    return "\n".join([*lines, "</p>\n"])
