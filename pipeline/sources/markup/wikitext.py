"""Wikitext: the text of an article without templates, tables, files, notes and lists of links; linear in its size."""

from __future__ import annotations

import html
import re
from functools import lru_cache
from typing import NamedTuple

from pipeline.sources.record_dates import ways_to_read

_DROPPED = (
    "ref",
    "gallery",
    "math",
    "timeline",
    "imagemap",
    "score",
    "templatestyles",
    "includeonly",
    "section",
    "dynamicpagelist",
)
_EMPTY_TAG = re.compile(rf"<(?:{'|'.join(_DROPPED)})\b[^<>]*/\s*>", re.IGNORECASE)
_OPEN_TAG = re.compile(rf"<({'|'.join(_DROPPED)})\b[^<>]*>", re.IGNORECASE)
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_END_OF_BLOCK = re.compile(r"</?(?:p|div|blockquote|center|ul|ol|li|table|tr|td|poem)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_BRACKET = re.compile(r"\{[{|]|\}\}|\[\[|\]\]|\|\}(?!\})")
_EXTERNAL = re.compile(r"\[(?:https?:)?//[^\s\[\]]++\s*+([^\[\]\n]*+)\]")
_BOLD = re.compile(r"'{2,5}")
_MAGIC = re.compile(r"__[A-Z]{3,20}__")
_HEADING = re.compile(r"(={1,6})\s*(.*?)\s*\1\s*")
_LIST = re.compile(r"[*#:;]+\s*")
#: Templates, tables and links in one another; deeper ones are kept as written. Articles have about ten levels at most.
MAX_NESTED = 40
_PARTS_OF_QUOTE = frozenset(
    ("text", "quote", "quotetext", "texte", "zitat", "cita", "author", "personquoted", "sign", "source", "autor")
)
_QUOTES = re.compile(r"quot|zitat|cita|citaz", re.IGNORECASE)
#: Templates that stand for words of a sentence, and give their last argument: links to other wikis, languages, forms.
_WORDS = re.compile(
    r"w|wp|wikipedia|lang(?:[-|].*)?|nowrap|nobr|small|big|smallcaps|abbr|ill|interlanguage link|transl|nihongo",
    re.IGNORECASE,
)
_DATES = re.compile(r"date|datum|fecha|data|дата|byline|dateline", re.IGNORECASE)
_NAMESPACE = re.compile(r":?[^\W\d_][\w -]{1,30}:(?=\S)")
_INNER_NAMESPACE = re.compile(r"\s*(?:w|wikt|s|q|b|n|v|wikipedia|[a-z]{2,3}):", re.IGNORECASE)


class Told(NamedTuple):
    """Facts that the templates and categories of an article say about it."""

    published: str = ""
    dateline: str = ""


def facts_of(wiki: str) -> Told:
    """Return the date and the place that an article's templates say, else the date that is its category.

    >>> facts_of("{{date|January 5, 2031}} Late."), facts_of("Late. [[Category:January 5, 2031]]").published
    (Told(published='January 5, 2031', dateline=''), 'January 5, 2031')
    >>> facts_of("{{byline|date=January 5, 2031|location=Port Anning}}").dateline
    'Port Anning'
    """
    for found in re.finditer(r"\{\{\s*([^{}|\n]{2,40})\|([^{}]{0,500})\}\}", wiki):
        name, arguments = found[1].strip(), _arguments(found[2])
        if _DATES.fullmatch(name):
            written = arguments.get("date") or arguments.get("1", "")
            if _is_date(written):
                return Told(written, arguments.get("location") or arguments.get("place", ""))
    categories = re.findall(r"\[\[[^\W\d_]{4,20}:([^\[\]|\n]{6,40})(?:\|[^\[\]\n]*)?\]\]", wiki)
    return Told(next(filter(_is_date, categories), ""))


