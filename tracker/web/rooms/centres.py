"""
Centres: how late each one is now, what its calendar says, and a claim for more time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import IO, TYPE_CHECKING

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response, StreamingResponse
from starlette.status import HTTP_404_NOT_FOUND

from alerts.centres import DUE_WITHIN, seems_late
from alerts.claims.extension import ExtensionFinder, drafts, registered_emails
from alerts.claims.zipped import ZipShelf
from tracker.calendar.breaks import breaks_ahead
from tracker.calendar.centres import CENTRES, Centre
from tracker.web.downloads import attached
from tracker.web.language import language_of
from tracker.web.language import marked as _
from tracker.web.rendering import gettext_of, page
from tracker.web.security.viewers import Viewer, house_of
from tracker.web.terms import terms_of

if TYPE_CHECKING:
    from tracker.calendar import WorkingCalendar
    from tracker.calendar.breaks import Break
    from tracker.model import CalendarDay, CalendarException
    from tracker.planning.deadlines import Deadlines
    from tracker.store import Transaction
    from tracker.store.boards.centres import CentreFigures

router = APIRouter(include_in_schema=False)

#: Entries that begin later are no news yet.
_AHEAD = timedelta(days=60)
_MOST_ENTRIES = 6
#: A draft longer than this is no text to be copied: the pack holds it as files.
_DRAFT_BYTES = 60_000
_CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """
    One centre as it stands; ``late`` is how many of how many, if it seems late as a whole (R9).

    ``ahead`` was entered by people, ``breaks`` are days off in a row by law.
    """

    centre: Centre
    figures: CentreFigures | None
    late: tuple[int, int] | None
    today: CalendarDay
    cutoff: str
    estimated: bool
    next_open: date
    ahead: tuple[CalendarException, ...]
    breaks: tuple[Break, ...]

    @property
    def urgency(self) -> tuple[bool, int, int]:
        """
        What makes it stand before others.
        """
        figures = self.figures
        if figures is None:
            return False, 0, 0
        return self.late is not None, figures.overdue, figures.waiting


@router.get("/centres")
def centres(request: Request, viewer: Viewer) -> Response:
    """
    Every centre, the most troubled first; those without parcels in a line each.
    """
    house, now = house_of(request), house_of(request).clock()
    with house.store.read() as tx:
        house.deadlines.follow(tx)
        figures = tx.centre_board.figures(viewer.scope, now, since=now - DUE_WITHIN)
        standings = [
            _standing(
                centre,
                figures.get(centre.name),
                house.deadlines,
                now,
                late=seems_late(tx, centre.name, centre.operator, now, viewer.scope)
                if centre.name in figures
                else None,
            )
            for centre in CENTRES.values()
        ]
        mistrust = _mistrust(tx, standings)
    standings.sort(key=lambda one: one.urgency, reverse=True)
    return page(
        request,
        "centres/centres.html",
        viewer,
        busy=[one for one in standings if one.figures],
        idle=[one for one in standings if not one.figures],
        mistrust=mistrust,
        terms=terms_of(language_of(request, viewer.user.language)),
        one_day=timedelta(days=1),
    )


@router.get("/centres/{name}/extension")
def extension(request: Request, viewer: Viewer, name: str) -> Response:
    """
    The claims for more time, drafted for the parcels that the centre holds up.
    """
    if name not in CENTRES:
        raise HTTPException(HTTP_404_NOT_FOUND)
    house, now = house_of(request), house_of(request).clock()
    with house.store.read() as tx:
        deadlines = house.deadlines.follow(tx)
        finder = ExtensionFinder(tx, deadlines, now, viewer.scope)
        found = finder.find(centre=name)
    emails = registered_emails(house.settings)
    drafted = [
        (one.country, parcels, content.decode())
        for one in found
        for parcels, content in drafts(one, emails, _DRAFT_BYTES)
    ]
    return page(
        request,
        "centres/extension.html",
        viewer,
        centre=name,
        drafted=drafted,
        terms=terms_of(language_of(request, viewer.user.language)),
    )


@router.get("/claims/pack.zip")
def pack(request: Request, viewer: Viewer) -> Response:
    """
    The claim pack of everything that the person may see.
    """
    house, now = house_of(request), house_of(request).clock()
    from alerts.claims.packing import Packer  # noqa: PLC0415 - openpyxl is large, and seldom needed

    shelf = ZipShelf()
    with house.store.read() as tx:
        packed = Packer(tx, house.deadlines, now, shelf, viewer.scope).pack()
    archive = shelf.finish()
    if packed.empty:
        archive.close()
        raise HTTPException(
            HTTP_404_NOT_FOUND, gettext_of(request, viewer)(_("There is nothing to claim now."))
        )
    name = f"claims-{now.astimezone(house.settings.zone):%Y-%m-%d-%H%M}.zip"
    return StreamingResponse(_sent(archive), media_type="application/zip", headers=attached(name))


def _sent(archive: IO[bytes]) -> Iterator[bytes]:
    with archive:
        while part := archive.read(_CHUNK):
            yield part


def _standing(
    centre: Centre,
    figures: CentreFigures | None,
    deadlines: Deadlines,
    now: datetime,
    *,
    late: tuple[int, int] | None,
) -> Standing:
    calendar = deadlines.calendar(centre.name, centre.operator)
    today = now.astimezone(centre.zone).date()
    return Standing(
        centre=centre,
        figures=figures,
        late=late,
        today=calendar.explain(today),
        cutoff=f"{calendar.cutoff_on(today):%H:%M}",
        estimated=calendar.is_estimated(today),
        next_open=_next_open(calendar, today),
        ahead=entries_ahead(deadlines, centre, today),
        breaks=tuple(breaks_ahead(today, _AHEAD.days, centre=centre.name)),
    )


def _next_open(calendar: WorkingCalendar, today: date) -> date:
    return calendar.next_open_day(today + timedelta(days=1))


def entries_ahead(
    deadlines: Deadlines, centre: Centre, today: date
) -> tuple[CalendarException, ...]:
    """
    The calendar entries that concern the centre today or soon, the earliest first.
    """
    found = [
        one
        for one in deadlines.exceptions
        if one.last >= today and one.first <= today + _AHEAD
        if deadlines.concerns(one, centre.name, centre.operator)
    ]
    return tuple(sorted(found, key=lambda one: (one.first, one.last))[:_MOST_ENTRIES])


def _mistrust(tx: Transaction, standings: list[Standing]) -> list[str]:
    """
    The carriers whose looks prove nothing now: figures of their centres may be wrong.
    """
    carriers = dict.fromkeys(one.centre.operator for one in standings if one.figures)
    return [one.value for one in carriers if tx.health.carrier(one).mistrust is not None]
