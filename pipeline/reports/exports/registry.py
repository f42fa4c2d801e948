"""The formats of `clean export`: add one by its module and a row here. Importing this is cheap: the help lists them."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from pipeline.errors import UserError

#: Suffixes of compressed files.
COMPRESSED = (".gz", ".zst")


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """A format: its name, one line about it, the module that writes it, and the suffixes of its files."""

    name: str
    summary: str
    module: str
    shape: Literal["stream", "file", "folder"]
    suffixes: tuple[str, ...] = ()
    content: Literal["documents", "flows"] = "documents"


FORMATS = {
    each.name: each
    for each in (
        ExportFormat("jsonl", "JSON Lines, an object a document", "json_lines", "stream", (".jsonl", ".ndjson")),
        ExportFormat("csv", "CSV; cells that a spreadsheet would run are defused", "csv_files", "stream", (".csv",)),
        ExportFormat("tsv", "the same with tabs", "csv_files", "stream", (".tsv",)),
        ExportFormat("parquet", "one Parquet file", "parquet", "file", (".parquet",)),
        ExportFormat("text", "a folder with a text file for each document", "text_files", "folder"),
        ExportFormat("dolma", "JSON Lines for Dolma and datatrove", "dolma", "stream", (".jsonl", ".json")),
        ExportFormat("hf", "a folder for load_dataset of Hugging Face, with its card", "hugging_face", "folder"),
        ExportFormat("vertical", "a token a line, for Sketch Engine, CWB, BlackLab", "vertical", "stream", (".vert",)),
        ExportFormat("tei", "TEI P5, one corpus file", "tei", "stream", (".xml", ".tei")),
        ExportFormat(
            "flows", "who printed whose words, as CSV or JSON Lines", "flow_rows", "stream",
            (".csv", ".jsonl", ".ndjson"), "flows",
        ),
        ExportFormat("graphml", "flows as a graph, for Gephi and others", "graphs", "stream", (".graphml",), "flows"),
        ExportFormat("gexf", "flows as a graph, in Gephi's own format", "graphs", "stream", (".gexf",), "flows"),
    )
}  # fmt: skip
#: The format of standard output.
DEFAULT = "jsonl"


def format_named(name: str) -> ExportFormat:
    """Return a format by its name. Raises UserError with the nearest one.

    >>> format_named("json")
    Traceback (most recent call last):
    pipeline.errors.UserError: --to json: there is no such format; did you mean jsonl? There are: jsonl, csv, tsv, \
parquet, text, dolma, hf, vertical, tei, flows, graphml, gexf.
    """
    if name in FORMATS:
        return FORMATS[name]
    near = get_close_matches(name, FORMATS, 1)
    meant = f"; did you mean {near[0]}?" if near else "."
    raise UserError(f"--to {name}: there is no such format{meant} There are: {', '.join(FORMATS)}.")


def format_for(name: str | None, output: Path | None) -> ExportFormat:
    """Return the format that an option or the suffix of the output names.

    Raises UserError where the two contradict each other, and where neither says it.

    >>> format_for(None, Path("news.csv.gz")).name, format_for(None, None).name
    ('csv', 'jsonl')
    >>> format_for("csv", Path("news.parquet"))
    Traceback (most recent call last):
    pipeline.errors.UserError: --to csv contradicts the name news.parquet, which is parquet. Change one of the two.
    """
    suffix = "" if output is None else suffix_of(output)
    known = [each for each in FORMATS.values() if suffix in each.suffixes]
    if name is None:
        if known:
            return known[0]
        if output is None:
            return FORMATS[DEFAULT]
        raise UserError(f"the name {output} says no format: add --to, one of {', '.join(FORMATS)}.")
    chosen = format_named(name)
    if known and chosen not in known:
        names = " or ".join(each.name for each in known)
        raise UserError(f"--to {name} contradicts the name {output}, which is {names}. Change one of the two.")
    return chosen


def suffix_of(output: Path) -> str:
    """Return the suffix that tells the format: that of compression does not.

    >>> suffix_of(Path("news.JSONL.zst")), suffix_of(Path("news"))
    ('.jsonl', '')
    """
    name = output.with_suffix("") if output.suffix.lower() in COMPRESSED else output
    return name.suffix.lower()
