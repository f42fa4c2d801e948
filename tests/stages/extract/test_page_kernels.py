"""The compiled loops over a page: what they read is what its tree holds, and pages that strain them."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml.html import HtmlElement

from stages.extract import block_features
from stages.extract import blocks as blocks_module
from stages.extract.block_features import NAMES, Described, Hints, agreements, describe
from stages.extract.blocks import EVIDENCE, Blocks, blocks_in, read_blocks
from stages.extract.indexed_tree import IndexedTree
from stages.extract.outline import outline_in, outline_of
from stages.extract.page import parse, printable
from stages.shared.characters import letters, letters_of_all, without_whitespace
from tests.helpers.sanitizers import python_with_sanitizers

XHTML = '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">'


PIECES_OF_PAGES = (
    *("<", "</", "html", ">", " ", "\n", "HtMl", "</html>", "</HTML >", "\x01", "é", "a", "\t", "\x0c", "😀", "."),
    *("<video", "<audio", "youtube", ".com/embed", "youtube.com/embed", "player", ".vimeo", "player.vimeo"),
)
KERNELS = Path(blocks_module.__file__).with_name("kernels")


def enumerated(file: str, name: str) -> list[str]:
    """Return the names of an enumeration of a C file, in their order."""
    found = re.search(rf"enum {name} \{{(.*?)\}}", (KERNELS / file).read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return [word.strip() for word in found[1].split(",")]


def test_c_and_python_number_the_same_things_alike() -> None:
    kinds = ("", "BOX", "LINK", "BOLD_TEXT", "LINE_BREAK", "CELL", "UNREAD", "BARE_BOX")
    assert [vars(blocks_module)[f"_{name}"] for name in kinds[1:]] == list(range(1, len(kinds)))
    assert [name.replace("BOLD_TEXT", "BOLD") for name in kinds[1:]] == enumerated("page_blocks.c", "kind")[1:]
    telling = enumerated("page_blocks.c", "telling")
    assert [vars(blocks_module)[f"_{name}"] for name in telling[1:]] == list(range(1, len(telling)))
    classes = (
        "UPPER",
        "LOWER",
        "DIGIT",
        "OTHER_LETTER",
        "SPACE",
        "END",
        "COMMA",
        "QUOTE",
        "DASH",
        "MARK",
        "WIDE",
        "COLON",
    )
    assert [vars(block_features)[f"_{name}"] for name in classes] == list(range(1, len(classes) + 1))
    ours = {"LETTER": "OTHER_LETTER", "STOP": "END"}
    assert [ours.get(name, name) for name in enumerated("block_features.c", "class")[1:-1]] == list(classes)


def test_the_kernel_writes_the_columns_that_python_names() -> None:
    rows = describe(read_blocks(tree_of("<body><p>Rain.")), Hints()).rows[0].tolist()
    row = dict(zip(NAMES, rows, strict=True))
    assert (row["tag_p"], row["copies"], row["has_headline"], row["in_body"]) == (1.0, 1.0, 0.0, -1.0)
    assert row["page_blocks"] == pytest.approx(np.log1p(1), rel=1e-6)
    assert row["page_prose_share"] == 0.0


def tree_of(html: str) -> HtmlElement:
    tree: HtmlElement = parse(html, 2_000_000, 250).tree
    return tree


def evidence_of(attributes: str) -> set[str]:
    """Return the kinds of evidence that a box with some attributes gives."""
    box = read_blocks(tree_of(f"<body><div {attributes}>Rain</div>")).boxes[-1]
    return {name for at, name in enumerate(EVIDENCE) if box.evidence >> at & 1}


@pytest.mark.parametrize(
    ("attributes", "evidence"),
    [
        ('class="c-articleBody__relatedLinks"', {"story", "related"}),
        ('class="pageroot commentary"', set()),
        ('id="NAVBar"', {"nav"}),
        ('class="AD"', {"ad"}),
        ('class="adUnit ADUnit"', {"ad"}),
        ('itemprop="articleBody"', {"story", "articleBody"}),
        ('data-testid="bylineName"', {"byline"}),
        ('style="color:red; Display :\n none"', {"unseen"}),
        ('style="visibility:hidden"', {"unseen"}),
        ('style="display:block"', set()),
        ('hidden=""', {"unseen"}),
        ('aria-hidden="true"', {"unseen"}),
        ('aria-hidden="false"', set()),
        ('href="/related"', set()),
        ('class="&amp;gt; &lt;nav&gt;"', {"nav"}),
        ('name="nav"', set()),
    ],
)
def test_names_styles_and_truths_give_evidence(attributes: str, evidence: set[str]) -> None:
    assert evidence_of(attributes) == evidence


def test_what_libxml2_adds_to_pages_of_xhtml_is_no_evidence() -> None:
    for element in read_blocks(tree_of(f'{XHTML}<html lang="en"><body><div><a name="nav">Rain</a></div>')).blocks:
        assert element.evidence == 1 << EVIDENCE.index("<a")


@pytest.mark.parametrize(
    ("html", "texts"),
    [
        ("<p>Rain &amp; hail &lt; 3 &#160;mm &eacute; &#128512;</p>", ["Rain & hail < 3 mm é 😀"]),
        ("<p>a<br>b<br><br><br>c<br></p>", ["a\nb", "c"]),
        ('<p a"b="c" =d="e" f>Rain</p>', ["Rain"]),
        ("<p>One</p tail><p>two</p></div>three", ["One", "two", "three"]),
        ("<table><tr><td>" + "long " * 60 + "<td>short</table>", [("long " * 60).strip(), "short"]),
        ("<pre>a\n\n b</pre>c\nd", ["a\nb", "c d"]),
        ("<xmp><b>no tag</b></xmp>", ["<b>no tag</b>"]),
        ("<b>bold</b> and <a href=x>link &gt; link</a>", ["bold and link > link"]),
        ("", []),
    ],
)
def test_blocks_hold_what_the_page_says(html: str, texts: list[str]) -> None:
    found = read_blocks(tree_of(f"<body>{html} <i></i></body>")).blocks
    assert [block.text for block in found] == texts


def test_characters_in_links_and_in_bold_are_counted_as_they_stand_on_the_page() -> None:
    block = read_blocks(tree_of("<body><p><b>wet &amp;</b> <a href=x>é 😀</a> <a href=y> </a>dry</p>")).blocks[0]
    assert (block.bold, block.linked, block.links) == (5, 3, 2)


_TAGS = "<p>|</p>|<br/>|<div class='x y'>|</div>|<a id=a&amp;b>|</a>|<td>|<ul>|<li>|<svg>|</svg>|<b q\"='1'>"
_OTHERS = "&lt;|&#10;|<script>1<2</script>|<![CDATA[x]]>|<!--|-->"
_PIECES = st.sampled_from([*"ab é\n\u00a0\u2028<>&;\"'=/", *_TAGS.split("|"), *_OTHERS.split("|")])
_PAGES = st.lists(_PIECES, max_size=60).map("".join)


@settings(max_examples=150, deadline=None)
@given(_PAGES)
def test_the_outline_is_that_of_the_tree(html: str) -> None:
    tree = tree_of(f"<body>x{html}")
    page, elements = outline_of(tree), list(tree.iter())
    assert [page.names[tag] for tag in page.tag] == [element.tag for element in elements]
    assert [page.name(name) for name in page.classes] == [element.get("class") for element in elements]
    assert [page.name(name) for name in page.ids] == [element.get("id") for element in elements]
    parents = [-1 if element.getparent() is None else elements.index(element.getparent()) for element in elements]
    assert page.parent == parents
    assert page.end == [at + sum(1 for _ in element.iter()) for at, element in enumerate(elements)]
    texts = [without_whitespace(element.text_content()) for element in elements]
    assert [page.text(at) for at in range(len(elements))] == texts


def test_an_element_has_one_class_however_its_attributes_are_called() -> None:
    page = outline_of(tree_of('<body><p ="1"class=a ="2"class=b ="3"class=c ="4"class=d ="5"class=e>Rain'))
    assert page.names == ["html", "body", "p", "a"]


@settings(max_examples=100, deadline=None)
@given(_PAGES)
def test_every_block_is_described_by_finite_numbers(html: str) -> None:
    blocks = read_blocks(tree_of(f"<body>x{html}"))
    rows = describe(blocks, Hints("x")).rows
    assert rows.shape == (len(blocks.blocks), len(NAMES))
    assert np.isfinite(rows).all()


_STORIES = st.recursive(
    st.sampled_from(
        ["Rain, wind, and more rain fell on the harbour.", "<a href=x>Follow the harbour on every network</a>", "No."]
    ),
    lambda inner: st.builds(
        lambda begin, parts: f"<{begin}>{''.join(parts)}</{begin.split()[0]}>",
        st.sampled_from(
            ["div", "div class=story", "div class=related", "p", "ul", "li", "section", "h2", "div class=story"]
        ),
        st.lists(inner, min_size=1, max_size=4),
    ),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None)
@given(_STORIES, _STORIES)
def test_the_elected_box_is_that_of_its_definition(first: str, second: str) -> None:
    described = describe(read_blocks(tree_of(f"<body><main>{first}{second}</main>x")), Hints())
    for name, column in elected_by_definition(described).items():
        assert described.column(name).tolist() == pytest.approx(column, abs=1e-5), name


def elected_by_definition(described: Described) -> dict[str, list[float]]:
    """Elect the box of the story as Readability does, and say where each block stands to it."""
    blocks, points = described.blocks, points_by_definition(described)
    places = [block.box for block in blocks.blocks]
    elected = points.index(max(points))
    best, parents = max(points[elected], 1), [box.parent for box in blocks.boxes]
    share = [min(max(each / best, -1), 1) for each in points]
    first, end = blocks.boxes[elected].first, blocks.ends[elected]
    goes: list[bool] = []
    for box, outer in enumerate(parents):
        beside = outer == parents[elected]
        goes.append(goes_by_definition(described, points, box, elected) if beside else outer >= 0 and goes[outer])
    kept = [at for at, box in enumerate(places) if goes[box]]
    begin, last = (kept[0], kept[-1]) if kept else (0, len(places))
    around = [max(share[each] for each in outwards(parents, box)) for box in range(len(parents))]
    return {
        "elected_inside": [float(first <= at < end) for at in range(len(places))],
        "elected_after": [float(min(at - first, 30)) for at in range(len(places))],
        "elected_before": [float(min(end - at, 30)) for at in range(len(places))],
        "elected_depth": [float(blocks.boxes[box].depth - blocks.boxes[elected].depth) for box in places],
        **{f"points{n}": [share[[*outwards(parents, box), 0, 0][n]] for box in places] for n in range(3)},
        "points_around": [around[box] for box in places],
        "goes": [float(goes[box]) for box in places],
        "goes_after": [float(at - begin) for at in range(len(places))],
        "goes_before": [float(last - at) for at in range(len(places))],
        "goes_3": [float(np.mean([goes[box] for box in places[max(at - 3, 0) : at + 4]])) for at in range(len(places))],
    }


def outwards(parents: list[int], box: int) -> list[int]:
    """Return a box and those around it, innermost first."""
    return [box, *outwards(parents, parents[box])] if box >= 0 else []


def has(evidence: int, kind: int) -> bool:
    """Tell if a box has evidence that weighs it: of a paragraph, a list, story or furniture."""
    return any(evidence >> EVIDENCE.index(name) & 1 for name in block_features._SCORED[kind])


def linked_in(described: Described, box: int) -> float:
    """Return the share of a box's characters that stand in links."""
    some = described.blocks.blocks[described.blocks.boxes[box].first : described.blocks.ends[box]]
    return sum(block.linked for block in some) / max(sum(len(block.text) for block in some), 1)


