"""Archives and compressed files: what is in them is read as if it lay in a folder, and what is broken is told."""

import bz2
import io
import lzma
import os
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
import zstandard

from pipeline import sources

STORY = "The ferry number {} is late again, the harbour office of Holm says, and nobody knows why. "
NAMES = [f"holm/{number}.txt" for number in range(5)]
TEXTS = [(STORY.format(number) * 3).encode() for number in range(5)]
LINES = b"".join(b'{"title": "Ferry %d", "text": "%s"}\n' % (n, text) for n, text in enumerate(TEXTS))


def read(*paths: Path, **settings: Any) -> tuple[list[dict[str, Any]], list[tuple[str, str]]]:
    """Read files; return their documents, and action and reason of every row but those on how they were read."""
    batches = list(sources.batches(sources.plan([str(path) for path in paths]), sources.Settings(**settings)))
    rows = [row for batch in batches for row in batch.ledger.to_pylist() if row["reason"] != "read_as"]
    return [row for batch in batches for row in batch.documents.to_pylist()], [(r["reason"], r["after"]) for r in rows]


def zipped(path: Path, method: int = zipfile.ZIP_DEFLATED, names: list[str] = NAMES) -> bytes:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, text in zip(names, TEXTS, strict=False):
            archive.writestr(name, text)
    return path.read_bytes()


def tarred(path: Path, mode: str = "w", form: int = tarfile.GNU_FORMAT) -> bytes:
    with tarfile.open(path, mode, format=form) as archive:  # type: ignore[call-overload]
        for name, text in zip(NAMES, TEXTS, strict=True):
            info = tarfile.TarInfo(name)
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text))
    return path.read_bytes()


def unpacked_into(folder: Path) -> list[str]:
    (folder / "holm").mkdir(parents=True)
    for name, text in zip(NAMES, TEXTS, strict=True):
        (folder / name).write_bytes(text)
    return [each["doc_id"] for each in read(folder)[0]]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_has_the_documents_of_its_unpacked_files(tmp_path: Path, method: int) -> None:
    zipped(tmp_path / "news.zip", method)
    found, rows = read(tmp_path / "news.zip")
    assert [each["doc_id"] for each in found] == unpacked_into(tmp_path / "folder")
    assert found[0]["outlet"] == "holm"
    assert not rows


@pytest.mark.parametrize("name", ["a.tar", "a.tar.gz", "a.tgz", "a.tar.bz2", "a.tar.xz", "no-suffix"])
@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT, tarfile.USTAR_FORMAT])
def test_a_tar_has_the_documents_of_its_unpacked_files(tmp_path: Path, name: str, form: int) -> None:
    mode = {".gz": "w:gz", ".tgz": "w:gz", ".bz2": "w:bz2", ".xz": "w:xz"}.get(Path(name).suffix, "w")
    tarred(tmp_path / name, mode, form)
    found, rows = read(tmp_path / name)
    assert [each["doc_id"] for each in found] == unpacked_into(tmp_path / "folder")
    assert not rows


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("n.jsonl.bz2", bz2.compress),
        ("n.jsonl.xz", lzma.compress),
        ("n.jsonl.zst", zstandard.compress),
        ("n", lzma.compress),
    ],
)
def test_a_compressed_file_is_read(tmp_path: Path, name: str, pack: Any) -> None:
    (tmp_path / name).write_bytes(pack(LINES) + pack(LINES))
    assert len(read(tmp_path / name)[0]) == 10


@pytest.mark.parametrize("pack", [bz2.compress, lzma.compress])
def test_a_compressed_file_that_was_cut_is_told(tmp_path: Path, pack: Any) -> None:
    (tmp_path / "n.jsonl.bz2").write_bytes(pack(LINES * 2000)[:-20])
    found, rows = read(tmp_path / "n.jsonl.bz2")
    assert [reason for reason, _ in rows][-1] == "unreadable"
    assert "too early" in str(rows[-1][1])
    assert found or pack is bz2.compress


def test_records_before_a_break_are_read_in_short_files_too(tmp_path: Path) -> None:
    packed = zstandard.compress(LINES) + zstandard.compress(os.urandom(9000))[:-4000]
    (tmp_path / "n.jsonl.zst").write_bytes(packed)
    found, rows = read(tmp_path / "n.jsonl.zst")
    assert len(found) == 5
    assert "unreadable" in [reason for reason, _ in rows]


def test_what_can_be_read_of_a_broken_zip_is_read(tmp_path: Path) -> None:
    whole = zipped(tmp_path / "whole.zip")
    second = whole.find(b"PK\x03\x04", 10)
    last = whole.rfind(b"PK\x01\x02")
    broken = {
        "in front": (b"#!/bin/sh\n" * 50 + whole, 5, 0),
        "no directory": (whole[: whole.find(b"PK\x01\x02")], 5, 1),
        "cut": (whole[: second + 60], 1, 2),
        "directory": (whole[:last] + b"????" + whole[last + 4 :], 5, 1),
        "member": (whole[: second + 50] + b"????" + whole[second + 54 :], 4, 1),
    }
    for what, (content, documents, problems) in broken.items():
        (tmp_path / "broken.zip").write_bytes(content)
        found, rows = read(tmp_path / "broken.zip")
        assert (len(found), len(rows)) == (documents, problems), (what, rows)


