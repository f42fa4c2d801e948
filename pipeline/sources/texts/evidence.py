"""Signs of what a text is: prose, a list of addresses, lines of words with tags."""

from __future__ import annotations

import codecs
import re
import statistics
from collections import Counter
from collections.abc import Sequence

#: What stands between a word and its tag.
BEFORE_TAGS = "/_|"
_MARKS = frozenset(".,;:!?\"'()。、，")
_TAGGED = re.compile(r"\S+[/_|][A-Z$][A-Z0-9$.:-]{0,7}$|[.,:;]/[.,:;]$")
#: Of the lines that are looked at: those with as many columns as most, and those of one mark. A text in columns of any
#: other kind has no column of which a fiftieth is a full stop or a comma.
MIN_SAME_COLUMNS, MIN_MARKS, MIN_LINES = 0.9, 0.02, 30
#: Words with a tag, of all.
MIN_SHARE_OF_TAGS = 0.8
#: Letters of a word, as a median: lines of scripts without spaces have more, wrapped or not.
LONGEST_WORD = 12


def is_prose(head: bytes) -> bool:
    """Return True for a text of sentences, of which a file may be named however people like.

    >>> is_prose(b"The ferry was late on Monday, said the office. " * 4), is_prose(b"10:04 INFO GET /a 200 ok" * 9)
    (True, False)
    """
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(head[:LOOKED_AT])
    except UnicodeDecodeError:
        return False
    letters = sum(each.isalpha() or each in " \n\r,.。，、" for each in text)
    sentences = len(_SENTENCE_END.findall(text))
    return sentences >= MIN_SENTENCES and letters >= MIN_LETTERS * len(text) and not _CODE.search(text)


#: Bytes that are looked at, and what makes a text prose. Chosen by hand: logs and code have more marks and digits.
LOOKED_AT, MIN_SENTENCES, MIN_LETTERS = 4000, 2, 0.9
_SENTENCE_END = re.compile(r"\w[”\"’)]?[.!?](?=[\s”\"’)]|$)|[。！？]")
_CODE = re.compile(r"[;{]\s*\n|</\w|==|::|->|\)\s*:\n|\t.*\t")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)


def are_addresses(lines: Sequence[str]) -> bool:
    """Return True for a list of web addresses, alone on their lines or in a column beside short ones.

    >>> are_addresses(["https://holm.example/1", "https://holm.example/2"]), are_addresses(["https://holm.example/1"])
    (True, False)
    >>> are_addresses(["CDX N b a m s", "example,holm)/1 20310104100000 https://holm.example/1 text/html"])
    True
    >>> are_addresses(["1\\thttps://holm.example/1\\t2031-01-04", "2\\thttps://holm.example/2\\t2031-01-05"])
    True
    """
    others, allowed = 0, len(lines) - 0.9 * len(lines)
    for line in lines:
        others += not _is_address(line)
        if others > allowed:
            return False
    return len(lines) > 1


def _is_address(line: str) -> bool:
    cells = line.strip().split("\t")
    if _CAPTURE.match(line):
        return True
    named = any(_ADDRESS.fullmatch(cell.strip()) for cell in cells)
    return named and all(len(cell.split()) < WORDS_OF_TEXT for cell in cells)


def is_table_of_r(lines: Sequence[str]) -> bool:
    """Return True for a table as `write.table` of R writes it: names and values in quotes, apart by blanks.

    >>> is_table_of_r(['"title" "text"', '"1" "Ferry" "It sails."']), is_table_of_r(['"No" "no" and "no again"'])
    (True, False)
    """
    return len(lines) > 1 and all(map(_QUOTED.fullmatch, lines[:2]))


_QUOTED = re.compile(r'"[^"]*"(?: (?:"(?:[^"\\]|\\.)*"|[\d.eE+-]+|NA|TRUE|FALSE))+')


def are_words(lines: Sequence[str]) -> bool:
    """Return True for a long list of single words, or of two or three, without a sentence: stop words, names of files.

    >>> are_words(["the", "of", "a"] * 10), are_words(["It sails.", "It is late."] * 10)
    (True, False)
    """
    if len(lines) < MIN_LINES:
        return False
    short = sum(len(line.split()) <= WORDS_OF_ENTRY and not _END.search(line) for line in lines)
    return short >= MIN_SHORT * len(lines)


