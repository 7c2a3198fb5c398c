"""
The parcels that messages are about: what is known of each, of many in a few statements.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from tracker.model import Alert, CarrierName, StoredEvent, StoredSighting
    from tracker.store import Transaction
    from tracker.store.health import CarrierState
    from tracker.store.parcels import WatchRecord


class Subjects:
    """
    Reads within one transaction, each parcel once: what was read stays as it was read.
    """

    def __init__(self, tx: Transaction, now: datetime) -> None:
        self._tx = tx
        self._now = now
        self._records: dict[int, WatchRecord | None] = {}
        self._events: dict[int, tuple[StoredEvent, ...]] = {}
        self._sightings: dict[int, tuple[StoredSighting, ...]] = {}
        self._carriers: dict[CarrierName, CarrierState] = {}

    def read(self, parcel_ids: Iterable[int]) -> None:
        """
        All that is told of these parcels is read.
        """
        unknown = {one for one in parcel_ids if one not in self._events}
        if not unknown:
            return
        self.read_records(unknown)
        self._events |= self._tx.looks.events_of(unknown)
        self._sightings |= self._tx.sightings.of_several(unknown)

    def read_records(self, parcel_ids: Iterable[int]) -> None:
        """
        Where these parcels stand is read; not their histories.
        """
        unknown = {one for one in parcel_ids if one not in self._records}
        if not unknown:
            return
        records = self._tx.parcels.records(dict.fromkeys(unknown, self._now))
        found = {record.parcel.id: record for record in records}
        self._records |= {parcel_id: found.get(parcel_id) for parcel_id in unknown}

    def record(self, parcel_id: int) -> WatchRecord | None:
        """
        The parcel's record, if there is such a parcel.
        """
        self.read_records([parcel_id])
        return self._records[parcel_id]

    def of(self, alert: Alert) -> WatchRecord | None:
        """
        The parcel that the alert is about, or the first one that it lists, if there is one.
        """
        return self.record(alert.parcel_ids[0]) if alert.parcel_ids else None

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
        return self._carrier(carrier).confirmed_at is not None

    def mistrusted(self, record: WatchRecord) -> bool:
        """
        True while looks at a carrier that is asked about the parcel prove nothing (R9).
        """
        return any(self._carrier(one).mistrust is not None for one in record.parcel.carriers)

    def _carrier(self, name: CarrierName) -> CarrierState:
        if name not in self._carriers:
            self._carriers[name] = self._tx.health.carrier(name)
        return self._carriers[name]


def ahead(alerts: Iterable[Alert]) -> frozenset[int]:
    """
    The parcels that :meth:`Subjects.of` is going to be asked for.
    """
    return frozenset(alert.parcel_ids[0] for alert in alerts if alert.parcel_ids)
