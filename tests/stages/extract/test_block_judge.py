"""Blocks of a page, and the judge of them: laws of reading, and pages that must come out whole."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from stages.extract import block_judge
from stages.extract.block_features import Hints
from stages.extract.block_judge import Judgement, load
from stages.extract.blocks import read_blocks

PROSE = (
    "The harbour board of Vellen met on Tuesday to hear why the new crane has stood idle since the spring.",
    "Its director, Marit Solheim, said that the makers had sent the wrong cable twice, and apologised.",
    "Three of the seven members asked for the contract to be ended, but the vote was put off until May.",
    "Fishermen who had come to listen left the room before the end, and one of them slammed the door.",
    "The board will meet again on the ninth, when the makers have promised to send an engineer of their own.",
)


def texts(html: str) -> list[str]:
    return [block.text for block in read_blocks(document_fromstring(html)).blocks]


def paragraphs(*more: str) -> str:
    return "".join(f"<p>{text}</p>" for text in (*PROSE, *more))


def judge(tree: HtmlElement, taken: str) -> Judgement:
    return block_judge.judge(read_blocks(tree), Hints(tree.findtext(".//title") or "", taken=taken))


def judged(body: str, taken: str = "\n".join(PROSE)) -> Judgement:
    head = "<title>Crane stands idle | Vellen Post</title>"
    menu = "<nav><ul>" + "".join(f'<li><a href="/{n}">Section {n}</a></li>' for n in range(9)) + "</ul></nav>"
    page = f"<html><head>{head}</head><body>{menu}<article><h1>Crane stands idle</h1>{body}</article></body></html>"
    return judge(document_fromstring(page), taken)


def fates(judgement: Judgement) -> dict[str, bool]:
    return {one.block.text: one.keep for one in judgement.blocks}


@pytest.mark.parametrize(
    ("html", "blocks"),
    [
        ("<p>One <time>day</time>, <q>two</q> <button>nights</button>.</p>", ["One day, two nights."]),
        ("<div>One<br>two<br><br>three</div>", ["One\ntwo", "three"]),
        ("<ul><li>One<li>two <b>three</b></ul>four", ["One", "two three", "four"]),
        ("<table><tr><td>Westmark<td>2-1<tr><td>Velin<td>0-0</table>", ["Westmark | 2-1", "Velin | 0-0"]),
        ("<table><tr><td><p>One.</p><td><p>Two.</p></table>", ["One.", "Two."]),
        ("<dl><dt>Who?<dd>She.</dl>", ["Who?", "She."]),
        ("<pre>a = 1\n  b = 2</pre>", ["a = 1\nb = 2"]),
        ("<p>One<!-- no --> two<script>no</script> three<style>no</style></p>", ["One two three"]),
        ("<p>می\u200cخواهم</p>", ["می\u200cخواهم"]),
        ("<template>no</template><template shadowrootmode=open><p>Yes</p></template>", ["Yes"]),
    ],
)
def test_text_stands_in_one_block_in_order(html: str, blocks: list[str]) -> None:
    assert texts(f"<body>{html}</body>") == blocks


_TREES = st.recursive(
    st.text("ab c.", max_size=8),
    lambda inner: st.builds(
        lambda tag, parts: f"<{tag}>{''.join(parts)}</{tag}>",
        st.sampled_from(
            ["div", "p", "ul", "li", "span", "a", "b", "table", "tr", "td", "blockquote", "h2", "noscript"]
        ),
        st.lists(inner, max_size=4),
    ),
    max_leaves=25,
)


@settings(max_examples=60, deadline=None)
@given(_TREES)
def test_every_visible_letter_is_in_exactly_one_block(html: str) -> None:
    tree = document_fromstring(f"<body><p>x</p>{html}</body>")
    assert "".join("".join(b.text for b in read_blocks(tree).blocks).replace("|", "").split()) == "".join(
        tree.text_content().split()
    )


def test_a_page_nested_ever_deeper_is_read_in_linear_time() -> None:
    parser = HTMLParser(huge_tree=True)
    begun = time.process_time()
    tree: HtmlElement = document_fromstring("<div>" * 1_500 + "deep" + "</div>" * 1_500, parser=parser)
    assert judge(tree, "").blocks[-1].block.text == "deep"
    assert time.process_time() - begun < 20


def test_a_page_without_text_has_no_blocks_to_judge() -> None:
    assert judge(document_fromstring("<body><script>1</script></body>"), "") == Judgement([])


def test_story_stays_and_the_menu_goes() -> None:
    fate = fates(judged(paragraphs()))
    assert all(fate[text] for text in PROSE)
    assert not any(stay for text, stay in fate.items() if text.startswith("Section"))


def test_a_class_named_paywall_around_the_story_does_not_cut_it() -> None:
    fate = fates(judged(f'<div class="paywall">{paragraphs()}</div>'))
    assert all(fate[text] for text in PROSE)


def test_what_goes_has_a_label_that_says_why() -> None:
    found = judged(paragraphs() + '<div class="newsletter-signup"><p>Sign up here</p></div>')
    assert {one.label for one in found.blocks if one.keep} == {"story"}
    assert next(one.label for one in found.blocks if one.block.text == "Sign up here") == "signup"


def test_the_same_page_is_judged_the_same_way_twice() -> None:
    assert judged(paragraphs()).text == judged(paragraphs()).text


def test_the_weights_say_where_they_come_from_and_are_small() -> None:
    trees = load()
    assert "cross-validated by publisher" in trees.provenance
    assert sum(array.nbytes for array in trees if hasattr(array, "nbytes")) < 1_000_000
