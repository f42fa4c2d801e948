"""Write the sample corpus from its sources, or say whether the files are up to date.

    python corpus/_make.py            write news/, pages/, feeds/, crawl/, _truth.json and the tables of README.md
    python corpus/_make.py --check    exit 1 and name the files that differ from what the sources give

A source is one TOML file an event in `_source/`. The text of an article is one line a paragraph:

    @label text         a line that is no story (labels: GUIDE in README.md); without a label it is story
    @sub text           a sub-heading inside the story
    [[text]]            noise inside a story line (a date line, a speaker's name): not in its `clean` text
    {r1,x2|text}        a passage that other articles of the event share under the same mark. The letter is the label:
                        r reuse, q quote, p paraphrase, n negated, x translated, t template
    @gallery name       the captions of a gallery of the same file, numbered

The same sources give the same bytes on every machine; only the compressed form of the crawl may differ between
versions of zlib, so it is compared decompressed.
"""

from __future__ import annotations

import gzip
import html
import io
import itertools
import json
import re
import sys
import textwrap
import tomllib
import unicodedata
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from string import Template
from typing import Any, NamedTuple

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

HERE = Path(__file__).resolve().parent
OUTPUT_FOLDERS = ("news", "pages", "feeds", "crawl")
KINDS = {"r": "reuse", "q": "quote", "p": "paraphrase", "n": "negated", "x": "translated", "t": "template"}
LABELS = {"negated": "paraphrase", "translated": "paraphrase"}  # in the guide's words
MONTHS = {  # the month that all this happens in, and the one before
    "en": ("February", "March"),
    "de": ("Februar", "März"),
    "fr": ("février", "mars"),
    "es": ("febrero", "marzo"),
}
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
CRAWLED = "2025-03-31T04:00:00Z"
MARK = re.compile(r"\{([rqpnxt]\d+(?:,[rqpnxt]\d+)*)\|([^{}]*)\}")
INLINE = re.compile(r"\[\[(.*?)\]\]")


# ---------------------------------------------------------------- sources


@dataclass(frozen=True)
class Line:
    """One paragraph as it stands on the page; `clean` is what of it is story, where that is not all."""

    label: str
    text: str
    clean: str | None = None
    heading: bool = False
    passages: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Article:
    id: str
    event: str
    outlet: str
    title: str
    published: datetime
    authors: tuple[str, ...]
    lines: tuple[Line, ...]
    deck: str | None = None
    section: str = ""
    byline: str | None = None
    dateline: str | None = None
    wire: tuple[str, ...] = ()
    form: dict[str, Any] = field(default_factory=dict)


def parse_line(source: str) -> Line:
    """A line of a source.

    >>> parse_line("[[PELHAM (AP) - ]]{r1|It rained.} Again.").clean
    'It rained. Again.'
    """
    label, text = "body", source.strip()
    if text.startswith("@"):
        label, _, text = text[1:].partition(" ")
    passages = tuple((mark, m[2]) for m in MARK.finditer(text) for mark in m[1].split(","))
    text = MARK.sub(lambda m: m[2], text)
    shown = INLINE.sub(lambda m: m[1], text)
    clean = INLINE.sub("", text)
    heading = label == "sub"
    return Line("body" if heading else label, shown, None if clean == shown else clean, heading, passages)


def article_lines(source: str, galleries: dict[str, list[str]]) -> Iterator[Line]:
    for line in source.strip().split("\n"):
        if line.startswith("@gallery "):
            captions = galleries[line.split()[1]]
            yield from (Line("caption", f"{n}/{len(captions)} {text}") for n, text in enumerate(captions, 1))
        elif line.strip():
            yield parse_line(line)


