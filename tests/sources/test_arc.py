"""ARC files, whole and damaged."""

import gzip
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from pipeline.sources.kinds import kind_of_content
from tests.helpers.damage import ARC_HEAD, GARBAGE, Damage, answer, arc_record, arc_records, page, spoil, wrongs
from tests.helpers.sources import read_file

ARC = arc_records()
WHOLE = b"".join(each.content for each in ARC)
PAGES = [each.raw for each in ARC if each.raw]


@pytest.mark.parametrize("name", ["a.arc", "A.ARC", "a.arc.gz", "a.arc.zst", "no-suffix", "no-suffix-gz"])
def test_an_arc_file_is_read(tmp_path: Path, name: str) -> None:
    content = b"".join(gzip.compress(each.content) for each in ARC) if name.endswith("gz") else WHOLE
    documents, rows = read_file(tmp_path / name, content)
    assert [each["raw"] for each in documents] == PAGES
    assert [row["after"] for row in rows] == ["record of filedesc", "content type image/png", "HTTP status 404"]
    assert (documents[0]["url"], documents[0]["crawled"]) == (
        "https://ferry.example/1",
        datetime(2031, 1, 1, tzinfo=UTC),
    )
    offset = int(documents[1]["source_uri"].rpartition("@")[2])
    stored = content[offset:]
    assert (gzip.decompress(stored) if name.endswith("gz") else stored).startswith(b"https://ferry.example/3 ")


def test_one_gzip_member_for_all_is_read(tmp_path: Path) -> None:
    documents, _ = read_file(tmp_path / "a.arc.gz", gzip.compress(WHOLE))
    assert [each["raw"] for each in documents] == PAGES


def test_the_kind_is_told_by_the_first_line() -> None:
    assert kind_of_content(WHOLE) == "arc"


def described(body: bytes) -> bytes:
    return b"filedesc://a.arc 0.0.0.0 20310101000000 text/plain %d\n" % len(body) + body + b"\n"


META = b'1 1 InternetArchive\nURL IP-address Archive-date Content-type Archive-length\n<?xml version="1.0"?>\n<arcmetadata>\n\n</arcmetadata>\n'
SECOND = b"2 0 Ferry\nURL IP-address Archive-date Content-type Result-code Checksum Location Offset Filename Archive-length\n"


@pytest.mark.parametrize("first", [described(ARC_HEAD), described(META), described(META.replace(b"\n", b"\r\n")), b""])
def test_versions_1_0_and_1_1_are_read(tmp_path: Path, first: bytes) -> None:
    documents, rows = read_file(tmp_path / "a.arc", first + ARC[1].content + ARC[3].content)
    assert ([each["raw"] for each in documents], len(rows)) == (PAGES[:2], bool(first))


def line(fields: str, body: bytes) -> bytes:
    return f"{fields} {len(body)}\n".encode("latin-1") + body + b"\n"


@pytest.mark.parametrize(
    "fields",
    [
        "http://a.example/x 192.0.2.7 20310101000000 text/html",
        "http://a.example/x 2001:db8::7 20310101000000 text/html",
        "http://a.example/x - 20310101000000 text/html",
        "http://a.example/x 0.0.0.0 20310101 text/html",
        "http://a.example/x 192.0.2.7 20310101000000123 text/html",
        "http://a.example/x 192.0.2.7 20310101000000 no-type",
        "http://a.example/x 192.0.2.7 20310101000000 text/html; charset=utf-8",
        "http://a.example/x 192.0.2.7 20310101000000 text/html 200 0123abcd - 1234 a.arc",
        "http://a.example/a b c 192.0.2.7 20310101000000 text/html",
        "http://a.example/canci\xf3n 192.0.2.7 20310101000000 text/html",
        "https://a.example/x 192.0.2.7 20319999999999 text/html",
    ],
)
@pytest.mark.parametrize("head", [True, False])
def test_lines_of_every_form_are_read(tmp_path: Path, fields: str, head: bool) -> None:
    body = page(5)
    block = answer(body) if head else body
    content = described(SECOND if "0123abcd" in fields else ARC_HEAD) + line(fields, block) * 2
    documents, _ = read_file(tmp_path / "a.arc", content)
    assert [each["raw"] for each in documents] == [body] * 2
    assert documents[0]["url"] == re.split(r" [0-9-]", fields)[0].replace("\xf3", "%F3")


def test_names_of_hosts_are_no_pages(tmp_path: Path) -> None:
    content = WHOLE + line("dns:a.example 192.0.2.7 20310101000000 text/dns", b"a.example. 60 IN A 192.0.2.7\n")
    _, rows = read_file(tmp_path / "a.arc", content)
    assert rows[-1]["after"] == "record of dns"


# ---------------------------------------------------------------- damage


def length(value: Callable[[int], object]) -> Callable[[bytes, Random], bytes]:
    def change(record: bytes, _: Random) -> bytes:
        return re.sub(rb"\d+\n", lambda found: f"{value(int(found[0]))}\n".encode(), record, count=1)

    return change


LENGTHS: dict[str, Callable[[int], object]] = {
    "zero": lambda n: 0, "one": lambda n: 1, "half": lambda n: n // 2, "one less": lambda n: n - 1, "ten less": lambda n: n - 10, "one more": lambda n: n + 1,
    "ten more": lambda n: n + 10, "double": lambda n: 2 * n, "ten times": lambda n: 10 * n, "a gigabyte": lambda n: 10**9, "2^64": lambda n: 2**64, "negative": lambda n: -5,
    "a word": lambda n: "abc", "a dash": lambda n: "-", "a fraction": lambda n: f"{n}.5", "a unit": lambda n: f"{n}B",
}  # fmt: skip
KINDS = [
    *(Damage(f"length {name}", length(value), whole=True) for name, value in LENGTHS.items()),
    *(Damage(f"{name} behind", lambda r, random, a=a: r + (a if isinstance(a, bytes) else a(random)), whole=True) for name, a in GARBAGE.items()),
    Damage("no line break", lambda r, _: r.rstrip(b"\n"), whole=True),
    Damage("three line breaks", lambda r, _: r + b"\n\n", whole=True),
    Damage("returns", lambda r, _: r.replace(b"\n", b"\r\n", 1), whole=True),
    Damage("cut", lambda r, random: r[: random.randrange(1, len(r))]),
    Damage("first half lost", lambda r, _: r[len(r) // 2 :]),
    Damage("zeros over the line", lambda r, _: bytes(40) + r[40:]),
    Damage("zeros at the end", lambda r, _: r[: len(r) // 2] + bytes(len(r) - len(r) // 2)),
    Damage("no date", lambda r, _: r.replace(b" 20310101000000", b"", 1)),
    Damage("a broken address of the host", lambda r, _: r.replace(b"192.0.2.7", b"192.0.2", 1)),
]  # fmt: skip


@pytest.mark.parametrize("container", ["", "gz"])
def test_a_damage_costs_at_most_the_record_that_it_hits(tmp_path: Path, container: str) -> None:
    wrong = {}
    for damage in KINDS:
        for hit in range(1, len(ARC)):
            path = tmp_path / ("a.arc.gz" if container else "a.arc")
            if found := wrongs(path, spoil(ARC, damage, hit, 0), damage, container):
                wrong[damage.name, hit] = found
    assert wrong == {}


def test_a_record_for_which_there_is_no_type_is_read_by_its_first_bytes(tmp_path: Path) -> None:
    documents, _ = read_file(tmp_path / "a.arc", arc_record(1, page(1), "unknown").content)
    assert [each["raw"] for each in documents] == [page(1)]
