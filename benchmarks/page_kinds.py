"""Kinds of pages as the stage `page_kind` names them, against labels: a confusion table for pages and one for texts.

    python benchmarks/page_kinds.py --shared SHARED

The labels are the `kind` of each document in SHARED/gold/noise_more. `--all` also lists, for sets without labels, every
document that is not called an article, with the signs that say so.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline import settings
from pipeline.cleaning import prepare_documents
from stages.contract import RAW_DOCUMENT, Outcome
from stages.ledger import LEDGER
from stages.page_kind import KINDS
from stages.page_kind.evidence import evidence_of
from stages.page_kind.signs import judge

BATCH = 64


def raw(number: int, record: dict[str, Any]) -> dict[str, Any]:
    """Make a raw document of a record of gold.py's inputs."""
    row = {"doc_id": f"{number:032x}", "source_id": record["id"], "source_uri": record["id"], "raw_sha256": "0"}
    row |= {
        "outlet": record.get("outlet") or "o",
        "url": record.get("url"),
        "kind": "html" if "html" in record else "text",
    }
    return row | {"raw": (record.get("html") or record["text"]).encode()}


def prepared(path: Path) -> Iterator[dict[str, Any]]:
    """Run the stages before the noise stage on a file of records."""
    chosen = settings.load(None)
    with path.open(encoding="utf-8") as lines:
        rows = [raw(number, json.loads(line)) for number, line in enumerate(lines)]
    for at in range(0, len(rows), BATCH):
        documents = pa.Table.from_pylist(rows[at : at + BATCH], schema=RAW_DOCUMENT)
        yield from prepare_documents(Outcome(documents, LEDGER.empty_table()), chosen).documents.to_pylist()


def print_confusion(pairs: Counter[tuple[str, str]]) -> None:
    """Print a table with a row for each label and a column for each kind found."""
    found = [kind for kind in KINDS if any(pair[1] == kind for pair in pairs)]
    print("| label | " + " | ".join(found) + " |\n|" + "---|" * (len(found) + 1))
    for label in KINDS:
        counts = [pairs[label, kind] for kind in found]
        if any(counts):
            print(f"| {label} | " + " | ".join(str(count or "") for count in counts) + " |")
    right = sum(count for (label, kind), count in pairs.items() if label == kind)
    print(f"\n{right} of {pairs.total()} right\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--all", action="store_true", help="list what is no article in the sets without labels, too")
    arguments = parser.parse_args()
    sys.path.insert(0, str(arguments.shared.resolve() / "tools"))
    import gold  # noqa: PLC0415

    labelled = gold.read_jsonl(arguments.shared / "gold/noise_more/labels.jsonl")
    labels = {each["doc"]: each["kind"] for each in labelled}
    with tempfile.TemporaryDirectory() as folder:
        for name in ("html", "more", *(("publishers", "noise", "pages") if arguments.all else ())):
            gold.main(["inputs", name, folder])
            documents = list(prepared(Path(folder) / f"{name}.jsonl"))
            print(f"\n{name}: {len(documents)} documents\n")
            if name in ("html", "more"):
                print_confusion(Counter((labels[each["source_id"]], each["page_kind"]) for each in documents))
                continue
            for each in documents:
                if each["page_kind"] != "article":
                    print(f"- {each['source_id']}: {each['page_kind']} ({judge(evidence_of(each)).why})")


if __name__ == "__main__":
    main()