def read_event(path: Path, outlets: dict[str, dict[str, Any]]) -> list[Article]:
    """The articles of one event; `form` is the outlet's, with what the article has of its own."""
    source = tomllib.loads(path.read_text(encoding="utf-8"))
    known = {"id", "outlet", "title", "published", "authors", "deck", "section", "byline", "dateline", "wire"}
    known |= {"text", "reprint_of", "edits"}
    articles: dict[str, Article] = {}
    for entry in source["article"]:
        text = entry.get("text", "")
        lines = tuple(article_lines(text, source.get("galleries", {})))
        if "reprint_of" in entry:
            copied = reprint(articles[entry["reprint_of"]], entry.get("edits", []))
            lines = (*lines[:1], *copied, *lines[1:])
        articles[entry["id"]] = Article(
            id=entry["id"],
            event=path.stem.split("-", 1)[1],
            outlet=entry["outlet"],
            title=entry["title"],
            published=datetime.fromisoformat(entry["published"]),
            authors=tuple(entry.get("authors", [])),
            lines=lines,
            deck=entry.get("deck"),
            section=entry.get("section", ""),
            byline=entry.get("byline"),
            dateline=entry.get("dateline"),
            wire=tuple(entry.get("wire", [])),
            form=outlets[entry["outlet"]] | {key: value for key, value in entry.items() if key not in known},
        )
    return list(articles.values())


def edited(text: str, edits: list[list[str]]) -> str:
    for old, new in edits:
        text = text.replace(old, new)
    return text


def reprint(original: Article, edits: list[list[str]]) -> Iterator[Line]:
    """The story lines of another article with a few words changed; every line of it is a shared passage."""
    for number, line in enumerate(line for line in original.lines if line.label == "body"):
        text, clean = edited(line.text, edits), edited(line.clean or line.text, edits)
        copied = [(mark, edited(words, edits)) for mark, words in line.passages]
        whole = (f"whole {original.id} {number}", clean)
        yield replace(line, text=text, clean=None if clean == text else clean, passages=(whole, *copied))


def mark_originals(articles: list[Article]) -> list[Article]:
    """Give the articles that are reprinted whole the marks of their reprints."""
    wanted = {mark.split()[1] for a in articles for line in a.lines for mark, _ in line.passages if mark[0] == "w"}
    return [mark_whole(article) if article.id in wanted else article for article in articles]


def mark_whole(article: Article) -> Article:
    lines = list(article.lines)
    story = (n for n, line in enumerate(lines) if line.label == "body")
    for number, n in enumerate(story):
        whole = (f"whole {article.id} {number}", lines[n].clean or lines[n].text)
        lines[n] = replace(lines[n], passages=(whole, *lines[n].passages))
    return replace(article, lines=tuple(lines))


def read_sources() -> tuple[list[Article], dict[str, dict[str, Any]]]:
    folder = HERE / "_source"
    outlets = tomllib.loads((folder / "outlets.toml").read_text(encoding="utf-8"))
    events = sorted(folder.glob("[0-9]*.toml"))
    return mark_originals([article for path in events for article in read_event(path, outlets)]), outlets


# ---------------------------------------------------------------- furniture


def stable_number(text: str, low: int, high: int) -> int:
    """A number that looks accidental and is always the same for the same text."""
    return low + uuid.uuid5(uuid.NAMESPACE_URL, text).int % (high - low + 1)


def fields(article: Article, others: list[Article], language: str) -> dict[str, str]:
    when = article.published
    words = sum(len(line.text.split()) for line in article.lines if line.label == "body")
    joiner = {"de": " und ", "fr": " et ", "es": " y "}.get(language, " and ")
    values = {
        "title": article.title,
        "deck": article.deck or "",
        "authors": joiner.join(article.authors),
        "section": article.section,
        "day": str(when.day),
        "month": MONTHS[language][when.month - 2],
        "month_number": f"{when.month:02d}",
        "year": str(when.year),
        "weekday": WEEKDAYS[when.weekday()],
        "hour": f"{when.hour:02d}",
        "minute": f"{when.minute:02d}",
        "hour12": f"{when.hour % 12 or 12}:{when.minute:02d} {'p.m.' if when.hour >= 12 else 'a.m.'}",
        "minutes": str(max(1, round(words / 200))),
        "seconds": f"{stable_number(article.id, 0, 59):02d}",
        "comments": str(stable_number("c" + article.id, 3, 412)),
        "shares": str(stable_number("s" + article.id, 11, 1900)),
    }
    return values | {f"related_{n}": other.title for n, other in enumerate(others, 1)}


def furniture(template: str, values: dict[str, str]) -> Iterator[Line]:
    for source in template.strip().split("\n"):
        names = re.findall(r"\{(\w+)\}", source)
        if source and all(values.get(name) for name in names):
            yield parse_line(source.format_map(values))


class Parts(NamedTuple):
    """Everything that stands on the page of an article, in order."""

    before: list[Line]
    story: list[Line]
    after: list[Line]

    def lines(self) -> list[Line]:
        return self.before + self.story + self.after


