"""
The table that is attached to a claim: one row a case, every cell a text.
"""

from __future__ import annotations

import io
from collections import Counter
from typing import TYPE_CHECKING

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from alerts.claims.comments import comment
from alerts.messages.words import stamp
from tracker.cells import write_text
from tracker.claimcolumns import ClaimColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from openpyxl.worksheet.worksheet import Worksheet

    from alerts.claims.cases import Case

#: More rows than this are more than a person at the other end goes through.
MOST_ROWS = 1000
_WIDE = {ClaimColumn.COMMENT_EN: 60, ClaimColumn.COMMENT_ZH: 60, ClaimColumn.LOOKS: 40}
_WIDTH = 22


def workbook(cases: Sequence[Case], columns: Sequence[str]) -> bytes:
    """
    The cases as one XLSX file, headings first in both languages.
    """
    book = Workbook()
    sheet: Worksheet = book.worksheets[0]
    sheet.title = "claims"
    chosen = [ClaimColumn(name) for name in columns]
    for place, column in enumerate(chosen, start=1):
        _write(sheet, (1, place), HEADINGS[column]).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(place)].width = _WIDE.get(column, _WIDTH)
    for row, case in enumerate(cases, start=2):
        for place, column in enumerate(chosen, start=1):
            _write(sheet, (row, place), _VALUES[column](case) or "")
    sheet.freeze_panes = "A2"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _write(sheet: Worksheet, place: tuple[int, int], text: str) -> Cell:
    """
    The cell at (row, column) holds the text, wrapped.
    """
    cell = sheet.cell(*place)
    assert isinstance(cell, Cell)  # noqa: S101 - a new sheet has no merged cells; tells mypy so
    write_text(cell, text)
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def _at(instant: datetime | None, case: Case) -> str | None:
    return None if instant is None else stamp(instant, case.line.zone)


def _handed_over(case: Case) -> str | None:
    at = _at(case.parcel.handed_over_at, case)
    return f"{at}, assumed / 推定" if at and case.parcel.handover_assumed else at


def _last_event(case: Case) -> str:
    if not case.events:
        return "none / 无"
    last = case.events[-1].event
    at = _at(last.occurred_at, case) or "no date / 无日期"
    return f"{at}: {last.text}"


def looks_told(case: Case) -> str:
    """
    How often the parcel was looked up since the deadline, when, and with which outcomes.
    """
    if not case.looks:
        return "none / 无"
    outcomes = Counter(look.outcome.value for look in case.looks)
    first, last = _at(case.looks[0].looked_at, case), _at(case.looks[-1].looked_at, case)
    told = ", ".join(f"{outcome} {count}" for outcome, count in outcomes.most_common())
    span = first if first == last else f"{first} - {last}"
    return f"{len(case.looks)}: {told}; {span}"


HEADINGS = {
    ClaimColumn.SHOP: "Shop Name 店铺名称",
    ClaimColumn.REGISTERED_EMAIL: "Registered E-mail 注册邮箱",
    ClaimColumn.COUNTRY: "Country 国家",
    ClaimColumn.ORDER_NUMBER: "Order Number 订单号",
    ClaimColumn.ORDER_CREATED: "Order Created 下单时间",
    ClaimColumn.SKU: "Jumia SKU Number 商品编码",
    ClaimColumn.TRACKING_NUMBER: "Tracking Number 物流跟踪号",
    ClaimColumn.SERVICE: "Service (DS/postal) 物流方式",
    ClaimColumn.STATION: "Station 站点",
    ClaimColumn.COURIER: "Domestic Courier 国内快递",
    ClaimColumn.WAYBILL: "Domestic Waybill 国内快递单号",
    ClaimColumn.HANDED_OVER_AT: "Handed over at 送达时间",
    ClaimColumn.SCAN_DEADLINE: "Scan due before 应扫描时间",
    ClaimColumn.LAST_EVENT: "Last carrier event 最后物流信息",
    ClaimColumn.LOOKS: "Looks since the deadline 逾期后查询记录",
    ClaimColumn.URGED_AT: "Urged at 催促时间",
    ClaimColumn.CASE_ID: "Case ID 案件编号",
    ClaimColumn.COMMENT_EN: "Comment (English)",
    ClaimColumn.COMMENT_ZH: "Comment (Chinese) 备注（中文）",
}

_VALUES: dict[ClaimColumn, Callable[[Case], str | None]] = {
    ClaimColumn.SHOP: lambda case: case.parcel.shop,
    ClaimColumn.REGISTERED_EMAIL: lambda case: case.registered_email,
    ClaimColumn.COUNTRY: lambda case: case.country,
    ClaimColumn.ORDER_NUMBER: lambda case: case.parcel.order_number,
    ClaimColumn.ORDER_CREATED: lambda case: _at(case.parcel.created_at, case),
    ClaimColumn.SKU: lambda case: ", ".join(case.skus),
    ClaimColumn.TRACKING_NUMBER: lambda case: case.parcel.tracking_number,
    ClaimColumn.SERVICE: lambda case: (
        {"ds": "DS", "postal": "postal"}[case.parcel.service.value] if case.parcel.service else None
    ),
    ClaimColumn.STATION: lambda case: case.parcel.station,
    ClaimColumn.COURIER: lambda case: case.parcel.courier,
    ClaimColumn.WAYBILL: lambda case: case.parcel.waybill,
    ClaimColumn.HANDED_OVER_AT: _handed_over,
    ClaimColumn.SCAN_DEADLINE: lambda case: _at(case.line.deadline, case),
    ClaimColumn.LAST_EVENT: _last_event,
    ClaimColumn.LOOKS: looks_told,
    ClaimColumn.URGED_AT: lambda case: _at(case.line.urged_at, case),
    ClaimColumn.CASE_ID: lambda case: case.case_id,
    ClaimColumn.COMMENT_EN: lambda case: comment(case, "en"),
    ClaimColumn.COMMENT_ZH: lambda case: comment(case, "zh"),
}
