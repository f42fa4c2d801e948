"""Blocks of a page, and the judge of them: laws of reading, and pages that must come out whole."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from stages.extract import block_judge
from stages.extract.block_features import Described, Hints, describe, with_taken
from stages.extract.block_judge import (
    WEIGHTS,
    WEIGHTS_ALONE,
    Judgement,
    doubtful_chars,
    is_sure,
    judge_alone,
    load,
    weigh_alone,
)
from stages.extract.blocks import Blocks, read_blocks

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


def described(tree: HtmlElement) -> tuple[Blocks, Described]:
    blocks = read_blocks(tree)
    return blocks, describe(blocks, Hints(tree.findtext(".//title") or ""))


def judge(tree: HtmlElement, taken: str) -> Judgement:
    return block_judge.judge(*described(tree), taken)


def page(body: str) -> HtmlElement:
    head = "<title>Crane stands idle | Vellen Post</title>"
    menu = "<nav><ul>" + "".join(f'<li><a href="/{n}">Section {n}</a></li>' for n in range(9)) + "</ul></nav>"
    html = f"<html><head>{head}</head><body>{menu}<article><h1>Crane stands idle</h1>{body}</article></body></html>"
    tree: HtmlElement = document_fromstring(html)
    return tree


def judged(body: str, taken: str = "\n".join(PROSE)) -> Judgement:
    return judge(page(body), taken)


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


@pytest.mark.parametrize("path", [WEIGHTS, WEIGHTS_ALONE])
def test_the_weights_say_where_they_come_from_and_are_small(path: Path) -> None:
    trees = load(path)
    assert "cross-validated by publisher" in trees.provenance
    assert sum(array.nbytes for array in vars(trees).values() if hasattr(array, "nbytes")) < 1_000_000


def test_the_first_judge_knows_nothing_of_trafilatura_and_the_second_does() -> None:
    blocks, seen = described(page(paragraphs()))
    assert set(load(WEIGHTS_ALONE).names) == set(seen.names)
    both = with_taken(seen, "\n".join(PROSE))
    assert {name for name in load().names if name not in seen.names} == set(both.names[len(seen.names) :])
    assert [block.text for block in blocks.blocks if block.text in PROSE] == list(PROSE)


def test_a_plain_story_is_judged_without_trafilatura_and_a_stub_never_is() -> None:
    story = described(page(paragraphs(*(f"{text} So it was on day {n}." for n, text in enumerate(PROSE)))))
    assert is_sure(story[0], weigh_alone(*story))
    assert "\n".join(PROSE) in judge_alone(*story).text
    stub = described(page(f"<p>{PROSE[0]}</p>"))
    assert not is_sure(stub[0], weigh_alone(*stub))


def test_doubt_grows_as_probabilities_come_near_a_half() -> None:
    blocks, seen = described(page(paragraphs()))
    sure = weigh_alone(blocks, seen)
    unsure = sure._replace(probability=np.full_like(sure.probability, 0.5))
    chars = [doubtful_chars(each.probability, blocks.lengths) for each in (sure, unsure)]
    assert chars[0] < chars[1] == sum(len(one.text) for one in blocks.blocks) / 2
    assert not is_sure(blocks, unsure)