def parts_of(article: Article, outlet: dict[str, Any], others: list[Article]) -> Parts:
    values = fields(article, others, outlet["language"])
    before = list(furniture(outlet["before"], values))
    if article.byline:
        before = [replace(line, text=article.byline) if line.label == "byline" else line for line in before]
        values = values | {"authors": ""}  # an agency's reporter gets no biography
    return Parts(before, list(article.lines), list(furniture(outlet["after"], values)))


def related_articles(article: Article, articles: list[Article]) -> list[Article]:
    """Up to three other articles of the outlet, the nearest in time first."""
    others = [a for a in articles if a.outlet == article.outlet and a.id != article.id]
    return sorted(others, key=lambda a: (abs(a.published - article.published), a.id))[:3]


# ---------------------------------------------------------------- bytes of a text


def slug(text: str, words: int = 6) -> str:
    """
    >>> slug("À Halvenport, le phare a pris ses quartiers")
    'a-halvenport-le-phare-a-pris'
    """
    ascii_text = unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", ascii_text)[:words])


def url(article: Article) -> str:
    return f"https://www.{article.outlet}.example/{article.published:%Y/%m/%d}/{slug(article.title, 9)}.html"


def wrapped(text: str, width: int) -> str:
    return textwrap.fill(text, width, break_long_words=False, break_on_hyphens=False)


def double_encoded(text: str) -> str:
    """UTF-8 read as windows-1252 once too often, as broken exports do.

    >>> double_encoded("café")
    'cafÃ©'
    """
    return "".join(bytes([b]).decode("cp1252", "ignore") or chr(b) for b in text.encode("utf-8"))


def plain_text(lines: Iterable[Line], form: dict[str, Any]) -> str:
    texts = [line.text for line in lines]
    if form.get("spaces") == "no-break":
        texts = [re.sub(r"(?<=\d) (?=\w)", "\u00a0", t) for t in texts]
    if form.get("spaces") == "zero-width":
        texts = ["\u200b" + t for t in texts]
    if form.get("entities"):
        texts = [html.escape(t).replace("ñ", "&ntilde;").replace("ó", "&oacute;") for t in texts]
    if "wrap" in form:
        texts = [wrapped(t, form["wrap"]) for t in texts]
    text = form.get("join", "\n\n").join(texts)
    return double_encoded(text) if form.get("encoding") == "mojibake" else text


def text_file(lines: Iterable[Line], form: dict[str, Any]) -> bytes:
    text = plain_text(lines, form) + "\n"
    if form.get("newline") == "crlf":
        text = text.replace("\n", "\r\n")
    encoding = form.get("encoding", "utf-8").replace("mojibake", "utf-8")
    if encoding == "utf-16":
        return b"\xff\xfe" + text.encode("utf-16-le")
    return text.encode(encoding)


# ---------------------------------------------------------------- pages


#: How a line of each label looks. Labels not named here: a paragraph, or an anonymous box of the label's name.
SEMANTIC = {
    "title": "<h1>$text</h1>",
    "deck": '<p class="standfirst">$text</p>',
    "byline": '<address rel="author">$text</address>',
    "date": "<time>$text</time>",
    "caption": '<figure><img src="/i/$number.jpg" alt=""><figcaption>$text</figcaption></figure>',
    "duplicate": "<figure><figcaption>$text</figcaption></figure>",
    "embed": '<blockquote class="social-embed"><p>$text</p></blockquote>',
    "related": '<aside class="related"><a href="/r/$number">$text</a></aside>',
    "signup": '<form class="newsletter"><label>$text</label><input type="email"></form>',
    "ad": '<div class="ad-slot" data-slot="mid">$text</div>',
    "credit": '<p class="credit">$text</p>',
    "nav": '<li><a href="/$number">$text</a></li>',
    "legal": "<small>$text</small>",
}
CLASSES = {
    "title": '<h1 class="headline">$text</h1>',
    "body": "<p>$text</p>",
    "caption": '<div class="photo"><img src="/media/$number.webp"><div class="cutline">$text</div></div>',
    "nav": '<a class="menu-item" href="/$number">$text</a>',
    "related": '<div class="promo"><a href="/story/$number">$text</a></div>',
}


