"""Predicates: evidence that only the document around a paragraph shows. Each returns the paragraphs it holds for.

A rule names one by its key in `PREDICATES` and may set its keyword parameters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

from stages.noise.paragraph_shapes import normal_form
from stages.noise.runs import is_tabular
from stages.noise.view import View

MARKS = re.compile(r"[\W_]+")
SECTION = re.compile(r"\s(?:[-–—|·:>»/]|::)\s")
#: A date with its year as a stamp has it, a clock time, or the way to the page: no headline.
NO_HEADLINE = re.compile(
    r"^\W*\w*\W*\d{1,2}\.? \w{3,10}\.? \d{4}\b|\b\d{1,2}\.\d{1,2}\.\d{4}|\b\d{4} [•|·–-] \d{1,2}[:.]\d\d\b|\w [>›»→] \w"
    r"|^\w+ / \w|(?i:\d ?[ap]\.?m\b)|[-–—]$"
)
#: "5 comments", alone or with what they are on; "Comments" alone could be any section.
COMMENTS_HEADING = re.compile(
    r"(?i)^\d{1,5} (?:comments?|responses?|replies|thoughts?|kommentare?|antworten|gedanken|reaktionen|comentarios?"
    r"|respuestas?|commentaires?|réponses?|réactions?|commenti|risposte|comentários?|respostas?|reacties?"
    r"|komentarz[ey]?|odpowiedzi)(?:$| (?:on|to|zu|auf|en|sur|su|em|op|do|i|a|à|über)\b| ?[“„«\"(:])"
)
#: What stands above or below each comment: its author who "says", a way to answer it or to like it.
COMMENT_MARK = re.compile(
    r"(?i)(?:\b(?:says|said|sagt|schreibt|dice|dijo|dit|diz|disse|zegt|schreef|pisze|wrote|writes):?$)"
    r"|^(?:reply|antworten|responder|répondre|rispondi|beantwoorden|odpowiedz|liken|gefällt mir|like|me gusta)[!.]?$"
)
#: Characters of a paragraph that are looked for before all of it: a long needle has to be prepared for each search.
PROBE = 40
#: What a counter may begin with, beside a figure.
COUNTER_MARKS = frozenset("([")
#: How a command, a call or markup begins.
CODE = re.compile(r"[$#%{}<>=;\\|]\s?\S|[\w.]+\(|sudo |import |def |git ")
ATTRIBUTION = re.compile(r"^[-—–]{1,2}\s?.{1,60}\(@\w{1,20}\)")


def numbered_run(view: View, min_run: int = 3) -> set[int]:
    """Find paragraphs counted "3/12", "4/12" …: the captions of a gallery.

    >>> from stages.noise.view import look
    >>> sorted(numbered_run(look(["1/3 A boat", "2/3 A quay", "3/3 A gull", "1/2 of them came."])))
    [0, 1, 2]
    """
    by_total: dict[str, list[int]] = {}
    counter = view.keywords.counter
    firsts = [paragraph[:1] for paragraph in view.paragraphs]
    for at in [at for at, first in enumerate(firsts) if first in COUNTER_MARKS or first.isdigit()]:  # nearly none
        if (found := counter.match(view.paragraphs[at])) and int(found[1]) <= int(found[2]):
            by_total.setdefault(found[2], []).append(at)
    return {at for run in by_total.values() if n_numbers(view, run) >= min_run for at in run}


def n_numbers(view: View, run: list[int]) -> int:
    """Count the different numbers of captions: halves of a recipe ("1/2 onion", "1/2 spoon") have one."""
    found = (view.keywords.counter.match(view.paragraphs[at]) for at in run)
    return len({match[1] for match in found if match})


def above_numbered_run(view: View, min_run: int = 3, max_lines: int = 2, max_words: int = 8) -> set[int]:
    """Find short open lines right above a numbered run: its heading and its "show all"."""
    run = numbered_run(view, min_run)
    above = set()
    for first in (at for at in run if at - 1 not in run):
        at = first - 1
        while at >= max(0, first - max_lines) and not view.closed[at] and view.n_words[at] <= max_words:
            above.add(at)
            at -= 1
    return above


def repeated(view: View, min_words: int = 1, max_gap: int = 100_000) -> set[int]:
    """Find paragraphs that repeat an earlier one, at most `max_gap` paragraphs back, marks and case aside.

    Speakers of an interview ("Ada:") and what stands there three times apart from itself do not: a question asked of
    every guest, a refrain, a poll's "Yes" are structure. Where the earlier one does not end as prose does and the later
    one does, the earlier one is the copy.

    >>> from stages.noise.view import look
    >>> view = look(["The old quay (photo)", "It rained", "It rained.", "The old quay, photo"])
    >>> sorted(repeated(view)), sorted(repeated(view, max_gap=1))
    ([1, 3], [1])
    """
    if len(set(view.forms)) == len(view.forms):  # nearly always
        return set()
    places: dict[str, list[int]] = {}
    for at, form in enumerate(view.forms):
        if form and view.n_words[at] >= min_words and not view.paragraphs[at].rstrip().endswith(":"):
            places.setdefault(form, []).append(at)
    found = set()
    for held in places.values():
        is_structure = sum(after - at > 1 for at, after in pairwise(held)) > 1
        first = held[0]
        for at, after in pairwise(held):
            if after - at > (1 if is_structure else max_gap):
                first = after
            else:
                found.add(after if view.closed[first] or not view.closed[after] else first)
    return found


def said_before(view: View, min_words: int = 8, window: int = 20_000) -> set[int]:
    """Find paragraphs that stand word for word inside an earlier one, at most `window` characters back.

    These are pull quotes, posts and captions printed twice.

    >>> from stages.noise.view import look
    >>> view = look(["Lima: The ferry is nine years old.", "It rained.", "The ferry is nine years old."])
    >>> said_before(view, min_words=6)
    {2}
    """
    found = set()
    text = "| " + " | ".join(view.forms) + " "
    start = 1  # of a form, with the blanks around it
    for at, words in enumerate(view.forms):
        end, first = start + len(words) + 2, max(0, start - 1 - window)
        if (
            view.n_words[at] >= min_words
            and text.find(text[start : min(end, start + PROBE)], first, start - 1) >= 0  # nearly never
            and text.find(text[start:end], first, start - 1) >= 0
        ):
            found.add(at)
        start = end + 1
    return found


def pull_quote(view: View, min_words: int = 5, reach: int = 3) -> set[int]:
    """Find paragraphs in quotation marks that stand word for word inside a longer one at most `reach` paragraphs away.

    >>> from stages.noise.view import look
    >>> view = look(["The board said that nobody had asked for it.", "“Nobody had asked for it”", "“No.”"])
    >>> pull_quote(view)
    {1}
    """
    found = set()
    for at, paragraph in enumerate(view.paragraphs):
        if view.n_words[at] < min_words or not QUOTED.fullmatch(paragraph.strip()):
            continue
        form = f" {view.forms[at]} "
        near = (other for other in range(max(at - reach, 0), min(at + reach + 1, len(view.forms))) if other != at)
        if any(view.n_words[other] > view.n_words[at] and form in f" {view.forms[other]} " for other in near):
            found.add(at)
    return found


#: A paragraph that is one quotation and nothing besides.
QUOTED = re.compile(r"[“„«»\"‹'‘「『][^“„«»\"‹›「『」』]+[”“»«\"›'’」』][.!?…]?")


def like_title(view: View, min_similarity: float = 0.75, first: int = 6) -> set[int]:
    """Find paragraphs near the top that repeat the title, a few words aside."""
    if not view.title:
        return set()
    wanted = set(normal_form(view.title).split())
    return {
        at
        for at, form in enumerate(view.forms[:first])
        if view.n_words[at] <= 40 and overlap(wanted, set(form.split())) >= min_similarity
    }


def overlap(a: set[str], b: set[str]) -> float:
    """Return the Jaccard similarity of two sets of words; 0 where one is empty."""
    return len(a & b) / len(a | b) if a and b else 0.0


def headline(view: View, min_words: int = 4, max_words: int = 18, first: int = 5) -> set[int]:
    """Find the headline of a document of prose without a title: its first paragraph of more than a word or three.

    It is short and open-ended, and prose stands below it.
    """
    if view.title or not view.is_prose or not any(may_head(view, at, min_words, max_words) for at in range(first)):
        return set()
    at = first_line(view, min_words, first)
    return {at} if may_head(view, at, min_words, max_words) and has_prose_below(view, at) else set()


def first_line(view: View, min_words: int, first: int) -> int:
    """Return the first paragraph that is neither masthead, stamp nor a word or three; the end if there is none."""
    heads = masthead(view)
    tops = (
        at
        for at, words in enumerate(view.n_words[:first])
        if at not in heads and (words >= min_words or view.closed[at]) and not is_stamp(view.paragraphs[at])
    )
    return next(tops, len(view.paragraphs))


def has_prose_below(view: View, at: int) -> bool:
    """Return True if two paragraphs below end as prose does and one of them is half as long again."""
    below = [n for n, closed in zip(view.n_words[at + 1 :], view.closed[at + 1 :], strict=True) if closed]
    return len(below) >= 2 and max(below) > 1.5 * view.n_words[at]


def may_head(view: View, at: int, min_words: int, max_words: int) -> bool:
    """Return True if a paragraph has a headline's shape."""
    return at < len(view.closed) and not view.closed[at] and min_words <= view.n_words[at] <= max_words


