"""Exports of news databases as text: Lexis and Nexis, Factiva, ProQuest, Europresse, in any language.

Their layouts are told by their structure: a number of the document, a count of words, labels, a last line with the
document's number; the words of single languages are used only where the layout has no other mark.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import Any

from pipeline.sources.columns import SampleColumn
from pipeline.sources.fields import share_of_dates
from pipeline.sources.texts.header import role_of
from pipeline.sources.texts.lines import Head, TextLine
from pipeline.sources.texts.pieces import (
    PieceForm,
    is_field,
    is_numbered,
    label_of_text,
    labelled,
    numbered_in,
    pieces,
    repeated_labels,
    with_own_header,
)

_ONE = "[sources] one_document = true reads it as one"


def export_in(head: Head) -> PieceForm | None:
    """Find the layout of an export by the head of its file."""
    if form := _factiva(head):
        return form
    ends = sum(map(is_end, head.short))
    if ends and sum(_front_label(line) is not None for line in head.lines) >= ends:
        return PieceForm(is_end, nexis_article, f"an export of Nexis Uni; {_ONE}")
    if numbered_in(head):
        return _numbered(head)
    if "news" in head.text and any(map(is_europresse_end, head.lines)):
        return PieceForm(is_europresse_end, europresse_article, f"an export of Europresse; {_ONE}", mark_is_last=True)
    return None


def _numbered(head: Head) -> PieceForm:
    parts = [piece.lines for piece in _cut(head, is_numbered) if any(line.strip() for line in piece.lines)]
    if sum(any(map(_is_length, part)) for part in parts) >= len(parts) / 2:
        return PieceForm(is_numbered, nexis_article, f"an export of Lexis or Nexis; {_ONE}", has_preface=True)
    labels = repeated_labels(parts) if len(parts) > 3 else repeated_labels(parts) | _known_labels(parts)
    if text := label_of_text(parts, labels):
        read = partial(labelled, labels=labels, text=text)
        return PieceForm(is_numbered, read, f"articles with labelled fields; {_ONE}", has_preface=True)
    return PieceForm(is_numbered, with_own_header, f"numbered articles; {_ONE}", has_preface=True)


def _cut(head: Head, is_mark: Any) -> list[Any]:
    lines = (TextLine(at, line, len(line)) for at, line in enumerate(head.lines, start=1))
    return list(pieces(lines, is_mark, False, 1 << 30))


_WITH_LABEL = re.compile(r"([^\W\d_][^\n:：]{0,39}?)\s?[:：](?:\s|$)")
_PROQUEST = frozenset(
    ("subject", "location", "people", "links", "abstract", "copyright", "database", "issn", "section", "pages",
     "publication info", "company / organization", "first page", "place of publication", "last updated",
     "document type", "source type", "language of publication", "country of publication", "business indexing term")
)  # fmt: skip


def _known_labels(parts: Sequence[Sequence[str]]) -> frozenset[str]:
    """Return the labels whose names are known, for exports of too few articles to see which labels recur."""
    names = {match[1] for part in parts for line in part if (match := _WITH_LABEL.match(line))}
    return frozenset(name for name in names if is_field(name) or name.casefold() in _PROQUEST)


# ---------------------------------------------------------------- Lexis and Nexis

_END = re.compile(
    r"\s*(?:end of document|ende des dokuments|dokumentende|fin du document|fin del documento|fin de documento"
    r"|einde van (?:het )?document|fine del documento|fim do documento)\s*$",
    re.IGNORECASE,
)
_CAPITAL_LABEL = re.compile(r"\s*([^\W\d_][^\W\d_ /-]*(?:[ /-][^\W\d_]+){0,3})\s?[:：]\s*(.*)$")
_LENGTH = re.compile(
    r"\s*(?:length|länge|longueur|lengte|longitud|extensión|lunghezza|comprimento|tamanho|längd|længde|lengde)\s?:"
    r"|\s*[^\W\d_]{4,14}\s?:\s*\d[\d.,\s]*\s?[^\W\d_]{3,10}\s*$",
    re.IGNORECASE,
)
_RIGHTS = re.compile(
    r"\s*(?:copyright|©|\(c\)|all rights reserved|alle rechte|tous droits|todos los derechos|tutti i diritti)",
    re.IGNORECASE,
)
#: Labels in front of the text, as they are written in the newer layout, and those that stand behind it.
_FRONT = re.compile(
    r"\s*(?:section|length|byline|dateline|headline|highlight|series|rubrik|länge|autor|rubrique|longueur|auteur|sectie"
    r"|lengte|sección|longitud|autora?|sezione|lunghezza|autore|seção|comprimento)\s?:",
    re.IGNORECASE,
)
_BODY = re.compile(r"\s*(?:body|text|corps|cuerpo|corpo|textkörper|hauptteil|hoofdtekst|tekst)\s?:?\s*$", re.IGNORECASE)
_BEHIND = re.compile(
    r"\s*(?:load-date|language|graphic|subject|person|company|organi[sz]ation|geographic|country|state|city|ticker"
    r"|industry|document-type|publication-type|type|journal-code|acc-no|url|notes|distribution|correction-date|enhancement"
    r"|update|sprache|publikationsart|zeitungs-code|grafik|date-chargement|langue|type-publication|journal|encode-date"
    r"|fecha-carga|idioma|tipo-publicaci[oó]n|data-caricamento|lingua|tipo-pubblicazione|laad-datum|laaddatum|taal"
    r"|publicatie-type|soort publicatie|publicación|publicatiedatum|classification)\s?:?(?:\s|$)",
    re.IGNORECASE,
)


#: Headings of sections behind the text in the newer layout.
_SECTION = re.compile(
    r"(?:graphic|classification|notes|grafik|klassifizierung|graphique|gráfico|clasificación|grafiek)$", re.IGNORECASE
)


def is_end(line: str) -> bool:
    """Return True for the line that ends an article in the newer layout of Nexis.

    >>> is_end("End of Document"), is_end("Fin du document"), is_end("The end of documents is near.")
    (True, True, False)
    """
    return len(line) < 60 and _END.match(line) is not None


def _is_length(line: str) -> bool:
    return len(line) < 60 and _LENGTH.match(line) is not None


def _front_label(line: str) -> re.Match[str] | None:
    """Return the label in front of a text: a known one, or any in capitals."""
    if len(line) > 400:
        return None
    match = _CAPITAL_LABEL.match(line)
    return match if match and (_FRONT.match(line) or match[1].isupper()) else None


def nexis_article(lines: Sequence[str]) -> dict[str, Any] | None:
    """Read an article in either layout: outlet, date and title, or title, outlet and date; labels; the text; labels."""
    lines = [line.strip() for line in lines]
    first = next((at for at, line in enumerate(lines) if _front_label(line) or _BODY.match(line)), None)
    if first is None:
        return None
    values = _above_labels(lines[:first])
    start = _read_labels(lines, first, values)
    end = _end_of_text(lines, start)
    for line in lines[end:]:
        if (match := _CAPITAL_LABEL.match(line)) and match[2]:
            values.setdefault(match[1].casefold(), match[2])
    values.setdefault("published", values.get("load-date", values.get("update", "")))
    text = "\n".join(line for line in lines[start:end] if not _is_rights(line)).strip()
    return {**{name: value for name, value in values.items() if value}, "text": text}


def _is_rights(line: str) -> bool:
    return len(line) < 200 and _RIGHTS.match(line) is not None


def is_date_line(line: str) -> bool:
    """Return True for a line that is a date, with the day of the week or an edition.

    >>> is_date_line("December 25, 2016 Sunday"), is_date_line("25. Dezember 2016 Sonntag"), is_date_line("Holm Post")
    (True, True, False)
    """
    if not 8 <= len(line) <= 70 or len(line.split()) > 9 or not re.search(r"\d{4}", line):
        return False
    return not re.match(r"[\d\s]+$", line) and share_of_dates(SampleColumn("published", [line])) > 0


def _above_labels(lines: Sequence[str]) -> dict[str, str]:
    """Find outlet, date and title in the lines above the first label."""
    shown = [(at, line) for at, line in enumerate(lines) if line and not _is_rights(line)]
    dates = [place for place, (_, line) in enumerate(shown) if is_date_line(line)]
    if not dates:
        return {"title": " ".join(line for _, line in shown[-2:])} if shown else {}
    date = dates[-1]
    outlet = shown[date - 1][1] if date else ""
    below = [line for at, line in shown[date + 1 :] if at > _end_of_block(lines, shown[date][0])]
    above = [line for _, line in _last_block(shown[: max(0, date - 1)])]
    return {"outlet": outlet, "published": shown[date][1], "title": " ".join(below or above)}


def _end_of_block(lines: Sequence[str], at: int) -> int:
    """Return the last line of the block that holds a line; editions stand in the block of the date."""
    return next((each - 1 for each in range(at, len(lines)) if not lines[each]), len(lines) - 1)


def _last_block(shown: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    """Return the last lines that stand directly below each other."""
    start = len(shown) - 1
    while start > 0 and shown[start - 1][0] == shown[start][0] - 1:
        start -= 1
    return list(shown[max(0, start) :])


def _read_labels(lines: Sequence[str], first: int, values: dict[str, str]) -> int:
    """Read the labels in front of the text into `values`; return where the text begins."""
    at = first
    last = ""
    while at < len(lines):
        line = lines[at]
        if _BODY.match(line):
            return at + 1
        match = _front_label(line)
        if match and match[1].casefold() == "body":
            return at
        if match:
            last = _put(values, match[1], match[2])
        elif line and lines[at - 1] and last:
            values[last] = f"{values[last]} {line}".strip()
        elif line and not _is_rights(line):
            return at
        at += 1
    return at


#: Labels of bylines that are words for "by".
_BY = frozenset(("by", "von", "par", "por", "di", "da", "door", "av", "af"))


def _put(values: dict[str, str], label: str, value: str) -> str:
    """Put the value of a label under the field that it names, else under the label; return the name."""
    role = "authors" if label.casefold() in _BY else role_of(label, value)
    is_new = role in ("authors", "url", "dateline", "deck") or (role == "title" and not values.get("title"))
    name = role if role and is_new else label.casefold()
    values[name] = value
    return name


def _end_of_text(lines: Sequence[str], start: int) -> int:
    """Return where the labels behind the text begin: the first of them with nothing but labels and rights after it."""
    sections = (at for at in range(start, len(lines)) if _SECTION.match(lines[at]) and not lines[at - 1])
    end = block_start = next(sections, len(lines))
    for at in range(end - 1, start - 1, -1):
        if not lines[at]:
            continue
        if _BEHIND.match(lines[at]) or _is_rights(lines[at]) or _is_capital_label(lines[at]):
            end = block_start = at
        elif at == 0 or not lines[at - 1]:  # a block that begins with no label is text
            return end
        if block_start - at > 40:
            return end
    return end


def _is_capital_label(line: str) -> bool:
    match = _CAPITAL_LABEL.match(line)
    return match is not None and match[1].isupper() and match[1] != "CORRECTION" and len(match[1]) > 3


# ---------------------------------------------------------------- Factiva

_FACTIVA_END = re.compile(
    r"\s*(?:[^\W\d_]{6,9}|文件|文档|文書|المستند)\s+([A-Z][A-Z0-9]{2,11}0{2,4}\d{8}[a-z0-9]{6,12})\s*\|?\s*$"
)
_CODE = re.compile(
    r"\s*\|?\s*(SE|HD|CR|WC|PD|ET|SN|SC|ED|PG|LA|CY|LP|TD|CT|RF|CO|IN|NS|RE|IPC|IPD|PUB|AN|BY|ART|CLM|VOL|CX|RIC)(?:\s*\|\s*|\s{1,}|$)(.*?)\|?\s*$"
)
_SURE_CODES = ("HD", "PD", "SN")
_COUNT = re.compile(r"\d[\d.,\s]*\s?[^\W\d_]{3,12}\.?$|\d[\d,]*\s?(?:字|단어|語)$")


def _factiva(head: Head) -> PieceForm | None:
    ends = "00" in head.text and any(map(is_factiva_end, head.short))
    with_codes = "HD" in head.text and all(code in head.text for code in _SURE_CODES)
    codes = {match[1] for line in head.lines if (match := _CODE.match(line))} if with_codes else set()
    if codes.issuperset(_SURE_CODES) and not codes.isdisjoint({"LP", "TD"}):
        return PieceForm(is_factiva_end, factiva_codes, f"an export of Factiva; {_ONE}", mark_is_last=True)
    if ends:
        return PieceForm(is_factiva_end, factiva_article, f"an export of Factiva; {_ONE}", mark_is_last=True)
    return None


def is_factiva_end(line: str) -> bool:
    """Return True for the line with the number of a document, the last one of an article.

    >>> is_factiva_end("Document HOLMP00020161225ecpp0001x"), is_factiva_end("Document the ferries")
    (True, False)
    """
    line = re.sub(r"^\s*\|?\s*AN(?:\s*\|\s*|\s+)", "", line) if len(line) < 100 else ""
    return _FACTIVA_END.match(line) is not None


_FACTIVA_FIELDS = {"HD": "title", "BY": "authors", "PD": "published", "SN": "outlet", "AN": "id"}
_FACTIVA_TEXT = ("LP", "TD")


def factiva_codes(lines: Sequence[str]) -> dict[str, Any] | None:
    """Read an article whose fields stand behind codes of two letters.

    >>> factiva_codes(["HD", "Ferry late", "SN  Holm Post", "LP", "It sails.", "", "TD", "At six."])
    {'title': 'Ferry late', 'outlet': 'Holm Post', 'text': 'It sails.\\n\\nAt six.'}
    """
    found: dict[str, list[str]] = {}
    code = ""
    for line in lines:
        if match := _CODE.match(line):
            code = match[1]
            found.setdefault(code, []).append(match[2])
        elif code:
            found[code].append(line.strip().strip("|").strip())
    values = {code: "\n".join(each).strip() for code, each in found.items()}
    text = "\n\n".join(value for code in _FACTIVA_TEXT if (value := values.pop(code, "")))
    if not values:
        return None
    known = {_FACTIVA_FIELDS.get(code, code): " ".join(value.split()) for code, value in values.items()}
    if "id" in known:
        known["id"] = known["id"].split()[-1]
    return {**{name: value for name, value in known.items() if value}, "text": text}


def factiva_article(lines: Sequence[str]) -> dict[str, Any] | None:
    """Read an article without codes: title, byline, a count of words, date, outlet, code, rights; the text."""
    shown = [line.strip() for line in lines]
    start = next((at for at, line in enumerate(shown) if line), len(shown))
    count = next((at for at in range(start, min(len(shown), start + 40)) if _COUNT.match(shown[at])), None)
    if count is None:
        return {"text": "\n".join(shown).strip()} if any(shown) else None
    title, authors = _title_and_byline([line for line in shown[start:count] if line])
    head_end = _end_of_header(shown, count)
    last = next((at for at in range(len(shown) - 1, head_end - 1, -1) if is_factiva_end(shown[at])), len(shown))
    return {
        "title": title, "authors": authors, **_below_count([line for line in shown[count + 1 : head_end] if line]),
        "id": shown[last].split()[-1] if last < len(shown) else "", "text": "\n".join(shown[head_end:last]).strip(),
    }  # fmt: skip


def _end_of_header(shown: Sequence[str], count: int) -> int:
    """Return where the text begins: behind the first blank line; behind the rights where each line has one."""
    end = next((at for at in range(count, len(shown)) if not shown[at]), len(shown))
    if end > count + 1:
        return end
    rights = (at for at in range(count, min(len(shown), count + 24)) if _is_rights(shown[at]))
    return next(rights, count + 1) + 1


def _below_count(lines: Sequence[str]) -> dict[str, str]:
    """Return the date and the outlet: the first line behind the date that is neither a time of day nor of rights."""
    date = next((at for at, line in enumerate(lines) if is_date_line(line)), None)
    behind = lines if date is None else lines[date + 1 :]
    outlets = [line for line in behind if not re.match(r"[\d:\s]+(?:[AP]M)?$", line) and not _is_rights(line)]
    return {"published": "" if date is None else lines[date], "outlet": outlets[0] if outlets else ""}


_PREPOSITION = re.compile(r"(?:by|von|par|por|di|door|av|af)\s+", re.IGNORECASE)
_NAME = re.compile(r"[A-ZÀ-Þ][\w.'’-]+(?:\s[A-ZÀ-Þ][\w.'’-]+){1,3}$")


def _title_and_byline(lines: Sequence[str]) -> tuple[str, str]:
    """Tell the title from a byline in the lines above the count of words: the last line, where it reads like one.

    >>> _title_and_byline(["Local", "Ferry late", "By Ana Lind"]), _title_and_byline(["Ferry late"])
    (('Local Ferry late', 'Ana Lind'), ('Ferry late', ''))
    """
    if len(lines) > 1 and (_PREPOSITION.match(lines[-1]) or _NAME.match(lines[-1])):
        return " ".join(lines[:-1]), _PREPOSITION.sub("", lines[-1])
    return " ".join(lines), ""


# ---------------------------------------------------------------- Europresse

_EUROPRESSE = re.compile(r"\s*(?:[^\W\d_]{3,12}\s?[.:]\s*)?(news[·•]\d{8}[·•][\w]{1,8}[·•]\S+)\s*$")


def is_europresse_end(line: str) -> bool:
    """Return True for the line with the number of a document, the last one of an article.

    >>> is_europresse_end("news·20161225·HP·0001"), is_europresse_end("The news of 2016")
    (True, False)
    """
    return _EUROPRESSE.match(line) is not None


def europresse_article(lines: Sequence[str]) -> dict[str, Any] | None:
    """Read an article: outlet, date with page and count of words, title, byline, the text, rights, number."""
    shown = [line.strip() for line in lines if line.strip()]
    date = next((at for at, line in enumerate(shown[:12]) if is_date_line(re.split(r"\s[-–•·]\s", line)[0])), None)
    if date is None:
        return {"text": "\n\n".join(shown)} if len(shown) > 3 else None
    below = shown[date + 1 :]
    while below and re.search(
        r"\d+\s(?:mots|words|palabras|wörter|parole)\b|^p(?:age)?\.?\s?\w{1,5}$", below[0], re.IGNORECASE
    ):
        below = below[1:]
    number = _EUROPRESSE.match(shown[-1])
    text = [line for line in below[1:] if not _is_rights(line) and not is_europresse_end(line)]
    return {
        "outlet": shown[date - 1] if date else "", "published": re.split(r"\s[-–•·]\s", shown[date])[0],
        "title": below[0] if below else "", "id": number[1] if number else "", "text": "\n\n".join(text),
    }  # fmt: skip
