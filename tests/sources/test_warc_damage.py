"""Damaged WARC files: a damage costs at most the record that it hits, and nothing goes without a row."""

import itertools
import time
from collections import Counter
from pathlib import Path

import pytest

from pipeline import sources
from pipeline.sources import Settings
from tests.helpers.damage import Damage, Record, Spoiled, arc_records, damages, packed, spoil, warc_records

KINDS = damages()
WARC = warc_records()


def wrongs(path: Path, spoiled: Spoiled, damage: Damage, container: str) -> list[str]:
    """What a reader owes a damaged archive and does not give."""
    content, starts = packed(spoiled.parts, container)
    path.write_bytes(content)
    documents, rows = read(path)
    found = {record.number: of_record(record, documents) for record in spoiled.records}
    wrong = []
    for n, record in enumerate(spoiled.records):
        end = starts[n + 1] if n + 1 < len(starts) else len(content)
        named = [row for row in rows if row["source_id"] == f"urn:uuid:{record.number}"]
        there = [row for row in [*rows, *documents] if starts[n] <= offset_of(row, path) < max(end, starts[n] + 1)]
        if len(found[record.number]) > 1 + damage.doubles:
            wrong.append(f"{record.number} is read twice")
        if n != spoiled.hit or (damage.whole and record.raw):
            if record.raw and record.raw.strip() not in found[record.number]:
                wrong.append(f"{record.number} is {found[record.number] or rows}")
            if not record.raw and not named and n != spoiled.hit:
                wrong.append(f"{record.number} has no row")
        elif not found[record.number] and not named and not there:
            wrong.append(f"{record.number}, which is hit, has no row")
    return wrong


def read(path: Path, settings: Settings | None = None) -> tuple[list[dict], list[dict]]:
    documents, rows = [], []
    for batch in sources.batches(sources.plan([str(path)]), settings or Settings()):
        documents += batch.documents.to_pylist()
        rows += [row for row in batch.ledger.to_pylist() if row["action"] in ("skipped", "failed")]
    return documents, rows


def offset_of(row: dict, path: Path) -> int:
    """Where in the file a row says that something is; 0 if it is about the whole file."""
    return int(row["source_uri"].removeprefix(str(path)).removeprefix("@") or 0)


def of_record(record: Record, documents: list[dict]) -> list[bytes]:
    return [
        each["raw"].strip(b"\r\n \0") for each in documents
        if each["url"] == record.url or each["source_id"] == f"urn:uuid:{record.number}"
    ]  # fmt: skip


def test_there_are_a_hundred_kinds() -> None:
    assert len({each.name for each in KINDS}) == len(KINDS) >= 100


def places(damage: Damage) -> list[int]:
    return [0] if damage.first_only else [n for n in range(len(WARC)) if "late" not in damage.traits or n < 7]


def test_a_damage_costs_at_most_the_record_that_it_hits(tmp_path: Path) -> None:
    wrong = {}
    for n, damage in enumerate(KINDS):
        hit = places(damage)[n % len(places(damage))]
        container = ("", "gz", "", "zst", "", "one.gz")[n % 6]
        path = tmp_path / f"a.warc{'.' if container else ''}{container.removeprefix('one.')}"
        if found := wrongs(path, spoil(WARC, damage, hit, n), damage, container):
            wrong[damage.name, hit, container] = found
    assert wrong == {}


@pytest.mark.long
@pytest.mark.parametrize("container", ["", "gz", "zst", "one.gz"])
def test_no_damage_anywhere_costs_more(tmp_path: Path, container: str) -> None:
    wrong, files = {}, 0
    path = tmp_path / f"a.warc{'.' if container else ''}{container.removeprefix('one.')}"
    for damage in KINDS:
        for hit, seed in itertools.product(places(damage), (1, 2)):
            files += 1
            if found := wrongs(path, spoil(WARC, damage, hit, seed), damage, container):
                wrong[damage.name, hit, seed] = found
    print(f"{files:,} files")
    assert wrong == {}
