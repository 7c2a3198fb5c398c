"""
How each sorting centre stands now, and which parcels a late or closed one holds up.

``scope`` is the shops that the person may see, ``None`` for all: a seller's figures are those of
the seller's own parcels.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, or_, select, true

from tracker.model import ParcelState, SellerStatus
from tracker.store.conditions import live
from tracker.store.records import parcel_of
from tracker.store.room import Room
from tracker.store.tables import parcels

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from tracker.model import Parcel

_UNSCANNED = (ParcelState.WAITING, ParcelState.OVERDUE, ParcelState.UNVERIFIED)


@dataclass(frozen=True, slots=True, kw_only=True)
class CentreFigures:
    """
    A centre's parcels: those that wait, and how those were scanned that were due lately.

    ``overdue`` includes the ``unverified`` ones, whose portal could not be read;
    ``oldest_deadline`` is the earliest of theirs. ``in_time`` and ``due`` count parcels with a
    given hand-over.
    """

    waiting: int
    overdue: int
    unverified: int
    oldest_deadline: datetime | None
    in_time: int
    due: int
    last_scan_at: datetime | None


_FIGURES = tuple(field.name for field in fields(CentreFigures))


class CentreBoard(Room):
    """
    Reads what the centres' pages show.
    """

    def figures(
        self, scope: frozenset[str] | None, now: datetime, *, since: datetime
    ) -> dict[str, CentreFigures]:
        """
        Each centre that has live parcels; ``in_time`` and ``due`` count deadlines after ``since``.
        """
        first, deadline = parcels.c.first_scan_at, parcels.c.scan_deadline
        watched, passed = parcels.c.standing.is_(None), deadline <= now
        overdue = watched & passed
        lately = and_(
            deadline > since,
            passed,
            parcels.c.handover_assumed.is_(False),
            or_(first.is_not(None), overdue),
        )
        # Live as the index tells it: nothing but the index is read.
        gone = parcels.c.standing.in_([ParcelState.SUPERSEDED.value, ParcelState.ARCHIVED.value])
        query = (
            select(
                parcels.c.goes_to,
                func.count().filter(watched, func.coalesce(~passed, true())).label("waiting"),
                func.count().filter(overdue).label("overdue"),
                func.count()
                .filter(overdue, parcels.c.unverified_since.is_not(None))
                .label("unverified"),
                func.min(deadline).filter(overdue).label("oldest_deadline"),
                func.count().filter(lately, first < deadline).label("in_time"),
                func.count().filter(lately).label("due"),
                func.max(first).label("last_scan_at"),
            )
            .where(parcels.c.goes_to.is_not(None), or_(watched, ~gone), *_whose(scope))
            .where(or_(parcels.c.scanned.is_(False), deadline > since))
            .group_by(parcels.c.goes_to)
        )
        return {
            row["goes_to"]: CentreFigures(**{name: row[name] for name in _FIGURES})
            for row in self._connection.execute(query).mappings()
        }

    def rescuable(
        self,
        scope: frozenset[str] | None,
        now: datetime,
        *,
        shop: str | None = None,
        centre: str | None = None,
    ) -> Iterator[Parcel]:
        """
        Unscanned parcels of orders that are not cancelled yet, in the order of entry.
        """
        cancel = parcels.c.auto_cancel_at
        query = (
            select(parcels)
            .where(
                live(),
                parcels.c.scanned.is_(False),
                parcels.c.order_number.is_not(None),
                parcels.c.centre.is_not(None),
                parcels.c.seller_status.is_distinct_from(SellerStatus.CANCELED.value),
                or_(cancel.is_(None), cancel > now),
                *_whose(scope),
            )
            .order_by(parcels.c.id)
        )
        if shop is not None:
            query = query.where(parcels.c.shop == shop)
        if centre is not None:
            query = query.where(parcels.c.centre == centre)
        for row in self._connection.execute(query).mappings():
            parcel = parcel_of(row, now)
            if parcel.state in _UNSCANNED:
                yield parcel


def _whose(scope: frozenset[str] | None) -> Iterator[ColumnElement[bool]]:
    if scope is not None:
        yield parcels.c.shop.in_(sorted(scope))
