r"""Segment: split a text into paragraphs joined by a blank line, with single spaces and no other line break.

Every line that is not blank becomes a paragraph. Lines that were broken to fit a width are joined first, but only on
evidence (`is_wrapped`): they fill the width, so that the next line's first word would not have fitted, and they break
off in mid-sentence. Joining a caption or a headline to a paragraph is worse than leaving a paragraph in two.

>>> segment("Bridge shut\nThe bridge  was shut on Monday.\n\n\n\nNobody was hurt.", Settings())
'Bridge shut\n\nThe bridge was shut on Monday.\n\nNobody was hurt.'
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import pyarrow as pa

from stages.contract import PARAGRAPH_BREAK, Outcome, replace_column
from stages.ledger import Edit, LedgerRows, apply_edits, subjects

#: Reasons of this stage in the ledger; docs/reference/tables.md explains each.
REASONS = ("white_space", "unwrapped", "no_text")


@dataclass(frozen=True, slots=True)
class Settings:
    """Limits for hard-wrapped text."""

    #: Widths, in columns, to which people and programs wrap text.
    min_width: int = 30
    max_width: int = 110
    #: The fewest full lines that show a text to be hard-wrapped.
    min_full_lines: int = 3

    def __post_init__(self) -> None:
        if not 0 < self.min_width <= self.max_width:
            raise ValueError(f"0 < min_width <= max_width must hold, not {self.min_width} and {self.max_width}")
        if self.min_full_lines < 1:
            raise ValueError(f"min_full_lines must be at least 1, not {self.min_full_lines}")


class Line(NamedTuple):
    """A line that is not blank; `start` and `end` leave out the white space around it."""

    start: int
    end: int
    text: str
    indent: int
    after_blank: bool  # True for the first line and for a line after a blank one


class Joint(NamedTuple):
    """How to join two lines: drop the last `drop` characters of the first, then insert `glue`."""

    glue: str
    drop: int = 0


BREAK = Joint(PARAGRAPH_BREAK)

# Scripts written without spaces between words: Thai, Lao, Myanmar, Khmer; Chinese and Japanese with their punctuation.
SPACELESS_RE = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3001-\u30ff\u3400-\u9fff\uf900-\ufaff\uff01-\uff9f\U00020000-\U0003ffff]"
)
WIDE_RE = re.compile(
    "[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff01-\uff60\U0001f300-\U0003ffff]"
)
INVISIBLE = "\xad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
SENTENCE_END_RE = re.compile("[.!?…:;。！？：；։۔।؟][\"'”’“»«)\\]）」』]*$")
OPENING = "\"'“„‘‚«»([¿¡「『（"
BULLET_RE = re.compile(r"[*•‣·▪◦>#]\s")
# These begin a line of a list, or happen to begin one in mid-sentence: "– he said –", "he was / 18. Then".
MAYBE_BULLET_RE = re.compile(r"[-–—]\s|\(?\d{1,3}[.)]\s")
ADDRESS_RE = re.compile(r"\S+(?:://|@)|www\.")
# White space at which a program may break a line; a no-break space, as in "90,000 people", is none.
BREAKABLE_RE = re.compile(r"[^\S\xa0\u2007\u202f]")
# "two- and three-year-olds", "Ein- und Ausgang": the hyphen hangs, a space follows.
HANGING_HYPHEN_BEFORE = frozenset(
    ["and", "or", "to", "und", "oder", "bis", "sowie", "en", "of", "och", "eller", "og", "et", "ou"]
)


def lines_of(text: str) -> list[Line]:
    r"""Return the lines that are not blank.

    >>> [(line.text, line.start, line.indent, line.after_blank) for line in lines_of(" a\n\nb \nc")]
    [('a', 1, 1, True), ('b', 4, 0, True), ('c', 7, 0, False)]
    """
    lines, at, after_blank = [], 0, True
    for raw in text.splitlines(keepends=True):
        content = raw.strip()
        if content.strip(INVISIBLE) if not content.isascii() else content:
            indent = len(raw) - len(raw.lstrip())
            lines.append(Line(at + indent, at + indent + len(content), content, indent, after_blank))
            after_blank = False
        else:
            after_blank = True
        at += len(raw)
    return lines


def columns(text: str) -> int:
    """Count the terminal columns that a text takes; a wide character takes two.

    >>> columns("abc"), columns("日本")
    (3, 4)
    """
    return len(text) if text.isascii() else len(text) + len(WIDE_RE.findall(text))


def room_needed(following: str) -> int:
    r"""Count the columns that the first word of a line would have taken at the end of the line before it.

    Scripts without spaces get an estimate: a Thai word, or a Chinese character and the punctuation that must not begin
    a line.

    >>> room_needed("bridge was"), room_needed("关闭"), room_needed("90,000\xa0people")
    (7, 4, 14)
    """
    if SPACELESS_RE.match(following):
        return 4 if WIDE_RE.match(following) else 10
    return 1 + columns(BREAKABLE_RE.split(following, maxsplit=1)[0])


def is_full(line: Line, following: Line, width: float) -> bool:
    r"""Tell if a line ends where it does because the next word did not fit.

    >>> [is_full(*lines_of(text), 20) for text in ("the old bridge\nacross the river", "the old bridge\nis shut")]
    [True, False]
    """
    return line.indent + columns(line.text) + room_needed(following.text) > width


def ends_sentence(line: str) -> bool:
    """Tell if a line ends like a sentence.

    >>> ends_sentence("He said “no.”"), ends_sentence("Bridge shut")
    (True, False)
    """
    return SENTENCE_END_RE.search(line) is not None


def goes_on(following: str) -> bool:
    """Tell if a line begins like the middle of a sentence: in lower case, or in a script that has no case.

    >>> goes_on("across the river"), goes_on("Monday"), goes_on("关闭"), goes_on("“No”")
    (True, False, True, False)
    """
    first = following.lstrip(OPENING)[:1]
    if ADDRESS_RE.match(following):
        return False
    return first.islower() or (first.isalpha() and not first.isupper())


def looks_like_heading(line: str, min_share: float = 0.8) -> bool:
    """Tell if a line is written like a headline: in capitals, or with a capital on nearly every longer word.

    >>> looks_like_heading("Bridge Across River Shut After Storm"), looks_like_heading("The bridge across the river")
    (True, False)
    """
    long_words = [word for word in re.findall(r"\w+", line) if len(word) >= 4]
    capitals = sum(word[0].isupper() for word in long_words)
    return not ends_sentence(line) and len(long_words) >= 3 and capitals >= min_share * len(long_words)


def stretches(lines: Sequence[Line], settings: Settings) -> list[tuple[int, int]]:
    r"""Return the stretches as (first, last + 1): two or more lines without a blank one between, none over max_width.

    >>> stretches(lines_of("one\ntwo\n\nthree\n" + "x " * 60 + "\nfour\nfive"), Settings())
    [(0, 2), (4, 6)]
    """
    found, first = [], 0
    for at, line in enumerate(lines):
        too_wide = len(line.text) > settings.max_width or columns(line.text) > settings.max_width
        if too_wide or line.after_blank:
            if at - first >= 2:
                found.append((first, at))
            first = at + too_wide
    return found if len(lines) - first < 2 else [*found, (first, len(lines))]


#: Columns of the narrowest lines that are looked at where words are divided at their ends, as in columns of a printed
#: page. Verse and lists are as narrow, but divide no words; from `Settings.min_width` on, other evidence will do.
NARROWEST = 12
#: Shares of the width that lines fill at least where a program (such as `fmt`) evens out the right margin, fullest
#: first. Chosen by hand; benchmarks/segment.py has such a layout ("ragged").
RAGGED = (0.9, 0.85)


def width_of(lines: Sequence[Line]) -> int:
    """Return the width of the widest line, to which all may have been wrapped; a long word on its own is left out."""
    return max((line.indent + columns(line.text) for line in lines if is_running(line.text)), default=0)


def is_running(line: str) -> bool:
    """Tell if a line has several words, or a script without spaces; an address on its own may exceed any width.

    >>> is_running("the old bridge"), is_running("https://example.org/a-very-long-address")
    (True, False)
    """
    return line.count(" ") >= 2 or SPACELESS_RE.search(line) is not None


class BreakEvidence(NamedTuple):
    """Counts of lines that speak for or against hard wrapping; only `odd` counts lines beside an address."""

    full: int
    broken_off: int  # full lines that do not end a sentence
    going_on: int  # full lines whose next line begins in mid-sentence
    odd: int  # lines neither full nor ending a sentence: headlines, captions, lists, verse


def has_address(lines: Sequence[Line]) -> bool:
    """Tell if a line begins with a web or mail address; its length says nothing about the width."""
    return any(ADDRESS_RE.match(line.text) for line in lines)


def break_evidence(pairs: Sequence[tuple[Line, Line]], width: float) -> BreakEvidence:
    r"""Count the evidence that lines which follow each other were broken to fit a width.

    >>> break_evidence(list(pairwise(lines_of("the old bridge\nacross the river\nis shut"))), 18)
    BreakEvidence(full=2, broken_off=2, going_on=2, odd=0)
    """
    full, odd = [], 0
    for pair in pairs:
        if not is_full(*pair, width):
            odd += not ends_sentence(pair[0].text)
        elif not has_address(pair):
            full.append(pair)
    broken_off = sum(not ends_sentence(line.text) for line, _ in full)
    return BreakEvidence(len(full), broken_off, sum(goes_on(following.text) for _, following in full), odd)


def is_wrapped(pairs: Sequence[tuple[Line, Line]], width: float, settings: Settings, are_closed: bool = False) -> bool:
    """Tell if lines that follow each other were broken to fit a width.

    Full lines are evidence for it if most break off in mid-sentence; odd ones are evidence against it. Three full lines
    in ten must also go on in lower case. One is enough, as in a text full of names and numbers, where no line is odd
    and `are_closed`: the last line of every stretch ends a sentence.
    """
    found = break_evidence(pairs, width)
    min_going_on = 1 if are_closed and not found.odd else 0.3 * found.full
    return (
        found.full >= settings.min_full_lines
        and found.full >= 4 * found.odd
        and found.broken_off >= 0.6 * found.full
        and found.going_on >= min_going_on
    )


def fill_of(found: Sequence[Sequence[Line]], settings: Settings) -> float:
    """Return the width that the lines of hard-wrapped stretches fill, or 0 if they are not hard-wrapped."""
    lines = [line for stretch in found for line in stretch]
    width = width_of(lines)
    if not NARROWEST <= width <= settings.max_width or (width < settings.min_width and not divides_words(lines)):
        return 0
    pairs = [pair for stretch in found for pair in pairwise(stretch)]
    if is_wrapped(pairs, width, settings, are_closed=all(ends_sentence(stretch[-1].text) for stretch in found)):
        return width
    return ragged_fill(pairs, width, settings)


def ragged_fill(pairs: Sequence[tuple[Line, Line]], width: float, settings: Settings) -> float:
    """Return the width that lines with an evened-out right margin fill, or 0 if there is no such margin.

    Only lines that go on in lower case count: without that, lines of about the same length are a list as often as not.
    """
    if any(SPACELESS_RE.match(following.text) for _, following in pairs):
        return 0
    return width * next((share for share in RAGGED if is_wrapped(pairs, share * width, settings)), 0)


class Wrapped(NamedTuple):
    """A stretch of hard-wrapped lines, the number of its first line, and the width it fills."""

    lines: Sequence[Line]
    first: int
    fill: float


def wrapped_stretches(lines: Sequence[Line], settings: Settings) -> list[Wrapped]:
    """Return the stretches of hard-wrapped lines.

    All are judged together, then each by itself where that finds no wrapping. A stretch too short to judge counts as
    wrapped if its lines fill the width of another one.
    """
    found = [(lines[first:last], first) for first, last in stretches(lines, settings)]
    if not found:
        return []
    fill = fill_of([stretch for stretch, _ in found], settings)
    fills = [fill or fill_of([stretch], settings) for stretch, _ in found]
    widest = max(fills, default=0)
    if not widest:
        return []
    wrapped = (Wrapped(*each, fill or borrowed_fill(each[0], widest)) for each, fill in zip(found, fills, strict=True))
    return [each for each in wrapped if each.fill]


def borrowed_fill(stretch: Sequence[Line], widest: float) -> float:
    """Return the width of the widest wrapped stretch if another one fits it, or 0."""
    return widest if width_of(stretch) <= widest and is_paragraph(stretch, widest) else 0


def is_paragraph(stretch: Sequence[Line], width: float) -> bool:
    """Tell if lines look like one paragraph wrapped to a known width: all full, prose, and without an address.

    >>> [is_paragraph(lines_of(t), 20) for t in ("The old bridge\\nAcross it.", "The old bridge\\nAcross the river")]
    [True, False]
    """
    is_prose = ends_sentence(stretch[-1].text) or any(goes_on(line.text) for line in stretch[1:])
    return is_prose and not has_address(stretch) and all(is_full(*pair, width) for pair in pairwise(stretch))


#: The fewest stretches that show how a text separates its paragraphs, and the largest share of short lines in them.
#: These and NEARLY were chosen by hand; a change shows in benchmarks/segment.py, as paragraphs glued or not exact.
MIN_SPACED, MAX_SHORT = 3, 0.05
#: A line this full, as a share of the width, may have been broken to fit it, where other evidence says so.
NEARLY = 0.8


def are_spaced(wrapped: Sequence[Wrapped]) -> bool:
    """Tell if blank lines separate the paragraphs, because hardly a line within a stretch is short.

    Then a stretch is one paragraph, and its lines go on whatever they begin with.
    """
    pairs = [(pair, each.fill) for each in wrapped for pair in pairwise(each.lines)]
    short = sum(not is_full(*pair, NEARLY * fill) for pair, fill in pairs)
    return len(wrapped) >= MIN_SPACED and short <= MAX_SHORT * len(pairs)


def joints(lines: Sequence[Line], settings: Settings) -> list[Joint]:
    """Return the joint between each line and the next."""
    found = [BREAK] * max(len(lines) - 1, 0)
    join_wrapped(lines, wrapped_stretches(lines, settings), found)
    for at in fragment_joints(lines):
        if found[at] is BREAK:
            found[at] = fragment_joint(lines[at].text, lines[at + 1].text)
    return found


def join_wrapped(lines: Sequence[Line], wrapped: Sequence[Wrapped], found: list[Joint]) -> None:
    """Write the joints within hard-wrapped stretches into `found`."""
    if not wrapped:
        return
    undivided = _AT_ENDS.sub(" ", "\n".join(line.text for line in lines).casefold())
    words = frozenset(re.findall(r"\w+(?:-\w+)*", undivided))
    divides = divides_words(lines)
    is_spaced = are_spaced(wrapped)
    for each in wrapped:
        goings_on = continuations(each, is_spaced)
        if begins_with_heading(each.lines, is_spaced, is_top=each is wrapped[0]):
            goings_on[0] = False
        for at, goes_on_there in enumerate(goings_on, start=each.first):
            if goes_on_there:
                found[at] = joint(lines[at].text, lines[at + 1].text, words, divides)


def divides_words(lines: Sequence[Line]) -> bool:
    r"""Tell if a hard-wrapped text divides words at the ends of its lines.

    A line of six words ends in the hyphen of a compound a sixth as often as compounds stand within lines. Where lines
    end in hyphens three times as often as there are compounds within, nearly all are of divided words.

    >>> text = "the presi-\ndent said on mon-\nday that the har-\nbour and the quay of twenty-one ships clos-\nes"
    >>> [divides_words(lines_of(some)) for some in (text, "a well-\nknown, much-loved man")]
    [True, False]
    """
    pairs = pairwise(lines)
    at_ends = sum(_DIVIDED.search(one.text) is not None and other.text[0].islower() for one, other in pairs)
    within = sum(len(_COMPOUND.findall(line.text)) for line in lines)
    return at_ends >= _MIN_DIVIDED and at_ends >= 3 * within


#: A word with a hyphen at the end of its line, both parts of it.
_AT_ENDS = re.compile(r"\w+[-‐]\n\w+")
_MIN_DIVIDED = 4  # words that lines divide, in a text that is divided
_DIVIDED = re.compile(r"[^\W\d_][-‐]$")
_COMPOUND = re.compile(r"[^\W\d_][-‐][^\W\d_]")


#: Words that a noun must follow, so that no line of its own ends with one: articles, prepositions that are no verb's
#: particle ("log in", "sign up"), conjunctions. In nine languages, the commonest only.
_BEFORE_A_NOUN = """the a an of and or with from at into between that than whose
    der die das den dem des ein eine einen einem einer und oder mit von vom zum zur im dass sowie beim
    le la les un une des du et ou à au aux dans chez que l' d'
    el los las del al y con sin una unos unas
    il lo gli della dello dei degli delle nel nella che e di da
    os as um uma do da dos das em na pelo pela
    het een van met voor en of de"""
BEFORE_A_NOUN = frozenset(_BEFORE_A_NOUN.split())
#: A line that begins so goes on where the line before ended: no sentence begins with a comma.
PUNCTUATED_RE = re.compile(r"[,;:.!?%…)\]»”](?=\s|$)|,\s")
OPEN_RE = re.compile(r"(?:^|\s)[(\[“„«]$")
#: A name in lower case that is none of the sentence before: "iPhone", "by Ada Quill".
OWN_LOWER_RE = re.compile(r"\w[A-Z]|(?:by|von|par|por|de|di|door)\s[^\W\d_]", re.UNICODE)
MIN_FRAGMENTS = 2  # joints without doubt that show a text to be cut up at its inline elements


def is_fragment_joint(line: str, following: str) -> bool:
    """Tell if a sentence is cut in two beyond doubt: at a comma, an opening bracket, or before its noun.

    >>> is_fragment_joint("The ferry to the", "Holm"), is_fragment_joint("the mayor", ", said that")
    (True, True)
    >>> is_fragment_joint("Log in", "Holm"), is_fragment_joint("Ferry sails", "by Ada Quill")
    (False, False)
    """
    words = line.split()
    is_open = len(words) > 1 and words[-1] in BEFORE_A_NOUN and not BULLET_RE.match(following)
    return is_open or PUNCTUATED_RE.match(following) is not None or OPEN_RE.search(line) is not None


def is_story(following: str) -> bool:
    """Tell if a line is a sentence by itself: what stands above it at the top of a text is its headline.

    >>> is_story("The choir sang for nine hours in the square."), is_story("Holm sails."), is_story(", said the mayor.")
    (True, False, False)
    """
    return following[:1].isupper() and ends_sentence(following) and following.count(" ") >= MIN_STORY_SPACES


MIN_STORY_SPACES = 7  # chosen by hand: names and links, at which sentences are cut, have fewer words


def is_likely_joint(line: str, following: str) -> bool:
    """Tell if a line that ends no sentence is followed by one in lower case.

    >>> is_likely_joint("The mayor of Holm", "said no."), is_likely_joint("It rained.", "said no.")
    (True, False)
    """
    first = following[:1]
    if ends_sentence(line) or not first.islower() or ADDRESS_RE.match(following):
        return False
    return OWN_LOWER_RE.match(following) is None


def lines_beside(lines: Sequence[Line]) -> list[int]:
    r"""Return the lines that no blank line parts from the next, but for a headline above the first sentence.

    >>> lines_beside(lines_of("What he saw with\nThe choir sang for nine hours in town.\nIt rained.\n\nMore"))
    [1]
    """
    beside = [at for at, after in enumerate(lines[1:]) if not after.after_blank]
    return beside[1:] if beside[:1] == [0] and is_story(lines[1].text) else beside


def fragment_joints(lines: Sequence[Line]) -> set[int]:
    """Return the lines whose sentence goes on in the next line, though neither fills a width.

    So looks what `get_text("\\n")` makes of a page: a line ends wherever a link or an emphasis begins. A blank line
    between two lines parts them always. Where sentences are cut beyond doubt, lines in lower case go on as well, and so
    does a sentence before a name that stands alone above them.
    """
    pairs = [(line.text, after.text) for line, after in pairwise(lines)]
    beside = lines_beside(lines)
    found = {at for at in beside if is_fragment_joint(*pairs[at])}
    if len(found) < MIN_FRAGMENTS:
        return found
    for at in reversed(beside):  # lines in lower case are a sentence only where they come to its end
        if (at + 1 in found or ends_sentence(pairs[at][1])) and is_likely_joint(*pairs[at]):
            found.add(at)
    for at in beside:
        if at + 1 in found and at not in found and is_inside(*pairs[at], at - 1 in found, at):
            found.add(at)
    return found


def is_inside(line: str, following: str, is_joined: bool, at: int) -> bool:
    """Tell if a few words that a later line goes on from belong to the sentence that `line` leaves open.

    >>> is_inside("Two ships were late, the captain told", "Reuters", False, 3), is_inside("Late", "Holm", False, 0)
    (True, False)
    """
    if ends_sentence(line) or len(following.split()) > 5 or looks_like_heading(line):
        return False
    return is_joined or (at >= 2 and line.count(" ") >= 5) or re.search(r"[.!?] ", line) is not None


def fragment_joint(line: str, following: str) -> Joint:
    """Choose how to join a sentence that was cut at an inline element; its comma follows the word at once.

    >>> fragment_joint("the mayor", ", said"), fragment_joint("the", "mayor"), fragment_joint("(", "dpa")
    (Joint(glue='', drop=0), Joint(glue=' ', drop=0), Joint(glue='', drop=0))
    """
    is_tight = PUNCTUATED_RE.match(following) or OPEN_RE.search(line) or line.endswith("'")
    return Joint("") if is_tight else joint(line, following, frozenset())


def continuations(wrapped: Wrapped, is_spaced: bool) -> list[bool]:
    """Tell for each line of a stretch but the last if its paragraph goes on in the next line."""
    stretch, _, fill = wrapped
    pairs = list(pairwise(stretch))
    margin = min(line.indent for line in stretch)
    is_one = is_spaced and is_paragraph(stretch, NEARLY * fill)
    found = [is_continued(line, following, fill, margin, is_one) for line, following in pairs]
    is_indented = any(line.indent > margin for line in stretch)
    if is_indented or is_spaced or not may_end_full(pairs, fill):
        return found
    return [goes and not may_end_paragraph(*pair) for goes, pair in zip(found, pairs, strict=True)]


def may_end_paragraph(line: Line, following: Line) -> bool:
    """Tell if a line ends a sentence and the next one may begin another."""
    return ends_sentence(line.text) and not goes_on(following.text)


def begins_with_heading(stretch: Sequence[Line], is_spaced: bool, is_top: bool) -> bool:
    """Tell if the first line of a stretch is a headline of the others.

    Where blank lines separate paragraphs, only the headline of the whole text stands so, above prose; then every longer
    word must have a capital.
    """
    if goes_on(stretch[1].text):
        return False
    if is_spaced:
        return is_top and ends_sentence(stretch[-1].text) and looks_like_heading(stretch[0].text, min_share=1)
    return looks_like_heading(stretch[0].text)


def may_end_full(pairs: Sequence[tuple[Line, Line]], fill: float) -> bool:
    """Tell if a full line that ends a sentence is likely to end a paragraph, in lines without blank ones between them.

    About one paragraph in ten happens to fill its last line. So where short last lines are common and full lines seldom
    end a sentence, many of the latter end a paragraph, and a break too many does less harm than one too few.
    """
    ends = [is_full(*pair, fill) for pair in pairs if may_end_paragraph(*pair)]
    return len(ends) - sum(ends) >= 3 * sum(ends)


def is_continued(line: Line, following: Line, fill: float, margin: int, is_one: bool) -> bool:
    """Tell if a paragraph of hard-wrapped text goes on in the next line."""
    if BULLET_RE.match(following.text):
        return False
    if MAYBE_BULLET_RE.match(following.text):
        return not ends_sentence(line.text) and is_full(line, following, fill)
    if (goes_on(following.text) or is_one) and not ends_sentence(line.text):
        return is_full(line, following, NEARLY * fill)
    return following.indent <= margin and is_full(line, following, fill)


def joint(line: str, following: str, known_words: frozenset[str], divides: bool = False) -> Joint:
    r"""Choose how to join two lines of a paragraph: with a space, without, or without the hyphen that divided a word.

    `divides` says that the text divides words at the ends of its lines.

    >>> joint("the old", "bridge", frozenset()), joint("大桥关", "闭", frozenset())
    (Joint(glue=' ', drop=0), Joint(glue='', drop=0))
    >>> joint("the presi-", "dent said", frozenset({"president"})), joint("a well-", "known man", frozenset())
    (Joint(glue='', drop=1), Joint(glue='', drop=0))
    """
    before, after = line[-1], following[0]
    if before == "\xad":
        return Joint("", drop=1)
    if before in "-‐" and line[-2:-1].isalnum() and after.isalnum():
        return hyphen_joint(line, following, known_words, divides)
    spaceless = [SPACELESS_RE.match(character) is not None for character in (before, after)]
    is_joined = all(spaceless) or (any(spaceless) and not (before.isalnum() and after.isalnum()))
    return Joint("" if is_joined else " ")


def hyphen_joint(line: str, following: str, known_words: frozenset[str], divides: bool) -> Joint:
    """Choose how to join a line that ends in a hyphen.

    It goes if the whole word stands elsewhere in the text, or the text divides words and does not have both parts of
    this one as words.
    """
    head = re.findall(r"\w+(?=[-‐]$)", line)[0].casefold()
    tail = re.findall(r"^\w+", following)[0].casefold()
    if tail in HANGING_HYPHEN_BEFORE and not following[len(tail) :].startswith(("-", "‐")):
        return Joint(" ")
    is_known = head + tail in known_words or (divides and not {head, tail} <= known_words)
    is_one_word = following[0].islower() and is_known and f"{head}-{tail}" not in known_words
    return Joint("", drop=1) if is_one_word else Joint("")


def spacing_edits(line: Line) -> list[Edit]:
    r"""Return the edits that make every run of white space inside a line one space.

    >>> [(e.start, e.end, e.after) for e in spacing_edits(lines_of(" a\t b  c d")[0])]
    [(2, 4, ' '), (5, 7, ' ')]
    """
    if "  " not in line.text and line.text.isprintable():  # no white space but single spaces is printable
        return []
    runs = (match for match in re.finditer(r"\s+", line.text) if match[0] != " ")
    return [white_space(line.start + run.start(), line.start + run.end(), " ") for run in runs]


def white_space(start: int, end: int, after: str) -> Edit:
    """Make an edit of white space."""
    return Edit(start, end, after, "edited", "white_space")


def segment_edits(text: str, settings: Settings) -> list[Edit]:
    r"""Return the edits that turn a text into paragraphs; none if it has that form already.

    >>> [(e.start, e.end, e.after) for e in segment_edits(" One.\nTwo.\n\nThree.", Settings())]
    [(0, 1, ''), (5, 6, '\n\n')]
    """
    lines = lines_of(text)
    if not lines:
        return [white_space(0, len(text), "")] if text else []
    edits = [white_space(0, lines[0].start, "")] if lines[0].start else []
    for line, following, between in zip(lines, lines[1:], joints(lines, settings), strict=False):
        edits += spacing_edits(line)
        start, end = line.end - between.drop, following.start
        if text[start:end] != between.glue:
            reason = "white_space" if between is BREAK else "unwrapped"
            edits.append(Edit(start, end, between.glue, "edited", reason))
    edits += spacing_edits(lines[-1])
    if lines[-1].end < len(text):
        edits.append(white_space(lines[-1].end, len(text), ""))
    return edits


def segment(text: str, settings: Settings) -> str:
    """Return a text as paragraphs joined by a blank line."""
    return apply_edits(text, segment_edits(text, settings))


def digest(text: str) -> str:
    """Return the SHA-256 of a text, by which a restored text can be checked.

    >>> digest("")[:8]
    'e3b0c442'
    """
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def run(documents: pa.Table, settings: Settings) -> Outcome:
    """Segment every document; name one without a visible character in the ledger and drop it."""
    rows, texts, kept = LedgerRows("segment", REASONS), documents["text"].to_pylist(), []
    documents = replace_column(documents, "segmented_sha256", [digest(text) for text in texts])
    for at, (text, subject) in enumerate(zip(texts, subjects(documents), strict=True)):
        edits = segment_edits(text, settings)
        texts[at] = apply_edits(text, edits)
        if texts[at]:
            kept.append(at)
            rows.add_edits(subject, text, edits)
        else:
            rows.add(subject, "failed", "no_text", before=text)
    documents = replace_column(documents, "text", texts)
    return Outcome(documents if len(kept) == len(texts) else documents.take(pa.array(kept, pa.int64())), rows.table())
