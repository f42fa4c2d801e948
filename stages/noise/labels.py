"""Labels of cuts: what a reader would call a paragraph that is cut, where its evidence only guesses.

The line model knows noise and not its kind, and rules about the shape of a line (short, open at its end, in capitals)
guess one. Here the words of the line have the last say on the label, never on the cut: verdicts, and rules that look at
their neighbours' labels, are made before. The signs were written while reading 150 cuts of each large label; nearly all
lines that they rename are in English.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from stages.ledger import Edit

#: Labels that evidence guesses, and that words may correct. The others come from words already.
GUESSED = frozenset({"caption", "related", "byline", "social", "credit"})
#: Characters of a paragraph that are looked at.
LOOKED_AT = 300

_NETWORK = r"(?:twitter|facebook|instagram|google\+|youtube|linkedin|whatsapp|telegram|pinterest|reddit|e-?mail|print)"

#: What a line says of itself, the surest first. `~` stands for signs that a line may begin with.
SIGNS: Mapping[str, tuple[str, ...]] = {
    "embed": (
        r"~view (?:this |post |photo |image |the |on |original )+.*\b(?:instagram|twitter|facebook|youtube)\b",
        r"~view on instagram$",
        r"\bpic\.twitter\.com/\w",
        r"~(?:poll|video|tweet|player|gallery) (?:is )?loading\b",
    ),
    "comment": (
        r"~[+\d.,k]*\s*(?:view |see |add |post |leave |write |show |all |a |your |c|recent |reader )*comments?$",
        r"~\d[\d.,k]* (?:view |reader )?comments?\b",
        r"~(?:sorry,? )?we (?:are|do) (?:not |no longer )?(?:currently )?accept(?:ing)? comments",
        r"~have (?:something to add|your say)\b",
        r"~(?:see|view|read) (?:all |the )*comments\b",
        r"~the comments below (?:have|are|were)\b",
        r"~(?:leave|write|post|add) (?:a |your )?(?:comment|reply)\b",
        r"~(?:what do you think|(?:tell us|let us know) what you think|join the (?:conversation|discussion))\b",
        r"~(?:kommentar schreiben|laisser un commentaire|comentar|\d+ (?:kommentare?|commentaires?|comentarios?))$",
    ),
    "social": (
        r"~(?:share|tweet|pin|teilen|partager|compartir|condividi)\b(?: (?:this|it|the|or comment)\b.*| on .*)?:?$",
        r"~(?:follow|like) (?:me|us|him|her|them|@\w+)\b",
        r"~(?:follow|like)\b.{0,80}\b(?:on|at) (?:@|(?:twitter|facebook|instagram|google\+|youtube)\b)",
        rf"~{_NETWORK}(?:\s*[|/·,]?\s*{_NETWORK})+$",
        r"~\d[\d.,k]*\s+(?:shares?|likes?|tweets?|retweets?|followers)$",
    ),
    "signup": (
        r"~(?:sign up|subscribe|register|anmelden|abonnez-vous|suscr[ií]b[ae]te)\b",
        r"~(?:get|receive|enjoy)\b.{0,60}\b(?:in your inbox|newsletter|daily (?:email|e-mail|briefing))\b",
        r"\b(?:daily|weekly|free|our) (?:email|e-mail) (?:briefing|newsletter|alert)s?\b",
    ),
    "nav": (
        r"^\W*\+\d{1,3}$",
        r"~(?:contact(?: us)?|contributors|home|menu)(?:/\w+)?$",
        r"~to report (?:a |an )?(?:problem|error|typo)s?\b",
        r"~(?:view|see) (?:full |larger |the )?(?:image|photo|gallery)s?:?$",
    ),
    "legal": (
        r"~(?:copyright|all rights reserved)\b",
        r"~published by .{0,60}\b(?:Ltd|Limited|Inc|LLC|GmbH|AG|S\.?A)\b",
        r"^\W*(?:©|\(c\)).{0,60}(?:\b(?:19|20)\d\d\b|rights reserved)",
    ),
    "credit": (
        r"^\W*©",
        r"~(?:editing|reporting|additional reporting|writing|compiled|edited|produced) by\b",
        r"~contributing\s*:",
        r"~with (?:news )?(?:wire|agency|staff|additional) (?:services|reports?|reporting)\b",
        r"~with (?:a )?files? from\b",
        r"~(?:via|source|sources|h/t|hat tip|uploaded by|courtesy(?: of)?)\s*:?\s+\S.{0,60}$",
        r"~(?:image|photo|picture|video|footage|top photo|screen ?grab)s?(?: credits?)?\s*(?:via|by|courtesy(?: of)?"
        r"|credits?|copyright|©)\b.{0,80}$",
        r"=^\W*[\[(](?:(?i:screen ?cap|screen ?grab|via [^\])]{2,40})|AP|AFP|dpa|Reuters|[A-Z]{2,8})[\])]\W*$",
        r"=^\W*(?:[A-Z][\w.'’-]*\s){0,3}[A-Z][\w.'’-]*/(?:[A-Z][\w.'’-]*\s?){1,4}$",
        r"~this (?:article|story|post) (?:originally|first|was (?:originally|first))\b",
    ),
    "date": (
        r"~(?:date created|modified date|last (?:modified|updated?)|updates? at|updated|published|posted)\s*:?\s"
        r".{0,50}\d",
    ),
    "placeholder": (
        r"~(?:this is )?(?:a |an )?(?:developing|breaking) (?:news|story)\b",
        r"~story (?:is )?(?:still )?developing\b",
        r"~\[?(?:this|the) (?:post|story|article) (?:has been|was|will be|is being) updated\b",
        r"~(?:more to come|check back (?:later|for)|correction\s*:)",
    ),
    "ad": (
        r"~(?:ads?|advertisement|sponsored(?: links?| content)?|promoted|presented|brought to you)(?: by\b.{0,50})?$",
    ),
    "byline": (r"^\W*(?:\S+ ){0,10}[\w.+-]+@[\w-]+\.[a-z]{2,}(?:[\s.]*|.{0,60})$",),
    "junk": (r"\w\(.*\)\s*;\s*$", r"~screen ?shot \d{4}-\d\d", r"^\W*\d{1,4}\W*$", r"^[\w-]+\.(?:jpe?g|png|gif|webp)$"),
    "related": (
        r"~(?:read|see|watch|find out|learn|discover)\s+(?:more|also|next|the full|full|our)\b",
        r"~(?:more|related|see also|also read|also see|read|watch|story|opinion|analysis|exclusive|recommended|trending"
        r"|special report|in pictures|in photos|photos|gallery|slideshow|video)\s*:\s*\S",
        r"~(?:l?related|more from|more on|more in|continue reading|keep reading|see all related)\b",
        r"~(?:click here|click for|filed in|complete coverage|full coverage|you may also like|most (?:read|popular))\b",
        r"~(?:scroll down|take a look|more \.\.\.|more …)",
        r"~(?:lesen sie (?:auch|mehr)|mehr zum thema|lire aussi|à lire aussi|lea también|lee también|leggi anche)\b",
    ),
}  # fmt: skip
#: Evidence that knows the shape of a line only: in capitals, or in the title case of headlines, it is no caption.
SHAPES = frozenset({"model", "en.open-sentence", "en.title-case-line"})
#: Words and capitals of a headline in title case; a name alone has fewer. Chosen while reading cuts; not tuned.
HEADLINE_WORDS, HEADLINE_CAPITALS, HEADLINE_SHARE = range(5, 19), 4, 0.85
#: A line that heads a list of links, and evidence that takes the links below it for captions.
_HEADING = re.compile(
    r"^\W*(?:read more|(?:related|recommended)(?: (?:stories|articles|links|coverage|content|news))?"
    r"|more (?:from|on|in) .{1,40}|(?:see|read) also|also read|most (?:read|popular)|you may also like"
    r"|trending(?: now)?|mehr zum thema|lesen sie auch"
    r"|[àa] lire aussi|lire aussi|lea tambi[eé]n|leggi anche)\W*$",
    re.IGNORECASE,
)
GUESSED_CAPTIONS = frozenset({"model", "en.open-sentence", "any.label-caption"})
_LONG_WORD = re.compile(r"[^\W\d_][\w'’-]{3,}")
#: A line that breaks off: a teaser of another story, unless its words say something else.
_BROKEN_OFF = re.compile(r"^\W*\w[^.!?]{20,}\w\s?(?:\.\.\.|…)\W*$")
#: Words of English, in whose headlines the long words have capitals; in German every noun has one anyway.
_ENGLISH = re.compile(r"\b(?:the|of|to|for|and|with|a|on|by|at|from|is|are|as|after|over)\b", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.:]$|[a-z]\. ")
_BEGIN = r"^[\W_]*"


def _compiled(signs: tuple[str, ...]) -> re.Pattern[str]:
    """Compile signs to one pattern: in any case of letters, but where one begins with `=`."""
    some = [sign[1:] if sign.startswith("=") else f"(?i:{sign.replace('~', _BEGIN, 1)})" for sign in signs]
    return re.compile("|".join(f"(?:{sign})" for sign in some))


class _Signs(NamedTuple):
    """The signs of a label: those of its beginning are tried once, for `search` would try them at every character."""

    label: str
    begins: re.Pattern[str] | None
    holds: re.Pattern[str] | None

    @classmethod
    def of(cls, label: str, signs: tuple[str, ...]) -> _Signs:
        """Compile the signs of a label."""
        first = tuple(sign for sign in signs if sign.startswith(("~", "^", "=^")))
        rest = tuple(sign for sign in signs if sign not in first)
        return cls(label, _compiled(first) if first else None, _compiled(rest) if rest else None)

    def are_in(self, line: str) -> bool:
        """Tell if a line says of itself that it is of this kind."""
        if self.begins is not None and self.begins.match(line):
            return True
        return self.holds is not None and self.holds.search(line) is not None


_PATTERNS = tuple(_Signs.of(label, signs) for label, signs in SIGNS.items())


@lru_cache(maxsize=4096)  # the furniture of an outlet is the same in all its documents
def label_for_readers(label: str, evidence: str, paragraph: str) -> str:
    """Return what a reader would call a paragraph that is cut: its label, or what its words say where that is a guess.

    `evidence` is a rule's id, "model" or a DOM hint; what a page calls its own parts stays.

    >>> label_for_readers("caption", "model", "Read more: Port Anning in pictures")
    'related'
    >>> label_for_readers("byline", "en.follow-writer", "Follow us on Twitter")
    'social'
    >>> label_for_readers("caption", "model", "The ferry leaves Port Anning on Monday")
    'caption'
    """
    if label not in GUESSED or evidence.startswith("html:"):
        return label
    beginning = paragraph[:LOOKED_AT].strip()
    for signs in _PATTERNS:
        if signs.are_in(beginning):
            return signs.label
    return _by_shape(label, beginning) if evidence in SHAPES and label in ("caption", "related") else label


def _by_shape(label: str, line: str) -> str:
    """Return the label of a line that says nothing of itself.

    >>> _by_shape("caption", "ASIA"), _by_shape("caption", "Harbour Fire Stops Ferries to Port Anning")
    ('nav', 'related')
    >>> _by_shape("caption", "Ada Wren at the harbour of Port Anning")
    'caption'
    """
    words = line.split()
    if _BROKEN_OFF.search(line):
        return "related"
    if len(words) <= 3 and line.isupper() and sum(map(str.isalpha, line)) >= 3:
        return "nav"
    long = _LONG_WORD.findall(line)
    capitals = sum(word[0].isupper() for word in long)
    is_headline = len(words) in HEADLINE_WORDS and capitals >= max(HEADLINE_CAPITALS, HEADLINE_SHARE * len(long))
    return "related" if is_headline and _ENGLISH.search(line) and not _SENTENCE_END.search(line) else label


class LabelledLine(NamedTuple):
    """Words of a paragraph that are cut, or would be, with their label and the evidence for it."""

    paragraph: int | None
    words: str
    label: str
    rule: str | None


def with_teasers(text: str, edits: Sequence[Edit]) -> list[Edit]:
    """Call the lines right below a heading such as "Read more:" related, where they were taken for captions.

    >>> below = [Edit(0, 12, reason="related", paragraph=0), Edit(12, 30, reason="caption", rule="model", paragraph=1)]
    >>> [edit.reason for edit in with_teasers("Read more:\\n\\nFire at the quay\\n\\nIt rained.", below)]
    ['related', 'related']
    """
    lines = [LabelledLine(edit.paragraph, text[edit.start : edit.end], edit.reason, edit.rule) for edit in edits]
    return [
        edit if label == edit.reason else replace(edit, reason=label)
        for edit, label in zip(edits, teaser_labels(lines), strict=True)
    ]


def teaser_labels(lines: Iterable[LabelledLine]) -> Iterator[str]:
    """Yield the labels of lines, in their order: `related` for guessed captions right below a heading of links."""
    in_list, last = False, -1
    for line in lines:
        adjacent = in_list and line.paragraph == last + 1
        label = line.label
        if adjacent and label == "caption" and line.rule in GUESSED_CAPTIONS:
            label = "related"
        yield label
        in_list = label == "related" and (adjacent or bool(_HEADING.search(line.words.strip())))
        last = -1 if line.paragraph is None else line.paragraph