def points_by_definition(described: Described) -> list[float]:
    """Give boxes the points of their paragraphs."""
    boxes = described.blocks.boxes
    parents, sums = [box.parent for box in boxes], [0.0] * len(boxes)
    for block in described.blocks.blocks:
        if len(block.text) >= 25 and block.tag not in ("h1", "h2", "h3"):
            is_paragraph = has(boxes[block.box].evidence, 0) and parents[block.box] >= 0
            outer = outwards(parents, parents[block.box] if is_paragraph else block.box)
            for box, part in zip(outer, (1, 2, 6, 9, 12), strict=False):
                sums[box] += (1 + block.text.count(",") + min(len(block.text) / 100, 3)) / part
    weights = [
        (-3 if has(box.evidence, 1) else 5) + 25 * has(box.evidence, 2) - 25 * has(box.evidence, 3) for box in boxes
    ]
    both = enumerate(zip(weights, sums, strict=True))
    return [(weight + sum_) * (1 - linked_in(described, box)) if sum_ else 0.0 for box, (weight, sum_) in both]


def goes_by_definition(described: Described, points: list[float], box: int, elected: int) -> bool:
    """Tell if a box beside the elected one holds story as well."""
    blocks = described.blocks
    mine, other = blocks.boxes[box], blocks.boxes[elected]
    fifth = max(points[elected], 1) / 5
    bonus = fifth if mine.name and mine.name == other.name else 0
    if box == elected or (points[box] and points[box] + bonus >= max(10, fifth)):
        return True
    some = slice(mine.first, blocks.ends[box])
    chars, linked = sum(len(block.text) for block in blocks.blocks[some]), linked_in(described, box)
    if not has(mine.evidence, 0) or not chars:
        return False
    return linked < 0.25 if chars > 80 else not linked and bool(described.column("ends")[some].any())


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text().map(lambda text: text.replace("\x1e", " "))))
def test_letters_of_many_texts_are_those_of_each(texts: list[str]) -> None:
    assert letters_of_all(texts) == [letters(text) for text in texts]


