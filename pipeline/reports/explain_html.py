"""An explanation as one HTML file: it loads nothing, runs nothing, and shows texts as text, whatever they hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from pipeline.reports.explain import ExplainedParagraph, Explanation
from pipeline.reports.explain_copies import CopiedPassage, PassagePlace
from pipeline.reports.explain_words import happened
from pipeline.reports.html_safety import content_policy, escaped, safe_link
from pipeline.reports.passage_words import to_the_minute
from pipeline.reports.whole_files import whole_file

STYLE = """
:root { color-scheme: light dark; --ink: #1c1c1c; --paper: #fff; --dim: #5c5c5c; --line: #d8d8d8;
  --cut: #a3122a; --cut-paper: #fdecee; --moved: #6d4b00; --moved-paper: #fdf3d8; --copy: #0b4f8a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e8e8; --paper: #161616; --dim: #a8a8a8; --line: #3a3a3a;
  --cut: #ff9aa8; --cut-paper: #3a1a1f; --moved: #f2cc7a; --moved-paper: #332a12; --copy: #8cc4ff; } }
body { margin: 0 auto; max-width: 50rem; padding: 1.5rem 1rem 4rem; color: var(--ink); background: var(--paper);
  font: 1rem/1.55 Georgia, "Times New Roman", serif; overflow-wrap: anywhere; }
h1 { font-size: 1.4rem; line-height: 1.25; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: 0; }
dl, .why, .copies, .changes, footer { font: .85rem/1.45 system-ui, sans-serif; }
dt, footer { color: var(--dim); } dd { margin: 0; }
article { border-top: 1px solid var(--line); margin-top: 1.5rem; padding-top: .5rem; }
.row { display: grid; grid-template-columns: 2.5rem 1fr; margin: .9rem 0; }
.number { color: var(--dim); font: .85rem/1.8 system-ui, sans-serif; }
p { margin: 0; white-space: pre-wrap; }
del { text-decoration-thickness: 1px; border-radius: 2px; padding: 0 .1em; }
del.cut { color: var(--cut); background: var(--cut-paper); }
del.moved { color: var(--moved); background: var(--moved-paper); }
ins { color: var(--copy); text-decoration: none; }
.why { color: var(--dim); display: block; margin: .15rem 0 0; }
.copies { color: var(--copy); border-left: 2px solid var(--copy); margin: .4rem 0 0; padding-left: .6rem; }
.copies ul { margin: 0; padding-left: 1.1rem; } .changes { padding-left: 1.1rem; }
a { color: inherit; }
@media print { body { max-width: none; padding: 0; } .row { break-inside: avoid; } }
"""
TAGS = {"cut": "del", "moved": "del", "edited": "ins"}


def html_pages(explanations: Iterable[Explanation]) -> Iterator[str]:
    """Yield one HTML file of some explanations, piece by piece."""
    yield (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{content_policy(STYLE)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n<meta name="color-scheme" content="light dark">\n'
        f"<title>clean explain</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
    )
    for explanation in explanations:
        yield "".join(_article(explanation))
    yield "</main>\n<footer>Made by clean explain. Struck through: cut or moved to a column.</footer>\n"
    yield "</body>\n</html>\n"


def _article(explanation: Explanation) -> Iterator[str]:
    header = explanation.header()
    title = header.pop("title", None) or explanation.subject
    lines = {"document": explanation.doc_id, **header, "run": explanation.run}
    yield f'<article lang="{escaped(_language(explanation))}">\n<h1 dir="auto">{escaped(title)}</h1>\n<dl lang="en">\n'
    for name, value in lines.items():
        if value:
            yield f'<dt>{name.replace("_", " ")}</dt><dd dir="auto">{_linked(name, value)}</dd>\n'
    yield "</dl>\n"
    if changes := explanation.other_changes():
        yield ('<ul class="changes" lang="en">' + "".join(f"<li>{escaped(each)}</li>" for each in changes) + "</ul>\n")
    for paragraph in explanation.paragraphs():
        yield from _row(paragraph, explanation)
    yield "</article>\n"


def _language(explanation: Explanation) -> str:
    return (explanation.document or {}).get("language") or "und"


def _row(paragraph: ExplainedParagraph, explanation: Explanation) -> Iterator[str]:
    number = "" if paragraph.number is None else f"{paragraph.number}"
    yield f'<div class="row"><span class="number">{number}</span><div>\n<p dir="auto">'
    for words, row in paragraph.pieces():
        tag = row and TAGS[row["action"]]
        yield (f'<{tag} class="{row["action"]}">{escaped(words)}</{tag}>' if row else escaped(words))
    yield "</p>\n"
    for span in paragraph.spans:
        why = happened(span.row, explanation.document, explanation.strengths)
        yield f'<span class="why" lang="en">{escaped(why)}</span>\n'
    for copy in paragraph.copies:
        yield from _copy(copy)
    yield "</div></div>\n"


def _copy(copy: CopiedPassage) -> Iterator[str]:
    yield f'<div class="copies" lang="en"><q dir="auto">{escaped(copy.text)}</q> {escaped(copy.in_words())}\n<ul>'
    for place in copy.places:
        yield f"<li>{_place(place)}</li>"
    if copy.total > len(copy.places):
        yield f"<li>and {copy.total - len(copy.places):,} more</li>"
    yield "</ul>"
    yield escaped(copy.differences_in_words())
    yield "</div>\n"


def _place(place: PassagePlace) -> str:
    when = to_the_minute(place.published)
    first = "first: " if place.is_canonical else ""
    return f"{first}{escaped(place.outlet)}, {when}, {escaped(place.doc_id)} <bdi>{escaped(place.title or '')}</bdi>"


def _linked(name: str, value: str) -> str:
    """Make a link of an address of the web, and text of everything else.

    >>> _linked("url", "https://quay.example/a?b=1&c"), _linked("url", "javascript:alert(1)")
    ('<a href="https://quay.example/a?b=1&amp;c" rel="noreferrer">https://quay.example/a?b=1&amp;c</a>', \
'javascript:alert(1)')
    """
    if name == "url" and safe_link(value):
        return f'<a href="{escaped(value)}" rel="noreferrer">{escaped(value)}</a>'
    return escaped(value)


def write_html(explanations: Iterable[Explanation], path: Path) -> None:
    """Write one HTML file of some explanations, whole or not at all. Raises UserError where that cannot be done."""
    with whole_file(path) as aside, aside.open("w", encoding="utf-8", errors="backslashreplace") as file:
        file.writelines(html_pages(explanations))
