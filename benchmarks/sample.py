"""How well a run cleaned the sample corpus: the run's tables against the truth that is recorded beside the corpus.

    python benchmarks/sample.py RUN_OUT [corpus/_truth.json]

Prints the figures and ends with one line of JSON. A line counts as cut when fewer than half of its words are left;
headlines, standfirsts and embedded posts are counted neither way, since some corpora want them.
"""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.dataset as ds

NEUTRAL = frozenset({"title", "deck", "embed"})
COPIED = frozenset({"reuse", "quote"})
MATCHED_SHARE = 0.7  # of a truth passage's words must be in a paragraph for the passage to be there
OVERLAP_SHARE = 0.5  # of the shorter of two spans must be shared for them to be the same passage

Row = dict[str, Any]


def words(text: str) -> list[str]:
    """
    >>> words("The Cat's pyjamas, 14.")
    ['the', 'cat', 's', 'pyjamas', '14']
    """
    return re.findall(r"\w+", text.casefold())


def rows(run_out: Path, table: str, columns: list[str]) -> list[Row]:
    found: list[Row] = ds.dataset(run_out / table, format="parquet", partitioning="hive").to_table(columns).to_pylist()
    return found


def is_document(row: Row, document: Row) -> bool:
    """Whether a row of the table `documents` is this document of the truth."""
    if document["source_id"] is not None:
        return bool(row["source_id"] == document["source_id"])
    if document["path"].endswith(".warc.gz"):
        return bool(row["url"] == document["url"])
    return bool(row["source_uri"].endswith(document["path"]))


def matched(documents: list[Row], truth: Row) -> dict[str, Row]:
    """The run's documents by the truth's ids."""
    pairs = ((d["id"], next((row for row in documents if is_document(row, d)), None)) for d in truth["documents"])
    return {name: row for name, row in pairs if row is not None}


# ---------------------------------------------------------------- lines


class Fate(NamedTuple):
    """Of one line: its label, words that should stay and those that did, words that should go and those that stayed."""

    label: str
    stay: int = 0
    stay_kept: int = 0
    go: int = 0
    go_kept: int = 0

    @property
    def is_cut(self) -> bool:
        body = self.label == "body"
        total, kept = (self.stay, self.stay_kept) if body else (self.stay + self.go, self.stay_kept + self.go_kept)
        return kept < 0.5 * total


def wanted(line: str, label: str, clean: str | None) -> list[bool]:
    """For each word of a line whether it is story.

    >>> wanted("PELHAM (AP) - It rained.", "body", "It rained.")
    [False, False, True, True]
    """
    line_words = words(line)
    if clean is None:
        return [label == "body"] * len(line_words)
    return survivors(line_words, words(clean))


def survivors(source: Sequence[str], output: Sequence[str]) -> list[bool]:
    """For each word of the source whether the output, which is the source with gaps, still has it."""
    kept = [False] * len(source)
    for block in SequenceMatcher(None, source, output, autojunk=False).get_matching_blocks():
        kept[block.a : block.a + block.size] = [True] * block.size
    return kept


def fates(document: Row, text: str) -> list[Fate]:
    """What became of each line of a document."""
    labels = [document["labels"].get(str(n), "body") for n in range(len(document["lines"]))]
    want = [wanted(x, labels[n], document["clean"].get(str(n))) for n, x in enumerate(document["lines"])]
    lives = iter(survivors([w for line in document["lines"] for w in words(line)], words(text)))
    found = []
    for label, line in zip(labels, want, strict=True):
        kept = [next(lives) for _ in line]
        both = list(zip(line, kept, strict=True))
        stay, go = sum(line), len(line) - sum(line)
        found.append(Fate(label, stay, both.count((True, True)), go, both.count((False, True))))
    return found