@settings(max_examples=200, deadline=None)
@given(st.text(min_size=200) | st.text("aÉ ß_9-😀𝐀\u0301", min_size=200))
def test_letters_of_a_long_text_are_those_of_its_characters(text: str) -> None:
    folded = unicodedata.normalize("NFC", text.casefold())
    assert letters(text) == "".join(char for char in folded if char.isalnum())


@settings(max_examples=500, deadline=None)
@given(st.lists(st.sampled_from(PIECES_OF_PAGES)).map("".join))
def test_the_parser_gets_a_page_without_controls_and_ends_and_its_players_are_counted(html: str) -> None:
    data = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f]", "", html)
    players = sum(map(data.count, ("<video", "<audio", "youtube.com/embed", "player.vimeo")))
    bare = re.sub(r"(?i)</html[ \t\n\r]*>", "", data)
    assert printable(html) == (bare.encode(), players)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text("abé", max_size=50), max_size=8), st.text("abé", max_size=80))
def test_agreement_of_many_pieces_is_that_of_each(pieces: list[str], whole: str) -> None:
    held = [*pieces, whole[:45], whole[-45:], whole[:35] + "c" * 9]
    one_by_one = [
        float(piece in whole) or (0.5 if len(piece) > 40 and (piece[:30] in whole or piece[-30:] in whole) else 0.0)
        for piece in held
    ]
    wanted = [said if piece and whole else 0.0 for piece, said in zip(held, one_by_one, strict=True)]
    assert agreements(held, whole).tolist() == wanted


