"""Values of records: single values of any type as text, as authors, as lists."""

from __future__ import annotations

import ast
import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from stages.decode import Settings as DecodeSettings
from stages.decode.decoding import decode
from stages.shared.people import in_order
from stages.shared.words import count_words

#: Texts that say that there is nothing: what Python, pandas, R, SQL and JavaScript write for a missing value.
NOTHING = frozenset(
    ("nan", "none", "null", "n/a", "na", "#n/a", "<na>", "nat", "nil", "undefined", "[]", "{}", "()", "-", "--", "\\n")
)
_LONGEST_NOTHING = 12  # characters of a value that says there is none
#: What a news service writes in the place of a text that was not paid for.
_NOT_GIVEN, _LONGEST_NOT_GIVEN = ("ONLY AVAILABLE IN ", "Only available in "), 80
#: Code points of a field other than the text; a longer value is no name, title or date, and costs time to parse.
MAX_FIELD = 10_000
_NO_BYTE = re.compile("[\ud800-\udc7f\udd00-\udfff]")
_ESCAPED_BYTE = re.compile(rb"\xed([\xb2\xb3])([\x80-\xbf])")


def to_bytes(text: str) -> bytes:
    """Encode text in UTF-8. Bytes that came in as lone surrogates (`surrogateescape`) are restored; other lone
    surrogates become bytes that are invalid in UTF-8, for the decode stage to report.

    >>> to_bytes("naïve"), to_bytes("na\\udcefve"), to_bytes("\\ud800")
    (b'na\\xc3\\xafve', b'na\\xefve', b'\\xed\\xa0\\x80')
    """
    try:
        return text.encode()
    except UnicodeEncodeError:
        passed = text.encode("utf-8", "surrogatepass")
        return _ESCAPED_BYTE.sub(lambda m: bytes([((m[1][0] & 0x0F) << 6 | (m[2][0] & 0x3F)) & 0xFF]), passed)


def clean(text: str) -> str:
    """Replace lone surrogates, which Arrow cannot hold: by what their bytes say, or by U+FFFD if they stand for none.

    >>> clean("caf\\udce9"), clean("\\ud800!"), clean("".join(chr(0xDC00 + each) for each in "Паром".encode("cp1251")))
    ('café', '�!', 'Паром')
    """
    try:
        text.encode()
        return text
    except UnicodeEncodeError:
        raw = _NO_BYTE.sub("\ufffd", text).encode("utf-8", "surrogateescape")
        return decode(raw, None, False, DecodeSettings().declared_evidence).text


def in_charset(text: str, codec: str) -> str:
    """Decode a short field by the charset of its file; as it is where it has none of its bytes, or is long.

    >>> in_charset("caf\\udce9", "cp1252"), in_charset("café", "cp1252")
    ('café', 'café')
    """
    if len(text) > LONGEST_SHORT or text.isascii():
        return text
    try:
        text.encode()
        return text
    except UnicodeEncodeError:
        try:
            return to_bytes(text).decode(codec)
        except UnicodeDecodeError:
            return text


#: Code points of a field that says too little to tell a charset by itself; longer ones are told each by its own bytes.
LONGEST_SHORT = 200


def is_nothing(value: Any) -> bool:
    """Return True for a value that stands for a missing one.

    >>> [is_nothing(value) for value in (None, float("nan"), " ", "NaN", "None", [], "[]", {})]
    [True, True, True, True, True, True, True, True]
    >>> [is_nothing(value) for value in (0, "0", "Nan Berg", [None])]
    [False, False, False, False]
    """
    if isinstance(value, str):
        if len(value) > _LONGEST_NOTHING:
            return value.isspace() or (value.startswith(_NOT_GIVEN) and len(value) < _LONGEST_NOT_GIVEN)
        text = value.strip()
        return not text or text.casefold() in NOTHING
    if isinstance(value, bytes):
        return is_nothing(value.decode("latin-1")) if len(value) <= _LONGEST_NOTHING else not value.strip()
    if isinstance(value, float):
        return math.isnan(value)
    return value is None or (isinstance(value, (Mapping, list, tuple)) and not value)


