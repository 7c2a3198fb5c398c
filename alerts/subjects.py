"""
The parcels that lines are about: what is known of each, of many in a few statements.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from tracker.model import CarrierName, StoredEvent, StoredSighting
    from tracker.store import Transaction
    from tracker.store.parcels import WatchRecord


class Subjects:
    """
    Reads within one transaction, each parcel once: what was read stays as it was read.
    """

    def __init__(self, tx: Transaction, now: datetime) -> None:
        self._tx = tx
        self._now = now
        self._records: dict[int, WatchRecord] = {}
        self._events: dict[int, tuple[StoredEvent, ...]] = {}
        self._sightings: dict[int, tuple[StoredSighting, ...]] = {}
        self._confirmed: dict[CarrierName, bool] = {}

    def read(self, parcel_ids: Iterable[int]) -> None:
        """
        All that is told of these parcels is read; one that does not exist is left out.
        """
        wanted = set(parcel_ids) - set(self._events)
        records = self._tx.parcels.records(dict.fromkeys(wanted, self._now))
        self._records |= {record.parcel.id: record for record in records}
        self._events |= self._tx.looks.events_of(wanted)
        self._sightings |= self._tx.sightings.of_several(wanted)

    def record(self, parcel_id: int) -> WatchRecord | None:
        """
        The parcel's record, if there is such a parcel.
        """
        self.read([parcel_id])
        return self._records.get(parcel_id)

    def events(self, parcel_id: int) -> tuple[StoredEvent, ...]:
        """
        The parcel's own history in order of time; foreign events are left out.
        """
        self.read([parcel_id])
        return tuple(one for one in self._events[parcel_id] if not one.foreign)

    def sightings(self, parcel_id: int) -> tuple[StoredSighting, ...]:
        """
        What people told about the parcel, the earliest scan first.
        """
        self.read([parcel_id])
        return self._sightings[parcel_id]

    def confirmed(self, carrier: CarrierName) -> bool:
        """
        True if the carrier's address and answers were confirmed by a person.
        """
        if carrier not in self._confirmed:
            state = self._tx.health.carrier(carrier)
            self._confirmed[carrier] = state.confirmed_at is not None
        return self._confirmed[carrier]
