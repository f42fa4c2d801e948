"""Cells that spreadsheets take for formulas: defused where we write CSV, undone where we read it again; and links."""

from __future__ import annotations

import re

#: The column by which an export of ours says in which rows cells were defused.
DEFUSED = "defused"
#: Signs that a formula begins with, also in full width, and white space that spreadsheets skip before one
#: (https://owasp.org/www-community/attacks/CSV_Injection); behind any number of apostrophes, so that it can be undone.
_FORMULA = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")


def defuse(cell: str) -> str:
    """Put an apostrophe before a cell that a spreadsheet would run. `armed` undoes it.

    >>> defuse("=1+1"), defuse("'=1+1"), defuse("the ferry"), defuse("'tis")
    ("'=1+1", "''=1+1", 'the ferry', "'tis")
    """
    return f"'{cell}" if _FORMULA.match(cell) else cell


def armed(cell: str) -> str:
    """Undo `defuse`.

    >>> armed(defuse("'=1+1")), armed("'tis")
    ("'=1+1", "'tis")
    """
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


#: A link in a cell, in the languages of spreadsheets: the address, and the words that are shown.
_LINK = re.compile(
    r"=(?:HYPERLINK|LIEN_HYPERTEXTE|HIPERV[ÍI]NCULO|HIPERLIGA[ÇC][ÃA]O|COLLEG\.IPERTESTUALE|ГИПЕРССЫЛКА|HIPER[ŁL][ĄA]CZE)"
    r"\(\s*\"(?P<address>[^\"]{1,4000})\"\s*(?:[,;]\s*\"(?P<words>(?:[^\"]|\"\"){0,4000})\"\s*)?\)\s*",
    re.IGNORECASE,
)


def link_in(cell: str) -> tuple[str, str] | None:
    """Return the address and the words of a link that a cell is, None for another cell.

    >>> link_in('=HYPERLINK("https://holm.example/1";"Ferry late")'), link_in("=1+1")
    (('https://holm.example/1', 'Ferry late'), None)
    """
    found = _LINK.fullmatch(cell) if cell.startswith("=") else None
    return (found["address"], (found["words"] or "").replace('""', '"')) if found else None