#: A line of an index of captures (CDX, CDXJ): the address sorted by its host, and the moment of the capture.
_CAPTURE = re.compile(r"[^\s)]+\)\S*\s\d{14}\s|CDX(?:\s\S)+$")
#: Words of a column that may be a text, and of an entry in a list; entries without a mark at their end, of all lines.
WORDS_OF_TEXT, WORDS_OF_ENTRY, MIN_SHORT = 8, 3, 0.95
_END = re.compile(r"[.!?。！？,;:”\"»]$")


def words_in_columns(lines: Sequence[str]) -> bool:
    """Return True for a word on each line, alone or with its tags, as CoNLL and vertical files have them.

    >>> words_in_columns(["渡轮在星期一早上晚点了，乘客在码头等"] * 40)
    False
    >>> words_in_columns(["The DT O", "ferry NN O", "sails VB O", ". . O"] * 10), words_in_columns(["Holm 3 1"] * 40)
    (True, False)
    """
    if len(lines) < MIN_LINES:
        return False
    rows = [
        line.split("\t") if "\t" in line else line.split() for line in lines[:2000] if not line.startswith(("#", "<"))
    ]
    rows = [row for row in rows if row]
    if len(rows) < MIN_LINES:
        return False
    width, count = Counter(map(len, rows)).most_common(1)[0]
    if width == 1 and statistics.median(len(row[0]) for row in rows) > LONGEST_WORD:
        return False
    marks = sum(not _MARKS.isdisjoint(row[:3]) for row in rows)
    return count >= MIN_SAME_COLUMNS * len(rows) and width < 20 and marks >= MIN_MARKS * len(rows)


def is_chat(lines: Sequence[str]) -> bool:
    """Return True for a chat as WhatsApp and other programs export it: a time and a name before most lines.

    >>> is_chat(["04/01/2031, 09:12 - Ana Lind: It sails.", "[4.1.31, 09:12:40] Bo: At six?", "09:13 <cy> Yes"] * 2)
    True
    >>> is_chat(["09:12: The ferry sails.", "09:20: It is late."] * 5)
    False
    """
    head = lines[:LINES_OF_CHAT]
    return len(head) >= MIN_MESSAGES and sum(map(_is_message, head)) >= MIN_SHARE_OF_MESSAGES * len(head)


def _is_message(line: str) -> bool:
    return line[:1] in _FIRST_OF_MESSAGES and _MESSAGE.match(line) is not None


#: Lines that are looked at, and of them the messages: a message may have several lines.
LINES_OF_CHAT, MIN_MESSAGES, MIN_SHARE_OF_MESSAGES = 200, 5, 0.4
_FIRST_OF_MESSAGES = frozenset("[(0123456789\u200e")
_DAY_AND_TIME = r"(?:\d{1,4}[./-]\d{1,2}[./-]\d{2,4},?\s+)\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:\s?[AaPp]\.?\s?[Mm]\.?)?"
_MESSAGE = re.compile(
    rf"\u200e?(?:\[{_DAY_AND_TIME}\]\s*|{_DAY_AND_TIME}\s+[-–]\s+)[^:\n]{{1,60}}:\s"
    r"|\[?\d{1,2}:\d{2}(?::\d{2})?\]?\s+<[^<>\s]{1,40}>\s"
)


def words_with_tags(lines: Sequence[str]) -> bool:
    """Return True for a text in which a tag hangs at each word.

    >>> words_with_tags(["The/DT ferry/NN sails/VBZ ./."] * 10), words_with_tags(["The ferry sails and/or stays."] * 10)
    (True, False)
    """
    text = " ".join(lines[:200])
    if sum(map(text.count, BEFORE_TAGS)) < MIN_SHARE_OF_TAGS * MIN_LINES:  # few texts are looked at
        return False
    words = text.split()
    tagged = sum(_TAGGED.match(word) is not None for word in words)
    return len(words) >= MIN_LINES and tagged >= MIN_SHARE_OF_TAGS * len(words)