def _arguments(written: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for at, part in enumerate(written.split("|"), start=1):
        key, equals, value = part.partition("=")
        found[key.strip().lower() if equals else str(at)] = (value if equals else part).strip()
    return found


@lru_cache(maxsize=4096)
def _is_date(text: str) -> bool:
    return re.search(r"\d", text) is not None and ways_to_read(text) == 1


def text_of_wiki(wiki: str) -> str:
    """Return the text of an article in wikitext.

    >>> text_of_wiki("The '''ferry''' to [[Holm (town)|Holm]] is {{w|Late (word)|late}}.<ref>x</ref>")
    'The ferry to Holm is late.'
    >>> text_of_wiki("It sails.\\n\\n== Sources ==\\n{{source|url=x}}\\n[[Category:Ferries]] [[File:A.jpg|A [[b]].]]")
    'It sails.'
    """
    text = _without_tags(_without_comments(wiki))
    text = _without_brackets(text)
    text = _EXTERNAL.sub(r"\1", text)
    text = _TAG.sub("", _END_OF_BLOCK.sub("\n\n", _BREAK.sub("\n", text)))
    text = html.unescape(_MAGIC.sub("", _BOLD.sub("", text))).replace("\xa0", " ")
    return "\n\n".join(_without_empty_headings(text))


def _without_comments(text: str) -> str:
    first, *parts = text.split("<!--")
    kept = [first]
    for part in parts:
        _, end, behind = part.partition("-->")
        kept.append(behind if end else part)
    return "".join(kept)


def _without_tags(text: str) -> str:
    """Leave out elements whose content is no text, such as notes; one that is not closed is only a mark."""
    text = _EMPTY_TAG.sub("", text)
    kept, at = [], 0
    lower = text.lower() if "<" in text else ""
    absent: set[str] = set()
    for found in _OPEN_TAG.finditer(text):
        name = found[1].lower()
        if found.start() < at or name in absent:
            continue
        end = lower.find(f"</{name}", found.end()) if len(lower) == len(text) else -1
        if end < 0:
            absent.add(name)
            continue
        kept.append(text[at : found.start()])
        at = text.find(">", end) + 1 or len(text)
    return "".join([*kept, text[at:]])


def _without_brackets(text: str) -> str:
    """Replace templates, tables and links by the words that they stand for, the inner ones first."""
    stack: list[tuple[str, list[str]]] = [("", [])]
    at = 0
    for found in _BRACKET.finditer(text):
        mark = found[0]
        if mark in ("{|", "|}") and text[max(0, found.start() - 20) : found.start()].rpartition("\n")[2].strip(" \t:*"):
            continue  # a table begins and ends at the beginning of a line
        stack[-1][1].append(text[at : found.start()])
        at = found.end()
        if mark in _CLOSED_BY and len(stack) < MAX_NESTED:
            stack.append((mark, []))
        elif _CLOSED_BY.get(stack[-1][0]) == mark:
            opened, parts = stack.pop()
            stack[-1][1].append(_words_of(opened, "".join(parts)))
        elif mark != "|}":
            stack[-1][1].append(mark)
    stack[-1][1].append(text[at:])
    return "".join(piece for opened, parts in stack for piece in (opened, *parts))  # what is never closed is kept


_CLOSED_BY = {"{{": "}}", "[[": "]]", "{|": "|}"}


def _words_of(opened: str, inner: str) -> str:
    if opened == "[[":
        return _words_of_link(inner)
    return _words_of_template(inner) if opened == "{{" else "\n"


def _words_of_link(inner: str) -> str:
    target, bar, label = inner.partition("|")
    if (found := _NAMESPACE.match(target)) and not target.startswith(":") and not _INNER_NAMESPACE.match(target):
        return "" if found[0][0].isupper() or found[0].lower() in _FILES else label or target
    if bar:
        return label.rpartition("|")[2].strip() or target.partition(":")[2].strip() or target.strip()
    return _INNER_NAMESPACE.sub("", target.lstrip(":")).strip()


_FILES = frozenset(("image:", "file:", "category:", "datei:", "bild:", "fichier:", "archivo:", "файл:"))


def _words_of_template(inner: str) -> str:
    name, _, rest = inner.partition("|")
    name = name.strip()
    arguments = _arguments(rest) if rest else {}
    if _QUOTES.search(name):
        kept = [value for key, value in arguments.items() if value and (key.isdigit() or key in _PARTS_OF_QUOTE)]
        return "".join(f"\n\n{value}\n\n" for value in kept)
    if _WORDS.fullmatch(name):
        plain = [value for key, value in arguments.items() if key.isdigit() and value]
        return plain[-1] if plain else ""
    if name.lower() in ("convert", "cvt", "unité", "nombre", "formatnum"):
        return " ".join(filter(None, (arguments.get("1"), arguments.get("2"))))
    return ""


def _without_empty_headings(text: str) -> list[str]:
    """Return the paragraphs; headings with nothing below them, as of lists of sources, are left out."""
    kept: list[str] = []
    pending: list[tuple[int, str]] = []
    for line in text.split("\n"):
        stripped = " ".join(line.split())
        if heading := _HEADING.fullmatch(stripped):
            level = len(heading[1])
            pending = [each for each in pending if each[0] < level] + [(level, heading[2])]
            continue
        bare = _LIST.sub("", stripped, count=1) if stripped[:1] in "*#:;" else stripped
        if any(map(str.isalnum, bare)):
            kept += [title for _, title in pending if title]
            pending = []
            kept.append(bare)
    return kept