class OneWay(io.RawIOBase):
    """A file that cannot be rewound: `zipfile` writes the sizes of members behind them."""

    def __init__(self) -> None:
        self.written = b""

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        self.written += bytes(piece)
        return len(piece)


@pytest.mark.parametrize("with_directory", [True, False])
def test_members_whose_sizes_follow_them_are_read(tmp_path: Path, with_directory: bool) -> None:
    out = OneWay()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in zip(NAMES, TEXTS, strict=True):
            archive.writestr(name, text)
    (tmp_path / "a.zip").write_bytes(out.written if with_directory else out.written.partition(b"PK\x01\x02")[0])
    assert len(read(tmp_path / "a.zip")[0]) == 5


@pytest.mark.parametrize("size", [512, 1000, 7])
def test_what_lies_behind_the_break_of_a_tar_is_read(tmp_path: Path, size: int) -> None:
    whole = tarred(tmp_path / "whole.tar")
    (tmp_path / "a.tar").write_bytes(whole[:1024] + b"\x01" * size + whole[1024:])
    found, rows = read(tmp_path / "a.tar")
    assert len(found) == 5
    assert rows
    (tmp_path / "b.tar").write_bytes(whole + whole)
    assert len(read(tmp_path / "b.tar")[0]) == 10


def test_members_that_are_no_files_or_lead_out_of_the_archive_do_no_harm(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        for name in ("../../holm/a.txt", "/holm/b.txt", "holm/" + "x" * 300 + ".txt", "__MACOSX/._a.txt", ".DS_Store"):
            info = tarfile.TarInfo(name)
            info.size = len(TEXTS[0])
            archive.addfile(info, io.BytesIO(TEXTS[0]))
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE):
            info = tarfile.TarInfo(f"holm/{kind!r}")
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    found, rows = read(tmp_path / "a.tar")
    assert [each["outlet"] for each in found] == ["holm"] * 3
    assert [reason for reason, _ in rows] == ["unknown_kind"] * 4


def test_names_in_another_charset_name_the_outlet(tmp_path: Path) -> None:
    names = [f"газета-{number}/статья о пароме.txt".encode("cp866") for number in range(5)]
    stand_ins = [f"{'x' * (len(name) - 4)}{number:04}" for number, name in enumerate(names)]
    raw = zipped(tmp_path / "a.zip", names=stand_ins)
    for stand_in, name in zip(stand_ins, names, strict=True):
        raw = raw.replace(stand_in.encode(), name)
    (tmp_path / "a.zip").write_bytes(raw)
    assert read(tmp_path / "a.zip")[0][0]["outlet"] == "газета-0"


def test_an_archive_in_an_archive_is_read_and_no_deeper(tmp_path: Path) -> None:
    zipped(tmp_path / "one.zip")
    for inner, outer in (("one", "two"), ("two", "three")):
        with zipfile.ZipFile(tmp_path / f"{outer}.zip", "w") as archive:
            archive.write(tmp_path / f"{inner}.zip", f"{inner}.zip")
    assert len(read(tmp_path / "two.zip")[0]) == 5
    found, rows = read(tmp_path / "three.zip")
    assert not found
    assert rows == [("unknown_kind", "an archive in an archive in an archive; unpack it")]


def test_an_encrypted_member_is_told_and_an_empty_archive_too(tmp_path: Path) -> None:
    raw = bytearray(zipped(tmp_path / "a.zip", names=NAMES[:2]))
    raw[6] |= 1
    raw[raw.find(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "a.zip").write_bytes(raw)
    found, rows = read(tmp_path / "a.zip")
    assert len(found) == 1
    assert "password" in rows[0][1]
    zipped(tmp_path / "empty.zip", names=[])
    assert read(tmp_path / "empty.zip") == ([], [("empty", "the archive holds no files")])


def test_a_bomb_is_refused_as_a_member_and_as_an_archive(tmp_path: Path) -> None:
    limits = {"min_bomb_bytes": 1_000_000, "max_compression_ratio": 50.0}
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("holm/bomb.txt", bytes(30_000_000))
    assert next(reason for reason, _ in read(tmp_path / "a.zip", **limits)[1]) == "too_large"
    with zipfile.ZipFile(tmp_path / "b.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", b"The ferry is late. " * 40_000)
        entry = archive.infolist()[0]
        archive.filelist += [entry] * 300  # members that share their bytes
    assert read(tmp_path / "b.zip", **limits)[1][-1][0] == "too_large"


@pytest.mark.parametrize("name", ["a.7z", "a.rar", "a.pkl", "a.npy", "a.rds", "a.dta", "a.sav", "a.xlsb"])
def test_what_is_not_read_is_refused_by_name_with_the_way_out(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\x80\x04\x95")
    found, rows = read(tmp_path / name)
    assert not found
    assert rows[0][0] == "unreadable"
    assert any(word in rows[0][1] for word in ("unpack it", "Parquet", "save it"))
