"""Reasons in words: ledger rows as a reader would say them, each number with what it counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import zip_longest
from typing import Any

from pipeline.console import counted

Row = dict[str, Any]

#: Columns that a moved span may have gone to, by its reason; the first is where its words belong.
COLUMNS_OF: Mapping[str, tuple[str, ...]] = {
    "title": ("title",),
    "deck": ("deck",),
    "byline": ("authors", "wire", "published", "updated"),
    "date": ("published", "updated"),
    "dateline": ("dateline", "wire", "published"),
    "wire": ("wire",),
    "credit": ("wire", "authors"),
}
#: Different replacements that are named where a stage made many, and characters of each.
NAMED_EDITS, EDIT_SHOWN = 4, 24
#: Characters of a long edit that are shown in front of the first difference.
KEPT_BEFORE = 8


def happened(row: Row, document: Row | None, strengths: Mapping[str, str]) -> str:
    """Say what was done to a span, and why.

    >>> byline = {"action": "moved", "reason": "byline", "rule": "en.byline", "measured": 0.9, "limit": 0.0002}
    >>> happened(byline | {"before": "By Ada Wren"}, {"authors": ["Ada Wren"]}, {"en.byline": "strong"})
    'moved to authors: byline (rule en.byline, a strong rule)'
    >>> line = {"action": "cut", "reason": "caption", "rule": "model", "measured": 12 / 13, "limit": 5 / 6}
    >>> happened(line | {"before": "The quay on Monday"}, None, {})
    'cut: caption (line model, odds 12 to 1; needed 5 to 1 for 4 words)'
    """
    columns = moved_to(row, document)
    action = f"moved to {' and '.join(columns)}" if columns else row["action"]
    if row["action"] == "edited" and row["reason"] == "embed":
        action = "put between quotation marks"
    why = evidence(row, strengths)
    return f"{action}: {row['reason'].replace('_', ' ')}" + (f" ({why})" if why else "")


def moved_to(row: Row, document: Row | None) -> tuple[str, ...]:
    """Name the columns that a moved span filled: the one of its reason, and others whose words it holds.

    >>> line = {"action": "moved", "reason": "dateline", "before": "PORT ANNING (dpa) -"}
    >>> moved_to(line, {"dateline": "Port Anning", "wire": ["dpa"], "published": None})
    ('dateline', 'wire')
    """
    if row["action"] != "moved":
        return ()
    columns = COLUMNS_OF.get(row["reason"], ())
    held = [name for name in columns if holds(row["before"] or "", (document or {}).get(name))]
    filled = [name for name in columns if (document or {}).get(name)]
    return tuple(held or filled[:1] or columns[:1])


def holds(words: str, value: Any) -> bool:
    """Tell if a span has a column's value in it, or one of its values.

    >>> holds("By ADA WREN, Holm", ["Ada Wren"]), holds("By ADA WREN", None)
    (True, False)
    """
    if isinstance(value, datetime):
        return f"{value:%H:%M}" in words
    values = value if isinstance(value, list) else [value] if isinstance(value, str) else []
    return any(each and each.casefold() in words.casefold() for each in values)


def evidence(row: Row, strengths: Mapping[str, str]) -> str:
    """Describe the evidence for a cut. `strengths` are those of the rules that are in use.

    The number of a row is the line model's probability of noise, its limit the probability that was needed beside the
    rule: as odds, both can be compared.

    >>> offer = {"reason": "ad", "rule": "en.offer", "measured": 0.75, "limit": 0.5, "before": ""}
    >>> evidence(offer, {"en.offer": "weak"})
    'rule en.offer, a weak rule; line model, odds 3 to 1; needed 1 to 1'
    >>> evidence({"reason": "ad", "rule": "html:promo", "measured": 0.75, "limit": 0.1, "before": "Buy"}, {})
    'the page calls it promo; line model, odds 3 to 1; needed 1 to 9 for 1 word'
    """
    rule = row["rule"] or ""
    if row["reason"] == "template":
        return template_evidence(row)
    strength = strengths.get(rule)
    if rule == "model":
        source = ""
    elif rule.startswith("html:"):
        source = f"the page calls it {rule.removeprefix('html:')}"
    else:
        source = f"rule {rule}, a {strength} rule" if strength else f"rule {rule}" if rule else ""
    sure = strength == "strong" and (row["measured"] or 1.0) >= 0.5  # the model agrees, and a strong rule needs less
    return "; ".join(part for part in (source, "" if sure else weighed(row)) if part)


def weighed(row: Row) -> str:
    """Describe the line model's word on a span, beside what was needed; "" where it was not asked."""
    if row["measured"] is None or row["limit"] is None:
        return ""
    words = len((row["before"] or "").split())
    length = f" for {counted(words, 'word')}" if words else ""
    return f"line model, odds {odds(row['measured'])}; needed {odds(row['limit'])}{length}"


def odds(probability: float) -> str:
    """Write a probability as odds.

    >>> odds(12 / 13), odds(0.1), odds(0.00022), odds(0.57), odds(1.0)
    ('12 to 1', '1 to 9', '1 to 4,500', '1.3 to 1', 'over 9,999 to 1')
    """
    bounded = min(max(probability, 1e-4 / 2), 1 - 1e-4 / 2)
    ratio = bounded / (1 - bounded)
    if ratio >= 1:
        return "over 9,999 to 1" if ratio > 9_999 else f"{_two_digits(ratio)} to 1"
    return "under 1 to 9,999" if 1 / ratio > 9_999 else f"1 to {_two_digits(1 / ratio)}"


