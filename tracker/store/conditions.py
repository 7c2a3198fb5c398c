"""
Which rows of the watch list are meant: conditions that several rooms share.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import and_, case, exists, func, or_, true

from tracker.model import CarrierName, Outcome, ParcelState
from tracker.store.tables import looks, parcels

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement

T = TypeVar("T")


def unindexed(column: ColumnElement[T | None], nothing: T) -> ColumnElement[T]:
    """
    The column as no index knows it, ``nothing`` where it is empty: another index is to be read.
    """
    return func.coalesce(column, nothing)


def live() -> ColumnElement[bool]:
    """
    Parcels that are neither superseded nor archived.
    """
    return parcels.c.superseded_at.is_(None) & parcels.c.archived_at.is_(None)


def state_at(now: datetime) -> ColumnElement[str]:
    """
    The parcel's place on the watch list at ``now``, as :mod:`tracker.store.records` tells it.
    """
    overdue = parcels.c.scan_deadline <= now
    return case(
        (parcels.c.standing.is_not(None), parcels.c.standing),
        (overdue & parcels.c.unverified_since.is_not(None), ParcelState.UNVERIFIED.value),
        (overdue, ParcelState.OVERDUE.value),
        else_=ParcelState.WAITING.value,
    )


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
