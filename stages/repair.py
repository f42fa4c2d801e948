r"""Repair: mend mojibake, entities, control characters, line breaks and composed characters, with ftfy.

Line breaks become "\n", then ftfy runs on every line, letters that it leaves are mended, and all again until nothing
changes. `may_need_repair`, a cheap test, keeps ftfy away from texts that it would not change;
tests/stages/test_repair.py checks that the result is always the same as with ftfy run on every text.

>>> repair("SmÃ¸rrebrÃ¸d &amp; beer\r\nfor all", Settings())
'Smørrebrød & beer\nfor all'
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import ftfy
import pyarrow as pa
from ftfy.badness import BADNESS_RE, MOJIBAKE_CATEGORIES
from ftfy.chardata import CONTROL_CHARS, DOUBLE_QUOTE_RE, HTML_ENTITY_RE, LIGATURES, SINGLE_QUOTE_RE, WIDTH_MAP
from ftfy.fixes import remove_terminal_escapes, uncurl_quotes

from stages.contract import Outcome, replace_column
from stages.ledger import Edit, LedgerRows, Subject, apply_edits, subjects

#: Reasons of this stage in the ledger; docs/reference/tables.md explains each.
REASONS = ("mojibake", "entities", "control_characters", "line_breaks", "characters", "normalization")


@dataclass(frozen=True, slots=True)
class Settings:
    """Repairs besides mojibake, control characters and line breaks."""

    uncurl_quotes: bool = False
    #: Entities in a text ("&amp;") were escaped twice, or never unescaped.
    unescape_entities: bool = True
    #: Off, because full-width punctuation is how Chinese and Japanese are written.
    fix_character_width: bool = False


LINE_BREAK_RE = re.compile("\r\n|[\n\r\x0b\x0c\u2028\u2029]")

#: Characters without width or meaning, which split words wherever words are counted or compared. Kept are a soft hyphen
#: at the end of a line, which tells segmentation that the word goes on, and a zero-width space after a Thai, Lao,
#: Myanmar or Khmer letter, where it separates words. Joiners (U+200C, U+200D) and direction marks have a meaning.
INVISIBLE_RE = re.compile("\xad(?![^\\S\n]*$)|\u2060|(?<![\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff])\u200b", re.M)

#: Arabic letters in the forms that they have within a word, as some programs write PDF files: each stands for a
#: letter or two. The ligatures of whole phrases, the rial sign and the brackets among them (U+FD3E to U+FDFF) stay.
PRESENTATION = "\ufb50-\ufbb1\ufbd3-\ufd3d\ufe70-\ufefc"
PRESENTATION_RE = re.compile(f"[{PRESENTATION}]+")

_CP1252 = "".join(
    bytes([byte]).decode("cp1252", "ignore") for byte in range(0x80, 0xC0) if byte not in (0x97, 0xA0, 0xAD, 0xB7)
)
#: A letter of Latin-1 in UTF-8, read as Windows-1252, where no word has it: amid small letters, or before some with
#: nothing before. ftfy leaves "DrÃ¥ber" and "Ã…lesund", whose signs it takes for currency and points; "AMANHÃ…" stays.
STRAY_RE = re.compile(f"(?:(?<=[a-zß-öø-ÿ])Ã[{_CP1252}](?=[a-zß-öø-ÿ])|(?<![\\w\\d])Ã[{_CP1252}](?=[a-zß-öø-ÿ]{{2}}))")

#: The ASCII characters that ftfy leaves alone ("&" where it begins no entity).
PLAIN_ASCII = bytes([0x09, 0x0A, *range(0x20, 0x7F)])
PLAIN_RE = re.compile("[\t\n -~]+")

#: Characters that are always replaced or removed, and line breaks to mend.
DOOMED = "".join(map(chr, [*LIGATURES, *CONTROL_CHARS])) + "\r\x0c\u2028\u2029\xad\u200b\u2060"


def _characters_of(character_class: str) -> frozenset[str]:
    """Return the characters of a regular expression's class that are outside ASCII, within the first plane."""
    return frozenset(
        re.findall(f"[{character_class}]", "".join(map(chr, range(0x80, 0xD800))) + "\uf8ff\ufb01\ufb02\ufffd")
    )


