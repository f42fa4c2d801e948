"""WARC files: records that are no pages, addresses, and compressed files."""

import random
from pathlib import Path

import pytest
import zstandard

from tests.helpers.damage import answer, page, url, warc_record, warc_records
from tests.helpers.sources import read_file

WARC = warc_records()
PAGES = [each.raw for each in WARC if each.raw]


def read_record(tmp_path: Path, old: bytes, new: bytes, kind: str = "response") -> tuple[list[dict], list[dict]]:
    """A page with a change of its head."""
    http, block = ("application/http", answer(page(1))) if kind == "response" else ("text/plain", page(1))
    return read_file(tmp_path / "a.warc", warc_record(1, kind, http, block).content.replace(old, new, 1))


@pytest.mark.parametrize(
    "address",
    [
        "metadata://gnu.org/software/wget/warc/MANIFEST.txt", "metadata://gnu.org/software/wget/warc/wget_arguments.txt",
        "metadata://gnu.org/software/wget/warc/wget.log", "urn:X-wpull:log", "urn:X-crocoite:script",
    ],
)  # fmt: skip
def test_what_a_crawler_stores_about_itself_is_no_page(tmp_path: Path, address: str) -> None:
    log = warc_record(1, "resource", "text/plain", b"2031-01-01 fetched the ferry.\n").content
    documents, rows = read_file(tmp_path / "a.warc", log.replace(url(1).encode(), address.encode()))
    assert (documents, [row["after"] for row in rows]) == ([], [f"about the crawl itself: {address}"])


def test_a_text_from_the_web_is_a_document(tmp_path: Path) -> None:
    documents, _ = read_file(
        tmp_path / "a.warc", warc_record(1, "resource", "text/plain", b"The ferry is late.").content
    )
    assert [each["kind"] for each in documents] == ["text"]


@pytest.mark.parametrize(
    ("stored", "address"),
    [
        (b"https://a.example/canci\xf3n", "https://a.example/canci%F3n"),
        (b"https://a.example/canci\xf1n", "https://a.example/canci%F1n"),
        ("https://a.example/canción".encode(), "https://a.example/canción"),
        ("https://пример.example/новость".encode(), "https://пример.example/новость"),
        ("https://пример.example/".encode("cp1251"), "https://%EF%F0%E8%EC%E5%F0.example/"),
        (b"https://a.example/\x08\x1b[31m", "https://a.example/%08%1B[31m"),
        ("https://a.example/\x85\x9b".encode(), "https://a.example/%C2%85%C2%9B"),
        (b"<https://a.example/a>", "https://a.example/a"),
        (b"  https://a.example/a  ", "https://a.example/a"),
        (b"https://a.example/a\x00b", "https://a.example/a%00b"),
        (b"https://a.example/a b", "https://a.example/a b"),
        (b"", None),
    ],
)
def test_addresses_stay_apart_and_steer_no_terminal(tmp_path: Path, stored: bytes, address: str | None) -> None:
    (document,), _ = read_record(tmp_path, url(1).encode(), stored)
    assert (document["url"], document["raw"]) == (address, page(1))


# ---------------------------------------------------------------- zstd


def trained() -> zstandard.ZstdCompressionDict:
    maker = random.Random(1)
    samples = [page(maker.randrange(9999)) + maker.randbytes(50) for _ in range(300)]
    return zstandard.train_dictionary(4_000, samples)


def skippable(number: int, content: bytes) -> bytes:
    return bytes([0x50 + number]) + b"\x2a\x4d\x18" + len(content).to_bytes(4, "little") + content


def with_dictionary(dictionary: zstandard.ZstdCompressionDict) -> bytes:
    pack = zstandard.ZstdCompressor(dict_data=dictionary)
    return b"".join(pack.compress(each.content) for each in WARC)


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("before", [b"", skippable(0, b"a remark"), skippable(3, b"")])
def test_a_dictionary_at_the_beginning_of_the_file_is_used(tmp_path: Path, packed: bool, before: bytes) -> None:
    dictionary = trained()
    stored = dictionary.as_bytes()
    first = skippable(13, zstandard.compress(stored) if packed else stored)
    content = before + first + with_dictionary(dictionary)
    documents, rows = read_file(tmp_path / "a.warc.zst", content)
    assert ([each["raw"] for each in documents], len(rows)) == (PAGES, len(WARC) - len(PAGES))
    offset = int(documents[1]["source_uri"].rpartition("@")[2])
    frame = zstandard.ZstdDecompressor(dict_data=dictionary).decompressobj()
    assert frame.decompress(content[offset:]).startswith(b"WARC/1.0\r\n")


def test_a_dictionary_that_is_not_there_is_named(tmp_path: Path) -> None:
    dictionary = trained()
    documents, rows = read_file(tmp_path / "a.warc.zst", with_dictionary(dictionary))
    assert documents == []
    assert f"the zstd dictionary {dictionary.dict_id()}" in rows[0]["after"]
    assert "zstd -d -D" in rows[0]["after"]


@pytest.mark.parametrize("broken", [b"\0" * 30, b"garbage", b""])
def test_a_broken_dictionary_is_told(tmp_path: Path, broken: bytes) -> None:
    first = skippable(13, zstandard.compress(b"x") + broken)
    documents, rows = read_file(tmp_path / "a.warc.zst", first + with_dictionary(trained()))
    assert (documents, rows[0]["action"]) == ([], "failed")


@pytest.mark.parametrize("spoilt", ["content", "magic", "cut"])
def test_a_broken_frame_costs_its_own_page_alone(tmp_path: Path, spoilt: str) -> None:
    parts = [zstandard.ZstdCompressor(write_checksum=True).compress(each.content) for each in WARC]
    middle = len(parts[3]) // 2
    parts[3] = {
        "content": parts[3][:middle] + b"\xff" * 20 + parts[3][middle + 20 :], "magic": b"lost" + parts[3][4:], "cut": parts[3][:middle],
    }[spoilt]  # fmt: skip
    documents, rows = read_file(tmp_path / "a.warc.zst", b"".join(parts))
    assert [each["raw"] for each in documents] == [each.raw for each in WARC if each.raw and each.number != 3]
    assert sum("read on from byte" in (row["after"] or "") for row in rows) == 1


@pytest.mark.parametrize("name", ["a.warc.gz", "a.warc.zst"])
def test_a_compressed_file_cut_in_a_page_keeps_what_there_is(tmp_path: Path, name: str) -> None:
    import zlib

    def packed(body: bytes) -> bytes:
        if name.endswith("gz"):
            return zlib.compress(body, 0, wbits=31)
        maker = zstandard.ZstdCompressor(level=1).compressobj()
        return (
            b"".join(
                maker.compress(body[n : n + 500]) + maker.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
                for n in range(0, len(body), 500)
            )
            + maker.flush()
        )

    long = page(1) + b"".join(page(n).partition(b"<body>")[2] for n in range(40))
    content = packed(WARC[3].content) + packed(warc_record(2, "response", "application/http", answer(long)).content)
    documents, rows = read_file(tmp_path / name, content[: -len(content) // 4])
    assert documents[0]["raw"] == WARC[3].raw
    assert long.startswith(documents[1]["raw"])
    assert len(documents[1]["raw"]) > 1_000
    assert [(row["action"], row["reason"]) for row in rows] == [("marked", "cut_short"), ("failed", "unreadable")]
