"""
What a person does about a parcel: says what they know of it, asks for a look, wants quiet.
"""

from __future__ import annotations

from datetime import datetime, time
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from starlette.responses import Response

from tracker.acting.looking import Granted, look_again
from tracker.acting.written import not_ahead
from tracker.model import Act
from tracker.orders.dates import BARE_HANDOVER, UnreadableDateError, parse_instant
from tracker.orders.handovers import Handover, hand_over
from tracker.orders.sightings import NotTakenError, Teller, Telling
from tracker.store.alerts import parcel_subject
from tracker.store.snoozes import Snooze
from tracker.web.language import marked as _
from tracker.web.rendering import done, gettext_of
from tracker.web.rooms.parcels.finding import parcel_for
from tracker.web.security.viewers import Actor, Viewing, house_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.store import Transaction
    from tracker.store.parcels import WatchRecord

router = APIRouter(include_in_schema=False)

LONGEST = 120  # characters of a courier's name or a waybill
_MORNING = time(8, 30)


_NO_TIME = _("This is no time: write 2026-11-20 17:05.")
_TO_COME = _("This time lies in the future; nothing was changed.")
_PAST = _("This day is past: choose one to come.")
_NO_SOURCE = _("Say who told of the scan, or where you saw it.")
_NOT_LIVE = _("This parcel is not watched any more; nothing was changed.")
_TOO_LONG = _("This text is too long.")

_ANSWERS = {
    Granted.DUE: _("It is looked up next, as soon as the portal's pace allows."),
    Granted.RESTING: _("The portal is given a rest; it is looked up when that is over."),
    Granted.TOO_SOON: _("It was looked up less than 10 minutes ago; try again a little later."),
    Granted.UNWATCHED: _("Nobody looks this parcel up any more."),
}


@router.post("/parcels/{parcel_id:int}/handover")
def handed_over(
    request: Request,
    actor: Actor,
    parcel_id: int,
    *,
    at: Annotated[str, Form()] = "",
    courier: Annotated[str, Form()] = "",
    waybill: Annotated[str, Form()] = "",
) -> Response:
    """
    The parcel reached the sorting centre then; its deadline is counted anew.
    """
    house, say = house_of(request), gettext_of(request, actor)
    now = house.clock()
    when = _instant(request, at, say)
    if max(len(courier), len(waybill)) > LONGEST:
        raise HTTPException(HTTPStatus.BAD_REQUEST, say(_TOO_LONG))
    said = Handover(
        at=when,
        courier=" ".join(courier.split()) or None,
        waybill=" ".join(waybill.split()) or None,
    )
    with house.store.begin() as tx:
        _live(tx, actor, parcel_id, now, say)
        hand_over(tx, house.deadlines, {parcel_id: said}, now, author=actor.user.name)
    return done(request, actor, f"/parcels/{parcel_id}", say(_("The hand-over is noted.")))


@router.post("/parcels/{parcel_id:int}/scanned")
def scanned(
    request: Request,
    actor: Actor,
    parcel_id: int,
    at: Annotated[str, Form()] = "",
    source: Annotated[str, Form()] = "",
) -> Response:
    """
    The parcel counts as scanned, as somebody told.
    """
    house, say = house_of(request), gettext_of(request, actor)
    now = house.clock()
    when = _instant(request, at, say)
    if not source.strip():
        raise HTTPException(HTTPStatus.BAD_REQUEST, say(_NO_SOURCE))
    with house.store.begin() as tx:
        number = _live(tx, actor, parcel_id, now, say).parcel.tracking_number or ""
        teller = Teller(tx=tx, deadlines=house.deadlines, now=now, author=actor.user.name)
        try:
            teller.tell(Telling(tracking_number=number, at=when, source=source))
        except NotTakenError as error:
            raise HTTPException(HTTPStatus.BAD_REQUEST, error.sentence.said(say)) from error
    return done(request, actor, f"/parcels/{parcel_id}", say(_("The scan is noted.")))