def element(line: Line, site: str) -> str:
    """A line in HTML, as the site's pages are written."""
    if line.heading:
        shape = "<h2>$text</h2>"
    elif site in ("semantic", "redaktion"):
        shape = SEMANTIC.get(line.label, "<p>$text</p>")
    else:
        shape = CLASSES.get(line.label, f'<div class="{line.label}">$text</div>')
    text = html.escape(line.text, quote=False)
    return Template(shape).substitute(text=text, number=stable_number(text, 1000, 9999))


def elements(lines: Iterable[Line], site: str) -> str:
    return "\n".join(element(line, site) for line in lines)


def json_ld(article: Article, outlet: dict[str, Any]) -> str:
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article.title,
        "datePublished": article.published.isoformat(),
        "author": [{"@type": "Person", "name": name} for name in article.authors],
        "publisher": {"@type": "Organization", "name": outlet["name"]},
        "inLanguage": outlet["language"],
    }
    return json.dumps(data, ensure_ascii=False)


def page(article: Article, parts: Parts, outlet: dict[str, Any]) -> str:
    """The page of an article on its outlet's site."""
    site = outlet["site"]
    template = Template((HERE / "_source" / f"site-{site}.html").read_text(encoding="utf-8"))
    head = next(n for n, line in enumerate(parts.before) if line.label == "title")
    return template.substitute(
        language=outlet["language"],
        charset=article.form.get("declared", "utf-8"),
        title=html.escape(article.title),
        description=html.escape(article.deck or article.title),
        name=html.escape(outlet["name"]),
        url=url(article),
        published=article.published.isoformat(),
        authors=html.escape(", ".join(article.authors)),
        json_ld=json_ld(article, outlet),
        navigation=elements(parts.before[:head], site),
        head=elements(parts.before[head:], site),
        story=elements(parts.story, site),
        foot=elements(parts.after, site),
    )


def page_bytes(article: Article, parts: Parts, outlet: dict[str, Any]) -> bytes:
    encoding = article.form.get("encoding", "utf-8")
    return page(article, parts, outlet).encode(encoding, "xmlcharrefreplace")


# ---------------------------------------------------------------- files


def record_id(name: str) -> str:
    return f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, name)}>"


def add_response(writer: WARCWriter, address: str, status: str, kind: str, body: bytes) -> None:
    http = StatusAndHeaders(status, [("Content-Type", kind), ("Content-Length", str(len(body)))], protocol="HTTP/1.1")
    headers = {"WARC-Record-ID": record_id(address), "WARC-Date": CRAWLED}
    payload = io.BytesIO(body)
    writer.write_record(
        writer.create_warc_record(address, "response", payload=payload, http_headers=http, warc_headers_dict=headers)
    )


def add_information(writer: WARCWriter, outlet: str) -> None:
    info = writer.create_warcinfo_record("2025-03.warc.gz", {"software": "copydesk sample corpus"})
    info.rec_headers.replace_header("WARC-Record-ID", record_id(f"warcinfo of {outlet}"))
    info.rec_headers.replace_header("WARC-Date", CRAWLED)
    writer.write_record(info)


def crawl_file(pages: list[tuple[Article, bytes]]) -> bytes:
    """The crawl of one outlet: its pages, and what the crawler met beside them."""
    outlet = pages[0][0].outlet
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True, warc_version="WARC/1.0")
    add_information(writer, outlet)
    for article, body in pages:
        charset = article.form.get("transport", "")
        add_response(writer, url(article), "200 OK", "text/html" + (f"; charset={charset}" if charset else ""), body)
    for other in NO_PAGES:
        if other["outlet"] == outlet:
            add_response(writer, no_page_url(other), other["status"], other["kind"], other["body"].encode("utf-8"))
    return out.getvalue()


def feed_line(article: Article, lines: list[Line], form: dict[str, Any]) -> str:
    fields_ = {
        "id": article.id,
        "url": url(article),
        "outlet": article.outlet,
        "title": article.title,
        "authors": list(article.authors),
        "published": article.published.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "text": plain_text(lines, form),
    }
    return json.dumps(fields_, ensure_ascii=False)