def _suspect_re() -> re.Pattern[str]:
    """Build a pattern that occurs in every match of ftfy's BADNESS_RE and is 10 times as fast to search for.

    It matches two neighbours out of BADNESS_RE's characters, or a single telling one. One of the two is no Greek or
    Cyrillic letter, and beside a mark as common as a dash only five letters tell, which keeps clean text out. Read off
    the alternatives of BADNESS_RE; tests/stages/test_repair.py tries every pair.
    """
    bad = "".join(re.findall("[^\x00-\x7f]-[^\x00-\x7f]|[^\x00-\x7f]", BADNESS_RE.pattern))
    marks = _characters_of(MOJIBAKE_CATEGORIES["common"])
    some = _characters_of(bad) - marks
    telling = some - _characters_of(MOJIBAKE_CATEGORIES["lower_common"] + MOJIBAKE_CATEGORIES["upper_common"])
    one, other, mark = ("[" + "".join(map(re.escape, sorted(found))) + "]" for found in (some, telling, marks))
    return re.compile(f"{other}{one}|{one}{other}|[ÎÐØÙ√]{mark}|[\x80-\x9fŒœÃÂЂ]")


SUSPECT_RE = _suspect_re()

#: Longer than any match of BADNESS_RE, in characters.
REACH = 8

#: ftfy cuts lines longer than this, because its time is not linear in their length.
LONGEST_SEGMENT = 1_000_000


@lru_cache(maxsize=8)
def doomed_re(settings: Settings) -> re.Pattern[str]:
    """Compile a pattern of the characters that these settings always replace or remove, lone surrogates included.

    >>> [bool(doomed_re(Settings(uncurl_quotes=uncurl)).search("“so”")) for uncurl in (False, True)]
    [False, True]
    """
    doomed = "[" + "".join(map(re.escape, DOOMED)) + PRESENTATION + "\ud800-\udfff]"
    if settings.fix_character_width:
        doomed += "|[" + "".join(map(re.escape, map(chr, WIDTH_MAP))) + "]"
    if settings.uncurl_quotes:
        doomed += f"|{SINGLE_QUOTE_RE.pattern}|{DOUBLE_QUOTE_RE.pattern}"
    return re.compile(doomed)


def may_need_repair(text: str, settings: Settings) -> bool:
    """Tell if repair could change a text. False is certain, True is not.

    >>> may_need_repair("Plain words, AT&T and all.", Settings())
    False
    >>> may_need_repair("Smørrebrød, “so good”", Settings())
    False
    >>> may_need_repair("SmÃ¸rrebrÃ¸d", Settings())
    True
    """
    odd = beyond_plain(text)
    if not odd:
        return has_entity(text, settings)
    # What is suspect in the text is suspect in `odd`, which is short; what is not is put apart there.
    is_suspect = SUSPECT_RE.search(odd) is not None and SUSPECT_RE.search(PLAIN_RE.sub(" ", text)) is not None
    return is_suspect or has_defect(text, odd, settings)


def line_may_need_repair(line: str, settings: Settings) -> bool:
    """Tell if repair could change a line of a suspect text: a slower, closer test, for ftfy judges line by line.

    >>> may_need_repair("Er sagte: „Äpfel“", Settings()), line_may_need_repair("Er sagte: „Äpfel“", Settings())
    (True, False)
    """
    odd = beyond_plain(line)
    if not odd:
        return has_entity(line, settings)
    return is_bad(line) or has_defect(line, odd, settings) or len(line) > LONGEST_SEGMENT


def beyond_plain(text: str) -> str:
    r"""Return a text without the ASCII characters that ftfy leaves alone, entities aside.

    >>> beyond_plain("R&D"), beyond_plain("R\x00D"), beyond_plain("“été”")
    ('', '\x00', '“éé”')
    """
    return text.encode("utf-8", "surrogatepass").translate(None, PLAIN_ASCII).decode("utf-8", "surrogatepass")


def is_bad(line: str) -> bool:
    """Tell if ftfy would find mojibake in a line; search only around the places where SUSPECT_RE matches.

    >>> is_bad("cafÃ©"), is_bad("café “Été”")
    (True, False)
    """
    suspects = SUSPECT_RE.finditer(line)
    return any(BADNESS_RE.search(line, max(0, at.start() - REACH), at.end() + REACH) for at in suspects)


def has_defect(text: str, odd: str, settings: Settings) -> bool:
    r"""Tell if a text has a defect other than mojibake; `odd` is what it has beyond plain ASCII.

    >>> [has_defect(text, beyond_plain(text), Settings()) for text in ("ﬁne", "fine")]
    [True, False]
    """
    return (
        doomed_re(settings).search(odd) is not None
        or ("Ã" in odd and STRAY_RE.search(text) is not None)
        or has_entity(text, settings)
        or not unicodedata.is_normalized("NFC", text)
    )


