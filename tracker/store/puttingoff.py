"""
A parcel that throws steps aside for a while and holds up nobody (promises.md R10).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from tracker.store.conditions import live
from tracker.store.room import ParcelRoom
from tracker.store.tables import parcels

if TYPE_CHECKING:
    from datetime import datetime

#: A poisoned parcel steps aside for this long (promises.md R10).
PUT_OFF = timedelta(hours=1)


class PuttingOff(ParcelRoom):
    """
    Puts parcels off and takes them back.
    """

    def put_off(self, parcel_id: int, now: datetime, reason: str) -> None:
        """
        A parcel that throws steps aside for an hour, and why is recorded (promises.md R10).
        """
        self._set(
            parcel_id,
            put_off_until=now + PUT_OFF,
            put_off_reason=reason[:500],
            lease_until=None,
            lease_owner=None,
        )

    def put_off_decision(self, parcel_id: int, now: datetime, reason: str) -> None:
        """
        Deciding about the parcel waits an hour; looking at it goes on (promises.md R10).
        """
        self._set(parcel_id, decide_at=now + PUT_OFF, put_off_reason=reason[:500])

    def put_back(self, parcel_id: int) -> None:
        """
        The parcel that had stepped aside is well again.
        """
        self._set(parcel_id, put_off_until=None, put_off_reason=None)

    def put_off_list(self) -> tuple[tuple[str | None, str], ...]:
        """
        Number and reason of each live parcel that stepped aside and is not well again.
        """
        query = select(parcels.c.tracking_number, parcels.c.put_off_reason).where(
            parcels.c.put_off_reason.is_not(None), live()
        )
        return tuple((row[0], row[1]) for row in self._connection.execute(query))
