"""Compare the tables of two runs, or of the same inputs cleaned by this checkout and by another revision.

    python benchmarks/compare_tables.py BEFORE AFTER
    python benchmarks/compare_tables.py --revision REVISION [--shared DIR] [--show 5]

BEFORE and AFTER are output folders that hold the same run ids. With `--revision`, the sample corpus and, where DIR has
them, the seeds, the labelled articles and the pages are cleaned by both, with the installed dependencies. Rows are
compared by value, whatever part of a table they stand in. For every table it prints the number of rows on either side,
and of those that only one side has; for these, which columns differ between rows of the same key, with examples. The
exit code is 1 where any row differs.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.dataset as ds

REPOSITORY = Path(__file__).resolve().parent.parent
TABLES = ("documents", "paragraphs", "passages", "ledger", "flows")
#: Columns that identify a row. Rows of the ledger have no key of their own: this one is for showing, all columns count.
KEYS = {
    "documents": ("doc_id",),
    "paragraphs": ("doc_id", "paragraph"),
    "passages": ("cluster_id", "doc_id", "paragraph", "start"),
    "ledger": ("doc_id", "stage", "action", "start", "end", "reason"),
    "flows": ("from_outlet", "to_outlet"),
}
RUN_ID = "compared"
CLEAN = "from pipeline.cli import main; main()"

Row = dict[str, Any]


class Difference(NamedTuple):
    """Rows of a table that one side has and the other has not, and how often each column differs."""

    before: int
    after: int
    only_before: int
    only_after: int
    columns: Counter[str]
    examples: list[tuple[str, str, str]]  # what the row is about and its column; the value before; the value after


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, metavar="BEFORE AFTER")
    parser.add_argument("--revision", help="clean the inputs with this revision of the repository, too")
    parser.add_argument("--shared", type=Path, default=REPOSITORY.parent / "shared", help="the labelled data")
    parser.add_argument("--show", type=int, default=3, help="examples a table")
    arguments = parser.parse_args()
    if arguments.revision:
        found = list(compare_revisions(arguments.revision, arguments.shared, arguments.show))
    elif len(arguments.folders) == 2:
        found = [compare_outputs(*arguments.folders, arguments.show)]
    else:
        parser.error("name two output folders, or a --revision")
    sys.exit(0 if all(found) else 1)


def compare_revisions(revision: str, shared: Path, show: int) -> Iterator[bool]:
    """Clean every input with both revisions and compare; yield whether the tables are identical."""
    from checkouts import build_kernels  # noqa: PLC0415 - others import this module from elsewhere

    with tempfile.TemporaryDirectory() as folder:
        old = Path(folder) / "checkout"
        subprocess.run(["git", "-C", str(REPOSITORY), "worktree", "add", "--quiet", "--detach", str(old), revision],
                       check=True)  # fmt: skip
        build_kernels(old)
        try:
            for name, source in inputs(shared, Path(folder)).items():
                print(f"\n## {name}\n", flush=True)
                outputs = [Path(folder) / side / name for side in ("before", "after")]
                for checkout, out in zip((old, REPOSITORY), outputs, strict=True):
                    clean(checkout, source, out)
                yield compare_outputs(*outputs, show)
        finally:
            subprocess.run(["git", "-C", str(REPOSITORY), "worktree", "remove", "--force", str(old)], check=True)


def inputs(shared: Path, folder: Path) -> dict[str, Path]:
    """Return the inputs that are there, by name; the seeds become a file in `folder`, one outlet each."""
    found = {"sample": REPOSITORY / "corpus"}
    if (shared / "seeds").is_dir():
        found["seeds"] = folder / "seeds.jsonl"
        texts = {path.stem[:3]: path.read_text(encoding="utf-8") for path in sorted((shared / "seeds").glob("*.txt"))}
        rows = [{"id": name, "outlet": f"seed-{name}", "text": text} for name, text in texts.items()]
        found["seeds"].write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    data = shared / "data"
    optional = {"articles": data / "fnc_train.jsonl.gz", "pages": data / "pages.warc.gz"}
    return found | {name: path for name, path in optional.items() if path.is_file()}


def clean(checkout: Path, source: Path, out: Path) -> None:
    """Clean one input with the code of a checkout."""
    environment = os.environ | {"PYTHONPATH": str(checkout)}
    command = [sys.executable, "-c", CLEAN, "run", str(source), "--out", str(out), "--run-id", RUN_ID, "--quiet"]
    subprocess.run(command, cwd=checkout, env=environment, check=True)


def compare_outputs(before: Path, after: Path, show: int) -> bool:
    """Compare all tables of two output folders and print what differs; return whether they are identical."""
    identical = True
    for name in TABLES:
        found = compare(rows_of(before, name), rows_of(after, name), KEYS[name], show)
        alike = not found.only_before and not found.only_after
        identical = identical and alike
        verdict = "identical" if alike else f"{found.only_before:,} only before, {found.only_after:,} only after"
        print(f"{name:11} {found.before:9,} {found.after:9,} rows: {verdict}", flush=True)
        for column, n in found.columns.most_common():
            print(f"    {column}: differs in {n:,} rows")
        for about, old, new in found.examples:
            print(f"    {about}\n      - {old}\n      + {new}")
    return identical


def rows_of(out: Path, name: str) -> list[Row]:
    """Return all rows of a table."""
    rows: list[Row] = ds.dataset(out / name, format="parquet", partitioning="hive").to_table().to_pylist()
    return rows


def compare(before: list[Row], after: list[Row], key: tuple[str, ...], show: int) -> Difference:
    """Compare two lists of rows as bags.

    >>> found = compare([{"id": 1, "n": 2}], [{"id": 1, "n": 3}, {"id": 2, "n": 2}], ("id",), 1)
    >>> found.only_before, found.only_after, dict(found.columns), found.examples
    (1, 2, {'n': 1}, [('id=1: n', '2', '3')])
    """
    bags = [Counter(json.dumps(row, default=str, sort_keys=True) for row in rows) for rows in (before, after)]
    old, new = ([json.loads(row) for row in bag.elements()] for bag in (bags[0] - bags[1], bags[1] - bags[0]))
    partners = {tuple(row[name] for name in key): row for row in new}
    columns: Counter[str] = Counter()
    examples: list[tuple[str, str, str]] = []
    for row in old:
        partner = partners.get(tuple(row[name] for name in key), {})
        for name in [name for name in row if partner and row[name] != partner[name]]:
            columns[name] += 1
            about = " ".join(f"{each}={row[each]}" for each in key)
            examples.append((f"{about}: {name}", brief(row[name]), brief(partner[name])))
        if not partner:
            examples.append((" ".join(f"{each}={row[each]}" for each in key), brief(row), "(no such row)"))
    return Difference(len(before), len(after), len(old), len(new), columns, examples[:show])


def brief(value: Any) -> str:
    """Return a value in one line of at most 200 characters."""
    text = str(value)
    return text if len(text) <= 200 else f"{text[:120]} … {text[-79:]}"


if __name__ == "__main__":
    main()