def has_entity(text: str, settings: Settings) -> bool:
    """Tell if entities are to be unescaped and the text has something that looks like one.

    >>> has_entity("AT&amp;T", Settings()), has_entity("AT&T; nothing", Settings(unescape_entities=False))
    (True, False)
    """
    return settings.unescape_entities and "&" in text and HTML_ENTITY_RE.search(text) is not None


def fixer_config(settings: Settings) -> ftfy.TextFixerConfig:
    """Make ftfy's settings. `unescape_html` is never "auto", which makes a line depend on the lines before it."""
    return ftfy.TextFixerConfig(
        unescape_html=settings.unescape_entities,
        fix_character_width=settings.fix_character_width,
        uncurl_quotes=settings.uncurl_quotes,
    )


def fix(text: str, settings: Settings) -> str:
    r"""Run ftfy and our own additions on every line of a text until nothing changes.

    This is the reference: `repair` must give the same.

    >>> fix("cafÃ©&#8232;pre\xadsident\n", Settings())
    'café\npresident\n'
    """
    config = fixer_config(settings)
    while True:
        before = LINE_BREAK_RE.sub("\n", text)
        fixed = "".join(ftfy.fix_and_explain(segment, config).text for segment in segmented(before))
        text = mended_letters(INVISIBLE_RE.sub("", fixed))
        if text == before or (text == fixed and has_same_lines(before, fixed)):
            return text  # another pass of ftfy would change nothing


def mended_letters(text: str) -> str:
    """Return a text with letters mended that ftfy leaves: Arabic ones in their forms, and stray UTF-8 within a word.

    >>> mended_letters("DrÃ¥ber in Ã…lesund; AMANHÃ…"), mended_letters("ﺍﻟﻤﻴﻨﺎﺀ ﷲ")
    ('Dråber in Ålesund; AMANHÃ…', 'الميناء ﷲ')
    """
    if text.isascii():
        return text
    text = STRAY_RE.sub(lambda found: found[0].encode("cp1252").decode("utf-8"), text)
    return PRESENTATION_RE.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)


def has_same_lines(before: str, after: str) -> bool:
    r"""Tell if a text and ftfy's result for it fall into the same segments.

    >>> has_same_lines("cafÃ©\n", "café\n"), has_same_lines("a&#8232;b\n", "a\nb\n")
    (True, False)
    """
    return before.count("\n") == after.count("\n") and "\f" not in after and len(before) <= LONGEST_SEGMENT


def segmented(text: str, longest: int = LONGEST_SEGMENT) -> Iterator[str]:
    r"""Yield the lines of a text with their "\n", cut where they are too long for ftfy.

    >>> list(segmented("one\nfour", longest=3))
    ['one', '\n', 'fou', 'r']
    """
    for line in re.findall("[^\n]*\n|[^\n]+", text):
        yield from (line[at : at + longest] for at in range(0, len(line), longest))


def repair_edits(text: str, settings: Settings) -> list[Edit]:
    r"""Return the edits that repair a text, in small spans, first to last.

    >>> [(e.start, e.end, e.after, e.reason) for e in repair_edits("cafÃ© no\x00w\r\n", Settings())]
    [(3, 5, 'é', 'mojibake'), (8, 9, '', 'control_characters'), (10, 11, '', 'line_breaks')]
    """
    if not may_need_repair(text, settings):
        return []
    edits: list[Edit] = []
    at = 0
    for line_break in LINE_BREAK_RE.finditer(text):
        edits += line_edits(at, text[at : line_break.start()], line_break[0], settings)
        at = line_break.end()
    return edits + line_edits(at, text[at:], "", settings)


def line_edits(start: int, line: str, line_break: str, settings: Settings) -> list[Edit]:
    r"""Return the edits of one line that begins at `start` of its text, and of the line break after it.

    >>> [(e.start, e.end, e.after) for e in line_edits(100, "&lt;3", "\r", Settings())]
    [(100, 104, '<'), (105, 106, '\n')]
    """
    end = "\n" if line_break else ""
    edits = []
    if line_may_need_repair(line + end, settings):
        # The repaired line still ends in its line break: repair may mend one but never drops one.
        edits = small_edits(start, line, fix(line + end, settings).removesuffix(end))
    if line_break != end:
        at = start + len(line)
        edits += trimmed_edit(at, line_break, end)
    return edits


