"""
How late a whole sorting centre is (promises.md R9).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import false, func, select

from tracker.model import SellerStatus
from tracker.store.conditions import unindexed
from tracker.store.room import Room
from tracker.store.tables import parcels

if TYPE_CHECKING:
    from datetime import datetime


class Lateness(Room):
    """
    Counts parcels by centre.
    """

    def late_in_centre(
        self,
        centre: str,
        now: datetime,
        *,
        since: datetime,
        enough: int,
        scope: frozenset[str] | None = None,
    ) -> tuple[int, int]:
        """
        How many of the centre's parcels that were due last are unscanned, and how many were due.

        The latest deadlines that have passed since ``since`` count, as many of them as hold at
        least ``enough`` parcels: what was due long ago says nothing about today. Only parcels that
        were given to the centre and not cancelled count; one that the platform calls shipped was
        scanned. With a ``scope`` only the parcels of these shops count.
        """
        ended = [status.value for status in SellerStatus if status.ends_scan_watch]
        scanned = parcels.c.scanned.is_(True) | func.coalesce(
            parcels.c.seller_status.in_(ended), false()
        )
        query = (
            select(func.count().filter(~scanned), func.count())
            .where(
                # By the latest deadlines, of which few are read: not by an index of centre or shop.
                unindexed(parcels.c.goes_to, "") == centre,
                parcels.c.scan_deadline > since,
                parcels.c.scan_deadline <= now,
                parcels.c.handover_assumed.is_(False),
                parcels.c.seller_status.is_distinct_from(SellerStatus.CANCELED.value),
                parcels.c.archived_at.is_(None),
                parcels.c.superseded_at.is_(None),
            )
            .group_by(parcels.c.scan_deadline)
            .order_by(parcels.c.scan_deadline.desc())
            .limit(enough)  # each deadline holds a parcel: an index is read no further back
        )
        if scope is not None:
            query = query.where(unindexed(parcels.c.shop, "").in_(sorted(scope)))
        late, due = 0, 0
        for unscanned, all_of_them in self._connection.execute(query):
            late, due = late + int(unscanned), due + int(all_of_them)
            if due >= enough:
                break
        return late, due
