"""
Texts of files and portals as cells of a table that no spreadsheet runs as a formula.

A text stays a text, whatever it begins with, and numbers keep their leading zeros.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from openpyxl.cell import Cell

# A cell that begins so is run as a formula by some spreadsheet; the last four are full-width.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
#: What XML cannot hold, and half characters.
_UNWRITABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LONGEST: Final = 32_767  # Excel's


def is_formula(text: str) -> bool:
    """
    True for a text that some spreadsheet would run.
    """
    return text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA)


def inert(text: str) -> str:
    """
    The text as a cell of a CSV file.
    """
    return f"'{text}" if is_formula(text) else text


def write_text(cell: Cell, text: str) -> None:
    """
    The workbook's cell holds the text as a text, also after somebody edits it.
    """
    cell.value = _writable(text)
    cell.data_type = "s"  # said after the value, which would make a formula of what looks like one
    cell.number_format = "@"
    if is_formula(text):
        cell.quotePrefix = True  # what an apostrophe before the text does in a spreadsheet


def _writable(text: str) -> str:
    plain = _UNWRITABLE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
    return plain if len(plain) <= _LONGEST else plain[: _LONGEST - 1] + "…"
