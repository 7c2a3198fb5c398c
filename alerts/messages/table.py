"""
Every parcel of a letter as a table for spreadsheets (promises.md R15).
"""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import TYPE_CHECKING

from alerts.messages.words import stamp
from tracker.cells import inert

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from alerts.messages.message import Line


def to_csv(lines: Iterable[Line], headings: Iterable[str], told: Callable[[str], str]) -> str:
    """
    One row per parcel under the headings; no cell is a formula. ``told`` words the codes.
    """
    return csv_of(headings, (_cells(line, told) for line in _one_per_parcel(lines)))


def csv_of(headings: Iterable[str], rows: Iterable[Iterable[str | int | None]]) -> str:
    """
    The rows under their headings; no cell is a formula, and what is not known is empty.
    """
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow([inert(heading) for heading in headings])
    writer.writerows([_cell(cell) for cell in row] for row in rows)
    return target.getvalue()


def _one_per_parcel(lines: Iterable[Line]) -> Iterator[Line]:
    for line in lines:
        if not line.covered:
            yield line
        for number in line.covered:
            yield replace(line, tracking_number=number)


def _cells(line: Line, told: Callable[[str], str]) -> list[str | int | None]:
    def at(instant: datetime | None) -> str:
        return "" if instant is None else stamp(instant, line.zone)

    def yes(fact: bool) -> str:  # noqa: FBT001  it shows a fact and takes no decision
        return told("yes" if fact else "no")

    return [
        line.alert_id,
        told(line.kind.value),
        told(line.notice),
        line.shop,
        line.country,
        line.order_number,
        line.tracking_number,
        told(line.service.value) if line.service else None,
        line.station,
        at(line.handed_over_at),
        yes(line.handover_assumed),
        at(line.deadline),
        yes(line.calendar_estimated),
        line.working_days_waited,
        at(line.auto_cancel_at),
        line.working_days_left,
        at(line.last_look_at),
        told(line.last_outcome.value) if line.last_outcome else None,
        line.last_text,
        line.seller_status_text or (line.seller_status.value if line.seller_status else None),
        at(line.seller_status_at),
        line.courier,
        line.waybill,
        told(line.reason),
    ]


def _cell(value: str | int | None) -> str | int:
    if value is None:
        return ""
    return inert(value) if isinstance(value, str) else value