NO_PAGES = [
    {
        "outlet": "newsreel",
        "path": "/tiles.css",
        "status": "200 OK",
        "kind": "text/css",
        "body": ".tile { border: 3px solid #c40 }\n",
    },
    {
        "outlet": "newsreel",
        "path": "/2025/03/01/gone.html",
        "status": "404 Not Found",
        "kind": "text/html; charset=utf-8",
        "body": "<html><body><h1>Not here</h1><p>Try the other internet.</p></body></html>",
    },
    {
        "outlet": "echo-de-vance",
        "path": "/logo.svg",
        "status": "200 OK",
        "kind": "image/svg+xml",
        "body": "<svg xmlns='http://www.w3.org/2000/svg'/>",
    },
]


def no_page_url(other: dict[str, str]) -> str:
    return f"https://www.{other['outlet']}.example{other['path']}"


def build() -> tuple[dict[str, bytes], dict[str, Any]]:
    """Every file of the corpus by its path, and the truth about them."""
    articles, outlets = read_sources()
    files: dict[str, bytes] = {}
    feeds: dict[str, list[str]] = defaultdict(list)
    crawls: dict[str, list[tuple[Article, bytes]]] = defaultdict(list)
    documents = []
    for article in sorted(articles, key=lambda a: (a.published, a.id)):
        outlet = outlets[article.outlet]
        form = article.form
        parts = parts_of(article, outlet, related_articles(article, articles))
        lines = parts.lines()
        name = f"{article.outlet}/{article.published:%Y-%m-%d}-{slug(article.title)}"
        match outlet["format"]:
            case "txt":
                path = f"news/{name}.txt"
                files[path] = text_file(lines, form)
            case "html":
                path = f"pages/{name}.html"
                files[path] = page_bytes(article, parts, outlet)
            case "jsonl":
                path = f"feeds/{article.outlet}.jsonl"
                feeds[path].append(feed_line(article, lines, form))
            case "warc":
                path = f"crawl/{article.outlet}/2025-03.warc.gz"
                crawls[path].append((article, page_bytes(article, parts, outlet)))
        documents.append(truth_of(article, lines, path, outlet))
    files |= {path: ("\n".join(rows) + "\n").encode("utf-8") for path, rows in feeds.items()}
    files |= {path: crawl_file(pages) for path, pages in crawls.items()}
    return files, {
        "documents": documents,
        "pairs": pairs(articles),
        "no_pages": [no_page_url(other) for other in NO_PAGES],
    }


# ---------------------------------------------------------------- truth


def truth_of(article: Article, lines: list[Line], path: str, outlet: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": article.id,
        "event": article.event,
        "outlet": article.outlet,
        "path": path,
        "source_id": article.id if outlet["format"] == "jsonl" else None,
        "url": None if outlet["format"] == "txt" else url(article),
        "title": article.title,
        "authors": [name for name in article.authors if name not in article.wire],  # an agency is no person
        "published": article.published.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "dateline": article.dateline,
        "wire": list(article.wire),
        "language": outlet["language"],
        "lines": [line.text for line in lines],
        "labels": {str(n): line.label for n, line in enumerate(lines) if line.label != "body"},
        "clean": {str(n): line.clean for n, line in enumerate(lines) if line.clean is not None},
    }


def numbers(text: str) -> list[str]:
    return sorted(re.findall(r"\d[\d.,:]*\d|\d", text))


def pairs(articles: list[Article]) -> list[dict[str, Any]]:
    """Every two occurrences of a marked passage in two articles."""
    marked: dict[tuple[str, str], list[tuple[Article, str]]] = defaultdict(list)
    for article in articles:
        for line in article.lines:
            for mark, text in line.passages:
                # a formula is the same formula in every event
                marked["" if mark[0] == "t" else article.event, mark].append((article, text))
    return [
        pair
        for (_, mark), occurrences in marked.items()
        for (a, a_text), (b, b_text) in itertools.combinations(occurrences, 2)
        if a is not b and (pair := pair_of(mark, a, a_text, b, b_text))
    ]


def pair_of(mark: str, a: Article, a_text: str, b: Article, b_text: str) -> dict[str, Any] | None:
    """A row of the truth, or None for two texts that do not stand for what the mark says."""
    whole = mark.startswith("whole")
    kind = "reuse" if whole else KINDS[mark[0]]
    if kind == "translated" and a.form["language"] == b.form["language"]:
        return None  # two papers of one language that both translate a third
    if kind in ("paraphrase", "template") and a_text == b_text:
        return None  # a reprint and its original
    return {
        "a": a.id, "a_text": a_text, "b": b.id, "b_text": b_text, "label": LABELS.get(kind, kind), "kind": kind,
        "whole": whole, "numbers_differ": numbers(a_text) != numbers(b_text),
    }  # fmt: skip


