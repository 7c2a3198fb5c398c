"""
Tables in XLSX files, read as data: formulas are never computed, numbers become exact text.
"""

from __future__ import annotations

import re
import warnings
import zipfile
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Final

import defusedxml  # noqa: F401 - openpyxl parses with it when it is there: it must be
import openpyxl

from tracker.orders.columns import OrderFileError, headings_seen, name
from tracker.orders.tables import Cell, Table, TableRow
from tracker.sentences import Sentence

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from openpyxl import Workbook

    from tracker.orders.columns import Aliases

MAX_UNPACKED_BYTES: Final = 200 * 1024 * 1024
MAX_ROWS: Final = 1_048_576  # what Excel itself can hold
FIRST_LOSSY: Final = 10**15  # Excel keeps 15 digits of a number
_EXACT_DIGITS: Final = 15

_HEADING_SEARCH_ROWS: Final = 20
_CHUNK: Final = 1024 * 1024
_FORMULA: Final = re.compile(rb"<(?:\w+:)?f[ >/]")


@contextmanager
def open_workbook(path: Path, aliases: Aliases) -> Iterator[Table]:
    """
    The first sheet that has the required heading, as a table.

    Raises :class:`OrderFileError` for an archive that is no workbook, is damaged, or unpacks to
    more than 200 MB or more rows than Excel can hold.
    """
    with warnings.catch_warnings(), ExitStack() as opened:
        # openpyxl warns about styles and validations that do not concern the cells' values.
        warnings.filterwarnings("ignore", module="openpyxl")
        has_formulas = _check_archive(path)
        book = _load(path, opened, computed=True)
        formulas = _load(path, opened, computed=False) if has_formulas else None
        yield _first_table(path, book, formulas, aliases)


def _check_archive(path: Path) -> bool:
    """
    Whether any sheet holds a formula, for an archive that is safe to unpack.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
            if unpacked <= MAX_UNPACKED_BYTES:
                return any(
                    _holds_formula(archive, part)
                    for part in archive.namelist()
                    if part.startswith("xl/worksheets/") and part.endswith(".xml")
                )
    except Exception as error:  # a hostile archive can fail in any way
        raise _damaged(path) from error
    limit = MAX_UNPACKED_BYTES // 1024 // 1024
    raise OrderFileError(
        Sentence(
            "%(file)s: the workbook unpacks to more than %(limit)s MB; save it as CSV UTF-8",
            file=path,
            limit=limit,
        )
    )


def _holds_formula(archive: zipfile.ZipFile, part: str) -> bool:
    tail = b""
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            if _FORMULA.search(tail + chunk):
                return True
            tail = chunk[-64:]
    return False


def _load(path: Path, opened: ExitStack, *, computed: bool) -> Workbook:
    """
    The workbook, closed with ``opened``; handed over as a stream, since openpyxl judges names.
    """
    try:
        stream = opened.enter_context(path.open("rb"))
        book = openpyxl.load_workbook(stream, read_only=True, data_only=computed, keep_links=False)
    except Exception as error:  # a hostile workbook can fail in any way
        raise _damaged(path) from error
    opened.callback(book.close)
    return book


def _damaged(path: Path) -> OrderFileError:
    return OrderFileError(
        Sentence(
            "%(file)s: this is no readable XLSX workbook; open it in Excel and save it again",
            file=path,
        )
    )


def _first_table(path: Path, book: Workbook, formulas: Workbook | None, aliases: Aliases) -> Table:
    seen: list[tuple[str, ...]] = []
    for position, sheet in enumerate(book.worksheets):
        shadow = None if formulas is None else formulas.worksheets[position]
        rows = _sheet_rows(path, sheet, shadow)
        for row in takewhile(lambda row: row.line <= _HEADING_SEARCH_ROWS, rows):
            headings = _headings(row)
            if aliases.has_required(headings):
                return Table(
                    headings=headings, heading_line=row.line, rows=_padded(rows, len(headings))
                )
            seen.append(headings)
    if not seen:
        raise OrderFileError(Sentence("%(file)s: the workbook is empty", file=path))
    raise OrderFileError(
        Sentence(
            "%(file)s: no sheet has a column for the %(field)s (%(known)s); %(seen)s",
            file=path,
            field=name(aliases.required),
            known=", ".join(aliases.headings[aliases.required]),
            seen=headings_seen(max(seen, key=aliases.rank)),
        )
    )


def _headings(row: TableRow) -> tuple[str, ...]:
    return tuple(cell if isinstance(cell, str) else cell.isoformat() for cell in row.cells)


def _padded(rows: Iterator[TableRow], width: int) -> Iterator[TableRow]:
    """
    The rows with as many cells as headings: a workbook does not store trailing empty cells.
    """
    for row in rows:
        missing = width - len(row.cells)
        yield replace(row, cells=row.cells + ("",) * missing) if missing > 0 else row


def _sheet_rows(path: Path, sheet: Any, shadow: Any | None) -> Iterator[TableRow]:
    values = _guarded(path, sheet, values_only=True)
    formulas = iter(()) if shadow is None else _guarded(path, shadow, values_only=False)
    for line, raw in enumerate(values, start=1):
        if line > MAX_ROWS:
            raise OrderFileError(
                Sentence(
                    "%(file)s: the sheet has more than %(most)s rows; split it",
                    file=path,
                    most=MAX_ROWS,
                )
            )
        uncomputed = _uncomputed(raw, next(formulas, ()))
        cells = tuple(map(_cell, raw))
        if uncomputed or any(not isinstance(cell, str) or cell.strip() for cell in cells):
            yield TableRow(line=line, cells=cells, uncomputed=uncomputed)


def _guarded(path: Path, sheet: Any, *, values_only: bool) -> Iterator[tuple[Any, ...]]:
    """
    The sheet's rows; whatever goes wrong in the file is one :class:`OrderFileError`.
    """
    try:
        sheet.reset_dimensions()  # the file's own word on its size may be a lie
        yield from sheet.iter_rows(values_only=values_only)
    except Exception as error:  # a hostile sheet can fail in any way
        raise _damaged(path) from error


def _uncomputed(values: tuple[Any, ...], formula_cells: tuple[Any, ...]) -> tuple[int, ...]:
    return tuple(
        index
        for index, cell in enumerate(formula_cells)
        if cell.data_type == "f" and (index >= len(values) or values[index] is None)
    )


def _cell(value: Any) -> Cell:
    if value is None:
        return ""
    if isinstance(value, str | datetime):
        return value
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bool):
        return str(value).upper()
    return _number_text(value)


def _number_text(value: Any) -> str:
    if isinstance(value, int):
        return _whole_text(value)
    return _float_text(value) if isinstance(value, float) else str(value)


def _float_text(value: float) -> str:
    """
    The number's digits; scientific notation when Excel may have dropped some of them.
    """
    if abs(value) >= FIRST_LOSSY:
        return f"{value:.14e}"
    return str(int(value)) if value.is_integer() else repr(value)


def _whole_text(value: int) -> str:
    """
    The number's digits; scientific notation when Excel may have dropped some of them.
    """
    rounded = abs(value) >= FIRST_LOSSY and _rounded_by_excel(value)
    return f"{Decimal(value):.14e}" if rounded else str(value)


def _rounded_by_excel(value: int) -> bool:
    """
    True when everything past 15 digits is zero, as in numbers that Excel has rounded.
    """
    return str(value)[_EXACT_DIGITS:].strip("0") == ""
