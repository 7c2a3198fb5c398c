"""
Order files as values: CSV and XLSX in, order rows, refused rows and warnings out.

Nothing is stored here, and nothing but the used columns leaves: buyer names, e-mails, phones and
addresses are never looked at (domain.md 5.1).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tracker.model import OrderRow, RefusedRow, SellerStatus
from tracker.orders.columns import ORDER_ALIASES, OrderFileError, quoted
from tracker.orders.dates import BARE_HANDOVER
from tracker.orders.opening import open_table
from tracker.orders.rowvalues import RowRefusedError, RowValues, warning_at
from tracker.orders.status import parse_status, unknown_status
from tracker.orders.tables import wrong_width
from tracker.sentences import Sentence

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from tracker.orders.columns import Columns
    from tracker.orders.tables import Table, TableRow

__all__ = ["OrderFile", "OrderFileError", "read_orders"]

#: Columns that every exported row fills: a row that ends before one of them was broken, not short.
_ALWAYS_FILLED: Final = ("order_number", "status", "created_at")
_LONGEST_HEADING: Final = 60
_ONE_WORD: Final = re.compile(r"[^\s;,|]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFile:
    """
    What one file holds.

    ``data_rows`` counts the rows that are not blank, refused ones included. ``columns`` says which
    heading was used for each field of domain.md 5.1, ``unused`` are the others. ``warnings`` each
    name the file and the line.
    """

    rows: tuple[OrderRow, ...]
    refused: tuple[RefusedRow, ...]
    warnings: tuple[Sentence, ...]
    columns: dict[str, str]
    data_rows: int
    unused: tuple[str, ...] = ()


def read_orders(
    path: Path, *, zone: ZoneInfo, mapping: Mapping[str, str] | None = None
) -> OrderFile:
    """
    The order rows of a CSV or XLSX file, told apart by content.

    Times without an offset are local in ``zone``; a hand-over that is a bare day is noon of it.
    ``mapping`` (field of domain.md 5.1 to heading) is a shop's own and beats the aliases. Rows
    without an order number, with an unparsable date in a used column, or malformed, are refused
    alone. A CSV row may lack trailing cells, as Excel leaves them out, unless a column that is
    always filled (order number, status, creation) would be among them. Raises
    :class:`~tracker.orders.columns.OrderFileError` when the file as a whole cannot be read, and
    :class:`~tracker.model.UsageError` for a mapped field that does not exist.
    """
    with open_table(path, ORDER_ALIASES.with_mapping(mapping)) as table:
        columns = ORDER_ALIASES.with_mapping(mapping).locate(str(path), table.headings)
        return _read_rows(str(path), table, columns, zone)


def _read_rows(file: str, table: Table, columns: Columns, zone: ZoneInfo) -> OrderFile:
    rows: list[OrderRow] = []
    refused: list[RefusedRow] = []
    warnings = [*table.notes, *repeated_headings(file, table, columns)]
    for row in table.rows:
        values = RowValues(file=file, row=row, columns=columns, zone=zone, warnings=warnings)
        try:
            refuse_malformed(row)
            _refuse_broken(row, columns, len(table.headings))
            rows.append(_order_row(values))
        except RowRefusedError as error:
            refused.append(RefusedRow(file=file, line=row.line, reason=error.sentence))
    return OrderFile(
        rows=tuple(rows),
        refused=tuple(refused),
        warnings=tuple(warnings),
        columns=dict(columns.headings),
        data_rows=len(rows) + len(refused),
        unused=_unused(table, columns),
    )


def _unused(table: Table, columns: Columns) -> tuple[str, ...]:
    used = {index for indexes in columns.indexes.values() for index in indexes}
    rest = (heading for index, heading in enumerate(table.headings) if index not in used)
    return tuple(heading.strip()[:_LONGEST_HEADING] for heading in rest if heading.strip())


def repeated_headings(file: str, table: Table, columns: Columns) -> tuple[Sentence, ...]:
    """
    A warning for each used heading that stands twice.
    """
    return tuple(
        warning_at(
            file,
            table.heading_line,
            Sentence(
                "the heading %(heading)s stands twice; the first column is used",
                heading=quoted(heading),
            ),
        )
        for heading in columns.repeated
    )


def refuse_malformed(row: TableRow) -> None:
    """
    Raises :class:`RowRefusedError` for a row that could not be taken apart.
    """
    if row.problem is not None:
        raise RowRefusedError(_malformed(row.problem))


def _refuse_broken(row: TableRow, columns: Columns, width: int) -> None:
    """
    Raises :class:`RowRefusedError` when a short row lacks more than trailing empty cells.
    """
    count = len(row.cells)
    if count >= width:
        return
    needed = [index for each in _ALWAYS_FILLED for index in columns.indexes.get(each, ())]
    broken = any(index >= count for index in needed)
    if broken or not _ONE_WORD.fullmatch(str(row.cells[needed[0]]).strip()):
        raise RowRefusedError(_malformed(wrong_width(count, width)))


def _malformed(why: Sentence) -> Sentence:
    return Sentence("malformed row: %(why)s", why=why)


def _order_row(values: RowValues) -> OrderRow:
    order_number = values.number("order_number")
    if order_number is None:
        raise RowRefusedError(Sentence("no order number"))
    status_text = values.text("status")
    row = OrderRow(
        line=values.row.line,
        order_number=order_number,
        order_item_id=values.number_or_nothing("order_item_id"),
        tracking_number=values.number("tracking_number"),
        station=values.text("station"),
        service_text=values.text("service"),
        country=values.text("country"),
        shop=values.text("shop"),
        status=None if status_text is None else parse_status(status_text),
        status_text=status_text,
        created_at=values.instant("created_at"),
        updated_at=values.instant("updated_at"),
        ready_to_ship_at=values.instant("ready_to_ship_at"),
        handed_over_at=values.instant("handed_over_at", bare_day_at=BARE_HANDOVER),
        courier=values.text("courier"),
        waybill=values.number_or_nothing("waybill"),
        sku=values.text("sku"),
    )
    if status_text is not None and row.status is SellerStatus.UNKNOWN:
        values.warn(unknown_status(status_text))
    return row
