"""Carry out an export: choose the documents, divide them into splits, and write each file or folder whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline.console import counted
from pipeline.errors import UserError
from pipeline.passages.flows import flows
from pipeline.reports.exports.documents import COLUMNS, ChosenDocuments, ExportOptions, columns_named
from pipeline.reports.exports.files import put
from pipeline.reports.exports.registry import COMPRESSED, ExportFormat, suffix_of
from pipeline.reports.exports.splits import chosen_ids, sample_of, shares_of, split_by_cluster
from pipeline.reports.whole_files import whole_file, whole_folder
from pipeline.storage.reader import Corpus
from pipeline.storage.selection import Selection
from pipeline.storage.tables import read

#: The one split of an export that is not divided, as a folder format calls it.
WHOLE = ""


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """An export as a user asked for it. `split` is the value of --split, such as "train=0.9,test=0.1"."""

    format: ExportFormat
    output: Path | None = None  # None: standard output
    selection: Selection = field(default_factory=Selection)
    columns: tuple[str, ...] = ()
    canonical: bool = False
    raw: bool = False
    split: str | None = None
    sample: int | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True)
class ExportReport:
    """Counts of an export: documents or flows, of each split, and what was altered on the way."""

    n: int
    unit: str
    splits: dict[str, int] = field(default_factory=dict)
    largest_component: int = 0
    altered: dict[str, int] = field(default_factory=dict)

    def lines(self, output: Path | None) -> Iterator[str]:
        """Describe the export for a person."""
        if output is not None:
            yield f"{self.n:,} {self.unit} → {output}"
        for name, n in self.splits.items():
            yield f"  {name}: {n:,} ({n / self.n:.1%})"
        if self.splits:
            yield f"  the largest group of documents that share passages has {self.largest_component:,}"
        for name, n in self.altered.items():
            yield f"  {name}: {n:,}"


def export(corpus: Corpus, request: ExportRequest) -> ExportReport:
    """Write what is asked for. Raises UserError for options that do not fit together, and where nothing is chosen."""
    _check(request)
    options = ExportOptions(
        format=request.format.name,
        columns=columns_named(request.columns) if request.format.content == "documents" else COLUMNS,
        canonical=request.canonical,
        raw=request.raw,
        suffix="" if request.output is None else suffix_of(request.output),
        counted=request.format.content,
    )
    if request.format.content == "flows":
        return _export_flows(corpus, request, options)
    return _export_documents(corpus, request, options)


def _check(request: ExportRequest) -> None:
    name, chosen = request.format.name, request.selection
    if request.format.content == "flows":
        if chosen.expression() is not None or request.sample or request.split:
            raise UserError("flows are counted over whole runs: leave out the options that choose documents.")
        if request.canonical or request.columns:
            raise UserError(
                f"--canonical and --columns apply to documents, and --to {name} writes none: leave them out."
            )
    if request.format.shape != "stream":
        if request.output is None:
            what = "a file" if request.format.shape == "file" else "a folder"
            raise UserError(f"--to {name} writes {what}: name it with --output.")
        if request.output.suffix.lower() in COMPRESSED:
            raise UserError(f"--to {name} is not compressed as a whole: leave {request.output.suffix} out of the name.")
    if request.raw and name not in {"csv", "tsv"}:
        raise UserError(f"--raw applies to CSV and TSV: no cell of {name} is altered. Leave it out.")
    if request.split and request.output is None:
        raise UserError("--split writes a file for each split: name it with --output.")


def _export_flows(corpus: Corpus, request: ExportRequest, options: ExportOptions) -> ExportReport:
    run = request.selection.runs[0] if request.selection.runs else None
    _write_files(request, {WHOLE: flows(corpus, run)}, options)
    return _report(options, {}, 0)


def _export_documents(corpus: Corpus, request: ExportRequest, options: ExportOptions) -> ExportReport:
    everything = ChosenDocuments(corpus, request.selection, options)
    if next(request.selection.documents(corpus, ["doc_id"]), None) is None:
        raise UserError(_nothing(corpus, request.selection))
    only = None
    if request.sample:
        only = sample_of(chosen_ids(corpus, request.selection)[0], request.sample, request.seed)
    if not request.split:
        _write(request, {WHOLE: ChosenDocuments(corpus, request.selection, options, only)}, options)
        return _report(options, {}, 0)
    found = split_by_cluster(corpus, request.selection, shares_of(request.split), request.seed, only)
    sizes = {name: len(ids) for name, ids in found.ids.items()}
    if empty := [name for name, n in sizes.items() if not n]:
        raise UserError(
            f"no document fell to the split {empty[0]}: the documents are "
            f"{counted(len(found.component_sizes), 'group')} that share passages, and a group stays together. "
            "Try another --seed, or larger shares."
        )
    splits = {name: ChosenDocuments(corpus, everything.selection, options, ids) for name, ids in found.ids.items()}
    _write(request, splits, options)
    return _report(options, sizes, int(found.component_sizes[0]))


def _report(options: ExportOptions, splits: dict[str, int], largest: int) -> ExportReport:
    altered = {name: n for name, n in options.counts.items() if n and name != options.counted}
    return ExportReport(options.counts[options.counted], options.counted, splits, largest, altered)


def _nothing(corpus: Corpus, chosen: Selection) -> str:
    """Say that nothing is chosen, and what there is."""
    documents = read(corpus.out, "documents", chosen.runs_in(corpus), ["outlet", "language"])
    if not len(documents):
        return "there are no documents in what was chosen: nothing was written."
    there = {name: sorted(documents[name].drop_null().unique().to_pylist()) for name in ("outlet", "language")}
    near = [found for name in chosen.outlets for found in get_close_matches(name, there["outlet"], 1)]
    meant = f" Did you mean {' and '.join(near)}?" if near and set(near) != set(chosen.outlets) else ""
    listed = "; ".join(f"{name}s: {', '.join(each[:8])}{' …' if len(each) > 8 else ''}" for name, each in there.items())
    return f"no document is chosen by {chosen.in_words()}: nothing was written.{meant} There are {listed}."


# ---------------------------------------------------------------- writing


def _write(request: ExportRequest, splits: Mapping[str, ChosenDocuments], options: ExportOptions) -> None:
    if request.format.shape != "folder":
        _write_files(request, splits, options)
    elif request.output is not None:
        with whole_folder(request.output) as folder:
            _module(request.format).write_folder(splits, folder, options)


def _write_files(
    request: ExportRequest, splits: Mapping[str, ChosenDocuments | pa.Table], options: ExportOptions
) -> None:
    """Write a file for each split. All are renamed when the last one is written: splits of two exports would leak."""
    module = _module(request.format)
    with ExitStack() as renames:
        for split, content in splits.items():
            name = _name_of(request.output, split)
            path = None if name is None else renames.enter_context(whole_file(name))
            if request.format.shape == "stream":
                put(module.pieces(content, options), path, name)
            else:
                module.write(content, path, options)


def _name_of(output: Path | None, split: str) -> Path | None:
    """Return the file of a split.

    >>> _name_of(Path("news/articles.jsonl.gz"), "train")
    PosixPath('news/articles-train.jsonl.gz')
    """
    if output is None or not split:
        return output
    suffixes = "".join(output.suffixes[-2:] if output.suffix.lower() in COMPRESSED else output.suffixes[-1:])
    return output.with_name(f"{output.name.removesuffix(suffixes)}-{split}{suffixes}")


def _module(chosen: ExportFormat) -> Any:
    return import_module(f"pipeline.reports.exports.{chosen.module}")
