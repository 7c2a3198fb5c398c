"""
The parcels that a list shows, all of its pages, as a table to be opened elsewhere.

A table is sent while it is read, so that a long one needs no memory. No cell is run as a formula.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Callable, Iterator
from http import HTTPStatus
from itertools import chain
from typing import TYPE_CHECKING, BinaryIO

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response, StreamingResponse

from tracker.cells import inert, write_text
from tracker.model import Parcel
from tracker.store.boards.parcels import place_of
from tracker.web.downloads import attached
from tracker.web.language import marked as _
from tracker.web.rendering import gettext_of, terms_for
from tracker.web.rooms.parcels.asking import Asked, asked
from tracker.web.rooms.parcels.states import STATES
from tracker.web.security.viewers import Viewer, Viewing, house_of

if TYPE_CHECKING:
    from datetime import datetime

router = APIRouter(include_in_schema=False)

MOST_CSV_ROWS = 200_000
#: A workbook is written whole before it is sent: this many rows take some seconds.
MOST_XLSX_ROWS = 20_000
_AT_ONCE = 1_000
_CHUNK = 64 * 1024
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


HEADINGS = (
    _("Tracking number"),
    _("Order number"),
    _("Shop"),
    _("Country"),
    _("Service"),
    _("Carrier"),
    _("Station"),
    _("Sorting centre"),
    _("Order status"),
    _("Ordered"),
    _("Handed over"),
    _("Hand-over assumed"),
    _("Domestic courier"),
    _("Domestic waybill"),
    _("Scan deadline"),
    _("Automatic cancellation"),
    _("State"),
    _("Stage"),
    _("First scan"),
    _("Last good look"),
)
_TOO_MANY = _(
    "The list has %(total)s parcels and this kind of file takes %(most)s: narrow the filter, "
    "or take the CSV."
)


@router.get("/parcels/parcels.csv")
def as_csv(request: Request, viewer: Viewer) -> Response:
    """
    The list as CSV, in UTF-8 as Excel recognises it.
    """
    rows = _rows(request, viewer, MOST_CSV_ROWS)

    def lines() -> Iterator[str]:
        yield "\ufeff"
        for row in rows:
            line = io.StringIO()
            csv.writer(line).writerow([inert(cell) for cell in row])
            yield line.getvalue()

    return _file(lines(), "text/csv; charset=utf-8", "parcels.csv")


@router.get("/parcels/parcels.xlsx")
def as_xlsx(request: Request, viewer: Viewer) -> Response:
    """
    The list as a workbook.
    """
    rows = _rows(request, viewer, MOST_XLSX_ROWS)
    return _file(_chunks(_workbook(rows)), _XLSX, "parcels.xlsx")


def _rows(request: Request, viewer: Viewing, most: int) -> Iterator[list[str]]:
    """
    The heading, then a row for each parcel; refused beforehand if there are too many.
    """
    house, say = house_of(request), gettext_of(request, viewer)
    question, now = asked(request.query_params, house.settings.zone), house.clock()
    with house.store.read() as tx:
        counts = tx.parcel_board.counts(viewer.scope, question.wanted, now)
    state = question.wanted.state
    total = sum(counts.values()) if state is None else counts.get(state, 0)
    if total > most:
        told = {"total": f"{total:,}", "most": f"{most:,}"}
        raise HTTPException(HTTPStatus.BAD_REQUEST, say(_TOO_MANY) % told)
    zone = house.settings.timezone
    dated = {"Ordered", "Handed over", "Scan deadline", "First scan", "Last good look"}
    heading = [say(one) + (f" ({zone})" if one in dated else "") for one in HEADINGS]
    cells = _cells(request, viewer)
    return chain([heading], (cells(one) for one in _all(request, viewer, question, now)))


def _all(request: Request, viewer: Viewing, question: Asked, now: datetime) -> Iterator[Parcel]:
    """
    Every parcel of the list; no transaction stays open while a slow reader takes them.
    """
    place = None
    while True:
        with house_of(request).store.read() as tx:
            found = tx.parcel_board.page(
                viewer.scope,
                question.wanted,
                now,
                sort=question.sort,
                limit=_AT_ONCE,
                after=place,
            )
        yield from found
        if len(found) < _AT_ONCE:
            return
        place = place_of(found[-1], question.sort)


def _cells(request: Request, viewer: Viewing) -> Callable[[Parcel], list[str]]:
    """
    How a parcel is told in the person's language.
    """
    zone, say = house_of(request).settings.zone, gettext_of(request, viewer)
    terms = terms_for(request, viewer)

    def at(instant: datetime | None) -> str:
        return "" if instant is None else f"{instant.astimezone(zone):%Y-%m-%d %H:%M}"

    def cells(one: Parcel) -> list[str]:
        status = one.seller_status
        return [
            one.tracking_number or "",
            one.order_number or "",
            one.shop or "",
            one.country or "",
            one.service or "",
            one.carrier or "",
            one.station or "",
            terms.centre(one.centre) if one.centre else "",
            one.seller_status_text or (terms.status(status) if status else ""),
            at(one.created_at),
            at(one.handed_over_at),
            say("yes") if one.handed_over_at and one.handover_assumed else "",
            one.courier or "",
            one.waybill or "",
            at(one.scan_deadline),
            at(one.auto_cancel_at),
            say(STATES[one.state].name),
            terms.stage(one.stage) if one.stage else "",
            at(one.first_scan_at),
            at(one.last_good_look_at),
        ]

    return cells


def _workbook(rows: Iterator[list[str]]) -> BinaryIO:
    from openpyxl import Workbook  # noqa: PLC0415 - slow, and seldom needed
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415

    book = Workbook(write_only=True)
    sheet = book.create_sheet("parcels")
    sheet.freeze_panes = "A2"
    for row in rows:
        cells = [WriteOnlyCell(sheet) for _text in row]
        for cell, text in zip(cells, row, strict=True):
            write_text(cell, text)
        sheet.append(cells)
    stream = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it was sent
    book.save(stream)
    stream.seek(0)
    return stream


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    with stream:
        while chunk := stream.read(_CHUNK):
            yield chunk


def _file(content: Iterator[str] | Iterator[bytes], kind: str, name: str) -> Response:
    return StreamingResponse(content, media_type=kind, headers=attached(name))
