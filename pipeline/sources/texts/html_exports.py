"""Pages of exports, each with many articles or messages: Factiva, Europresse and Telegram."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree
from lxml.html import HTMLParser, document_fromstring

from pipeline.sources.documents import Problem, failed, skipped
from pipeline.sources.fragments import text_of_fragment
from pipeline.sources.records import Record
from pipeline.sources.texts.exports import factiva_article, factiva_codes, is_date_line
from pipeline.sources.values import clean

_FACTIVA = re.compile(rb"""<div[^>]{0,200}class=["']article [a-z]{2}Article["']""")
_EUROPRESSE = re.compile(rb"""class=["'][^"']{0,60}(?:titreArticle|DocPublicationName)\b""")


def is_export(head: bytes) -> bool:
    """Return True for a page of articles as Factiva or Europresse writes it.

    >>> is_export(b'<div class="article enArticle"><p>'), is_export(b'<div class="article">')
    (True, False)
    """
    return _FACTIVA.search(head) is not None or (b"titreArticle" in head and _EUROPRESSE.search(head) is not None)


def records_of(uri: str, page: bytes) -> Iterator[Record | Problem]:
    """Read the articles of an export, a record each."""
    tree = tree_of(uri, page)
    if isinstance(tree, Problem):
        yield tree
        return
    factiva = tree.xpath("//div[contains(@class, 'Article') and starts-with(@class, 'article ')]")
    articles = factiva or tree.xpath("//article")
    for number, article in enumerate(articles, start=1):
        values = _factiva(article) if factiva else _europresse(article)
        yield Record(f"{uri}:{number}", {name: value for name, value in values.items() if value or name == "text"})
    if not articles:
        yield skipped(uri, "empty", "an export of a news database without articles")


def tree_of(uri: str, page: bytes) -> Any | Problem:
    """Parse a page; return a problem in place of its tree for one that cannot be parsed."""
    try:
        return document_fromstring(page, parser=HTMLParser(encoding=charset_of_page(page), huge_tree=False))
    except (etree.LxmlError, ValueError) as error:
        return failed(uri, "malformed", clean(f"no page: {error}")[:200])


def charset_of_page(page: bytes) -> str | None:
    """Return UTF-8 for a page whose bytes are; None where it has to say its charset itself."""
    try:
        page.decode()
    except UnicodeDecodeError:
        return None
    return "utf-8"


def _text(element: Any) -> str:
    return text_of_fragment(etree.tostring(element, encoding="unicode", with_tail=False))


def _factiva(article: Any) -> dict[str, Any]:
    """Read an article of Factiva: a table of codes and values, or a block for each line of the header."""
    codes = [(row.findtext("td//b") or "", row) for row in article.iter("tr")]
    if any(code.strip() == "HD" for code, _ in codes):
        lines = [f"{code.strip()}\n{_text(row.findall('td')[-1])}" for code, row in codes if row.findall("td")]
        return factiva_codes("\n".join(lines).split("\n")) or {"text": _text(article)}
    return factiva_article(_text(article).split("\n")) or {"text": ""}


def _europresse(article: Any) -> dict[str, Any]:
    """Read an article of Europresse by the classes of its parts."""
    headers = "\n".join(_all_with_class(article, "DocHeader"))
    parts = re.split(r"\s[-–•]\s|\n|,\s(?=p\.)", headers)
    day = next((part for part in parts if is_date_line(part.strip(" ,"))), headers.rpartition("\n")[2])
    text = _with_class(article, "DocText") or _with_class(article, "docOcurrContainer")
    return {
        "title": " ".join(_with_class(article, "titreArticle").split()),
        "outlet": _with_class(article, "DocPublicationName").partition("\n")[0].split(",")[0],
        "published": day.strip(" ,"), "authors": _with_class(article, "sm-margin-bottomNews"), "text": clean(text),
    }  # fmt: skip


def _with_class(article: Any, name: str) -> str:
    return next(iter(_all_with_class(article, name)), "")


def _all_with_class(article: Any, name: str) -> list[str]:
    return [_text(each).strip() for each in _elements(article, name)]


def _elements(article: Any, name: str) -> list[Any]:
    found = article.xpath(".//*[contains(concat(' ', normalize-space(@class), ' '), $name)]", name=f" {name} ")
    return list(found)


# ---------------------------------------------------------------- Telegram

_MESSAGES = re.compile(rb"""<div[^>]{0,100}class=["']message default""")
_SENT = re.compile(r"\d{2}\.\d{2}\.\d{4} \d{2}:\d{2}(?::\d{2})?")


def is_telegram(head: bytes) -> bool:
    """Return True for a page of messages as Telegram exports a channel or a chat.

    >>> is_telegram(b'<div class="message default clearfix" id="message1">'), is_telegram(b'<div class="message">')
    (True, False)
    """
    return b"message default" in head and _MESSAGES.search(head) is not None


def messages_of(uri: str, page: bytes) -> Iterator[Record | Problem]:
    """Read the messages of a page, a record each; one without a sender follows another of the same."""
    tree = tree_of(uri, page)
    if isinstance(tree, Problem):
        yield tree
        return
    channel = next((_with_class(each, "text") for each in _elements(tree, "page_header")), "")
    sender = ""
    for message in _elements(tree, "default"):
        if "message" not in message.get("class", "").split():
            continue
        sender = _with_class(message, "from_name").partition("\n")[0] or sender
        titles = (each.get("title", "") for each in _elements(message, "date"))
        sent = next((title.replace("UTC", "") for title in titles if _SENT.match(title)), "")
        text = "\n\n".join(_all_with_class(message, "text"))
        values = {"id": message.get("id"), "outlet": channel, "authors": sender if sender != channel else ""}
        place = f"{uri}#{message.get('id')}"
        yield Record(place, {**values, "published": sent, "text": clean(text)})
