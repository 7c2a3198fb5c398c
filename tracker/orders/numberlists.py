"""
Small files of tracking numbers: one a line, or a table with headings.

``track --from``, ``orders handover --from`` and ``orders scanned --from`` read them.
"""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from tracker.model import RefusedRow
from tracker.orders.columns import Aliases
from tracker.orders.dates import BARE_HANDOVER
from tracker.orders.delimited import encoding_notes, find_encoding
from tracker.orders.files import refuse_malformed, repeated_headings
from tracker.orders.opening import open_table
from tracker.orders.rowvalues import RowRefusedError, RowValues
from tracker.orders.tables import is_workbook, read_head, refuse_foreign
from tracker.sentences import Sentence

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable
    from datetime import datetime
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from tracker.orders.columns import Columns
    from tracker.orders.tables import Table

COMMENT: Final = "#"
MAX_NUMBER: Final = 64  # characters; a longer line is no tracking number

_A_NUMBER: Final = re.compile(r"(?=.*\d)[^;,\t]+")
_EDGES: Final = "\ufeff\u200b \t\r\n\"'"

#: Headings of a table of numbers: those of an order file, and what people call the columns. The
#: Chinese ones are those of domestic couriers' lists, where 运单号 may be either number.
NUMBER_ALIASES: Final = Aliases(
    required="tracking_number",
    headings={
        "tracking_number": (
            "Tracking Number",
            "Tracking Code",
            "Tracking No",
            "Number",
            "物流跟踪号",
            "跟踪号",
            "追踪号",
            "跟踪单号",
            "国际运单号",
            "国际单号",
            "国际物流单号",
            "包裹号",
            "包裹单号",
            "物流单号",
            "运单号",
            "运单号码",
            "单号",
        ),
        "at": (
            "Handed over at",
            "Delivered to Warehouse at",
            "Hand-over Time",
            "Scanned at",
            "Scan Time",
            "Delivered at",
            "Delivery Time",
            "Signed at",
            "Time",
            "At",
            "签收时间",
            "签收日期",
            "送达时间",
            "妥投时间",
            "收货时间",
            "扫描时间",
            "时间",
        ),
        "courier": (
            "Domestic Courier",
            "Courier",
            "国内快递",
            "快递公司",
            "物流公司",
            "承运商",
            "快递",
        ),
        "waybill": (
            "Domestic Waybill",
            "Waybill",
            "Waybill No",
            "Waybill Number",
            "国内快递单号",
            "国内运单号",
            "快递单号",
            "快递运单号",
            "运单号",
            "运单号码",
        ),
        "source": ("Source", "来源"),
    },
)

#: For hand-overs: a row without a tracking number may name its parcels by their domestic waybill.
HANDOVER_ALIASES: Final = replace(
    NUMBER_ALIASES,
    headings={
        **NUMBER_ALIASES.headings,
        "tracking_number": (
            *NUMBER_ALIASES.headings["tracking_number"],
            *NUMBER_ALIASES.headings["waybill"],
        ),
    },
    per_row=frozenset({"tracking_number"}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberRow:
    """
    One tracking number as written, trimmed, with what the file says beside it.
    """

    line: int
    tracking_number: str
    at: datetime | None = None
    courier: str | None = None
    waybill: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberFile:
    """
    The numbers of one file in its order; ``warnings`` each name the file and the line.
    """

    rows: tuple[NumberRow, ...]
    refused: tuple[RefusedRow, ...]
    warnings: tuple[Sentence, ...] = ()


def read_numbers(path: Path, *, zone: ZoneInfo, waybills: bool = False) -> NumberFile:
    """
    The tracking numbers of a plain list, a CSV or an XLSX file.

    In a plain list blank lines and lines that start with ``#`` are skipped. A file whose first
    line has a heading for the tracking number is a table. Times without an offset are local in
    ``zone``; a bare day is noon of it. With ``waybills`` a domestic waybill stands in for a
    tracking number that is not there. Raises
    :class:`~tracker.orders.columns.OrderFileError` for a file that is neither.
    """
    head = read_head(path)
    refuse_foreign(path, head)
    aliases = HANDOVER_ALIASES if waybills else NUMBER_ALIASES
    if is_workbook(head) or _is_table(path, aliases):
        with open_table(path, aliases, comment=COMMENT) as table:
            columns = aliases.locate(str(path), table.headings)
            return _read_table(str(path), table, columns, zone)
    return _read_list(path)


def _is_table(path: Path, aliases: Aliases) -> bool:
    """
    True when the first line that is neither blank nor a comment has a known heading.
    """
    with closing(_lines(path)) as lines:
        first = next((line for _, line in lines), "")
    cells = re.split(r"[;,\t]", first)
    return aliases.has_required(cells) or first.lower().startswith("sep=")


def _lines(path: Path) -> Generator[tuple[int, str], None, None]:
    """
    The lines that say something, with their numbers.
    """
    with path.open(encoding=find_encoding(path)) as stream:
        for number, line in enumerate(stream, start=1):
            text = line.strip(_EDGES)
            if text and not text.startswith(COMMENT):
                yield number, text


def _read_list(path: Path) -> NumberFile:
    rows: list[NumberRow] = []
    refused: list[RefusedRow] = []
    for line, text in _lines(path):
        if len(text) <= MAX_NUMBER and _A_NUMBER.fullmatch(text):
            rows.append(NumberRow(line=line, tracking_number=text))
        else:
            reason = Sentence(
                "no tracking number: one number a line, or a heading row above a table"
            )
            refused.append(RefusedRow(file=str(path), line=line, reason=reason))
    return NumberFile(
        rows=tuple(rows),
        refused=tuple(refused),
        warnings=encoding_notes(path, find_encoding(path)),
    )


def _read_table(file: str, table: Table, columns: Columns, zone: ZoneInfo) -> NumberFile:
    warnings = [*table.notes, *repeated_headings(file, table, columns)]
    rows: list[NumberRow] = []
    refused: list[RefusedRow] = []
    for values in _values(file, table, columns, zone, warnings):
        try:
            refuse_malformed(values.row)
            rows.append(_number_row(values))
        except RowRefusedError as error:
            refused.append(RefusedRow(file=file, line=values.row.line, reason=error.sentence))
    return NumberFile(rows=tuple(rows), refused=tuple(refused), warnings=tuple(warnings))


def _values(
    file: str, table: Table, columns: Columns, zone: ZoneInfo, warnings: list[Sentence]
) -> Iterable[RowValues]:
    for row in table.rows:
        yield RowValues(file=file, row=row, columns=columns, zone=zone, warnings=warnings)


def _number_row(values: RowValues) -> NumberRow:
    number = values.number("tracking_number")
    if number is None:
        raise RowRefusedError(Sentence("no tracking number"))
    return NumberRow(
        line=values.row.line,
        tracking_number=number,
        at=values.instant("at", bare_day_at=BARE_HANDOVER),
        courier=values.text("courier"),
        waybill=_waybill(values, number),
        source=values.text("source"),
    )


def _waybill(values: RowValues, number: str) -> str | None:
    """
    The domestic number, unless it is what stands for the tracking number already.
    """
    waybill = values.number_or_nothing("waybill")
    return None if waybill == number else waybill