def as_text(value: Any) -> str | None:
    """Return a field as a string; None if it is blank or says that there is nothing.

    >>> as_text(17), as_text("  "), as_text(" Ferry late "), as_text(float("nan"))
    ('17', None, 'Ferry late', None)
    """
    if not isinstance(value, str):
        if isinstance(value, (Mapping, list, bool)):
            return None
        value = value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else _number_text(value)
    if is_nothing(value):
        return None
    return clean(value).replace("\0", "").strip() or None


def as_field(value: Any) -> str | None:
    """Return a field that is no text of its own, without what lies beyond its limit.

    >>> as_field(["Ferry late"]), as_field({"name": "Holm Post"}), len(as_field("x" * 20_000))
    ('Ferry late', 'Holm Post', 10000)
    """
    if value is None:
        return None
    if isinstance(value, dict):
        value = next((value[key] for key in INNER if not is_nothing(value.get(key))), None)
    if isinstance(value, list):
        return as_field(value[0]) if len(value) == 1 and not isinstance(value[0], list) else None
    return as_text(value[:MAX_FIELD] if isinstance(value, (str, bytes)) else value)


#: Keys under which objects keep the value that they stand for.
INNER = ("name", "title", "$oid", "$date", "rendered", "#text", "_text", "value", "text", "url", "href", "@value")


def whole_text(value: Any) -> str | bytes | None:
    """Return a text as it was written, or the paragraphs of a list, be it one or a list written as text.

    >>> whole_text(["The ferry sails.", "It is late."]), whole_text("['The ferry sails.', 'It is late.']")
    ('The ferry sails.\\n\\nIt is late.', 'The ferry sails.\\n\\nIt is late.')
    >>> whole_text("[Update] The ferry is late."), whole_text([1.5]), whole_text({"text": "The ferry sails."})
    ('[Update] The ferry is late.', '1.5', 'The ferry sails.')
    """
    if isinstance(value, str):
        listed = _listed(value) if _LIST_OF_TEXTS.match(value) and len(value) <= LONGEST_LIST else None
        return (joined_text(listed) if isinstance(listed, list) else None) or value
    if isinstance(value, (list, tuple)):
        return joined_text(value)
    if isinstance(value, Mapping):
        return _paragraph(value)
    return value if isinstance(value, bytes) else as_text(value)


_LIST_OF_TEXTS = re.compile(r"\s*\[\s*['\"{]")
#: Code points of a list written as text that is parsed; a longer one is a text as it stands.
LONGEST_LIST = 2_000_000


def joined_text(value: Sequence[Any]) -> str | None:
    """Join a list of paragraphs, of objects that hold one each, of lists of sentences, or of words.

    >>> joined_text(["The ferry sails.", "It is late."]), joined_text([{"text": "It sails at"}, 6]), joined_text([])
    ('The ferry sails.\\n\\nIt is late.', 'It sails at\\n\\n6', None)
    >>> joined_text(["The", "ferry", "to", "Holm", "sails", "."]), joined_text([["It sails.", "It is late."], ["Why?"]])
    ('The ferry to Holm sails .', 'It sails. It is late.\\n\\nWhy?')
    >>> joined_text(["The ferry, said ", {"type": "link", "text": "the office"}, ", sails."])
    'The ferry, said the office, sails.'
    """
    if any(isinstance(each, str) for each in value) and any(isinstance(each, Mapping) for each in value):
        return as_text(_spans(value))
    parts = [part for each in value if (part := _paragraph(each))]
    looked_at = parts[:LOOKED_AT]
    are_words = sum(map(count_words, looked_at)) < WORDS_A_PARAGRAPH * len(looked_at)
    return (" " if are_words else "\n\n").join(parts) or None


#: Words of the parts of a list, on average, below which they are words and no paragraphs or sentences.
WORDS_A_PARAGRAPH = 2
LOOKED_AT = 200  # parts of a list