def small_edits(start: int, before: str, after: str) -> list[Edit]:
    """Return the edits that turn one line into another, word by word if both have as many words.

    >>> [(e.start, e.end, e.after) for e in small_edits(0, "a &lt; b &gt; c", "a < b > c")]
    [(2, 6, '<'), (9, 13, '>')]
    """
    old, new = before.split(" "), after.split(" ")
    if len(old) != len(new):
        return trimmed_edit(start, before, after)
    edits = []
    for old_word, new_word in zip(old, new, strict=True):
        edits += trimmed_edit(start, old_word, new_word)
        start += len(old_word) + 1
    return edits


def trimmed_edit(start: int, before: str, after: str) -> list[Edit]:
    """Return the edit that turns `before` at `start` into `after`, without their common ends; none if they are equal.

    >>> [(e.start, e.end, e.after) for e in trimmed_edit(0, "naiÌˆve", "naïve")]
    [(2, 5, 'ï')]
    """
    if before == after:
        return []
    head = shared_prefix(before, after)
    tail = shared_prefix(before[head:][::-1], after[head:][::-1])
    end, new = start + len(before) - tail, after[head : len(after) - tail]
    return [Edit(start + head, end, new, "edited", reason_of(before, after))]


def shared_prefix(one: str, other: str) -> int:
    """Count the characters that two strings share at their beginning.

    >>> shared_prefix("repair", "report")
    3
    """
    for at, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return at
    return min(len(one), len(other))


def reason_of(before: str, after: str) -> str:
    r"""Name the ledger reason for a change: the plainest defect in the words before.

    >>> [reason_of(*change) for change in [("Ã©", "é"), ("&amp;", "&"), ("\x00", ""), ("ﬁ", "fi"), ("e\u0301", "é")]]
    ['mojibake', 'entities', 'control_characters', 'characters', 'normalization']
    """
    if HTML_ENTITY_RE.search(before):
        return "entities"
    if LINE_BREAK_RE.search(before):
        return "line_breaks"
    if INVISIBLE_RE.sub("", remove_terminal_escapes(before).translate(CONTROL_CHARS)) == after:
        return "control_characters"
    if unicodedata.normalize("NFC", before) == after:
        return "normalization"
    is_form = PRESENTATION_RE.search(before) is not None and unicodedata.normalize("NFKC", before) == after
    return "characters" if is_form or is_spelling(before, after) else "mojibake"


def is_spelling(before: str, after: str) -> bool:
    """Tell if two spellings differ only in ligatures, widths, quotation marks and spaces.

    >>> is_spelling("ﬁne", "fine"), is_spelling("finÃ©", "finé")
    (True, False)
    """
    plain = uncurl_quotes(before.translate(LIGATURES).translate(WIDTH_MAP))
    return plain.split() == uncurl_quotes(after).split()


def repair(text: str, settings: Settings) -> str:
    """Return a text with every defect mended.

    >>> repair("l&#39;Ã©tÃ©", Settings())
    "l'été"
    """
    return apply_edits(text, repair_edits(text, settings))


def repair_value(value: str, settings: Settings) -> str:
    r"""Return a title, a deck or a name, mended and on one line.

    >>> repair_value("Bridge &amp;\n  tunnel", Settings())
    'Bridge & tunnel'
    """
    return " ".join(repair(value, settings).split())


def repair_values(values: list[Any], settings: Settings, rows: LedgerRows, about: list[Subject]) -> list[Any]:
    """Mend a column of strings or of lists of strings, with a ledger row for each value that changed."""
    return [
        [repaired_value(one, settings, rows, subject) for one in value]
        if isinstance(value, list)
        else repaired_value(value, settings, rows, subject)
        for value, subject in zip(values, about, strict=True)
    ]


def repaired_value(value: str | None, settings: Settings, rows: LedgerRows, subject: Subject) -> str | None:
    """Mend one value and add its ledger row, without a span: the value is not part of the text."""
    if value is None:
        return None
    after = repair_value(value, settings)
    if after != value:
        rows.add(subject, "edited", reason_of(value, after), before=value, after=after)
    return after


def run(documents: pa.Table, settings: Settings) -> Outcome:
    """Mend the text, title, deck and authors of every document."""
    rows, about = LedgerRows("repair", REASONS), subjects(documents)
    for name in ("title", "deck", "authors"):
        values = documents[name].to_pylist()
        documents = replace_column(documents, name, repair_values(values, settings, rows, about))
    texts = documents["text"].to_pylist()
    for at, (text, subject) in enumerate(zip(texts, about, strict=True)):
        edits = repair_edits(text, settings)
        rows.add_edits(subject, text, edits)
        texts[at] = apply_edits(text, edits) if edits else text
    return Outcome(replace_column(documents, "text", texts), rows.table())
