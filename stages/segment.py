r"""Segment: a text becomes paragraphs joined by a blank line, with single spaces inside and no other line break.

Every line that is not blank is a paragraph, except where lines were broken to fit a width: those are joined again. Text
is taken for hard-wrapped on evidence only (`is_wrapped`): its lines fill a width, so that the next line's first word
would not have fitted, and they break off in mid-sentence. Gluing a caption or a headline to a paragraph is worse than
leaving a paragraph in two.

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


@dataclass(frozen=True, slots=True)
class Settings:
    """What counts as hard-wrapped text."""

    #: Widths, in columns, to which people and programs wrap text.
    min_width: int = 30
    max_width: int = 110
    #: So many lines of a text must be full before it is taken for hard-wrapped.
    min_full_lines: int = 3

    def __post_init__(self) -> None:
        if not 0 < self.min_width <= self.max_width:
            raise ValueError(f"0 < min_width <= max_width must hold, not {self.min_width} and {self.max_width}")
        if self.min_full_lines < 1:
            raise ValueError(f"min_full_lines must be at least 1, not {self.min_full_lines}")


class Line(NamedTuple):
    """A line that is not blank: its place in the text without the white space around it."""

    start: int
    end: int
    text: str
    indent: int
    after_blank: bool  # whether a blank line, or nothing, is before it


class Joint(NamedTuple):
    """What stands between two lines in the paragraphs: `glue`, after the last `drop` characters of the first line."""

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
# Where a line may be broken: not at a no-break space, as in "90,000 people".
BREAKABLE_RE = re.compile(r"[^\S\xa0\u2007\u202f]")
# "two- and three-year-olds", "Ein- und Ausgang": the hyphen hangs, a space follows.
HANGING_HYPHEN_BEFORE = frozenset(
    ["and", "or", "to", "und", "oder", "bis", "sowie", "en", "of", "och", "eller", "og", "et", "ou"]
)


def lines_of(text: str) -> list[Line]:
    r"""The lines that are not blank.

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
    """The width of a text on a screen of equal columns.

    >>> columns("abc"), columns("日本")
    (3, 4)
    """
    return len(text) if text.isascii() else len(text) + len(WIDE_RE.findall(text))


def room_needed(following: str) -> int:
    r"""The columns that the first word of a line would have taken at the end of the line before it.

    Where words have no spaces between them, a guess: a Thai word, or a Chinese character with the punctuation that must
    not begin a line.

    >>> room_needed("bridge was"), room_needed("关闭"), room_needed("90,000\xa0people")
    (7, 4, 14)
    """
    if SPACELESS_RE.match(following):
        return 4 if WIDE_RE.match(following) else 10
    return 1 + columns(BREAKABLE_RE.split(following, maxsplit=1)[0])


def is_full(line: Line, following: Line, width: float) -> bool:
    r"""Whether a line ends where it does because the next word did not fit.

    >>> [is_full(*lines_of(text), 20) for text in ("the old bridge\nacross the river", "the old bridge\nis shut")]
    [True, False]
    """
    return line.indent + columns(line.text) + room_needed(following.text) > width


def ends_sentence(line: str) -> bool:
    """Whether a line ends like a sentence.

    >>> ends_sentence("He said “no.”"), ends_sentence("Bridge shut")
    (True, False)
    """
    return SENTENCE_END_RE.search(line) is not None


def goes_on(following: str) -> bool:
    """Whether a line begins like the middle of a sentence: in lower case, or in a script that has no case.

    >>> goes_on("across the river"), goes_on("Monday"), goes_on("关闭"), goes_on("“No”")
    (True, False, True, False)
    """
    first = following.lstrip(OPENING)[:1]
    if ADDRESS_RE.match(following):
        return False
    return first.islower() or (first.isalpha() and not first.isupper())


def looks_like_heading(line: str, min_share: float = 0.8) -> bool:
    """Whether a line is written like a headline: in capitals, or with a capital on nearly every longer word.

    >>> looks_like_heading("Bridge Across River Shut After Storm"), looks_like_heading("The bridge across the river")
    (True, False)
    """
    long_words = [word for word in re.findall(r"\w+", line) if len(word) >= 4]
    capitals = sum(word[0].isupper() for word in long_words)
    return not ends_sentence(line) and len(long_words) >= 3 and capitals >= min_share * len(long_words)