def _paragraph(value: Any, depth: int = 1) -> str | None:
    """Return the text of a paragraph: of a string, a list of sentences, or an object as editors store a document in.

    >>> _paragraph({"type": "p", "children": [{"text": "The ferry "}, {"text": "sails.", "marks": ["em"]}]})
    'The ferry sails.'
    """
    if isinstance(value, Mapping):
        key = next((key for key in _PARAGRAPH if not is_nothing(value.get(key))), "")
        value = value.get(key)
        if key == _PARAGRAPHS and isinstance(value, list):
            return joined_text(value) if depth < MAX_DEPTH_OF_TEXT else None
    if not isinstance(value, (list, tuple, Mapping)):
        return as_text(value)
    if isinstance(value, Mapping):
        return _paragraph(value, depth + 1) if depth < MAX_DEPTH_OF_TEXT else None
    return _inside(value, depth)


def _inside(value: Sequence[Any], depth: int) -> str | None:
    """Return the text of sentences, of the spans of a paragraph, or of blocks, which are paragraphs themselves."""
    objects = [each for each in value if isinstance(each, Mapping)]
    if not objects:
        return " ".join(part for each in value if isinstance(each, str) and (part := each.strip())) or None
    if not any(isinstance(inner, list) for each in objects for inner in map(each.get, _BLOCKS)):
        return as_text(_spans(value))
    if depth >= MAX_DEPTH_OF_TEXT:
        return None
    return "\n\n".join(filter(None, (_paragraph(each, depth + 1) for each in value))) or None


def _spans(value: Sequence[Any]) -> str:
    """Join the spans of a paragraph, strings and objects with one each, as they stand."""
    found = (
        next((inner for key in _PARAGRAPH if isinstance(inner := each.get(key), str)), "")
        if isinstance(each, Mapping)
        else each
        for each in value
    )
    return "".join(each for each in found if isinstance(each, str))


_PARAGRAPHS = "paragraphs"
_BLOCKS = ("children", "content", _PARAGRAPHS)
_PARAGRAPH = (
    "text", "content", "paragraph", "value", "body", "html", "data", "#text", "form", "children", "nodes", "sections",
    _PARAGRAPHS, "context",
)  # fmt: skip
#: Levels of objects in which a text is looked for; lists in documents of editors have about six.
MAX_DEPTH_OF_TEXT = 10


def _number_text(value: Any) -> str:
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def as_authors(value: Any) -> tuple[str, ...]:
    """Return the authors in a list, in objects with a `name`, or in one string.

    >>> as_authors("By Ana Lind; Bo Kask"), as_authors("Ana Lind, Bo Kask and Cy Orme"), as_authors("Lind, Ana")
    (('Ana Lind', 'Bo Kask'), ('Ana Lind', 'Bo Kask', 'Cy Orme'), ('Ana Lind',))
    >>> as_authors("['Ana Lind', 'Bo Kask']"), as_authors("Lind, Ana; Kask, Bo")
    (('Ana Lind', 'Bo Kask'), ('Ana Lind', 'Bo Kask'))
    >>> as_authors([{"name": "Ana Lind"}, "Bo Kask", None]), as_authors('[{"name": "Ana Lind"}]'), as_authors("[nan]")
    (('Ana Lind', 'Bo Kask'), ('Ana Lind',), ())
    >>> as_authors("['Ana Lind' 'Bo Kask']"), as_authors("['Ana Lind', nan]")
    (('Ana Lind', 'Bo Kask'), ('Ana Lind',))
    """
    if isinstance(value, (list, tuple)):
        return tuple(dict.fromkeys(name for each in value[:MAX_AUTHORS] for name in _one_author(each)))
    if isinstance(value, Mapping):
        return _one_author(value)
    text = as_field(value)
    return tuple(dict.fromkeys(split_authors(text))) if text else ()


#: More names than this are no byline.
MAX_AUTHORS = 200


def _one_author(value: Any) -> tuple[str, ...]:
    if isinstance(value, Mapping):
        parts = [as_field(value.get(key)) for key in _PARTS_OF_NAME]
        value = next((value[key] for key in _NAMES if not is_nothing(value.get(key))), " ".join(filter(None, parts)))
    name = _BYLINE_FIRST.sub("", (as_field(value) or "").removeprefix("[[").removesuffix("]]"))
    return (in_order(name),) if name and name.casefold() not in _BY_ALONE else ()


