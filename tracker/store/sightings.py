"""
Scans that people know of, kept apart from what carriers show.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from tracker.model import StoredSighting
from tracker.store.parts import in_parts
from tracker.store.room import Room
from tracker.store.tables import sightings
from tracker.store.types import storable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection, RowMapping


class Sightings(Room):
    """
    What people told, within one transaction.

    Whoever changes it calls :meth:`tracker.store.looks.Looks.resummarise` for the parcel.
    """

    def tell(self, parcel_id: int, scanned_at: datetime, source: str, now: datetime) -> bool:
        """
        The scan is on record as told by ``source``; false if the same was told before.
        """
        dialect = sqlite if self._connection.dialect.name == "sqlite" else postgresql
        new = self._connection.execute(
            dialect.insert(sightings)
            .values(
                parcel_id=parcel_id, scanned_at=scanned_at, source=storable(source), told_at=now
            )
            .on_conflict_do_nothing()
            .returning(sightings.c.id)
        )
        return new.scalar() is not None

    def withdraw(self, parcel_id: int) -> int:
        """
        Whatever people told about the parcel is taken back; returns how many tellings.
        """
        result = self._connection.execute(
            delete(sightings).where(sightings.c.parcel_id == parcel_id)
        )
        return result.rowcount

    def of(self, parcel_id: int) -> tuple[StoredSighting, ...]:
        """
        What people told about the parcel, the earliest scan first.
        """
        return self.of_several([parcel_id])[parcel_id]

    def of_several(self, parcel_ids: Iterable[int]) -> dict[int, tuple[StoredSighting, ...]]:
        """
        What people told about each parcel, by its id, the earliest scan first.
        """
        found: dict[int, list[StoredSighting]] = {}
        for part in in_parts(parcel_ids):
            found |= {parcel_id: [] for parcel_id in part}
            query = (
                select(sightings)
                .where(sightings.c.parcel_id.in_(part))
                .order_by(sightings.c.scanned_at, sightings.c.id)
            )
            for row in self._connection.execute(query).mappings():
                found[row["parcel_id"]].append(_sighting(row))
        return {parcel_id: tuple(told) for parcel_id, told in found.items()}


def _sighting(row: RowMapping) -> StoredSighting:
    return StoredSighting(
        scanned_at=row["scanned_at"], source=row["source"], told_at=row["told_at"]
    )


def earliest_told(connection: Connection, parcel_ids: Iterable[int]) -> dict[int, datetime]:
    """
    The earliest scan that people told of each parcel; those of which none was told are left out.
    """
    found: dict[int, datetime] = {}
    for part in in_parts(parcel_ids):
        query = (
            select(sightings.c.parcel_id, func.min(sightings.c.scanned_at))
            .where(sightings.c.parcel_id.in_(part))
            .group_by(sightings.c.parcel_id)
        )
        found.update((row[0], row[1]) for row in connection.execute(query))
    return found