def line_figures(all_fates: Iterable[Fate]) -> Row:
    counted = [f for f in all_fates if f.label not in NEUTRAL and f.stay + f.go]
    noise = [f for f in counted if f.label != "body"]
    true_cut, false_cut = sum(f.is_cut for f in noise), sum(f.is_cut for f in counted if f.label == "body")
    precision, recall = true_cut / max(1, true_cut + false_cut), true_cut / max(1, len(noise))
    return {
        "line_precision": round(precision, 4),
        "line_recall": round(recall, 4),
        "line_f1": round(2 * precision * recall / max(1e-9, precision + recall), 4),
        "body_words_lost": round(1 - sum(f.stay_kept for f in counted) / max(1, sum(f.stay for f in counted)), 5),
        "noise_words_left": round(sum(f.go_kept for f in counted) / max(1, sum(f.go for f in counted)), 4),
    }


def cut_by_label(all_fates: Iterable[Fate]) -> dict[str, str]:
    """For each label how many of its lines were cut."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for fate in all_fates:
        if fate.stay + fate.go:
            counts[fate.label][0] += fate.is_cut
            counts[fate.label][1] += 1
    return {label: f"{cut}/{total}" for label, (cut, total) in sorted(counts.items())}


# ---------------------------------------------------------------- passages


class Span(NamedTuple):
    start: int
    end: int
    cluster: str
    numbers_differ: bool


def place(text: str, paragraph: str) -> tuple[int, int] | None:
    """Where a text stands in a paragraph, give or take a few words.

    >>> place("it rained again", "On Monday it rained again, they said.")
    (10, 25)
    >>> place("it rained again", "Nothing fell.") is None
    True
    """
    have = list(re.finditer(r"\w+", paragraph))
    sought = words(text)
    matcher = SequenceMatcher(None, sought, [m[0].casefold() for m in have], autojunk=False)
    blocks = [b for b in matcher.get_matching_blocks() if b.size]
    if sum(b.size for b in blocks) < MATCHED_SHARE * max(1, len(sought)) or not blocks:
        return None
    return have[blocks[0].b].start(), have[blocks[-1].b + blocks[-1].size - 1].end()


def overlaps(a: tuple[int, int], b: tuple[int, int]) -> bool:
    shared = min(a[1], b[1]) - max(a[0], b[0])
    return shared >= OVERLAP_SHARE * min(a[1] - a[0], b[1] - b[0])


class Passages:
    """The passages of a run, by document and place."""

    def __init__(self, run_out: Path) -> None:
        self.paragraphs: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for row in rows(run_out, "paragraphs", ["doc_id", "paragraph", "text"]):
            self.paragraphs[row["doc_id"]].append((row["paragraph"], row["text"]))
        self.spans: dict[tuple[str, int], list[Span]] = defaultdict(list)
        columns = ["doc_id", "paragraph", "start", "end", "cluster_id", "numbers_differ"]
        for row in rows(run_out, "passages", columns):
            span = Span(row["start"], row["end"], row["cluster_id"], bool(row["numbers_differ"]))
            self.spans[row["doc_id"], row["paragraph"]].append(span)

    def at(self, doc_id: str, text: str) -> list[Span]:
        """The passages found where a text of the truth stands."""
        places = ((n, place(text, paragraph)) for n, paragraph in self.paragraphs.get(doc_id, ()))
        return [s for n, here in places if here for s in self.spans[doc_id, n] if overlaps((s.start, s.end), here)]

    def shared(self, a: str, a_text: str, b: str, b_text: str) -> list[Span]:
        """The passages of both places that are in one cluster."""
        a_spans, b_spans = self.at(a, a_text), self.at(b, b_text)
        common = {s.cluster for s in a_spans} & {s.cluster for s in b_spans}
        return [s for s in a_spans + b_spans if s.cluster in common]


def pair_figures(pairs: list[Row], documents: dict[str, Row], passages: Passages) -> Row:
    """How many pairs of each kind were found; for copied ones more is better, for the others fewer is."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for pair in pairs:
        ids = [documents[pair[side]]["doc_id"] if pair[side] in documents else "" for side in ("a", "b")]
        spans = passages.shared(ids[0], pair["a_text"], ids[1], pair["b_text"])
        copied = pair["label"] in COPIED
        counts[f"{pair['kind']}_{'found' if copied else 'wrongly_linked'}"][0] += bool(spans)
        counts[f"{pair['kind']}_{'found' if copied else 'wrongly_linked'}"][1] += 1
        if copied and spans and pair["numbers_differ"]:
            counts["numbers_differ_marked"][0] += any(s.numbers_differ for s in spans)
            counts["numbers_differ_marked"][1] += 1
    return {name: f"{found}/{total}" for name, (found, total) in sorted(counts.items())}


