"""
Which rows of the watch list are meant: conditions that several rooms share.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, case, exists, func, or_, true

from tracker.model import CarrierName, Outcome, ParcelState, SellerStatus
from tracker.store.tables import looks, parcels

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement


def live() -> ColumnElement[bool]:
    """
    Parcels that are neither superseded nor archived.
    """
    return parcels.c.superseded_at.is_(None) & parcels.c.archived_at.is_(None)


def state_at(now: datetime) -> ColumnElement[str]:
    """
    The parcel's place on the watch list at ``now``, as :mod:`tracker.store.records` tells it.
    """
    status, overdue = parcels.c.seller_status, parcels.c.scan_deadline <= now
    given = parcels.c.handed_over_at.is_not(None) & parcels.c.handover_assumed.is_(False)
    ended = status.in_([one.value for one in SellerStatus if one.ends_scan_watch])
    cancelled = (status == SellerStatus.CANCELED.value) & ~given
    return case(
        (parcels.c.superseded_at.is_not(None), ParcelState.SUPERSEDED.value),
        (parcels.c.archived_at.is_not(None), ParcelState.ARCHIVED.value),
        (ended | cancelled, ParcelState.ENDED.value),
        (parcels.c.tracking_number.is_(None), ParcelState.NO_NUMBER.value),
        (parcels.c.scanned, ParcelState.SCANNED.value),
        (parcels.c.carrier.is_(None), ParcelState.NO_CARRIER.value),
        (overdue & parcels.c.unverified_since.is_not(None), ParcelState.UNVERIFIED.value),
        (overdue, ParcelState.OVERDUE.value),
        else_=ParcelState.WAITING.value,
    )


def counting_centre() -> ColumnElement[str | None]:
    """
    The centre that the parcel counts for: a postal one without a station goes to Clevy's.
    """
    postal = parcels.c.carrier == CarrierName.CLEVY.value
    return func.coalesce(parcels.c.centre, case((postal, CarrierName.CLEVY.value)))


def not_put_off(now: datetime) -> ColumnElement[bool]:
    """
    Parcels that have not stepped aside at ``now`` (promises.md R10).
    """
    return or_(parcels.c.put_off_until.is_(None), parcels.c.put_off_until <= now)


def unproved(now: datetime, carrier: CarrierName | None = None) -> ColumnElement[bool]:
    """
    Parcels past their deadline that lack a good look since, at any of their portals.

    With ``carrier`` only those that lack it at this one's.
    """
    own, second = parcels.c.carrier, parcels.c.second_carrier
    asked = carrier.value if carrier else None
    return and_(
        parcels.c.next_look_at.is_not(None),
        parcels.c.scan_deadline <= now,
        parcels.c.scanned.is_(False),
        live(),
        or_(
            ~_seen_at(own) & (own == asked if asked else true()),
            second.is_not(None) & ~_seen_at(second) & (second == asked if asked else true()),
        ),
    )


def _seen_at(carrier: ColumnElement[str | None]) -> ColumnElement[bool]:
    """
    The carrier's portal was looked at successfully since the deadline.
    """
    return exists().where(
        looks.c.parcel_id == parcels.c.id,
        looks.c.carrier == carrier,
        looks.c.looked_at >= parcels.c.scan_deadline,
        looks.c.outcome.in_([outcome.value for outcome in Outcome if outcome.is_good]),
    )