def stretches(lines: Sequence[Line], settings: Settings) -> list[tuple[int, int]]:
    r"""Runs of two or more lines directly under each other, none wider than anybody wraps, as (first, behind last).

    >>> stretches(lines_of("one\ntwo\n\nthree\n" + "x " * 60 + "\nfour\nfive"), Settings())
    [(0, 2), (4, 6)]
    """
    found, first = [], 0
    for at in range(len(lines) + 1):
        too_wide = at < len(lines) and columns(lines[at].text) > settings.max_width
        if at == len(lines) or too_wide or lines[at].after_blank:
            if at - first >= 2:
                found.append((first, at))
            first = at + too_wide
    return found


#: How much of the width programs fill at least that even out the right margin, fullest first.
RAGGED = (0.9, 0.85)


def width_of(lines: Sequence[Line]) -> int:
    """The width that lines may have been wrapped to: that of the widest, long words on their own left aside."""
    return max((line.indent + columns(line.text) for line in lines if is_running(line.text)), default=0)


def is_running(line: str) -> bool:
    """Whether a line has several words (or no need of spaces): a lone address may stand out over any width.

    >>> is_running("the old bridge"), is_running("https://example.org/a-very-long-address")
    (True, False)
    """
    return line.count(" ") >= 2 or SPACELESS_RE.search(line) is not None


def is_wrapped(pairs: Sequence[tuple[Line, Line]], width: float, settings: Settings, are_closed: bool = False) -> bool:
    """Whether lines that follow each other were broken to fit a width.

    Full lines are evidence for it, if they break off in mid-sentence more often than not; lines that neither are full
    nor end a sentence (headlines, captions, lists, verse) are evidence against it. Beyond that three lines in ten must
    go on in lower case. One is enough, as in a text full of names and numbers, where nothing speaks against it and
    `are_closed`: the last line of every stretch ends a sentence.
    """
    # Addresses are as long as they are: that one fills a line, or did not fit into one, says nothing.
    telling = [pair for pair in pairs if not any(ADDRESS_RE.match(line.text) for line in pair)]
    full = [pair for pair in telling if is_full(*pair, width)]
    odd = sum(not is_full(*pair, width) and not ends_sentence(pair[0].text) for pair in pairs)
    broken_off = sum(not ends_sentence(line.text) for line, _ in full)
    going_on = sum(goes_on(following.text) for _, following in full)
    return (
        len(full) >= settings.min_full_lines
        and len(full) >= 4 * odd
        and broken_off >= 0.6 * len(full)
        and going_on >= (1 if are_closed and not odd else 0.3 * len(full))
    )


def fill_of(found: Sequence[Sequence[Line]], settings: Settings) -> float:
    """The width that the lines of hard-wrapped stretches fill; 0 where they are not hard-wrapped.

    Programs that even out the right margin leave lines short of it. That is believed only of lines which go on in lower
    case, since without that evidence lines of roughly the same length are a list as often as not.
    """
    width = width_of([line for stretch in found for line in stretch])
    if not settings.min_width <= width <= settings.max_width:
        return 0
    pairs = [pair for stretch in found for pair in pairwise(stretch)]
    if is_wrapped(pairs, width, settings, are_closed=all(ends_sentence(stretch[-1].text) for stretch in found)):
        return width
    if any(SPACELESS_RE.match(following.text) for _, following in pairs):
        return 0
    return width * next((share for share in RAGGED if is_wrapped(pairs, share * width, settings)), 0)


class Wrapped(NamedTuple):
    """A stretch of hard-wrapped lines, the number of its first line, and the width it fills."""

    lines: Sequence[Line]
    first: int
    fill: float


