"""Texts of records as programs dump them: pages of XHTML, escapes of a program's source, CDATA, comments of editors."""

from __future__ import annotations

import json

import pytest

import copydesk

STORY = (
    "The ferry to Holm sails again from Monday, the harbour office said after nine days of storm.",
    "Die Fähre nach Holm fährt ab Montag wieder, teilte das Hafenamt „nach neun Tagen Sturm“ mit.",
    "ホルム行きのフェリーは月曜日から運航を再開すると、港湾事務所が発表した。",
)
TEXT = "\n\n".join(STORY)
MARKED_UP = "".join(f"<p>{text}</p>" for text in STORY)


@pytest.mark.parametrize(
    "dumped",
    [
        json.dumps(TEXT)[1:-1],
        TEXT.replace("\n", "\\n"),
        TEXT.replace("\n", "\\r\\n"),
        f"<![CDATA[{TEXT}]]>",
        f"<![CDATA[{MARKED_UP}]]>",
        "\n\n".join(f"<!-- wp:paragraph -->\n<p>{text}</p>\n<!-- /wp:paragraph -->" for text in STORY),
        MARKED_UP.replace("<", "&lt;").replace(">", "&gt;"),
    ],
    ids=["json", "breaks", "breaks-of-windows", "cdata", "cdata-markup", "editor", "entities"],
)
def test_a_text_that_was_dumped_twice_has_its_paragraphs(dumped: str) -> None:
    assert copydesk.clean_text(dumped).paragraphs == STORY


def test_quotes_that_were_escaped_lose_their_strokes() -> None:
    told = copydesk.clean_text(f'{STORY[0]} The mayor said \\"no\\" and left; it\\\'s over.').text
    assert told == f'{STORY[0]} The mayor said "no" and left; it\'s over.'


@pytest.mark.parametrize("path", ["C:\\news\\notes", "the codes \\u2034 and ü"])
def test_a_path_or_a_code_that_a_text_names_stays(path: str) -> None:
    assert path in copydesk.clean_text(f"{STORY[0]}\n\nThe file lay in {path} on the old disk.").text


def test_a_page_of_xhtml_is_a_page() -> None:
    head = '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "x.dtd">\n'
    page = f"{head}<html xmlns='http://www.w3.org/1999/xhtml'><head><title>Ferry sails again</title></head>"
    article = copydesk.clean_text(f"{page}<body><h1>Ferry sails again</h1>{MARKED_UP}</body></html>")
    assert (article.title, article.paragraphs) == ("Ferry sails again", STORY)