def is_stamp(paragraph: str, max_characters: int = 500) -> bool:
    """Return True for a short line with a date and its year, or with the way to the page.

    Longer ones are not looked at: on long runs of marks the pattern takes time by the square of their length.

    >>> is_stamp("Monday, 3 May 2031"), is_stamp("The ferry is back at its pier"), is_stamp("." * 1_000_000)
    (True, False, False)
    """
    return len(paragraph) <= max_characters and NO_HEADLINE.search(paragraph) is not None


def masthead(view: View, first: int = 4, max_words: int = 8) -> set[int]:
    """Find the outlet's own name near the top, alone or with a section after it.

    >>> from stages.noise.view import look
    >>> lines = ["La Gazette du quai — Région", "La Gazette du quai ferme", "Il pleut."]
    >>> masthead(look(lines, outlet="gazette-du-quai"))
    {0}
    """
    name = MARKS.sub("", view.outlet.casefold())
    if len(name) < 5:
        return set()
    short = (at for at in range(min(first, len(view.paragraphs))) if view.n_words[at] <= max_words)
    heads = ((at, SECTION.split(view.paragraphs[at], maxsplit=1)[0]) for at in short)
    return {at for at, head in heads if MARKS.sub("", head.casefold()).endswith(name)}


def post_text(view: View, max_words: int = 60) -> set[int]:
    """Find the paragraph above a post's attribution line ("— Name (@handle) …"): the post itself.

    >>> from stages.noise.view import look
    >>> post_text(look(["It rained.", "Boats everywhere at the quay", "— Ada Quay (@adaquay) May 3, 2031"]))
    {1}
    """
    lines = {at for at, paragraph in enumerate(view.paragraphs) if at and ATTRIBUTION.match(paragraph)}
    return {at - 1 for at in lines if view.n_words[at - 1] <= max_words and (at - 1) not in lines}