def truth_text(truth: dict[str, Any]) -> str:
    """The truth as JSON that a person can read and `git diff` can show: a line a document and a pair."""
    parts = []
    for name, rows in truth.items():
        listed = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
        parts.append(f'"{name}": [\n{listed}\n]')
    return "{\n" + ",\n".join(parts) + "\n}\n"


# ---------------------------------------------------------------- the table of the README


def counted(rows: list[dict[str, Any]], key: str) -> dict[str, list[dict[str, Any]]]:
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row[key]].append(row)
    return groups


def body_words(document: dict[str, Any]) -> int:
    story = (n for n in range(len(document["lines"])) if str(n) not in document["labels"])
    return sum(len(document["clean"].get(str(n), document["lines"][n]).split()) for n in story)


def tables(truth: dict[str, Any], outlets: dict[str, dict[str, Any]]) -> str:
    """What there is of everything, for the README."""
    documents = truth["documents"]
    kinds = ", ".join(f"{len(rows)} {kind}" for kind, rows in sorted(counted(truth["pairs"], "kind").items()))
    differ = sum(pair["numbers_differ"] for pair in truth["pairs"])
    languages = ", ".join(f"{len(rows)} {name}" for name, rows in sorted(counted(documents, "language").items()))
    lines = [
        f"{len(documents)} articles ({languages}), {sum(map(body_words, documents)):,} words of story, "
        f"{sum(len(d['labels']) for d in documents):,} lines of furniture; "
        f"{len(truth['pairs'])} pairs of passages ({kinds}), {differ} with different numbers.",
        "",
        "| outlet | language | form | articles | |",
        "|---|---|---|---|---|",
    ]
    for name, rows in sorted(counted(documents, "outlet").items()):
        outlet = outlets[name]
        form = {
            "warc": f"pages in `crawl/{name}/*.warc.gz`",
            "html": f"`pages/{name}/*.html`",
            "txt": f"`news/{name}/*.txt`",
        }
        where = form.get(outlet["format"], f"`feeds/{name}.jsonl`")
        lines.append(f"| {outlet['name']} | {outlet['language']} | {where} | {len(rows)} | {outlet['note']} |")
    lines += ["", "| event | articles | outlets | languages |", "|---|---|---|---|"]
    for name, rows in counted(documents, "event").items():
        spoken = ", ".join(sorted({row["language"] for row in rows}))
        lines.append(f"| {name} | {len(rows)} | {len({row['outlet'] for row in rows})} | {spoken} |")
    return "\n".join(lines)


def with_tables(readme: str, made: str) -> str:
    start, end = "<!-- made by _make.py -->\n", "\n<!-- end -->"
    head, _, rest = readme.partition(start)
    return head + start + made + end + rest.partition(end.strip())[2]


# ---------------------------------------------------------------- command


def same(path: Path, wanted: bytes) -> bool:
    if not path.exists():
        return False
    have = path.read_bytes()
    return gzip.decompress(have) == gzip.decompress(wanted) if path.suffix == ".gz" else have == wanted


def outdated(files: dict[str, bytes]) -> list[str]:
    """Paths that are missing, differ, or should not be there."""
    present = {str(p.relative_to(HERE)) for f in OUTPUT_FOLDERS for p in (HERE / f).rglob("*") if p.is_file()}
    return sorted({path for path, wanted in files.items() if not same(HERE / path, wanted)} | (present - files.keys()))


def main(argv: list[str]) -> int:
    files, truth = build()
    files["_truth.json"] = truth_text(truth).encode("utf-8")
    readme = (HERE / "README.md").read_text(encoding="utf-8")
    files["README.md"] = with_tables(readme, tables(truth, read_sources()[1])).encode("utf-8")
    stale = outdated(files)
    if argv == ["--check"]:
        print("\n".join(stale) or f"up to date: {len(files)} files")
        return int(bool(stale))
    for path in stale:
        if path in files:
            (HERE / path).parent.mkdir(parents=True, exist_ok=True)
            (HERE / path).write_bytes(files[path])
        else:
            (HERE / path).unlink()
    print(f"{len(truth['documents'])} articles, {len(truth['pairs'])} pairs, {len(stale)} files written or removed")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
