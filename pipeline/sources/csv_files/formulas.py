"""Cells that spreadsheets take for formulas: defused where we write CSV, and undone where we read our own again."""

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