def open_run(view: View, min_run: int = 3, min_words: int = 4, max_words: int = 18, last: int = 15) -> set[int]:
    """Find runs of open-ended headline-like lines near the end of a document of prose: links to other stories.

    A table (most lines have a figure) and code are neither.

    >>> from stages.noise.view import look
    >>> prose = "It rained for nine days in Port Anning, and the harbour was closed on Monday, they said."
    >>> sorted(open_run(look([prose, "3 May – Holm, Hall", "4 May – Zell, Mill", "5 May – Velin, Hall"])))
    []
    >>> sorted(open_run(look([prose, "Captain tells of night", "Who pays for ferry", "Ten ships on sand"])))
    [1, 2, 3]
    """
    if not view.is_prose:
        return set()
    found: set[int] = set()
    run: list[int] = []
    for at in [*range(max(0, len(view.paragraphs) - last), len(view.paragraphs)), -1]:
        if at >= 0 and not view.closed[at] and min_words <= view.n_words[at] <= max_words:
            run.append(at)
            continue
        found |= set(run) if len(run) >= min_run and not is_table_or_code(view, run) else set()
        run = []
    return found


def is_table_or_code(view: View, run: Sequence[int]) -> bool:
    """Tell if most lines of a run have a figure and a word, or begin as commands and markup do."""
    code = sum(CODE.match(view.paragraphs[at]) is not None for at in run)
    return 2 * code >= len(run) or is_tabular(view, run)


def below_comments(view: View, min_marks: int = 2) -> set[int]:
    """Find the heading of readers' comments and all below it, where marks of single comments stand there.

    >>> from stages.noise.view import look
    >>> lines = ["It rained.", "2 Comments", "Ada says:", "It did!", "Ben says:", "No."]
    >>> sorted(below_comments(look(lines)))
    [1, 2, 3, 4, 5]
    """
    marks = [at for at, line in enumerate(view.paragraphs) if view.n_words[at] <= 8 and COMMENT_MARK.search(line)]
    for at, line in enumerate(view.paragraphs):
        if at and view.n_words[at] <= 16 and COMMENTS_HEADING.match(line):
            below = sum(mark > at for mark in marks)
            return set(range(at, len(view.paragraphs))) if below >= min_marks else set()
    return set()


PREDICATES: dict[str, Callable[..., set[int]]] = {
    "numbered_run": numbered_run,
    "above_numbered_run": above_numbered_run,
    "repeated": repeated,
    "said_before": said_before,
    "pull_quote": pull_quote,
    "like_title": like_title,
    "headline": headline,
    "masthead": masthead,
    "post_text": post_text,
    "open_run": open_run,
    "below_comments": below_comments,
}