def wrapped_stretches(lines: Sequence[Line], settings: Settings) -> list[Wrapped]:
    """The stretches of hard-wrapped lines.

    They are judged together, and where that says no, each by itself; one too short to tell is believed where its lines
    fill the width of another.
    """
    found = [(lines[first:last], first) for first, last in stretches(lines, settings)]
    fill = fill_of([stretch for stretch, _ in found], settings)
    fills = [fill or fill_of([stretch], settings) for stretch, _ in found]
    widest = max(fills, default=0)
    fills = [
        each or (widest if width_of(stretch) <= widest and is_paragraph(stretch, widest) else 0)
        for each, (stretch, _) in zip(fills, found, strict=True)
    ]
    return [Wrapped(*place, fill) for place, fill in zip(found, fills, strict=True) if fill]


def is_paragraph(stretch: Sequence[Line], width: float) -> bool:
    """Whether lines look like a paragraph wrapped to a known width: all full, in mid-sentence or at one's end.

    >>> [is_paragraph(lines_of(t), 20) for t in ("The old bridge\\nAcross it.", "The old bridge\\nAcross the river")]
    [True, False]
    """
    is_prose = ends_sentence(stretch[-1].text) or any(goes_on(line.text) for line in stretch[1:])
    has_address = any(ADDRESS_RE.match(line.text) for line in stretch)
    return is_prose and not has_address and all(is_full(*pair, width) for pair in pairwise(stretch))


#: So many stretches show how a text separates its paragraphs, and so few of the lines in them may be short.
MIN_SPACED, MAX_SHORT = 3, 0.05
#: Lines fuller than this share of the width may have been broken to fit it, where other evidence says so.
NEARLY = 0.8


def are_spaced(wrapped: Sequence[Wrapped]) -> bool:
    """Whether blank lines are what separates paragraphs, since hardly a line within a stretch is short.

    Then a stretch is one paragraph, and its lines go on whatever they begin with.
    """
    pairs = [(pair, each.fill) for each in wrapped for pair in pairwise(each.lines)]
    short = sum(not is_full(*pair, NEARLY * fill) for pair, fill in pairs)
    return len(wrapped) >= MIN_SPACED and short <= MAX_SHORT * len(pairs)


def joints(lines: Sequence[Line], settings: Settings) -> list[Joint]:
    """What stands between each line and the next."""
    found = [BREAK] * max(len(lines) - 1, 0)
    wrapped = wrapped_stretches(lines, settings)
    if not wrapped:
        return found
    words = frozenset(re.findall(r"\w+(?:-\w+)*", " ".join(line.text for line in lines).casefold()))
    is_spaced = are_spaced(wrapped)
    for each in wrapped:
        goings_on = continuations(each, is_spaced)
        if begins_with_heading(each.lines, is_spaced, is_top=each is wrapped[0]):
            goings_on[0] = False
        for at, goes_on_there in enumerate(goings_on, start=each.first):
            if goes_on_there:
                found[at] = joint(lines[at].text, lines[at + 1].text, words)
    return found


def continuations(wrapped: Wrapped, is_spaced: bool) -> list[bool]:
    """Whether a paragraph goes on after each line but the last of a stretch."""
    stretch, _, fill = wrapped
    pairs = list(pairwise(stretch))
    margin = min(line.indent for line in stretch)
    is_indented = any(line.indent > margin for line in stretch)
    ends_full = not is_indented and not is_spaced and may_end_full(pairs, fill)
    is_one = is_spaced and is_paragraph(stretch, NEARLY * fill)
    found = [is_continued(line, following, fill, margin, is_one) for line, following in pairs]
    for at, (line, following) in enumerate(pairs):
        if ends_full and ends_sentence(line.text) and not goes_on(following.text):
            found[at] = False
    return found


def begins_with_heading(stretch: Sequence[Line], is_spaced: bool, is_top: bool) -> bool:
    """Whether the first line of a stretch is a headline of the others.

    Where blank lines separate paragraphs, it can only be that of the whole text, above prose, and has to look it in
    every word.
    """
    if goes_on(stretch[1].text):
        return False
    if is_spaced:
        return is_top and ends_sentence(stretch[-1].text) and looks_like_heading(stretch[0].text, min_share=1)
    return looks_like_heading(stretch[0].text)