@pytest.mark.parametrize("names", [("h1",), ("h1", "h2"), ("h2", "p"), ()])
def test_an_indexed_tree_finds_what_the_tree_holds_in_its_order(names: tuple[str, ...]) -> None:
    tree = tree_of("<title>Rain</title><h2>a</h2><p>b</p><h1>c</h1><h2>d</h2><time>e</time>")
    assert list(IndexedTree(tree).iter(*names)) == list(tree.iter(*names))


def broken_pages() -> Iterator[bytes]:
    """Generate pages as libxml2 never writes them: cut at every place, and with bytes changed."""
    first = '<body><p class="nav &amp; x" id="é">a &#x1F600; &bad <b>c</b><br/></p>'
    whole = f"{first}<td>d</td><![CDATA[<]]><pre>e\n</pre></body>".encode()
    yield from (whole[:end] for end in range(1, len(whole)))
    yield from (whole[:at] + bytes([byte]) + whole[at + 1 :] for at in range(len(whole)) for byte in b'<>&"=/\xc3\xf0')


def digest_of_broken_pages() -> str:
    found = hashlib.sha256()
    for source in broken_pages():
        found.update(repr(printable(source.decode("latin-1"))).encode())
        blocks = blocks_in(source)
        found.update(repr((blocks.blocks, outline_in(source))).encode())
        if blocks.blocks:
            found.update(describe(blocks, Hints("a")).rows.tobytes())
    return found.hexdigest()


@pytest.mark.long
def test_no_page_however_broken_is_read_beyond_its_end(tmp_path: Path) -> None:
    code = f"import {__name__} as here; print(here.digest_of_broken_pages())"
    assert python_with_sanitizers(tmp_path, code).strip() == digest_of_broken_pages()


def test_pages_of_no_blocks_are_described_by_no_rows() -> None:
    blocks: Blocks = read_blocks(tree_of("<body><script>1</script>"))
    assert describe(blocks, Hints()).rows.shape == (0, len(NAMES))
