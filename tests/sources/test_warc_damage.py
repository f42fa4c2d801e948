"""Damaged WARC files: a damage costs at most the record that it hits, and nothing goes without a row."""

import itertools
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.helpers.damage import Damage, answer, damages, page, spoil, warc_record, warc_records, wrongs
from tests.helpers.sources import read_file

KINDS = damages()
WARC = warc_records()
CONTAINERS = {"": "a.warc", "gz": "a.warc.gz", "zst": "a.warc.zst", "one.gz": "a.warc.gz"}
HEAD = b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: %d\r\n\r\n"


def places(damage: Damage) -> range:
    """Which records a kind of damage can hit."""
    return range(1 if damage.first_only else len(WARC) - 3 if damage.holds_more else len(WARC))


def test_there_are_a_hundred_kinds() -> None:
    assert len({each.name for each in KINDS}) == len(KINDS) >= 100


def test_a_damage_costs_at_most_the_record_that_it_hits(tmp_path: Path) -> None:
    wrong = {}
    for n, damage in enumerate(KINDS):
        hit, container = places(damage)[n % len(places(damage))], ("", "gz", "", "zst", "", "one.gz")[n % 6]
        if found := wrongs(tmp_path / CONTAINERS[container], spoil(WARC, damage, hit, 0), damage, container):
            wrong[damage.name, hit, container] = found
    assert wrong == {}


@pytest.mark.long
@pytest.mark.parametrize("container", CONTAINERS)
def test_no_damage_anywhere_costs_more(tmp_path: Path, container: str) -> None:
    """4,300 files for each container."""
    wrong = {}
    for damage, seed in itertools.product(KINDS, (1, 2)):
        for hit in places(damage):
            if found := wrongs(tmp_path / CONTAINERS[container], spoil(WARC, damage, hit, seed), damage, container):
                wrong[damage.name, hit, seed] = found
    assert wrong == {}


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz"])
def test_two_damaged_records_cost_two(tmp_path: Path, name: str) -> None:
    parts = [each.content for each in WARC]
    for hit in (2, 5):
        parts[hit] = parts[hit].replace(b"Content-Length: ", b"Content-Length: 9")
    documents, _ = read_file(tmp_path / "a.warc", b"".join(parts))
    assert [each["raw"].strip() for each in documents] == [each.raw.strip() for each in WARC if each.raw]


def test_a_page_that_tells_of_records_is_one_page(tmp_path: Path) -> None:
    quoted = b"<html><body><pre>\r\n\r\n" + WARC[1].content + b"</pre></body></html>"
    whole = [warc_record(n, "response", "application/http", answer(quoted)).content for n in (20, 21)]
    documents, rows = read_file(tmp_path / "a.warc", b"".join(whole))
    assert ([each["raw"] for each in documents], rows) == ([quoted] * 2, [])


@pytest.mark.parametrize("content_type", ["application/warc", "application/octet-stream", "text/plain"])
def test_an_archive_in_an_archive_is_one_record(tmp_path: Path, content_type: str) -> None:
    inner = b"".join(each.content for each in WARC)
    outer = warc_record(30, "response", "application/http", answer(inner, content_type=content_type))
    documents, rows = read_file(tmp_path / "a.warc", outer.content + WARC[1].content)
    assert len(documents) + len(rows) == 2
    assert documents[-1]["raw"] == WARC[1].raw


def test_what_was_stepped_over_and_what_was_mended_is_told(tmp_path: Path) -> None:
    shortened = re.sub(rb"Content-Length: \d", b"Content-Length: ", WARC[3].content)
    content = WARC[1].content + b"<p>An error page.\r\n" + shortened + WARC[5].content + bytes(1024)
    documents, rows = read_file(tmp_path / "a.warc", content)
    assert [each["raw"] for each in documents] == [WARC[1].raw, WARC[3].raw, WARC[5].raw]
    told = [(row["action"], row["reason"], row["before"], row["after"]) for row in rows]
    size = len(WARC[3].content.partition(b"\r\n\r\n")[2]) - 4
    assert told == [
        ("failed", "unreadable", "<p>An error page.\r\n", "19 bytes that belong to no record"),
        ("marked", "bad_field", f"{size}"[1:], f"the record ends after {size} bytes"),
        ("skipped", "not_a_page", None, "1,024 bytes that belong to no record: blanks"),
    ]


def test_a_record_cut_at_the_end_of_a_file_is_kept_as_far_as_it_goes(tmp_path: Path) -> None:
    content = WARC[3].content + WARC[1].content
    documents, rows = read_file(tmp_path / "a.warc", content[:-100])
    assert documents[1]["raw"] == page(1)[:-96]
    assert [(row["doc_id"], row["reason"]) for row in rows] == [(documents[1]["doc_id"], "cut_short")]
    assert "breaks off after" in rows[0]["after"]


#: Files that grow, of each of which a reader might look at some bytes again and again.
GROWING: dict[str, Callable[[int], bytes]] = {
    "heads without an end": lambda n: b"WARC/1.0\r\nWARC-Type: x\r\n" * n,
    "a head without an end": lambda n: b"WARC/1.0\r\nWARC-Type: " + b"x" * n * 80,
    "lengths of the largest page": lambda n: (HEAD % 20_000_000 + b"x" * 50 + b"\r\n\r\n") * n,
    "lengths of gigabytes": lambda n: (HEAD % 10**12 + b"x" * 50) * n,
    "lengths that are short": lambda n: (HEAD % 1 + b"x" * 50 + b"\r\n\r\n") * n,
    "lengths that hold all": lambda n: b"".join(HEAD % (100 * (n - k)) + b"x" * 20 for k in range(n)),
    "records in a record": lambda n: HEAD % (n * 62 + 60) + b"abc\r\n\r\n" + (HEAD % 3 + b"abc\r\n\r\n") * n,
    "garbage": lambda n: b"WARC/1.0 " * n * 10,
    "zeros and breaks": lambda n: b"\0\r\n" * n * 30,
    "chunks": lambda n: (
        HEAD % (n * 36 + 54) + b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\na\r\n" * n * 6
    ),
    "headers": lambda n: HEAD % (n * 80 + 15) + b"HTTP/1.1 200 OK" + b"\r\n\tx: y\r\n z" * n * 8,
}


@pytest.mark.parametrize("name", GROWING)
def test_time_grows_with_the_size(tmp_path: Path, name: str) -> None:
    """Eight times the size takes 8 times as long, not 64; 25 leaves room for a busy machine."""
    seconds = {}
    for n in (500, 4_000):
        begin = time.process_time()
        read_file(tmp_path / "a.warc", GROWING[name](n))
        seconds[n] = time.process_time() - begin
    assert seconds[4_000] < 25 * max(seconds[500], 0.01)