def may_end_full(pairs: Sequence[tuple[Line, Line]], fill: float) -> bool:
    """Whether a full line that ends a sentence is likely to end a paragraph, in lines without blank ones between them.

    About one paragraph in ten happens to fill its last line. So where short last lines are common and full lines seldom
    end a sentence, a good share of the latter are ends of paragraphs, and a break too many does less harm than none.
    """
    ends = [is_full(*pair, fill) for pair in pairs if ends_sentence(pair[0].text) and not goes_on(pair[1].text)]
    return len(ends) - sum(ends) >= 3 * sum(ends)


def is_continued(line: Line, following: Line, fill: float, margin: int, is_one: bool) -> bool:
    """Whether a paragraph of hard-wrapped text goes on in the next line."""
    if BULLET_RE.match(following.text):
        return False
    if MAYBE_BULLET_RE.match(following.text):
        return not ends_sentence(line.text) and is_full(line, following, fill)
    if (goes_on(following.text) or is_one) and not ends_sentence(line.text):
        return is_full(line, following, NEARLY * fill)
    return following.indent <= margin and is_full(line, following, fill)


def joint(line: str, following: str, known_words: frozenset[str]) -> Joint:
    r"""How to join two lines of a paragraph: with a space, without one, or without the hyphen that divided a word.

    >>> joint("the old", "bridge", frozenset()), joint("大桥关", "闭", frozenset())
    (Joint(glue=' ', drop=0), Joint(glue='', drop=0))
    >>> joint("the presi-", "dent said", frozenset({"president"})), joint("a well-", "known man", frozenset())
    (Joint(glue='', drop=1), Joint(glue='', drop=0))
    """
    before, after = line[-1], following[0]
    if before == "\xad":
        return Joint("", drop=1)
    if before in "-‐" and line[-2:-1].isalnum() and after.isalnum():
        return hyphen_joint(line, following, known_words)
    spaceless = [SPACELESS_RE.match(character) is not None for character in (before, after)]
    is_joined = all(spaceless) or (any(spaceless) and not (before.isalnum() and after.isalnum()))
    return Joint("" if is_joined else " ")


def hyphen_joint(line: str, following: str, known_words: frozenset[str]) -> Joint:
    """How to join a line that ends in a hyphen: it goes only where the whole word stands elsewhere in the text."""
    head = re.findall(r"\w+(?=[-‐]$)", line)[0].casefold()
    tail = re.findall(r"^\w+", following)[0].casefold()
    if tail in HANGING_HYPHEN_BEFORE and not following[len(tail) :].startswith(("-", "‐")):
        return Joint(" ")
    is_one_word = following[0].islower() and head + tail in known_words and f"{head}-{tail}" not in known_words
    return Joint("", drop=1) if is_one_word else Joint("")


def spacing_edits(line: Line) -> list[Edit]:
    r"""The edits that make every run of white space inside a line one space.

    >>> [(e.start, e.end, e.after) for e in spacing_edits(lines_of(" a\t b  c d")[0])]
    [(2, 4, ' '), (5, 7, ' ')]
    """
    if " ".join(line.text.split()) == line.text:
        return []
    runs = (match for match in re.finditer(r"\s+", line.text) if match[0] != " ")
    return [white_space(line.start + run.start(), line.start + run.end(), " ") for run in runs]


def white_space(start: int, end: int, after: str) -> Edit:
    """An edit of white space."""
    return Edit(start, end, after, "edited", "white_space")


def segment_edits(text: str, settings: Settings) -> list[Edit]:
    r"""What turns a text into paragraphs; nothing where it has that form already.

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
    """A text as paragraphs joined by a blank line."""
    return apply_edits(text, segment_edits(text, settings))


def digest(text: str) -> str:
    """The digest that says which text segmentation saw.

    >>> digest("")[:8]
    'e3b0c442'
    """
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def run(documents: pa.Table, settings: Settings) -> Outcome:
    """Every document as paragraphs; one without a visible character is not carried on."""
    rows, texts, kept = LedgerRows("segment"), documents["text"].to_pylist(), []
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
