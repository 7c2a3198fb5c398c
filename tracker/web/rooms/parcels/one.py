"""
One parcel: its facts, its story as a picture and in words, and what can be done about it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from starlette.responses import Response

from tracker.recipients import mask_recipient
from tracker.store.alerts import parcel_subject
from tracker.store.snoozes import latest_of, shop_subject
from tracker.vocabulary import Act, AlertKind, DeliveryState
from tracker.web.language import marked as _
from tracker.web.rendering import gettext_of, page, terms_for
from tracker.web.rooms.parcels.finding import parcel_for
from tracker.web.rooms.parcels.listing import CARRIERS, SERVICES
from tracker.web.rooms.parcels.states import STATES
from tracker.web.rooms.parcels.story import Facts, story
from tracker.web.rooms.parcels.timeline import draw
from tracker.web.security.viewers import Viewer, Viewing, house_of

if TYPE_CHECKING:
    from datetime import datetime

    from tracker.model import Alert
    from tracker.store import Transaction
    from tracker.store.parcels import WatchRecord

router = APIRouter(include_in_schema=False)

#: The latest looks and events are shown; a parcel that was watched for months has hundreds.
MOST_SHOWN = 150


ACTS = {
    Act.ACKNOWLEDGED: _("acknowledged"),
    Act.URGED: _("urged"),
    Act.CLAIMED: _("claimed"),
    Act.ANSWERED: _("answer of Jumia noted"),
    Act.SNOOZED: _("quiet until"),
    Act.HANDED_OVER: _("said to be handed over"),
    Act.SAW_SCAN: _("said to be scanned"),
    Act.WITHDREW_SCAN: _("scan taken back"),
}
DELIVERIES = {
    DeliveryState.PENDING: _("waiting"),
    DeliveryState.SENDING: _("being sent"),
    DeliveryState.SENT: _("sent"),
    DeliveryState.REFUSED: _("refused"),
    DeliveryState.SUPERSEDED: _("not needed any more"),
}


@router.get("/parcels/{parcel_id:int}")
def parcel(request: Request, viewer: Viewer, parcel_id: int) -> Response:
    """
    The parcel's page; not found for whoever may not see it.
    """
    house = house_of(request)
    now = house.clock()
    with house.store.read() as tx:
        record = parcel_for(tx, viewer, parcel_id, now)
        facts = _facts(tx, viewer, record)
        acts = tx.acts.of(parcel_id)
        snoozed = _snoozed(tx, record, now)
    one = record.parcel
    calendar = house.deadlines.calendar_of(one)
    say, terms = gettext_of(request, viewer), terms_for(request, viewer)
    entries = story(facts, terms, say)
    return page(
        request,
        "parcels/one.html",
        viewer,
        record=record,
        parcel=one,
        facts=facts,
        acts=acts[::-1],
        snoozed=snoozed,
        states=STATES,
        services=SERVICES,
        carriers=CARRIERS,
        entries=entries,
        picture=draw(
            entries, now=now, zone=calendar.zone, is_open=calendar.is_open, present=say(_("Now"))
        ),
        counted=house.deadlines.scan(one),
        calendar=calendar,
        act_words=ACTS,
        delivery_words=DELIVERIES,
        most_shown=MOST_SHOWN,
        live=record.archived_at is None and record.superseded_at is None,
        masked=mask_recipient,
        tomorrow=(now.astimezone(house.settings.zone) + timedelta(days=1)).date(),
        this_minute=f"{now.astimezone(house.settings.zone):%Y-%m-%dT%H:%M}",
    )


def _facts(tx: Transaction, viewer: Viewing, record: WatchRecord) -> Facts:
    """
    What the person may know: a seller hears nothing of what the operator was told.
    """
    parcel_id = record.parcel.id
    alerts = tx.alerts.on_parcel(parcel_id)
    covering = tx.parcel_board.covering(parcel_id)
    if viewer.scope is not None:
        alerts = tuple(_for_seller(alert, viewer.scope) for alert in alerts)
        covering = tuple(one for one in covering if one.kind is not AlertKind.UNKNOWN_WORDING)
    return Facts(
        parcel=record.parcel,
        events=tx.looks.events(parcel_id),
        sightings=tx.sightings.of(parcel_id),
        looks=tx.looks.of(parcel_id),
        alerts=alerts,
        covering=covering,
    )


def _for_seller(alert: Alert, scope: frozenset[str]) -> Alert:
    own = tuple(one for one in alert.deliveries if one.shop in scope)
    return replace(alert, deliveries=own)


def _snoozed(tx: Transaction, record: WatchRecord, now: datetime) -> datetime | None:
    """
    Until when nothing is sent about the parcel, if that is so now.
    """
    found = tx.snoozes.of([parcel_subject(record.parcel.id), shop_subject(record.parcel.shop)])
    latest = latest_of(found.values())
    return latest.until if latest is not None and latest.until > now else None