# ---------------------------------------------------------------- columns


def agrees(column: str, document: Row, row: Row) -> bool:
    """Whether a column says what the truth says. Dates are compared by day: a printed page may give no more."""
    have, want = row[column], document[column]
    if have is None:
        return False
    if column == "published":
        return bool(have.strftime("%Y-%m-%d") == want[:10])
    if column == "wire":
        return set(want) <= set(have)
    if column == "authors":
        return [words(name) for name in have] == [words(name) for name in want]
    return words(have) == words(want)


def column_figures(truth: Row, documents: dict[str, Row]) -> Row:
    figures = {}
    for column in ("title", "authors", "published", "language", "dateline", "wire"):
        known = [d for d in truth["documents"] if d[column]]
        right = sum(d["id"] in documents and agrees(column, d, documents[d["id"]]) for d in known)
        figures[f"{column}_right"] = f"{right}/{len(known)}"
    return figures


def reprints_found(pairs: list[Row], documents: dict[str, Row]) -> str:
    """Articles printed whole by a second outlet, and of them those marked as each other's duplicate."""
    wholes = {(p["a"], p["b"]) for p in pairs if p["whole"]}
    linked = 0
    for a, b in wholes:
        if a in documents and b in documents:
            one, other = documents[a], documents[b]
            linked += one["duplicate_of"] == other["doc_id"] or other["duplicate_of"] == one["doc_id"]
    return f"{linked}/{len(wholes)}"


# ---------------------------------------------------------------- all of it


def read_truth(path: Path) -> Row:
    truth: Row = json.loads(path.read_text(encoding="utf-8"))
    return truth


def document_fates(documents: dict[str, Row], truth: Row) -> dict[str, list[Fate]]:
    texts = {name: row["text"] or "" for name, row in documents.items()}
    return {d["id"]: fates(d, texts.get(d["id"], "")) for d in truth["documents"]}


def found_documents(run_out: Path, truth: Row) -> dict[str, Row]:
    columns = ["doc_id", "source_id", "source_uri", "url", "text", "duplicate_of"]
    columns += ["title", "authors", "published", "language", "dateline", "wire"]
    return matched(rows(run_out, "documents", columns), truth)


def score(run_out: Path, truth_path: Path) -> Row:
    """The figures of a run over the sample corpus."""
    truth = read_truth(truth_path)
    documents = found_documents(run_out, truth)
    every_fate = [fate for found in document_fates(documents, truth).values() for fate in found]
    return {
        "documents_found": f"{len(documents)}/{len(truth['documents'])}",
        **line_figures(every_fate),
        **pair_figures(truth["pairs"], documents, Passages(run_out)),
        "reprints_found": reprints_found(truth["pairs"], documents),
        **column_figures(truth, documents),
    }


def details(run_out: Path, truth_path: Path) -> list[str]:
    """Lines for a person: cut lines per label, and what each way of delivery does to the figures."""
    truth = read_truth(truth_path)
    by_document = document_fates(found_documents(run_out, truth), truth)
    lines = [f"{k:12s} {v}" for k, v in cut_by_label(f for fs in by_document.values() for f in fs).items()]
    for kind in ("outlet", "language"):
        groups: dict[str, list[Fate]] = defaultdict(list)
        for document in truth["documents"]:
            groups[document[kind]] += by_document[document["id"]]
        lines += [f"{name:24s} {json.dumps(line_figures(group))}" for name, group in sorted(groups.items())]
    return lines


def main(argv: list[str]) -> None:
    if not 1 <= len(argv) <= 2:
        raise SystemExit(__doc__)
    default = Path(__file__).resolve().parent.parent / "corpus" / "_truth.json"
    run_out, truth_path = Path(argv[0]), Path(argv[1]) if len(argv) == 2 else default
    print("\n".join(details(run_out, truth_path)))
    print(json.dumps(score(run_out, truth_path)))


if __name__ == "__main__":
    main(sys.argv[1:])
