"""Fuzzing: one part of the program gets any bytes at all, and must keep its laws on them.

    python -m tests.helpers.fuzz TARGET [--seconds 600] [--corpus FOLDER]

Guided by coverage (atheris). `tests/repository/test_fuzz.py` tries each target on a few hundred examples, and for ten
minutes each in `make test-long`. A target takes bytes, returns nothing, and raises if a law is broken.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path

from tests.helpers.fuzz_readers import READERS, SUFFIXES, read_fuzzed, seeds_of


def fuzz_sources(content: bytes) -> None:
    """A file of any suffix and any bytes is read as the fuzzing targets of the readers demand."""
    if content:
        read_fuzzed(SUFFIXES[content[0] % len(SUFFIXES)], content[1:])


def fuzz_archives(content: bytes) -> None:
    """Any bytes between two records of a web archive, or in one, cost neither of the two.

    Unless they are themselves the head of a record, whose length may take in what follows.
    """
    from pipeline import sources
    from tests.helpers.damage import answer, arc_record, page, warc_record

    place, content = content[:1], content[1:]
    is_arc = place >= b"\x80"
    good = [
        arc_record(n, page(n)) if is_arc else warc_record(n, "resource", "text/html", page(n)) for n in (1, 2)
    ]  # fmt: skip
    if place[:1] and place[0] % 2:
        block = answer(b"").rstrip() + b"\r\n" + content
        content = (arc_record(3, block) if is_arc else warc_record(3, "response", "application/http", block)).content
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("fuzzed.arc" if is_arc else "fuzzed.warc")
        path.write_bytes(good[0].content + content + good[1].content)
        documents = [
            d for b in sources.batches(sources.plan([str(path)]), sources.Settings()) for d in b.documents.to_pylist()
        ]
    read = [each["url"] for each in documents]
    assert read[:1] == [good[0].url]
    assert read[-1] == good[1].url or re.search(rb"warc|:", content, re.IGNORECASE)


def fuzz_decode(content: bytes) -> None:
    """Any bytes become a text that UTF-8 can encode, or a ledger row."""
    import pyarrow as pa

    from stages import decode
    from stages.contract import RAW_DOCUMENT

    charset = ["", "utf-8", "latin-1", "shift_jis", "utf-16", "\x00", "utf-7"][len(content) % 7] or None
    row = {
        "doc_id": "a", "source_uri": "a", "outlet": "o", "kind": "text" if len(content) % 2 else "html",
        "raw": content, "raw_sha256": "0", "charset": charset,
    }  # fmt: skip
    done = decode.run(pa.Table.from_pylist([row], schema=RAW_DOCUMENT), decode.Settings())
    assert len(done.documents) + len(done.ledger) > 0
    for text in done.documents["text"].to_pylist():
        text.encode()


def fuzz_segment(content: bytes) -> None:
    """Segmentation and repair can be undone to the letter, and a second segmentation has nothing to do."""
    from stages import repair, segment
    from stages.ledger import apply_edits, undo_edits

    text = content.decode("utf-8", "replace")
    repairs = repair.repair_edits(text, repair.Settings())
    mended = apply_edits(text, repairs)
    assert undo_edits(mended, [(e.start, e.end, text[e.start : e.end], e.after) for e in repairs]) == text
    edits = segment.segment_edits(mended, segment.Settings())
    paragraphs = apply_edits(mended, edits)
    assert undo_edits(paragraphs, [(e.start, e.end, mended[e.start : e.end], e.after) for e in edits]) == mended
    assert segment.segment(paragraphs, segment.Settings()) == paragraphs


def fuzz_noise(content: bytes) -> None:
    """The cuts of noise from any paragraphs can be undone."""
    import pyarrow as pa

    from pipeline import settings
    from pipeline.cleaning import clean_documents
    from pipeline.storage.replay import changes_by_document, text_before
    from stages import segment
    from stages.contract import DOCUMENT, Outcome

    text = segment.segment(content.decode("utf-8", "replace"), segment.Settings())
    if not text:
        return
    row = {
        "doc_id": "a",
        "source_uri": "a",
        "outlet": "o",
        "kind": "text",
        "raw_sha256": "0",
        "text": text,
        "language": "en",
    }
    table = pa.Table.from_pylist([row], schema=DOCUMENT)
    done: Outcome = clean_documents(table, settings.Settings(), None)
    kept = done.documents["text"].to_pylist()
    changes = changes_by_document(done.ledger).get("a", [])
    assert text_before(kept[0] if kept else "", changes, "noise") == text


def fuzz_rules(content: bytes) -> None:
    """Any rule pack of a user is refused in words, or its patterns compile and match in linear time."""
    from stages.noise.matcher import RuleMatcher
    from stages.noise.paragraph_shapes import line_of
    from stages.noise.rules import parse_pack

    text = content[1:].decode("utf-8", "replace")
    try:
        whole = bool(content) and content[0] % 2 == 0
        data = tomllib.loads(text) if whole else {"rule": [{"id": "a", "label": "junk", "pattern": text}]}
        pack = parse_pack(data, "fuzzed")
    except ValueError as error:
        assert str(error)
        return
    hostile = "a" * 2000 + text[:50] * 20 + "!"
    matcher, seen = RuleMatcher([pack]), {}
    matcher.read({hostile: line_of(hostile)}, seen)
    for rule in seen[hostile]:
        matcher.spans(rule, hostile)


def fuzz_settings(content: bytes) -> None:
    """Any settings file is settings, or is refused in words."""
    from pipeline import settings
    from pipeline.errors import UserError

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fuzzed.toml"
        path.write_bytes(content)
        try:
            loaded = settings.load(path)
        except UserError as error:
            assert str(error)
            return
    assert settings.parse(tomllib.loads(settings.as_toml(loaded))) == loaded


TARGETS: dict[str, Callable[[bytes], None]] = {
    "sources": fuzz_sources, "archives": fuzz_archives, "decode": fuzz_decode, "segment": fuzz_segment, "noise": fuzz_noise, "rules": fuzz_rules,
    "settings": fuzz_settings,
}  # fmt: skip
#: The first examples of each target, so that fuzzing need not find out the form of a file.
SEEDS: dict[str, tuple[bytes, ...]] = {
    "sources": (
        b'\x00{"id": "1", "text": "A ferry.", "published": "2031-01-01"}\n',
        b'\x01id,text,published\n1,"A ferry, late",2031-01-01\n',
        b"\x02WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 57\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>A ferry.</p>\r\n\r\n",
        b"\x04<html><body><p>A ferry.</p></body></html>", b"\x06\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff", b"\x08\x28\xb5\x2f\xfd",
        b"\x03PAR1\x15\x04\x15PAR1",
        b'\x0a<rss><channel><title>Post</title><item><title>Late</title><description><![CDATA[<p>A ferry.]]></description></item>',
        b"\x0a<mediawiki><page><title>Late</title><ns>0</ns><revision><text>{{date|May 5, 2031}} A [[ferry|boat]].</text></revision>",
        b'\x0a<?xml version="1.0"?><list><news><title>Late</title><body><p>A ferry &amp; more.</p></body></news></list>',
        b"\x0b<DOC><DOCNO>A1</DOCNO><TEXT>A ferry & more.<P>Late</TEXT></DOC>",
    ),
    "archives": (
        b"\x00garbage\r\n\r\n", b"\x00WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 9\r\n\r\n<p>A ferry.", b"\x00\x00\x00\x00", b"\x80http://a.example/ 192.0.2.7 20310101000000 text/html 10\n<p>A ferry.\n",
        b"\x01Transfer-Encoding: chunked\r\n\r\n5\r\n<p>A \r\n0\r\n\r\n", b"\x01Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\x03\x00", b"\x01Content-Encoding: br, deflate, zstd\r\n\r\n\x28\xb5\x2f\xfd",
        b"\x81Content-Range: bytes 0-1/9\r\nContent-Length: 99\r\n\r\n<p>A ferry.", b"\x00WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: 99999999999\r\n\r\nx\r\n\r\n",
        b"\x03PAR1\x15\x04\x15PAR1", b"\x0aPK\x03\x04", b"\x0bholm/a.txt", b"\x0eSQLite format 3\x00", b"\x0fARROW1\x00\x00",
        b"\x10ORC", b"\x11Obj\x01", b"\x12PK\x03\x04", b"\x13PK\x03\x04",
        b'\x0a{"feed": "Holm Post", "items": [{"title": "A ferry", "content": "It is late."}, {"title": "B"}]}',
        b"\x0a{'title': ['A ferry', 'B'], 'text': ['It is late.', 'It sails.']} // said\n{}",
        b'\x0bid\ttext\n1\t"A ""ferry"""\n2\t"It is\nlate.\n3\tIt sails.\n',
    ),
    "decode": (b"\xef\xbb\xbfcaf\xc3\xa9", b"caf\xe9 \x93ferry\x94", b"\xff\xfea\x00b\x00", b'<meta charset="utf-16">caf\xe9'),
    "segment": ("A ferry is late,\nvery late.\n\nIt is â€œherâ€\x9d.\r\n\u2028&amp; more".encode(), b"hyphen-\nated\n" * 9),
    "noise": (b"By Mara Quill\n\nPORT ANNING (AP) - A ferry is late.\n\nRead more: Ferries\n\nPhoto: A. Quay\n\nShare",),
    "rules": (
        b"\x01(?i)^photo(?:graph)?: \\p{Lu}.{0,80}$", b"\x01(a+)+$", b"\x01(?P<cut>x)|[[:alpha:]]", b"\x01\\b(\\w+) \\1",
        b"\x00[[rule]]\nid = 'a'\nlabel = 'ad'\npredicate = 'repeated'\nparameters = { min_words = 3 }\nafter = ['ad']\n",
        b"\x00roles = ['a']\n[agencies]\nAP = ['AP']\n[months]\nmay = 5\n[[span]]\nid = 'b'\nlabel = 'credit'\npattern = '{{agency}}'\n",
    ),
    "settings": (
        b"[run]\nbatch_documents = 10\n", b'[near_duplicates]\ndropped = "mark"\noutlet_rank = ["a"]\n', b"[sources.fields]\ntext = 'x'\n",
    ),
}  # fmt: skip


def main() -> None:
    """Fuzz one target until its time is up."""
    import atheris

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", choices=sorted(TARGETS | READERS), metavar="TARGET")
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--corpus", type=Path, help="where examples that reach new code are kept")
    arguments = parser.parse_args()
    with atheris.instrument_imports(include=["pipeline", "stages"]):
        target = (TARGETS | READERS)[arguments.target]
        reader = arguments.target.removeprefix("reader.")
        seeds = seeds_of(reader) if arguments.target in READERS else SEEDS[arguments.target]
        target(seeds[0])  # imports what it needs, instrumented
    folder = arguments.corpus or Path(tempfile.mkdtemp(prefix="fuzz-"))
    folder.mkdir(parents=True, exist_ok=True)
    for n, seed in enumerate(seeds):
        (folder / f"seed-{n}").write_bytes(seed)
    # An input that takes 30 s is a hang: inputs have at most 20 kB.
    limits = [f"-max_total_time={arguments.seconds}", "-timeout=30", "-rss_limit_mb=4000", "-max_len=20000"]
    atheris.Setup([sys.argv[0], *limits, f"-artifact_prefix={folder}/", str(folder)], target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