_NAMES = (
    *("name", "fullname", "full_name", "fullName", "displayName", "display_name", "byline", "value", "#text"),
    "original",
)
_PARTS_OF_NAME = (
    "firstname", "first_name", "firstName", "given", "middlename", "lastname", "last_name", "lastName",
    "non-dropping-particle", "family", "literal",
)  # fmt: skip


def split_authors(text: str) -> list[str]:
    """Split the names in one string at ";", "|", " / ", " and ", "&", and at commas and the words for "and" of other
    languages between what looks like whole names; a list written as text is read as one.

    >>> split_authors("Von Ana Lind und Bo Kask"), split_authors("José Ortega y Gasset")
    (['Ana Lind', 'Bo Kask'], ['José Ortega y Gasset'])
    >>> split_authors("{Ana Lind,Bo Kask}"), split_authors("Von Trapp")
    (['Ana Lind', 'Bo Kask'], ['Von Trapp'])
    """
    if text[0] in "[{(" and (listed := _listed(text)) is not None:
        return list(as_authors(listed if isinstance(listed, (list, Mapping)) else [listed]))
    text = _BYLINE_FIRST.sub("", without_braces(text))
    parts = _BETWEEN_AUTHORS.split(text) if _BETWEEN_AUTHORS.search(text) else split_at_words(text)
    return [in_order(part.strip()) for part in parts if part.strip()]


def without_braces(text: str) -> str:
    """Write a list as PostgreSQL does with semicolons; another text stays.

    >>> without_braces('{"Ana Lind",Bo}'), without_braces("Ana {Bo}")
    ('Ana Lind;Bo', 'Ana {Bo}')
    """
    is_list = text[0] == "{" and text[-1] == "}" and ":" not in text
    return re.sub(r'["{}]', "", text).replace(",", ";") if is_list else text


def split_at_words(text: str) -> list[str]:
    """Split names at " and " and "&", and at commas and other words for "and" between what looks like whole names."""
    parts = [name for part in re.split(r"\s+(?:and|&)\s+", text) for name in split_at_joiner(part)]
    pieces = [piece for part in parts for piece in re.split(r",\s+", part.rstrip(","))]
    return pieces if all(len(piece.split()) > 1 for piece in pieces) else parts


def split_at_joiner(text: str) -> list[str]:
    """Split two whole names at the word for "and" of another language: within one name it stands as well."""
    parts = _JOINERS.split(text)
    return parts if all(len(part.split()) > 1 for part in parts) else [text]


#: The word for "by" before names; before one word it may be part of the name ("Von Trapp").
_BYLINE_FIRST = re.compile(r"\A(?:(?:[Bb]y|BY):?\s+|(?:Von|Par|Por|Di|Door|Av|Af|Oleh|Από|От):?\s+(?=\w\S*\s+\w))")
_BY_ALONE = frozenset(
    ("by", "by:", "von", "par", "por", "di", "door", "av", "af", "oleh", "and", "und", "et", "y", ",", "|")
)
_BETWEEN_AUTHORS = re.compile(r"[;|；、]|\s+/\s+")
_JOINERS = re.compile(r"\s+(?:und|et|y|e|en|och|og|и|та|και)\s+")
_WITHOUT_COMMAS = re.compile(r"['\"]\s+['\"]")


def _listed(text: str) -> Any:
    """Parse a list or object written as text, as JSON or as Python writes it; None if it is neither."""
    # numpy leaves out the commas of a list of strings, and Python joins strings without a comma between them
    for parse in (json.loads,) if _WITHOUT_COMMAS.search(text) else (json.loads, ast.literal_eval):
        try:
            return parse(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            continue
    inner = text[1:-1].strip()
    if not text.endswith("]") or inner.casefold() in NOTHING:
        return [] if text.endswith("]") else None
    return [piece.strip("'\" ") for piece in re.split(r"['\"]\s*,?\s+['\"]|,\s+", inner)]