def _two_digits(number: float) -> str:
    return f"{float(f'{number:.2g}'):,.15g}"


def template_evidence(row: Row) -> str:
    """Describe why a paragraph is a template.

    >>> template_evidence({"rule": "template:plume/00ff", "measured": 37.0, "limit": 8.0})
    '37 earlier pages of this outlet carry this paragraph, 8 are enough; template:plume/00ff'
    """
    pages = f"{row['measured']:,.0f} earlier pages of this outlet carry this paragraph"
    if row["limit"] is None:
        return f"a person accepted it; {pages}; {row['rule']}"
    return f"{pages}, {row['limit']:,.0f} are enough; {row['rule']}"


# ---------------------------------------------------------------- what other stages did

#: What the number of a row counts, by its reason: words with the number and its limit.
MEASURES = {
    "page_block": "{measured:.0%} likely to be story; {limit:.0%} needed to stay",
    "large_cut": "cuts without strong evidence would have taken {measured:.0%} of the words; more than {limit:.0%} are "
    "too many, so that only strong ones were made",
    "not_an_article": "{measured:g} points of its signs; {limit:g} are enough",
    "too_large": "{measured:,.0f} where {limit:,.0f} are allowed",
    "too_deep": "elements nested {measured:,.0f} deep; {limit:,.0f} is the deepest allowed",
    "timed_out": "longer than {limit:g} seconds",
    "not_text": "{measured:.0%} of it is no text; {limit:.0%} is the most allowed",
    "future_date": "{measured:,.4g} days ahead; {limit:g} are allowed",
    "duplicate_document": "{measured:.0%} of its words stand in that article; {limit:.0%} make it a copy",
}


def done_elsewhere(rows: Iterable[Row]) -> list[str]:
    """Describe rows that are not spans taken by the noise stage, those of one kind in one line.

    >>> row = {"stage": "repair", "action": "edited", "reason": "line_breaks", "rule": None, "measured": None}
    >>> done_elsewhere([row | {"before": "\\r", "after": "", "limit": None}] * 27)
    ["repair edited: line breaks in 27 places: '\\\\r' → ''"]
    """
    groups: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row["stage"], row["action"], row["reason"]), []).append(row)
    return [line for group in groups.values() for line in _group_in_words(group)]


def _group_in_words(rows: Sequence[Row]) -> list[str]:
    first = rows[0]
    name = f"{first['stage']} {first['action']}: {first['reason'].replace('_', ' ')}"
    if first["action"] == "edited" and first["before"] is not None:
        return [f"{name}{'' if len(rows) == 1 else f' in {len(rows):,} places'}: {_replacements(rows)}"]
    return [" ".join(part for part in (f"{name}{_details(row)}", _times(n)) if part) for row, n in _equal(rows)]


def _replacements(rows: Sequence[Row]) -> str:
    counts = Counter(_shortened(row["before"], row["after"] or "") for row in rows)
    named = [
        f"{before!r} → {after!r}" + (f" ({n:,} times)" if n > 1 and len(counts) > 1 else "")
        for (before, after), n in counts.most_common(NAMED_EDITS)
    ]
    others = len(counts) - len(named)
    return ", ".join(named) + (f" and {others:,} others" if others else "")


def _shortened(before: str, after: str) -> tuple[str, str]:
    """Shorten what was and what is, so that the first difference shows.

    >>> _shortened("https://quay.example/2031/ferries?fbclid=9", "https://quay.example/2031/ferries")
    ('…/ferries?fbclid=9', '…/ferries')
    """
    at = next((at for at, (one, other) in enumerate(zip_longest(before, after)) if one != other), len(before))
    if max(len(before), len(after)) <= EDIT_SHOWN or at <= KEPT_BEFORE:
        return _short(before), _short(after)
    begin = at - KEPT_BEFORE
    return _short(f"…{before[begin:]}"), _short(f"…{after[begin:]}")


def _short(text: str) -> str:
    return text if len(text) <= EDIT_SHOWN else f"{text[:EDIT_SHOWN]}…"


def _equal(rows: Sequence[Row]) -> list[tuple[Row, int]]:
    """Group rows that read alike, in their order."""
    counts: dict[str, tuple[Row, int]] = {}
    for row in rows:
        words = _details(row)
        counts[words] = (row, counts[words][1] + 1 if words in counts else 1)
    return list(counts.values())


def _times(n: int) -> str:
    return f"({n:,} times)" if n > 1 else ""


def _details(row: Row) -> str:
    """Describe what a row says beyond its reason."""
    parts = [row["rule"] or ""]
    if row["measured"] is not None:
        parts.append(_measured(row))
    said = row["before"] if row["reason"] == "page_block" else row["after"]
    words = "; ".join(part for part in parts if part)
    return (f" ({words})" if words else "") + (f"  {said}" if said else "")


def _measured(row: Row) -> str:
    if row["reason"] in MEASURES and row["limit"] is not None:
        return MEASURES[row["reason"]].format(measured=row["measured"], limit=row["limit"])
    if row["limit"] is None:
        return ""
    return f"{row['measured']:,.6g}, the limit is {row['limit']:,.6g}"