@router.post("/parcels/{parcel_id:int}/not-scanned")
def not_scanned(request: Request, actor: Actor, parcel_id: int) -> Response:
    """
    What people told of the parcel's scan is taken back.
    """
    house, say = house_of(request), gettext_of(request, actor)
    now = house.clock()
    with house.store.begin() as tx:
        number = _live(tx, actor, parcel_id, now, say).parcel.tracking_number or ""
        teller = Teller(tx=tx, deadlines=house.deadlines, now=now, author=actor.user.name)
        try:
            teller.withdraw(number)
        except NotTakenError as error:
            raise HTTPException(HTTPStatus.BAD_REQUEST, error.sentence.said(say)) from error
    return done(request, actor, f"/parcels/{parcel_id}", say(_("What was told is taken back.")))


@router.post("/parcels/{parcel_id:int}/look")
def look(request: Request, actor: Actor, parcel_id: int) -> Response:
    """
    The parcel is looked up next, if its portal may be asked.
    """
    house, say = house_of(request), gettext_of(request, actor)
    now = house.clock()
    with house.store.begin() as tx:
        granted = look_again(tx, parcel_for(tx, actor, parcel_id, now, lock=True), now)
    return done(request, actor, f"/parcels/{parcel_id}", say(_ANSWERS[granted]))


@router.post("/parcels/{parcel_id:int}/snooze")
def snooze(
    request: Request, actor: Actor, parcel_id: int, until: Annotated[str, Form()] = ""
) -> Response:
    """
    Nothing is sent about the parcel before the morning of that day; without a day, quiet ends.
    """
    house, say = house_of(request), gettext_of(request, actor)
    now, zone = house.clock(), house.settings.zone
    end = now
    if until.strip():
        end = _parsed(request, until, _MORNING, say)
        if end <= now:
            raise HTTPException(HTTPStatus.BAD_REQUEST, say(_PAST))
    with house.store.begin() as tx:
        parcel_for(tx, actor, parcel_id, now, lock=True)
        wish = Snooze(until=end, author=actor.user.name)
        tx.snoozes.put(parcel_subject(parcel_id), wish, now)
        tx.acts.note(Act.SNOOZED, now, [(None, parcel_id)], author=actor.user.name, speaks_of=end)
    if end <= now:
        return done(request, actor, f"/parcels/{parcel_id}", say(_("Quiet ended.")))
    day = {"day": f"{end.astimezone(zone):%Y-%m-%d %H:%M}"}
    told = say(_("Nothing is sent about it before %(day)s.")) % day
    return done(request, actor, f"/parcels/{parcel_id}", told)


def _live(
    tx: Transaction, actor: Viewing, parcel_id: int, now: datetime, say: Callable[[str], str]
) -> WatchRecord:
    """
    The parcel, locked; refused if it is watched no more or belongs to no order.
    """
    record = parcel_for(tx, actor, parcel_id, now, lock=True)
    gone = record.archived_at is not None or record.superseded_at is not None
    if gone or record.parcel.order_number is None or record.parcel.tracking_number is None:
        raise HTTPException(HTTPStatus.BAD_REQUEST, say(_NOT_LIVE))
    return record


def _instant(request: Request, text: str, say: Callable[[str], str]) -> datetime:
    """
    A time that has been; refused with a sentence otherwise.
    """
    house = house_of(request)
    now = house.clock()
    at = not_ahead(_parsed(request, text, BARE_HANDOVER, say), now, house.settings.zone)
    if at > now:
        raise HTTPException(HTTPStatus.BAD_REQUEST, say(_TO_COME))
    return at


def _parsed(request: Request, text: str, bare_day_at: time, say: Callable[[str], str]) -> datetime:
    try:
        return parse_instant(text, zone=house_of(request).settings.zone, bare_day_at=bare_day_at)
    except UnreadableDateError as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST, say(_NO_TIME)) from error
