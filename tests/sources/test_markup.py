"""Markup: nothing is lost in broken files, sound XML is read as lxml reads it, and hostile files cost linear time."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from pipeline import sources
from pipeline.sources.markup.split import Piece, Splitter, Unit
from pipeline.sources.markup.tree import MAX_DEPTH, Names, parse

TEXT = "The ferry between Port Anning and Holm was late, and number {0} of the passengers waited on the quay."
ITEM = (
    f"<item><title>Late {{0}}</title><guid>g{{0}}</guid><description><![CDATA[<p>{TEXT}</p>]]></description></item>\n"
)
FEED = "<rss><channel><title>Holm Post</title>\n{}</channel></rss>"


def read(path: Path, content: bytes, **settings: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Read a file of this content."""
    path.write_bytes(content)
    batches = list(sources.batches(sources.plan([str(path)]), sources.Settings(**settings)))
    return (
        [row for batch in batches for row in batch.documents.to_pylist()],
        [row for batch in batches for row in batch.ledger.to_pylist()],
    )


# ---------------------------------------------------------------- sound XML

_NAMES = st.sampled_from(["a", "b", "item", "long-name", "x.y"])
_TEXTS = st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\r"), max_size=20)


def escaped(text: str) -> str:
    """Escape text for XML."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def _element(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(
        lambda name, value, inner: f'<{name} k="{escaped(value)}">{"".join(inner)}</{name}>',
        _NAMES, _TEXTS, st.lists(children, max_size=4),
    )  # fmt: skip


_LEAVES = st.one_of(_TEXTS.map(escaped), st.just("<!-- <a> -->"), st.just("<![CDATA[<b>&amp;]]>"), st.just("<c/>"))
_XML = _element(st.recursive(_LEAVES, _element, max_leaves=12))


def shape(element: Any) -> Any:
    """Write a tree as nested tuples."""
    return (element.tag, dict(element.attrib), element.text or "", [(shape(c), c.tail or "") for c in element])


@given(_XML)
def test_sound_xml_is_read_as_lxml_reads_it(markup: str) -> None:
    parser = etree.XMLParser(remove_comments=True, strip_cdata=True, resolve_entities=False)
    ours = parse(markup, Names({}))
    assert not ours.trouble
    assert shape(ours.root[0]) == shape(etree.fromstring(markup.encode(), parser))


# ---------------------------------------------------------------- cutting


_PARTS = ["<item>", "</item>", "<item/>", "<!--", "-->", "<![CDATA[", "]]>", "x", "<items>", '<item a=">"']


@given(st.lists(st.sampled_from(_PARTS), max_size=30), st.integers(1, 9))
def test_pieces_together_are_the_file_however_it_is_read(parts: list[str], size: int) -> None:
    content = "".join(parts).encode()
    chunks = [content[at : at + size] for at in range(0, len(content), size)]
    in_parts = list(Splitter(iter(chunks), Unit((b"item",)), 10_000))
    assert b"".join(piece.content for piece in in_parts) == content
    assert in_parts == list(Splitter(iter([content]), Unit((b"item",)), 10_000))


def test_an_article_over_the_limit_is_told_and_the_next_one_read() -> None:
    def chunks() -> Iterator[bytes]:
        yield b"<item>a</item><item>"
        yield from [b"x" * 1000] * 50
        yield b"</item><item>b</item>"

    pieces = list(Splitter(chunks(), Unit((b"item",)), 2000))
    assert pieces == [
        Piece(b"<item>a</item>", True, 14), Piece(b"", True, 50_013, "too large"), Piece(b"<item>b</item>", True, 14)
    ]  # fmt: skip


# ---------------------------------------------------------------- damage

DAMAGES = {
    "end tag gone": lambda text: text.replace("</item>", "", 1),
    "start tag gone": lambda text: text.replace("<item>", "", 2),
    "misspelt start": lambda text: text.replace("<item>", "<itm>", 1),
    "misspelt end": lambda text: text.replace("</item>", "</itm>", 1),
    "CDATA not closed": lambda text: text.replace("]]>", "", 1),
    "CDATA not opened": lambda text: text.replace("<![CDATA[", "", 1),
    "comment not closed": lambda text: text.replace("<title>", "<!-- <title>", 1),
    "title not closed": lambda text: text.replace("</title>", "", 1),
    "quote not closed": lambda text: text.replace("<title>", '<title lang="en>', 1),
    "bare marks": lambda text: text.replace("Late", "3 < 4 & 5 > 4 <- </ &# &x;", 1),
    "doubled start": lambda text: text.replace("<item>", "<item><item>", 1),
    "doubled end": lambda text: text.replace("</item>", "</item></item>", 1),
    "zeros": lambda text: text.replace("<guid>", "\0\0\0<guid>", 1),
    "cut": lambda text: text[: len(text) * 2 // 3],
    "no beginning": lambda text: text[text.index("<item>") :],
    "two files": lambda text: text + text.replace("number", "figure"),
    "broken bytes": lambda text: text.replace("ferry", "f\udce9rry", 1),
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("at", [0, 3, 7])
def test_no_article_is_lost_in_a_broken_feed(tmp_path: Path, damage: str, at: int) -> None:
    items = [ITEM.format(number) for number in range(10)]
    whole = FEED.format("".join(items))
    place = whole.index(items[at])
    content = (whole[:place] + DAMAGES[damage](whole[place:])).encode("utf-8", "surrogateescape")
    documents, ledger = read(tmp_path / "feed.xml", content)
    found = " ".join(row["raw"].decode("utf-8", "replace") for row in documents)
    rows = " ".join(str(row["before"]) for row in ledger)
    for number in set(re.findall(r"number (\d+) of the pass", content.decode("utf-8", "replace"))):
        assert f"number {number} " in found or "number" in rows, number


# ---------------------------------------------------------------- hostile files

BOMB = "<!DOCTYPE rss [<!ENTITY a 'ha'>{}<!ENTITY x SYSTEM 'file:///etc/passwd'>]>".format(
    "".join(f"<!ENTITY a{n} '{f'&a{n - 1 or str()};' * 10}'>" for n in range(1, 10))
)


def test_entities_that_a_file_declares_are_neither_expanded_nor_fetched(tmp_path: Path) -> None:
    feed = FEED.format(f"<item><description>{TEXT} &a9; &x;</description></item>")
    (document,), _ = read(tmp_path / "feed.xml", f"<?xml version='1.0'?>{BOMB}{feed}".encode())
    assert document["raw"].decode().endswith("quay. &a9; &x;")


def test_a_title_of_a_wiki_that_is_no_utf_8_has_its_bytes_in_the_address(tmp_path: Path) -> None:
    page = f"<page><title>Ferry \\xe9</title><ns>0</ns><id>7</id><revision><text>{TEXT}</text></revision></page>"
    head = "<mediawiki><siteinfo><sitename>Holm</sitename><base>https://holm.example/wiki/Main</base></siteinfo>"
    content = f"{head}{page}</mediawiki>".encode().replace(b"\\xe9", b"\xe9\x80\xff")
    documents, _ = read(tmp_path / "news.xml", content)
    assert [each["url"] for each in documents] == ["https://holm.example/wiki/Ferry_%E9%80%FF"]


def test_elements_nested_without_end_are_read_as_text() -> None:
    parsed = parse("<b>" * 5000 + "late" + "</b>" * 5000, Names({}))
    assert "".join(parsed.root.itertext()) == "late"
    assert sum(1 for _ in parsed.root.iter("b")) == MAX_DEPTH


HOSTILE = {
    "comments": lambda n: FEED.format(f"<item><description>{'<!-- ' * n}"),
    "comments before": lambda n: FEED.format(f"{'<!-- ' * n}<item><description>x"),
    "CDATA": lambda n: FEED.format(f"<item><description>{'<![CDATA[' * n}"),
    "marks": lambda n: FEED.format(f"<item><description>{'<' * n}"),
    "attributes": lambda n: FEED.format(f"<item><description {'a' * n}=1{'b ' * n}>x"),
    "tags": lambda n: FEED.format(f"<item><description>{'<a><b></a>' * n}"),
    "mail": lambda n: FEED.format(f"<item><author>{'a@' * n}</author><description>x"),
    "title": lambda n: FEED.format(f"<item><title>{'&lt;a ' * n}{'=' * n}</title><description>x"),
    "unknown": lambda n: f"<?xml version='1.0'?><a>{'<b><c>' * n}",
    "templates": lambda n: f"<mediawiki><page><title>a</title><revision><text>{'{{' * n}",
    "links": lambda n: f"<mediawiki><page><title>a</title><revision><text>{'[[a|' * n}{'[http://a' * n}",
    "texts": lambda n: f"<doc id='1'>{'<text>' * n}",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_time_grows_no_faster_than_a_hostile_file(tmp_path: Path, kind: str) -> None:
    def spent(size: int) -> float:
        begun = time.process_time()
        read(tmp_path / "hostile.xml", HOSTILE[kind](size).encode())
        return time.process_time() - begun

    # 4 times as long if linear, 16 if quadratic; the better of two, since a busy machine makes any one slower
    assert min(spent(40_000), spent(40_000)) < 0.2 + 8 * spent(10_000)
